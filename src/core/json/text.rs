//! What a JSON string says, as text.

/// The text of a string token, with or without its quotes. Lone surrogates become U+FFFD; what is not an escape of JSON
/// is kept as it stands.
pub fn unescape(string_token: &[u8]) -> String {
    unescape_prefix(string_token, usize::MAX)
}

/// As [`unescape`], but at most `max_bytes` of the text, cut between characters. The work is bounded by `max_bytes`.
pub fn unescape_prefix(string_token: &[u8], max_bytes: usize) -> String {
    let inner = string_token.strip_prefix(b"\"").unwrap_or(string_token);
    // A text of `max_bytes` comes from no more than six times as many bytes; one escape more shows where to cut.
    let is_whole = inner.len() <= max_bytes.saturating_mul(6).saturating_add(12);
    let inner = if is_whole {
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
        let (character, length) = escaped(&rest[backslash..]);
        match character {
            Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => text.extend_from_slice(&rest[backslash..backslash + length]),
        }
        rest = &rest[backslash + length..];
    }
    if text.len() <= max_bytes {
        text.extend_from_slice(rest);
    }
    cut(&mut text, max_bytes);
    String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Shortens UTF-8 to `max_bytes` without halving a character.
fn cut(text: &mut Vec<u8>, max_bytes: usize) {
    if text.len() > max_bytes {
        let mut end = max_bytes;
        while end > 0 && text[end] & 0xC0 == 0x80 {
            end -= 1;
        }
        text.truncate(end);
    }
}

/// The character that the escape at the start of `bytes` stands for, if it is one, and the bytes it takes.
fn escaped(bytes: &[u8]) -> (Option<char>, usize) {
    let simple = match bytes.get(1) {
        Some(b'u') => return unicode_escaped(bytes),
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn unicode_escaped(bytes: &[u8]) -> (Option<char>, usize) {
    let Some(unit) = code_unit(bytes) else {
        return (None, 1);
    };
    if let 0xD800..=0xDBFF = unit
        && let Some(low @ 0xDC00..=0xDFFF) = bytes.get(6..).and_then(code_unit)
    {
        return (char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), 12);
    }
    (Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)), 6)
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
    fn escapes_become_what_they_stand_for() {
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
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(unescape_prefix("\"ééé\"".as_bytes(), 3), "é");
        assert_eq!(unescape_prefix(br#""\u00e9\u00e9""#, 3), "é");
        assert_eq!(unescape_prefix(br#""\ud83d\ude00\ud83d\ude00""#, 4), "😀");
        assert_eq!(unescape_prefix(format!("\"{}\"", "a".repeat(9000)).as_bytes(), 256), "a".repeat(256));
        assert_eq!(unescape_prefix(b"\"abc\"", 3), "abc");
        assert_eq!(unescape_prefix(b"\"abc\"", 0), "");
    }
}
