//! What can go wrong with the history as a whole. Why one event could not be stored is [`AppendError`].

use super::AppendError;
use super::shortage;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot create the data folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot open or create the history file `{}`", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot lock the history with `{}`", path.display())]
    Lock { path: PathBuf, source: io::Error },
    /// Only one process may receive events.
    #[error("another hookglass has `{}` open", path.display())]
    Locked { path: PathBuf },
    /// Each name has a log of its own, so two of them in use at once would destroy the history.
    #[error("`{}` is a hard link to a history that another hookglass may have open under another name", path.display())]
    LockedByLink { path: PathBuf },
    #[error("there is no history at `{}`", path.display())]
    Missing { path: PathBuf },
    #[error("`{}` is not a hookglass history", path.display())]
    NotHistory { path: PathBuf },
    #[error("`{}` is {what}, not a hookglass history", path.display())]
    NotFile { path: PathBuf, what: &'static str },
    #[error("`{}` is a database of another program", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "the history `{}` was written by a newer hookglass (format {found}; this one reads up to {known})",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// The next start of `hookglass` copies what can be read to a new file.
    #[error("the history `{}` is damaged", path.display())]
    Damaged {
        path: PathBuf,
        /// In SQLite's words, which mean nothing to the user. It is not part of the message.
        cause: rusqlite::Error,
    },
    #[error("the history `{}` is damaged and cannot be repaired", path.display())]
    Salvage { path: PathBuf, source: SalvageError },
    #[error("cannot open the history `{}`", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("cannot delete from the history")]
    Delete(#[source] rusqlite::Error),
    #[error("cannot make the file of the history smaller")]
    Vacuum(#[source] rusqlite::Error),
    #[error("cannot read the history")]
    Read(#[from] rusqlite::Error),
}

impl StoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } | Self::Create { .. } | Self::Lock { .. } => {
                "choose a writable file with `--db FILE`, or store nothing on disk with `--ephemeral`"
            }
            Self::Locked { .. } => {
                "use the hookglass that is running, choose another file with `--db`, or use `--ephemeral`"
            }
            Self::LockedByLink { .. } => {
                "use the name that it was opened with, or replace the link with a symbolic one"
            }
            Self::Missing { .. } => "start `hookglass` once to create it, or name another file with `--db`",
            Self::NotHistory { .. } => "choose another file with `--db`, or move this one away",
            Self::NotFile { .. } | Self::Foreign { .. } => "choose another file with `--db`",
            Self::Newer { .. } => "update hookglass, or choose another file with `--db`",
            Self::Damaged { .. } => "start `hookglass`: it copies every readable event to a new file",
            Self::Salvage { source, .. } => source.hint(),
            Self::Delete(_) => "try again; the events that are still listed are not deleted",
            Self::Vacuum(_) => {
                "make room on the disk, end other programs that use the history, and try again; no event is lost"
            }
            Self::Open { .. } | Self::Read(_) => "check the file, or choose another one with `--db`",
        }
    }
}

/// Why a damaged history could not be replaced. The damaged file is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    #[error("there is no room for a copy of the readable events")]
    Shortage(#[source] AppendError),
    #[error("hookglass ended before it had copied everything")]
    Stopped,
    #[error("cannot write the new file")]
    Write(#[source] rusqlite::Error),
    #[error("cannot put the new file in place")]
    Replace(#[source] io::Error),
    #[error("cannot open the new file")]
    Open(#[source] Box<StoreError>),
}

impl From<io::Error> for SalvageError {
    fn from(error: io::Error) -> Self {
        shortage::of_kind(error.kind()).map_or(Self::Replace(error), Self::Shortage)
    }
}

impl SalvageError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Shortage(_) => "make room on the disk, or choose another file with `--db`",
            Self::Stopped => "start `hookglass` again",
            Self::Write(_) | Self::Replace(_) | Self::Open(_) => {
                "make the folder writable, or choose another file with `--db`"
            }
        }
    }
}

/// Whether the file is broken, as opposed to the statement: SQLite cannot make sense of a page, or a row holds what hookglass never writes.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
        || matches!(
            error,
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
        )
}

/// The [`StoreError`] for an SQLite error in opening the history at `path`.
pub(super) fn opening_failed(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    // The statements that open a history are valid, so SQLite rejects one only if the tables or the format were changed.
    let is_rejected = source.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_ERROR);
    if is_damage(&source) || is_rejected {
        StoreError::Damaged { path, cause: source }
    } else {
        StoreError::Open { path, source }
    }
}
