//! The configuration file. Its keys are named as the flags of `listen`.

use super::keys::{KEYS, Key, Kind};
use super::reading::{self, Contents, MAX_TEXT, ReadError, Source};
use super::{ConfigError, Notice, filters, trust};
use crate::core::colours::{Colours, ThemeName};
use crate::core::delivery::{CustomHeader, ForwardMode, Forwarded, MAX_PARALLEL};
use crate::core::filter::SavedFilters;
use crate::core::overrides::Override;
use crate::core::rebinding::Rebinding;
use crate::core::redact::masked;
use crate::core::retention::{KEEP_FORM, Keep, SIZE_FORM, parse_size};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::{fmt, io};
use toml::Spanned;

/// Settings of the file or of the command line; `None` where it sets nothing.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Layer {
    pub port: Option<u16>,
    pub bind: Option<IpAddr>,
    pub db: Option<PathBuf>,
    pub secret_files: Option<Vec<PathBuf>>,
    pub known_secret_files: Option<Vec<PathBuf>>,
    pub public_url: Option<String>,
    pub target: Option<String>,
    #[serde(deserialize_with = "texts")]
    pub forward_to: Option<Vec<String>>,
    pub forward_mode: Option<ForwardMode>,
    pub forward: Option<Forwarded>,
    #[serde(deserialize_with = "parallel")]
    pub forward_parallel: Option<NonZeroUsize>,
    pub keep_path: Option<bool>,
    pub keep_alive: Option<bool>,
    pub resume_forwarding: Option<bool>,
    #[serde(deserialize_with = "headers")]
    pub headers: Option<Vec<String>>,
    pub insecure: Option<bool>,
    pub ca: Option<PathBuf>,
    /// `answer` is the old name.
    #[serde(rename = "override", alias = "answer", deserialize_with = "overrides")]
    pub overrides: Option<Vec<Override>>,
    pub log: Option<PathBuf>,
    pub fixtures: Option<PathBuf>,
    #[serde(deserialize_with = "keep")]
    pub keep: Option<Keep>,
    #[serde(deserialize_with = "size")]
    pub max_size: Option<u64>,
    #[serde(deserialize_with = "filters::saved")]
    pub filters: Option<SavedFilters>,
    pub theme: Option<ThemeName>,
    pub colors: Option<Colours>,
    #[serde(rename = "keys", deserialize_with = "rebindings")]
    pub rebindings: Option<Vec<Rebinding>>,
}

impl fmt::Debug for Layer {
    /// The values in order. Secrets that were given as a path or URL are masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, bind, db, secret_files, known_secret_files, public_url, target, forward_to, .. } = self;
        let Self { forward_mode, forward, forward_parallel, keep_path, keep_alive, resume_forwarding, .. } = self;
        let Self { overrides, log, fixtures, keep, max_size, filters, theme, colors, rebindings, .. } = self;
        // A header may have any credential.
        let (headers, insecure, ca) = (self.headers.as_ref().map(Vec::len), self.insecure, &self.ca);
        let sources = (port, bind, db, secret_files, known_secret_files, public_url, target, forward_to);
        let rules = (forward_mode, forward, forward_parallel, keep_path, keep_alive, resume_forwarding);
        let rest =
            (overrides, log, (fixtures, keep, max_size), filters, (headers, insecure, ca), (theme, colors, rebindings));
        write!(f, "Layer{}", masked(&format!("{:?}", (sources, rules, rest)), |_| false).text)
    }
}

