//! One of the two things that are compared.

use crate::core::compression::content;
use crate::core::event::Event;
use crate::core::export::{Fixture, FixtureError};
use crate::core::request::values;
use bytes::Bytes;

/// A body, and what it is decompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    pub body: Bytes,
    pub content: Bytes,
}

impl Side {
    /// A body that is not compressed.
    pub fn plain(body: Bytes) -> Self {
        Self { content: body.clone(), body }
    }

    pub fn of_event(event: &Event) -> Self {
        let headers = event.head.headers();
        Self::encoded(event.body.clone(), values(&headers, "content-encoding"))
    }

    /// A body with these headers.
    pub fn with_headers(body: Bytes, headers: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let encodings = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
        Self::encoded(body, encodings.map(|(_, value)| value.as_slice()))
    }

    /// The body in a fixture. Any other file is a body itself.
    ///
    /// # Errors
    /// When the file is a fixture that cannot be read.
    pub fn of_file(bytes: Vec<u8>) -> Result<Self, FixtureError> {
        let fixture = match std::str::from_utf8(&bytes).map(Fixture::read) {
            Ok(Ok(fixture)) => fixture,
            Err(_) | Ok(Err(FixtureError::Empty | FixtureError::NotJson { .. } | FixtureError::NoVersion)) => {
                return Ok(Self::plain(bytes.into()));
            }
            Ok(Err(error)) => return Err(error),
        };
        Ok(Self::with_headers(fixture.body.into(), &fixture.headers))
    }

    fn encoded<'h>(body: Bytes, encodings: impl Iterator<Item = &'h [u8]>) -> Self {
        Self { content: content(&body, encodings).bytes, body }
    }
}
