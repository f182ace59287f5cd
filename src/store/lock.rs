//! The locks that keep a second hookglass from receiving events into the same history, whatever path it is given.
//!
//! Every version locks `FILE.lock` beside the database. A hard link to the database has another `FILE.lock`, so this one also locks the
//! database itself, with flock(2). That is safe on Linux only, where flock is independent of the fcntl(2) locks that SQLite sets on the
//! same file. On macOS, on the BSDs and on network file systems it would lock SQLite out. There a file with several hard links is refused.

use super::StoreError;
use super::files::beside;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// An open handle of the database, and the locks on the history if this process holds them. When a process closes any handle of a file, it
/// loses all of its fcntl(2) locks on that file, including SQLite's. So this must be dropped after every connection.
#[derive(Debug)]
pub(super) struct Lock {
    database: Arc<File>,
    beside: Option<File>,
    /// Databases that were at the path before a repair. Connections to them may still be open.
    former: Vec<Arc<File>>,
}

impl Lock {
    /// Opens the database at `path`, which must exist, without locking it.
    pub(super) fn unlocked(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { database: open(path)?, beside: None, former: Vec::new() })
    }

    /// Locks the database at `path`. `beside` is the locked file beside it.
    pub(super) fn acquire(path: &Path, beside: File) -> Result<Self, StoreError> {
        let mut lock = Self::unlocked(path)?;
        lock.beside = Some(beside);
        lock_database(&lock.database, path)?;
        Ok(lock)
    }

    /// Opens the new file at `path` and moves the lock to it. The old file stays open, without a lock.
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

    /// Releases the locks. The handle stays open.
    ///
    /// Closing the files would not do: a child process that is being started shares them until it runs its program, and with them the locks.
    pub(super) fn release(&mut self) {
        // Errors mean that there was no lock.
        let _ = self.database.unlock();
        if let Some(beside) = self.beside.take() {
            let _ = beside.unlock();
        }
    }

    /// Whether this process is the one that receives events.
    pub(super) fn is_held(&self) -> bool {
        self.beside.is_some()
    }

    pub(super) fn database(&self) -> &Arc<File> {
        &self.database
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.release();
    }
}

fn open(path: &Path) -> Result<Arc<File>, StoreError> {
    File::open(path).map(Arc::new).map_err(|source| StoreError::Create { path: path.to_owned(), source })
}

fn lock_database(database: &File, path: &Path) -> Result<(), StoreError> {
    let linked = || StoreError::LockedByLink { path: path.to_owned() };
    if !is_flock_independent(database) {
        return if has_hard_links(database) { Err(linked()) } else { Ok(()) };
    }
    match database.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(linked()),
        // This file system has no such locks, so other hard links cannot be detected.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(StoreError::Lock { path: path.to_owned(), source }),
    }
}

/// Locks `FILE.lock` beside `path`. Waits for at most `patience` until another hookglass releases it.
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
    // The thread may wait for longer than `patience`. If it gets the lock too late, it releases it at once.
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

/// Whether a process that receives events has the history at `path` open. A lock that cannot be inspected counts as held.
pub(super) fn is_locked(path: &Path) -> bool {
    match File::open(beside(path, ".lock")) {
        Ok(file) => file.try_lock_shared().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Whether flock(2) on `file` is independent of the fcntl(2) locks that SQLite sets on it.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_flock_independent(file: &File) -> bool {
    /// NFS, SMB and CIFS, from `linux/magic.h`.
    const NETWORK_FILE_SYSTEMS: [u32; 4] = [0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42];
    // The width of `f_type` differs between platforms. These numbers have 32 bits.
    rustix::fs::fstatfs(file).is_ok_and(|system| !NETWORK_FILE_SYSTEMS.contains(&(system.f_type as u32)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_flock_independent(_: &File) -> bool {
    false
}

#[cfg(unix)]
fn has_hard_links(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 1)
}

#[cfg(not(unix))]
fn has_hard_links(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dropped_lock_is_free_although_a_child_process_shares_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        File::create(&path).unwrap();
        let acquire = || {
            let options = OpenOptions::new().read(true).write(true).clone();
            Lock::acquire(&path, lock_beside(&path, &options, Duration::ZERO)?)
        };
        let lock = acquire().unwrap();
        // As after a fork: other handles of the same open files.
        let _shared = (lock.database.try_clone().unwrap(), lock.beside.as_ref().unwrap().try_clone().unwrap());
        assert!(matches!(acquire(), Err(StoreError::Locked { .. })));
        drop(lock);
        acquire().unwrap();
    }
}
