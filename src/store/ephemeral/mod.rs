//! Histories that end with the program. Each has its own folder in the system's temporary folder.
//!
//! A program that is killed leaves its folder behind. The next start removes it: see `leftovers`.

mod leftovers;

pub(crate) use leftovers::remove_leftovers;

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
/// The name of a folder that is not locked yet. [`remove_leftovers`] ignores such names.
const UNLOCKED_PREFIX: &str = ".hookglass-";
const DATABASE: &str = "history.db";
/// An empty file that marks the folder as ours. A folder that a user made for a history has none.
const MARK: &str = "ephemeral";
/// The folder of values that were copied to files, and the prefix of their names.
const COPIED: &str = "copied";
const COPIED_PREFIX: &str = "copied-";
/// The files of the history, without [`MARK`] and the lock.
const FILES: [&str; 4] = ["history.db", "history.db-wal", "history.db-shm", "history.db-journal"];
const LOCK: &str = "history.db.lock";

/// The folder of one ephemeral history. Dropping it removes the folder.
#[derive(Debug)]
pub(super) struct EphemeralFolder {
    path: PathBuf,
}

impl EphemeralFolder {
    /// Creates a folder in `parent`, and locks the history in it.
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
        // Fails if something has this name already.
        fs::rename(unlocked.path(), &path).map_err(failed)?;
        // Otherwise dropping `unlocked` would try to remove the old path.
        let _ = unlocked.keep();
        Ok((Self { path }, lock))
    }

    /// The path of the history.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}

impl Drop for EphemeralFolder {
    fn drop(&mut self) {
        if remove(&self.path).is_err() {
            // The folder is ours, whatever else is in it. If this fails too, the next start tries again.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes the files of an ephemeral history one by one, and the folder if nothing else is in it. Removes the mark and the lock last, so
/// that a partly removed folder is still recognized as a leftover.
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

/// Whether `name` is that of a file of the history, or of a damaged history that was replaced.
fn is_of_history(name: &str) -> bool {
    FILES.contains(&name) || replaced_names(DATABASE).iter().any(|replaced| name.starts_with(replaced))
}
