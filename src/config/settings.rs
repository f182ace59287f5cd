//! The settings of `listen`, merged from the command line, the configuration file and the defaults.

use super::file::Layer;
use super::{ConfigError, route, target};
use crate::core::delivery::{Forwarding, Target};
use crate::core::overrides::Override;
use crate::core::retention::Retention;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The default port.
const PORT: u16 = 3000;

/// The default folder of fixtures.
const FIXTURES: &str = "fixtures";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub port: u16,
    pub bind: IpAddr,
    /// `None` for the default path.
    pub db: Option<PathBuf>,
    /// The public URL of the listener, if the user named it.
    pub public_url: Option<Target>,
    /// Where `r` re-delivers to.
    pub target: Option<Target>,
    pub forwarding: Forwarding,
    /// Whether connections to the app stay open for the next request.
    pub keep_alive: bool,
    /// Whether to forward what earlier runs left queued without asking.
    pub resume_forwarding: bool,
    /// Where the screen saves fixtures.
    pub fixtures: PathBuf,
    pub retention: Retention,
    /// At most one with a decision for interceptors, and one other.
    pub overrides: Vec<Override>,
}

impl Settings {
    /// Flags win over the file, and the file over the defaults. [`super::keyring`] reads the secrets.
    ///
    /// # Errors
    /// When a URL is invalid, a flag configures forwarding without a target, or two overrides exclude each other.
    pub(crate) fn merge(flags: Layer, file: &Layer) -> Result<Self, ConfigError> {
        let public_name = if flags.public_url.is_some() { "--public-url" } else { "public_url" };
        let (target_name, route_name) = (
            if flags.target.is_some() { "--target" } else { "target" },
            if flags.forward_to.is_some() { "--forward-to" } else { "forward_to" },
        );
        let unused_flag = [
            ("--forward-mode", flags.forward_mode.is_some()),
            ("--forward", flags.forward.is_some()),
            ("--forward-parallel", flags.forward_parallel.is_some()),
            ("--keep-path", flags.keep_path.is_some()),
            ("--resume-forwarding", flags.resume_forwarding.is_some()),
        ]
        .into_iter()
        .find_map(|(flag, is_given)| is_given.then_some(flag));
        let merged = flags.over(file.clone());
        let routes = merged.forward_to.unwrap_or_default();
        if let Some(flag) = unused_flag.filter(|_| routes.is_empty()) {
            return Err(ConfigError::NothingForwarded { flag });
        }
        let overrides = merged.overrides.unwrap_or_default();
        reject_two_of_one_kind(&overrides)?;
        Ok(Self {
            port: merged.port.unwrap_or(PORT),
            bind: merged.bind.unwrap_or(Ipv4Addr::LOCALHOST.into()),
            db: merged.db,
            public_url: merged.public_url.map(|text| public_url(public_name, &text)).transpose()?,
            target: merged.target.map(|text| target(target_name, &text)).transpose()?,
            forwarding: Forwarding {
                routes: routes.iter().map(|text| route(route_name, text)).collect::<Result<_, _>>()?,
                mode: merged.forward_mode.unwrap_or_default(),
                forwarded: merged.forward.unwrap_or_default(),
                parallel: merged.forward_parallel.unwrap_or(NonZeroUsize::MIN),
                keeps_path: merged.keep_path.unwrap_or_default(),
            },
            keep_alive: merged.keep_alive.unwrap_or(true),
            resume_forwarding: merged.resume_forwarding.unwrap_or_default(),
            fixtures: merged.fixtures.unwrap_or_else(|| FIXTURES.into()),
            retention: Retention { keep: merged.keep, max_size: merged.max_size },
            overrides,
        })
    }
}

/// A URL of which `https://` may be left out.
fn public_url(flag: &'static str, text: &str) -> Result<Target, ConfigError> {
    if text.contains("://") { target(flag, text) } else { target(flag, &format!("https://{text}")) }
}

/// The second would silently replace the first.
fn reject_two_of_one_kind(overrides: &[Override]) -> Result<(), ConfigError> {
    for (place, second) in overrides.iter().enumerate() {
        if let Some(first) = overrides[..place].iter().find(|first| first.is_decision() == second.is_decision()) {
            return Err(ConfigError::TwoOverrides { first: first.to_string(), second: second.to_string() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::ForwardMode;

    #[test]
    fn without_flags_and_file_the_defaults_apply() {
        let settings = Settings::merge(Layer::default(), &Layer::default()).unwrap();
        assert_eq!((settings.port, settings.bind.to_string().as_str()), (3000, "127.0.0.1"));
        assert_eq!(settings.forwarding, Forwarding::default());
        assert_eq!((settings.db, settings.target, settings.overrides), (None, None, Vec::new()));
    }

    #[test]
    fn a_forwarding_flag_needs_a_target() {
        let mode = || Layer { forward_mode: Some(ForwardMode::Through), ..Layer::default() };
        let path = || Layer { keep_path: Some(true), ..Layer::default() };
        for (flags, flag) in [(mode(), "--forward-mode"), (path(), "--keep-path")] {
            let error = Settings::merge(flags, &Layer::default()).unwrap_err();
            assert!(matches!(error, ConfigError::NothingForwarded { flag: named } if named == flag), "{error}");
        }
        let file = Layer { forward_to: Some(vec!["1".to_owned()]), ..Layer::default() };
        assert!(Settings::merge(mode(), &file).is_ok());
        assert!(Settings::merge(Layer::default(), &mode()).is_ok(), "in the file it may wait for a `--forward-to`");
    }

    #[test]
    fn two_overrides_of_one_kind_are_rejected() {
        let merged = |texts: &[&str]| {
            let overrides = Some(texts.iter().map(|text| text.parse().unwrap()).collect());
            Settings::merge(Layer { overrides, ..Layer::default() }, &Layer::default())
        };
        assert_eq!(merged(&["503 next:2", "deny:\"no\""]).unwrap().overrides.len(), 2);
        for texts in [["503 type:user.*", "drop"], ["allow", "deny:\"no\""]] {
            let error = merged(&texts).unwrap_err().to_string();
            assert_eq!(error, format!("the overrides `{}` and `{}` exclude each other", texts[0], texts[1]));
        }
    }

    #[test]
    fn an_invalid_url_is_reported_with_its_flag_or_key() {
        let layer = |to: &str| Layer { forward_to: Some(vec![to.to_owned()]), ..Layer::default() };
        for (flags, file, name) in
            [(layer("http://"), layer("1"), "`--forward-to`"), (Layer::default(), layer("http://"), "`forward_to`")]
        {
            let error = Settings::merge(flags, &file).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
