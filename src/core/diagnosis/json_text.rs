//! The texts of JSON strings.

use std::borrow::Cow;

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
