//! The bodies that the sender may have signed, if the received body was altered on the way.

use super::reserialise::{Sink, write};
use crate::core::diagnosis::json_nodes::Document;
use crate::core::diagnosis::json_style::{Style, styles};
use crate::core::signature::Alteration;
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a body is derived from the one received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyVariant {
    /// The bytes as received. Node instead hashes U+FFFD for every invalid UTF-8 sequence.
    RawBytes,
    /// With U+FFFD for every invalid UTF-8 sequence, as Node reads it.
    ReplacedText,
    /// Without the CR and LF bytes at the end.
    WithoutFinalNewline,
    WithFinalLf,
    WithFinalCrlf,
    WithoutBom,
    WithBom,
    LfForCrlf,
    CrlfForLf,
    /// Parsed as JSON and serialised again.
    Reserialised {
        style: Style,
        has_final_newline: bool,
    },
}

impl BodyVariant {
    /// The variants that need no parsing, in the order in which they are tried.
    pub(super) const PLAIN: [Self; 7] = [
        Self::WithoutFinalNewline,
        Self::WithFinalLf,
        Self::WithFinalCrlf,
        Self::WithoutBom,
        Self::WithBom,
        Self::LfForCrlf,
        Self::CrlfForLf,
    ];

    pub fn alteration(self) -> Alteration {
        match self {
            Self::RawBytes | Self::ReplacedText => Alteration::InvalidUtf8,
            Self::WithoutFinalNewline | Self::WithFinalLf | Self::WithFinalCrlf => Alteration::TrailingNewline,
            Self::WithoutBom | Self::WithBom => Alteration::Bom,
            Self::LfForCrlf | Self::CrlfForLf => Alteration::LineEndings,
            Self::Reserialised { .. } => Alteration::Reserialised,
        }
    }

    /// This variant of `body`, to show beside it. `None` if it cannot be derived.
    pub fn of(self, body: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(body.len());
        let flow = self.write(body, &mut |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            ControlFlow::Continue(())
        })?;
        flow.is_continue().then_some(bytes)
    }

    /// The offset in `body` of the first byte that differs in this variant. `None` if they are equal or the variant
    /// cannot be derived.
    pub(super) fn first_difference(self, body: &[u8]) -> Option<usize> {
        let mut equal = 0;
        let flow = self.write(body, &mut |piece: &[u8]| {
            let rest = body.get(equal..).unwrap_or_default();
            let length = rest.iter().zip(piece).take_while(|(left, right)| left == right).count();
            equal += length;
            if length < piece.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        (flow.is_break() || equal < body.len()).then_some(equal)
    }

    /// Writes the variant in pieces that end between characters. Invalid UTF-8 in the body passes through.
    pub(super) fn write(self, body: &[u8], sink: &mut Sink<'_>) -> Option<ControlFlow<()>> {
        let stem = without_final_newline(body);
        Some(match self {
            Self::RawBytes => sink(body),
            Self::ReplacedText => sink(String::from_utf8_lossy(body).as_bytes()),
            Self::WithoutFinalNewline => sink(stem),
            Self::WithFinalLf => pieces(&[stem, b"\n"], sink),
            Self::WithFinalCrlf => pieces(&[stem, b"\r\n"], sink),
            Self::WithoutBom => sink(body.strip_prefix(BOM)?),
            Self::WithBom if body.starts_with(BOM) => return None,
            Self::WithBom => pieces(&[BOM, body], sink),
            Self::LfForCrlf => lines(body, b"\n", sink),
            Self::CrlfForLf => lines(body, b"\r\n", sink),
            Self::Reserialised { style, has_final_newline } => {
                let text = String::from_utf8_lossy(body);
                let flow = write(&Document::parse(&text)?, style, sink);
                if has_final_newline && flow.is_continue() { sink(b"\n") } else { flow }
            }
        })
    }
}

impl fmt::Display for BodyVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::RawBytes => "the bytes as received",
            Self::ReplacedText => "text with U+FFFD for invalid UTF-8",
            Self::WithoutFinalNewline => "no newline at the end",
            Self::WithFinalLf => "LF at the end",
            Self::WithFinalCrlf => "CRLF at the end",
            Self::WithoutBom => "no byte order mark",
            Self::WithBom => "a byte order mark in front",
            Self::LfForCrlf => "LF line endings",
            Self::CrlfForLf => "CRLF line endings",
            Self::Reserialised { style, has_final_newline } => {
                let newline = if *has_final_newline { ", LF at the end" } else { "" };
                return write!(f, "JSON {style}{newline}");
            }
        };
        f.write_str(words)
    }
}

