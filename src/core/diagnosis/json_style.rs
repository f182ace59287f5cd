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
    /// Shorter keys first, then by code point, as PostgreSQL's `jsonb` does.
    ShorterFirst,
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
    /// Like `Ascii`, and `/` as `\/`.
    AsciiAndSlash,
    /// Non-ASCII but not U+007F, and `/` as `\/`, as PHP's `json_encode` does.
    Php,
    /// `/` as `\/`, and U+2028 and U+2029, as PHP does with `JSON_UNESCAPED_UNICODE`.
    Slash,
    /// Like `Minimal`, with upper-case digits in escapes, as Jackson writes control characters.
    MinimalUpper,
    /// Non-ASCII with upper-case digits, as Jackson does with `ESCAPE_NON_ASCII`.
    AsciiUpper,
    /// Like `Html`, and `=` and `'`, as Gson does.
    Gson,
    /// Non-ASCII and most signs of HTML and JavaScript with upper-case digits, as .NET's `System.Text.Json` does.
    DotNet,
}

/// How a serialiser writes a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Plain,
    /// `\u` and lower-case digits.
    Lower,
    /// `\u` and upper-case digits.
    Upper,
    /// A backslash, then the character.
    Backslash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    Compact,
    /// On one line, with a space after each comma and colon: Python's default.
    Spaced,
    Indent2,
    Indent4,
    Tab,
    /// On one line, with a space after each colon.
    ColonSpaced,
    /// On one line, with spaces after commas and colons and inside brackets.
    Padded,
    /// Like `Padded`, with a space before colons too, as MongoDB's tools write.
    PaddedColons,
    Indent2Crlf,
    Indent4Crlf,
    TabCrlf,
    /// Jackson's default when it indents: two spaces, a space before colons, arrays on one line.
    Jackson,
}

impl KeyOrder {
    pub(super) const ALL: [Self; 3] = [Self::AsReceived, Self::Sorted, Self::ShorterFirst];
}

impl Escapes {
    pub(super) const ALL: [Self; 10] = [
        Self::Minimal,
        Self::Ascii,
        Self::Html,
        Self::AsciiAndSlash,
        Self::Php,
        Self::Slash,
        Self::MinimalUpper,
        Self::AsciiUpper,
        Self::Gson,
        Self::DotNet,
    ];

    /// How the character with this code point is written in a string. Quotes, backslashes and control characters are
    /// escaped in any case, most of them as a backslash and a letter.
    pub(super) fn form(self, code: u32) -> Form {
        let is_upper = matches!(self, Self::MinimalUpper | Self::AsciiUpper | Self::DotNet);
        let escape = if is_upper { Form::Upper } else { Form::Lower };
        let is_escaped = match code {
            0..0x20 => true,
            0x22 => self == Self::DotNet,
            0x2f if matches!(self, Self::AsciiAndSlash | Self::Php | Self::Slash) => return Form::Backslash,
            0x26 | 0x3c | 0x3e => matches!(self, Self::Html | Self::Gson | Self::DotNet),
            0x27 => matches!(self, Self::Gson | Self::DotNet),
            0x3d => self == Self::Gson,
            0x2b | 0x60 => self == Self::DotNet,
            0x7f => matches!(self, Self::Ascii | Self::AsciiAndSlash | Self::DotNet),
            0x2028 | 0x2029 if matches!(self, Self::Html | Self::Slash | Self::Gson) => true,
            0x80.. => self.is_ascii_only(),
            _ => false,
        };
        if is_escaped { escape } else { Form::Plain }
    }

    fn is_ascii_only(self) -> bool {
        matches!(self, Self::Ascii | Self::AsciiAndSlash | Self::Php | Self::AsciiUpper | Self::DotNet)
    }

