//! What can go wrong with the history file as a whole; why one event could not be kept is `AppendError`.

use super::salvage::SalvageError;
use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot create the data folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot create the history file `{}`", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot lock the history with `{}`", path.display())]
    Lock { path: PathBuf, source: io::Error },
    /// Only one process may receive events.
    #[error("another hookglass has `{}` open", path.display())]
    Locked { path: PathBuf },
    /// Each name has a log of its own, so two of them at once would destroy the history.
    #[error("`{}` is a hard link to a history that another hookglass may have open under another name", path.display())]
    LockedByLink { path: PathBuf },
    #[error("there is no history at `{}`", path.display())]
    Missing { path: PathBuf },
    #[error("`{}` is a database of another program", path.display())]
    Foreign { path: PathBuf },
    #[error("the history `{}` was written by a newer hookglass (format {found}, known up to {known})", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// What cannot be read back; a start of `hookglass` copies the rest to a new file.
    #[error("the history `{}` is damaged", path.display())]
    Damaged {
        path: PathBuf,
        /// In SQLite's words, which say nothing to whoever reads the message.
        cause: rusqlite::Error,
    },
    #[error("the history `{}` is damaged and cannot be repaired", path.display())]
    Salvage { path: PathBuf, source: SalvageError },
    #[error("cannot open the history `{}`", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("cannot read the history")]
    Read(#[from] rusqlite::Error),
}

impl StoreError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } | Self::Create { .. } | Self::Lock { .. } => {
                "choose a file that can be written with `--db FILE`, or keep nothing with `--ephemeral`"
            }
            Self::Locked { .. } => {
                "use the one that runs, choose another file with `--db`, or keep nothing with `--ephemeral`"
            }
            Self::LockedByLink { .. } => "use the name that it was opened with, or make a symbolic link to it",
            Self::Missing { .. } => "start `hookglass` once, or name the file with `--db`",
            Self::Foreign { .. } => "choose another file with `--db`",
            Self::Newer { .. } => "update hookglass, or choose another file with `--db`",
            Self::Damaged { .. } => "start `hookglass`: it copies every readable event to a new file",
            Self::Salvage { source, .. } => source.hint(),
            Self::Open { .. } | Self::Read(_) => "check the file, or choose another one with `--db`",
        }
    }
}

/// Whether the file itself is broken, as opposed to what was asked of it: SQLite cannot make sense of a page, or a row holds what no
/// hookglass writes.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
        || matches!(
            error,
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
        )
}
