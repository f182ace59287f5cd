//! What covers the panes.

use super::{FilterField, Place};
use crate::core::coverage::Coverage;
use crate::core::diagnosis::Page;
use crate::core::edit::Change;
use crate::core::event::Seq;
use crate::core::secret_saving::SavingPlan;
use crate::tui::keymap::Scope;
use crate::tui::palette::Palette;
use crate::tui::prompt::{Question, Recall};
use crate::tui::samples::Samples;
use crate::tui::shown_text::ShownText;
use bytes::Bytes;
use tui_input::Input;

/// What covers the panes and takes the keys.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that match the input.
    Help {
        input: Input,
        top: usize,
    },
    Palette(Palette),
    /// The menu of `scope`, for the event that was selected when it was opened.
    Menu {
        scope: Scope,
        seq: Seq,
        /// The first visible line, when the menu is higher than the terminal.
        top: usize,
    },
    Filter(Box<FilterField>),
    /// The search in the detail pane. `before` is the place that `Esc` goes back to.
    Search {
        input: Input,
        before: Box<Place>,
    },
    Secret {
        input: Input,
    },
    /// The question before a secret is saved in `.env`.
    SaveSecret(Saving),
    /// A text field. Enter accepts the text.
    Prompt {
        question: Question,
        input: Input,
        recall: Recall,
    },
    /// The choice of a sample.
    Samples(Samples),
    /// The menu of overrides, for the next `next` events; 0 means until changed.
    Overrides {
        next: u32,
    },
    Job {
        top: usize,
    },
    /// Where the loaded payload differs from the documentation.
    Checks {
        /// The place of the selected difference.
        selected: usize,
    },
    /// Which event types arrived, when it was opened.
    Coverage {
        coverage: Coverage,
        top: usize,
    },
    /// The changes of an edit, before it is sent.
    Edited {
        edit: Edit,
        top: usize,
    },
    /// Whether to delete these events, which are all that the filter lists, except `pending` and `pinned` of them.
    ConfirmClear {
        seqs: Vec<Seq>,
        pending: usize,
        pinned: usize,
    },
    /// Whether to run all rehearsals of event `seq`.
    ConfirmRehearsals {
        seq: Seq,
    },
    /// A command that the body is piped to is running.
    Piping {
        command: String,
    },
    /// The page of a reason.
    Reason {
        page: Box<Page>,
        top: usize,
    },
    /// A text of any length.
    Text {
        text: Box<ShownText>,
        top: usize,
    },
    /// What becomes of `Model::left`.
    Leftovers,
    ConfirmQuit {
        /// The number of events that are still to be forwarded.
        forwards: usize,
    },
}

/// What is known of saving a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// hookglass is reading the file.
    Reading,
    Planned(SavingPlan),
    /// Why it cannot be saved.
    Refused(String),
}

/// An edited body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub seq: Seq,
    pub body: Bytes,
    /// Empty when nothing changed.
    pub changes: Vec<Change>,
    pub is_json: bool,
}
