//! The settings of the user. Flags win over the configuration file, and the file over the defaults. Secrets come from the environment,
//! or else from `.env`, and from secret files. All of it is read and merged once, at the start.

pub mod document;
mod dot_env;
mod file;
pub mod keys;
pub mod reading;
mod settings;
mod trust;

pub use crate::core::signature::SECRET_VARIABLE;
pub use file::Layer;
pub use settings::Settings;

use crate::core::delivery::{Route, Target, without_user_info};
use crate::core::signature::{Keyring, Secret};
use keys::Key;
use reading::{Contents, MAX_TEXT, ReadError, Source};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the secret file `{path}`")]
    SecretFile { path: PathBuf, source: ReadError },
    #[error("the secret file `{path}` is empty")]
    SecretEmpty { path: PathBuf },
    #[error("the secret file `{path}` is larger than 1 MiB, so it is not a signing secret")]
    SecretTooLarge { path: PathBuf },
    #[error("the secret file `{path}` is not UTF-8 text")]
    SecretNotText { path: PathBuf },
    #[error("`{SECRET_VARIABLE}` is not UTF-8 text")]
    VariableNotText,
    #[error("`{flag}`: `{text}` is not a valid URL: {why}")]
    Target { flag: &'static str, text: String, why: String },
    #[error("`{flag}` needs `--forward-to`")]
    NothingForwarded { flag: &'static str },
    #[error("the overrides `{first}` and `{second}` exclude each other")]
    TwoOverrides { first: String, second: String },
    #[error("cannot read the configuration file `{path}`")]
    File { path: PathBuf, source: ReadError },
    #[error("the configuration file `{path}` is not UTF-8 text")]
    FileNotText { path: PathBuf },
    #[error("error in the configuration file `{path}`, line {line}: {why}")]
    Key { path: PathBuf, line: usize, why: String },
    #[error("error in the configuration file `{path}`, line {line}: there is no key `{key}`")]
    UnknownKey { path: PathBuf, line: usize, key: String },
    #[error("there is no data folder: neither `XDG_DATA_HOME` nor `HOME` is set")]
    NoDataFolder,
}

impl ConfigError {
    /// What to do now.
    pub fn hint(&self) -> Cow<'static, str> {
        let hint = match self {
            Self::UnknownKey { key, .. } => {
                return Key::nearest(key).map_or("`hookglass config` lists the keys".into(), |nearest| {
                    format!("did you mean `{}`? `hookglass config` lists the keys", nearest.name).into()
                });
            }
            Self::SecretFile { source: ReadError::Silent(_), .. } | Self::File { source: ReadError::Silent(_), .. } => {
                "start the program that writes to the pipe, or name a file"
            }
            Self::SecretFile { .. } | Self::File { .. } => "check the path and its permissions",
            Self::FileNotText { .. } => "save the file as UTF-8",
            Self::SecretEmpty { .. } | Self::SecretTooLarge { .. } | Self::SecretNotText { .. } => {
                "write only the secret, `whsec_…`, to the file; copy it from the dashboard"
            }
            Self::VariableNotText => "copy the secret from the dashboard again",
            Self::Key { .. } => "correct that line; `hookglass config` lists the keys and their values",
            Self::Target { .. } => "use a URL such as `http://localhost:4000/webhooks/scalekit`, or a port",
            Self::NothingForwarded { .. } => "add the URL to forward to, such as `--forward-to 4000`",
            Self::TwoOverrides { .. } => {
                "keep one; only `allow` or `deny:\"why\"`, for interceptors, can go with one other"
            }
            Self::NoDataFolder => "name a database file with `--db FILE`, or store nothing with `--ephemeral`",
        };
        hint.into()
    }
}

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

/// The environment, `.env` and the configuration file, read once.
pub struct Environment {
    variables: HashMap<OsString, OsString>,
    dot_env: Vec<(String, String)>,
    pub file: Layer,
    /// Warnings about `.env` and the configuration file.
    pub notices: Vec<Notice>,
    /// Called when hookglass waits for a file.
    tell: fn(&str),
}

