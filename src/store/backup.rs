//! Copies the history into one new file while others read and write it.
//!
//! SQLite writes the copy as of one moment, without free pages and without a log. It is made in a private folder beside its
//! destination and gets its name only when it is whole and on the disk, so that nobody sees half of it and no file is overwritten.

use super::convert::unsigned;
use super::files::{beside, size_of, sync_folder_of};
use super::resolve::{folder_of, resolve};
use super::{AppendError, Reader, StoreError, private, shortage};
use rusqlite::InterruptHandle;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::{TempDir, TempPath};

/// What SQLite and hookglass put beside a database.
const SUFFIXES: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// A copy that is about to be made. Dropping it leaves nothing behind.
pub struct Backup {
    reader: Reader,
    destination: PathBuf,
    part: PathBuf,
    /// Bytes of the database and its log.
    all: u64,
    interrupt: Interrupt,
    _folder: TempDir,
}

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub events: u64,
    pub bytes: u64,
    pub path: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("`{}` already exists", path.display())]
    Exists { path: PathBuf },
    #[error("`{}` is where the log and the lock of a database belong", path.display())]
    Reserved { path: PathBuf },
    #[error("cannot create a file in `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot write `{}`", path.display())]
    Shortage { path: PathBuf, source: AppendError },
    #[error("cannot copy the history")]
    Copy(#[source] rusqlite::Error),
    #[error("the backup was interrupted, and no file is left of it")]
    Interrupted,
    #[error(transparent)]
    History(#[from] StoreError),
}

impl BackupError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "choose a new file; a backup never overwrites one",
            Self::Reserved { .. } => "choose another name",
            Self::Folder { .. } | Self::Write { .. } => "choose a folder that you can write to",
            Self::Shortage { .. } => "make room, or choose a folder on another disk",
            Self::Copy(_) => {
                "start `hookglass` on the history: if the file is damaged, it copies every readable event to a new one"
            }
            Self::Interrupted => "run it again",
            Self::History(error) => error.hint(),
        }
    }
}

/// Ends a backup early, from any thread.
#[derive(Clone)]
pub struct Interrupt {
    is_asked: Arc<AtomicBool>,
    handle: Arc<InterruptHandle>,
}

impl Interrupt {
    pub fn ask(&self) {
        self.is_asked.store(true, Ordering::Relaxed);
        self.handle.interrupt();
    }
}

/// How far a backup is.
pub struct Progress {
    part: PathBuf,
    /// Bytes to read; the copy may become smaller.
    pub all: u64,
}

impl Progress {
    /// Bytes written so far.
    pub fn done(&self) -> u64 {
        size_of(&self.part)
    }
}

impl Backup {
    /// Makes ready to copy the history at `database` to `destination`, in a folder that exists.
    ///
    /// # Errors
    /// When the history cannot be read, and when `destination` exists or cannot be created.
    pub fn prepare(database: &Path, destination: &Path) -> Result<Self, BackupError> {
        let reader = Reader::open_alone(database)?;
        let folder = folder_of(destination);
        let failed = |source| BackupError::Folder { path: folder.to_owned(), source };
        let name = destination.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let database = resolve(database).map_err(failed)?;
        let final_path = folder.canonicalize().map_err(failed)?.join(name);
        if SUFFIXES.iter().any(|suffix| beside(&database, suffix) == final_path) {
            return Err(BackupError::Reserved { path: destination.to_owned() });
        }
        // A log that was left there would be taken for the copy's.
        for path in [destination.to_owned(), beside(destination, "-wal"), beside(destination, "-journal")] {
            if path.symlink_metadata().is_ok() {
                return Err(BackupError::Exists { path });
            }
        }
        // Its own folder, which nobody else can enter: SQLite opens the file by its name.
        let folder = tempfile::Builder::new().prefix(".hookglass-backup-").tempdir_in(folder).map_err(failed)?;
        let part = folder.path().join("part.db");
        private::create(&part).map_err(failed)?;
        let all = size_of(&database) + size_of(&beside(&database, "-wal"));
        let handle = Arc::new(reader.interrupt_handle());
        let interrupt = Interrupt { is_asked: Arc::default(), handle };
        Ok(Self { reader, destination: destination.to_owned(), part, all, interrupt, _folder: folder })
    }

    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    pub fn progress(&self) -> Progress {
        Progress { part: self.part.clone(), all: self.all }
    }

    /// Makes the copy. Blocks until it is on the disk.
    ///
    /// # Errors
    /// When it cannot be made; nothing is left behind then.
    pub fn run(self) -> Result<BackedUp, BackupError> {
        let events = self.copy().map_err(|error| self.explain(error))?;
        let path = self.destination.clone();
        let failed = |source| BackupError::Write { path: path.clone(), source };
        let part = File::open(&self.part).map_err(failed)?;
        part.sync_all().map_err(failed)?;
        let bytes = part.metadata().map_err(failed)?.len();
        if self.interrupt.is_asked.load(Ordering::Relaxed) {
            return Err(BackupError::Interrupted);
        }
        // The destination may have come into being meanwhile: this neither replaces it nor follows a link.
        TempPath::try_from_path(&self.part).map_err(failed)?.persist_noclobber(&path).map_err(|error| {
            match error.error {
                error if error.kind() == io::ErrorKind::AlreadyExists => BackupError::Exists { path: path.clone() },
                error => failed(error),
            }
        })?;
        sync_folder_of(&path).map_err(failed)?;
        Ok(BackedUp { events, bytes, path })
    }

    /// Writes the copy under its temporary name; how many events it has.
    fn copy(&self) -> rusqlite::Result<u64> {
        self.reader.copy_into(&self.part)?;
        rusqlite::Connection::open(&self.part)?
            .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
            .map(unsigned)
    }

    fn explain(&self, error: rusqlite::Error) -> BackupError {
        if self.interrupt.is_asked.load(Ordering::Relaxed) {
            return BackupError::Interrupted;
        }
        match shortage::of_error(&error, &self.part, 0, || self.all) {
            Some(source) => BackupError::Shortage { path: self.destination.clone(), source },
            None => BackupError::Copy(error),
        }
    }
}
