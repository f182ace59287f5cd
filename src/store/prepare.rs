//! Prepares a history for writing: checks whose file it is, sets the pragmas, migrates it, and reads enough to notice plain damage.

use super::error::opening_failed;
use super::format::PAGE_SIZE;
use super::{Reader, StoreError, connection, schema, stranger};
use rusqlite::Connection;
use std::path::Path;

/// SQLite shortens the log to this many bytes when it starts again.
const JOURNAL_SIZE_LIMIT: i64 = 64 << 20;

/// The run that stored these events has ended, so their senders wait no longer. 1 is pending, 3 unknown.
const END_EARLIER_RUNS: &str = "UPDATE event SET status = 3 WHERE status = 1";

/// How many forwards of a lane a run may have begun without storing how they ended: those in flight, and those being stored.
const MOST_BEGUN: i64 = 96;
/// The run that stored these forwards has ended without saying which it had begun. A lane begins them in order.
const END_BEGUN: &str = "UPDATE forward SET state = 'unknown' WHERE state = 'pending' AND (event, place) IN \
     (SELECT event, place FROM (SELECT event, place, row_number() OVER (PARTITION BY place, target ORDER BY event) AS turn \
     FROM forward WHERE state = 'pending') WHERE turn <= ?1)";
/// The others were not begun. At a regular end, none were.
pub(super) const END_QUEUED: &str = "UPDATE forward SET state = 'queued' WHERE state = 'pending'";

/// When a commit is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// When it returns.
    Immediate,
    /// After the next sync. The receiver syncs with its next event, and the last process to leave syncs at the end. For deliveries only:
    /// no sender waits for them.
    Later,
    /// Never: the history goes with the program.
    Ephemeral,
}

/// Opens the history at `path`, creates its tables or migrates them if necessary. The connection leaves the log alone when it closes,
/// until [`connection::set_checkpoint_on_close`] allows it.
///
/// # Errors
/// [`StoreError::Damaged`] among others.
pub(super) fn prepare(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    let failed = |source| opening_failed(path, source);
    let mut connection = connect(path)?;
    set_pragmas(&connection, durability).map_err(failed)?;
    schema::migrate(&mut connection).map_err(failed)?;
    touch(&connection).map_err(failed)?;
    Reader::open(path)?.glance()?;
    Ok(connection)
}

/// As [`prepare`], for the first process to open the history: no other run is receiving events.
pub(super) fn prepare_first(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    let connection = prepare(path, durability)?;
    let end = || {
        connection.execute(END_EARLIER_RUNS, [])?;
        connection.execute(END_BEGUN, [MOST_BEGUN])?;
        connection.execute(END_QUEUED, [])
    };
    end().map_err(|source| opening_failed(path, source))?;
    Ok(connection)
}

/// As [`prepare`], for a history that another process has prepared. `None` if it has an older format than this build's, which cannot be
/// migrated while another process has it open.
pub(super) fn join(path: &Path, durability: Durability) -> Result<Option<Connection>, StoreError> {
    let failed = |source| opening_failed(path, source);
    let connection = connect(path)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if found != schema::newest_version() {
        return Ok(None);
    }
    set_pragmas(&connection, durability).map_err(failed)?;
    Ok(Some(connection))
}

/// Connects to a history of this format or an older one.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| opening_failed(path, source);
    let connection = connection::open(path).map_err(failed)?;
    // If the file turns out to be damaged, it must stay as it is.
    connection::set_checkpoint_on_close(&connection, false).map_err(failed)?;
    refuse_foreign(&connection, path)?;
    Ok(connection)
}

fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |source| opening_failed(path, source);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    if tables > 0 && id != schema::APPLICATION_ID {
        return Err(stranger::without_mark(connection, path));
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let known = schema::newest_version();
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// `page_size` and `auto_vacuum` take effect on new files only, and only before WAL is set.
fn set_pragmas(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    // In a file with pages it would be a write, and a damaged file must stay as it is.
    if connection.pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0))? == 0 {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    let synchronous = match durability {
        Durability::Immediate => "FULL",
        Durability::Later => "NORMAL",
        Durability::Ephemeral => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL_SIZE_LIMIT, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(())
}

/// Reads the last row of each table and begins a write. Plain damage shows before the screen opens, and the log exists afterwards.
fn touch(connection: &Connection) -> rusqlite::Result<()> {
    for (table, number) in [("event", "seq"), ("request", "seq"), ("delivery", "id")] {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {number} DESC LIMIT 1"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT")
}
