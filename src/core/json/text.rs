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

/// What the next character of a string token stands for, as a code point, and the bytes it takes. Half a surrogate pair
/// that stands alone is its own code point. `text` must not be empty.
pub fn character(text: &str) -> (u32, usize) {
    escaped(text.as_bytes())
        .or_else(|| text.chars().next().map(|first| (u32::from(first), first.len_utf8())))
        .expect("the text is not empty")
}

/// The code point that the escape at the start of `bytes` stands for, and the bytes it takes; `None` if none begins there.
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
    fn a_character_is_a_code_point_and_the_bytes_it_takes() {
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
    fn long_text_is_cut_between_characters() {
        assert_eq!(unescape_prefix("\"ééé\"".as_bytes(), 3), "é");
        assert_eq!(unescape_prefix(br#""\u00e9\u00e9""#, 3), "é");
        assert_eq!(unescape_prefix(br#""\ud83d\ude00\ud83d\ude00""#, 4), "😀");
        assert_eq!(unescape_prefix(format!("\"{}\"", "a".repeat(9000)).as_bytes(), 256), "a".repeat(256));
        assert_eq!(unescape_prefix(b"\"abc\"", 3), "abc");
        assert_eq!(unescape_prefix(b"\"abc\"", 0), "");
    }
}
