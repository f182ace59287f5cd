//! Moves the log into the database from a thread of its own, so that no commit waits for it.
//!
//! The thread copies all but the newest pages while commits go on. Under load some pages are always newer, so the log would grow
//! without limit. Once it is long, the writer copies the remaining pages itself, between two commits, and the log starts again.

use super::connection;
use super::format::PAGE;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// New pages in the log after which the writer wakes the thread, roughly: 4 MiB.
const WAKE_AT: usize = 256;
/// Pages in the log above which the thread asks the writer to copy the rest: 16 MiB. A short log is cheaper: it reuses its blocks on
/// the disk and its pages in the cache.
const FINISH_AT: i64 = 1024;
/// Pages that each commit writes in addition to the ones that it fills.
const PAGES_A_COMMIT: usize = 3;

/// Moves the log into the database. Dropping it waits for the thread to end.
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    is_asked_to_finish: Arc<AtomicBool>,
    /// Pages written to the log since the thread was last woken, roughly.
    pages: usize,
}

impl Checkpointer {
    /// Starts the thread. If it cannot be started, the writer does all the work itself.
    pub(super) fn start(path: &Path, writer: &Connection) -> Self {
        let (wake, woken) = sync_channel(1);
        let is_asked_to_finish = Arc::new(AtomicBool::new(false));
        let ask = Arc::clone(&is_asked_to_finish);
        let thread = connect(path, writer).ok().and_then(|connection| {
            let work = move || run(&connection, &woken, &ask);
            thread::Builder::new().name("store-checkpoint".to_owned()).spawn(work).ok()
        });
        Self { wake: Some(wake), thread, is_asked_to_finish, pages: 0 }
    }

    /// Notes a commit of about `weight` bytes.
    pub(super) fn committed(&mut self, writer: &Connection, weight: usize) {
        self.pages += weight / PAGE + PAGES_A_COMMIT;
        if self.is_asked_to_finish.swap(false, Ordering::Relaxed) {
            // An error means that the thread is copying. It will ask again.
            let _ = checkpoint(writer);
        }
        if self.pages < WAKE_AT {
            return;
        }
        self.pages = 0;
        match (&self.thread, &self.wake) {
            // If the channel is full, the thread is about to run anyway.
            (Some(_), Some(wake)) => drop(wake.try_send(())),
            _ => drop(checkpoint(writer)),
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // The panic hook has reported a panic of the thread.
            let _ = thread.join();
        }
    }
}

fn connect(path: &Path, writer: &Connection) -> rusqlite::Result<Connection> {
    let connection = connection::open(path)?;
    let synchronous: i64 = writer.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    Ok(connection)
}

fn run(connection: &Connection, woken: &Receiver<()>, ask: &AtomicBool) {
    while woken.recv().is_ok() {
        if checkpoint(connection).is_ok_and(|pages| pages > FINISH_AT) {
            ask.store(true, Ordering::Relaxed);
        }
    }
}

/// Copies what can be copied without waiting for other connections. Returns the number of pages in the log.
fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}
