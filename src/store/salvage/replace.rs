//! Replaces the damaged history with the copy. If the program is killed between two steps, the next start completes the rest.
//!
//! ```text
//! history.db                  damaged                                    new
//! history.db.copying          grows    ─┐
//! history.db.copied-STAMP               └─ complete: from here on ──────┘ the next start continues
//! history.db.damaged-STAMP                 damaged, with its -wal and -shm
//! ```

use super::copy::{Report, Source, copy};
use super::outcome::{Copied, Salvaged};
use crate::store::SalvageError;
use crate::store::files::{beside, sync_folder_of, unless_missing};
use crate::store::private;
use crate::store::resolve::folder_of;
use jiff::Timestamp;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const COPYING: &str = ".copying";
const COPIED: &str = ".copied-";
const DAMAGED: &str = ".damaged-";

/// Prefixes of the names of files that a repair of `database` leaves beside it.
pub(in crate::store) fn replaced_names(database: &str) -> [String; 3] {
    [COPYING, COPIED, DAMAGED].map(|suffix| format!("{database}{suffix}"))
}

/// Copies what can be read of the history at `path` to a new file, renames the damaged file, and moves the copy to `path`.
///
/// `database` is an open handle of the history, and `path` must not be a link. The caller must hold the lock, and must then move it to the
/// new file. Connections to the damaged file may stay open, but what they write is lost.
///
/// # Errors
/// The damaged history is unchanged and still at `path`. Only if renaming the copy failed, it has its new name already.
pub(in crate::store) fn replace(
    path: &Path,
    database: Arc<File>,
    report: Report<'_>,
    stop: &AtomicBool,
) -> Result<Salvaged, SalvageError> {
    let copying = beside(path, COPYING);
    remove(&copying)?;
    private::create(&copying)?;
    let result = copy(path, database, &copying, report, stop)
        .and_then(|(copied, source)| put_in_place(path, copied, source, stop));
    if result.is_err() {
        // If this fails, the next start removes the rest.
        let _ = remove(&copying);
    }
    result
}

fn put_in_place(path: &Path, copied: Copied, source: Source, stop: &AtomicBool) -> Result<Salvaged, SalvageError> {
    if stop.load(Ordering::Relaxed) {
        return Err(SalvageError::Stopped);
    }
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%3f").to_string();
    fs::rename(beside(path, COPYING), copied_path(path, &stamp))?;
    sync_folder_of(path)?;
    let damaged = swap(path, &stamp)?;
    drop(source);
    Ok(Salvaged { path: path.to_owned(), damaged, copied })
}

/// Completes a replacement that an earlier run began, and removes an incomplete copy. Returns the new path of the damaged file if there
/// was something to complete.
///
/// # Errors
/// When the files cannot be renamed or removed.
pub(in crate::store) fn finish(path: &Path) -> io::Result<Option<PathBuf>> {
    let newest = stamps_of_copies(path)?.into_iter().max();
    let damaged = newest.map(|stamp| swap(path, &stamp)).transpose()?;
    remove(&beside(path, COPYING))?;
    Ok(damaged)
}

/// Returns the new path of the damaged file. Renames the database before its log: another program that opens it in between finds no
/// file, and not a database without its log.
///
/// Removes older copies first. Otherwise the next start would put one of them in place of everything that is stored from now on.
fn swap(path: &Path, stamp: &str) -> io::Result<PathBuf> {
    for other in stamps_of_copies(path)?.into_iter().filter(|other| other != stamp) {
        fs::remove_file(copied_path(path, &other))?;
    }
    let damaged = beside(path, &format!("{DAMAGED}{stamp}"));
    for suffix in ["", "-wal", "-shm"] {
        unless_missing(fs::rename(beside(path, suffix), beside(&damaged, suffix)))?;
    }
    fs::rename(copied_path(path, stamp), path)?;
    sync_folder_of(path)?;
    Ok(damaged)
}

fn copied_path(path: &Path, stamp: &str) -> PathBuf {
    beside(path, &format!("{COPIED}{stamp}"))
}

/// The stamps of the complete copies beside the history at `path`.
fn stamps_of_copies(path: &Path) -> io::Result<Vec<String>> {
    let prefix = beside(path.file_name().map_or(path, Path::new), COPIED).into_os_string();
    let mut stamps = Vec::new();
    for entry in fs::read_dir(folder_of(path))? {
        let name = entry?.file_name();
        let stamp = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        stamps.extend(stamp.and_then(|stamp| str::from_utf8(stamp).ok()).map(str::to_owned));
    }
    Ok(stamps)
}

fn remove(copying: &Path) -> io::Result<()> {
    ["", "-wal", "-shm", "-journal"]
        .into_iter()
        .try_for_each(|suffix| unless_missing(fs::remove_file(beside(copying, suffix))))
}
