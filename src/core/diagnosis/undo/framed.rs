//! The signed text inside what a transport or another format put around it: an HTTP message, chunks, XML, YAML, JSONP, the key of a form.

use super::{Candidates, quoted, trimmed};
use crate::core::json::{TokenKind, scan, unescape_bytes};
use std::ops::ControlFlow;

/// Shortest part that can hold an event.
const SHORTEST: usize = 8;
/// The longest head of a message, and the longest prefix of a call.
const LONGEST_HEAD: usize = 64 * 1024;
const LONGEST_CALL: usize = 64;
/// What frameworks put in front of JSON, so that a browser cannot run it.
const GUARDS: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];

/// All of them, each behind a look at the first bytes.
pub(super) fn content(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    http_message(text, candidates)?;
    chunks(text, candidates)?;
    call(text, candidates)?;
    xml(text, candidates)?;
    yaml(text, candidates)?;
    form_key(text, candidates)
}

/// What follows the head of a request or a response.
fn http_message(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let first = &text[..memchr::memchr(b'\n', &text[..text.len().min(LONGEST_HEAD)]).unwrap_or(0)];
    let is_head = first.starts_with(b"HTTP/") || memchr::memmem::find(first, b" HTTP/").is_some();
    let is_field = first.first().is_some_and(u8::is_ascii_alphabetic) && memchr::memchr(b':', first).is_some();
    if !is_head && !is_field {
        return ControlFlow::Continue(());
    }
    let head = &text[..text.len().min(LONGEST_HEAD)];
    for end in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(place) = memchr::memmem::find(head, end) {
            return candidates.push("after the head", &text[place + end.len()..]);
        }
    }
    ControlFlow::Continue(())
}

/// The content of chunks whose sizes stayed in the body.
fn chunks(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let mut content = Vec::new();
    let mut rest = text;
    loop {
        let Some(end) = memchr::memchr(b'\n', &rest[..rest.len().min(32)]) else { return ControlFlow::Continue(()) };
        let size = rest[..end].trim_ascii().split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let (Some(size), after) = (size, &rest[end + 1..]) else { return ControlFlow::Continue(()) };
        if size == 0 {
            break;
        }
        let Some((chunk, after)) = after.split_at_checked(size) else { return ControlFlow::Continue(()) };
        content.extend_from_slice(chunk);
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        let Some(after) = after.strip_prefix(b"\n") else { return ControlFlow::Continue(()) };
        rest = after;
    }
    if content.is_empty() {
        ControlFlow::Continue(())
    } else {
        candidates.push("without the sizes of its chunks", content)
    }
}

/// The argument of a call such as `callback(…);`, and what follows a guard.
fn call(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    for guard in GUARDS {
        if let Some(rest) = text.strip_prefix(guard) {
            candidates.push(quoted(guard), trimmed(rest))?;
        }
    }
    let text = trimmed(text);
    let text = text.strip_suffix(b";").unwrap_or(text);
    let Some(inner) = text.strip_suffix(b")") else { return ControlFlow::Continue(()) };
    let Some(open) = memchr::memchr(b'(', &inner[..inner.len().min(LONGEST_CALL)]) else {
        return ControlFlow::Continue(());
    };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'/' | b'*' | b' ');
    let name = &inner[..open];
    if name.is_empty() || !name.iter().all(is_name) {
        return ControlFlow::Continue(());
    }
    candidates.push(quoted(name), &inner[open + 1..])
}

/// Each CDATA section, and the text of each element that has nothing else in it.
fn xml(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    const OPEN: &[u8] = b"<![CDATA[";
    let text = trimmed(text);
    if !text.starts_with(b"<") {
        return ControlFlow::Continue(());
    }
    let mut end = 0;
    for start in memchr::memmem::find_iter(text, OPEN) {
        let Some(length) = memchr::memmem::find(&text[start..], b"]]>").filter(|_| start >= end) else { continue };
        end = start + length;
        candidates.push("a CDATA section", &text[start + OPEN.len()..end])?;
    }
    let mut rest = text;
    while let Some(start) = memchr::memchr(b'>', rest) {
        rest = &rest[start + 1..];
        let length = memchr::memchr(b'<', rest).unwrap_or(rest.len());
        if length >= SHORTEST && !rest[..length].trim_ascii().is_empty() {
            candidates.push("the text of an element", &rest[..length])?;
        }
        rest = &rest[length..];
    }
    ControlFlow::Continue(())
}

