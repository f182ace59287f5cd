//! Opening the history for writing: folder, lock, permissions, pragmas, migrations, and what to do with a damaged file.

use super::check::Check;
use super::closing::{Closing, LongReads};
use super::damage::{Alarm, Damage, OnRepair, Repair};
use super::ephemeral::EphemeralFolder;
use super::error::is_damage;
use super::identity::Identity;
use super::lock::{Lock, lock_beside};
use super::resolve::{folder_of, resolve};
use super::{OnStored, Queue, Reader, StoreError, Writer, WriterTask, private, salvage, schema};
use crate::core::random::Random;
use crate::entropy::SystemRandom;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// A hookglass that is just ending is waited for this long.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
/// The log is cut back to this many bytes when it starts again.
const JOURNAL_SIZE_LIMIT: i64 = 64 << 20;

/// Senders that waited for an app when their hookglass ended: nothing is known of what they got. 1 is pending, 3 unknown.
const END_EARLIER_RUNS: &str = "UPDATE event SET status = 3 WHERE status = 1";

/// Whether what is kept must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    Durable,
    /// From the next sync on, which the one who receives makes with its next event and the last one to leave at the end: nobody who
    /// receives waits for it meanwhile.
    Later,
    Ephemeral,
}

/// The number of one opening for writing, which the deliveries kept by it bear: so that others can be told from a program's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening(i64);

impl Opening {
    fn new() -> Self {
        Self(SystemRandom.number().cast_signed())
    }

    pub(super) fn number(self) -> i64 {
        self.0
    }
}

/// The history, open for writing: by the one process that receives events, or beside it.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) identity: Identity,
    pub(super) path: PathBuf,
    pub(super) guards: Arc<Guards>,
    pub(super) opening: Opening,
    pub(super) keeping: Keeping,
    pub(super) on_harmed: Option<OnHarmed>,
    alarm: Alarm,
    pub(super) damage: mpsc::Receiver<Damage>,
    pub(super) on_repair: OnRepair,
    notice: Option<String>,
}

/// Told, once, what another program did to the files while they were open. Must not block.
pub type OnHarmed = Box<dyn FnOnce(String) + Send>;

/// What must live as long as the history is written to; dropped after the connection.
pub(super) struct Guards {
    lock: Mutex<Lock>,
    pub(super) long_reads: Arc<LongReads>,
    /// Set when another program harmed the files while they were open.
    pub(super) is_harmed: AtomicBool,
    _folder: Option<EphemeralFolder>,
}

impl Guards {
    pub(super) fn lock(&self) -> MutexGuard<'_, Lock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the history at `path`, which is created (0600, its folder 0700) if it is not there. What can be read of a damaged file is
    /// copied to a new one: see [`Store::notice`].
    ///
    /// # Errors
    /// When another process writes to it, when it is another program's or a newer version's, when it cannot be created, when it is
    /// damaged and cannot be copied.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_telling(path, &mut |_, _| ())
    }

    /// As [`Store::open`]; while a damaged file is copied, `tell` is told every now and then how many events were, of about how many.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_telling(path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Self, StoreError> {
        Self::open_keeping(path, Keeping::Durable, LOCK_PATIENCE, tell)
    }

    /// Opens the history to add deliveries to it, whether another process receives events into it or not; one may begin to at any time.
    /// What is kept survives the end of the process at once, that of the machine a little later.
    ///
    /// # Errors
    /// As [`Store::open`], and when another process has a history of an older format open.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        match Self::open_keeping(path, Keeping::Later, Duration::ZERO, &mut |_, _| ()) {
            Err(StoreError::Locked { path }) => Self::join(&path),
            other => other,
        }
    }

    /// A history in a temporary folder, gone when the writer ends.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn ephemeral() -> Result<Self, StoreError> {
        let (folder, lock) = EphemeralFolder::create(&std::env::temp_dir())?;
        let path = folder.database();
        Self::open_locked(&path, Keeping::Ephemeral, lock, Some(folder), &mut |_, _| ())
    }

    /// Opens what another process has locked and has brought to the newest format.
    fn join(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Open { path: path.to_owned(), source };
        let lock = Lock::none(path)?;
        let connection = connect(path)?;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        if found != schema::newest_version() {
            return Err(StoreError::Locked { path: path.to_owned() });
        }
        set_pragmas(&connection, Keeping::Later).map_err(failed)?;
        Self::of(connection, path, Keeping::Later, lock, None, None)
    }

    fn of(
        connection: Connection,
        path: &Path,
        keeping: Keeping,
        lock: Lock,
        folder: Option<EphemeralFolder>,
        notice: Option<String>,
    ) -> Result<Self, StoreError> {
        checkpoint_on_close(&connection).map_err(|source| failed_opening(path, source))?;
        let identity =
            Identity::of(path, &connection).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let guards = Guards {
            lock: Mutex::new(lock),
            long_reads: Arc::default(),
            is_harmed: AtomicBool::new(false),
            _folder: folder,
        };
        let (alarm, damage) = Alarm::new();
        Ok(Self {
            connection,
            identity,
            path: path.to_owned(),
            guards: Arc::new(guards),
            opening: Opening::new(),
            keeping,
            on_harmed: None,
            alarm,
            damage,
            on_repair: Arc::new(|_| ()),
            notice,
        })
    }

    fn open_keeping(
        path: &Path,
        keeping: Keeping,
        patience: Duration,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StoreError> {
        let parent = folder_of(path);
        private::create_folder(parent).map_err(|source| StoreError::Folder { path: parent.to_owned(), source })?;
        let path = &resolve(path).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let lock = lock_beside(path, &private::options(), patience)?;
        Self::open_locked(path, keeping, lock, None, tell)
    }

    /// Opens the history at `path`, for which `lock`, on the file beside it, is held.
    fn open_locked(
        path: &Path,
        keeping: Keeping,
        lock: File,
        folder: Option<EphemeralFolder>,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Salvage { path: path.to_owned(), source };
        salvage::finish(path).map_err(|error| failed(error.into()))?;
        // Of one that is not there whatever lies beside it is not wanted any more.
        let was_there = path.exists();
        private::create(path).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let mut lock = Lock::of(path, lock)?;
        private::tighten(path);
        let mut notice = None;
        // Before SQLite writes over what it takes for the end of the log, or removes the log.
        let is_damage_hidden = was_there && salvage::is_damage_hidden(path, lock.database());
        let opened = if is_damage_hidden { None } else { undamaged(prepare_first(path, keeping))? };
        let connection = match opened {
            Some(connection) => connection,
            None => {
                let database = Arc::clone(lock.database());
                let salvaged = salvage::replace(path, database, tell, &AtomicBool::new(false)).map_err(failed)?;
                lock.move_to(path)?;
                notice = Some(salvaged.to_string());
                prepare_first(path, keeping)?
            }
        };
        if keeping == Keeping::Later {
            lock.release();
        }
        Self::of(connection, path, keeping, lock, folder, notice)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// What the operator must be told of the opening: that the file was damaged, what was saved and where the damaged one is.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// A reader on this history.
    ///
    /// # Errors
    /// When the file cannot be opened a second time.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open_with(&self.path, Some(self.alarm.clone()))
    }

    /// A check of the whole file, to be started when there is time for it. What is found damaged is repaired by the writer.
    pub fn check(&self) -> Check {
        let long_reads = Arc::clone(&self.guards.long_reads);
        Check { path: self.path.clone(), alarm: self.alarm.clone(), long_reads }
    }

    /// Has `on_harmed` told when nothing can be written any more, because another program removed, replaced, truncated or overwrote a
    /// file of the history.
    pub fn on_harmed(&mut self, on_harmed: impl FnOnce(String) + Send + 'static) {
        self.on_harmed = Some(Box::new(on_harmed));
    }

    /// Has `on_repair` told of what comes of damage that is found while the history is open. It is called from the writer's task and
    /// from a thread beside it, and must not block.
    pub fn on_repair(&mut self, on_repair: impl Fn(Repair) + Send + Sync + 'static) {
        self.on_repair = Arc::new(on_repair);
    }

    /// To be dropped after every writer and reader of this process.
    pub fn closing(&self) -> Closing {
        Closing::new(self.path.clone(), Arc::clone(&self.guards))
    }

    /// The one way to write: a handle for any thread, and the task that does the writing. `on_stored` is called after each
    /// commit, in order, from the task's thread; it must not block.
    pub fn into_writer(self, queue: Queue, on_stored: Arc<dyn OnStored>) -> (Writer, WriterTask) {
        super::writer::pair(self, queue, on_stored)
    }
}