impl Layer {
    /// Reads the file at `path`, and gives a warning if others can change it. Paths in the file are relative to its folder.
    ///
    /// # Errors
    /// When the file cannot be read, or has an unknown key or an invalid value.
    pub fn read(path: &Path, source: Source<'_>) -> Result<(Self, Option<Notice>), ConfigError> {
        let failed = |source| ConfigError::File { path: path.to_owned(), source };
        let Contents { bytes, metadata } = reading::read(path, source, MAX_TEXT).map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|_| ConfigError::FileNotText { path: path.to_owned() })?;
        Ok((Self::parse(&text, path)?, trust::notice(path, &metadata)))
    }

    /// Parses `text`, the contents of the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError::UnknownKey`], or [`ConfigError::Key`] for an invalid value.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut layer: Self = toml::from_str(text).map_err(|error| {
            let key = |line, why| ConfigError::Key { path: path.to_owned(), line, why };
            // serde knows only the new name, and the span is the whole file.
            if error.message() == "duplicate field `override`" {
                let is_old = |line: &str| line.trim_start().starts_with("answer");
                let line = text.lines().position(is_old).unwrap_or_default() + 1;
                return key(
                    line,
                    "`answer` is the old name of `override`, and both are set; keep `override`".to_owned(),
                );
            }
            let line = line_at(text, error.span().map_or(0, |span| span.start));
            let unknown = error.message().strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
            match unknown {
                Some((name, _)) => ConfigError::UnknownKey { path: path.to_owned(), line, key: name.to_owned() },
                None => key(line, why(text, line, error.message())),
            }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let paths = [&mut layer.secret_files, &mut layer.known_secret_files].into_iter().flatten().flatten();
        for path in paths.chain(&mut layer.db).chain(&mut layer.log).chain(&mut layer.fixtures).chain(&mut layer.ca) {
            *path = folder.join(&*path);
        }
        for change in layer.rebindings.iter_mut().flatten() {
            change.line = line_at(text, change.line);
        }
        Ok(layer)
    }

    /// Reads `hookglass/config.toml` in the user's configuration folder, if it exists.
    ///
    /// # Errors
    /// As [`Layer::read`].
    pub(crate) fn read_usual() -> Result<(Self, Option<Notice>), ConfigError> {
        let Some(path) = super::usual_path() else { return Ok(Default::default()) };
        match Self::read(&path, Source::File) {
            Err(ConfigError::File { source: ReadError::Io(error), .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Default::default())
            }
            read => read,
        }
    }

    /// The names of the keys that are set.
    pub(crate) fn set_keys(&self) -> Vec<&'static str> {
        let Self { port, bind, db, secret_files, known_secret_files, public_url, target, forward_to, .. } = self;
        let Self { forward_mode, forward, forward_parallel, keep_path, keep_alive, resume_forwarding, .. } = self;
        let Self { headers, insecure, ca, overrides, log, fixtures, keep, max_size, .. } = self;
        let Self { filters, theme, colors, rebindings, .. } = self;
        let is_set = [
            port.is_some(),
            bind.is_some(),
            db.is_some(),
            secret_files.is_some(),
            known_secret_files.is_some(),
            public_url.is_some(),
            target.is_some(),
            forward_to.is_some(),
            forward_mode.is_some(),
            forward.is_some(),
            forward_parallel.is_some(),
            keep_path.is_some(),
            keep_alive.is_some(),
            resume_forwarding.is_some(),
            headers.is_some(),
            insecure.is_some(),
            ca.is_some(),
            overrides.is_some(),
            log.is_some(),
            fixtures.is_some(),
            keep.is_some(),
            max_size.is_some(),
            filters.is_some(),
            theme.is_some(),
            colors.is_some(),
            rebindings.is_some(),
        ];
        KEYS.iter().zip(is_set).filter_map(|(key, is_set)| is_set.then_some(key.name)).collect()
    }

    /// These settings, and those of `lower` for what they leave open. A list replaces the other list.
    pub fn over(self, lower: Self) -> Self {
        Self {
            port: self.port.or(lower.port),
            bind: self.bind.or(lower.bind),
            db: self.db.or(lower.db),
            secret_files: self.secret_files.or(lower.secret_files),
            known_secret_files: self.known_secret_files.or(lower.known_secret_files),
            public_url: self.public_url.or(lower.public_url),
            target: self.target.or(lower.target),
            forward_to: self.forward_to.or(lower.forward_to),
            forward_mode: self.forward_mode.or(lower.forward_mode),
            forward: self.forward.or(lower.forward),
            forward_parallel: self.forward_parallel.or(lower.forward_parallel),
            keep_path: self.keep_path.or(lower.keep_path),
            keep_alive: self.keep_alive.or(lower.keep_alive),
            resume_forwarding: self.resume_forwarding.or(lower.resume_forwarding),
            headers: self.headers.or(lower.headers),
            insecure: self.insecure.or(lower.insecure),
            ca: self.ca.or(lower.ca),
            overrides: self.overrides.or(lower.overrides),
            log: self.log.or(lower.log),
            fixtures: self.fixtures.or(lower.fixtures),
            keep: self.keep.or(lower.keep),
            max_size: self.max_size.or(lower.max_size),
            filters: self.filters.or(lower.filters),
            theme: self.theme.or(lower.theme),
            colors: self.colors.or(lower.colors),
            rebindings: self.rebindings.or(lower.rebindings),
        }
    }
}

