//! What the user typed last, which the next start offers again.

use super::delivery::Target;
use serde::{Deserialize, Serialize};

/// The most targets that are remembered.
const MAX_TARGETS: usize = 10;
/// The most filters that are remembered.
pub const MAX_FILTERS: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recent {
    /// URLs, the newest first.
    pub targets: Vec<String>,
    /// The newest last.
    pub filters: Vec<String>,
    /// The type of the last sample.
    pub sample: Option<String>,
    /// The key that marks samples of this history, in hexadecimal.
    pub sample_key: Option<String>,
}

impl Recent {
    pub fn use_target(&mut self, target: &Target) {
        let url = target.to_string();
        self.targets.retain(|used| *used != url);
        self.targets.insert(0, url);
        self.targets.truncate(MAX_TARGETS);
    }

    /// The parts of a stored text that are still valid, bounded.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut recent: Self = serde_json::from_str(std::str::from_utf8(text).ok()?).ok()?;
        recent.targets.retain(|url| url.parse::<Target>().is_ok());
        recent.targets.truncate(MAX_TARGETS);
        let excess = recent.filters.len().saturating_sub(MAX_FILTERS);
        recent.filters.drain(..excess);
        Some(recent)
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts are JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_target_comes_first_and_each_is_there_once() {
        let mut recent = Recent::default();
        for port in [4000, 4001, 4000].into_iter().chain(5000..5009) {
            recent.use_target(&port.to_string().parse().unwrap());
        }
        assert_eq!(recent.targets.len(), MAX_TARGETS);
        assert_eq!(
            (recent.targets[0].as_str(), recent.targets[9].as_str()),
            ("http://localhost:5008/", "http://localhost:4000/")
        );
    }

    #[test]
    fn a_broken_file_is_ignored_and_so_is_what_is_no_target() {
        let recent = Recent {
            targets: vec!["http://localhost:1/".to_owned()],
            filters: vec!["is:failed".to_owned()],
            ..Recent::default()
        };
        assert_eq!(Recent::parse(recent.to_json().as_bytes()), Some(recent));
        assert_eq!(Recent::parse(br#"{"targets":["ftp://x","4000"]}"#).unwrap().targets, ["4000"]);
        for text in [&b""[..], b"{", b"3", b"\xff", br#"{"targets":3}"#] {
            assert_eq!(Recent::parse(text), None);
        }
        let many: Vec<_> = (0..200).map(|place| format!("f{place}")).collect();
        let parsed = Recent::parse(Recent { filters: many, ..Recent::default() }.to_json().as_bytes()).unwrap();
        assert_eq!((parsed.filters.len(), parsed.filters[0].as_str()), (MAX_FILTERS, "f100"));
    }
}
