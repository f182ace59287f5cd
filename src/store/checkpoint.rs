//! Moves the log into the database from a thread of its own, so that no commit waits for it.
//!
//! The thread copies all but the newest pages while commits go on. Under load some are always newer, and the log could
//! never start again; so once it is long, the writer copies the few that are left itself, between two commits.

use super::connection;
use super::format::PAGE;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Pages in the log, about, at which the thread is woken: 4 MiB.
const WAKE_AT: usize = 256;
/// Pages in the log at which the writer is asked to copy what the thread left: 16 MiB. A log that starts again soon is written over the blocks
/// and cached pages that it has already.
const FINISH_AT: i64 = 1024;
/// Pages that a commit writes besides those it fills.
const PAGES_A_COMMIT: usize = 3;

/// Dropping it waits for the thread to end.
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    is_asked_to_finish: Arc<AtomicBool>,
    /// Pages written to the log since the thread was woken, about.
    pages: usize,
}

impl Checkpointer {
    /// Starts the thread; without one the writer does all the work itself.
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
            // Busy means that the thread is at it; it will ask again.
            let _ = checkpoint(writer);
        }
        if self.pages < WAKE_AT {
            return;
        }
        self.pages = 0;
        match (&self.thread, &self.wake) {
            // A full channel means that the thread is going to look anyway.
            (Some(_), Some(wake)) => drop(wake.try_send(())),
            _ => drop(checkpoint(writer)),
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been told by the panic hook.
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

/// Copies what can be copied without waiting for anyone; how many pages the log has.
fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}
