//! The texts of JSON strings and numbers.

use std::borrow::Cow;

/// Whether a token is a number (RFC 8259 section 6).
pub(super) fn is_number(token: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unsigned = token.strip_prefix(b"-").unwrap_or(token);
    let whole = digits(unsigned);
    if whole == 0 || (whole > 1 && unsigned[0] == b'0') {
        return false;
    }
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

/// One character of a JSON string: what it means, and how many bytes of the text it takes. Half a surrogate pair that stands
/// alone is its own code point. `text` begins at a character and is not empty.
pub(super) fn character(text: &str) -> (u32, usize) {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'\\') {
        return text.chars().next().map_or((0, 1), |first| (u32::from(first), first.len_utf8()));
    }
    let unit = |from: usize| {
        let escape = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(escape, 16).ok()
    };
    match bytes.get(1) {
        Some(b'u') => match (unit(0), unit(6)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                (0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12)
            }
            (first, _) => (first.unwrap_or(0xfffd), 6),
        },
        Some(b'b') => (8, 2),
        Some(b'f') => (12, 2),
        Some(b'n') => (10, 2),
        Some(b'r') => (13, 2),
        Some(b't') => (9, 2),
        Some(other) => (u32::from(*other), 2),
        None => (u32::from(b'\\'), 1),
    }
}

/// The code points of a string's text, in bytes whose order is theirs: UTF-8, with lone surrogates encoded like any other.
pub(super) fn decoded(text: &str) -> Cow<'_, [u8]> {
    if !text.as_bytes().contains(&b'\\') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (code, length) = character(rest);
        match char::from_u32(code) {
            Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                let [_, _, high, low] = code.to_be_bytes();
                bytes.extend_from_slice(&[0xe0 | high >> 4, 0x80 | (high & 0xf) << 2 | low >> 6, 0x80 | low & 0x3f]);
            }
        }
        rest = &rest[length..];
    }
    Cow::Owned(bytes)
}