/// A block scalar: the lines below `|`, without their indentation.
fn yaml(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let Some(end) = memchr::memchr(b'\n', &text[..text.len().min(256)]) else { return ControlFlow::Continue(()) };
    let first = text[..end].trim_ascii_end();
    if ![&b"|"[..], b"|-", b"|+"].iter().any(|mark| first.ends_with(mark)) {
        return ControlFlow::Continue(());
    }
    let block = &text[end + 1..];
    let indent = block.iter().take_while(|byte| **byte == b' ').count();
    if indent == 0 {
        return ControlFlow::Continue(());
    }
    let mut content = Vec::with_capacity(block.len());
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        let blank = line.iter().take(indent).take_while(|byte| **byte == b' ').count();
        content.extend_from_slice(&line[blank..]);
    }
    let without_newline = content.strip_suffix(b"\n").unwrap_or(&content).to_vec();
    candidates.push("the lines of the block", content)?;
    candidates.push("the lines of the block, without the last newline", without_newline)
}

/// The text of which a parser of forms made keys and values: `{"<text>": ""}`. A `=` and a `&` in the text separated them.
fn form_key(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    if !text.starts_with(b"{\"{") && !text.starts_with(b"{\"[") && !text.starts_with(b"{ \"{") {
        return ControlFlow::Continue(());
    }
    let mut joined = Vec::with_capacity(text.len());
    let mut depth = 0;
    for token in scan(text) {
        let Ok(token) = token else { return ControlFlow::Continue(()) };
        let part = &text[token.range];
        match token.kind {
            TokenKind::Key if depth == 1 => {
                if !joined.is_empty() {
                    joined.push(b'&');
                }
                joined.extend_from_slice(&unescape_bytes(part));
            }
            TokenKind::String if depth == 1 => {
                let value = unescape_bytes(part);
                if !value.is_empty() {
                    joined.push(b'=');
                    joined.extend_from_slice(&value);
                }
            }
            TokenKind::OpenObject | TokenKind::OpenArray => depth += 1,
            TokenKind::CloseObject | TokenKind::CloseArray => depth -= 1,
            _ => {}
        }
    }
    candidates.push("the key of a form", joined)
}

/// A JSON object without its first member, or without its last one.
pub(super) fn without_member(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    if !trimmed(text).starts_with(b"{") {
        return ControlFlow::Continue(());
    }
    let (mut depth, mut keys, mut commas, mut open) = (0_usize, Vec::new(), Vec::new(), 0);
    let mut last_end = 0;
    let mut end = 0;
    for token in scan(text) {
        let Ok(token) = token else { return ControlFlow::Continue(()) };
        match token.kind {
            TokenKind::OpenObject | TokenKind::OpenArray => {
                if depth == 0 {
                    open = token.range.end;
                }
                depth += 1;
            }
            TokenKind::CloseObject | TokenKind::CloseArray => {
                depth -= 1;
                if depth == 0 {
                    end = last_end;
                }
            }
            TokenKind::Key if depth == 1 => keys.push(token.range.clone()),
            TokenKind::Comma if depth == 1 => commas.push(token.range.clone()),
            _ => {}
        }
        last_end = token.range.end;
    }
    let (Some(first_comma), Some(last_comma)) = (commas.first(), commas.last()) else {
        return ControlFlow::Continue(());
    };
    let (first, last) = (&keys[0], &keys[keys.len() - 1]);
    // What follows the comma of the first member takes the place of what was after the bracket.
    let blank = text[open..first.start].len();
    let next = keys[1].start.saturating_sub(blank.min(keys[1].start - first_comma.end));
    candidates.push(quoted(&text[first.clone()]), [&text[..open], &text[next..]].concat())?;
    candidates.push(quoted(&text[last.clone()]), [&text[..last_comma.start], &text[end..]].concat())
}
