//! Prints the lines of `listen` without a screen, on a separate thread, so that a reader that stalls holds up nothing else. The lines
//! follow the store, so that a slow reader loses nothing.

use crate::app::inbound::diagnose::{is_undiagnosed, not_examined, verification_of_event};
use crate::app::inbound::queue::MOST;
use crate::app::keyring::SharedKeyring;
use crate::commands::output::Output;
use crate::commands::response_note;
use crate::core::event::{Seq, Summary};
use crate::core::export::{self, Columns};
use crate::core::response::ResponseState;
use crate::store::{Reader, StoreError, WeakWriter};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Events read at once.
const BATCH: usize = 1000;
/// How long the last lines may take at exit.
const LAST_LINES: Duration = Duration::from_secs(1);
/// How often to check whether a line has waited long enough for the response to its sender.
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Printer {
    pub reader: Reader,
    pub keyring: SharedKeyring,
    /// Weak, because the history must close even if this thread is stuck.
    pub writer: WeakWriter,
    pub is_json: bool,
    pub zone: TimeZone,
    pub columns: Columns,
    /// The last event printed.
    pub printed: Seq,
    /// How long after the arrival of an event its line waits for the response to its sender. Later lines wait too.
    pub patience: Duration,
}

/// Why no more lines can be printed.
#[derive(Debug)]
pub(super) enum LineError {
    Stdout(io::Error),
    History(StoreError),
}

impl From<io::Error> for LineError {
    fn from(error: io::Error) -> Self {
        Self::Stdout(error)
    }
}

impl From<StoreError> for LineError {
    fn from(error: StoreError) -> Self {
        Self::History(error)
    }
}

/// A handle on the printing thread.
pub(super) struct Lines {
    wake: Option<SyncSender<()>>,
    ended: oneshot::Receiver<Result<(), LineError>>,
}

impl Lines {
    /// Says that there are new events. Never blocks.
    pub(super) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // One pending wake is enough for all events.
            let _ = wake.try_send(());
        }
    }

    /// Waits for the end. It comes by itself only if stdout cannot be written or the history cannot be read.
    pub(super) async fn ended(&mut self) -> Result<(), LineError> {
        (&mut self.ended).await.unwrap_or(Ok(()))
    }

    /// Prints the remaining lines, as far as they are read in time.
    pub(super) async fn finish(mut self) -> Result<(), LineError> {
        drop(self.wake.take());
        tokio::time::timeout(LAST_LINES, self.ended()).await.unwrap_or(Ok(()))
    }
}

impl Printer {
    /// Prints `first`, then a line per event.
    pub(super) fn start(mut self, first: String) -> io::Result<Lines> {
        let (wake, woken) = sync_channel(1);
        let (end, ended) = oneshot::channel();
        let runtime = Handle::current();
        std::thread::Builder::new().name("lines".to_owned()).spawn(move || {
            let ended = self.run(&first, &woken, &runtime);
            // Closes the reader before the end is reported, because the history is closed after that.
            drop(self);
            // If nobody waits for the end, the program is exiting.
            let _ = end.send(ended);
        })?;
        Ok(Lines { wake: Some(wake), ended })
    }

    fn run(&mut self, first: &str, woken: &Receiver<()>, runtime: &Handle) -> Result<(), LineError> {
        let mut out = Output::stdout();
        writeln!(out, "{first}")?;
        out.finish()?;
        let mut is_waiting = false;
        loop {
            let is_over = if is_waiting {
                woken.recv_timeout(LOOK) == Err(RecvTimeoutError::Disconnected)
            } else {
                woken.recv().is_err()
            };
            if is_over {
                self.patience = Duration::ZERO;
            }
            loop {
                let (summaries, is_cut) = match self.next(runtime) {
                    // The writer repairs the history. The lines continue after that.
                    Err(StoreError::Damaged { .. }) => (Vec::new(), true),
                    other => other?,
                };
                is_waiting = is_cut;
                let Some(last) = summaries.last() else { break };
                self.printed = last.seq;
                for summary in &summaries {
                    writeln!(out, "{}", self.line(summary))?;
                }
                out.finish()?;
            }
            if is_over {
                return Ok(());
            }
        }
    }

    fn line(&mut self, summary: &Summary) -> String {
        if self.is_json {
            return export::json_line(summary);
        }
        self.columns.line(summary, &response_note(&self.reader, summary), &self.zone)
    }

    /// The next events, invalid ones with their exact reason, and whether the event after them waits for its response.
    fn next(&self, runtime: &Handle) -> Result<(Vec<Summary>, bool), StoreError> {
        let mut summaries = self.reader.after(self.printed, BATCH)?;
        let now = Timestamp::now();
        let is_waiting = |summary: &Summary| {
            let age = Duration::try_from(now.duration_since(summary.received_at)).unwrap_or_default();
            summary.response == ResponseState::Pending && age < self.patience
        };
        let first_waiting = summaries.iter().position(is_waiting);
        summaries.truncate(first_waiting.unwrap_or(summaries.len()));
        let mut verifications = Vec::new();
        let mut waiting = summaries.iter().filter(|summary| is_undiagnosed(summary)).count();
        for summary in summaries.iter_mut().filter(|summary| is_undiagnosed(summary)) {
            waiting -= 1;
            let verification = if waiting >= MOST {
                // A flood. The newest ones are examined.
                let Some(verification) = self.reader.verification(summary.seq)?.and_then(not_examined) else {
                    continue;
                };
                verification
            } else {
                let Some(event) = self.reader.event(summary.seq)? else { continue };
                verification_of_event(event, &self.keyring, || self.reader.another().ok())
            };
            (summary.verdict, summary.reason) = (verification.verdict, verification.reason.clone());
            verifications.push((summary.seq, verification));
        }
        if !verifications.is_empty()
            && let Some(writer) = self.writer.upgrade()
        {
            // A reason that cannot be stored now is found again whenever the event is shown.
            let _ = runtime.block_on(writer.reverify(verifications));
        }
        Ok((summaries, first_waiting.is_some()))
    }
}
