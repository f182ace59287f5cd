//! Copies every readable row of a damaged history to a new file.

use super::log::Log;
use super::outcome::Copied;
use super::pages::Pages;
use super::rows::{Row, scan};
use super::summaries::add_missing;
use crate::store::convert::{signed, unsigned};
use crate::store::files::{beside, size_of};
use crate::store::format::{PAGE, PAGE_SIZE};
use crate::store::integrity::{Table, unreadable};
use crate::store::{SalvageError, connection, schema, shortage};
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Events copied between two reports.
const REPORT_EVERY: u64 = 20_000;
/// Every event takes more bytes than this.
const SMALLEST_EVENT: u64 = 64;
/// Columns of `delivery`; older formats have fewer.
const DELIVERY_COLUMNS: usize = 20;

/// Called with the number of copied events, and about how many there are.
pub(in crate::store) type Report<'a> = &'a mut dyn FnMut(u64, u64);

/// The damaged history while it is copied. Nobody else writes to it until this is dropped, if it can be locked at all.
pub(super) struct Source {
    _connection: Option<Connection>,
    _pages: Option<Pages>,
}

/// Copies what can be read of the history at `from` to the empty file at `to`. The copy is complete and synced when this returns.
pub(super) fn copy(
    from: &Path,
    database: Arc<File>,
    to: &Path,
    report: Report<'_>,
    stop: &AtomicBool,
) -> Result<(Copied, Source), SalvageError> {
    let failed = |error| {
        let size = size_of(to);
        let weight = usize::try_from(size).unwrap_or(usize::MAX);
        // SQLite was about to add a page.
        let shortage = shortage::of_error(&error, to, weight, || size + PAGE as u64);
        shortage.map_or(SalvageError::Write(error), SalvageError::Shortage)
    };
    let target = begin(to).map_err(failed)?;
    // If the database is empty, SQLite would remove its log.
    let is_empty = database.metadata()?.len() == 0;
    let connection = if is_empty { None } else { open_damaged(from).ok() };
    let log = Log::read(from).unwrap_or_default();
    let is_log_broken = log.is_broken;
    let pages = Pages::new(database, from, log).ok();
    let possible = highest_possible(from);
    let known = connection.as_ref().and_then(|source| highest(source, possible));
    // A broken log holds events that SQLite cannot see.
    let highest = known.filter(|_| !is_log_broken).unwrap_or(possible.max(known.unwrap_or(0)));
    let sequence = known.unwrap_or(0);
    let about = unsigned(if sequence > 0 { sequence } else { highest });
    let deliveries = connection.as_ref().map_or(0, |source| indexed_deliveries(source, possible));
    let mut copy =
        Copy { target: &target, failed: &failed, report, stop, highest, sequence, about, deliveries, requests: 0 };
    (copy.report)(0, about);
    if let Some(source) = &connection {
        copy.add_tables(source, possible)?;
    }
    if let Some(pages) = &pages {
        copy.add_pages(pages, possible)?;
    }
    let copied = copy.finish(connection.as_ref()).map_err(failed)?;
    target.execute_batch("COMMIT; PRAGMA journal_mode = WAL").map_err(failed)?;
    target.close().map_err(|(_, error)| failed(error))?;
    // Closing a handle drops this process's locks on the file. Nothing else has this one open.
    File::open(to)?.sync_all()?;
    Ok((copied, Source { _connection: connection, _pages: pages }))
}

/// The highest number of a delivery that the index lists, or 0. The delivery itself may be lost.
fn indexed_deliveries(source: &Connection, possible: i64) -> u64 {
    let indexed = "SELECT max(id) FROM (SELECT id FROM delivery INDEXED BY delivery_by_event)";
    let highest = source.query_row(indexed, [], |row| row.get(0)).map(unsigned);
    highest.ok().filter(|id| *id <= unsigned(possible)).unwrap_or(0)
}

/// Begins a new history in one transaction. Nothing needs to survive a crash before the copy is complete.
fn begin(path: &Path) -> rusqlite::Result<Connection> {
    let mut target = connection::open(path)?;
    target.pragma_update(None, "page_size", PAGE_SIZE)?;
    target.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "OFF")?;
    // `Copy::finish` removes rows without an event.
    target.pragma_update(None, "foreign_keys", false)?;
    schema::migrate(&mut target)?;
    target.execute_batch("BEGIN")?;
    Ok(target)
}

fn open_damaged(path: &Path) -> rusqlite::Result<Connection> {
    let source = connection::open(path)?;
    connection::set_checkpoint_on_close(&source, false)?;
    let format: i64 = source.pragma_query_value(None, "user_version", |row| row.get(0))?;
    schema::view_as_newest(&source, format)?;
    // Keeps other programs from writing. If it fails, everything readable is copied all the same.
    let _ = source.execute_batch("BEGIN IMMEDIATE");
    Ok(source)
}