/// A connection to a history of this version or an older one.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| failed_opening(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    // A damaged file is left as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    refuse_foreign(&connection, path)?;
    Ok(connection)
}

/// A connection to a history that is begun or brought to the newest format where it must be. It leaves the log alone when it closes, until
/// [`checkpoint_on_close`].
///
/// # Errors
/// [`StoreError::Damaged`] among others: see [`touch`].
pub(super) fn prepare(path: &Path, keeping: Keeping) -> Result<Connection, StoreError> {
    let failed = |source| failed_opening(path, source);
    let mut connection = connect(path)?;
    set_pragmas(&connection, keeping).map_err(failed)?;
    schema::migrate(&mut connection).map_err(failed)?;
    touch(&connection).map_err(failed)?;
    Reader::open(path)?.glance()?;
    Ok(connection)
}

/// As [`prepare`], when no run is going on.
fn prepare_first(path: &Path, keeping: Keeping) -> Result<Connection, StoreError> {
    let connection = prepare(path, keeping)?;
    connection.execute(END_EARLIER_RUNS, []).map_err(|source| failed_opening(path, source))?;
    Ok(connection)
}

/// What was opened, or `None` if it is damaged.
fn undamaged(opened: Result<Connection, StoreError>) -> Result<Option<Connection>, StoreError> {
    match opened {
        Err(StoreError::Damaged { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// What to call an error in opening the history at `path`.
pub(super) fn failed_opening(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    // What is asked of a history in opening it makes sense, unless its tables or its format are not what they were.
    let is_senseless = source.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_ERROR);
    if is_damage(&source) || is_senseless {
        StoreError::Damaged { path, cause: source }
    } else {
        StoreError::Open { path, source }
    }
}

/// Undoes what [`connect`] does for the case that the file is damaged.
pub(super) fn checkpoint_on_close(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map(drop)
}

fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |source| failed_opening(path, source);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    if tables > 0 && id != schema::APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let known = schema::newest_version();
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// `page_size` counts for new files only and must come before WAL.
fn set_pragmas(connection: &Connection, keeping: Keeping) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", 16_384)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    let synchronous = match keeping {
        Keeping::Durable => "FULL",
        Keeping::Later => "NORMAL",
        Keeping::Ephemeral => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL_SIZE_LIMIT, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(())
}

/// Reads a little of each table and begins a write, so that plain damage shows before the screen opens and the log exists.
fn touch(connection: &Connection) -> rusqlite::Result<()> {
    for table in ["event", "request", "delivery"] {
        let order = if table == "delivery" { "id" } else { "seq" };
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order} DESC LIMIT 1"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT")
}
