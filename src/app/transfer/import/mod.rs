//! Imports requests from files, one after the other, so that memory does not grow with the file.

mod captured;
mod known;
mod records;

pub(crate) use captured::lacking;
pub use known::Known;
pub use records::files_of;

use crate::app::inbound::diagnose::not_examined;
use crate::app::keyring::SharedKeyring;
use crate::core::event::NewEvent;
use crate::core::import::Record;
use crate::core::reply::AppendError;
use crate::core::signature::verify_request;
use crate::store::{Reader, StoreError};
use jiff::Timestamp;
use records::{Each, each_record};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

/// The most events, and bytes of bodies, that are stored at once.
const BATCH: usize = 30;
const BATCH_BYTES: usize = 16 << 20;

/// What became of the requests in a file.
#[derive(Debug)]
pub struct Imported {
    pub new: u64,
    /// Requests that were in the history.
    pub known: u64,
    /// Entries that can be no webhooks, because they have neither a body nor a signature.
    pub skipped: u64,
    /// Why the rest of the file was not imported.
    pub ended: Result<(), ImportError>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("it is not a file")]
    NoFile,
    #[error(transparent)]
    Open(io::Error),
    #[error("it is empty")]
    Empty,
    /// Counted from 1.
    #[error("entry {entry}: {why}")]
    Broken { entry: u64, why: String },
    #[error("interrupted")]
    Interrupted,
    #[error("cannot store an event")]
    Store(#[from] AppendError),
    #[error(transparent)]
    History(#[from] StoreError),
}

/// Where events are stored, and what says how far the import is.
pub trait Sink {
    /// Stores the events, in this order.
    ///
    /// # Errors
    /// When not all are stored.
    fn append(&mut self, events: Vec<NewEvent>) -> Result<(), AppendError>;

    /// `done` requests of the file are done. May stop the import.
    fn tell(&mut self, done: u64) -> ControlFlow<()>;
}

/// Imports the requests in the file at `path`. They are verified as of their own time with the current secrets, or as of now if the file
/// has none. Requests that are in the history are left out.
pub fn import_file(
    path: &Path,
    reader: &Reader,
    known: &mut Known,
    keyring: &SharedKeyring,
    sink: &mut dyn Sink,
) -> Imported {
    import_each(reader, known, keyring, sink, |each| each_record(path, each))
}

/// As [`import_file`], with requests in memory.
pub(crate) fn import_records(
    records: Vec<Record>,
    reader: &Reader,
    known: &mut Known,
    keyring: &SharedKeyring,
    sink: &mut dyn Sink,
) -> Imported {
    import_each(reader, known, keyring, sink, |each| records.into_iter().try_for_each(|record| each(Some(record))))
}

fn import_each(
    reader: &Reader,
    known: &mut Known,
    keyring: &SharedKeyring,
    sink: &mut dyn Sink,
    read: impl FnOnce(Each<'_>) -> Result<(), ImportError>,
) -> Imported {
    let imported = Imported { new: 0, known: 0, skipped: 0, ended: Ok(()) };
    let mut work = Work { reader, known, keyring, sink, imported, batch: Vec::new(), bytes: 0 };
    let ended = read(&mut |record| work.add(record));
    // What was read before an error is stored.
    let stored = work.store();
    work.imported.ended = ended.and(stored);
    work.imported
}

struct Work<'w> {
    reader: &'w Reader,
    known: &'w mut Known,
    keyring: &'w SharedKeyring,
    sink: &'w mut dyn Sink,
    imported: Imported,
    batch: Vec<NewEvent>,
    bytes: usize,
}

impl Work<'_> {
    /// `None` is an entry that can be no webhook.
    fn add(&mut self, record: Option<Record>) -> Result<(), ImportError> {
        let Imported { new, known, skipped, .. } = self.imported;
        if self.sink.tell(new + known + skipped + self.batch.len() as u64).is_break() {
            return Err(ImportError::Interrupted);
        }
        let Some(record) = record else {
            self.imported.skipped += 1;
            return Ok(());
        };
        if !self.known.is_new(&record, self.reader)? {
            self.imported.known += 1;
            return Ok(());
        }
        let received_at = record.received_at.unwrap_or_else(Timestamp::now);
        let now_ms = received_at.as_millisecond();
        let verification = verify_request(&record.head.headers(), &record.body, now_ms, &self.keyring.get());
        // The screen examines it once it is opened.
        let verification = not_examined(verification.clone()).unwrap_or(verification);
        self.bytes += record.body.len();
        self.batch.push(record.event(received_at, verification));
        if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES { self.store() } else { Ok(()) }
    }

    fn store(&mut self) -> Result<(), ImportError> {
        let events = std::mem::take(&mut self.batch);
        let count = events.len() as u64;
        self.bytes = 0;
        if count > 0 {
            self.sink.append(events)?;
            self.imported.new += count;
        }
        Ok(())
    }
}