/// Calls `search` with the parsed body and the styles it can be serialised in. `None` if the body is not JSON.
pub(super) fn reserialised<T>(body: &[u8], search: impl FnOnce(&Document<'_>, &[Style]) -> Option<T>) -> Option<T> {
    let text: Cow<'_, str> = String::from_utf8_lossy(body);
    let document = Document::parse(&text)?;
    search(&document, &styles(&document))
}

fn without_final_newline(body: &[u8]) -> &[u8] {
    let end = body.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    &body[..end]
}

fn pieces(pieces: &[&[u8]], sink: &mut Sink<'_>) -> ControlFlow<()> {
    pieces.iter().try_for_each(|piece| sink(piece))
}

/// The body with each LF or CRLF replaced by `ending`.
fn lines(body: &[u8], ending: &[u8], sink: &mut Sink<'_>) -> ControlFlow<()> {
    let mut rest = body;
    while let Some(place) = memchr::memchr(b'\n', rest) {
        let line = &rest[..place];
        pieces(&[line.strip_suffix(b"\r").unwrap_or(line), ending], sink)?;
        rest = &rest[place + 1..];
    }
    sink(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnosis::{Escapes, KeyOrder, Layout};

    #[test]
    fn each_variant_is_derived_from_the_body() {
        type Row = (BodyVariant, &'static [u8], Option<&'static [u8]>);
        let cases: [Row; 12] = [
            (BodyVariant::WithoutFinalNewline, b"a\n\r\n\n", Some(b"a")),
            (BodyVariant::WithoutFinalNewline, b"\n\n", Some(b"")),
            (BodyVariant::WithFinalLf, b"a\r\n", Some(b"a\n")),
            (BodyVariant::WithFinalCrlf, b"a", Some(b"a\r\n")),
            (BodyVariant::WithoutBom, b"\xef\xbb\xbfa", Some(b"a")),
            (BodyVariant::WithoutBom, b"a", None),
            (BodyVariant::WithBom, b"a", Some(b"\xef\xbb\xbfa")),
            (BodyVariant::WithBom, b"\xef\xbb\xbfa", None),
            (BodyVariant::LfForCrlf, b"a\r\nb\nc\r", Some(b"a\nb\nc\r")),
            (BodyVariant::CrlfForLf, b"a\r\nb\nc", Some(b"a\r\nb\r\nc")),
            (BodyVariant::RawBytes, b"\xff", Some(b"\xff")),
            (BodyVariant::ReplacedText, b"a\xff", Some("a\u{fffd}".as_bytes())),
        ];
        for (variant, body, expected) in cases {
            assert_eq!(variant.of(body).as_deref(), expected, "{variant}");
        }
    }

    #[test]
    fn the_first_difference_is_an_offset_into_the_body_received() {
        let style = Style { order: KeyOrder::AsReceived, escapes: Escapes::Minimal, layout: Layout::Compact };
        let compact = BodyVariant::Reserialised { style, has_final_newline: false };
        assert_eq!(compact.first_difference(br#"{"a": 1}"#), Some(5));
        assert_eq!(compact.first_difference(br#"{"a":1}"#), None);
        assert_eq!(compact.first_difference(b"[1]\n"), Some(3));
        assert_eq!(BodyVariant::WithFinalLf.first_difference(b"[1]"), Some(3));
        assert_eq!(BodyVariant::WithoutFinalNewline.first_difference(b"[1]\n"), Some(3));
        assert_eq!(BodyVariant::WithBom.first_difference(b"[1]"), Some(0));
        assert_eq!(compact.first_difference(b"no json"), None);
    }
}
