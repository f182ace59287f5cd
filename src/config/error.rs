//! What can be wrong with the settings, and what to do then.

use super::keys::Key;
use super::reading::ReadError;
use crate::core::delivery::CustomHeaderError;
use std::borrow::Cow;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the secret file `{path}`")]
    SecretFile { path: PathBuf, source: ReadError },
    #[error("the secret file `{path}` is empty")]
    SecretEmpty { path: PathBuf },
    #[error("the secret file `{path}` is larger than 1 MiB, so it is not a signing secret")]
    SecretTooLarge { path: PathBuf },
    #[error("a secret was given where the path of a secret file is expected")]
    SecretAsPath,
    #[error("the secret file `{path}` is UTF-16 text")]
    SecretUtf16 { path: PathBuf },
    #[error("the secret file `{path}` is not UTF-8 text")]
    SecretNotText { path: PathBuf },
    #[error("`{name}` is not UTF-8 text")]
    VariableNotText { name: &'static str },
    #[error("`{flag}`: `{text}` is not a valid URL: {why}")]
    Target { flag: &'static str, text: String, why: String },
    #[error("`{name}`: {why}")]
    Header { name: &'static str, why: CustomHeaderError },
    #[error("cannot read the certificates in `{path}`")]
    CaFile { path: PathBuf, source: ReadError },
    #[error("cannot use the certificates in `{path}`: {why}")]
    Certificate { path: PathBuf, why: &'static str },
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
            Self::Header { why: CustomHeaderError::Framing(_) | CustomHeaderError::Own(_), .. } => {
                "leave that header out"
            }
            Self::Header { .. } => {
                "write it as `--header 'x-name: value'`, or `headers = [\"x-name: value\"]` in the file"
            }
            Self::Certificate { .. } => {
                "export the certificate as PEM, which begins with `-----BEGIN CERTIFICATE-----`"
            }
            Self::SecretFile { .. } | Self::File { .. } | Self::CaFile { .. } => "check the path and its permissions",
            Self::FileNotText { .. } => "save the file as UTF-8",
            Self::SecretEmpty { .. } | Self::SecretTooLarge { .. } | Self::SecretNotText { .. } => {
                "write only the secret, `whsec_…`, to the file; copy it from the dashboard"
            }
            Self::SecretAsPath => {
                "write the secret to a file and pass its path, or set `SCALEKIT_WEBHOOK_SECRET` to it"
            }
            Self::SecretUtf16 { .. } => "save the file as UTF-8",
            Self::VariableNotText { .. } => "copy the secret from the dashboard again",
            Self::Key { .. } => "correct that line; `hookglass config` lists the keys and their values",
            Self::Target { flag: "--public-url" | "public_url", .. } => {
                "use the URL that Scalekit posts to, such as `https://ab12.ngrok-free.app/webhooks/scalekit`"
            }
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
