//! Finds out why a write failed: a full disk, a quota or a file size limit.

use super::AppendError;
use super::files::{beside, size_of};
use super::resolve::folder_of;
use rusqlite::ErrorCode;
use std::io::{self, Write as _};
use std::path::Path;

/// Most bytes written to the temporary file.
const MAX_PROBE: usize = 4 << 20;

/// What an SQLite error means for a write to the database at `path`. `weight` is roughly the number of bytes to write.
pub(super) fn explain(error: &rusqlite::Error, path: &Path, weight: usize) -> AppendError {
    let length = || size_of(&beside(path, "-wal")) + weight as u64 + MAX_PROBE as u64;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => AppendError::Busy,
        _ => of_error(error, path, weight, length).unwrap_or_else(|| AppendError::Failed(error.to_string())),
    }
}

/// The shortage that made a write of `weight` bytes to `path` fail, if there was one. `length` is the length of the file with these bytes.
///
/// SQLite reports anything but a plain full disk as an I/O error. In that case a temporary file beside `path` tries the same.
pub(super) fn of_error(
    error: &rusqlite::Error,
    path: &Path,
    weight: usize,
    length: impl FnOnce() -> u64,
) -> Option<AppendError> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Some(AppendError::DiskFull),
        Some(ErrorCode::SystemIoFailure) => of_kind(probe(folder_of(path), weight, length()).err()?.kind()),
        _ => None,
    }
}

/// The shortage that made a file operation fail, if there was one.
pub(super) fn of_kind(kind: io::ErrorKind) -> Option<AppendError> {
    match kind {
        io::ErrorKind::StorageFull => Some(AppendError::DiskFull),
        io::ErrorKind::QuotaExceeded => Some(AppendError::QuotaExceeded),
        io::ErrorKind::FileTooLarge => Some(AppendError::FileSizeLimit),
        _ => None,
    }
}

/// Writes `weight` bytes to a temporary file in `folder` and makes it `length` bytes long.
fn probe(folder: &Path, weight: usize, length: u64) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let block = [0; 64 * 1024];
    for _ in 0..=weight.min(MAX_PROBE) / block.len() {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    file.set_len(length)
}
