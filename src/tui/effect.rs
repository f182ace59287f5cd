//! Effects: work for the executor or the main loop, as data that tests can compare.

use super::action::{About, Copied, Part};
use super::diff_base::{Against, Base};
use super::paged::Paged;
use super::shown_text::TextWanted;
use crate::core::annotation::AnnotationChange;
use crate::core::catalog::EventType;
use crate::core::check::Acceptance;
use crate::core::delivery::{Form, Leftovers, Pace, RetryPlan, SigningPolicy, Target};
use crate::core::event::Seq;
use crate::core::export::{Destination, ExportFormat};
use crate::core::filter::Filter;
use crate::core::find::Needle;
use crate::core::overrides::Override;
use crate::core::recent::Recent;
use crate::core::rehearsal::Rehearsal;
use crate::core::secret_saving::SavingPlan;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Accept these differences from the documentation, or no longer.
    Accept {
        acceptances: Vec<Acceptance>,
        is_accepted: bool,
    },
    /// Read an event with its body, deliveries and attempts.
    Load(Wanted),
    /// Read only the deliveries of a loaded event. Nothing else about it changed.
    LoadDeliveries(Wanted),
    /// Read the events after `after`, which the feed dropped.
    CatchUp {
        after: Seq,
    },
    /// Read the head and body of these events and see which conditions of `filter` they meet. `number` counts the filters; a new one ends
    /// the reading for earlier ones.
    ReadRequests {
        number: u64,
        filter: Arc<Filter>,
        seqs: Vec<Seq>,
    },
    /// Compare the bodies of attempts: pairs of the previous attempt and the attempt.
    CompareAttempts(Vec<(Seq, Seq)>),
    Copy {
        seq: Seq,
        what: Copied,
        /// The destination of a copied curl command.
        destination: Destination,
    },
    CopyPublicUrl(String),
    /// Save events as fixtures.
    SaveFixtures(Vec<Seq>),
    /// Export events to the file or folder that the user named.
    Export {
        name: String,
        format: ExportFormat,
        seqs: Vec<Seq>,
    },
    Import {
        name: String,
    },
    /// Find out which requests ngrok captured before hookglass started that are not in the history.
    LookForCaptures,
    /// Import what ngrok captured for the listener.
    ImportCaptured,
    /// Stop the running export or import.
    StopTransfer,
    /// Change the pin or the note of events.
    Annotate {
        seqs: Vec<Seq>,
        change: AnnotationChange,
    },
    /// Copy the path or the value at the cursor: `text` as received.
    CopyPart {
        part: Part,
        text: Bytes,
    },
    /// Compare event `seq` with another one, for the base `base`.
    Compare {
        seq: Seq,
        base: Base,
        against: Against,
    },
    /// Lay out a text for its overlay.
    LayOut(TextWanted),
    /// Read the events about the same id as event `seq`, and lay them out.
    ReadTimeline {
        seq: Seq,
        about: About,
        columns: usize,
    },
    /// Search `text`, instead of what is being searched. `number` tells this search from others.
    Search {
        number: u64,
        text: Bytes,
        needle: Needle,
    },
    StopSearch,
    Send {
        order: Order,
        target: Target,
    },
    /// Open the body of an event in the user's editor.
    OpenEditor {
        seq: Seq,
        body: Bytes,
    },
    /// Show a text in the user's pager.
    OpenPager(Paged),
    /// Run a shell command with `body` on its standard input, and lay its output out.
    Pipe {
        command: String,
        body: Bytes,
        columns: usize,
    },
    StopPipe,
    /// Compare the edited `text` with `body`.
    ReadEdit {
        seq: Seq,
        body: Bytes,
        text: Vec<u8>,
    },
    /// Delete events in small steps.
    Delete {
        seqs: Vec<Seq>,
    },
    /// Restore deleted events in small steps.
    Restore {
        seqs: Vec<Seq>,
    },
    /// Delete no more of the events.
    StopDeleting,
    /// Start no more deliveries of the job.
    StopJob,
    /// To this hookglass, or to a target.
    SendSample {
        event_type: &'static EventType,
        target: Option<Target>,
    },
    /// Store what the user typed last.
    Remember(Recent),
    AddSecret(SecretText),
    /// Find out what saving the last added secret in `.env` would change.
    PlanSaving,
    /// Save the last added secret as planned.
    SaveSecret(SavingPlan),
    /// Forget the last signing secret that was added since startup.
    ForgetSecret,
    /// Override responses, from the next event on.
    SetOverride(Override),
    /// A control sequence that is not part of a frame.
    WriteToTerminal(Vec<u8>),
    CaptureMouse(bool),
    Suspend,
    /// Forward what earlier runs left: what was queued and, if `with_unknown`, what may have arrived.
    ResumeForwards {
        left: Vec<Leftovers>,
        with_unknown: bool,
    },
    /// Do not offer again what earlier runs left.
    ForgetForwards(Vec<Leftovers>),
    /// Count the events that are still to be forwarded, before quitting.
    CountForwards,
    Quit,
}

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Event {
        seq: Seq,
        form: Form,
        policy: SigningPolicy,
    },
    /// Several events, in the order received.
    Many {
        seqs: Vec<Seq>,
        form: Form,
        pace: Pace,
    },
    /// Retries like the provider's, until the app responds 2xx.
    Retries {
        seq: Seq,
        plan: RetryPlan,
    },
    /// Rehearsals based on an event.
    Rehearsals {
        seq: Seq,
        /// The requested ones. The control runs before them.
        rehearsals: Vec<Rehearsal>,
    },
}

/// An event for the detail pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub seq: Seq,
    /// All attempts of its message, oldest first; empty when there is only one.
    pub attempts: Vec<Seq>,
}

/// The text of a secret, from the field to the keyring. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}
