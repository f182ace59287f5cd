//! What forwarding has to say, on its way to whoever shows it.

use crate::core::delivery::Delivery;
use crate::core::event::Seq;
use crate::core::response::ResponseState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Ended deliveries that wait to be told.
const REPORTS: usize = 1024;

/// What forwarding has to say.
#[derive(Debug)]
pub enum Report {
    /// A delivery ended and is kept; its headers and bodies are in the history alone, so that reports which wait stay small.
    Delivered {
        delivery: Box<Delivery>,
        /// What its answer calls for.
        advice: Option<String>,
    },
    NotSent {
        seq: Seq,
        why: String,
    },
    /// Nothing more is sent to this target, which leads back.
    LoopFound(String),
    /// The history cannot be read; the next event is another occasion.
    Unreadable(String),
    /// What came of an event is not in the history.
    NotStored {
        seq: Seq,
        why: String,
    },
    /// It is decided and stored what the sender of an event gets.
    Responded {
        seq: Seq,
        response: ResponseState,
    },
    /// So many reports were lost, as nobody took them.
    Missed(u64),
}

/// The way to whoever shows what forwarding does. Telling never waits: what is not told is in the history.
#[derive(Clone)]
pub struct Reports {
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
