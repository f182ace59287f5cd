//! Which events are forwarded, to which targets, and who responds to the sender. Pure rules.

use super::forward::Forward;
use super::route::Route;
use super::target::{Target, TargetError};
use crate::core::signature::Verdict;
use serde::Deserialize;
use std::num::NonZeroUsize;

/// Who responds to the sender of a forwarded event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardMode {
    /// hookglass, at once. The target gets the event afterwards.
    #[default]
    After,
    /// The app: the first target that the event goes to.
    Through,
}

impl ForwardMode {
    pub const ALL: [Self; 2] = [Self::After, Self::Through];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::After => "after",
            Self::Through => "through",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// Which events are forwarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forwarded {
    #[default]
    Verified,
    /// Every event, even a forged one.
    All,
}

impl Forwarded {
    pub const ALL: [Self; 2] = [Self::Verified, Self::All];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|forwarded| forwarded.as_str() == text)
    }
}

/// How the user wants events forwarded. Without routes nothing is forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// In the order given. An event goes to each route that takes it.
    pub routes: Vec<Route>,
    pub mode: ForwardMode,
    pub forwarded: Forwarded,
    /// Deliveries to one target in flight at once, at most [`MAX_PARALLEL`](super::MAX_PARALLEL). One preserves the order of arrival.
    pub parallel: NonZeroUsize,
    /// Whether the received path and query replace those of the target.
    pub keeps_path: bool,
}

impl Default for Forwarding {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            mode: ForwardMode::default(),
            forwarded: Forwarded::default(),
            parallel: NonZeroUsize::MIN,
            keeps_path: false,
        }
    }
}

impl Forwarding {
    /// The targets of an event, in the order of the routes. Called once, when the event arrives: see [`Forward`].
    pub fn decide(&self, verdict: Verdict, event_type: Option<&str>) -> Vec<Forward> {
        if self.forwarded == Forwarded::Verified && verdict != Verdict::Verified {
            return Vec::new();
        }
        let taking = self.routes.iter().enumerate().filter(|(_, route)| route.takes(event_type));
        let forward =
            |(place, route): (usize, &Route)| Forward { place, target: route.target().to_string(), is_awaited: false };
        taking.map(forward).collect()
    }

    /// Pairs of targets that are the same URL, so that an event may go to it twice. Each is spelled as in its route. Each pair once.
    pub(crate) fn doubled(&self) -> Vec<(&Target, &Target)> {
        let mut doubled = Vec::new();
        for (place, route) in self.routes.iter().enumerate() {
            let before =
                self.routes[..place].iter().find(|before| before.overlaps(route) && self.is_same(before, route));
            let pair = before.map(|before| (before.target(), route.target()));
            doubled.extend(pair.filter(|pair| !doubled.contains(pair)));
        }
        doubled
    }

    /// Whether both routes lead to the same URL.
    fn is_same(&self, one: &Route, other: &Route) -> bool {
        let (one, other) = (one.target(), other.target());
        one.is_same_server(other) && (self.keeps_path || one.path() == other.path())
    }

    /// The target of the route at `place` for an event whose request target was `received`.
    ///
    /// # Errors
    /// When the received path replaces the target's and cannot be sent.
    ///
    /// # Panics
    /// When there is no such route.
    pub fn target(&self, place: usize, received: &[u8]) -> Result<Target, TargetError> {
        let target = self.routes[place].target();
        if self.keeps_path { target.with_path(received) } else { Ok(target.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarding(routes: &[&str], forwarded: Forwarded) -> Forwarding {
        let routes = routes.iter().map(|text| Route::parse(text).unwrap()).collect();
        Forwarding { routes, forwarded, ..Forwarding::default() }
    }

    #[test]
    fn an_event_goes_to_each_route_that_takes_it() {
        let routes = ["user.*=1", "2", "org*=3"];
        for (verdict, forwarded, event_type, expected) in [
            (Verdict::Verified, Forwarded::Verified, Some("user.login"), &[0, 1][..]),
            (Verdict::Verified, Forwarded::Verified, Some("organization.created"), &[1, 2]),
            (Verdict::Verified, Forwarded::Verified, None, &[1]),
            (Verdict::Unchecked, Forwarded::Verified, None, &[]),
            (Verdict::Invalid, Forwarded::Verified, Some("user.login"), &[]),
            (Verdict::Invalid, Forwarded::All, Some("user.login"), &[0, 1]),
            (Verdict::Unsigned, Forwarded::All, None, &[1]),
        ] {
            let forwards = forwarding(&routes, forwarded).decide(verdict, event_type);
            let places: Vec<_> = forwards.iter().map(|forward| forward.place).collect();
            assert_eq!(places, expected, "{verdict} {forwarded:?} {event_type:?}");
        }
    }

    #[test]
    fn a_target_that_may_get_an_event_twice_is_found_in_any_spelling() {
        for (routes, expected) in [
            (&["4000", "http://localhost:4000/", "user.*=4000"][..], &["4000 4000"][..]),
            (&["user.*=app/a", "*.login=http://APP:80/a"], &["app/a app/a"]),
            (
                &["4000", "http://127.0.0.1:4000", "[::1]:4000", "localhost.:4000"],
                &["4000 127.0.0.1:4000", "4000 [::1]:4000", "4000 localhost.:4000"],
            ),
            (&["user.*=4000", "role.*=4000"], &[]),
            (&["4000/a", "4000/b", "4001/a", "https://localhost:4000/a"], &[]),
        ] {
            let forwarding = forwarding(routes, Forwarded::Verified);
            let pair =
                |pair: &&str| pair.split_once(' ').map(|(one, other)| [one, other].map(|text| text.parse().unwrap()));
            let expected: Vec<[Target; 2]> = expected.iter().filter_map(pair).collect();
            let found: Vec<_> =
                forwarding.doubled().into_iter().map(|(one, other)| [one.clone(), other.clone()]).collect();
            assert_eq!(found, expected, "{routes:?}");
        }
    }

    #[test]
    fn with_keep_path_targets_differ_only_by_their_servers() {
        let forwarding = Forwarding { keeps_path: true, ..forwarding(&["4000/a", "4000/b"], Forwarded::Verified) };
        assert_eq!(forwarding.doubled().len(), 1);
    }

    #[test]
    fn the_command_line_and_the_configuration_file_use_the_same_words() {
        for mode in ForwardMode::ALL {
            assert_eq!(ForwardMode::parse(mode.as_str()), Some(mode));
            let read: ForwardMode = serde_json::from_str(&format!("{:?}", mode.as_str())).unwrap();
            assert_eq!(read, mode);
        }
        for forwarded in Forwarded::ALL {
            assert_eq!(Forwarded::parse(forwarded.as_str()), Some(forwarded));
            let read: Forwarded = serde_json::from_str(&format!("{:?}", forwarded.as_str())).unwrap();
            assert_eq!(read, forwarded);
        }
    }

    #[test]
    fn the_received_path_replaces_the_targets_only_with_keep_path() {
        let mut forwarding = forwarding(&["app:1/own"], Forwarded::All);
        assert_eq!(forwarding.target(0, b"/hooks?a=1").unwrap().to_string(), "http://app:1/own");
        forwarding.keeps_path = true;
        assert_eq!(forwarding.target(0, b"/hooks?a=1").unwrap().to_string(), "http://app:1/hooks?a=1");
    }
}
