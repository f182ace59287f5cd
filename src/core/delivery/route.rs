//! Routes: a target URL, optionally with a pattern for the event types that it gets.

use super::target::{Target, TargetError, without_user_info};
use crate::core::glob::Glob;
use std::fmt;

/// A target and the event types that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `None` for every event.
    types: Option<Glob>,
    target: Target,
}

/// Why a text is not a route. Each message says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("no type before `=`: expected a URL, or a type and a URL, such as `user.*=4000`")]
    NoType,
    #[error("no target after `{0}=`")]
    NoTarget(String),
    #[error("`{0}` could be a host with a query or a type with a `?`: start the URL with `http://`")]
    Ambiguous(String),
}

impl Route {
    /// Reads a target as [`Target::parse`] does, or a pattern of types, `=` and a target.
    ///
    /// A type contains neither `:` nor `/`. A `=` after one of them is therefore part of a URL's query.
    ///
    /// # Errors
    /// When the text is neither, or could be both.
    pub fn parse(text: &str) -> Result<Self, RouteError> {
        let text = text.trim();
        let Some((types, url)) = text.split_once('=').filter(|(types, _)| !types.contains([':', '/'])) else {
            return Ok(Self { types: None, target: Target::parse(text)? });
        };
        let types = types.trim();
        if types.is_empty() {
            return Err(RouteError::NoType);
        }
        let host = types.split_once('?').map(|(host, _)| host).filter(|host| !host.contains('*'));
        if host.is_some_and(|host| Target::parse(host).is_ok()) && !url.contains("://") {
            return Err(RouteError::Ambiguous(without_user_info(text).into_owned()));
        }
        if url.trim().is_empty() {
            return Err(RouteError::NoTarget(types.to_owned()));
        }
        Ok(Self { types: Some(Glob::new(types)), target: Target::parse(url)? })
    }

    /// Whether an event of this type goes there. One without a type goes to routes without a pattern and to those with `*`.
    pub fn takes(&self, event_type: Option<&str>) -> bool {
        self.types.as_ref().is_none_or(|types| types.matches(event_type.unwrap_or_default()))
    }

    /// Whether some event type goes to both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (&self.types, &other.types) {
            (Some(types), Some(others)) => types.overlaps(others),
            _ => true,
        }
    }

    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl fmt::Display for Route {
    /// The form that [`Route::parse`] reads: the URL of the target, after its types if it has any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.types {
            Some(types) => write!(f, "{types}={}", self.target),
            None => self.target.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_url_with_or_without_types() {
        for (text, written) in [
            ("4000", "http://localhost:4000/"),
            ("user.*=4001", "user.*=http://localhost:4001/"),
            (" user.log?n* = https://app/x?a=b ", "user.log?n*=https://app/x?a=b"),
            ("*=app:80/?x=1=2", "*=http://app/?x=1=2"),
            ("http://app/x?user.*=4000", "http://app/x?user.*=4000"),
            ("http://app?a=b", "http://app/?a=b"),
            ("app:4000?a=b", "http://app:4000/?a=b"),
            ("4000/x?a=http://b", "http://localhost:4000/x?a=http://b"),
            ("user.?ogin=http://app", "user.?ogin=http://app/"),
        ] {
            let route = Route::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(route.to_string(), written, "{text}");
            assert_eq!(Route::parse(written), Ok(route), "{written}");
        }
    }

    #[test]
    fn an_invalid_route_says_what_is_expected() {
        for (text, error) in [
            ("", RouteError::Target(TargetError::NoHost)),
            ("=4000", RouteError::NoType),
            ("user.*=", RouteError::NoTarget("user.*".to_owned())),
            ("user.*=ftp://x", RouteError::Target(TargetError::Scheme("ftp".into()))),
            ("user.*=org.*=4000", RouteError::Target(TargetError::Host)),
            ("app?x=y", RouteError::Ambiguous("app?x=y".into())),
            ("app?x=user:word@y", RouteError::Ambiguous("***@y".into())),
            ("user.?ogin=4000", RouteError::Ambiguous("user.?ogin=4000".into())),
        ] {
            assert_eq!(Route::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_route_takes_the_types_that_match_its_pattern() {
        for (text, event_type, is_taken) in [
            ("4000", Some("user.login"), true),
            ("4000", None, true),
            ("user.*=4000", Some("user.login"), true),
            ("user.*=4000", Some("USER.login"), true),
            ("user.*=4000", Some("organization.user.login"), false),
            ("user.*=4000", None, false),
            ("*=4000", None, true),
        ] {
            assert_eq!(Route::parse(text).unwrap().takes(event_type), is_taken, "{text} {event_type:?}");
        }
    }
}
