//! What the JSON writers of common languages would make of a body, for an app that parses it and writes it again.

use super::change::Change;
use super::warnings::survives_reserialisation;
use super::{Escapes, KeyOrder, Layout, Style};
use crate::core::printable::Printable;
use std::ops::ControlFlow;

/// A function that writes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// `JSON.stringify`, in Node.
    Stringify,
    /// `json.dumps`, in Python.
    Dumps,
    /// `json_encode`, in PHP.
    Encode,
    /// `to_json` of Rails, in Ruby.
    ToJson,
    /// `json.Marshal` of a map, in Go.
    Marshal,
}

/// What a writer changes first: a few characters as received and as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::core) struct Rewritten {
    pub received: String,
    pub written: String,
}

/// The bytes shown before and after the first difference.
const BEFORE: usize = 10;
const AFTER: usize = 8;

impl Writer {
    /// The function, as its users write it.
    pub(in crate::core) fn name(self) -> &'static str {
        match self {
            Self::Stringify => "JSON.stringify",
            Self::Dumps => "json.dumps",
            Self::Encode => "json_encode",
            Self::ToJson => "to_json",
            Self::Marshal => "json.Marshal",
        }
    }

    fn style(self) -> Style {
        let (order, escapes, layout) = match self {
            Self::Stringify => (KeyOrder::AsReceived, Escapes::Minimal, Layout::Compact),
            Self::Dumps => (KeyOrder::AsReceived, Escapes::Ascii, Layout::Spaced),
            Self::Encode => (KeyOrder::AsReceived, Escapes::Php, Layout::Compact),
            Self::ToJson => (KeyOrder::AsReceived, Escapes::Html, Layout::Compact),
            Self::Marshal => (KeyOrder::Sorted, Escapes::Html, Layout::Compact),
        };
        Style { order, escapes, layout }
    }

    /// What it changes in `body`, apart from numbers. `None` if nothing, or if `body` is not JSON.
    pub(in crate::core) fn rewritten(self, body: &[u8]) -> Option<Rewritten> {
        let change = Change::Reserialised { style: self.style(), has_final_newline: false };
        let place = change.first_difference(body)?;
        let from = place.saturating_sub(BEFORE);
        let (mut skipped, mut written) = (0, Vec::new());
        let flow = change.write(body, &mut |piece: &[u8]| {
            let start = from.saturating_sub(skipped).min(piece.len());
            skipped += start;
            let room = BEFORE + AFTER - written.len();
            written.extend_from_slice(&piece[start..piece.len().min(start + room)]);
            if written.len() < BEFORE + AFTER { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let _ = flow?;
        let received = &body[from..body.len().min(from + BEFORE + AFTER)];
        let start = if from == 0 { "" } else { "…" };
        let [received, written] = [received, &written].map(|bytes| format!("{start}{}", excerpt(bytes)));
        Some(Rewritten { received, written })
    }

    /// Whether it certainly leaves `body` as it is.
    pub(in crate::core) fn keeps(self, body: &[u8]) -> bool {
        self == Self::Stringify && survives_reserialisation(body)
    }
}

/// Bytes of JSON between two characters, as text: a cut character at either end is left out.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    Printable::from_bytes(text.trim_matches('\u{fffd}').as_bytes()).into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_writer_shows_what_it_changes_first() {
        let body = "{\"id\":\"evt_1\",\"url\":\"https://a/b\",\"b\":\"é\",\"a\":\"<x>\"}".as_bytes();
        let written = |writer: Writer| writer.rewritten(body).map(|text| (text.received, text.written));
        assert_eq!(written(Writer::Stringify), None);
        let pair = |received: &str, written: &str| Some((received.to_owned(), written.to_owned()));
        assert_eq!(written(Writer::Dumps), pair("{\"id\":\"evt_1\",\"url", "{\"id\": \"evt_1\", \"u"));
        assert!(written(Writer::Encode).unwrap().1.contains("s:\\/"));
        assert!(written(Writer::ToJson).unwrap().1.contains("\\u003c"));
        assert!(written(Writer::Marshal).unwrap().1.starts_with("{\"a\":"));
        assert_eq!(Writer::Dumps.rewritten(b"not json"), None);
        assert!(Writer::Stringify.keeps(body) && !Writer::Dumps.keeps(b"{\"a\": 1}"));
    }
}
