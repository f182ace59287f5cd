//! Changes one byte of a body as an attacker would: in a value, so that JSON stays JSON but means something else.

use crate::core::json::{self, Token, TokenKind};
use bytes::Bytes;
use std::ops::Range;

/// `body` with one byte changed.
///
/// In JSON the byte is the first letter or digit of the last string below the top level. The data is there, and a changed `type`
/// would be another event. Without such a string it is in the last string at the top level; without any string it is the last digit
/// of the last number. In other text it is the last letter or digit. If there is none, a space is appended, which the signature
/// covers as well.
pub(super) fn tampered(body: &Bytes) -> Bytes {
    let mut changed = body.to_vec();
    match place_in(body) {
        Some(place) => changed[place] = other(changed[place]),
        None => changed.push(b' '),
    }
    changed.into()
}

/// The position of the byte to change, an ASCII letter or digit.
fn place_in(body: &[u8]) -> Option<usize> {
    let Ok(tokens) = json::scan(body).collect::<Result<Vec<_>, _>>() else {
        return body.iter().rposition(u8::is_ascii_alphanumeric);
    };
    let mut depth = 0_usize;
    let (mut deep, mut shallow, mut digit) = (None, None, None);
    for Token { kind, range } in tokens {
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => depth += 1,
            TokenKind::CloseObject | TokenKind::CloseArray => depth -= 1,
            TokenKind::String => {
                let place = in_string(body, range);
                if depth > 1 {
                    deep = place.or(deep);
                }
                shallow = place.or(shallow);
            }
            TokenKind::Number => {
                digit = body[range.clone()].iter().rposition(u8::is_ascii_digit).map(|at| range.start + at)
            }
            _ => {}
        }
    }
    deep.or(shallow).or(digit)
}

/// The position of the first letter or digit of a string, before any escape.
fn in_string(body: &[u8], range: Range<usize>) -> Option<usize> {
    let text = body[range.clone()].split(|byte| *byte == b'\\').next().unwrap_or_default();
    text.iter().position(u8::is_ascii_alphanumeric).map(|at| range.start + at)
}

/// The next letter or digit; the previous one for `z`, `Z` and `9`.
fn other(byte: u8) -> u8 {
    if matches!(byte, b'z' | b'Z' | b'9') { byte - 1 } else { byte + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn changed(body: &str) -> String {
        String::from_utf8(tampered(&Bytes::copy_from_slice(body.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn a_value_in_the_data_is_changed() {
        for (body, expected) in [
            (
                r#"{"type":"a","data":{"email":"jane@x","n":1},"z":"y"}"#,
                r#"{"type":"a","data":{"email":"kane@x","n":1},"z":"y"}"#,
            ),
            (r#"{"a":{"b":"zoë","c":"","d":"\u0041x"}}"#, r#"{"a":{"b":"yoë","c":"","d":"\u0041x"}}"#),
            (r#"{"type":"a","n":-1.9e5}"#, r#"{"type":"b","n":-1.9e5}"#),
            (r#"{"n":-1.9e5,"b":true}"#, r#"{"n":-1.9e6,"b":true}"#),
            ("9", "8"),
            ("{\"true\":null}", "{\"true\":null} "),
            ("", " "),
            ("not JSON!", "not JSOO!"),
        ] {
            assert_eq!(changed(body), expected, "{body}");
        }
    }

    proptest! {
        #[test]
        fn every_body_is_changed_and_json_stays_json(
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                "[\\[{]\"[a-z]\":(\"[ -~é]{0,5}\"|[0-9.e-]{1,4}|true|\\{\"a\":\"b\"\\})[\\]}]".prop_map(String::into_bytes),
            ],
        ) {
            let body = Bytes::from(body);
            let changed = tampered(&body);
            prop_assert_ne!(&changed, &body);
            // A body that is not JSON may become JSON: `\a` is no valid escape, but `\b` is.
            prop_assert!(json::validate(&changed).is_ok() || json::validate(&body).is_err());
        }
    }
}
