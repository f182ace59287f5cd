//! The locks that keep a second hookglass from receiving events into the same history, whatever name it is given.
//!
//! `FILE.lock` beside the database is what every version locks. A hard link has another `FILE.lock`, so the database itself is locked
//! too, with flock(2). That is safe on Linux only, where flock does not meet the fcntl(2) locks that SQLite sets on the same file;
//! on macOS and the BSDs, and on network file systems, which emulate one with the other, SQLite would be locked out. There a file
//! with more than one name is refused instead.

use super::StoreError;
use super::files::beside;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// The database, open and locked. SQLite's own locks on it go as soon as this process closes any handle of it, so this one must be
/// dropped after every connection.
#[derive(Debug)]
pub(super) struct Lock {
    database: Arc<File>,
    beside: Option<File>,
    /// Databases that were at the path before. Connections to them may still be open.
    former: Vec<Arc<File>>,
}

impl Lock {
    /// Opens the database at `path`, which must exist, without locking it.
    pub(super) fn none(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { database: open(path)?, beside: None, former: Vec::new() })
    }

    /// Locks the database at `path`, for which `beside` is held.
    pub(super) fn of(path: &Path, beside: File) -> Result<Self, StoreError> {
        let lock = Self { beside: Some(beside), ..Self::none(path)? };
        lock_database(&lock.database, path)?;
        Ok(lock)
    }

    /// Goes on with another file at `path`, after the one that was there was moved away. The old one stays open, unlocked.
    pub(super) fn move_to(&mut self, path: &Path) -> Result<(), StoreError> {
        let database = open(path)?;
        if self.is_held() {
            lock_database(&database, path)?;
        }
        let former = std::mem::replace(&mut self.database, database);
        // An error means that there was no lock.
        let _ = former.unlock();
        self.former.push(former);
        Ok(())
    }

    /// Lets others lock it; the handle stays open.
    pub(super) fn release(&mut self) {
        // An error means that there was no lock.
        let _ = self.database.unlock();
        self.beside = None;
    }

    /// Whether this process is the one that receives events.
    pub(super) fn is_held(&self) -> bool {
        self.beside.is_some()
    }

    pub(super) fn database(&self) -> &Arc<File> {
        &self.database
    }
}

fn open(path: &Path) -> Result<Arc<File>, StoreError> {
    File::open(path).map(Arc::new).map_err(|source| StoreError::Create { path: path.to_owned(), source })
}

fn lock_database(database: &File, path: &Path) -> Result<(), StoreError> {
    let linked = || StoreError::LockedByLink { path: path.to_owned() };
    if !is_flock_apart(database) {
        return if has_other_names(database) { Err(linked()) } else { Ok(()) };
    }
    match database.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(linked()),
        // A file system without such locks has none that another name could be kept off with.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(StoreError::Lock { path: path.to_owned(), source }),
    }
}

/// Locks `FILE.lock` beside `path`. Another hookglass may take until `patience` is over to end.
pub(super) fn lock_beside(path: &Path, options: &OpenOptions, patience: Duration) -> Result<File, StoreError> {
    let lock_path = beside(path, ".lock");
    let failed = |source| StoreError::Lock { path: lock_path.clone(), source };
    let file = options.clone().create(true).truncate(false).open(&lock_path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
        Err(TryLockError::WouldBlock) if patience.is_zero() => {
            return Err(StoreError::Locked { path: path.to_owned() });
        }
        Err(TryLockError::WouldBlock) => {}
    }
    // A thread of its own can wait for as long as the other one holds the lock. When it gets it too late, it lets go at once.
    let (send, locked) = channel();
    let wait = move || drop(send.send(file.lock().map(|()| file)));
    thread::Builder::new().name("store-lock".to_owned()).spawn(wait).map_err(failed)?;
    match locked.recv_timeout(patience) {
        Ok(locked) => locked.map_err(failed),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(StoreError::Locked { path: path.to_owned() })
        }
    }
}

/// Whether a process that receives events has the history at `path` open. A lock that cannot be looked at counts as held.
pub(super) fn is_locked(path: &Path) -> bool {
    match File::open(beside(path, ".lock")) {
        Ok(file) => file.try_lock_shared().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Whether flock(2) on a database leaves SQLite's own locks alone.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_flock_apart(file: &File) -> bool {
    /// NFS, SMB and CIFS, from `linux/magic.h`.
    const OVER_THE_NETWORK: [u32; 4] = [0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42];
    // The width of this number differs between platforms; these have 32 bits.
    rustix::fs::fstatfs(file).is_ok_and(|system| !OVER_THE_NETWORK.contains(&(system.f_type as u32)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_flock_apart(_: &File) -> bool {
    false
}

#[cfg(unix)]
fn has_other_names(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 1)
}

#[cfg(not(unix))]
fn has_other_names(_: &File) -> bool {
    false
}