impl Environment {
    /// Reads the environment, `.env` in `folder`, and the configuration file at `config` or in the user's configuration folder. `tell`
    /// is called when hookglass waits for someone to write to a pipe that was given as a file.
    ///
    /// # Errors
    /// When the configuration file cannot be read or has a mistake.
    pub fn read(folder: &Path, config: Option<&Path>, tell: fn(&str)) -> Result<Self, ConfigError> {
        let (dot_env, mut notices) = dot_env::read(&folder.join(".env"));
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

/// The secret files given on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecretFiles<'a> {
    pub verifying: &'a [PathBuf],
    /// For [`Keyring::known_only`].
    pub known_only: &'a [PathBuf],
}

/// How to treat an empty secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptySecret {
    /// An empty variable is ignored, and an empty file is an error.
    IsNone,
    /// It is a secret that verifies nothing. An empty variable counts only if there is no other secret.
    Counts,
}

/// All secrets, those of the environment first, and warnings about the files. Each secret is taken verbatim, except for one newline at
/// the end of a file. Files given on the command line replace those of the configuration file.
///
/// # Errors
/// When a file cannot be read, or a file or the variable is not UTF-8.
pub fn keyring(
    environment: &Environment,
    files: SecretFiles<'_>,
    empty: EmptySecret,
) -> Result<(Keyring, Vec<Notice>), ConfigError> {
    let (mut verifying, mut notices, mut empty_secret) = (Vec::new(), Vec::new(), None);
    if environment.has(SECRET_VARIABLE) {
        let text = environment.text(SECRET_VARIABLE).ok_or(ConfigError::VariableNotText)?;
        verifying.push(Secret::new(SECRET_VARIABLE, text));
    } else {
        let lines = environment.dot_env.iter().filter(|(name, value)| name == SECRET_VARIABLE && !value.is_empty());
        for (place, (name, value)) in lines.enumerate() {
            let label = if place == 0 { format!("{name} in .env") } else { format!("{name}#{} in .env", place + 1) };
            verifying.push(Secret::new(label, value.as_str()));
        }
    }
    let mut read = |path: &PathBuf| {
        let (text, notice) = read_secret(path, empty, environment.tell)?;
        notices.extend(notice);
        Ok(Secret::in_file(path.display().to_string(), text))
    };
    let named = |flags: &'_ [PathBuf], file: &Option<Vec<PathBuf>>| match file {
        Some(paths) if flags.is_empty() => paths.clone(),
        _ => flags.to_vec(),
    };
    for path in &named(files.verifying, &environment.file.secret_files) {
        verifying.push(read(path)?);
    }
    let empty_place = if environment.variable(SECRET_VARIABLE).is_some_and(|value| value.is_empty()) {
        // Where it counts, it is reported like every secret that looks wrong.
        (empty == EmptySecret::IsNone).then_some("the environment")
    } else {
        environment.dot_env.iter().any(|(name, _)| name == SECRET_VARIABLE).then_some("`.env`")
    };
    if verifying.is_empty()
        && let Some(place) = empty_place
    {
        let text = format!("`{SECRET_VARIABLE}` in {place} is empty");
        empty_secret = Some(Notice { text, hint: "set it to the signing secret from the dashboard".to_owned() });
    }
    if verifying.is_empty() && empty == EmptySecret::Counts && environment.variable(SECRET_VARIABLE).is_some() {
        verifying.push(Secret::new(SECRET_VARIABLE, ""));
    }
    let known_only = named(files.known_only, &environment.file.known_secret_files);
    let known_only = known_only.iter().map(read).collect::<Result<_, _>>()?;
    notices.extend(empty_secret);
    Ok((Keyring { verifying, known_only }, notices))
}

