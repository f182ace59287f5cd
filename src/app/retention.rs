//! Keeps the history within its limits while hookglass listens: a thread that looks now and then, and deletes the oldest events in small
//! steps.

use crate::app::process::low_priority::give_way;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::retention::Retention;
use crate::log::{STORE, told};
use crate::store::{Interrupt, Reader, StoreError, WeakWriter};
use jiff::Timestamp;
use std::io;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// Events in one report. For each report, the screen filters all events again.
const REPORT: usize = 10_000;
/// After a look that took long it waits this many times as long, so that looking takes at most 2 % of a core.
const REST: u32 = 50;

/// Deletes what is beyond the limits until it is stopped.
pub struct Pruner {
    stop: CancellationToken,
    reading: Interrupt,
    thread: JoinHandle<()>,
}

impl Pruner {
    /// How often it looks.
    pub const PAUSE: Duration = Duration::from_secs(10);

    /// Calls `tell` on its thread with events that are gone.
    ///
    /// # Errors
    /// When the system refuses the thread.
    pub fn start(
        limits: Retention,
        pause: Duration,
        reader: Reader,
        writer: WeakWriter,
        tell: impl Fn(Vec<Seq>) + Send + 'static,
    ) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let (reading, stopped) = (reader.interrupt(), stop.clone());
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new().name("retention".to_owned()).spawn(move || {
            give_way();
            let work = Work { limits, pause, reader, writer, stopped };
            work.run(&runtime, tell);
        })?;
        Ok(Self { stop, reading, thread })
    }

    /// Stops after the step in progress.
    pub fn stop(self) {
        self.stop.cancel();
        self.reading.ask();
        // If it panicked, that was reported.
        let _ = self.thread.join();
    }
}

struct Work {
    limits: Retention,
    pause: Duration,
    reader: Reader,
    writer: WeakWriter,
    stopped: CancellationToken,
}

impl Work {
    fn run(&self, runtime: &Runtime, tell: impl Fn(Vec<Seq>)) {
        let mut pause = self.pause;
        while runtime.block_on(async { tokio::time::timeout(pause, self.stopped.cancelled()).await.is_err() }) {
            let started = Instant::now();
            let beyond = self.reader.beyond(self.limits, Timestamp::now());
            pause = self.pause.max(started.elapsed() * REST);
            // A history that cannot be read or written is reported by those who use it. The next look tries again.
            let deleted =
                beyond.map_err(|error| with_causes(&error)).and_then(|seqs| runtime.block_on(self.erase(&seqs, &tell)));
            match deleted {
                Ok(0) => {}
                Ok(count) => tracing::info!(target: STORE, count, "deleted events beyond the limits"),
                Err(why) => {
                    tracing::warn!(target: STORE, why = told(&why), "could not delete events beyond the limits")
                }
            }
        }
    }

    /// Returns how many events are gone.
    async fn erase(&self, seqs: &[Seq], tell: &impl Fn(Vec<Seq>)) -> Result<usize, String> {
        let (mut rest, mut count, mut gone) = (seqs, 0, Vec::new());
        let mut report = |gone: &mut Vec<Seq>, least| {
            if gone.len() >= least {
                count += gone.len();
                tell(std::mem::take(gone));
            }
        };
        while !rest.is_empty() && !self.stopped.is_cancelled() {
            // All writers are gone when hookglass exits.
            let Some(writer) = self.writer.upgrade() else { break };
            let handled = writer.erase(rest).await.map_err(|error| with_causes(&error))?;
            let (done, later) = rest.split_at(handled.clamp(1, rest.len()));
            gone.extend(self.gone(done).map_err(|error| with_causes(&error))?);
            report(&mut gone, REPORT);
            rest = later;
        }
        report(&mut gone, 1);
        Ok(count)
    }

    /// Which of these events are no longer in the history. One with a response that is pending meanwhile stays.
    fn gone(&self, seqs: &[Seq]) -> Result<Vec<Seq>, StoreError> {
        let stored = self.reader.stored_among(seqs)?;
        Ok(seqs.iter().copied().filter(|seq| !stored.contains(seq)).collect())
    }
}
