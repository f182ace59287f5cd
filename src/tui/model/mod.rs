//! The state of the screen. It changes in `update` alone and is read by the views.

mod events;

pub use events::{CatchingUp, Events, Judged};

use super::content::Loaded;
use super::job::Job;
use super::keymap::Scope;
use super::prompt::Question;
use crate::core::delivery::{Ending, ForwardMode, Forwarded, Target};
use crate::core::edit::Change;
use crate::core::event::Seq;
use crate::core::index::Index;
use crate::core::overrides::Overrides;
use crate::core::signature::{Keyring, odd_secrets};
use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use ratatui::layout::Size;
use tui_input::Input;

pub struct Model {
    pub size: Size,
    pub now: Timestamp,
    pub setup: Setup,
    /// The last to each address, the newest at the end.
    last_deliveries: Vec<LastDelivery>,
    /// Deliveries that have begun and not ended, without those of the job.
    pub running_deliveries: usize,
    /// The job that runs, or the last one.
    pub job: Option<Job>,
    pub events: Events,
    pub types: Types,
    pub detail: Detail,
    pub focus: Pane,
    pub is_zoomed: bool,
    pub is_mouse_captured: bool,
    pub overlay: Option<Overlay>,
    pub notice: Option<Notice>,
    /// What was found to be wrong, apart from the secrets: see [`Model::wrong`].
    pub problems: Vec<Problem>,
    /// How far the repair of the damaged history is.
    pub repair: Option<Problem>,
    /// How many kept events have been judged again, of how many, while that goes on.
    pub judging: Option<(u64, u64)>,
}

/// How the program is set up: what it was started with, and what keys have changed since.
pub struct Setup {
    /// Times are shown in this zone.
    pub zone: TimeZone,
    /// The address that is listened on, as `127.0.0.1:3000`.
    pub address: String,
    pub secrets: Secrets,
    /// Where `r` sends to.
    pub target: Option<Target>,
    /// Where events are sent as they come.
    pub forward_to: Vec<Target>,
    pub forward_mode: ForwardMode,
    pub forwarded: Forwarded,
    /// What senders are answered by order of the operator.
    pub answers: Overrides,
}

/// What is known of the signing secrets; never their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// Labels of those that verify.
    pub labels: Vec<String>,
    /// The one of them that was added last since the start.
    pub last_added: Option<String>,
    /// A sentence for each that is odd.
    pub odd: Vec<String>,
}

impl Secrets {
    pub fn of(keyring: &Keyring, last_added: Option<String>) -> Self {
        let labels = keyring.verifying.iter().map(|secret| secret.label().to_owned()).collect();
        Self { labels, last_added, odd: odd_secrets(keyring).collect() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Events,
    Types,
    Detail,
}

/// The tabs of the detail pane, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Payload,
    Headers,
    Signature,
    Deliveries,
}

impl Tab {
    pub const ALL: [Self; 4] = [Self::Payload, Self::Headers, Self::Signature, Self::Deliveries];

    pub fn title(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Headers => "Headers",
            Self::Signature => "Signature",
            Self::Deliveries => "Deliveries",
        }
    }
}

/// The types pane, most frequent first.
#[derive(Debug, Default)]
pub struct Types {
    pub is_shown: bool,
    /// By its number, for its place changes as events come.
    pub selected: Option<u32>,
    pub top: usize,
}

/// The detail pane.
#[derive(Default)]
pub struct Detail {
    pub tab: Tab,
    pub loaded: Option<Box<Loaded>>,
    /// The event that is being read.
    pub loading: Option<Seq>,
    /// First line and column shown, by tab.
    pub offsets: [Offset; Tab::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    pub line: usize,
    pub column: usize,
}

impl Detail {
    pub fn offset(&self) -> Offset {
        self.offsets[self.tab as usize]
    }

    pub fn offset_mut(&mut self) -> &mut Offset {
        &mut self.offsets[self.tab as usize]
    }

    pub fn line_count(&self) -> usize {
        self.loaded.as_ref().map_or(0, |loaded| loaded.line_count(self.tab))
    }
}

/// What lies over the panes and takes the keys.
#[derive(Debug)]
pub enum Overlay {
    Help {
        top: usize,
    },
    /// The keys of `scope`, one of which is awaited, for the event that was selected when the menu was opened.
    Menu {
        scope: Scope,
        seq: Seq,
        /// The first line shown, on terminals lower than the menu.
        top: usize,
    },
    Filter {
        input: Input,
        previous: String,
    },
    Secret {
        input: Input,
    },
    /// A text that is taken with Enter.
    Prompt {
        question: Question,
        input: Input,
    },
    /// The menu of answers; the next so many events are meant, with 0 all until changed.
    Overrides {
        next: u32,
    },
    Job {
        top: usize,
    },
    /// What an edit changed, before it is sent.
    Edited {
        edit: Edit,
        top: usize,
    },
    ConfirmQuit {
        /// Events that are yet to be forwarded.
        forwards: usize,
    },
}

/// A body that the user has edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub seq: Seq,
    pub body: Bytes,
    /// Empty when nothing was changed.
    pub changes: Vec<Change>,
    pub is_json: bool,
}

