//! A fixture: an event as a JSON file that people can read and tests can load, and that preserves every byte.
//!
//! ```json
//! {
//!   "hookglass_fixture": 1,
//!   "method": "POST",
//!   "path": "/webhooks/scalekit",
//!   "received_at": "2026-01-31T10:00:00.123456Z",
//!   "headers": [
//!     ["Webhook-Id", "msg_1"],
//!     ["x-odd", {"base64": "/w=="}]
//!   ],
//!   "body": "{\"type\":\"user.signup\"}"
//! }
//! ```
//!
//! Method, path, header names, header values and body are strings. Bytes that are not UTF-8 become an object with the bytes in
//! `base64`. Headers are in arrival order with their duplicates. `received_at` is RFC 3339. Readers ignore members that they do not
//! know. A change that old readers would misread gets a new number in `hookglass_fixture`.

use super::lines::{json_text, utc_text};
use super::spelling::Spelling;
use crate::core::event::Event;
use crate::core::request::{Head, Header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::HashMap;

/// The version that is written, and the newest that can be read.
pub(super) const VERSION: u32 = 1;

/// A request saved in a file. Reading a written fixture gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    pub method: Vec<u8>,
    /// Path and query as sent.
    pub path: Vec<u8>,
    /// Written in microseconds, as in the history.
    pub received_at: Timestamp,
    /// Names and values in arrival order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// Why a text is not a fixture.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    #[error("it is empty")]
    Empty,
    #[error("it is not JSON (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("it has no `hookglass_fixture` with a number")]
    NoVersion,
    #[error("it has no `{0}`")]
    Missing(&'static str),
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    #[error("not a request that HTTP/1 can carry")]
    NoRequest,
    #[error("its version {found} is too new: this hookglass reads up to version {VERSION}")]
    Newer { found: u32 },
}

#[derive(Deserialize)]
struct File {
    method: Exact,
    path: Exact,
    #[serde(deserialize_with = "time")]
    received_at: Timestamp,
    headers: Vec<(Exact, Exact)>,
    body: Exact,
}

/// The members of [`File`].
const MEMBERS: [&str; 5] = ["method", "path", "received_at", "headers", "body"];

#[derive(Deserialize)]
struct Version {
    hookglass_fixture: u32,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| serde::de::Error::custom(format!("invalid time: {error}")))
}

/// Bytes that are text in the file if they are UTF-8.
struct Exact(Vec<u8>);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spelling = Spelling::<String>::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("expected a string or an object with `base64`"))?;
        match spelling {
            Spelling::Text(text) => Ok(Self(text.into_bytes())),
            Spelling::Bytes { base64 } => {
                let bytes = STANDARD.decode(base64);
                bytes.map(Self).map_err(|error| serde::de::Error::custom(format!("invalid base64: {error}")))
            }
        }
    }
}

impl Fixture {
    pub fn of(event: &Event) -> Self {
        let headers = event.head.headers();
        Self {
            method: event.head.method().to_vec(),
            path: event.head.target().to_vec(),
            received_at: event.summary.received_at,
            headers: headers.iter().map(|header| (header.name.to_vec(), header.value.to_vec())).collect(),
            body: event.body.to_vec(),
        }
    }

    /// Reads the text of a fixture file.
    ///
    /// # Errors
    /// When it is not a fixture, or one of a newer version.
    pub fn read(text: &str) -> Result<Self, FixtureError> {
        if text.trim().is_empty() {
            return Err(FixtureError::Empty);
        }
        serde_json::from_str::<IgnoredAny>(text)
            .map_err(|error| FixtureError::NotJson { line: error.line(), column: error.column() })?;
        let version = serde_json::from_str(text).map_err(|_| FixtureError::NoVersion)?;
        let Version { hookglass_fixture: found } = version;
        if found > VERSION {
            return Err(FixtureError::Newer { found });
        }
        let members: HashMap<Cow<'_, str>, IgnoredAny> = serde_json::from_str(text)?;
        if let Some(name) = MEMBERS.into_iter().find(|name| !members.contains_key(*name)) {
            return Err(FixtureError::Missing(name));
        }
        let file: File = serde_json::from_str(text)?;
        Ok(Self {
            method: file.method.0,
            path: file.path.0,
            received_at: file.received_at,
            headers: file.headers.into_iter().map(|(name, value)| (name.0, value.0)).collect(),
            body: file.body.0,
        })
    }

