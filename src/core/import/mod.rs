//! Requests in files, as events to import: what hookglass exports, HAR files, raw HTTP, and requests as people copy them.

mod captured;
mod har;
mod raw;

pub(crate) use captured::captured;
pub(crate) use har::HarEntry;
pub(crate) use raw::requests;

use crate::core::annotation::{Annotation, note};
use crate::core::envelope;
use crate::core::event::{Event, NewEvent};
use crate::core::export::{Fixture, FixtureError};
use crate::core::redact::{is_credential, shown_value};
use crate::core::request::{Head, HeadError, values};
use crate::core::response::ResponseState;
use crate::core::signature::{SIGNATURE_HEADERS, Verification};
use crate::core::{event::Arrival, pasted::PasteError};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A request that was read from a file.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub head: Head,
    pub body: Bytes,
    /// To the microsecond; `None` if the file does not say when the request came.
    pub received_at: Option<Timestamp>,
    pub annotation: Annotation,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    #[error(transparent)]
    Head(#[from] HeadError),
    #[error(transparent)]
    Paste(#[from] PasteError),
    #[error("its `startedDateTime` is not a time")]
    Time,
    #[error("its base64 is invalid")]
    Base64,
    #[error("its URL has no path")]
    Url,
    #[error("its body is not in the file")]
    NoBody,
    #[error("its body was parsed, so the exact bytes are lost")]
    Parsed,
    #[error("it ends in the middle: {found} of {declared} bytes of the body")]
    Truncated { found: usize, declared: usize },
    #[error("its `content-length` is not a number")]
    Length,
    #[error("{0} bytes follow the body, which is as long as `content-length` says")]
    Behind(usize),
    #[error("its body is chunked; save it without the lengths of the chunks")]
    Chunked,
    #[error("its body may be incomplete: no `content-length` says how long it is")]
    NoLength,
    #[error("its bytes are missing")]
    Missing,
    #[error("its bytes are not those of a POST request")]
    NotPost,
}

/// A part of a hash.
pub(crate) type Digest16 = [u8; 16];

/// What a line of NDJSON has beside the fixture.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Extras {
    pinned: bool,
    note: String,
}

impl Record {
    /// The request in a fixture or in a line of exported NDJSON.
    pub fn of_fixture(text: &str) -> Result<Self, RecordError> {
        let fixture = Fixture::read(text)?;
        // Another program may have added members with these names.
        let extras: Extras = serde_json::from_str(text).unwrap_or_default();
        let annotation = imported(extras.pinned, &extras.note);
        let received_at = Some(microseconds(fixture.received_at));
        Ok(Self { head: fixture.head()?, body: fixture.body.into(), received_at, annotation })
    }

    /// Whether `event` is this request: same bytes and, if the file says when it came, same time. A masked credential equals any that is masked alike.
    pub fn is_same(&self, event: &Event) -> bool {
        let (own, other) = (self.head.headers(), event.head.headers());
        let has_same_headers = own.len() == other.len()
            && own.iter().zip(&other).all(|(own, other)| {
                let is_masked = is_credential(other) && *own.value == *shown_value(other);
                own.name == other.name && (own.value == other.value || is_masked)
            });
        self.received_at.is_none_or(|time| time == event.summary.received_at)
            && self.body == event.body
            && self.head.method() == event.head.method()
            && self.head.target() == event.head.target()
            && has_same_headers
    }

    /// Tells requests that are not the same apart.
    pub fn digest(&self) -> Digest16 {
        let time = self.received_at.map_or(i64::MIN, Timestamp::as_microsecond);
        digest([&time.to_le_bytes()[..], self.head.bytes(), &self.body])
    }

    /// The event. It was not responded to, and is not forwarded.
    pub fn event(self, received_at: Timestamp, verification: Verification) -> NewEvent {
        let envelope = envelope::read(&self.body).unwrap_or_default();
        let arrival = Arrival { received_at, head: self.head, body: self.body };
        let annotation = self.annotation;
        NewEvent { response: ResponseState::None, annotation, ..NewEvent::new(arrival, envelope, verification, 200) }
    }
}

/// What every program on the way leaves as it is: a proxy adds headers, and may change `host`.
pub(crate) fn sent(head: &Head, body: &[u8]) -> Digest16 {
    let headers = head.headers();
    let signed = SIGNATURE_HEADERS.iter().flat_map(|name| {
        let values = values(&headers, name).map(move |value| [name.as_bytes(), value]);
        values.flatten().collect::<Vec<_>>()
    });
    digest([head.method(), head.target(), body].into_iter().chain(signed))
}

fn digest<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Digest16 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    *hash.finalize().first_chunk().expect("a hash has 32 bytes")
}

fn imported(is_pinned: bool, text: &str) -> Annotation {
    Annotation { is_pinned, is_imported: true, note: note(text) }
}

/// As precise as the history.
fn microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}
