//! Passes refused requests from the listener to the screen or to stderr. Never blocks the listener. Of a flood, only the count is passed on.

use crate::core::refusals::{Limit, Refusals, Told};
use crate::listener::{OnRefused, Refusal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The limit of lines on stderr.
pub const LINES: Limit = Limit { told: 10, period: Duration::from_secs(1) };
/// The limit of notices on the screen. It is low, because the screen has room for one notice.
pub const NOTICES: Limit = Limit { told: 3, period: Duration::from_secs(10) };

pub struct SharedRefusals {
    refusals: Mutex<Refusals>,
    news: Notify,
    start: Instant,
}

impl OnRefused for SharedRefusals {
    fn refused(&self, Refusal { status, why }: Refusal) {
        let now = self.start.elapsed();
        if self.lock().add(status, why, now) {
            self.news.notify_one();
        }
    }
}

impl SharedRefusals {
    pub fn new(limit: Limit) -> Self {
        Self { refusals: Mutex::new(Refusals::new(limit)), news: Notify::new(), start: Instant::now() }
    }

    /// Waits for the next message. Cancel-safe.
    pub async fn next(&self) -> Told {
        loop {
            let due = {
                let mut refusals = self.lock();
                if let Some(told) = refusals.next(self.start.elapsed()) {
                    return told;
                }
                refusals.due()
            };
            let due = async {
                match due {
                    Some(due) => sleep_until(self.start + due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.news.notified() => {}
                () = due => {}
            }
        }
    }

    /// The remaining messages at the end.
    pub fn last(&self) -> Vec<Told> {
        let (now, mut refusals) = (self.start.elapsed(), self.lock());
        std::iter::from_fn(|| refusals.last(now)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
