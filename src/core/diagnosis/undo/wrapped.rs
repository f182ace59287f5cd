//! The signed text inside a larger one: envelopes of gateways and queues, JSON strings, forms, multipart bodies.

use super::encoded::percent_decoded;
use super::{Candidates, quoted, trimmed};
use crate::core::json::{Token, TokenKind, scan, unescape};
use std::ops::ControlFlow;

/// Shortest part that can hold an event.
const SHORTEST: usize = 8;

/// Most nested objects and arrays that are tried as parts. Envelopes put the event near the top.
const MAX_CONTAINERS: usize = 64;

/// The text of a body that is one JSON string.
pub(super) fn json_string(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    let mut tokens = scan(text);
    match (tokens.next(), tokens.next()) {
        (Some(Ok(Token { kind: TokenKind::String, range })), None) => candidates.push("", unescape(&text[range])),
        _ => ControlFlow::Continue(()),
    }
}

/// Every string in a JSON document, its text unescaped, and every object or array but the outermost, as received.
pub(super) fn json_member(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    let mut key: &[u8] = b"";
    // The start of each open container, and the key it is a member by.
    let mut open: Vec<(usize, &[u8])> = Vec::new();
    let mut containers = 0;
    let mut is_complete = true;
    for token in scan(text) {
        let Ok(Token { kind, range }) = token else { return ControlFlow::Continue(()) };
        match kind {
            TokenKind::Key => key = &text[range.start + 1..range.end - 1],
            TokenKind::OpenObject | TokenKind::OpenArray => open.push((range.start, key)),
            TokenKind::CloseObject | TokenKind::CloseArray => {
                let Some((start, name)) = open.pop() else { return ControlFlow::Continue(()) };
                key = name;
                if open.is_empty() || range.end - start < SHORTEST {
                    continue;
                }
                if open.len() > MAX_CONTAINERS || containers == MAX_CONTAINERS {
                    is_complete = false;
                    continue;
                }
                containers += 1;
                candidates.push(quoted(key), &text[start..range.end])?;
            }
            TokenKind::String if range.len() > SHORTEST && !open.is_empty() => {
                candidates.push(quoted(key), unescape(&text[range]))?;
            }
            _ => {}
        }
    }
    if is_complete { ControlFlow::Continue(()) } else { candidates.leave_out() }
}

/// The value of each field of a form body, and a lone name.
pub(super) fn form_field(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    let is_form = !text.starts_with(b"{") && !text.starts_with(b"[") && memchr::memchr(b'=', text).is_some();
    if !is_form {
        return ControlFlow::Continue(());
    }
    for field in text.split(|byte| *byte == b'&') {
        let Some(place) = memchr::memchr(b'=', field) else { continue };
        let (name, value) = (&field[..place], &field[place + 1..]);
        let (detail, value) = if value.is_empty() { (String::new(), name) } else { (quoted(name), value) };
        if value.len() >= SHORTEST {
            candidates.push(detail, percent_decoded(value, true))?;
        }
    }
    ControlFlow::Continue(())
}

/// The content of each part of a multipart body. The boundary is read from its first line.
pub(super) fn multipart_part(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = &text[text.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0)..];
    let Some(end) = text.starts_with(b"--").then(|| memchr::memchr(b'\n', text)).flatten() else {
        return ControlFlow::Continue(());
    };
    let boundary = text[..end].trim_ascii_end();
    let mut start = end + 1;
    for place in memchr::memmem::find_iter(text, boundary) {
        // Only the first boundary of a line ends a part. Looking for the end of the line once keeps this linear.
        if place < start {
            continue;
        }
        let part = &text[start..place];
        start = memchr::memchr(b'\n', &text[place..]).map_or(text.len(), |end| place + end + 1);
        let Some((head, content)) = content_of(part) else { continue };
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        candidates.push(part_name(head), content)?;
    }
    ControlFlow::Continue(())
}

/// The head and the content of a part: an empty line is between them.
fn content_of(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let after =
        |mark: &[u8]| memchr::memmem::find(part, mark).map(|place| (&part[..place], &part[place + mark.len()..]));
    after(b"\r\n\r\n").or_else(|| after(b"\n\n"))
}

fn part_name(head: &[u8]) -> String {
    let Some(place) = memchr::memmem::find(head, b"name=\"") else { return String::new() };
    let name = &head[place + b"name=\"".len()..];
    quoted(&name[..memchr::memchr(b'"', name).unwrap_or(0)])
}

/// The first of two equal halves, which white space may separate.
pub(super) fn half(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    for gap in 0..=2 {
        let Some(length) = text.len().checked_sub(gap).filter(|length| *length > 0 && length.is_multiple_of(2)) else {
            continue;
        };
        let (first, rest) = text.split_at(length / 2);
        let (between, second) = rest.split_at(gap);
        if first == second && between.iter().all(u8::is_ascii_whitespace) {
            candidates.push("", first)?;
        }
    }
    ControlFlow::Continue(())
}
