//! What the user's pager shows.

use crate::core::hex;
use crate::core::json::Document;
use crate::core::printable;
use bytes::Bytes;

/// A text for the pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paged {
    /// JSON, pretty-printed; anything else as text.
    Payload(Bytes),
    HexDump(Bytes),
    Text(Bytes),
}

impl Paged {
    /// The text, which is safe on a terminal.
    pub(crate) fn text(&self) -> Vec<u8> {
        let lines = |bytes: &[u8]| {
            let mut text = String::new();
            for line in printable::lines(bytes) {
                text.push_str(&line);
                text.push('\n');
            }
            text.into_bytes()
        };
        match self {
            Self::Payload(bytes) => lines(&Document::new(bytes.clone()).pretty()),
            Self::HexDump(bytes) => hex::dump(bytes),
            Self::Text(bytes) => lines(bytes),
        }
    }
}
