//! The end of a history in this process: the log goes back into the database, and one file is left.
//!
//! SQLite does so itself when the last connection closes, but not when that one only reads, as most of ours do.

use super::identity::beside;
use super::open::Guards;
use super::resolve::resolve;
use super::{Reader, StoreError};
use rusqlite::{Connection, InterruptHandle, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long whoever else reads or writes may keep the log from being copied whole.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a long read may take to notice that it is interrupted.
const INTERRUPT_PATIENCE: Duration = Duration::from_secs(1);
/// How often it is interrupted: one that was just about to begin does not notice.
const INTERRUPT_PAUSE: Duration = Duration::from_millis(20);

/// Copies the log into the database when it is dropped and leaves one file, unless another process still has it open. What an
/// interrupted copy leaves is in the log, and is copied at the next start.
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
        // A log that another program has truncated would overwrite what the database still holds.
        if !self.guards.is_harmed.load(Ordering::Relaxed) {
            close(&self.path, self.guards.lock().is_held());
        }
    }
}

/// Whoever receives has the log emptied even if others keep it open. Nothing here can be mended by the user; what is not copied now is
/// at the next start.
fn close(path: &Path, is_receiver: bool) {
    let closed = connect(path).and_then(|connection| {
        if is_receiver {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        connection.close().map_err(|(_, error)| error)
    });
    drop(closed);
}

/// Leaves one file when it is dropped, unless somebody has the history open.
#[derive(Debug)]
pub(super) struct AfterReading(PathBuf);

impl AfterReading {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Drop for AfterReading {
    fn drop(&mut self) {
        // The log of a link's target lies beside the target.
        let path = resolve(&self.0).unwrap_or_default();
        if beside(&path, "-wal").exists() {
            close(&path, false);
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // The log is opened with the first read, and a connection that has not opened it does not close it either.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Reads that take long, which the end interrupts.
#[derive(Default)]
pub(super) struct LongReads(Mutex<Reads>);

#[derive(Default)]
struct Reads {
    is_over: bool,
    /// Each ends when its other end is dropped.
    running: Vec<(InterruptHandle, Receiver<()>)>,
}

impl LongReads {
    /// Opens a reader and notes its read, for as long as the sender lives; `None` when it is too late to begin one. The end waits until
    /// the reader is open, or it would not know of it.
    pub(super) fn begin(
        &self,
        open: impl FnOnce() -> Result<Reader, StoreError>,
    ) -> Result<Option<(Reader, Sender<()>)>, StoreError> {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.is_over {
            return Ok(None);
        }
        let reader = open()?;
        let (reading, read) = channel();
        reads.running.push((reader.interrupt_handle(), read));
        Ok(Some((reader, reading)))
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_over
    }

    /// Interrupts all and waits until they have ended.
    fn end(&self) {
        let running = {
            let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            reads.is_over = true;
            std::mem::take(&mut reads.running)
        };
        let deadline = Instant::now() + INTERRUPT_PATIENCE;
        for (handle, read) in running {
            while Instant::now() < deadline {
                handle.interrupt();
                if read.recv_timeout(INTERRUPT_PAUSE) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        }
    }
}
