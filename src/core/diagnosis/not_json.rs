//! Where and why a body is not JSON, in words.

use crate::core::json::{Position, validate};
use std::fmt;

/// Why a body is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// The place of the first byte that cannot be part of JSON.
    pub position: Position,
    pub defect: Defect,
}

/// What is wrong at that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    Empty,
    ByteOrderMark,
    TrailingComma,
    /// `NaN`, `Infinity` or `undefined`: JavaScript and Python have them, JSON has not.
    NoJsonValue,
    SingleQuotes,
    Comment,
    /// A second document follows the first.
    SeveralDocuments,
    Truncated,
    InvalidUtf8,
    /// What would be valid there, in words.
    Other(&'static str),
}

/// Why `body` is not one JSON document. `None` if it is.
pub fn not_json(body: &[u8]) -> Option<NotJson> {
    let error = validate(body).err()?;
    let at = error.at.min(body.len());
    let rest = &body[at..];
    let last = body[..at].trim_ascii_end().last();
    let defect = match rest {
        _ if body.trim_ascii().is_empty() => Defect::Empty,
        _ if body.starts_with(b"\xef\xbb\xbf") => Defect::ByteOrderMark,
        [] => Defect::Truncated,
        [b'}' | b']', ..] if last == Some(&b',') => Defect::TrailingComma,
        [b'\'', ..] => Defect::SingleQuotes,
        [b'/', b'/' | b'*', ..] => Defect::Comment,
        // The sign of `-Infinity` could begin a number.
        _ if ["NaN", "Infinity", "undefined"].iter().any(|word| rest.starts_with(word.as_bytes())) => {
            Defect::NoJsonValue
        }
        _ if error.expected == "UTF-8" => Defect::InvalidUtf8,
        [b'{' | b'[' | b'"', ..] if error.expected == "the end of the text" => Defect::SeveralDocuments,
        _ => Defect::Other(error.expected),
    };
    Some(NotJson { position: error.position(body), defect })
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the body is empty",
            Self::ByteOrderMark => "it starts with a byte order mark",
            Self::TrailingComma => "a comma before the closing bracket",
            Self::NoJsonValue => "a value that JSON does not have",
            Self::SingleQuotes => "a string in single quotes",
            Self::Comment => "a comment",
            Self::SeveralDocuments => "a second document after the first",
            Self::Truncated => "it ends in the middle",
            Self::InvalidUtf8 => "bytes that are not UTF-8",
            Self::Other(expected) => return write!(f, "expected {expected}"),
        })
    }
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "not JSON: line {line}, column {column}: {}", self.defect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_is_named_with_its_place() {
        let cases: [(&[u8], &str); 15] = [
            (b"{\"a\":1,}", "not JSON: line 1, column 8: a comma before the closing bracket"),
            (b"[1,\n 2, ]", "not JSON: line 2, column 5: a comma before the closing bracket"),
            (b"{\"v\":NaN}", "not JSON: line 1, column 6: a value that JSON does not have"),
            (b"{\"v\":-Infinity}", "not JSON: line 1, column 7: a value that JSON does not have"),
            (
                b"{\"v\":\"undefined\n\"}",
                "not JSON: line 1, column 16: expected a control character in a string to be escaped",
            ),
            (b"\xef\xbb\xbf{}", "not JSON: line 1, column 1: it starts with a byte order mark"),
            (b"{\"a\":1}\n{\"b\":2}", "not JSON: line 2, column 1: a second document after the first"),
            (b"{\"a\":{\"b\":1", "not JSON: line 1, column 12: it ends in the middle"),
            (b"{'a':1}", "not JSON: line 1, column 2: a string in single quotes"),
            (b"{} // x", "not JSON: line 1, column 4: a comment"),
            (b"{\"a\":\"\xff\"}", "not JSON: line 1, column 7: bytes that are not UTF-8"),
            (b" \n", "not JSON: line 2, column 1: the body is empty"),
            (b"hello", "not JSON: line 1, column 1: expected a value"),
            (b"{\"a\" 1}", "not JSON: line 1, column 6: expected `:`"),
            ("{\"é\":1,}".as_bytes(), "not JSON: line 1, column 8: a comma before the closing bracket"),
        ];
        for (body, expected) in cases {
            assert_eq!(not_json(body).unwrap().to_string(), expected);
        }
        assert_eq!(not_json(b"{\"a\":1}\n"), None);
    }
}
