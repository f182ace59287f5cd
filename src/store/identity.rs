//! Whether the files that are open are still the ones at their paths.
//!
//! SQLite goes on answering "committed" after its file was removed; only comparing device and inode tells.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The database and its log as they were when they were opened.
#[derive(Debug)]
pub(super) struct Identity {
    files: Vec<(PathBuf, FileId)>,
}

impl Identity {
    /// Takes the identity of the database at `path` and of its write-ahead log, both of which must exist.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut files = Vec::with_capacity(2);
        for path in [path.to_owned(), beside(path, "-wal")] {
            let id = FileId::of(&path)?;
            files.push((path, id));
        }
        Ok(Self { files })
    }

    /// Whether both files are still where they were.
    pub(super) fn is_unchanged(&self) -> bool {
        self.files.iter().all(|(path, id)| FileId::of(path).is_ok_and(|now| now == *id))
    }
}

/// `path` with `suffix` added to its last name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[derive(Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    /// OtherWriters an open file cannot be removed, so that it exists is enough.
    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self { device: 0, inode: 0 })
    }
}
