//! What has happened: facts, in the past tense, for `update`.

use super::content::{DeliveriesText, Loaded};
use super::job::News;
use super::model::{Edit, Judged, Problem, Secrets};
use crate::core::delivery::Delivery;
use crate::core::event::{Seq, Summary};
use crate::core::index::Index;
use crate::core::overrides::Overrides;
use crate::core::response::ResponseState;
use bytes::Bytes;
use crossterm::event::KeyEvent;
use jiff::Timestamp;

pub enum Message {
    KeyPressed(KeyEvent),
    TextPasted(String),
    /// Column and row from 0.
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

    /// Events are in the store. Ascending.
    EventsStored(Vec<Summary>),
    /// Some events were not told, because the screen was behind; the store has them.
    FeedLagged,
    /// Events read from the store after lagging; `is_end` when there were no more.
    CaughtUp {
        summaries: Vec<Summary>,
        is_end: bool,
    },
    /// The events after lagging could not be read; they are asked for again with the next tick.
    CatchUpFailed(String),
    /// All events up to the one that was the newest at the start, with how the deliveries before the start ended.
    HistoryLoaded(Box<Index>),
    HistoryFailed(String),
    EventLoaded(Box<Loaded>),
    /// The deliveries of an event that is loaded already.
    DeliveriesLoaded {
        seq: Seq,
        text: DeliveriesText,
    },
    EventNotLoaded {
        seq: Seq,
        why: String,
    },

    /// Attempts whose bodies are not those of the attempts before them.
    AttemptsDiffer(Vec<Seq>),

    TextCopied {
        what: &'static str,
        /// Which way it went: "copied to the clipboard".
        how: String,
        /// What the terminal has yet to be sent, when it went that way.
        sequence: Option<Vec<u8>>,
    },
    CopyFailed {
        what: &'static str,
        why: String,
    },
    DeliveryFinished(Box<Delivery>),
    /// Another program has sent a kept event and kept how that ended.
    DeliveredElsewhere(Box<Delivery>),
    /// A forwarded event was not sent, or its delivery not kept.
    ForwardFailed {
        seq: Seq,
        why: String,
    },
    /// It is decided what the sender of an event gets that waited for the app.
    SenderAnswered {
        seq: Seq,
        response: ResponseState,
    },
    /// So many deliveries and answers were not told; the store has them.
    ForwardsMissed(u64),
    /// So many events are yet to be forwarded: counted because the user wants to quit.
    ForwardsCounted(usize),
    /// The delivery could not be begun or kept.
    DeliveryFailed {
        seq: Seq,
        why: String,
    },
    JobTold(News),
    /// No delivery of the job is on its way any more.
    JobEnded(Result<(), String>),
    /// The editor has ended, with what was saved or why there is nothing.
    EditorEnded {
        seq: Seq,
        body: Bytes,
        saved: Result<Vec<u8>, String>,
    },
    EditRead(Edit),
    SampleSent {
        event_type: &'static str,
        status: u16,
    },
    SampleFailed(String),
    /// A signing secret was added, or the one that was added last is forgotten.
    SecretsChanged(Secrets),
    /// The answers by order of the operator are others now, or fewer.
    OverridesChanged(Overrides),
    /// Some kept events have a new verdict; `done` of `all` have been judged.
    EventsReverified {
        verdicts: Vec<Judged>,
        done: u64,
        all: u64,
    },
    ReverifyFailed(String),
    /// The cause of a refused signature was found.
    Diagnosed(Judged),
    /// A request was turned away and is not kept.
    RequestRefused {
        status: u16,
        why: String,
    },
    /// How many more there were, in words.
    RequestsRefused(String),
    ProblemFound(Problem),
    /// How far the repair of the damaged history is; replaces what was said of it before.
    RepairTold(Problem),
}
