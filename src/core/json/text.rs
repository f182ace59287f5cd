//! The text of a JSON string.

use std::borrow::Cow;

/// The text of a string token, which may lack its quotes. Lone surrogates become U+FFFD. Invalid escapes stay as they
/// are.
pub(crate) fn unescape(string_token: &[u8]) -> String {
    unescape_prefix(string_token, usize::MAX)
}

/// Like [`unescape`], but loses nothing: a lone surrogate takes the three bytes that UTF-8 would give its code point.
pub(crate) fn unescape_bytes(string_token: &[u8]) -> Cow<'_, [u8]> {
    let inner = string_token.strip_prefix(b"\"").unwrap_or(string_token);
    let mut rest = if inner.len() < string_token.len() { inner.strip_suffix(b"\"").unwrap_or(inner) } else { inner };
    let Some(first) = memchr::memchr(b'\\', rest) else { return Cow::Borrowed(rest) };
    let mut text = Vec::with_capacity(rest.len());
    text.extend_from_slice(&rest[..first]);
    rest = &rest[first..];
    while !rest.is_empty() {
        let length = match escaped(rest) {
            Some((code, length)) => {
                match char::from_u32(code) {
                    Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => text.extend([12, 6, 0].map(|shift| {
                        let bits = (code >> shift) as u8;
                        if shift == 12 { 0xE0 | bits & 0x0F } else { 0x80 | bits & 0x3F }
                    })),
                }
                length
            }
            None => {
                let next = memchr::memchr(b'\\', &rest[1..]).map_or(rest.len(), |next| next + 1);
                text.extend_from_slice(&rest[..next]);
                next
            }
        };
        rest = &rest[length..];
    }
    Cow::Owned(text)
}

/// Like [`unescape`], but truncates the text to `max_bytes` between characters. `max_bytes` also bounds the work.
pub(crate) fn unescape_prefix(string_token: &[u8], max_bytes: usize) -> String {
    let inner = string_token.strip_prefix(b"\"").unwrap_or(string_token);
    // A byte of text takes at most six bytes of the token. One more surrogate pair, of 12 bytes, shows where to
    // truncate.
    let is_short = inner.len() <= max_bytes.saturating_mul(6).saturating_add(12);
    let inner = if is_short {
        if inner.len() < string_token.len() { inner.strip_suffix(b"\"").unwrap_or(inner) } else { inner }
    } else {
        &inner[..max_bytes * 6 + 12]
    };
    let mut text = Vec::with_capacity(inner.len().min(max_bytes));
    let mut rest = inner;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..backslash]);
        if text.len() > max_bytes {
            break;
        }
        rest = &rest[backslash..];
        if let Some((code, length)) = escaped(rest) {
            let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[length..];
        } else {
            text.push(b'\\');
            rest = &rest[1..];
        }
    }
    if text.len() <= max_bytes {
        text.extend_from_slice(rest);
    }
    truncate(&mut text, max_bytes);
    String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Truncates UTF-8 to `max_bytes` without splitting a character.
fn truncate(text: &mut Vec<u8>, max_bytes: usize) {
    if text.len() > max_bytes {
        let mut end = max_bytes;
        while end > 0 && text[end] & 0xC0 == 0x80 {
            end -= 1;
        }
        text.truncate(end);
    }
}

/// The code point of the next character or escape of a string token, and its length in bytes. A lone surrogate is its
/// own code point. `text` must not be empty.
pub fn character(text: &str) -> (u32, usize) {
    escaped(text.as_bytes())
        .or_else(|| text.chars().next().map(|first| (u32::from(first), first.len_utf8())))
        .expect("the text is not empty")
}

/// The code point of the escape at the start of `bytes`, and its length in bytes. `None` if there is no escape.
fn escaped(bytes: &[u8]) -> Option<(u32, usize)> {
    let [b'\\', escape, ..] = bytes else { return None };
    let simple = match escape {
        b'u' => return unicode_escaped(bytes),
        b'"' | b'\\' | b'/' => *escape,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    };
    Some((u32::from(simple), 2))
}

fn unicode_escaped(bytes: &[u8]) -> Option<(u32, usize)> {
    let unit = code_unit(bytes)?;
    if let 0xD800..=0xDBFF = unit
        && let Some(low @ 0xDC00..=0xDFFF) = bytes.get(6..).and_then(code_unit)
    {
        return Some((0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12));
    }
    Some((unit, 6))
}

/// The number in `\uXXXX` at the start of `bytes`.
fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_their_characters() {
        for (token, text) in [
            (r#""""#, ""),
            (r#""plain é""#, "plain é"),
            (r#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\u0041\ud83d\ude00""#, "éA😀"),
            (r#""\ud83d!\ude00\ud83d""#, "\u{fffd}!\u{fffd}\u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r"\x\u12", r"\x\u12"),
        ] {
            assert_eq!(unescape(token.as_bytes()), text, "{token}");
            assert_eq!(
                String::from_utf8_lossy(&unescape_bytes(token.as_bytes()))
                    .replace("\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}"),
                text
            );
        }
    }

    #[test]
    fn a_lone_surrogate_is_kept_apart_from_others() {
        let of = |token: &'static [u8]| unescape_bytes(token).into_owned();
        assert_eq!(of(br#""\ud83d!""#), b"\xed\xa0\xbd!");
        assert_ne!(of(br#""\ud83d""#), of(br#""\ud83e""#));
        assert_eq!(of(b"\"\xff\\n\""), b"\xff\n");
    }

    #[test]
    fn a_character_has_a_code_point_and_a_length() {
        for (text, expected) in [
            ("a", (0x61, 1)),
            ("語!", (0x8a9e, 3)),
            (r"\n", (0x0a, 2)),
            (r"\u00e9!", (0xe9, 6)),
            (r"\ud83d\ude00", (0x1_f600, 12)),
            (r"\ud83d!", (0xd83d, 6)),
            (r"\ud83d\u0041", (0xd83d, 6)),
            (r"\ude00\ud83d", (0xde00, 6)),
        ] {
            assert_eq!(character(text), expected, "{text}");
        }
    }

    #[test]
    fn long_text_is_truncated_between_characters() {
        assert_eq!(unescape_prefix("\"ééé\"".as_bytes(), 3), "é");
        assert_eq!(unescape_prefix(br#""\u00e9\u00e9""#, 3), "é");
        assert_eq!(unescape_prefix(br#""\ud83d\ude00\ud83d\ude00""#, 4), "😀");
        assert_eq!(unescape_prefix(format!("\"{}\"", "a".repeat(9000)).as_bytes(), 256), "a".repeat(256));
        assert_eq!(unescape_prefix(b"\"abc\"", 3), "abc");
        assert_eq!(unescape_prefix(b"\"abc\"", 0), "");
    }
}
