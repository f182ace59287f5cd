//! Prints the lines of `listen` without a screen, on a thread of its own: whoever reads them may stall, and nothing else may.
//!
//! It follows the store, so that a slow reader loses nothing.

use crate::app::inbound::diagnose::{is_undiagnosed, verification_of_event};
use crate::app::keyring::SharedKeyring;
use crate::commands::output::Output;
use crate::core::event::{Seq, Summary};
use crate::core::export;
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
/// How long the last lines may take when the program ends.
const LAST_LINES: Duration = Duration::from_secs(1);
/// How often to look whether a sender has waited for the app too long for its line to wait with it.
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Printer {
    pub reader: Reader,
    pub keyring: SharedKeyring,
    /// The thread may be stuck for good, and the history must close all the same.
    pub writer: WeakWriter,
    pub is_json: bool,
    pub zone: TimeZone,
    /// The last event printed.
    pub printed: Seq,
    /// How long after its arrival an event may wait for what its sender is answered; its line, and those after it, wait too.
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

/// The printing thread, as seen from outside.
pub(super) struct Lines {
    wake: Option<SyncSender<()>>,
    ended: oneshot::Receiver<Result<(), LineError>>,
}

impl Lines {
    /// There are new events. Never waits.
    pub(super) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // One wake that waits is enough for all events.
            let _ = wake.try_send(());
        }
    }

    /// Waits for the end, which comes by itself only when stdout takes no more or the history cannot be read.
    pub(super) async fn ended(&mut self) -> Result<(), LineError> {
        (&mut self.ended).await.unwrap_or(Ok(()))
    }

    /// Prints what is left, as far as somebody reads it.
    pub(super) async fn finish(mut self) -> Result<(), LineError> {
        drop(self.wake.take());
        tokio::time::timeout(LAST_LINES, self.ended()).await.unwrap_or(Ok(()))
    }
}

impl Printer {
    /// Prints `first`, and from then on a line for each event.
    pub(super) fn start(mut self, first: String) -> io::Result<Lines> {
        let (wake, woken) = sync_channel(1);
        let (end, ended) = oneshot::channel();
        let runtime = Handle::current();
        std::thread::Builder::new().name("lines".to_owned()).spawn(move || {
            let ended = self.run(&first, &woken, &runtime);
            // The history is closed after the end is told, and must not be open here then.
            drop(self);
            // When nobody waits for the end any more, the program is over.
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
                    // The writer repairs it; the lines go on after that.
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

    fn line(&self, summary: &Summary) -> String {
        if self.is_json { export::json_line(summary) } else { export::text_line(summary, &self.zone) }
    }

    /// The next events, each refused signature with its cause, and whether one that waits for its answer comes after them. The sender
    /// of a refused one has been answered; only the line waits.
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
        for summary in summaries.iter_mut().filter(|summary| is_undiagnosed(summary)) {
            let Some(event) = self.reader.event(summary.seq)? else { continue };
            let verification = verification_of_event(event, &self.keyring);
            (summary.verdict, summary.reason) = (verification.verdict, verification.reason.clone());
            verifications.push((summary.seq, verification));
        }
        if !verifications.is_empty()
            && let Some(writer) = self.writer.upgrade()
        {
            // What cannot be kept now is diagnosed again whenever it is looked at.
            let _ = runtime.block_on(writer.reverify(verifications));
        }
        Ok((summaries, first_waiting.is_some()))
    }
}
