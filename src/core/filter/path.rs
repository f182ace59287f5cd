//! A path into a JSON body, such as `data.user.email`, `data.roles[0].name` or `data["a key"]`, and the values at it.
//!
//! A step by name goes into every element of the arrays on its way.

use super::lex::{bracket_length, key_length};
use crate::core::json::{TokenKind, scan, unescape_bytes};
use std::borrow::Cow;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key {
        /// A name, or a JSON string with its quotes.
        written: String,
        key: Vec<u8>,
    },
    /// From 0.
    Index(usize),
}

impl Step {
    fn key(written: &str) -> Self {
        Self::Key { written: written.to_owned(), key: unescape_bytes(written.as_bytes()).into_owned() }
    }
}

/// A value at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    /// A string without quotes and escapes, or another scalar as written.
    Scalar(Cow<'b, [u8]>),
    Container,
}

impl Path {
    /// Parses what the lexer takes for a path.
    pub fn parse(text: &str) -> Option<Self> {
        let first = key_length(text);
        let mut steps = vec![Step::key(&text[..first])];
        let mut rest = &text[first..];
        while !rest.is_empty() {
            let length = if let Some(key) = rest.strip_prefix('.') {
                let length = key_length(key);
                if length == 0 {
                    return None;
                }
                steps.push(Step::key(&key[..length]));
                length + 1
            } else {
                let length = bracket_length(rest)?;
                let inside = &rest[1..length - 1];
                steps.push(if inside.starts_with('"') { Step::key(inside) } else { Step::Index(inside.parse().ok()?) });
                length
            };
            rest = &rest[length..];
        }
        Some(Self(steps))
    }

    /// Whether `is_wanted` holds for any value at the path. Of a body that is not JSON, only what comes before the first mistake is read.
    pub fn any(&self, body: &[u8], mut is_wanted: impl FnMut(Value<'_>) -> bool) -> bool {
        let mut reader = Reader { steps: &self.0, open: Vec::new(), next: Some(0), skipped: 0 };
        scan(body)
            .map_while(Result::ok)
            .any(|token| reader.take(token.kind, &body[token.range]).is_some_and(&mut is_wanted))
    }
}

/// Follows the tokens. Containers off the path are only counted.
struct Reader<'p> {
    steps: &'p [Step],
    /// The open containers on the path.
    open: Vec<Open>,
    /// How many steps have led to the next value; `None` if it is off the path.
    next: Option<usize>,
    /// The open containers below one that is off the path.
    skipped: usize,
}

#[derive(Clone, Copy)]
struct Open {
    /// How many steps have led here.
    done: usize,
    /// The number of the current element; `None` in an object.
    element: Option<usize>,
}

impl Reader<'_> {
    fn take<'b>(&mut self, kind: TokenKind, token: &'b [u8]) -> Option<Value<'b>> {
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => self.enter(kind == TokenKind::OpenArray),
            TokenKind::CloseObject | TokenKind::CloseArray => {
                if self.skipped > 0 {
                    self.skipped -= 1;
                } else {
                    self.open.pop();
                }
                None
            }
            TokenKind::Comma if self.skipped == 0 => {
                if let Some(open) = self.open.last_mut()
                    && let Some(element) = &mut open.element
                {
                    *element += 1;
                    self.next = self.step_into_element();
                }
                None
            }
            TokenKind::Key if self.skipped == 0 => {
                let done = self.open.last().map_or(0, |open| open.done);
                self.next = match self.steps.get(done) {
                    Some(Step::Key { key, .. }) if *unescape_bytes(token) == **key => Some(done + 1),
                    _ => None,
                };
                None
            }
            kind if kind.is_scalar() && self.skipped == 0 && self.next == Some(self.steps.len()) => {
                let is_string = kind == TokenKind::String;
                Some(Value::Scalar(if is_string { unescape_bytes(token) } else { Cow::Borrowed(token) }))
            }
            _ => None,
        }
    }

    fn enter<'b>(&mut self, is_array: bool) -> Option<Value<'b>> {
        let Some(done) = self.next.filter(|_| self.skipped == 0) else {
            self.skipped += 1;
            return None;
        };
        let is_end = done == self.steps.len();
        self.open.push(Open { done, element: is_array.then_some(0) });
        self.next = if is_array { self.step_into_element() } else { None };
        // The elements of an array at the end of the path count themselves, but an empty one has none.
        is_end.then_some(Value::Container)
    }

    /// How many steps lead to the current element of the innermost container, which is an array.
    fn step_into_element(&self) -> Option<usize> {
        let Open { done, element } = *self.open.last()?;
        match self.steps.get(done) {
            Some(Step::Index(index)) => (element == Some(*index)).then_some(done + 1),
            Some(Step::Key { .. }) | None => Some(done),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(place, step)| match step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key { written, .. } if written.starts_with('"') => write!(f, "[{written}]"),
            Step::Key { written, .. } => write!(f, "{}{written}", if place > 0 { "." } else { "" }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(path: &str, body: &[u8]) -> Vec<String> {
        let path = Path::parse(path).unwrap();
        assert_eq!(Path::parse(&path.to_string()), Some(path.clone()));
        let mut values = Vec::new();
        path.any(body, |value| {
            values.push(match value {
                Value::Scalar(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Value::Container => "…".to_owned(),
            });
            false
        });
        values
    }

    #[test]
    fn the_values_at_a_path_are_found_through_arrays() {
        let body = br#"{"id": 1, "data": {"email": "a@b", "user": {"email": "c\u0040d"}, "email": 7,
            "roles": [{"name": "x", "n": [1, [2, 3]]}, {"name": null}, [{"name": true}], "name"],
            "a b": {"c.d": "deep"}, "": "empty", "none": [], "big": 1.50e3}, "email": "outside"}"#;
        for (path, expected) in [
            ("data.email", &["a@b", "7"][..]),
            ("data.user.email", &["c@d"]),
            ("data.roles.name", &["x", "null", "true"]),
            ("data.roles[1].name", &["null"]),
            ("data.roles[0].n", &["…", "1", "…", "2", "3"]),
            ("data.roles[0].n[1]", &["…", "2", "3"]),
            ("data.roles[0].n[1][0]", &["2"]),
            ("data.roles[3]", &["name"]),
            ("data[\"a b\"][\"c.d\"]", &["deep"]),
            ("data[\"a\\u0020b\"]", &["…"]),
            ("data[\"\"]", &["empty"]),
            ("data.none", &["…"]),
            ("data.big", &["1.50e3"]),
            ("data.user", &["…"]),
            ("data", &["…"]),
            ("data.nothing", &[]),
            ("data.email.x", &[]),
        ] {
            assert_eq!(values(path, body), expected, "{path}");
        }
    }

    #[test]
    fn a_truncated_or_deep_body_is_read_as_far_as_it_goes() {
        assert_eq!(values("data.a", br#"{"data": {"a": 1, "b": "#), ["1"]);
        assert_eq!(values("data.a", b"not json"), [""; 0]);
        let deep = [&b"{\"data\": "[..], &b"[".repeat(200_000), b"{\"a\": 5}"].concat();
        assert_eq!(values("data.a", &deep), ["5"]);
        let beside = [&b"{\"x\": "[..], &b"[".repeat(200_000), &b"]".repeat(200_000), b", \"data\": 5}"].concat();
        assert_eq!(values("data", &beside), ["5"]);
    }
}
