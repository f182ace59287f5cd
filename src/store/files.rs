//! The files beside a history, and which file is at a path.

use super::resolve::folder_of;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// `path` with `suffix` added to its file name, such as `history.db-wal` for `-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// In bytes; 0 if there is no such file.
pub(super) fn size_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The result of renaming or removing a file that may be missing.
pub(super) fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Syncs the folder that holds `path`, so that a rename in it survives a power cut.
#[cfg(unix)]
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// A folder cannot be opened as a file here.
#[cfg(not(unix))]
pub(super) fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Fills `bytes` with those at `offset`. False if the file is too short or cannot be read.
#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> bool {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(bytes, offset).is_ok()
}

#[cfg(not(unix))]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> bool {
    use std::os::windows::fs::FileExt;
    file.seek_read(bytes, offset).is_ok_and(|read| read == bytes.len())
}

/// Identifies a file, whatever its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The file that `path` leads to.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::from(&metadata))
    }
}

#[cfg(unix)]
impl From<&Metadata> for FileId {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Elsewhere an open file can be neither removed nor replaced, so it is enough that there is one.
#[cfg(not(unix))]
impl From<&Metadata> for FileId {
    fn from(_: &Metadata) -> Self {
        Self { device: 0, inode: 0 }
    }
}