/// An upper limit for the numbers of events, from the sizes of the files. Wrong only if a file became smaller.
fn highest_possible(path: &Path) -> i64 {
    signed((size_of(path) + size_of(&beside(path, "-wal"))) / SMALLEST_EVENT)
}

/// The highest number that was ever given to an event, or a higher one. Several places record it. One of them may be damaged. Deleting the
/// newest events lowers those in the middle.
fn highest(source: &Connection, possible: i64) -> Option<i64> {
    let query = |sql| source.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).ok()?.filter(|seq| *seq > 0);
    let found: Vec<_> = [
        "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
        "SELECT max(seq) FROM event",
        "SELECT max(seq) FROM request",
        "SELECT highest FROM erased",
    ]
    .into_iter()
    .filter_map(query)
    .collect();
    let is_agreed = |seq: &i64| found.iter().filter(|other| *other == seq).count() > 1;
    let agreed = found.iter().copied().filter(is_agreed).max();
    agreed.or_else(|| found.into_iter().filter(|seq| *seq <= possible).max())
}

/// The table of a row, recognized by its columns.
fn table_of(columns: &[Value]) -> Option<Table> {
    Some(match columns {
        [Value::Integer(1..)] => Table::Deleted,
        [Value::Integer(_), Value::Text(_)] => Table::Override,
        [Value::Integer(_), Value::Integer(_), Value::Integer(_), Value::Text(_)] => Table::Annotation,
        [Value::Integer(_), Value::Integer(_), Value::Text(_), Value::Integer(_), Value::Text(_)] => Table::Forward,
        [_, Value::Blob(_), Value::Blob(_)] => Table::Request,
        [_, Value::Integer(_), Value::Text(_), ..] if columns.len() == 15 => Table::Event,
        [_, Value::Integer(_), Value::Text(_), ..] if matches!(columns.len(), 16 | 18 | DELIVERY_COLUMNS) => {
            Table::Delivery
        }
        _ => return None,
    })
}

struct Copy<'a, F> {
    target: &'a Connection,
    failed: &'a F,
    report: Report<'a>,
    stop: &'a AtomicBool,
    /// No event has a higher number.
    highest: i64,
    /// The highest number known to have been given to an event, or 0.
    sequence: i64,
    /// About how many events there are. `highest` may be a wild guess.
    about: u64,
    /// The highest number known to have been given to a delivery, or 0.
    deliveries: u64,
    /// How many requests were copied.
    requests: u64,
}

