//! The scanner: every byte is in a token, and errors have a position.

use super::super::*;
use super::json_text;
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<TokenKind> {
    scan(text.as_bytes()).map(|token| token.unwrap().kind).collect()
}

fn error(text: &[u8]) -> (usize, &'static str) {
    let error = validate(text).unwrap_err();
    (error.at, error.expected)
}

/// The tokens of `bytes`, joined without the white space between them.
pub(super) fn joined_tokens(bytes: &[u8]) -> Vec<u8> {
    scan(bytes).flat_map(|token| bytes[token.unwrap().range].to_vec()).collect()
}

#[test]
fn tokens_have_a_kind_and_a_range() {
    use TokenKind::*;
    assert_eq!(
        kinds(" {\"a\" : [1, true,false,null,\"b\"], \"c\":{}}\n"),
        [
            OpenObject,
            Key,
            Colon,
            OpenArray,
            Number,
            Comma,
            True,
            Comma,
            False,
            Comma,
            Null,
            Comma,
            String,
            CloseArray,
            Comma,
            Key,
            Colon,
            OpenObject,
            CloseObject,
            CloseObject
        ]
    );
    let ranges: Vec<_> = scan(br#"{ "a\"":-1.5e3}"#).map(|token| token.unwrap().range).collect();
    assert_eq!(ranges, [0..1, 2..7, 7..8, 8..14, 14..15]);
}

#[test]
fn errors_have_an_offset_and_say_what_was_expected() {
    for (text, at, expected) in [
        (&b""[..], 0, "a value"),
        (b"  ", 2, "a value"),
        (b"\xEF\xBB\xBF{}", 0, "a value, not a byte order mark"),
        (b"{", 1, "a key in double quotes or `}`"),
        (b"{a:1}", 1, "a key in double quotes or `}`"),
        (b"{\"a\" 1}", 5, "`:`"),
        (b"{\"a\":}", 5, "a value"),
        (b"{\"a\":1,}", 7, "a key in double quotes"),
        (b"{\"a\":1 \"b\"", 7, "`,` or `}`"),
        (b"[1,]", 3, "a value"),
        (b"[1}", 2, "`,` or `]`"),
        (b"[}", 1, "a value or `]`"),
        (b"{} {}", 3, "the end of the text"),
        (b"\"abc", 4, "`\"` at the end of a string"),
        (b"\"a\nb\"", 2, "a control character in a string to be escaped"),
        (b"\"\\x\"", 2, "one of `\"\\/bfnrtu` after `\\`"),
        (b"\"\\u12g4\"", 5, "four hexadecimal digits after `\\u`"),
        (b"\"\\u+123\"", 3, "four hexadecimal digits after `\\u`"),
        (b"01", 1, "the end of the text"),
        (b"1\xC2\xA0", 1, "the end of the text"),
        (b"-", 1, "a digit"),
        (b"--1", 1, "a digit"),
        (b".5", 0, "a value"),
        (b"1.", 2, "a digit"),
        (b"[1.e5]", 3, "a digit"),
        (b"1e+", 3, "a digit"),
        (b"1e+-1", 3, "a digit"),
        (b"+1", 0, "a value"),
        (b"nul", 3, "`null`"),
        (b"trUe", 2, "`true`"),
        (b"truefalse", 4, "the end of the text"),
        (b"NaN", 0, "a value"),
        (b"\"a\xff\"", 2, "UTF-8"),
        (b"{}\xc3", 2, "UTF-8"),
        (b"[1,\xed\xa0\x80", 3, "UTF-8"),
    ] {
        assert_eq!(error(text), (at, expected), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn no_token_follows_an_error() {
    let mut tokens = scan(b"[1 2, 3]");
    assert_eq!(tokens.by_ref().filter(Result::is_err).count(), 1);
    assert_eq!(tokens.next(), None);
}

#[test]
fn an_error_has_a_line_and_a_column() {
    let text = "{\n  \"é\": x\n}".as_bytes();
    let error = validate(text).unwrap_err();
    assert_eq!(error.position(text), Position { line: 2, column: 8 });
    assert_eq!(error.to_string(), "not JSON at byte 10: expected a value");
}

#[test]
fn depth_has_no_limit() {
    let levels = 100_000;
    assert_eq!(validate(("[".repeat(levels) + &"]".repeat(levels)).as_bytes()), Ok(()));
    let mixed = "{\"a\":[".repeat(levels) + "1" + &"]}".repeat(levels);
    assert_eq!(validate(mixed.as_bytes()), Ok(()));
    let crossed = mixed.replace("1]}", "1}]");
    assert_eq!(error(crossed.as_bytes()).1, "`,` or `]`");
}

#[test]
fn the_eight_byte_scan_stops_at_every_special_byte() {
    for place in 0..24 {
        for stop in [b'"', b'\\', 0x00, 0x1f] {
            for around in [b'a', 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff] {
                let mut bytes = [around; 24];
                bytes[place] = stop;
                assert_eq!(super::super::scan::skip_plain(&bytes, 0), place, "{stop} among {around}");
            }
        }
    }
}

proptest! {
    #[test]
    fn the_tokens_of_valid_json_are_all_of_it_but_white_space(text in json_text()) {
        prop_assert_eq!(validate(text.as_bytes()), Ok(()));
        let without_white_space = |bytes: &[u8]| {
            let mut is_string = false;
            let mut is_escaped = false;
            bytes
                .iter()
                .copied()
                .filter(|byte| {
                    if is_string {
                        is_string = is_escaped || *byte != b'"';
                        is_escaped = !is_escaped && *byte == b'\\';
                        true
                    } else {
                        is_string = *byte == b'"';
                        !byte.is_ascii_whitespace()
                    }
                })
                .collect::<Vec<u8>>()
        };
        prop_assert_eq!(joined_tokens(text.as_bytes()), without_white_space(text.as_bytes()));
    }

    #[test]
    fn the_scanner_agrees_with_serde_json_on_edited_json(
        text in json_text(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 0..3),
    ) {
        let mut bytes = text.into_bytes();
        for (place, byte, edit) in edits {
            let place = place.index(bytes.len() + 1).min(bytes.len() - 1);
            let byte = b"{}[]\",:0e-.\\ u\x01\xffnt1a"[usize::from(byte) % 20];
            match edit {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(place)),
                _ => {}
            }
        }
        agrees_with_serde(&bytes)?;
    }

    #[test]
    fn the_scanner_agrees_with_serde_json_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        agrees_with_serde(&bytes)?;
    }

    #[test]
    fn unescaping_agrees_with_serde_json(text in any::<String>()) {
        let token = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(unescape(token.as_bytes()), text);
    }

    #[test]
    fn an_unescaped_prefix_is_the_start_of_the_text(text in json_text(), max_bytes in 0_usize..40) {
        let whole = unescape(text.as_bytes());
        let prefix = unescape_prefix(text.as_bytes(), max_bytes);
        prop_assert!(whole.starts_with(&prefix) && prefix.len() <= max_bytes);
        prop_assert!(whole.len() <= max_bytes || prefix.len() + 4 > max_bytes);
    }
}

fn agrees_with_serde(bytes: &[u8]) -> Result<(), TestCaseError> {
    let expected =
        std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    prop_assert_eq!(validate(bytes).is_ok(), expected, "{}", String::from_utf8_lossy(bytes));
    Ok(())
}
