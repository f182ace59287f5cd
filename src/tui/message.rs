//! Messages for `update`: things that happened, in the past tense.

use super::content::{DeliveriesText, DiffText, Loaded};
use super::diff_base::Base;
use super::fixtures::SavedFixtures;
use super::job::News;
use super::model::{Edit, NewVerdict, Problem, Secrets, Tone};
use super::shown_text::ShownText;
use crate::core::annotation::{Annotation, AnnotationChange};
use crate::core::delivery::{Delivery, Leftovers, Target};
use crate::core::event::{Seq, Summary};
use crate::core::filter::Facts;
use crate::core::find::Hits;
use crate::core::index::Index;
use crate::core::overrides::Overrides;
use crate::core::response::ResponseState;
use crate::core::secret_saving::SavingPlan;
use crate::core::tunnel::{Found, Offer};
use bytes::Bytes;
use crossterm::event::KeyEvent;
use jiff::Timestamp;

pub enum Message {
    KeyPressed(KeyEvent),
    TextPasted(String),
    /// Column and row count from 0.
    Clicked {
        column: u16,
        row: u16,
    },
    Scrolled {
        column: u16,
        row: u16,
        is_down: bool,
    },
    Resized {
        width: u16,
        height: u16,
    },
    Ticked(Timestamp),

    /// New events are in the store, in ascending order.
    EventsStored(Vec<Summary>),
    /// The feed overflowed and dropped events. They can be read from the store.
    FeedLagged,
    /// Events read from the store after the feed overflowed. `is_end`: there are no more.
    CaughtUp {
        summaries: Vec<Summary>,
        is_end: bool,
    },
    /// Reading the missed events failed. The next tick tries again.
    CatchUpFailed(String),
    /// The events up to number `read` are loaded. The last one to load has number `all`.
    HistoryRead {
        read: u64,
        all: u64,
    },
    /// Nothing else is to be done: the filter goes on with older events.
    FilteringContinues,
    /// All events up to the newest one at startup, with the outcomes of the deliveries before startup.
    HistoryLoaded(Box<Index>),
    HistoryFailed(String),
    EventLoaded(Box<Loaded>),
    /// The deliveries of an event that is already loaded.
    DeliveriesLoaded {
        seq: Seq,
        text: DeliveriesText,
    },
    /// The event is deleted: by this program, which says so itself, or by another one.
    EventGone {
        seq: Seq,
    },
    EventNotLoaded {
        seq: Seq,
        why: String,
    },

    /// What the filter `number` needs of the first requests that it asked for; the rest was not read yet, or could not be.
    RequestsRead {
        number: u64,
        facts: Vec<(Seq, Facts)>,
        failed: Option<String>,
    },
    /// Event `seq` was compared with `base`.
    Compared {
        seq: Seq,
        base: Base,
        text: DiffText,
    },
    /// A text is ready for its overlay.
    TextLaidOut(Box<ShownText>),
    /// A search has ended.
    Searched {
        number: u64,
        hits: Hits,
    },

    /// Attempts whose body differs from the previous attempt's.
    AttemptsDiffer(Vec<Seq>),

    TextCopied {
        what: &'static str,
        /// Where it went: "copied to the clipboard".
        how: String,
        /// The OSC 52 sequence to write to the terminal, if that is where it goes.
        sequence: Option<Vec<u8>>,
    },
    CopyFailed {
        what: &'static str,
        why: String,
    },
    /// Events were deleted, of those that were to be; `pending` others stay because a delivery is pending.
    EventsDeleted {
        seqs: Vec<Seq>,
        pending: usize,
    },
    /// The limits of the history deleted events for good.
    EventsPruned {
        seqs: Vec<Seq>,
    },
    EventsRestored {
        seqs: Vec<Seq>,
    },
    /// No more events are deleted or restored: it is done, was stopped, or failed.
    DeletionEnded(Result<(), String>),
    /// So many of `all` events have been saved as fixtures, or failed.
    FixturesProgressed {
        done: usize,
        all: usize,
    },
    FixturesSaved(SavedFixtures),
    /// How far an export or import is.
    TransferProgressed(String),
    TransferEnded {
        tone: Tone,
        text: String,
    },
    /// What was added to events, as read from the store.
    /// So many differences from the documentation are accepted (`true`) or no longer. `is_stored`: that outlives this run.
    AcceptedChanged {
        result: Result<(usize, bool), String>,
        is_stored: bool,
    },
    EventsAnnotated(Vec<(Seq, Annotation)>),
    /// The pin or the note of events was changed.
    AnnotationChanged {
        seqs: Vec<Seq>,
        change: AnnotationChange,
    },
    AnnotationFailed(String),
    DeliveryFinished(Box<Delivery>),
    /// Another process sent a stored event and stored the delivery.
    DeliveredElsewhere(Box<Delivery>),
    /// An event was not forwarded, or its delivery could not be stored.
    ForwardFailed {
        seq: Seq,
        why: String,
    },
    /// The response to a sender that waited for the app is decided.
    SenderResponded {
        seq: Seq,
        response: ResponseState,
    },
    /// The number of deliveries and responses that were dropped on the way to the screen. They are in the store.
    ForwardsMissed(u64),
    /// What earlier runs left to forward. `is_resumed`: what was queued is being forwarded already.
    LeftForwardsFound {
        left: Vec<Leftovers>,
        is_resumed: bool,
    },
    /// The user's choice not to forward what earlier runs left is stored, or could not be.
    ForwardsForgotten(Result<usize, String>),
    /// The number of events that are still to be forwarded, counted because the user wants to quit.
    ForwardsCounted(usize),
    /// A delivery could not be started or stored.
    DeliveryFailed {
        seq: Seq,
        why: String,
    },
    JobProgressed(News),
    /// The job has ended, and none of its deliveries is in flight.
    JobEnded(Result<(), String>),
    /// The editor has closed. `saved` is the text, or why there is none.
    EditorEnded {
        seq: Seq,
        body: Bytes,
        saved: Result<Vec<u8>, String>,
    },
    /// The pager could not be opened, or failed.
    PagerFailed(String),
    /// The output of the command that the body was piped to, or why it could not be run.
    Piped(Result<Box<ShownText>, String>),
    EditRead(Edit),
    /// A sample was sent to `target`, or else to this hookglass.
    SampleSent {
        event_type: &'static str,
        target: Option<Target>,
        status: u16,
    },
    SampleFailed(String),
    /// A signing secret was added, or the last added one was forgotten.
    SecretsChanged(Secrets),
    /// What saving the secret in `.env` would change, or why it cannot be saved.
    SavingPlanned(Result<SavingPlan, String>),
    /// The path of the file that has the secret now.
    SecretSaved(Result<String, String>),
    /// An override was set, used up or removed.
    OverridesChanged(Overrides),
    /// Some stored events have a new verdict; `done` of `all` have been verified.
    EventsReverified {
        verdicts: Vec<NewVerdict>,
        done: u64,
        all: u64,
    },
    ReverifyFailed(String),
    /// The reason for an invalid signature was found.
    Diagnosed(NewVerdict),
    /// A request was refused and is not stored.
    RequestRefused {
        status: u16,
        why: String,
    },
    /// A summary of further refused requests.
    RequestsRefused(String),
    ProblemFound(Problem),
    /// What is known of the public URL changed.
    TunnelFound(Found),
    /// ngrok captured requests before hookglass started that are not in the history.
    CapturesFound(Offer),
    /// How far the repair of the damaged history is; replaces what was said of it before.
    RepairReported(Problem),
}
