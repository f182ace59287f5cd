//! Removes the folders of ephemeral histories whose programs were killed.
//!
//! A folder is removed only if it is certainly a leftover:
//! - It belongs to this user, and nobody else can write to it.
//! - It contains [`MARK`], and nothing that an ephemeral history does not create.
//! - Nobody holds its lock. A folder gets its final name only after it is locked, so a new folder never looks like a leftover.

use super::{COPIED, COPIED_PREFIX, LOCK, MARK, PREFIX, is_of_history, remove};
use crate::store::files::FileId;
use std::fs::{self, File};
use std::path::Path;

/// Removes leftovers from the system's temporary folder. A folder that cannot be inspected or removed stays.
pub(crate) fn remove_leftovers() {
    remove_leftovers_in(&std::env::temp_dir());
}

fn remove_leftovers_in(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        // Holds the lock until the folder is removed.
        if let Some(_lock) = lock_of_leftover(&path) {
            let _ = remove(&path);
        }
    }
}

/// Locks the folder at `path` if it is certainly a leftover.
fn lock_of_leftover(path: &Path) -> Option<File> {
    let is_leftover = is_private_folder(path) && is_file(&path.join(MARK)) && has_only_our_files(path);
    let lock_path = path.join(LOCK);
    if !is_leftover || !is_file(&lock_path) {
        return None;
    }
    let lock = File::options().write(true).open(&lock_path).ok()?;
    lock.try_lock().ok()?;
    // Before this locked it, another start may have removed the file, and a third one created a new one.
    is_same_file(&lock, &lock_path).then_some(lock)
}

fn has_only_our_files(path: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(path) else { return false };
    entries.all(|entry| {
        entry.is_ok_and(|entry| match &*entry.file_name().to_string_lossy() {
            COPIED => is_private_folder(&entry.path()) && has_only_copies(&entry.path()),
            MARK | LOCK => is_file(&entry.path()),
            name => is_of_history(name) && is_file(&entry.path()),
        })
    })
}

fn has_only_copies(path: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(path) else { return false };
    entries.all(|entry| {
        entry
            .is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(COPIED_PREFIX) && is_file(&entry.path()))
    })
}

/// Whether `path` is a file, and not a link to one.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether `path` is a folder, and not a link to one, that belongs to this user and that nobody else can write to.
fn is_private_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir() && is_private(&metadata))
}

#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o077 == 0
}

/// On Windows each user has their own temporary folder.
#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

/// Whether `file` is the file at `path`, and not the target of a link there.
fn is_same_file(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    FileId::from(&open) == FileId::from(&there)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::EphemeralFolder;
    use super::*;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    /// A folder as a killed program leaves it: complete, with a lock that nobody holds.
    fn leftover(parent: &Path) -> PathBuf {
        let (folder, _lock) = EphemeralFolder::create(parent).unwrap();
        let copied = folder.path.join(COPIED);
        fs::DirBuilder::new().mode(0o700).create(&copied).unwrap();
        for name in [
            "history.db",
            "history.db-wal",
            "history.db-shm",
            "history.db.damaged-20261130T000000000-wal",
            "history.db.copying",
            "copied/copied-a1.bin",
        ] {
            fs::write(folder.path.join(name), b"x").unwrap();
        }
        // So that dropping `folder` removes nothing.
        let path = parent.join("hookglass-killed");
        fs::rename(&folder.path, &path).unwrap();
        path
    }

    /// Whether a leftover is removed after `change`.
    fn is_removed_after(change: impl FnOnce(&Path)) -> bool {
        let parent = tempfile::tempdir().unwrap();
        let path = leftover(parent.path());
        change(&path);
        let before: Vec<_> = walk(parent.path());
        remove_leftovers_in(parent.path());
        let after = walk(parent.path());
        let is_removed = !path.exists();
        assert!(is_removed || before == after, "it is removed completely or not at all: {after:?}");
        is_removed
    }

    fn walk(path: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = entries
            .flat_map(|path| if path.is_dir() { [vec![path.clone()], walk(&path)].concat() } else { vec![path] })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn a_leftover_is_removed() {
        assert!(is_removed_after(|_| ()));
    }

    #[test]
    fn a_partly_removed_leftover_is_removed() {
        assert!(is_removed_after(|path| {
            fs::remove_file(path.join("history.db")).unwrap();
            fs::remove_dir_all(path.join(COPIED)).unwrap();
        }));
    }

    #[test]
    fn a_folder_that_may_not_be_a_leftover_stays() {
        let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(!is_removed_after(|path| fs::remove_file(path.join(MARK)).unwrap()), "a user's own history");
        assert!(!is_removed_after(|path| fs::remove_file(path.join(LOCK)).unwrap()), "no lock");
        assert!(!is_removed_after(|path| fs::write(path.join("notes.txt"), b"x").unwrap()), "another file");
        assert!(!is_removed_after(|path| fs::create_dir(path.join("history.db-journal")).unwrap()), "another folder");
        assert!(
            !is_removed_after(|path| fs::write(path.join("copied/notes.txt"), b"x").unwrap()),
            "another file in `copied`"
        );
        assert!(!is_removed_after(|path| set_mode(path, 0o770)), "others can write to it");
    }

    #[test]
    fn a_link_is_never_followed() {
        assert!(!is_removed_after(|path| {
            let aside = path.with_file_name("aside");
            fs::rename(path, &aside).unwrap();
            symlink(&aside, path).unwrap();
        }));
        for name in ["history.db", LOCK, MARK, COPIED] {
            assert!(
                !is_removed_after(|path| {
                    let (target, name) = (path.with_file_name("target"), path.join(name));
                    fs::rename(&name, &target).unwrap();
                    symlink(&target, &name).unwrap();
                }),
                "{name}"
            );
        }
    }

    #[test]
    fn a_folder_in_use_stays_even_before_the_history_exists() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, lock) = EphemeralFolder::create(parent.path()).unwrap();
        remove_leftovers_in(parent.path());
        assert!(is_file(&folder.path.join(LOCK)));
        fs::write(folder.database(), b"x").unwrap();
        remove_leftovers_in(parent.path());
        assert!(folder.database().exists());
        let path = folder.path.clone();
        drop((lock, folder));
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_is_being_created_stays() {
        let parent = tempfile::tempdir().unwrap();
        let unlocked = parent.path().join(".hookglass-unlocked");
        fs::DirBuilder::new().mode(0o700).create(&unlocked).unwrap();
        for name in [MARK, LOCK] {
            fs::write(unlocked.join(name), b"").unwrap();
        }
        remove_leftovers_in(parent.path());
        assert_eq!(walk(&unlocked).len(), 2);
    }

    #[test]
    fn concurrent_starts_never_remove_a_folder_in_use() {
        let parent = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let (folder, _lock) = EphemeralFolder::create(parent.path()).unwrap();
                        fs::write(folder.database(), b"x").unwrap();
                        remove_leftovers_in(parent.path());
                        assert!(folder.database().exists() && is_file(&folder.path.join(LOCK)));
                    }
                });
            }
        });
        assert_eq!(walk(parent.path()).len(), 0);
    }
}
