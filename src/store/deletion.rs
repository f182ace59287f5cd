//! Deletes events in two steps.
//!
//! First an event is *hidden*: its number goes into the table `deleted`. No reader finds it from then on, and until hookglass exits it can
//! be restored. Later it is *erased*, with everything that refers to it. Every connection that writes has `secure_delete` set, so
//! SQLite overwrites what it deletes with zeros. The number stays in `deleted` until the log, which may hold older versions of pages, is
//! empty: a repair must not bring the event back.

use super::connection;
use super::convert::{signed, unsigned};
use crate::core::event::Seq;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// The most events that are erased in one transaction, and about how many bytes of them. Commits of new events wait for it.
pub(super) const STEP: usize = 64;
const STEP_BYTES: u64 = 4 << 20;
/// How long emptying the log may wait for readers. Commits of another process wait for it too.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long erasing may take when hookglass exits. The next start erases the rest.
const LAST_WORK: Duration = Duration::from_secs(2);

/// 1 is a pending response. A forward of an earlier run, up to event `?2`, is no longer pending, whatever its state.
const HIDE: &str = "INSERT OR IGNORE INTO deleted SELECT seq FROM event WHERE seq = ?1 AND status <> 1 \
     AND (seq <= ?2 OR NOT EXISTS (SELECT 1 FROM forward WHERE event = ?1 AND state = 'pending'))";
const RESTORE: &str = "DELETE FROM deleted WHERE seq = ?1";
const IS_HIDDEN: &str = "SELECT EXISTS (SELECT 1 FROM deleted WHERE seq = ?1)";
const IS_SHOWN: &str = "SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1) AND ?1 NOT IN (SELECT seq FROM deleted)";
const NOTE_HIGHEST: &str = "INSERT INTO erased (only, count, highest) \
     VALUES (0, 0, (SELECT seq FROM sqlite_sequence WHERE name = 'event')) \
     ON CONFLICT (only) DO UPDATE SET highest = excluded.highest";
const ERASE_RELATED: [&str; 5] = [
    "DELETE FROM forward WHERE event = ?1",
    "DELETE FROM delivery WHERE event = ?1",
    "DELETE FROM answered_by_order WHERE seq = ?1",
    "DELETE FROM annotation WHERE seq = ?1",
    "DELETE FROM request WHERE seq = ?1",
];
const ERASE_EVENT: &str = "DELETE FROM event WHERE seq = ?1";
const SIZE: &str = "SELECT size FROM event WHERE seq = ?1";
const COUNT_ERASED: &str = "UPDATE erased SET count = count + ?1";
const HIDDEN_AFTER: &str =
    "SELECT seq FROM deleted WHERE seq > ?1 AND seq IN (SELECT seq FROM event) ORDER BY seq LIMIT ?2";
const FORGET: &str = "DELETE FROM deleted WHERE seq NOT IN (SELECT seq FROM event)";

/// Hides the events `seqs`, except those with a pending response or forward. `earlier`: the last event of earlier runs.
pub(super) fn hide(connection: &Connection, seqs: &[Seq], earlier: Seq) -> rusqlite::Result<()> {
    let mut hide = connection.prepare_cached(HIDE)?;
    for seq in seqs {
        hide.execute([signed(*seq), signed(earlier)])?;
    }
    // A repair must not give a number a second time, even if the newest events are gone.
    connection.prepare_cached(NOTE_HIGHEST)?.execute([]).map(drop)
}

/// Restores hidden events.
pub(super) fn restore(connection: &Connection, seqs: &[Seq]) -> rusqlite::Result<()> {
    let mut restore = connection.prepare_cached(RESTORE)?;
    seqs.iter().try_for_each(|seq| restore.execute([signed(*seq)]).map(drop))
}

/// Which of `seqs` are in the history and not hidden. A repair may have dropped a hidden event for good.
pub(super) fn shown_among(connection: &Connection, seqs: &[Seq]) -> rusqlite::Result<Vec<Seq>> {
    among(connection, IS_SHOWN, seqs)
}

/// Which of `seqs` are hidden.
pub(super) fn hidden_among(connection: &Connection, seqs: &[Seq]) -> rusqlite::Result<Vec<Seq>> {
    among(connection, IS_HIDDEN, seqs)
}

fn among(connection: &Connection, sql: &str, seqs: &[Seq]) -> rusqlite::Result<Vec<Seq>> {
    let mut is_so = connection.prepare_cached(sql)?;
    let mut found = Vec::new();
    for seq in seqs {
        if is_so.query_row([signed(*seq)], |row| row.get(0))? {
            found.push(*seq);
        }
    }
    Ok(found)
}