/// The last answer of a target, for the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDelivery {
    /// See [`Target::address`].
    pub address: String,
    pub ending: Ending,
    pub total_us: u64,
}

/// A short text about what just happened; it goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Bad,
}

/// Something that stays wrong until it is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub text: String,
    /// What to do next.
    pub hint: String,
}

impl Problem {
    fn no_secret() -> Self {
        Self {
            text: "no signing secret is known, so events are unchecked".to_owned(),
            hint: "press K to paste it, or start with SCALEKIT_WEBHOOK_SECRET set".to_owned(),
        }
    }

    /// `text` says which one and what is odd.
    fn odd_secret(text: String, is_any_added: bool) -> Self {
        let or_forget = if is_any_added { ", or to forget what was pasted" } else { "" };
        Self { text, hint: format!("press K to paste it as the dashboard shows it{or_forget}") }
    }

    fn nothing_forwarded() -> Self {
        Self {
            text: "no signing secret is known, so nothing is verified and forwarded".to_owned(),
            hint: "press K to paste it, or start with `--forward all`".to_owned(),
        }
    }
}

impl Model {
    /// The first state, with the newest event of `index` selected but not yet read. `is_history_loading`: there are older events
    /// that are yet to be read.
    pub fn new(size: Size, now: Timestamp, setup: Setup, index: Index, is_history_loading: bool) -> Self {
        Self {
            size,
            now,
            setup,
            last_deliveries: Vec::new(),
            running_deliveries: 0,
            job: None,
            events: Events::new(index, is_history_loading),
            types: Types { is_shown: true, ..Types::default() },
            detail: Detail::default(),
            focus: Pane::Events,
            is_zoomed: false,
            is_mouse_captured: true,
            overlay: None,
            notice: None,
            problems: Vec::new(),
            repair: None,
            judging: None,
        }
    }

    /// What is wrong now, what was found last first, the secrets after that.
    pub fn wrong(&self) -> Vec<Problem> {
        let Setup { secrets, forward_to, forwarded, .. } = &self.setup;
        let mut wrong: Vec<_> = self.repair.iter().chain(self.problems.iter().rev()).cloned().collect();
        let is_any_added = secrets.last_added.is_some();
        wrong.extend(secrets.odd.iter().map(|text| Problem::odd_secret(text.clone(), is_any_added)));
        if secrets.labels.is_empty() {
            let forwards_nothing = !forward_to.is_empty() && *forwarded == Forwarded::Verified;
            wrong.push(if forwards_nothing { Problem::nothing_forwarded() } else { Problem::no_secret() });
        }
        wrong
    }

    /// Whether something is on its way to an app because the user asked for it.
    pub fn is_sending(&self) -> bool {
        self.running_deliveries > 0 || self.job.as_ref().is_some_and(Job::is_running)
    }

    /// Where `r` sends to from now on. What another target answered is forgotten.
    pub fn set_target(&mut self, target: Target) {
        let forward_to = &self.setup.forward_to;
        let is_target =
            |address: &String| forward_to.iter().chain([&target]).any(|target| target.address() == *address);
        self.last_deliveries.retain(|last| is_target(&last.address));
        self.setup.target = Some(target);
    }

    pub fn note_delivery(&mut self, delivery: LastDelivery) {
        self.last_deliveries.retain(|last| last.address != delivery.address);
        self.last_deliveries.push(delivery);
    }

    /// The newest delivery; but while one of the targets that events are forwarded to does not take them, its last.
    pub fn last_delivery(&self) -> Option<&LastDelivery> {
        let is_forwarded_to =
            |last: &&LastDelivery| self.setup.forward_to.iter().any(|target| target.address() == last.address);
        let mut failing = self.last_deliveries.iter().rev().filter(|last| !last.ending.is_delivered());
        failing.find(is_forwarded_to).or(self.last_deliveries.last())
    }

    /// Shows a notice, in the place of the last one: something is wrong, or that is what came of what the user did.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone, since: self.now });
    }

    /// Shows a notice of something that nobody waits for and that is not wrong. What is wrong stays for its time.
    pub fn mention(&mut self, tone: Tone, text: impl Into<String>) {
        if self.notice.as_ref().is_none_or(|notice| notice.tone != Tone::Bad) {
            self.say(tone, text);
        }
    }
}