    /// The head of the request.
    ///
    /// # Errors
    /// [`FixtureError::NoRequest`] when HTTP/1 cannot carry it, for example because of a line end in a header.
    pub fn head(&self) -> Result<Head, FixtureError> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        Head::of(&self.method, &self.path, &headers).map_err(|_| FixtureError::NoRequest)
    }

    /// The text of the file, with one header per line. Characters that act on a terminal are escaped.
    pub fn write(&self) -> String {
        self.write_with(None)
    }

    /// As [`Fixture::write`], with a note for people. Readers ignore it.
    pub(super) fn write_with(&self, note: Option<&str>) -> String {
        let note = note.map(|note| format!("  \"note\": {},\n", json_text(&note))).unwrap_or_default();
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| format!("\n    [{}, {}]", spelled(name), spelled(value))).collect();
        let end_of_headers = if headers.is_empty() { "" } else { "\n  " };
        format!(
            "{{\n  \"hookglass_fixture\": {VERSION},\n{note}  \"method\": {},\n  \"path\": {},\n  \"received_at\": \"{}\",\n  \
             \"headers\": [{}{end_of_headers}],\n  \"body\": {}\n}}\n",
            spelled(&self.method),
            spelled(&self.path),
            utc_text(self.received_at),
            headers.join(","),
            spelled(&self.body),
        )
    }
}

/// Bytes as JSON.
fn spelled(bytes: &[u8]) -> String {
    json_text(&Spelling::of(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn fixture() -> Fixture {
        Fixture {
            method: b"POST".to_vec(),
            path: b"/webhooks/scalekit".to_vec(),
            received_at: "2026-01-31T10:00:00.123456Z".parse().unwrap(),
            headers: vec![
                (b"Webhook-Id".to_vec(), b"msg_1".to_vec()),
                (b"webhook-id".to_vec(), b"".to_vec()),
                (b"x-odd".to_vec(), b"\xff\"".to_vec()),
            ],
            body: "{\"name\":\"é\u{202e}\"}\r\n".into(),
        }
    }

    #[test]
    fn a_fixture_is_readable_json() {
        let expected = r#"{
  "hookglass_fixture": 1,
  "method": "POST",
  "path": "/webhooks/scalekit",
  "received_at": "2026-01-31T10:00:00.123456Z",
  "headers": [
    ["Webhook-Id", "msg_1"],
    ["webhook-id", ""],
    ["x-odd", {"base64":"/yI="}]
  ],
  "body": "{\"name\":\"é\u202e\"}\r\n"
}
"#;
        assert_eq!(fixture().write(), expected);
        assert_eq!(Fixture::read(expected).unwrap(), fixture());
    }

    #[test]
    fn an_invalid_fixture_is_rejected_with_the_place_of_the_error() {
        let error = |text: &str| Fixture::read(text).unwrap_err().to_string();
        assert_eq!(error("{}"), "it has no `hookglass_fixture` with a number");
        assert_eq!(error(" \n"), "it is empty");
        assert_eq!(error("{\"a\": 1,]"), "it is not JSON (line 1, column 9)");
        assert_eq!(error("{\"hookglass_fixture\": 1, \"method\": \"POST\"}"), "it has no `path`");
        let text = fixture().write();
        assert_eq!(
            error(&text.replace("fixture\": 1", "fixture\": 2")),
            "its version 2 is too new: this hookglass reads up to version 1"
        );
        assert!(error(&text.replace("/yI=", "/yI")).contains("invalid base64"));
        assert!(error(&text.replace("\"msg_1\"", "1")).contains("expected a string or an object with `base64`"));
        let grown = text.replace("\"method\"", "\"note\": [1, {}],\n  \"method\"");
        assert_eq!(Fixture::read(&grown).unwrap(), fixture());
    }

    proptest! {
        #[test]
        fn every_byte_is_preserved(
            method in vec(any::<u8>(), 0..8),
            path in vec(any::<u8>(), 0..20),
            headers in vec((vec(any::<u8>(), 0..12), vec(any::<u8>(), 0..12)), 0..6),
            bytes in vec(any::<u8>(), 0..60),
            text in any::<String>(),
            is_text: bool,
            micros in -377_705_023_201_000_000_i64..253_402_207_200_000_000,
        ) {
            let received_at = Timestamp::from_microsecond(micros).unwrap();
            let body = if is_text { text.into_bytes() } else { bytes };
            let fixture = Fixture { method, path, received_at, headers, body };
            let written = fixture.write();
            prop_assert_eq!(Fixture::read(&written).unwrap(), fixture);
            prop_assert!(!written.chars().any(|each| each.is_control() && each != '\n'));
        }
    }
}
