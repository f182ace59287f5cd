//! Changes one byte of a body as an attacker would: of a value, so that what is JSON stays JSON and means something else.

use crate::core::json::{self, Token, TokenKind};
use bytes::Bytes;
use std::ops::Range;

/// `body` with a byte changed.
///
/// Of JSON it is the first letter or digit of the last string below the top level, where the data are: a changed `type` would be
/// another event. Without such a string it is that of any string, without strings the last digit of a number. Other text loses
/// its last letter or digit to another. Where there is nothing of the kind a blank is added, which the signature covers as well.
pub(super) fn tampered(body: &Bytes) -> Bytes {
    let mut changed = body.to_vec();
    match place_in(body) {
        Some(place) => changed[place] = other(changed[place]),
        None => changed.push(b' '),
    }
    changed.into()
}

/// The byte to be changed, an ASCII letter or digit.
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

/// The first letter or digit of a string that is no part of an escape.
fn in_string(body: &[u8], range: Range<usize>) -> Option<usize> {
    let text = body[range.clone()].split(|byte| *byte == b'\\').next().unwrap_or_default();
    text.iter().position(u8::is_ascii_alphanumeric).map(|at| range.start + at)
}

/// The letter or digit after this one, or before the last.
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
    fn a_value_of_the_data_is_changed() {
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
            // What is not JSON may become so: `"\a"` has an escape that there is not, and `"\b"` one that there is.
            prop_assert!(json::validate(&changed).is_ok() || json::validate(&body).is_err());
        }
    }
}
