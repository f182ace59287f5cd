//! Passes refused requests from the listener to stderr or the screen, and to the log. The listener never waits, and a flood is only counted.

use crate::core::refusals::{Limit, RefusalReport, Refusals};
use crate::listener::{OnRefused, Refusal};
use crate::log::{REQUEST, told};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Lines on stderr.
pub(crate) const LINES: Limit = Limit { reports: 10, period: Duration::from_secs(1) };
/// Notices on the screen. It shows one at a time, so few of them are about refusals.
pub(crate) const NOTICES: Limit = Limit { reports: 3, period: Duration::from_secs(10) };

pub(crate) struct SharedRefusals {
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

    /// Waits for the next report. Cancel safe.
    pub async fn next(&self) -> RefusalReport {
        loop {
            let due = {
                let mut refusals = self.lock();
                if let Some(report) = refusals.next(self.start.elapsed()) {
                    return logged(report);
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

    /// The reports that are left at the end of the run.
    pub fn last(&self) -> Vec<RefusalReport> {
        let (now, mut refusals) = (self.start.elapsed(), self.lock());
        std::iter::from_fn(|| refusals.last(now)).map(logged).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn logged(report: RefusalReport) -> RefusalReport {
    match &report {
        RefusalReport::One { status, why } => tracing::warn!(target: REQUEST, status, why = told(why), "refused"),
        RefusalReport::More { counts, seconds } => {
            let count = counts.iter().map(|(_, count)| count).sum::<u64>();
            tracing::warn!(target: REQUEST, count, seconds, "refused more");
        }
    }
    report
}
