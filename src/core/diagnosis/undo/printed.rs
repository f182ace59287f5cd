//! Parsed objects that were printed instead of serialised, as Python's `str(dict)` and Ruby's `inspect` do.

use super::{Candidates, trimmed};
use crate::core::json::validate;
use std::ops::ControlFlow;

/// The JSON text that a printed object stands for, if it is one of Python or Ruby.
pub(super) fn as_json(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    if !matches!(text, [b'{' | b'[', .., b'}' | b']']) {
        return ControlFlow::Continue(());
    }
    match json_of(text) {
        Some(json) if json != text => candidates.push("", json),
        _ => ControlFlow::Continue(()),
    }
}

/// Whether `text` is no JSON, but a printed object that stands for some.
pub(in crate::core::diagnosis) fn is_printed_object(text: &[u8]) -> bool {
    let text = trimmed(text);
    matches!(text, [b'{' | b'[', .., b'}' | b']'])
        && validate(text).is_err()
        && json_of(text).is_some_and(|json| validate(&json).is_ok())
}

/// `text` with the strings, names and arrows of Python and Ruby written as in JSON.
fn json_of(text: &[u8]) -> Option<Vec<u8>> {
    let mut json = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        match byte {
            b'\'' | b'"' => rest = string(*byte, after, &mut json)?,
            b'=' if after.starts_with(b">") => {
                json.push(b':');
                rest = &after[1..];
            }
            b'(' | b')' => {
                json.push(if *byte == b'(' { b'[' } else { b']' });
                rest = after;
            }
            byte if byte.is_ascii_alphabetic() => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                let (word, after) = rest.split_at(length);
                json.extend_from_slice(match word {
                    b"None" | b"nil" => b"null",
                    b"True" => b"true",
                    b"False" => b"false",
                    b"true" | b"false" | b"null" => word,
                    _ => return None,
                });
                rest = after;
            }
            // A number, whose exponent is no name.
            b'0'..=b'9' | b'-' => {
                let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = rest.iter().take_while(is_number).count();
                json.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
            byte => {
                json.push(*byte);
                rest = after;
            }
        }
    }
    Some(json)
}

/// Writes a string whose opening `quote` was read, and returns what follows it.
fn string<'t>(quote: u8, text: &'t [u8], json: &mut Vec<u8>) -> Option<&'t [u8]> {
    json.push(b'"');
    let mut rest = text;
    loop {
        match rest {
            [byte, after @ ..] if *byte == quote => {
                json.push(b'"');
                return Some(after);
            }
            [b'\\', b'x', high, low, after @ ..] => {
                json.extend_from_slice(&[b'\\', b'u', b'0', b'0', *high, *low]);
                rest = after;
            }
            [b'\\', b'\'', after @ ..] => {
                json.push(b'\'');
                rest = after;
            }
            [b'\\', b'U', digits @ ..] => {
                let code = u32::from_str_radix(std::str::from_utf8(digits.get(..8)?).ok()?, 16).ok()?;
                json.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &digits[8..];
            }
            [b'\\', escaped, after @ ..] => {
                json.extend_from_slice(&[b'\\', *escaped]);
                rest = after;
            }
            [b'"', after @ ..] => {
                json.extend_from_slice(b"\\\"");
                rest = after;
            }
            [byte, after @ ..] => {
                json.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}