/// What is wrong with a line: the values that its key takes, if it has one of ours.
fn why(text: &str, line: usize, message: &str) -> String {
    let name = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(name, _)| name.trim());
    let key = KEYS.iter().find(|key| name.is_some_and(|name| name == key.name || Some(name) == key.old_name));
    let is_about_the_type = message.starts_with("invalid type") || message.starts_with("string values must be quoted");
    match key {
        // The parsers of these texts say more.
        Some(Key {
            kind: Kind::Texts | Kind::Text | Kind::Path | Kind::Filters | Kind::Colours | Kind::Keys, ..
        }) if !is_about_the_type => message.replace('\n', ", "),
        Some(key) if !message.contains("duplicate") => format!("`{}` must be {}", key.name, key.kind),
        _ => message.replace('\n', ", "),
    }
}

/// The number of the line with the byte at `place`.
fn line_at(text: &str, place: usize) -> usize {
    text.get(..place).unwrap_or_default().matches('\n').count() + 1
}

/// The user's keys, with their places in the text in place of the lines.
fn rebindings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Rebinding>>, D::Error> {
    let table = BTreeMap::<String, Spanned<Texts>>::deserialize(deserializer)?;
    let change = |(action, keys): (String, Spanned<Texts>)| Rebinding {
        action,
        line: keys.span().start,
        keys: keys.into_inner().into(),
    };
    Ok(Some(table.into_iter().map(change).collect()))
}

fn parallel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroUsize>, D::Error> {
    let number = usize::deserialize(deserializer)?;
    let parallel = NonZeroUsize::new(number).filter(|number| number.get() <= MAX_PARALLEL);
    let expected = format!("a number from 1 to {MAX_PARALLEL}");
    parallel.map(Some).ok_or_else(|| D::Error::invalid_value(Unexpected::Unsigned(number as u64), &&*expected))
}

/// A number of events needs no quotes.
fn keep<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Keep>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Limit {
        Number(u64),
        Words(String),
    }
    let keep = match Limit::deserialize(deserializer) {
        Ok(Limit::Number(number)) => Some(Keep::Newest(number)),
        Ok(Limit::Words(text)) => Keep::parse(&text),
        Err(_) => None,
    };
    keep.map(Some).ok_or_else(|| D::Error::custom(KEEP_FORM))
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_size(&text).map(Some).ok_or_else(|| D::Error::custom(SIZE_FORM))
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Texts::deserialize(deserializer).map(|texts| Some(texts.into()))
}

/// Checks each text, so that the error has its line.
fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let texts: Vec<String> = Texts::deserialize(deserializer)?.into();
    texts.iter().try_for_each(|text| CustomHeader::parse(text).map(drop)).map_err(D::Error::custom)?;
    Ok(Some(texts))
}

fn overrides<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Override>>, D::Error> {
    let texts: Vec<String> = Texts::deserialize(deserializer)?.into();
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect::<Result<_, _>>().map(Some)
}

/// A flag that can be repeated: one value or a list. A port or a status needs no quotes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, a number, or a list of them")]
enum Texts {
    One(Text),
    Several(Vec<Text>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Number(u16),
    Words(String),
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        let text = |text| match text {
            Text::Number(number) => number.to_string(),
            Text::Words(words) => words,
        };
        match texts {
            Texts::One(one) => vec![text(one)],
            Texts::Several(several) => several.into_iter().map(text).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
