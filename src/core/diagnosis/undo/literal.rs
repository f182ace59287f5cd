//! Bodies that were printed as a programming language writes text or bytes: `b'…'`, `"…"`, `[123, 34]`.

use super::encoded::hex_digit;
use super::{Candidates, trimmed};
use std::ops::ControlFlow;

/// String and byte-string literals of Python, JavaScript, Ruby and Go, text with escaped quotes but none around it, and
/// text whose quotes are doubled, as in CSV.
pub(super) fn text(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = constructed(trimmed(text));
    let prefix = text.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'B' | b'r' | b'u' | b'f')).count();
    let is_bytes = text[..prefix].iter().any(|byte| matches!(byte, b'b' | b'B'));
    let literal = &text[prefix..];
    let inner = match literal {
        [quote @ (b'\'' | b'"' | b'`'), inner @ .., last] if quote == last => Some(inner),
        _ => None,
    };
    if let Some(inner) = inner {
        if memchr::memchr(b'\\', inner).is_none() {
            candidates.push("", inner)?;
        }
        for quote in [b'"', b'\''] {
            if memchr::memmem::find(inner, &[quote; 2]).is_some() {
                candidates.push("doubled quotes", undoubled(inner, quote))?;
            }
        }
        if memchr::memmem::find(inner, SHELL_QUOTE).is_some() {
            candidates.push("quotes as the shell writes them", without_shell_quotes(inner))?;
        }
    }
    // Text with escaped quotes, such as `{\"id\":1}`.
    let is_escaped = inner.is_none() && text.iter().take(4).any(|byte| *byte == b'\\');
    let Some(inner) = inner.or(is_escaped.then_some(text)) else { return ControlFlow::Continue(()) };
    if memchr::memchr(b'\\', inner).is_none() {
        return ControlFlow::Continue(());
    }
    let as_bytes = unescaped(inner, true);
    let as_text = unescaped(inner, false);
    let is_same = as_bytes == as_text;
    let [first, second] = if is_bytes { [as_bytes, as_text] } else { [as_text, as_bytes] };
    candidates.push("", first)?;
    if is_same { ControlFlow::Continue(()) } else { candidates.push("escapes as bytes", second) }
}

/// The argument of `bytearray(…)` and the like.
fn constructed(text: &[u8]) -> &[u8] {
    let names = [&b"bytearray("[..], b"bytes(", b"memoryview(", b"Buffer.from("];
    let inner = names.iter().find_map(|name| text.strip_prefix(*name)).and_then(|inner| inner.strip_suffix(b")"));
    inner.unwrap_or(text)
}

/// How a shell writes a quote within quotes.
const SHELL_QUOTE: &[u8] = br"'\''";

fn without_shell_quotes(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = memchr::memmem::find(rest, SHELL_QUOTE) {
        bytes.extend_from_slice(&rest[..place]);
        bytes.push(b'\'');
        rest = &rest[place + SHELL_QUOTE.len()..];
    }
    bytes.extend_from_slice(rest);
    bytes
}

fn undoubled(text: &[u8], quote: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        bytes.push(*byte);
        rest = if *byte == quote { after.strip_prefix(&[quote]).unwrap_or(after) } else { after };
    }
    bytes
}

/// `text` with its escapes read as bytes, or as characters. What is no escape stays.
fn unescaped(text: &[u8], is_bytes: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut high: Option<u32> = None;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        bytes.extend_from_slice(&rest[..place]);
        rest = &rest[place + 1..];
        let Some((code, length)) = escape(rest) else {
            bytes.push(b'\\');
            continue;
        };
        let is_number = matches!(rest.first(), Some(b'x' | b'0'..=b'7'));
        rest = &rest[length..];
        let code = match (high.take(), code) {
            (Some(first), 0xdc00..=0xdfff) => 0x1_0000 + ((first - 0xd800) << 10) + (code - 0xdc00),
            (_, 0xd800..=0xdbff) => {
                high = Some(code);
                continue;
            }
            _ => code,
        };
        match u8::try_from(code) {
            Ok(byte) if is_bytes && is_number => bytes.push(byte),
            _ => {
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// The code of the escape whose backslash is just before `text`, and its length.
fn escape(text: &[u8]) -> Option<(u32, usize)> {
    let number = |from: usize, count: usize| -> Option<(u32, usize)> {
        let digits = text.get(from..from + count)?;
        let code = digits.iter().try_fold(0, |code, digit| Some(code << 4 | u32::from(hex_digit(*digit)?)))?;
        Some((code, from + count))
    };
    match text.first()? {
        b'n' => Some((0x0a, 1)),
        b'r' => Some((0x0d, 1)),
        b't' => Some((0x09, 1)),
        b'b' => Some((0x08, 1)),
        b'f' => Some((0x0c, 1)),
        b'v' => Some((0x0b, 1)),
        b'a' => Some((0x07, 1)),
        b'e' => Some((0x1b, 1)),
        byte @ (b'\\' | b'\'' | b'"' | b'`' | b'/' | b'#' | b'$') => Some((u32::from(*byte), 1)),
        b'x' => number(1, 2),
        b'u' if text.get(1) == Some(&b'{') => {
            let length = memchr::memchr(b'}', &text[..text.len().min(10)])?;
            number(2, length - 2).map(|(code, end)| (code, end + 1))
        }
        b'u' => number(1, 4),
        b'U' => number(1, 8),
        b'0'..=b'7' => {
            let length = text.iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
            let code = text[..length].iter().fold(0_u32, |code, digit| code << 3 | u32::from(digit - b'0'));
            Some((code, length))
        }
        _ => None,
    }
}

/// Byte values in a list, as Node writes a `Buffer` or `Uint8Array` in JSON, and as Go prints `[]byte`.
pub(super) fn byte_list(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    let is_list = [&b"<Buffer "[..], b"{\"0\":", b"["].iter().any(|start| text.starts_with(start)) || is_buffer(text);
    match is_list.then(|| listed(text)).flatten().filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => candidates.push("", bytes),
        None => ControlFlow::Continue(()),
    }
}

fn is_buffer(text: &[u8]) -> bool {
    text.starts_with(b"{") && memchr::memmem::find(&text[..text.len().min(64)], b"\"Buffer\"").is_some()
}

fn listed(text: &[u8]) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix(b"<Buffer ") {
        let pairs = digits.strip_suffix(b">")?.split(|byte| *byte == b' ');
        return pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    }
    let (list, has_keys) = match text {
        [b'[', list @ .., b']'] => (list, false),
        _ if is_buffer(text) => {
            let start = memchr::memchr(b'[', text)? + 1;
            (&text[start..memchr::memrchr(b']', text)?.max(start)], false)
        }
        [b'{', list @ .., b'}'] => (list, true),
        _ => return None,
    };
    let items = list.split(|byte| matches!(byte, b',' | b' ' | b'\n' | b'\r' | b'\t')).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let value = if has_keys { item.rsplit(|byte| *byte == b':').next()? } else { item };
            // Java's bytes are signed.
            let number: i16 = std::str::from_utf8(value).ok()?.parse().ok()?;
            u8::try_from(number).ok().or_else(|| i8::try_from(number).ok().map(i8::cast_unsigned))
        })
        .collect()
}
