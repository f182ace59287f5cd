//! Reads a whole history and finds what is damaged.

use super::convert::{self, DELIVERY_COLUMNS, FORWARD_COLUMNS, SUMMARY_COLUMNS};
use super::error::is_damage;
use super::{StoreError, annotations};
use rusqlite::{Connection, OptionalExtension, Row};

/// A table of the history, and how a damaged row of it is named and deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Event,
    Request,
    Override,
    /// Its rows have the number of their event, so several rows may share one.
    Forward,
    Delivery,
    Annotation,
    /// The numbers of deleted events.
    Deleted,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Request => "request",
            Self::Override => "answered_by_order",
            Self::Forward => "forward",
            Self::Delivery => "delivery",
            Self::Annotation => "annotation",
            Self::Deleted => "deleted",
        }
    }

    pub(super) fn delete(self) -> &'static str {
        match self {
            Self::Event => "DELETE FROM event WHERE seq = ?1",
            Self::Request => "DELETE FROM request WHERE seq = ?1",
            Self::Override => "DELETE FROM answered_by_order WHERE seq = ?1",
            Self::Forward => "DELETE FROM forward WHERE event = ?1",
            Self::Delivery => "DELETE FROM delivery WHERE id = ?1",
            Self::Annotation => "DELETE FROM annotation WHERE seq = ?1",
            Self::Deleted => "DELETE FROM deleted WHERE seq = ?1",
        }
    }
}

/// The first damage found, if any: a page out of order, a row that cannot be read, or an event without its bytes.
pub(super) fn damage(connection: &Connection) -> Result<Option<String>, StoreError> {
    let found = || -> rusqlite::Result<Option<String>> {
        let pages: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if pages != "ok" {
            // The lines before it name the database.
            return Ok(pages.lines().last().map(str::to_owned));
        }
        let mut first = None;
        unreadable(connection, |table, number| {
            first.get_or_insert_with(|| format!("row {number} of `{}` cannot be read", table.name()));
        })?;
        if first.is_some() {
            return Ok(first);
        }
        // A reader's own `event` leaves out deleted events.
        let unpaired = "SELECT seq FROM main.event WHERE seq NOT IN (SELECT seq FROM request) \
                    UNION ALL SELECT seq FROM request WHERE seq NOT IN (SELECT seq FROM main.event) LIMIT 1";
        let unpaired: Option<i64> = connection.query_row(unpaired, [], |row| row.get(0)).optional()?;
        Ok(unpaired.map(|seq| format!("the summary or the bytes of event {seq} are missing")))
    };
    match found() {
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        other => Ok(other?),
    }
}

/// Calls `each` with every row that holds something that hookglass never writes.
///
/// # Errors
/// When a page cannot be read, or the tables are not there.
pub(super) fn unreadable(connection: &Connection, mut each: impl FnMut(Table, i64)) -> rusqlite::Result<()> {
    let mut look = |table, sql: &str, decode: fn(&Row<'_>) -> rusqlite::Result<()>, number: usize| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if decode(row).is_err() {
                each(table, row.get(number)?);
            }
        }
        Ok::<_, rusqlite::Error>(())
    };
    let event = |row: &Row<'_>| convert::verification(row, &convert::summary(row)?, 13, 14).map(drop);
    look(Table::Event, &format!("SELECT {SUMMARY_COLUMNS}, scheme, secret FROM main.event"), event, 0)?;
    look(Table::Request, "SELECT seq, head FROM request", |row| convert::head(row, 1).map(drop), 0)?;
    let override_text = |row: &Row<'_>| row.get::<_, String>(1).map(drop);
    look(Table::Override, "SELECT seq, directive FROM answered_by_order", override_text, 0)?;
    let annotation = |row: &Row<'_>| annotations::annotation(row, 1).map(drop);
    look(Table::Annotation, "SELECT seq, is_pinned, is_imported, note FROM annotation", annotation, 0)?;
    let forward = |row: &Row<'_>| convert::forward(row).and_then(|_| convert::forward_state(row, 4)).map(drop);
    look(Table::Forward, &format!("SELECT {FORWARD_COLUMNS}, state FROM forward"), forward, 0)?;
    let delivery = format!("SELECT {DELIVERY_COLUMNS}, id FROM delivery");
    look(Table::Delivery, &delivery, |row| convert::delivery(row).map(drop), 18)
}