    /// For each byte of a string, whether it is written unchanged, whatever bytes are around it.
    pub(super) fn plain_bytes(self) -> [bool; 256] {
        let mut plain = [false; 256];
        for (byte, is_plain) in (0_u8..=255).zip(&mut plain) {
            *is_plain = match byte {
                b'"' | b'\\' | 0..0x20 => false,
                0x20..0x80 => self.form(u32::from(byte)) == Form::Plain,
                // The first byte of U+2028 and U+2029.
                0xe2 => self.form(0x2028) == Form::Plain,
                0x80.. => !self.is_ascii_only(),
            };
        }
        plain
    }
}

impl Layout {
    pub(super) const ALL: [Self; 12] = [
        Self::Compact,
        Self::Spaced,
        Self::Indent2,
        Self::Indent4,
        Self::Tab,
        Self::ColonSpaced,
        Self::Padded,
        Self::PaddedColons,
        Self::Indent2Crlf,
        Self::Indent4Crlf,
        Self::TabCrlf,
        Self::Jackson,
    ];

    pub(super) fn indent(self) -> Option<&'static str> {
        match self {
            Self::Compact | Self::Spaced | Self::ColonSpaced | Self::Padded | Self::PaddedColons => None,
            Self::Indent2 | Self::Indent2Crlf | Self::Jackson => Some("  "),
            Self::Indent4 | Self::Indent4Crlf => Some("    "),
            Self::Tab | Self::TabCrlf => Some("\t"),
        }
    }

    /// What ends a line.
    pub(super) fn line_ending(self) -> &'static str {
        if matches!(self, Self::Indent2Crlf | Self::Indent4Crlf | Self::TabCrlf) { "\r\n" } else { "\n" }
    }

    pub(super) fn comma(self) -> &'static str {
        if matches!(self, Self::Spaced | Self::Padded | Self::PaddedColons) { ", " } else { "," }
    }

    pub(super) fn colon(self) -> &'static str {
        match self {
            Self::Compact => ":",
            Self::PaddedColons | Self::Jackson => " : ",
            _ => ": ",
        }
    }

    /// Whether brackets on one line have a space inside.
    pub(super) fn is_padded(self) -> bool {
        matches!(self, Self::Padded | Self::PaddedColons | Self::Jackson)
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
            Layout::ColonSpaced => "with spaces after colons",
            Layout::Padded => "with spaces after commas and colons and inside brackets",
            Layout::PaddedColons => "with spaces around colons and inside brackets",
            Layout::Indent2Crlf => "indented with two spaces, CRLF line endings",
            Layout::Indent4Crlf => "indented with four spaces, CRLF line endings",
            Layout::TabCrlf => "indented with tabs, CRLF line endings",
            Layout::Jackson => "indented as Jackson does",
        })?;
        f.write_str(match self.escapes {
            Escapes::Minimal => "",
            Escapes::Ascii => ", non-ASCII escaped",
            Escapes::Html => ", `<`, `>` and `&` escaped",
            Escapes::AsciiAndSlash | Escapes::Php => ", non-ASCII and `/` escaped",
            Escapes::Slash => ", `/` escaped",
            Escapes::MinimalUpper => ", upper-case digits in escapes",
            Escapes::AsciiUpper => ", non-ASCII escaped with upper-case digits",
            Escapes::Gson => ", escaped as Gson does",
            Escapes::DotNet => ", escaped as System.Text.Json does",
        })?;
        f.write_str(match self.order {
            KeyOrder::AsReceived => "",
            KeyOrder::Sorted => ", keys sorted",
            KeyOrder::ShorterFirst => ", shorter keys first",
        })
    }
}

/// How many layouts and escapes are tried first: those of the most common serialisers.
const COMMON_LAYOUTS: usize = 5;
const COMMON_ESCAPES: usize = 4;

