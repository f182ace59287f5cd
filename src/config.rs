//! The settings of the user. Flags win over the configuration file, and the file over the defaults. Secrets come from the environment,
//! or else from `.env`, and from secret files. All of it is read and merged once, at the start.

mod access;
pub mod document;
pub(crate) mod dot_env;
mod error;
mod file;
mod filters;
pub mod keys;
pub mod reading;
mod secrets;
mod settings;
mod trust;

pub use crate::core::signature::SECRET_VARIABLE;
pub use access::Access;
pub use error::ConfigError;
pub use file::Layer;
pub use secrets::{EmptySecret, SecretFiles, keyring};
pub use settings::Settings;

use crate::core::delivery::{Route, Target, without_user_info};
use reading::Source;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// A warning about a file. It does not stop hookglass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    /// What to do now.
    pub hint: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.text, self.hint)
    }
}

/// The environment, `.env.local`, `.env` and the configuration file, read once.
pub struct Environment {
    variables: HashMap<OsString, OsString>,
    dot_env: Vec<dot_env::DotEnv>,
    pub file: Layer,
    /// Warnings about these files.
    pub notices: Vec<Notice>,
    /// Called when hookglass waits for a file.
    tell: fn(&str),
}

impl Environment {
    /// Reads the environment, `.env.local` and `.env` in `folder`, and the configuration file at `config` or in the user's configuration
    /// folder. `tell` is called when hookglass waits for someone to write to a pipe that was given as a file.
    ///
    /// # Errors
    /// When the configuration file cannot be read or has a mistake.
    pub fn read(folder: &Path, config: Option<&Path>, tell: fn(&str)) -> Result<Self, ConfigError> {
        let (dot_env, mut notices) = dot_env::read(folder);
        let (file, notice) = match config {
            Some(path) => Layer::read(path, Source::FileOrStream(&tell))?,
            None => Layer::read_usual()?,
        };
        notices.extend(notice);
        Ok(Self { variables: std::env::vars_os().collect(), dot_env, file, notices, tell })
    }

    pub fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(&OsString::from(name))
    }

    /// A variable as text; `None` if it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variable(name)?.to_str().filter(|text| !text.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| !value.is_empty())
    }
}

/// Parses Unix seconds with an optional fraction into milliseconds. Finer digits are truncated.
///
/// # Errors
/// A message when `text` is not such a number.
pub fn unix_milliseconds(text: &str) -> Result<i64, String> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let milliseconds = format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse::<i64>().ok());
    let parsed = seconds.parse::<i64>().ok().zip(milliseconds.filter(|_| is_fraction)).and_then(|(seconds, rest)| {
        let rest = if seconds < 0 || seconds == 0 && text.starts_with('-') { -rest } else { rest };
        seconds.checked_mul(1000)?.checked_add(rest)
    });
    parsed.ok_or_else(|| "expected Unix seconds, such as 1700000000 or 1700000000.250".to_owned())
}

/// Parses the URL given with `flag`.
pub fn target(flag: &'static str, text: &str) -> Result<Target, ConfigError> {
    Target::parse(text).map_err(|error| invalid_url(flag, text, &error))
}

/// Parses a route given with `flag`.
fn route(flag: &'static str, text: &str) -> Result<Route, ConfigError> {
    Route::parse(text).map_err(|error| invalid_url(flag, text, &error))
}

fn invalid_url(flag: &'static str, text: &str, why: &impl ToString) -> ConfigError {
    ConfigError::Target { flag, text: without_user_info(text).into_owned(), why: why.to_string() }
}

/// The path of the history: from `--db`, or else the configuration file, or else `default_database`.
pub fn database(flag: Option<&Path>, file: &Layer) -> Result<PathBuf, ConfigError> {
    flag.or(file.db.as_deref()).map_or_else(default_database, |path| Ok(path.to_owned()))
}

/// The default path of the configuration file; `None` if there is no folder for it.
pub(crate) fn usual_path() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("hookglass").join("config.toml"))
}

/// The default path of the history, in the user's data folder.
pub(crate) fn default_database() -> Result<PathBuf, ConfigError> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().map_err(|_| ConfigError::NoDataFolder)?;
    Ok(folders.data_dir().join("hookglass").join("events.db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_parsed_to_the_millisecond() {
        for (text, expected) in [
            ("1700000000", Some(1_700_000_000_000)),
            ("1700000000.25", Some(1_700_000_000_250)),
            ("1700000000.9999", Some(1_700_000_000_999)),
            ("5.", Some(5000)),
            ("-1.5", Some(-1500)),
            ("-0.5", Some(-500)),
            ("0", Some(0)),
            ("", None),
            (".5", None),
            ("1e9", None),
            ("1.-5", None),
            ("1.é", None),
            ("9223372036854775807", None),
        ] {
            assert_eq!(unix_milliseconds(text).ok(), expected, "{text}");
        }
    }
}
