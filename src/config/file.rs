//! The configuration file. Its keys are named as the flags of `listen`.

use super::keys::{KEYS, Key, Kind};
use super::reading::{self, Contents, MAX_TEXT, ReadError, Source};
use super::{ConfigError, Notice, filters, trust};
use crate::core::delivery::{CustomHeader, ForwardMode, Forwarded, MAX_PARALLEL};
use crate::core::filter::SavedFilters;
use crate::core::overrides::Override;
use crate::core::redact::masked;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::{fmt, io};

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
    #[serde(deserialize_with = "filters::saved")]
    pub filters: Option<SavedFilters>,
}

impl fmt::Debug for Layer {
    /// The values in order. Secrets that were given as a path or URL are masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, bind, db, secret_files, known_secret_files, public_url, target, forward_to, .. } = self;
        let Self { forward_mode, forward, forward_parallel, keep_path, keep_alive, resume_forwarding, .. } = self;
        let Self { overrides, log, fixtures, filters, .. } = self;
        // A header may have any credential.
        let (headers, insecure, ca) = (self.headers.as_ref().map(Vec::len), self.insecure, &self.ca);
        let sources = (port, bind, db, secret_files, known_secret_files, public_url, target, forward_to);
        let rules = (forward_mode, forward, forward_parallel, keep_path, keep_alive, resume_forwarding);
        let rest = (overrides, log, fixtures, filters, (headers, insecure, ca));
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
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            let line = before.matches('\n').count() + 1;
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
        let Self { headers, insecure, ca, overrides, log, fixtures, filters, .. } = self;
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
            filters.is_some(),
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
            filters: self.filters.or(lower.filters),
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
        Some(Key { kind: Kind::Texts | Kind::Text | Kind::Path | Kind::Filters, .. }) if !is_about_the_type => {
            message.replace('\n', ", ")
        }
        Some(key) if !message.contains("duplicate") => format!("`{}` must be {}", key.name, key.kind),
        _ => message.replace('\n', ", "),
    }
}