fn read_secret(path: &Path, empty: EmptySecret, tell: fn(&str)) -> Result<(String, Option<Notice>), ConfigError> {
    let path_buf = || path.to_owned();
    let read = reading::read(path, Source::FileOrStream(&tell), MAX_TEXT);
    let Contents { bytes, metadata } = read.map_err(|error| match error {
        ReadError::TooLarge(_) => ConfigError::SecretTooLarge { path: path_buf() },
        source => ConfigError::SecretFile { path: path_buf(), source },
    })?;
    let text = String::from_utf8(bytes).map_err(|_| ConfigError::SecretNotText { path: path_buf() })?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() && empty == EmptySecret::IsNone {
        return Err(ConfigError::SecretEmpty { path: path_buf() });
    }
    Ok((text.to_owned(), trust::notice(path, &metadata)))
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

    fn environment(variables: &[(&str, &str)], dot_env: &[(&str, &str)]) -> Environment {
        Environment {
            variables: variables.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            dot_env: dot_env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            file: Layer::default(),
            notices: Vec::new(),
            tell: |_| (),
        }
    }

    fn labels_and_texts(keyring: &Keyring) -> Vec<(&str, &str)> {
        keyring.verifying.iter().map(|secret| (secret.label(), secret.text())).collect()
    }

    fn only(verifying: &[PathBuf]) -> SecretFiles<'_> {
        SecretFiles { verifying, known_only: &[] }
    }

    #[test]
    fn a_known_secret_does_not_verify() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        std::fs::write(&path, "whsec_b2xk\n").unwrap();
        let files = SecretFiles { verifying: &[], known_only: std::slice::from_ref(&path) };
        let keyring = keyring(&environment(&[], &[]), files, EmptySecret::IsNone).unwrap().0;
        assert!(keyring.is_empty());
        assert_eq!(keyring.known_only[0].text(), "whsec_b2xk");
    }

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

    #[test]
    fn the_environment_wins_over_dot_env_and_is_used_verbatim() {
        let both = environment(&[(SECRET_VARIABLE, " whsec_a \n")], &[(SECRET_VARIABLE, "whsec_b")]);
        assert_eq!(
            labels_and_texts(&keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0),
            [(SECRET_VARIABLE, " whsec_a \n")]
        );
    }

    #[test]
    fn dot_env_can_hold_several_secrets() {
        let two = environment(&[], &[(SECRET_VARIABLE, "whsec_a"), ("OTHER", "x"), (SECRET_VARIABLE, "whsec_b")]);
        assert_eq!(
            labels_and_texts(&keyring(&two, SecretFiles::default(), EmptySecret::IsNone).unwrap().0),
            [("SCALEKIT_WEBHOOK_SECRET in .env", "whsec_a"), ("SCALEKIT_WEBHOOK_SECRET#2 in .env", "whsec_b")]
        );
    }

    #[test]
    fn an_empty_variable_is_not_a_secret() {
        let empty = environment(&[(SECRET_VARIABLE, "")], &[]);
        let with = |files, empty_secret| keyring(&empty, files, empty_secret).unwrap().0;
        assert!(with(SecretFiles::default(), EmptySecret::IsNone).is_empty());
        // For `verify` it is one, unless there is another secret.
        assert_eq!(labels_and_texts(&with(SecretFiles::default(), EmptySecret::Counts)), [(SECRET_VARIABLE, "")]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "").unwrap();
        let files = SecretFiles { verifying: std::slice::from_ref(&path), known_only: &[] };
        assert_eq!(labels_and_texts(&with(files, EmptySecret::Counts)), [(path.to_str().unwrap(), "")]);
    }

    #[test]
    fn files_on_the_command_line_replace_those_of_the_configuration_file() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("whsec_{name}")).unwrap();
            path
        });
        let mut configured = environment(&[], &[]);
        configured.file.secret_files = Some(vec![a]);
        let texts = |files| {
            let keyring = keyring(&configured, files, EmptySecret::IsNone).unwrap().0;
            keyring.verifying.iter().map(|secret| secret.text().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts(SecretFiles::default()), ["whsec_a"]);
        assert_eq!(texts(only(&[b])), ["whsec_b"]);
    }

    #[test]
    fn a_file_loses_one_final_newline_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "whsec_a \n\n").unwrap();
        let keyring =
            keyring(&environment(&[], &[]), only(std::slice::from_ref(&path)), EmptySecret::IsNone).unwrap().0;
        assert_eq!(keyring.verifying[0].text(), "whsec_a \n");
    }

    #[test]
    fn unusable_secret_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let none = environment(&[], &[]);
        let attempt = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            keyring(&none, only(&[path]), EmptySecret::IsNone).unwrap_err()
        };
        assert!(matches!(attempt("empty", b"\n"), ConfigError::SecretEmpty { .. }));
        assert!(matches!(attempt("bytes", b"\xff\xfe"), ConfigError::SecretNotText { .. }));
        assert!(matches!(attempt("large", &vec![b'a'; 2_100_000]), ConfigError::SecretTooLarge { .. }));
        let missing = keyring(&none, only(&[folder.path().join("missing")]), EmptySecret::Counts).unwrap_err();
        assert!(matches!(missing, ConfigError::SecretFile { .. }));
    }
}
