//! Pins and notes, and exporting and importing events.

use super::Executor;
use crate::app::transfer::export::{Contents, export_to};
use crate::app::transfer::import::{ImportError, Imported, Known, Sink, files_of, import_file};
use crate::core::annotation::AnnotationChange;
use crate::core::errors::with_causes;
use crate::core::event::{NewEvent, Seq};
use crate::core::export::ExportFormat;
use crate::core::numbers::{counted, grouped};
use crate::core::reply::AppendError;
use crate::store::{Reader, StoreError};
use crate::tui::message::Message;
use crate::tui::model::Tone;
use futures_util::future::join_all;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::PoisonError;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// After so many events the screen hears how far the work is.
const STEP: u64 = 256;

impl Executor {
    pub(super) fn annotate(&self, seqs: Vec<Seq>, change: AnnotationChange) {
        let this = self.clone();
        tokio::spawn(async move {
            let message = match this.writer.annotate(seqs.clone(), change.clone()).await {
                Ok(()) => Message::AnnotationChanged { seqs, change },
                Err(error) => Message::AnnotationFailed(with_causes(&error)),
            };
            // The screen may be gone.
            let _ = this.messages.send(message).await;
        });
    }

    pub(super) fn stop_transfer(&self) {
        self.transfer.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    pub(super) fn begin_transfer(&self) -> CancellationToken {
        let stop = CancellationToken::new();
        *self.transfer.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
        stop
    }

    pub(super) fn export(&self, name: String, format: ExportFormat, seqs: Vec<Seq>) {
        let stop = self.begin_transfer();
        self.reading(move |this| match this.open_reader() {
            Ok(reader) => this.exported(&name, format, &seqs, &reader, &stop),
            Err(error) => failed(format!("cannot export: {}", with_causes(&error))),
        });
    }

    fn exported(
        &self,
        name: &str,
        format: ExportFormat,
        seqs: &[Seq],
        reader: &Reader,
        stop: &CancellationToken,
    ) -> Message {
        let all = counted(seqs.len() as u64, "event");
        let progress = |done: u64| {
            if done > 0 && done.is_multiple_of(STEP) {
                self.progressed(format!("exported {} of {all}", grouped(done)));
            }
            if stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let contents = Contents { has_credentials: false };
        match export_to(&named(name), format, contents, reader, seqs, progress) {
            Ok(exported) => {
                let all = counted(exported.written + exported.there, "event");
                match exported.failed.first() {
                    None => Message::TransferEnded { tone: Tone::Good, text: format!("exported {all} to `{name}`") },
                    Some((seq, why)) => {
                        let count = grouped(exported.failed.len() as u64);
                        failed(format!("exported {all} to `{name}`; {count} were left out, the first is {seq}: {why}"))
                    }
                }
            }
            Err(error) => failed(format!("cannot export: {}", with_causes(&error))),
        }
    }

    pub(super) fn import(&self, name: String) {
        let stop = self.begin_transfer();
        self.reading(move |this| {
            let imported = this.imported(&name, stop);
            // The screen reads the events from the store.
            let _ = this.messages.blocking_send(Message::FeedLagged);
            imported.unwrap_or_else(|error| failed(format!("cannot import: {}", with_causes(&error))))
        });
    }

    fn imported(&self, name: &str, stop: CancellationToken) -> Result<Message, StoreError> {
        let reader = self.open_reader()?;
        let mut known = Known::new(&reader)?;
        let mut sink = Stored::new(self, stop);
        let files = match files_of(&named(name)) {
            Ok(files) => files,
            Err(error) => return Ok(failed(format!("cannot read `{name}`: {error}"))),
        };
        let mut all = Imported { new: 0, known: 0, skipped: 0, ended: Ok(()) };
        for path in files {
            let one = import_file(&path, &reader, &mut known, &self.sender.keyring, &mut sink);
            all.new += one.new;
            all.known += one.known;
            all.skipped += one.skipped;
            if one.ended.is_err() {
                all.ended = one.ended;
                break;
            }
        }
        Ok(told(name, &all))
    }

    fn progressed(&self, text: String) {
        // The screen may be gone.
        let _ = self.messages.blocking_send(Message::TransferProgressed(text));
    }
}

pub(super) fn told(name: &str, imported: &Imported) -> Message {
    let mut text = format!("imported {} from `{name}`", counted(imported.new, "event"));
    if imported.known > 0 {
        text += &format!("; {} in the history already", grouped(imported.known));
    }
    if imported.skipped > 0 {
        text += &format!("; {} without a body left out", grouped(imported.skipped));
    }
    match &imported.ended {
        Ok(()) => Message::TransferEnded { tone: Tone::Good, text },
        Err(ImportError::Interrupted) => Message::TransferEnded { tone: Tone::Warning, text: text + "; stopped" },
        Err(error) => failed(format!("{text}; the rest was not: {}", with_causes(error))),
    }
}

pub(super) fn failed(text: String) -> Message {
    Message::TransferEnded { tone: Tone::Bad, text }
}

/// The path that the user typed, where `~/` is the home folder.
fn named(name: &str) -> PathBuf {
    let home = || name.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    home().unwrap_or_else(|| PathBuf::from(name))
}

/// Stores through the writer of the listener.
pub(super) struct Stored<'e> {
    executor: &'e Executor,
    stop: CancellationToken,
}

impl<'e> Stored<'e> {
    pub(super) fn new(executor: &'e Executor, stop: CancellationToken) -> Self {
        Self { executor, stop }
    }
}

impl Sink for Stored<'_> {
    fn append(&mut self, events: Vec<NewEvent>) -> Result<(), AppendError> {
        let stored = join_all(events.into_iter().map(|event| self.executor.writer.append(event)));
        Handle::current().block_on(stored).into_iter().try_for_each(|stored| stored.map(drop))
    }

    fn tell(&mut self, done: u64) -> ControlFlow<()> {
        if done > 0 && done.is_multiple_of(STEP) {
            self.executor.progressed(format!("imported {} requests", grouped(done)));
            let _ = self.executor.messages.blocking_send(Message::FeedLagged);
        }
        if self.stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
