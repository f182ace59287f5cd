//! Opens the history for writing: folder, lock, permissions, and the repair of a damaged file.

use super::check::Check;
use super::convert::unsigned;
use super::damage::{Alarm, Damage, OnRepair, Repair};
use super::ephemeral::EphemeralFolder;
use super::error::opening_failed;
use super::files::beside;
use super::guards::{Closing, Guards};
use super::identity::Identity;
use super::lock::{Lock, lock_beside};
use super::prepare::{Durability, join, prepare_first};
use super::resolve::{folder_of, resolve};
use super::{Opening, Reader, StoreError, connection, private, salvage, stranger};
use crate::core::event::Seq;
use rusqlite::Connection;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long to wait for the lock. Another hookglass may just be ending.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// The history, open for writing: by the one process that receives events, or by another one beside it.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) identity: Identity,
    pub(super) path: PathBuf,
    pub(super) guards: Arc<Guards>,
    pub(super) opening: Opening,
    /// The last event of earlier runs; 0 if another process receives events.
    pub(super) earlier: Seq,
    pub(super) durability: Durability,
    pub(super) on_harmed: Option<OnHarmed>,
    alarm: Alarm,
    pub(super) damage: mpsc::Receiver<Damage>,
    pub(super) on_repair: OnRepair,
    notice: Option<String>,
}

