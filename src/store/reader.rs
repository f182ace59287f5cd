//! Reading the history: any number of readers, on any thread, in any process, whether it is being written to or not.

use super::closing::AfterReading;
use super::convert::{self, DELIVERY_COLUMNS, FORWARD_COLUMNS, SUMMARY_COLUMNS, signed, unsigned};
use super::damage::Alarm;
use super::error::is_damage;
use super::identity::FileId;
use super::lock::is_locked;
use super::open::failed_opening;
use super::{Opening, StoreError, check, schema};
use crate::core::delivery::{Delivery, Ending, Forward, Origin};
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::response::ResponseState;
use rusqlite::{Connection, InterruptHandle, OpenFlags, OptionalExtension, Params, Row, params};
use std::cell::{Ref, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

const IS_ANY_PENDING: &str = "SELECT EXISTS (SELECT 1 FROM event WHERE status = 1)";

/// A read-only connection to the history at its path: when a repair has replaced the file, the next read is from the new one.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    open: RefCell<Open>,
    alarm: Option<Alarm>,
    /// Dropped after the connection.
    _closing: Option<AfterReading>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    file: FileId,
    /// Whether the run that senders waited for has ended.
    is_run_over: bool,
    /// How often the file was replaced.
    replaced: u32,
}

/// A state of the history: another one after anybody has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    replaced: u32,
    written: i64,
}

