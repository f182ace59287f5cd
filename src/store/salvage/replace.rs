//! Puts the copy in the place of the damaged history, in steps that a start completes if the machine stops between them.
//!
//! ```text
//! history.db                  damaged                                    new
//! history.db.copying          grows    ─┐
//! history.db.copied-STAMP               └─ complete: from here on ──────┘ the start goes on
//! history.db.damaged-STAMP                 damaged, with its -wal and -shm
//! ```

use super::copy::{Source, Tell, copy};
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

/// How the names of the files begin that stand beside `database` during a repair and after it.
pub(in crate::store) fn replaced_names(database: &str) -> [String; 3] {
    [COPYING, COPIED, DAMAGED].map(|suffix| format!("{database}{suffix}"))
}

/// Copies what can be read of the history at `path`, which is open as `database`, moves the damaged file aside and puts the copy in its
/// place. `path` is no link. To be called by the one who has the lock, which has to be moved to the new file then. Connections to the
/// damaged file may stay open; what they write from now on is lost.
///
/// # Errors
/// The damaged history is as it was and where it was, unless it could be moved and the copy could not.
pub(in crate::store) fn replace(
    path: &Path,
    database: Arc<File>,
    tell: Tell<'_>,
    stop: &AtomicBool,
) -> Result<Salvaged, SalvageError> {
    let copying = beside(path, COPYING);
    remove(&copying)?;
    private::create(&copying)?;
    let result =
        copy(path, database, &copying, tell, stop).and_then(|(copied, source)| place(path, copied, source, stop));
    if result.is_err() {
        // What is left of it the next start removes.
        let _ = remove(&copying);
    }
    result
}

fn place(path: &Path, copied: Copied, source: Source, stop: &AtomicBool) -> Result<Salvaged, SalvageError> {
    if stop.load(Ordering::Relaxed) {
        return Err(SalvageError::Stopped);
    }
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%3f").to_string();
    fs::rename(beside(path, COPYING), beside(path, &format!("{COPIED}{stamp}")))?;
    sync_folder_of(path)?;
    let damaged = swap(path, &stamp)?;
    drop(source);
    Ok(Salvaged { path: path.to_owned(), damaged, copied })
}

/// Completes what an earlier run has begun and removes what it has not completed.
///
/// # Errors
/// When the files cannot be renamed or removed.
pub(in crate::store) fn finish(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let prefix = format!("{name}{COPIED}");
    for entry in fs::read_dir(folder_of(path))? {
        let name = entry?.file_name();
        if let Some(stamp) = name.to_str().and_then(|name| name.strip_prefix(&prefix)) {
            swap(path, stamp)?;
        }
    }
    remove(&beside(path, COPYING))
}

/// The database goes first: whoever opens one now finds none, rather than the damaged one without its log. Where the damaged file is now.
fn swap(path: &Path, stamp: &str) -> io::Result<PathBuf> {
    let damaged = beside(path, &format!("{DAMAGED}{stamp}"));
    for suffix in ["", "-wal", "-shm"] {
        unless_missing(fs::rename(beside(path, suffix), beside(&damaged, suffix)))?;
    }
    fs::rename(beside(path, &format!("{COPIED}{stamp}")), path)?;
    sync_folder_of(path)?;
    Ok(damaged)
}

fn remove(copying: &Path) -> io::Result<()> {
    ["", "-wal", "-shm", "-journal"]
        .into_iter()
        .try_for_each(|suffix| unless_missing(fs::remove_file(beside(copying, suffix))))
}
