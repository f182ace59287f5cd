//! The ways in which common JSON serialisers write the same document.

use crate::core::diagnosis::json_nodes::{Document, Kind};
use crate::core::json::character;
use std::fmt;

/// How a serialiser writes what JSON lets it write in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Style {
    pub order: KeyOrder,
    pub escapes: Escapes,
    pub layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyOrder {
    AsReceived,
    /// By code point.
    Sorted,
}

/// What a serialiser escapes besides quotes, backslashes and control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Escapes {
    /// Nothing more, as `JSON.stringify` and serde do.
    Minimal,
    /// Everything except printable ASCII, as Python's `json.dumps` does.
    Ascii,
    /// `<`, `>`, `&`, U+2028 and U+2029, as Go's `json.Marshal` does.
    Html,
    /// Like `Ascii`, and `/` as `\/`, as PHP's `json_encode` does.
    AsciiAndSlash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    Compact,
    /// On one line, with a space after each comma and colon: Python's default.
    Spaced,
    Indent2,
    Indent4,
    Tab,
}

impl KeyOrder {
    pub(super) const ALL: [Self; 2] = [Self::AsReceived, Self::Sorted];
}

impl Escapes {
    pub(super) const ALL: [Self; 4] = [Self::Minimal, Self::Ascii, Self::Html, Self::AsciiAndSlash];

    fn is_ascii_only(self) -> bool {
        matches!(self, Self::Ascii | Self::AsciiAndSlash)
    }

    /// Whether a byte of a string is written unchanged, whatever bytes are around it.
    pub(super) fn is_plain(self, byte: u8) -> bool {
        match byte {
            b'"' | b'\\' | 0..0x20 => false,
            b'<' | b'>' | b'&' => self != Self::Html,
            b'/' => self != Self::AsciiAndSlash,
            0x20..0x7f => true,
            // The first byte of U+2028 and U+2029.
            0xe2 => self == Self::Minimal,
            0x7f.. => !self.is_ascii_only(),
        }
    }

    pub(super) fn escapes(self, code: u32) -> bool {
        match self {
            Self::Minimal => false,
            Self::Ascii | Self::AsciiAndSlash => code >= 0x7f,
            Self::Html => matches!(code, 0x3c | 0x3e | 0x26 | 0x2028 | 0x2029),
        }
    }
}

impl Layout {
    pub(super) const ALL: [Self; 5] = [Self::Compact, Self::Spaced, Self::Indent2, Self::Indent4, Self::Tab];

    pub(super) fn indent(self) -> Option<&'static str> {
        match self {
            Self::Compact | Self::Spaced => None,
            Self::Indent2 => Some("  "),
            Self::Indent4 => Some("    "),
            Self::Tab => Some("\t"),
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.layout {
            Layout::Compact => "compact",
            Layout::Spaced => "with spaces after commas and colons",
            Layout::Indent2 => "indented with two spaces",
            Layout::Indent4 => "indented with four spaces",
            Layout::Tab => "indented with tabs",
        })?;
        f.write_str(match self.escapes {
            Escapes::Minimal => "",
            Escapes::Ascii => ", non-ASCII escaped",
            Escapes::Html => ", `<`, `>` and `&` escaped",
            Escapes::AsciiAndSlash => ", non-ASCII and `/` escaped",
        })?;
        f.write_str(if self.order == KeyOrder::Sorted { ", keys sorted" } else { "" })
    }
}

/// The styles that can produce different texts for this document, in the order in which they are tried.
pub(super) fn styles(document: &Document<'_>) -> Vec<Style> {
    let mut seen = Vec::new();
    let marks = Marks::of(document);
    let escapes = Escapes::ALL.into_iter().filter(|escapes| {
        let escaped = marks.escaped_by(*escapes);
        let is_new = !seen.contains(&escaped);
        seen.push(escaped);
        is_new
    });
    let escapes: Vec<_> = escapes.collect();
    let orders = KeyOrder::ALL.into_iter().filter(|order| *order == KeyOrder::AsReceived || document.has_other_order());
    let mut styles = Vec::new();
    for order in orders {
        for &escapes in &escapes {
            styles.extend(Layout::ALL.map(|layout| Style { order, escapes, layout }));
        }
    }
    styles
}

/// Which characters that only some [`Escapes`] escape are in a document's strings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    beyond_ascii: bool,
    html: bool,
    slash: bool,
}

impl Marks {
    fn of(document: &Document<'_>) -> Self {
        let mut marks = Self::default();
        for node in document.nodes().iter().filter(|node| node.kind == Kind::String) {
            let mut rest = document.text(*node);
            while let Some(place) = rest.bytes().position(|byte| !is_unmarked(byte)) {
                let (code, length) = character(&rest[place..]);
                marks.beyond_ascii |= Escapes::Ascii.escapes(code);
                marks.html |= Escapes::Html.escapes(code);
                marks.slash |= code == u32::from(b'/');
                rest = &rest[place + length..];
            }
        }
        marks
    }

    fn escaped_by(self, escapes: Escapes) -> Self {
        Self {
            beyond_ascii: self.beyond_ascii && escapes.is_ascii_only(),
            html: self.html && escapes == Escapes::Html,
            slash: self.slash && escapes == Escapes::AsciiAndSlash,
        }
    }
}

fn is_unmarked(byte: u8) -> bool {
    Escapes::Html.is_plain(byte) && Escapes::AsciiAndSlash.is_plain(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_write_the_same_text_are_tried_once() {
        let count = |text| styles(&Document::parse(text).unwrap()).len();
        assert_eq!(count(r#"{"a":1,"b":"x"}"#), 5);
        assert_eq!(count(r#"{"b":1,"a":"x"}"#), 10);
        assert_eq!(count(r#"["\u003c"]"#), 10);
        assert_eq!(count(r#"["/"]"#), 10);
        assert_eq!(count(r#"["\u007f"]"#), 10);
        assert_eq!(count(r#"["é/<"]"#), 20);
        assert_eq!(count(r#"["\u2028"]"#), 15);
    }
}
