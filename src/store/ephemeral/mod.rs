//! Histories that end with the program. Each has its own folder in the system's temporary folder.
//!
//! A program that is killed leaves its folder behind. The next start removes it: see `leftovers`.

mod leftovers;

pub use leftovers::remove_leftovers;

use super::StoreError;
use super::files::unless_missing;
use super::lock::lock_beside;
use super::private;
use super::salvage::replaced_names;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PREFIX: &str = "hookglass-";
/// Until it is locked a folder has a name that is not looked at.
const UNLOCKED_PREFIX: &str = ".hookglass-";
const DATABASE: &str = "history.db";
/// Tells an ephemeral folder from one that a user made for a history of their own.
const MARK: &str = "ephemeral";
/// The folder of what was copied to files, and how their names begin.
const COPIED: &str = "copied";
const COPIED_PREFIX: &str = "copied-";
/// The files beside [`MARK`] and the lock.
const FILES: [&str; 4] = ["history.db", "history.db-wal", "history.db-shm", "history.db-journal"];
const LOCK: &str = "history.db.lock";

/// The folder of one ephemeral history, which goes when this is dropped.
#[derive(Debug)]
pub(super) struct EphemeralFolder {
    path: PathBuf,
}

impl EphemeralFolder {
    /// A new folder in `parent`, and the lock of the history in it.
    pub(super) fn create(parent: &Path) -> Result<(Self, File), StoreError> {
        let failed = |source| StoreError::Folder { path: parent.to_owned(), source };
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNLOCKED_PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let unlocked = builder.tempdir_in(parent).map_err(failed)?;
        private::create(&unlocked.path().join(MARK)).map_err(failed)?;
        let lock = lock_beside(&unlocked.path().join(DATABASE), &private::options(), Duration::ZERO)?;
        let name = unlocked.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = parent.join(name.trim_start_matches('.'));
        // It fails where something of this name is in the way.
        fs::rename(unlocked.path(), &path).map_err(failed)?;
        // There is nothing at its old path that would have to be removed.
        let _ = unlocked.keep();
        Ok((Self { path }, lock))
    }

    /// The file of the history in it.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}

impl Drop for EphemeralFolder {
    fn drop(&mut self) {
        if remove(&self.path).is_err() {
            // The folder is ours whatever else is in it. What cannot be removed now is tried again at the next start.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes the files of an ephemeral history one by one, and the folder if nothing else is in it. The mark and the lock go last: a
/// folder that was removed in part is still known for what it is.
fn remove(path: &Path) -> io::Result<()> {
    let copied = path.join(COPIED);
    if let Ok(entries) = fs::read_dir(&copied) {
        entries.flatten().try_for_each(|entry| unless_missing(fs::remove_file(entry.path())))?;
        unless_missing(fs::remove_dir(&copied))?;
    }
    if let Ok(entries) = fs::read_dir(path) {
        let mut files = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_of_history));
        files.try_for_each(|entry| unless_missing(fs::remove_file(entry.path())))?;
    }
    for name in [MARK, LOCK] {
        unless_missing(fs::remove_file(path.join(name)))?;
    }
    unless_missing(fs::remove_dir(path))
}

/// Whether it is a file of the history, or of one that was damaged and replaced.
fn is_of_history(name: &str) -> bool {
    FILES.contains(&name) || replaced_names(DATABASE).iter().any(|replaced| name.starts_with(replaced))
}
