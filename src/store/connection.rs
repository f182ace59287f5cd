//! The settings that every connection to a history has.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for the locks of other connections.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the existing file at `path` for reading and writing.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// Opens the existing file at `path` for reading.
pub(super) fn open_read_only(path: &Path) -> rusqlite::Result<Connection> {
    open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // A connection is used by one thread at a time.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Otherwise SQLite prepares a statement anew for each value that it compares with the condition of a partial index.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The file may be a stranger's: its schema must not run functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is deleted is overwritten, also in a copy that SQLite makes through this connection.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(connection)
}

/// Does `work` without waiting for the locks of other connections.
pub(super) fn without_waiting<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.busy_timeout(Duration::ZERO)?;
    let done = work(connection);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    done
}

/// Sets whether SQLite moves the log into the database when the last connection closes. It must not if the file is damaged or was harmed.
pub(super) fn set_checkpoint_on_close(connection: &Connection, is_on: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !is_on).map(drop)
}
