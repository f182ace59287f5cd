//! Reads the history. Any number of threads and processes may read while another one writes.

mod deliveries;
mod events;
mod extent;

pub use extent::Extent;

use super::convert::{self, unsigned};
use super::damage::Alarm;
use super::error::{is_damage, opening_failed};
use super::files::{FileId, beside, size_of};
use super::interrupt::Interrupt;
use super::lock::is_locked;
use super::one_file::AfterReading;
use super::{StoreError, connection, integrity, schema, stranger};
use crate::core::event::Summary;
use crate::core::response::ResponseState;
use rusqlite::{Connection, InterruptHandle, Params, Row};
use std::cell::{Ref, RefCell};
use std::path::{Path, PathBuf};

const IS_ANY_PENDING: &str = "SELECT EXISTS (SELECT 1 FROM event WHERE status = 1)";

/// A read-only connection to the history at a path. After a repair has replaced the file, the next read opens the new one.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    open: RefCell<Open>,
    alarm: Option<Alarm>,
    /// Dropped after the connection.
    _after_reading: Option<AfterReading>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    file: FileId,
    /// Whether the file has pending responses, but no process that could still send them.
    is_run_dead: bool,
    /// How often the reader has switched to a new file.
    replaced: u32,
}

/// The state of the history. It changes with every write by another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    replaced: u32,
    written: i64,
}

/// The history in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The version of its tables.
    pub format: u64,
    pub events: u64,
    pub deliveries: u64,
    /// The size of the database and its log.
    pub bytes: u64,
}

impl Reader {
    /// Opens the history at `path` for reading.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none. Others when the file is no history or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, None)
    }

    /// As [`Reader::open`]. Reports damage through `alarm`.
    pub(super) fn open_with(path: &Path, alarm: Option<Alarm>) -> Result<Self, StoreError> {
        Ok(Self { path: path.to_owned(), open: RefCell::new(Open::new(path, 0)?), alarm, _after_reading: None })
    }

    /// Opens another reader on the same history.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(crate) fn another(&self) -> Result<Self, StoreError> {
        Self::open_with(&self.path, self.alarm.clone())
    }

    /// As [`Reader::open`], for a program that opens no other connection to the history. Dropping the reader leaves one file, unless
    /// another process has the history open. A read-only connection alone would leave the log behind.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(crate) fn open_alone(path: &Path) -> Result<Self, StoreError> {
        // SQLite would leave a log beside another program's database.
        stranger::refuse_at(path)?;
        let reader = Self::open(path)?;
        Ok(Self { _after_reading: Some(AfterReading::new(path)), ..reader })
    }

    pub(crate) fn version(&self) -> Result<Version, StoreError> {
        self.read(|Open { connection, replaced, .. }| {
            let written = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
            Ok(Version { replaced: *replaced, written })
        })
    }

    pub fn overview(&self) -> Result<Overview, StoreError> {
        Ok(Overview {
            format: self.number("SELECT user_version FROM pragma_user_version", [])?,
            events: self.number("SELECT count(*) FROM event", [])?,
            deliveries: self
                .number("SELECT count(*) FROM delivery WHERE event NOT IN (SELECT seq FROM deleted)", [])?,
            bytes: size_of(&self.path) + size_of(&beside(&self.path, "-wal")),
        })
    }

    /// The path of the database.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Interrupts this reader from another thread, as long as it reads from the file that is open now.
    pub(crate) fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.open.borrow().connection)
    }

    /// As [`Reader::interrupt`], for the check.
    pub(super) fn interrupt_handle(&self) -> InterruptHandle {
        self.open.borrow().connection.get_interrupt_handle()
    }

    /// Reads what the start of the program needs, so that damage there is found first.
    pub(super) fn glance(&self) -> Result<(), StoreError> {
        const FIRST_EVENTS: usize = 256;
        self.newest(FIRST_EVENTS)?;
        self.last_delivery()?;
        self.judged_with()?;
        Ok(())
    }

    /// Checks the whole file that is open now. Returns its damage, if any.
    pub(super) fn check(&self) -> (FileId, Result<Option<String>, StoreError>) {
        let open = self.open.borrow();
        (open.file, integrity::damage(&open.connection))
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

    /// Reads from the file that is at the path now. Reports damage.
    fn read<T>(&self, read: impl FnOnce(&Open) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let open = self.current();
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

    /// The open file. If there is another file at the path by now, opens that one first. If that fails, continues with the old file.
    fn current(&self) -> Ref<'_, Open> {
        // A read within another one, as from a callback, must use the same file. The borrow fails then.
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
        // Before the file is opened. If it is replaced in between, the next read opens the new one.
        let Ok(file) = FileId::of(path) else { return Err(StoreError::Missing { path: path.to_owned() }) };
        let failed = |source| opening_failed(path, source);
        let connection = connection::open_read_only(path).map_err(failed)?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
        let (found, known) = (number("user_version")?, schema::newest_version());
        if number("application_id")? != i64::from(schema::APPLICATION_ID) {
            let is_empty = number("schema_version")? == 0;
            let missing = || StoreError::Missing { path: path.to_owned() };
            return Err(if is_empty { missing() } else { stranger::without_mark(&connection, path) });
        }
        if found > known {
            return Err(StoreError::Newer { path: path.to_owned(), found, known });
        }
        schema::view_as_newest(&connection, found).map_err(failed)?;
        schema::view_without_deleted(&connection).map_err(failed)?;
        let is_run_dead = found >= schema::FORWARD_VERSION
            && connection.query_row(IS_ANY_PENDING, [], |row| row.get(0)).map_err(failed)?
            && !is_locked(path);
        Ok(Self { connection, file, is_run_dead, replaced })
    }

    fn summary(&self, row: &Row<'_>) -> rusqlite::Result<Summary> {
        let summary = convert::summary(row)?;
        Ok(Summary { response: self.response(summary.response), ..summary })
    }

    fn response(&self, stored: ResponseState) -> ResponseState {
        if self.is_run_dead && stored == ResponseState::Pending { ResponseState::Unknown } else { stored }
    }
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
