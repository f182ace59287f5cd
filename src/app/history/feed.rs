//! The bounded queue from the listener to the screen. It never blocks the listener. The screen reads events that do not fit from the
//! store.

use crate::core::event::Summary;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// The most events that wait to be shown.
const CAPACITY: usize = 4096;

/// The listener fills it, and the screen drains it at its own pace.
#[derive(Default)]
pub struct Feed {
    queue: Mutex<Drained>,
    is_told: AtomicBool,
    told: Notify,
}

/// The events since the last drain.
#[derive(Default)]
pub struct Drained {
    pub summaries: Vec<Summary>,
    /// Later events did not fit. They are in the store.
    pub has_lagged: bool,
}

impl Feed {
    /// Adds a stored event. Wakes the screen once for all events that come before it drains.
    pub fn tell(&self, summary: Summary) {
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.has_lagged || queue.summaries.len() >= CAPACITY {
                queue.has_lagged = true;
            } else {
                queue.summaries.push(summary);
            }
        }
        if !self.is_told.swap(true, Ordering::AcqRel) {
            self.told.notify_one();
        }
    }

    /// Waits until there is something to drain.
    pub async fn wait(&self) {
        while !self.is_told.load(Ordering::Acquire) {
            self.told.notified().await;
        }
    }

    /// Takes all events.
    pub fn drain(&self) -> Drained {
        if !self.is_told.load(Ordering::Acquire) {
            return Drained::default();
        }
        self.is_told.store(false, Ordering::Release);
        std::mem::take(&mut *self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;

    #[test]
    fn once_the_queue_is_full_no_later_event_enters_it_until_it_is_drained() {
        let feed = Feed::default();
        let count = u64::try_from(CAPACITY).unwrap();
        for seq in 1..=count + 2 {
            feed.tell(summary(seq, "a", Verdict::Verified));
        }
        let drained = feed.drain();
        assert_eq!(drained.summaries.last().map(|summary| summary.seq), Some(count));
        assert!(drained.has_lagged);
        feed.tell(summary(count + 3, "a", Verdict::Verified));
        let drained = feed.drain();
        assert_eq!((drained.summaries.len(), drained.has_lagged), (1, false));
    }

    #[tokio::test]
    async fn waiting_ends_at_once_if_an_event_was_already_added() {
        let feed = Feed::default();
        feed.tell(summary(1, "a", Verdict::Verified));
        feed.wait().await;
        assert_eq!(feed.drain().summaries.len(), 1);
    }
}
