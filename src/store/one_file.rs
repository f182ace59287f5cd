//! Leaves one file behind: moves the log back into the database and removes it.
//!
//! SQLite does so when the last connection closes, but not if that connection is read-only, as most connections of hookglass are.

use super::connection;
use super::files::beside;
use super::resolve::resolve;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long readers and writers in other processes may delay the copying of the log.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// Opens and closes the history at `path`. SQLite then removes the log, unless another connection is open. With `is_receiver`, the log is
/// emptied even then.
///
/// Errors are dropped: the user can do nothing about them, and the next start copies what is still in the log.
pub(super) fn close(path: &Path, is_receiver: bool) {
    let closed = connect(path).and_then(|connection| {
        if is_receiver {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        connection.close().map_err(|(_, error)| error)
    });
    drop(closed);
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // SQLite opens the log with the first read, and a connection without the log does not remove it.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Leaves one file when it is dropped, unless another process has the history open.
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
