//! Small changes to a body that can be undone without a copy of it: at its ends, in its lines, in how JSON is written.

use super::reserialise::{Sink, write};
use crate::core::diagnosis::json_nodes::Document;
use crate::core::diagnosis::json_style::{Style, styles};
use crate::core::signature::Alteration;
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How the signed text is derived from another one, in a single pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
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
    /// Without white space and NUL bytes at both ends.
    Trimmed,
    WithoutPaddingInFront,
    WithoutPaddingAtEnd,
    WithLfInFront,
    WithSpaceAtEnd,
    WithNulAtEnd,
    /// Parsed as JSON and serialised again.
    Reserialised {
        style: Style,
        has_final_newline: bool,
    },
}

impl Change {
    /// The variants that need no parsing, in the order in which they are tried.
    pub(super) const PLAIN: [Self; 13] = [
        Self::WithoutFinalNewline,
        Self::WithFinalLf,
        Self::WithFinalCrlf,
        Self::WithoutBom,
        Self::WithBom,
        Self::LfForCrlf,
        Self::CrlfForLf,
        Self::Trimmed,
        Self::WithoutPaddingInFront,
        Self::WithoutPaddingAtEnd,
        Self::WithLfInFront,
        Self::WithSpaceAtEnd,
        Self::WithNulAtEnd,
    ];

    pub(super) fn alteration(self) -> Alteration {
        match self {
            Self::RawBytes | Self::ReplacedText => Alteration::InvalidUtf8,
            Self::WithoutFinalNewline | Self::WithFinalLf | Self::WithFinalCrlf => Alteration::TrailingNewline,
            Self::WithoutBom | Self::WithBom => Alteration::Bom,
            Self::LfForCrlf | Self::CrlfForLf => Alteration::LineEndings,
            Self::Trimmed
            | Self::WithoutPaddingInFront
            | Self::WithoutPaddingAtEnd
            | Self::WithLfInFront
            | Self::WithSpaceAtEnd
            | Self::WithNulAtEnd => Alteration::Padded,
            Self::Reserialised { .. } => Alteration::Reserialised,
        }
    }

    /// The offset in `body` of the first byte that this change alters. `None` if there is none.
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
            Self::Trimmed => sink(without_padding(body, true, true)?),
            Self::WithoutPaddingInFront => sink(without_padding(body, true, false)?),
            Self::WithoutPaddingAtEnd => sink(without_padding(body, false, true)?),
            Self::WithLfInFront => pieces(&[b"\n", body], sink),
            Self::WithSpaceAtEnd => pieces(&[body, b" "], sink),
            Self::WithNulAtEnd => pieces(&[body, b"\0"], sink),
            Self::Reserialised { style, has_final_newline } => {
                let text = String::from_utf8_lossy(body);
                let flow = write(&Document::parse(&text)?, style, sink);
                if has_final_newline && flow.is_continue() { sink(style.layout.line_ending().as_bytes()) } else { flow }
            }
        })
    }
}

impl fmt::Display for Change {
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
            Self::Trimmed => "no white space or NUL at either end",
            Self::WithoutPaddingInFront => "no white space or NUL in front",
            Self::WithoutPaddingAtEnd => "no white space or NUL at the end",
            Self::WithLfInFront => "LF in front",
            Self::WithSpaceAtEnd => "a space at the end",
            Self::WithNulAtEnd => "a NUL byte at the end",
            Self::Reserialised { style, has_final_newline } => {
                let newline = if *has_final_newline { ", newline at the end" } else { "" };
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

/// `None` if there is nothing to remove.
fn without_padding(body: &[u8], in_front: bool, at_end: bool) -> Option<&[u8]> {
    let is_padding = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0);
    let start = if in_front { body.iter().position(|byte| !is_padding(byte))? } else { 0 };
    let end = if at_end { body.iter().rposition(|byte| !is_padding(byte))? + 1 } else { body.len() };
    (start > 0 || end < body.len()).then(|| &body[start..end])
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

    #[test]
    fn each_variant_is_derived_from_the_body() {
        type Row = (Change, &'static [u8], Option<&'static [u8]>);
        let cases: [Row; 18] = [
            (Change::WithoutFinalNewline, b"a\n\r\n\n", Some(b"a")),
            (Change::WithoutFinalNewline, b"\n\n", Some(b"")),
            (Change::WithFinalLf, b"a\r\n", Some(b"a\n")),
            (Change::WithFinalCrlf, b"a", Some(b"a\r\n")),
            (Change::WithoutBom, b"\xef\xbb\xbfa", Some(b"a")),
            (Change::WithoutBom, b"a", None),
            (Change::WithBom, b"a", Some(b"\xef\xbb\xbfa")),
            (Change::WithBom, b"\xef\xbb\xbfa", None),
            (Change::LfForCrlf, b"a\r\nb\nc\r", Some(b"a\nb\nc\r")),
            (Change::CrlfForLf, b"a\r\nb\nc", Some(b"a\r\nb\r\nc")),
            (Change::Trimmed, b" \ta\0\n", Some(b"a")),
            (Change::Trimmed, b"a", None),
            (Change::WithoutPaddingInFront, b"\na ", Some(b"a ")),
            (Change::WithoutPaddingAtEnd, b"\na \0", Some(b"\na")),
            (Change::WithoutPaddingAtEnd, b" \n", None),
            (Change::WithNulAtEnd, b"a", Some(b"a\0")),
            (Change::RawBytes, b"\xff", Some(b"\xff")),
            (Change::ReplacedText, b"a\xff", Some("a\u{fffd}".as_bytes())),
        ];
        for (variant, body, expected) in cases {
            let mut bytes = Vec::new();
            let flow = variant.write(body, &mut |piece: &[u8]| {
                bytes.extend_from_slice(piece);
                ControlFlow::Continue(())
            });
            assert_eq!(flow.map(|_| &bytes[..]), expected, "{variant}");
        }
    }
}
