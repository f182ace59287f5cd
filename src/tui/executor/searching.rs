//! Searches the text of a tab. A new search ends the one before.

use super::Executor;
use crate::core::find::Needle;
use crate::tui::message::Message;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most hits that are kept.
const MAX_HITS: usize = 100_000;

/// Which search is wanted: the number of the newest, or 0.
#[derive(Clone, Default)]
pub struct Searches(Arc<AtomicU64>);

impl Searches {
    pub(super) fn stop(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Executor {
    pub(super) fn search(&self, number: u64, text: Bytes, needle: Needle) {
        self.searches.0.store(number, Ordering::Relaxed);
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let is_cancelled = || this.searches.0.load(Ordering::Relaxed) != number;
            if let Some(hits) = needle.find_all(&text, MAX_HITS, is_cancelled) {
                let _ = this.messages.blocking_send(Message::Searched { number, hits });
            }
        });
    }
}
