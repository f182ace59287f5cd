//! Reports from forwarding to the screen or to the printed lines.

use crate::core::delivery::Delivery;
use crate::core::event::Seq;
use crate::core::response::ResponseState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// The most reports that wait to be shown.
const REPORTS: usize = 1024;

/// What happened to an event that is forwarded.
#[derive(Debug)]
pub enum Report {
    /// A delivery ended and is stored. Its headers and bodies are only in the history, so that waiting reports stay
    /// small.
    Delivered {
        delivery: Box<Delivery>,
        /// What the user should change, judging by the response.
        advice: Option<String>,
    },
    NotSent {
        seq: Seq,
        why: String,
    },
    /// This target leads back to hookglass, so nothing more is forwarded to it.
    LoopFound(String),
    /// The history cannot be read. The next event triggers another attempt.
    Unreadable(String),
    /// So many forwards of earlier runs stay where they are, because the history cannot note that they are queued again.
    NotResumed {
        count: usize,
        why: String,
    },
    /// The result of a forward could not be stored.
    NotStored {
        seq: Seq,
        why: String,
    },
    /// The response to the sender of an event is decided and stored.
    Responded {
        seq: Seq,
        response: ResponseState,
    },
    /// This many reports were dropped because the channel was full.
    Missed(u64),
}

/// Sends forwarding reports to the UI. Never blocks: a dropped report can be re-read from the history.
#[derive(Clone)]
pub(crate) struct Reports {
    sender: mpsc::Sender<Report>,
    missed: Arc<AtomicU64>,
}

impl Reports {
    pub(super) fn new() -> (Self, mpsc::Receiver<Report>) {
        let (sender, receiver) = mpsc::channel(REPORTS);
        (Self { sender, missed: Arc::default() }, receiver)
    }

    pub(super) fn tell(&self, report: Report) {
        let missed = self.missed.swap(0, Ordering::Relaxed);
        let is_told = missed == 0 || self.sender.try_send(Report::Missed(missed)).is_ok();
        if !is_told || self.sender.try_send(report).is_err() {
            self.missed.fetch_add(if is_told { 1 } else { missed + 1 }, Ordering::Relaxed);
        }
    }
}
