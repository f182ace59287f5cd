//! Why the program could not run: what was being done, the causes, and a hint. The errors of all modules become this one type.

use crate::app::outbound::rehearse::{CheckError, RehearseError};
use crate::commands::talk::spoken;
use crate::config::ConfigError;
use crate::core::errors::with_causes;
use crate::core::redact::WHERE_A_SECRET_BELONGS;
use crate::core::signature::{COPY_SECRET, GIVE_SECRET};
use crate::listener::ListenError;
use crate::log::LogError;
use crate::store::StoreError;
use std::error::Error;
use std::{fmt, io};

/// A message of one line and perhaps a hint, without secrets and safe on a terminal. The exit code is 2.
#[derive(Debug)]
pub struct Failure {
    text: String,
    hint: Option<String>,
}

impl Failure {
    /// `doing` is what was being done.
    pub fn new(doing: &str, cause: impl Error + 'static) -> Self {
        Self::made(&format!("{doing}: {}", with_causes(&cause)), None)
    }

    pub(crate) fn with_hint(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::made(&text.into(), Some(&hint.into()))
    }

    /// What went wrong, without the hint.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Every error that is shown passes through here. A path or a URL in it may be a secret that was typed in the wrong place.
    fn made(text: &str, hint: Option<&str>) -> Self {
        let (said, hinted) = (spoken(text), hint.map(|hint| spoken(hint).text));
        let hint = match (said.has_signing_secret, hinted) {
            (true, Some(hint)) => Some(format!("{hint}; {WHERE_A_SECRET_BELONGS}")),
            (true, None) => Some(WHERE_A_SECRET_BELONGS.to_owned()),
            (false, hint) => hint,
        };
        Self { text: said.text, hint }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hookglass: {}", self.text)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::with_hint(with_causes(&error), error.hint())
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let hint = error.hint();
        Self::with_hint(with_causes(&error), hint)
    }
}

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        let hint = match error.source.kind() {
            io::ErrorKind::PermissionDenied => "ports below 1024 need privileges: choose a higher one with `--port`",
            _ => "check `--bind` and `--port`",
        };
        Self::with_hint(with_causes(&error), hint)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = error.hint();
        Self::with_hint(with_causes(&error), hint)
    }
}

impl From<RehearseError> for Failure {
    fn from(error: RehearseError) -> Self {
        let hint = match error {
            RehearseError::NoSecret => GIVE_SECRET,
            RehearseError::UnusableSecret => COPY_SECRET,
            RehearseError::NotVerified { .. } => {
                "pass `--sign` to sign them anyway, or choose a verified event or a sample"
            }
            RehearseError::NoBody => "choose another event, or leave out `--event` to use a sample",
            RehearseError::NoneFits => {
                "choose another event, or other rehearsals: `hookglass rehearse --list` prints them"
            }
            RehearseError::Check(CheckError::Unsteady(_)) => {
                "print only what the events change, without times, and use a database that nothing else changes"
            }
            RehearseError::Check(_) => "run the command by itself: it must end within 10 s, and print at most 1 MiB",
            RehearseError::NotStored(_) => "free space on the disk, and check that the history file still exists",
        };
        Self::with_hint(with_causes(&error), hint)
    }
}
