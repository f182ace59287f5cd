//! What must outlive every connection that writes to the history, and the end of the history in this process.

use super::check::LongReads;
use super::deletion;
use super::ephemeral::EphemeralFolder;
use super::lock::Lock;
use super::one_file;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The lock on the history, its temporary folder if it is ephemeral, and what the end of the program must know.
pub(super) struct Guards {
    lock: Mutex<Lock>,
    pub(super) long_reads: Arc<LongReads>,
    is_harmed: AtomicBool,
    folder: Option<EphemeralFolder>,
}

impl Guards {
    pub(super) fn new(lock: Lock, folder: Option<EphemeralFolder>) -> Self {
        Self { lock: Mutex::new(lock), long_reads: Arc::default(), is_harmed: AtomicBool::new(false), folder }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Lock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets whether another program harmed the files while they were open.
    pub(super) fn set_harmed(&self, is_harmed: bool) {
        self.is_harmed.store(is_harmed, Ordering::Relaxed);
    }
}

/// Copies the log into the database when it is dropped and leaves one file, unless another process still has the history open.
/// Interrupts long reads first. If the copying itself is interrupted, the next start does it.
pub struct Closing {
    path: PathBuf,
    guards: Arc<Guards>,
}

impl Closing {
    pub(super) fn new(path: PathBuf, guards: Arc<Guards>) -> Self {
        Self { path, guards }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.guards.long_reads.end();
        // A log that another program truncated would overwrite what the database still holds.
        if !self.guards.is_harmed.load(Ordering::Relaxed) {
            let is_receiver = self.guards.lock().is_held();
            if is_receiver && self.guards.folder.is_none() {
                deletion::finish(&self.path);
            }
            one_file::close(&self.path, is_receiver);
        }
    }
}
