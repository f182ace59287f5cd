//! Reading the history: any number of readers, on any thread, in any process, whether it is being written to or not.

use super::closing::AfterReading;
use super::convert::{self, DELIVERY_COLUMNS, FORWARD_COLUMNS, SUMMARY_COLUMNS, signed, unsigned};
use super::lock::is_locked;
use super::{Opening, StoreError, schema};
use crate::core::delivery::{Delivery, Ending, Forward, Origin};
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::response::ResponseState;
use rusqlite::{Connection, InterruptHandle, OpenFlags, OptionalExtension, Params, Row, params};
use std::path::Path;
use std::time::Duration;

const IS_ANY_PENDING: &str = "SELECT EXISTS (SELECT 1 FROM event WHERE status = 1)";

/// A read-only connection to the history.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    /// Whether the run that senders waited for has ended.
    is_run_over: bool,
    /// Dropped after the connection.
    _closing: Option<AfterReading>,
}

impl Reader {
    /// Opens the history at `path` for reading.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none; others when it is not ours or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let failed = |source| StoreError::Open { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(Duration::from_secs(2)).map_err(failed)?;
        connection.pragma_update(None, "trusted_schema", false).map_err(failed)?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
        let (found, known) = (number("user_version")?, schema::newest_version());
        if number("application_id")? != i64::from(schema::APPLICATION_ID) {
            let is_empty = number("schema_version")? == 0;
            let path = path.to_owned();
            return Err(if is_empty { StoreError::Missing { path } } else { StoreError::Foreign { path } });
        }
        if found > known {
            return Err(StoreError::Newer { path: path.to_owned(), found, known });
        }
        schema::view_as_newest(&connection, found).map_err(failed)?;
        let is_run_over = found >= schema::FORWARD_VERSION
            && connection.query_row(IS_ANY_PENDING, [], |row| row.get(0)).map_err(failed)?
            && !is_locked(path);
        Ok(Self { connection, is_run_over, _closing: None })
    }

    /// As [`Reader::open`], for a program that opens the history in no other way. When this is dropped, and nobody else has the history
    /// open, one file is left, as a connection that only reads cannot do.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_alone(path: &Path) -> Result<Self, StoreError> {
        let reader = Self::open(path)?;
        Ok(Self { _closing: Some(AfterReading::new(path)), ..reader })
    }

    /// The newest `limit` events, oldest first.
    ///
    /// # Errors
    /// Here and below: when the file cannot be read.
    pub fn newest(&self, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event ORDER BY seq DESC LIMIT ?1");
        let mut summaries = self.summaries(&sql, [limit_of(limit)])?;
        summaries.reverse();
        Ok(summaries)
    }

    /// The first `limit` events after `seq`, oldest first.
    pub fn after(&self, seq: Seq, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.summaries(&sql, [signed(seq), limit_of(limit)])
    }

    /// Gives every event up to and with `up_to`, oldest first, to `each`.
    pub fn for_each_summary(&self, up_to: Seq, mut each: impl FnMut(Summary)) -> Result<(), StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event WHERE seq <= ?1 ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([signed(up_to)])?;
        while let Some(row) = rows.next()? {
            each(self.summary(row)?);
        }
        Ok(())
    }

    /// One event with its bytes, if there is one with that number.
    pub fn event(&self, seq: Seq) -> Result<Option<Event>, StoreError> {
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, scheme, secret, head, body, directive FROM event JOIN request USING (seq) \
             LEFT JOIN answered_by_order USING (seq) WHERE seq = ?1"
        );
        let event = self.connection.prepare_cached(&sql)?.query_row([signed(seq)], |row| {
            let summary = self.summary(row)?;
            let verification = convert::verification(row, &summary, 13, 14)?;
            let (head, body) = (convert::head(row, 15)?, convert::body(row, 16)?);
            Ok(Event { summary, verification, head, body, override_text: row.get(17)? })
        });
        Ok(event.optional()?)
    }

    /// Where one event goes or went, in the order of the routes that it was stored with.
    pub fn forwards(&self, seq: Seq) -> Result<Vec<Forward>, StoreError> {
        let sql = format!("SELECT {FORWARD_COLUMNS} FROM forward WHERE event = ?1 ORDER BY place");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([signed(seq)], convert::forward)?;
        Ok(rows.map(|row| row.map(|(_, forward)| forward)).collect::<Result<_, _>>()?)
    }

    /// The first `limit` forwards of all events after the one at `place` of event `seq`, in order.
    pub fn forwards_after(&self, seq: Seq, place: usize, limit: usize) -> Result<Vec<(Seq, Forward)>, StoreError> {
        let sql = format!(
            "SELECT {FORWARD_COLUMNS} FROM forward WHERE (event, place) > (?1, ?2) ORDER BY event, place LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![signed(seq), signed(place as u64), limit_of(limit)], convert::forward)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest `limit` deliveries of one event, in the order in which they ended.
    pub fn deliveries(&self, seq: Seq, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("SELECT {DELIVERY_COLUMNS} FROM delivery WHERE event = ?1 ORDER BY id DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([signed(seq), limit_of(limit)], convert::delivery)?;
        let mut deliveries = rows.collect::<Result<Vec<_>, _>>()?;
        deliveries.reverse();
        Ok(deliveries)
    }

    /// How many deliveries of one event there are.
    pub fn delivery_count(&self, seq: Seq) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT count(*) FROM delivery WHERE event = ?1")?;
        Ok(statement.query_row([signed(seq)], |row| row.get(0)).map(unsigned)?)
    }

    /// How each delivery up to and with number `up_to` ended and how many microseconds it took, the oldest first, by event. Rehearsals
    /// say nothing of the event and are left out.
    pub fn for_each_ending(
        &self,
        up_to: u64,
        mut each: impl FnMut(Seq, Origin, Ending, u64),
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT event, status, is_cut, failure_kind, total_us, origin, rehearsal FROM delivery \
             WHERE id <= ?1 AND origin <> 'rehearsed' ORDER BY id",
        )?;
        let mut rows = statement.query([signed(up_to)])?;
        while let Some(row) = rows.next()? {
            let origin = convert::origin(row, 5, 6)?;
            each(unsigned(row.get(0)?), origin, convert::ending(row, 1, 2, 3)?, unsigned(row.get(4)?));
        }
        Ok(())
    }

    /// The number of the newest delivery; 0 when there is none.
    pub fn last_delivery(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT coalesce(max(id), 0) FROM delivery")?;
        Ok(statement.query_row([], |row| row.get(0)).map(unsigned)?)
    }

    /// The first `limit` deliveries after number `after` that were not kept by `own`, with their numbers.
    pub fn deliveries_of_others(
        &self,
        after: u64,
        own: Opening,
        limit: usize,
    ) -> Result<Vec<(u64, Delivery)>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY_COLUMNS}, id FROM delivery WHERE id > ?1 AND opening IS NOT ?2 ORDER BY id LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![signed(after), own.number(), limit_of(limit)], |row| {
            Ok((unsigned(row.get(18)?), convert::delivery(row)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A number that is another one after anybody has written.
    pub fn version(&self) -> Result<i64, StoreError> {
        Ok(self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// The number of the newest event; 0 when there is none.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM event")?;
        Ok(statement.query_row([], |row| row.get(0)).map(unsigned)?)
    }

    /// The first `limit` requests after `seq` whose bodies are kept, to be judged again.
    pub fn requests_to_reverify(&self, seq: Seq, limit: usize) -> Result<Vec<(Seq, Arrival)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, received_at_us, head, body FROM event JOIN request USING (seq) \
             WHERE seq > ?1 AND reason IS NOT 'body-too-large' ORDER BY seq LIMIT ?2",
        )?;
        let rows = statement.query_map(params![signed(seq), limit_of(limit)], |row| {
            let arrival = Arrival {
                received_at: convert::timestamp_us(row, 1)?,
                head: convert::head(row, 2)?,
                body: convert::body(row, 3)?,
            };
            Ok((unsigned(row.get(0)?), arrival))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The fingerprint of the secrets with which all events have been judged, if that is known.
    pub fn judged_with(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT fingerprint FROM judged_with")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }

    /// Ends what this reader is doing, from another thread.
    pub(super) fn interrupt_handle(&self) -> InterruptHandle {
        self.connection.get_interrupt_handle()
    }

    /// Copies all of the history, as it is at one moment, into the empty file at `path`.
    pub(super) fn copy_into(&self, path: &Path) -> rusqlite::Result<()> {
        let path = path.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(path.to_owned()))?;
        self.connection.execute("VACUUM main INTO ?1", [path]).map(drop)
    }

    /// Looks through the whole file; what is wrong with it, if anything.
    pub(super) fn check(&self) -> Result<Option<String>, StoreError> {
        let found: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok(Some(found).filter(|found| found != "ok"))
    }

    fn summary(&self, row: &Row<'_>) -> rusqlite::Result<Summary> {
        let mut summary = convert::summary(row)?;
        if self.is_run_over && summary.response == ResponseState::Pending {
            summary.response = ResponseState::Unknown;
        }
        Ok(summary)
    }

    fn summaries(&self, sql: &str, parameters: impl Params) -> Result<Vec<Summary>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(parameters, |row| self.summary(row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