fn parallel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroUsize>, D::Error> {
    let number = usize::deserialize(deserializer)?;
    let parallel = NonZeroUsize::new(number).filter(|number| number.get() <= MAX_PARALLEL);
    let expected = format!("a number from 1 to {MAX_PARALLEL}");
    parallel.map(Some).ok_or_else(|| D::Error::invalid_value(Unexpected::Unsigned(number as u64), &&*expected))
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
mod tests {
    use super::*;
    use crate::core::filter::Filter;

    fn read(text: &str) -> Result<Layer, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Layer::read(&path, Source::File).map(|(layer, _)| layer)
    }

    fn overrides(texts: &[&str]) -> Option<Vec<Override>> {
        Some(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn every_key_is_read() {
        let layer = read(
            "port = 4\nbind = \"::1\"\ndb = \"/d\"\nsecret_files = [\"/a\"]\nknown_secret_files = [\"/b\"]\n\
             public_url = \"https://a.app\"\ntarget = \"5\"\nforward_to = [\"user.*=4001\", \"4000\"]\nforward_mode = \"through\"\nforward = \"all\"\n\
             forward_parallel = 64\nkeep_path = true\nkeep_alive = false\nresume_forwarding = true\nheaders = \"a: b\"\ninsecure = true\nca = \"/c\"\noverride = 503\nlog = \"/l\"\nfixtures = \"/f\"\n\
             [filters]\na-1 = \"is:failed\"\n",
        );
        let mut saved = SavedFilters::default();
        saved.insert("a-1".to_owned(), Filter::parse("is:failed").unwrap());
        let expected = Layer {
            port: Some(4),
            bind: Some("::1".parse().unwrap()),
            db: Some("/d".into()),
            secret_files: Some(vec!["/a".into()]),
            known_secret_files: Some(vec!["/b".into()]),
            public_url: Some("https://a.app".into()),
            target: Some("5".into()),
            forward_to: Some(vec!["user.*=4001".into(), "4000".into()]),
            forward_mode: Some(ForwardMode::Through),
            forward: Some(Forwarded::All),
            forward_parallel: NonZeroUsize::new(64),
            keep_path: Some(true),
            keep_alive: Some(false),
            resume_forwarding: Some(true),
            headers: Some(vec!["a: b".into()]),
            insecure: Some(true),
            ca: Some("/c".into()),
            overrides: overrides(&["503"]),
            log: Some("/l".into()),
            fixtures: Some("/f".into()),
            filters: Some(saved),
        };
        assert_eq!(layer.unwrap(), expected);
        assert_eq!(read("override = \"drop next:1\"").unwrap().overrides, overrides(&["drop next:1"]));
        assert_eq!(read("answer = [503, \"allow\"]").unwrap().overrides, overrides(&["503", "allow"]));
        for text in ["4000", "\"4000\"", "[4000]"] {
            assert_eq!(read(&format!("forward_to = {text}")).unwrap().forward_to, Some(vec!["4000".into()]), "{text}");
        }
        assert_eq!(read("").unwrap(), Layer::default());
    }

    #[test]
    fn a_mistake_is_reported_with_its_line() {
        for (text, line, why) in [
            ("forward_mode = \"before\"", 1, "`forward_mode` must be \"after\" or \"through\""),
            ("# a\nheaders = [\"a: b\", \"hunter2\"]", 2, "expected `name: value`"),
            ("headers = \"Content-Length: 3\"", 1, "hookglass sets `Content-Length` itself"),
            ("insecure = 1", 1, "`insecure` must be true or false"),
            ("forward_to = true", 1, "expected a string, a number, or a list of them"),
            ("forward_to = [[4000]]", 1, "expected a string"),
            ("# a\nforward_parallel = 65", 2, "`forward_parallel` must be a number from 1 to 64"),
            ("forward_parallel = 0", 1, "`forward_parallel` must be a number from 1 to 64"),
            ("override = 99", 1, "column 1"),
            ("override = \"503 soon\"", 1, "column 5"),
            ("answer = [503, 99]", 1, "column 1"),
            ("port = 1\nanswer = 503\noverride = 503", 2, "`answer` is the old name of `override`, and both are set"),
            ("port = 70000", 1, "`port` must be a number from 0 to 65535"),
            ("port = \"x\"", 1, "`port` must be a number from 0 to 65535"),
            ("port = ", 1, "`port` must be a number from 0 to 65535"),
            ("bind = \"localhost\"", 1, "`bind` must be an IP address in quotes"),
            ("port = 1\nport = 2", 2, "duplicate key"),
            ("port", 1, ""),
            ("[filters]\na = \"is:failed\"\nb = \"is:good\"", 3, "column 4: expected `verified`"),
            ("filters = { a = \"(\" }", 1, "column 2: expected a term"),
            ("[filters]\na = \"b\"\nc = 5", 3, "expected a string"),
            ("[filters]\na = \"b\"\nB = \"c\"", 3, "`B` cannot be the name of a filter"),
            ("[filters]\na = \"b\"\nc = \"@a\"", 3, "column 1"),
            ("port = 1\nfilters = 3", 2, "`filters` must be a table of names and filters"),
        ] {
            match read(text) {
                Err(ConfigError::Key { line: found, why: said, .. }) => {
                    assert_eq!(found, line, "{text}: {said}");
                    assert!(said.contains(why) && !said.contains('\n'), "{text}: {said}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_unknown_key_is_reported_with_its_line_and_the_nearest_key() {
        for (text, line, key, hint) in [
            ("port = 1\nprot = 2\n", 2, "prot", "did you mean `port`? `hookglass config` lists the keys"),
            ("\u{feff}\n\n[colours]\nmode = \"x\"\n", 3, "colours", "`hookglass config` lists the keys"),
        ] {
            let error = read(text).unwrap_err();
            let said = error.to_string();
            assert!(said.ends_with(&format!(", line {line}: there is no key `{key}`")), "{said}");
            assert_eq!(error.hint(), hint);
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "\u{feff}port = 1".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
            .unwrap();
        let error = Layer::read(&path, Source::File).unwrap_err();
        assert!(error.to_string().ends_with("is not UTF-8 text"), "{error}");
        assert_eq!(error.hint(), "save the file as UTF-8");
    }

    #[test]
    fn paths_are_relative_to_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "db = \"a/b.db\"\nsecret_files = [\"s\", \"/t\"]").unwrap();
        let (layer, _) = Layer::read(&path, Source::File).unwrap();
        assert_eq!(layer.db, Some(folder.path().join("a/b.db")));
        assert_eq!(layer.secret_files, Some(vec![folder.path().join("s"), "/t".into()]));
    }

    #[test]
    fn a_secret_is_masked_when_debugged() {
        let key = "C5HTKtiWE0r5SMVEBviGl0YO4rJcZTlFEnvbqaQ5M";
        let layer = Layer {
            port: Some(4321),
            secret_files: Some(vec![format!("whsec_{key}").into(), key.into()]),
            target: Some(format!("http://me:{key}@host")),
            forward_to: Some(vec![format!("4000/?token={key}")]),
            headers: Some(vec![format!("x-bypass: {key}")]),
            ..Layer::default()
        };
        let shown = format!("{layer:?}");
        assert!(shown.contains("4321") && !shown.contains(key), "{shown}");
        let asked = Layer { target: Some(format!("4000/?token={key}")), ..Layer::default() };
        let settings = super::super::Settings::merge(asked, &Layer::default()).unwrap();
        let shown = format!("{settings:?}");
        assert!(shown.contains("localhost:4000") && !shown.contains(key), "{shown}");
    }

    #[test]
    fn the_upper_layer_wins_and_lists_are_not_merged() {
        let upper = Layer { port: Some(1), forward_to: Some(vec!["1".into()]), ..Layer::default() };
        let lower = Layer {
            port: Some(2),
            forward_to: Some(vec!["2".into(), "3".into()]),
            keep_path: Some(true),
            ..Layer::default()
        };
        let merged = upper.clone().over(lower);
        assert_eq!(merged, Layer { keep_path: Some(true), ..upper });
    }
}