impl<F: Fn(rusqlite::Error) -> SalvageError> Copy<'_, F> {
    /// Adds a row if the copy does not have it yet. Skips a row that violates a constraint: it is damaged.
    fn add(&mut self, table: Table, (number, mut columns): Row) -> Result<(), SalvageError> {
        if !matches!(table, Table::Delivery | Table::Forward) && number > self.highest {
            return Ok(());
        }
        if self.stop.load(Ordering::Relaxed) {
            return Err(SalvageError::Stopped);
        }
        let sql = match table {
            Table::Event => "INSERT OR IGNORE INTO event VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
            Table::Request => "INSERT OR IGNORE INTO request VALUES (?1,?2,?3)",
            Table::Override => "INSERT OR IGNORE INTO answered_by_order VALUES (?1,?2)",
            Table::Deleted => "INSERT OR IGNORE INTO deleted VALUES (?1)",
            Table::Annotation => "INSERT OR IGNORE INTO annotation VALUES (?1,?2,?3,?4)",
            Table::Forward => "INSERT OR IGNORE INTO forward VALUES (?1,?2,?3,?4,?5)",
            Table::Delivery => {
                columns.resize(DELIVERY_COLUMNS, Value::Null);
                "INSERT OR IGNORE INTO delivery \
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)"
            }
        };
        let added = self.target.prepare_cached(sql).and_then(|mut insert| insert.execute(params_from_iter(columns)));
        match added {
            Ok(1) if let Table::Request = table => {
                self.requests += 1;
                if self.requests.is_multiple_of(REPORT_EVERY) {
                    (self.report)(self.requests, self.about);
                }
            }
            Err(error) if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) => {
                return Err((self.failed)(error));
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds the rows that SQLite can read.
    fn add_tables(&mut self, source: &Connection, possible: i64) -> Result<(), SalvageError> {
        for (table, sql) in [
            (Table::Request, "SELECT * FROM request WHERE seq >= ?1 ORDER BY seq"),
            (Table::Event, "SELECT * FROM event WHERE seq >= ?1 ORDER BY seq"),
            (Table::Override, "SELECT * FROM answered_by_order WHERE seq >= ?1 ORDER BY seq"),
            (Table::Delivery, "SELECT * FROM delivery WHERE id >= ?1 ORDER BY id"),
            (Table::Annotation, "SELECT * FROM annotation WHERE seq >= ?1 ORDER BY seq"),
            (Table::Deleted, "SELECT * FROM deleted WHERE seq >= ?1 ORDER BY seq"),
        ] {
            scan(source, sql, self.highest.max(possible), |row| self.add(table, row))?;
        }
        self.add_forwards(source)
    }

    /// Adds the rows that are on the pages, whether or not SQLite finds them.
    fn add_pages(&mut self, pages: &Pages, possible: i64) -> Result<(), SalvageError> {
        pages.for_each_row(self.highest.max(possible), |row| match (table_of(&row.1), &row.1[..]) {
            (Some(table), _) => self.add(table, row),
            (None, [Value::Text(name), Value::Integer(seq)]) if name == "event" && *seq <= self.highest => {
                self.sequence = self.sequence.max(*seq);
                Ok(())
            }
            _ => Ok(()),
        })
    }

    /// Adds the forwards, event by event, so that an error affects one event only.
    fn add_forwards(&mut self, source: &Connection) -> Result<(), SalvageError> {
        const FORWARDS: &str = "SELECT event, place, target, is_awaited, state FROM forward WHERE event = ?1";
        let Ok(mut statement) = source.prepare(FORWARDS) else { return Ok(()) };
        let mut events = self.target.prepare("SELECT seq FROM request").map_err(self.failed)?;
        let mut events = events.query([]).map_err(self.failed)?;
        while let Some(event) = events.next().map_err(self.failed)? {
            let event: i64 = event.get(0).map_err(self.failed)?;
            let columns = |row: &rusqlite::Row<'_>| (0..5).map(|column| row.get(column)).collect();
            let Ok(rows) = statement.query_map([event], columns) else { continue };
            // Nothing can be read behind an error.
            for row in rows.map_while(Result::ok) {
                self.add(Table::Forward, (event, row))?;
            }
        }
        Ok(())
    }

    /// Removes rows that cannot be read back and rows without their event, and makes missing summaries. Counts the rest.
    fn finish(self, source: Option<&Connection>) -> rusqlite::Result<Copied> {
        let target = self.target;
        let mut bad = Vec::new();
        unreadable(target, |table, number| bad.push((table, number)))?;
        for (table, number) in bad {
            target.prepare_cached(table.delete())?.execute([number])?;
        }
        // Deleted events stay deleted, and `secure_delete` overwrites their bytes.
        let deleted = target.execute("DELETE FROM event WHERE seq IN (SELECT seq FROM deleted)", [])?;
        target.execute_batch(
            "DELETE FROM request WHERE seq IN (SELECT seq FROM deleted);
             DELETE FROM deleted;
             DELETE FROM event WHERE seq NOT IN (SELECT seq FROM request);
             DELETE FROM annotation WHERE seq NOT IN (SELECT seq FROM request);
             DELETE FROM answered_by_order WHERE seq NOT IN (SELECT seq FROM request);
             DELETE FROM forward WHERE event NOT IN (SELECT seq FROM request);
             DELETE FROM delivery WHERE event NOT IN (SELECT seq FROM request);",
        )?;
        let summarised = add_missing(target)?;
        let fingerprint = "SELECT fingerprint FROM judged_with";
        let judged_with: Option<Vec<u8>> =
            source.and_then(|source| source.query_row(fingerprint, [], |row| row.get(0)).ok());
        // Without the fingerprint, the next start verifies all events, including those with new summaries.
        if let Some(fingerprint) = judged_with.filter(|fingerprint| summarised == 0 && fingerprint.len() == 32) {
            target.execute("INSERT INTO judged_with VALUES (0, ?1)", [fingerprint])?;
        }
        // Stand-ins stay the same.
        let key = "SELECT key FROM redaction";
        let key: Option<Vec<u8>> = source.and_then(|source| source.query_row(key, [], |row| row.get(0)).ok());
        if let Some(key) = key.filter(|key| key.len() == 32) {
            target.execute("INSERT INTO redaction VALUES (0, ?1)", [key])?;
        }
        let number = |sql| target.query_row(sql, [], |row| row.get(0)).map(unsigned);
        let last = number("SELECT coalesce(max(seq), 0) FROM event")?;
        let sequence = last.max(unsigned(self.sequence));
        target.execute("DELETE FROM sqlite_sequence WHERE name = 'event'", [])?;
        target.execute("INSERT INTO sqlite_sequence VALUES ('event', ?1)", [signed(sequence)])?;
        let erased = "SELECT count FROM erased";
        let erased = source.and_then(|source| source.query_row(erased, [], |row| row.get(0)).ok()).map_or(0, unsigned);
        let deleted = erased + deleted as u64;
        if deleted > 0 {
            let row = [deleted, sequence].map(signed);
            target.execute("INSERT INTO erased VALUES (0, ?1, ?2)", row)?;
        }
        let events = number("SELECT count(*) FROM event")?;
        Ok(Copied {
            events,
            of_events: sequence.saturating_sub(deleted).max(events),
            deliveries: number("SELECT count(*) FROM delivery")?,
            of_deliveries: number("SELECT coalesce(max(id), 0) FROM delivery")?.max(self.deliveries),
            summarised,
        })
    }
}
