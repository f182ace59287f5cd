//! What `listen` is to do: every question answered, by the command line, the file or a default.

use super::file::Layer;
use super::{ConfigError, route, target};
use crate::core::delivery::{Forwarding, Target};
use crate::core::overrides::Override;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The port unless another is asked for.
const PORT: u16 = 3000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub port: u16,
    pub bind: IpAddr,
    /// `None` for the usual place.
    pub db: Option<PathBuf>,
    /// Where `r` sends to.
    pub target: Option<Target>,
    pub forwarding: Forwarding,
    /// Overrides by order, at most one that decides for interceptors and one that does not.
    pub answers: Vec<Override>,
}

impl Settings {
    /// Defaults, beneath the file, beneath the flags. The secrets are [`super::keyring`]'s.
    ///
    /// # Errors
    /// When a URL is none, a flag says how events are forwarded and none are, or two answers are for the same events.
    pub fn merge(flags: Layer, file: &Layer) -> Result<Self, ConfigError> {
        let (target_name, route_name) = (
            if flags.target.is_some() { "--target" } else { "target" },
            if flags.forward_to.is_some() { "--forward-to" } else { "forward_to" },
        );
        let idle_flag = [
            ("--forward-mode", flags.forward_mode.is_some()),
            ("--forward", flags.forward.is_some()),
            ("--forward-parallel", flags.forward_parallel.is_some()),
            ("--keep-path", flags.keep_path.is_some()),
        ]
        .into_iter()
        .find_map(|(flag, is_given)| is_given.then_some(flag));
        let asked = flags.over(file.clone());
        let routes = asked.forward_to.unwrap_or_default();
        if let Some(flag) = idle_flag.filter(|_| routes.is_empty()) {
            return Err(ConfigError::NothingForwarded { flag });
        }
        let answers = asked.answer.unwrap_or_default();
        refuse_two_of_one_kind(&answers)?;
        Ok(Self {
            port: asked.port.unwrap_or(PORT),
            bind: asked.bind.unwrap_or(Ipv4Addr::LOCALHOST.into()),
            db: asked.db,
            target: asked.target.map(|text| target(target_name, &text)).transpose()?,
            forwarding: Forwarding {
                routes: routes.iter().map(|text| route(route_name, text)).collect::<Result<_, _>>()?,
                mode: asked.forward_mode.unwrap_or_default(),
                forwarded: asked.forward.unwrap_or_default(),
                parallel: asked.forward_parallel.unwrap_or(NonZeroUsize::MIN),
                keeps_path: asked.keep_path.unwrap_or_default(),
            },
            answers,
        })
    }
}

/// The later would silently take the place of the earlier.
fn refuse_two_of_one_kind(answers: &[Override]) -> Result<(), ConfigError> {
    for (place, second) in answers.iter().enumerate() {
        if let Some(first) = answers[..place].iter().find(|first| first.is_decision() == second.is_decision()) {
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
    fn nothing_asked_is_the_default() {
        let settings = Settings::merge(Layer::default(), &Layer::default()).unwrap();
        assert_eq!((settings.port, settings.bind.to_string().as_str()), (3000, "127.0.0.1"));
        assert_eq!(settings.forwarding, Forwarding::default());
        assert_eq!((settings.db, settings.target, settings.answers), (None, None, Vec::new()));
    }

    #[test]
    fn a_flag_about_forwarding_wants_something_to_forward_to() {
        let mode = || Layer { forward_mode: Some(ForwardMode::Through), ..Layer::default() };
        let path = || Layer { keep_path: Some(true), ..Layer::default() };
        for (flags, flag) in [(mode(), "--forward-mode"), (path(), "--keep-path")] {
            let error = Settings::merge(flags, &Layer::default()).unwrap_err();
            assert!(matches!(error, ConfigError::NothingForwarded { flag: named } if named == flag), "{error}");
        }
        let file = Layer { forward_to: Some(vec!["1".to_owned()]), ..Layer::default() };
        assert!(Settings::merge(mode(), &file).is_ok());
        assert!(Settings::merge(Layer::default(), &mode()).is_ok(), "the file may say it for when there is something");
    }

    #[test]
    fn of_each_kind_there_is_one_answer() {
        let merged = |texts: &[&str]| {
            let answer = Some(texts.iter().map(|text| text.parse().unwrap()).collect());
            Settings::merge(Layer { answer, ..Layer::default() }, &Layer::default())
        };
        assert_eq!(merged(&["503 next:2", "deny:\"no\""]).unwrap().answers.len(), 2);
        for texts in [["503 type:user.*", "drop"], ["allow", "deny:\"no\""]] {
            let error = merged(&texts).unwrap_err().to_string();
            assert_eq!(error, format!("the answers `{}` and `{}` cannot both be on", texts[0], texts[1]));
        }
    }

    #[test]
    fn a_url_that_is_none_is_named_by_where_it_stands() {
        let layer = |to: &str| Layer { forward_to: Some(vec![to.to_owned()]), ..Layer::default() };
        for (flags, file, name) in
            [(layer("http://"), layer("1"), "`--forward-to`"), (Layer::default(), layer("http://"), "`forward_to`")]
        {
            let error = Settings::merge(flags, &file).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
