//! Finds out why a write failed: what there was too little of.

use super::AppendError;
use super::files::{beside, size_of};
use super::resolve::folder_of;
use rusqlite::ErrorCode;
use std::io::{self, Write as _};
use std::path::Path;

/// Most bytes that are written to find out why others could not be.
const MAX_PROBE: usize = 4 << 20;

/// What an SQLite error means to whoever waits for the write. `path` is the database's, `weight` about how many bytes were to be written.
pub(super) fn explain(error: &rusqlite::Error, path: &Path, weight: usize) -> AppendError {
    let length = || size_of(&beside(path, "-wal")) + weight as u64 + MAX_PROBE as u64;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => AppendError::Busy,
        _ => of_error(error, path, weight, length).unwrap_or_else(|| AppendError::Failed(error.to_string())),
    }
}

/// What there was too little of when `weight` more bytes were to be written to `path`, if anything. `length` is the file's length with
/// them.
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

/// What there was too little of when a file operation failed, if anything.
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
