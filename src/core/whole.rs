//! A value of JSON in full: a string without its quotes and escapes, and what is encoded in it.

use super::json::{self, Document, Form};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;

/// The longest text that is taken for a JWT, in bytes.
const LONGEST_JWT: usize = 64 * 1024;

/// A value in full. The bytes are foreign: show them only through [`printable`](super::printable).
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    pub bytes: Vec<u8>,
    /// What was found in a string, and is shown instead of it.
    pub found: Option<&'static str>,
}

/// The whole of `token`, a value of JSON or other text.
pub fn whole(token: &[u8]) -> Whole {
    if !token.starts_with(b"\"") {
        return Whole { bytes: Document::new(Bytes::copy_from_slice(token)).pretty(), found: None };
    }
    let text = Bytes::from(json::unescape_bytes(token).into_owned());
    if let Some(bytes) = jwt(&text) {
        return Whole { bytes, found: Some("JWT, not verified") };
    }
    if text.starts_with(b"{") || text.starts_with(b"[") {
        let document = Document::new(text.clone());
        if *document.form() == Form::Json {
            return Whole { bytes: document.pretty(), found: Some("JSON in a string") };
        }
    }
    Whole { bytes: text.into(), found: None }
}

/// The header and the claims, and the signature as it stands.
fn jwt(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > LONGEST_JWT {
        return None;
    }
    let [header, claims, signature] = text.split(|byte| *byte == b'.').collect::<Vec<_>>().try_into().ok()?;
    let part = |part: &[u8]| {
        let document = Document::new(URL_SAFE_NO_PAD.decode(part).ok()?.into());
        (*document.form() == Form::Json && document.value(0).starts_with(b"{")).then(|| document.pretty())
    };
    Some([part(header)?.as_slice(), b"\n", part(claims)?.as_slice(), b"\n", signature].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_in_full() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("\"{}.{}.c2ln\"", encoded(r#"{"alg":"none"}"#), encoded(r#"{"sub":"usr_1"}"#));
        for (token, expected, found) in [
            (r#""a\nb\u00e9\u001b""#, "a\nbé\u{1b}", None),
            ("123456789012345678901234567890", "123456789012345678901234567890", None),
            (r#"{"a":1}"#, "{\n  \"a\": 1\n}", None),
            (r#""{\"a\":[1.0]}""#, "{\n  \"a\": [\n    1.0\n  ]\n}", Some("JSON in a string")),
            (r#""{not JSON""#, "{not JSON", None),
            (&token, "{\n  \"alg\": \"none\"\n}\n{\n  \"sub\": \"usr_1\"\n}\nc2ln", Some("JWT, not verified")),
            (r#""a.b.c""#, "a.b.c", None),
            (r#""""#, "", None),
        ] {
            let whole = whole(token.as_bytes());
            assert_eq!((String::from_utf8(whole.bytes).unwrap().as_str(), whole.found), (expected, found), "{token}");
        }
    }

    #[test]
    fn a_lone_surrogate_and_deep_json_in_a_string_survive() {
        assert_eq!(whole(br#""\ud83d""#).bytes, b"\xed\xa0\xbd");
        let deep = format!("\"{}{}\"", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(whole(deep.as_bytes()).bytes.len(), 200_000);
    }
}