/// The styles that can produce different texts for this document, in the order in which they are tried: the common
/// ones first.
pub(super) fn styles(document: &Document<'_>) -> Vec<Style> {
    let marks = marks(document);
    let mut seen = Vec::new();
    let mut escapes = Vec::new();
    for each in Escapes::ALL {
        let forms: Vec<_> = marks.iter().map(|code| each.form(*code)).collect();
        if !seen.contains(&forms) {
            seen.push(forms);
            escapes.push(each);
        }
    }
    let orders: Vec<_> = KeyOrder::ALL.into_iter().filter(|order| document.has_order(*order)).collect();
    let mut styles = Vec::new();
    for &order in &orders {
        for &escapes in &escapes {
            styles.extend(Layout::ALL.map(|layout| Style { order, escapes, layout }));
        }
    }
    let is_common = |style: &Style| {
        style.order != KeyOrder::ShorterFirst
            && Layout::ALL[..COMMON_LAYOUTS].contains(&style.layout)
            && Escapes::ALL[..COMMON_ESCAPES].contains(&style.escapes)
    };
    styles.sort_by_key(|style| !is_common(style));
    styles
}

/// One character of each kind that serialisers treat differently, of those in the document's strings.
fn marks(document: &Document<'_>) -> Vec<u32> {
    const KINDS: [u32; 13] = [0x1f, 0x22, 0x26, 0x27, 0x2b, 0x2f, 0x3d, 0x60, 0x7f, 0x2028, 0xe9, 0x1_f600, 0x01];
    let kind = |code: u32| match code {
        0x08..=0x0a | 0x0c | 0x0d => None,
        0x0b | 0x0e | 0x0f | 0x1a..0x20 => Some(0x1f),
        0..0x20 => Some(0x01),
        0x22 | 0x27 | 0x2b | 0x2f | 0x3d | 0x60 | 0x7f => Some(code),
        0x26 | 0x3c | 0x3e => Some(0x26),
        0x2028 | 0x2029 => Some(0x2028),
        0x1_0000.. => Some(0x1_f600),
        0x80.. => Some(0xe9),
        _ => None,
    };
    let mut is_unmarked = [false; 256];
    for (byte, is_unmarked) in (0_u8..=255).zip(&mut is_unmarked) {
        *is_unmarked = matches!(byte, 0x20..0x7f) && byte != b'\\' && kind(u32::from(byte)).is_none();
    }
    let mut found = Vec::new();
    for node in document.nodes().iter().filter(|node| node.kind == Kind::String) {
        let mut rest = document.text(*node);
        while let Some(place) = rest.bytes().position(|byte| !is_unmarked[usize::from(byte)]) {
            let (code, length) = character(&rest[place..]);
            if let Some(kind) = kind(code)
                && !found.contains(&kind)
            {
                found.push(kind);
            }
            rest = &rest[place + length..];
        }
        if found.len() == KINDS.len() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_write_the_same_text_are_tried_once() {
        let count = |text| styles(&Document::parse(text).unwrap()).len();
        let layouts = Layout::ALL.len();
        assert_eq!(count(r#"{"a":1,"b":"x"}"#), layouts);
        assert_eq!(count(r#"{"b":1,"a":"x"}"#), 2 * layouts);
        assert_eq!(count(r#"{"aa":1,"b":"x"}"#), 2 * layouts);
        assert_eq!(count(r#"{"bb":1,"a":"x","aaa":2}"#), 3 * layouts);
        assert_eq!(count(r#"["\u003c"]"#), 3 * layouts);
        assert_eq!(count(r#"["/"]"#), 2 * layouts);
        assert_eq!(count(r#"["\n"]"#), layouts);
        assert_eq!(count(r#"["'"]"#), 3 * layouts);
        assert_eq!(count(r#"["\u0001"]"#), 2 * layouts);
    }

    #[test]
    fn the_common_styles_come_first() {
        let styles = styles(&Document::parse(r#"{"b":"é/<","a":1}"#).unwrap());
        let is_common = |style: &Style| Layout::ALL[..COMMON_LAYOUTS].contains(&style.layout);
        assert!(styles[..2 * 4 * COMMON_LAYOUTS].iter().all(is_common));
        assert_eq!(
            styles[0],
            Style { order: KeyOrder::AsReceived, escapes: Escapes::Minimal, layout: Layout::Compact }
        );
    }
}