/// The first `limit` hidden events after `seq` that are not erased yet.
pub(super) fn hidden_after(connection: &Connection, seq: Seq, limit: usize) -> rusqlite::Result<Vec<Seq>> {
    let mut statement = connection.prepare_cached(HIDDEN_AFTER)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    statement.query_map(params![signed(seq), limit], |row| row.get(0).map(unsigned))?.collect()
}

/// Erases the first of the hidden events `seqs` in one transaction: at least one, and at most [`STEP`]. Returns how many.
pub(super) fn erase(connection: &Connection, seqs: &[Seq]) -> rusqlite::Result<usize> {
    in_transaction(connection, || erase_rows(connection, seqs))
}

fn erase_rows(connection: &Connection, seqs: &[Seq]) -> rusqlite::Result<usize> {
    let (mut done, mut events, mut bytes) = (0, 0, 0);
    for seq in seqs.iter().take(STEP) {
        if bytes >= STEP_BYTES {
            break;
        }
        done += 1;
        let size = connection.prepare_cached(SIZE)?.query_row([signed(*seq)], |row| row.get(0)).optional()?;
        bytes += size.map_or(0, unsigned);
        for sql in ERASE_RELATED {
            connection.prepare_cached(sql)?.execute([signed(*seq)])?;
        }
        events += connection.prepare_cached(ERASE_EVENT)?.execute([signed(*seq)])?;
    }
    connection.prepare_cached(COUNT_ERASED)?.execute([signed(events as u64)])?;
    Ok(done)
}

/// Deletes the first of `seqs` for good, except those with a pending response or forward. Must run in a transaction. Returns how many it
/// handled: at least one, and at most [`STEP`].
pub(super) fn erase_at_once(connection: &Connection, seqs: &[Seq], earlier: Seq) -> rusqlite::Result<usize> {
    let some = &seqs[..seqs.len().min(STEP)];
    hide(connection, some, earlier)?;
    let hidden = hidden_among(connection, some)?;
    let (_, rest) = hidden.split_at(erase_rows(connection, &hidden)?);
    restore(connection, rest)?;
    let handled = rest.first().and_then(|next| some.iter().position(|seq| seq == next));
    Ok(handled.unwrap_or(some.len()))
}

pub(super) fn in_transaction<T>(
    connection: &Connection,
    work: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = work().and_then(|done| connection.execute_batch("COMMIT").map(|()| done));
    if done.is_err() && !connection.is_autocommit() {
        // SQLite may have rolled back itself.
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

/// Erases all hidden events of a database that nobody else has open.
pub(super) fn erase_all(connection: &Connection) -> rusqlite::Result<()> {
    erase_until(connection, |_| false).map(drop)
}

/// Erases hidden events until none is left, or `is_over`. Returns whether none is left.
fn erase_until(connection: &Connection, is_over: impl Fn(Seq) -> bool) -> rusqlite::Result<bool> {
    let mut last = 0;
    loop {
        let seqs = hidden_after(connection, last, STEP)?;
        if seqs.is_empty() {
            return Ok(true);
        }
        last = seqs[erase(connection, &seqs)? - 1];
        if is_over(last) {
            return Ok(false);
        }
    }
}

/// Erases what is hidden in the history at `path`, when hookglass exits: from now on nothing can be restored. Errors are dropped: the next
/// start erases the rest.
pub(super) fn finish(path: &Path) {
    let started = Instant::now();
    let finished = || -> rusqlite::Result<()> {
        let connection = connection::open(path)?;
        if hidden_after(&connection, 0, 1)?.is_empty() {
            return forget(&connection);
        }
        erase_until(&connection, |_| started.elapsed() >= LAST_WORK)?;
        forget(&connection)
    };
    let _ = finished();
}

/// Empties the log, and then forgets the numbers of erased events. Waits for readers, but not long.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    let is_any: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM deleted)", [], |row| row.get(0))?;
    if !is_any {
        return Ok(());
    }
    connection.busy_timeout(PATIENCE)?;
    forget_now(connection)
}

/// As [`forget`], with the patience of the connection.
pub(super) fn forget_now(connection: &Connection) -> rusqlite::Result<()> {
    let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    // A reader still needs the log. The numbers stay until the next time.
    if !is_busy {
        connection.execute(FORGET, [])?;
    }
    Ok(())
}
