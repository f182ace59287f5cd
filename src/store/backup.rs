//! Copies the history into one new file while other processes read and write it.
//!
//! SQLite writes the copy as of one moment, without free pages and without a log. The copy grows in a private folder beside its
//! destination. It gets its name when it is complete and synced. So nobody sees half a copy, and no file is overwritten.

use super::convert::unsigned;
use super::files::{beside, size_of, sync_folder_of};
use super::interrupt::Interrupt;
use super::resolve::{folder_of, resolve};
use super::{AppendError, Reader, StoreError, connection, deletion, private, shortage};
use rusqlite::Connection;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{TempDir, TempPath};

/// Suffixes of the files that SQLite and hookglass create beside a database.
const SUFFIXES: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// A prepared backup. Dropping it leaves nothing behind.
pub struct Backup {
    /// A plain connection: SQLite cannot copy a history through the views of a reader.
    source: Connection,
    /// Dropped after the connection. Leaves one file.
    _reader: Reader,
    destination: PathBuf,
    part: PathBuf,
    /// Bytes in the database and its log.
    total: u64,
    interrupt: Interrupt,
    _folder: TempDir,
}

/// A finished backup.
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
    #[error("`{}` is reserved for the log or the lock of the history", path.display())]
    Reserved { path: PathBuf },
    #[error("cannot create a file in `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot write `{}`", path.display())]
    Shortage { path: PathBuf, source: AppendError },
    #[error("cannot copy the history")]
    Copy(#[source] rusqlite::Error),
    #[error("the backup was interrupted and left no file")]
    Interrupted,
    #[error(transparent)]
    History(#[from] StoreError),
}

impl BackupError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "choose another name: a backup never overwrites a file",
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

    fn of_folder(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match shortage::of_kind(source.kind()) {
            Some(source) => Self::Shortage { path, source },
            None => Self::Folder { path, source },
        }
    }

    fn of_file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match shortage::of_kind(source.kind()) {
            Some(source) => Self::Shortage { path, source },
            None => Self::Write { path, source },
        }
    }
}

/// The progress of a backup.
pub(crate) struct Progress {
    part: PathBuf,
    /// Bytes to read. The copy may be smaller.
    pub(crate) all: u64,
}

impl Progress {
    /// Bytes written so far.
    pub(crate) fn done(&self) -> u64 {
        size_of(&self.part)
    }
}

impl Backup {
    /// Prepares to copy the history at `database` to `destination`. The folder of `destination` must exist.
    ///
    /// # Errors
    /// When the history cannot be read, and when `destination` exists or cannot be created.
    pub fn prepare(database: &Path, destination: &Path) -> Result<Self, BackupError> {
        let reader = Reader::open_alone(database)?;
        let folder = folder_of(destination);
        let failed = |source| BackupError::of_folder(folder, source);
        let name = destination.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let database = resolve(database).map_err(failed)?;
        let final_path = folder.canonicalize().map_err(failed)?.join(name);
        if SUFFIXES.iter().any(|suffix| beside(&database, suffix) == final_path) {
            return Err(BackupError::Reserved { path: destination.to_owned() });
        }
        // SQLite would read a log at that name as the log of the copy.
        for path in [destination.to_owned(), beside(destination, "-wal"), beside(destination, "-journal")] {
            if path.symlink_metadata().is_ok() {
                return Err(BackupError::Exists { path });
            }
        }
        // A folder of its own, because SQLite opens the file by its path. No other user can enter the folder and replace the file.
        let folder = tempfile::Builder::new().prefix(".hookglass-backup-").tempdir_in(folder).map_err(failed)?;
        let part = folder.path().join("part.db");
        private::create(&part).map_err(failed)?;
        let total = size_of(&database) + size_of(&beside(&database, "-wal"));
        let source = connection::open_read_only(&database).map_err(BackupError::Copy)?;
        let interrupt = Interrupt::of(&source);
        Ok(Self {
            source,
            _reader: reader,
            destination: destination.to_owned(),
            part,
            total,
            interrupt,
            _folder: folder,
        })
    }

    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress { part: self.part.clone(), all: self.total }
    }

    /// Makes the copy. Blocks until it is synced.
    ///
    /// # Errors
    /// When the copy cannot be made. Nothing is left behind.
    pub fn run(self) -> Result<BackedUp, BackupError> {
        let events = self.copy().map_err(|error| self.explain(error))?;
        let path = self.destination.clone();
        let failed = |source| BackupError::of_file(&path, source);
        let part = File::open(&self.part).map_err(failed)?;
        part.sync_all().map_err(failed)?;
        let bytes = part.metadata().map_err(failed)?.len();
        if self.interrupt.is_asked() {
            return Err(BackupError::Interrupted);
        }
        // Another program may have created the destination meanwhile. This neither replaces it nor follows a link.
        TempPath::try_from_path(&self.part).map_err(failed)?.persist_noclobber(&path).map_err(|error| {
            match error.error {
                error if error.kind() == io::ErrorKind::AlreadyExists => BackupError::Exists { path: path.clone() },
                error => failed(error),
            }
        })?;
        sync_folder_of(&path).map_err(failed)?;
        Ok(BackedUp { events, bytes, path })
    }

    /// Writes the copy under its temporary name. Returns the number of events in it.
    fn copy(&self) -> rusqlite::Result<u64> {
        let part = self.part.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(self.part.clone()))?;
        self.source.execute("VACUUM main INTO ?1", [part])?;
        let part = connection::open(&self.part)?;
        // An older format has nothing deleted.
        if part.table_exists(None, "deleted")? {
            deletion::erase_all(&part)?;
            part.execute("DELETE FROM deleted", [])?;
        }
        part.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).map(unsigned)
    }

    fn explain(&self, error: rusqlite::Error) -> BackupError {
        if self.interrupt.is_asked() {
            return BackupError::Interrupted;
        }
        match shortage::of_error(&error, &self.part, 0, || self.total) {
            Some(source) => BackupError::Shortage { path: self.destination.clone(), source },
            None => BackupError::Copy(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_a_shortage_at_every_step() {
        let path = Path::new("copy.db");
        for of in [BackupError::of_folder, BackupError::of_file] {
            for (kind, is_shortage) in [
                (io::ErrorKind::StorageFull, true),
                (io::ErrorKind::QuotaExceeded, true),
                (io::ErrorKind::PermissionDenied, false),
            ] {
                let error = of(path, kind.into());
                assert_eq!(matches!(error, BackupError::Shortage { .. }), is_shortage, "{error:?}");
            }
        }
    }
}