/// Called once, with what another program did to the files while they were open. Must not block.
pub(super) type OnHarmed = Box<dyn FnOnce(String) + Send>;

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the history at `path` to receive events. Creates it (0600, its folder 0700) if it is missing. If it is damaged, copies every
    /// readable event to a new file: see [`Store::notice`].
    ///
    /// # Errors
    /// When another process receives events into it, when it belongs to another program or a newer version, when it cannot be created,
    /// and when it is damaged and cannot be copied.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_reporting(path, &mut |_, _| ())
    }

    /// As [`Store::open`]. While it copies a damaged file, calls `report` now and then with the number of copied events and about how many
    /// there are.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(crate) fn open_reporting(path: &Path, report: &mut dyn FnMut(u64, u64)) -> Result<Self, StoreError> {
        Self::open_with(path, Durability::Immediate, LOCK_PATIENCE, report)
    }

    /// Opens the history to add deliveries to it. Another process may receive events into it already, or begin to at any time. A stored
    /// delivery survives a crash of the process at once, and a power cut after the next sync.
    ///
    /// # Errors
    /// As [`Store::open`], and when another process has a history of an older format open.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        match Self::open_with(path, Durability::Later, Duration::ZERO, &mut |_, _| ()) {
            Err(StoreError::Locked { path }) => Self::join(path),
            other => other,
        }
    }

    /// Creates a history in a temporary folder, which is removed when the writer ends.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn ephemeral() -> Result<Self, StoreError> {
        let (folder, lock) = EphemeralFolder::create(&std::env::temp_dir())?;
        let path = folder.database();
        Self::open_locked(&path, Durability::Ephemeral, lock, Some(folder), &mut |_, _| ())
    }

    /// Opens the history at `path`, which another process has locked.
    fn join(path: PathBuf) -> Result<Self, StoreError> {
        let lock = Lock::unlocked(&path)?;
        match join(&path, Durability::Later)? {
            Some(connection) => Self::of(connection, &path, Durability::Later, Guards::new(lock, None), None, 0),
            None => Err(StoreError::Locked { path }),
        }
    }

    fn open_with(
        path: &Path,
        durability: Durability,
        patience: Duration,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StoreError> {
        let parent = folder_of(path);
        private::create_folder(parent).map_err(|source| StoreError::Folder { path: parent.to_owned(), source })?;
        let path = &resolve(path).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        stranger::refuse_unless_file(path)?;
        // Without a lock file, no hookglass has it open. Do not create one beside a file that is not a history.
        if !beside(path, ".lock").exists() {
            stranger::refuse_at(path)?;
        }
        let lock = lock_beside(path, &private::options(), patience)?;
        Self::open_locked(path, durability, lock, None, report)
    }

    /// Opens the history at `path`. `lock` is the locked file beside it.
    fn open_locked(
        path: &Path,
        durability: Durability,
        lock: File,
        folder: Option<EphemeralFolder>,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Salvage { path: path.to_owned(), source };
        let completed = salvage::finish(path).map_err(|error| failed(error.into()))?;
        // A log without its database is useless, so it cannot hide damage.
        let was_there = path.exists();
        private::create(path).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let mut lock = Lock::acquire(path, lock)?;
        stranger::refuse(path, lock.database())?;
        private::tighten(path);
        // Before SQLite opens the file: it removes the log of an empty database, and overwrites what follows a damaged frame.
        let is_damage_hidden = was_there && salvage::is_damage_hidden(path, lock.database());
        let opened = if is_damage_hidden { None } else { undamaged(prepare_first(path, durability))? };
        let (connection, notice) = match opened {
            Some(connection) => (connection, completed.map(|damaged| salvage::completed_notice(path, &damaged))),
            None => {
                let database = Arc::clone(lock.database());
                let salvaged = salvage::replace(path, database, report, &AtomicBool::new(false)).map_err(failed)?;
                lock.move_to(path)?;
                (prepare_first(path, durability)?, Some(salvaged.to_string()))
            }
        };
        let last = "SELECT coalesce(max(seq), 0) FROM event";
        let earlier =
            connection.query_row(last, [], |row| row.get(0)).map_err(|source| opening_failed(path, source))?;
        if durability == Durability::Later {
            lock.release();
        }
        Self::of(connection, path, durability, Guards::new(lock, folder), notice, unsigned(earlier))
    }

    fn of(
        connection: Connection,
        path: &Path,
        durability: Durability,
        guards: Guards,
        notice: Option<String>,
        earlier: Seq,
    ) -> Result<Self, StoreError> {
        connection::set_checkpoint_on_close(&connection, true).map_err(|source| opening_failed(path, source))?;
        let identity =
            Identity::of(path, &connection).map_err(|source| StoreError::Create { path: path.to_owned(), source })?;
        let (alarm, damage) = Alarm::new();
        Ok(Self {
            connection,
            identity,
            path: path.to_owned(),
            guards: Arc::new(guards),
            opening: Opening::new(),
            earlier,
            durability,
            on_harmed: None,
            alarm,
            damage,
            on_repair: Arc::new(|_| ()),
            notice,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// The message to the user if the file was damaged: what was saved, and where the damaged file is.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Opens a reader on this history. It reports damage to the writer.
    ///
    /// # Errors
    /// When the file cannot be opened a second time.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open_with(&self.path, Some(self.alarm.clone()))
    }

    /// A check of the whole file, for the caller to start. It reports damage to the writer, which repairs it.
    pub fn check(&self) -> Check {
        Check::new(self.path.clone(), self.alarm.clone(), Arc::clone(&self.guards.long_reads))
    }

    /// Calls `on_harmed` when nothing can be written any more because another program removed, replaced, truncated or overwrote a file of
    /// the history.
    pub fn on_harmed(&mut self, on_harmed: impl FnOnce(String) + Send + 'static) {
        self.on_harmed = Some(Box::new(on_harmed));
    }

    /// Calls `on_repair` with each step of a repair while the history is open. The calls come from the writer's task and from a thread
    /// beside it. `on_repair` must not block.
    pub fn on_repair(&mut self, on_repair: impl Fn(Repair) + Send + Sync + 'static) {
        self.on_repair = Arc::new(on_repair);
    }

    /// Closes the history when it is dropped, which must be after every writer and reader of this process.
    pub fn closing(&self) -> Closing {
        Closing::new(self.path.clone(), Arc::clone(&self.guards))
    }
}

/// The opened history, or `None` if it is damaged.
fn undamaged(opened: Result<Connection, StoreError>) -> Result<Option<Connection>, StoreError> {
    match opened {
        Err(StoreError::Damaged { .. }) => Ok(None),
        other => other.map(Some),
    }
}