impl Reader {
    /// Opens the history at `path` for reading.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none; others when it is not ours or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, None)
    }

    /// As [`Reader::open`]; `alarm` is raised when something cannot be read because the file is damaged.
    pub(super) fn open_with(path: &Path, alarm: Option<Alarm>) -> Result<Self, StoreError> {
        Ok(Self { path: path.to_owned(), open: RefCell::new(Open::new(path, 0)?), alarm, _closing: None })
    }

    /// Another reader on the same history.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn another(&self) -> Result<Self, StoreError> {
        Self::open_with(&self.path, self.alarm.clone())
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
        self.read(|open| {
            let mut statement = open.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([signed(up_to)])?;
            while let Some(row) = rows.next()? {
                each(open.summary(row)?);
            }
            Ok(())
        })
    }

    /// One event with its bytes, if there is one with that number.
    pub fn event(&self, seq: Seq) -> Result<Option<Event>, StoreError> {
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, scheme, secret, head, body, directive FROM event JOIN request USING (seq) \
             LEFT JOIN answered_by_order USING (seq) WHERE seq = ?1"
        );
        self.read(|open| {
            let event = open.connection.prepare_cached(&sql)?.query_row([signed(seq)], |row| {
                let summary = open.summary(row)?;
                let verification = convert::verification(row, &summary, 13, 14)?;
                let (head, body) = (convert::head(row, 15)?, convert::body(row, 16)?);
                Ok(Event { summary, verification, head, body, override_text: row.get(17)? })
            });
            event.optional()
        })
    }

    /// Where one event goes or went, in the order of the routes that it was stored with.
    pub fn forwards(&self, seq: Seq) -> Result<Vec<Forward>, StoreError> {
        let sql = format!("SELECT {FORWARD_COLUMNS} FROM forward WHERE event = ?1 ORDER BY place");
        self.rows(&sql, [signed(seq)], |row| Ok(convert::forward(row)?.1))
    }

    /// The first `limit` forwards of all events after the one at `place` of event `seq`, in order.
    pub fn forwards_after(&self, seq: Seq, place: usize, limit: usize) -> Result<Vec<(Seq, Forward)>, StoreError> {
        let sql = format!(
            "SELECT {FORWARD_COLUMNS} FROM forward WHERE (event, place) > (?1, ?2) ORDER BY event, place LIMIT ?3"
        );
        self.rows(&sql, params![signed(seq), signed(place as u64), limit_of(limit)], convert::forward)
    }

    /// The newest `limit` deliveries of one event, in the order in which they ended.
    pub fn deliveries(&self, seq: Seq, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("SELECT {DELIVERY_COLUMNS} FROM delivery WHERE event = ?1 ORDER BY id DESC LIMIT ?2");
        let mut deliveries = self.rows(&sql, [signed(seq), limit_of(limit)], convert::delivery)?;
        deliveries.reverse();
        Ok(deliveries)
    }

    /// How many deliveries of one event there are.
    pub fn delivery_count(&self, seq: Seq) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM delivery WHERE event = ?1", [signed(seq)])
    }

    /// How each delivery up to and with number `up_to` ended and how many microseconds it took, the oldest first, by event. Rehearsals
    /// say nothing of the event and are left out.
    pub fn for_each_ending(
        &self,
        up_to: u64,
        mut each: impl FnMut(Seq, Origin, Ending, u64),
    ) -> Result<(), StoreError> {
        self.read(|open| {
            let mut statement = open.connection.prepare_cached(
                "SELECT event, status, is_cut, failure_kind, total_us, origin, rehearsal FROM delivery \
                 WHERE id <= ?1 AND origin <> 'rehearsed' ORDER BY id",
            )?;
            let mut rows = statement.query([signed(up_to)])?;
            while let Some(row) = rows.next()? {
                let origin = convert::origin(row, 5, 6)?;
                each(unsigned(row.get(0)?), origin, convert::ending(row, 1, 2, 3)?, unsigned(row.get(4)?));
            }
            Ok(())
        })
    }

    /// The number of the newest delivery; 0 when there is none.
    pub fn last_delivery(&self) -> Result<u64, StoreError> {
        self.number("SELECT coalesce(max(id), 0) FROM delivery", [])
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
        self.rows(&sql, params![signed(after), own.number(), limit_of(limit)], |row| {
            Ok((unsigned(row.get(18)?), convert::delivery(row)?))
        })
    }

    pub fn version(&self) -> Result<Version, StoreError> {
        self.read(|Open { connection, replaced, .. }| {
            let written = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
            Ok(Version { replaced: *replaced, written })
        })
    }

    /// The number of the newest event; 0 when there is none.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.number("SELECT coalesce(max(seq), 0) FROM event", [])
    }

    /// The first `limit` requests after `seq` whose bodies are kept, to be judged again.
    pub fn requests_to_reverify(&self, seq: Seq, limit: usize) -> Result<Vec<(Seq, Arrival)>, StoreError> {
        let sql = "SELECT seq, received_at_us, head, body FROM event JOIN request USING (seq) \
                   WHERE seq > ?1 AND reason IS NOT 'body-too-large' ORDER BY seq LIMIT ?2";
        self.rows(sql, params![signed(seq), limit_of(limit)], |row| {
            let arrival = Arrival {
                received_at: convert::timestamp_us(row, 1)?,
                head: convert::head(row, 2)?,
                body: convert::body(row, 3)?,
            };
            Ok((unsigned(row.get(0)?), arrival))
        })
    }

    /// The fingerprint of the secrets with which all events have been judged, if that is known.
    pub fn judged_with(&self) -> Result<Option<[u8; 32]>, StoreError> {
        self.read(|open| {
            let mut statement = open.connection.prepare_cached("SELECT fingerprint FROM judged_with")?;
            statement.query_row([], |row| row.get(0)).optional()
        })
    }

    /// Ends from another thread what this reader is doing, while it reads from the file that is open now.
    pub(super) fn interrupt_handle(&self) -> InterruptHandle {
        self.open.borrow().connection.get_interrupt_handle()
    }

    /// Copies all of the history, as it is at one moment, into the empty file at `path`. It reads from the file that is open now, so that
    /// an [`interrupt_handle`](Self::interrupt_handle) ends it.
    pub(super) fn copy_into(&self, path: &Path) -> rusqlite::Result<()> {
        let path = path.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(path.to_owned()))?;
        self.open.borrow().connection.execute("VACUUM main INTO ?1", [path]).map(drop)
    }

    /// Reads what a start needs, so that damage there shows before anything else is begun.
    pub(super) fn glance(&self) -> Result<(), StoreError> {
        const FIRST_EVENTS: usize = 256;
        self.newest(FIRST_EVENTS)?;
        self.last_delivery()?;
        self.judged_with()?;
        Ok(())
    }

    /// Looks through the whole file that is open now; what is wrong with it, if anything.
    pub(super) fn check(&self) -> (FileId, Result<Option<String>, StoreError>) {
        let open = self.open.borrow();
        (open.file, check::damage(&open.connection))
    }

    fn summaries(&self, sql: &str, parameters: impl Params) -> Result<Vec<Summary>, StoreError> {
        self.read(|open| open.connection.prepare_cached(sql)?.query_map(parameters, |row| open.summary(row))?.collect())
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.read(|open| open.connection.prepare_cached(sql)?.query_map(parameters, row)?.collect())
    }

    fn number(&self, sql: &str, parameters: impl Params) -> Result<u64, StoreError> {
        self.read(|open| open.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).map(unsigned))
    }

    /// Reads from the file that is at the path now.
    fn read<T>(&self, read: impl FnOnce(&Open) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let open = self.follow();
        read(&open).map_err(|source| {
            if !is_damage(&source) {
                return StoreError::Read(source);
            }
            if let Some(alarm) = &self.alarm {
                alarm.raise(open.file, source.to_string());
            }
            StoreError::Damaged { path: self.path.clone(), cause: source }
        })
    }

    /// Opens the file that is at the path now, if it is another one. While there is none, or none that can be read, the old one serves.
    fn follow(&self) -> Ref<'_, Open> {
        // One who reads while reading reads from one file.
        if let Ok(mut open) = self.open.try_borrow_mut()
            && FileId::of(&self.path).is_ok_and(|file| file != open.file)
            && let Ok(new) = Open::new(&self.path, open.replaced.wrapping_add(1))
        {
            *open = new;
        }
        self.open.borrow()
    }
}

impl Open {
    fn new(path: &Path, replaced: u32) -> Result<Self, StoreError> {
        // Before it is opened, so that a file that is replaced in between is opened once more.
        let Ok(file) = FileId::of(path) else { return Err(StoreError::Missing { path: path.to_owned() }) };
        let failed = |source| failed_opening(path, source);
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
        Ok(Self { connection, file, is_run_over, replaced })
    }

    fn summary(&self, row: &Row<'_>) -> rusqlite::Result<Summary> {
        let mut summary = convert::summary(row)?;
        if self.is_run_over && summary.response == ResponseState::Pending {
            summary.response = ResponseState::Unknown;
        }
        Ok(summary)
    }
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
