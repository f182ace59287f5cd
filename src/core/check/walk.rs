//! One pass over the tokens of a body beside the schema of its type.

use super::difference::{Check, Collector};
use super::schema::{Node, Schema};
use crate::core::catalog::Kind;
use crate::core::json::{Step, TokenKind, scan, unescape, unescape_prefix};
use crate::core::redact;
use std::borrow::Cow;
use std::ops::Range;

/// The deepest container that is looked into. The catalog describes nothing deeper.
const MAX_DEPTH: usize = 32;
/// The most bytes of a key or a value in a message.
const MAX_QUOTED: usize = 64;
/// The longest token that can be a described key or value, with every character escaped as `\uXXXX`.
const MAX_KNOWN: usize = 2 + 6 * MAX_QUOTED;

/// Compares `body`, which is JSON, with `schema`.
pub(super) fn compare(body: &[u8], schema: &Schema, found: &mut Collector<'_>) {
    let mut walk = Walk { body, schema, open: Vec::with_capacity(8), skipped: 0, next: Some(0), found };
    for token in scan(body).map_while(Result::ok) {
        walk.take(token.kind, token.range);
    }
}

/// `text` in backticks, truncated.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", truncated(text))
}

fn truncated(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_QUOTED);
    format!("{}{}", &text[..end], if end < text.len() { "…" } else { "" })
}

struct Walk<'b, 'f, 'a> {
    body: &'b [u8],
    schema: &'b Schema,
    /// The open containers, from the root.
    open: Vec<Open<'b>>,
    /// The open containers below those.
    skipped: usize,
    /// What the next value should be, if that is described.
    next: Option<usize>,
    found: &'f mut Collector<'a>,
}

struct Open<'b> {
    node: Option<&'b Node>,
    /// The described members so far: one bit each.
    seen: u64,
    /// After the described member that was found last.
    after: usize,
    at: At,
}

/// Where the current value lies in its container.
enum At {
    Start,
    Key(Range<usize>),
    Element(usize),
}

impl<'b> Walk<'b, '_, '_> {
    fn take(&mut self, kind: TokenKind, range: Range<usize>) {
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray if self.skipped > 0 || self.open.len() == MAX_DEPTH => {
                self.skipped += 1;
            }
            TokenKind::OpenObject | TokenKind::OpenArray => self.enter(kind == TokenKind::OpenArray),
            TokenKind::CloseObject | TokenKind::CloseArray if self.skipped > 0 => self.skipped -= 1,
            TokenKind::CloseObject | TokenKind::CloseArray => self.leave(),
            _ if self.skipped > 0 => {}
            TokenKind::Key => self.key(range),
            TokenKind::Comma => {
                if let Some(Open { node, at: At::Element(place), .. }) = self.open.last_mut() {
                    *place += 1;
                    self.next = node.and_then(|node| node.element);
                }
            }
            TokenKind::Colon => {}
            _ => self.scalar(kind, range),
        }
    }

    fn enter(&mut self, is_array: bool) {
        let kind = if is_array { Kind::Array } else { Kind::Object };
        let node = self.next.take().map(|place| self.schema.node(place)).filter(|node| self.is_of(node, kind));
        let at = if is_array { At::Element(0) } else { At::Start };
        self.next = node.filter(|_| is_array).and_then(|node| node.element);
        self.open.push(Open { node, seen: 0, after: 0, at });
    }

    fn leave(&mut self) {
        self.next = None;
        let Some(Open { node: Some(node), seen, at, .. }) = self.open.pop() else { return };
        let missing = if matches!(at, At::Element(_)) { 0 } else { node.required & !seen };
        for (_, (name, _)) in node.members.iter().enumerate().filter(|(place, _)| missing >> place & 1 == 1) {
            let mut path = self.path();
            Step::Key(format!("\"{name}\"").as_bytes()).write(&mut path);
            self.found.add(Check::MissingField, || (path, "required, but missing".to_owned(), None));
        }
    }

    fn key(&mut self, range: Range<usize>) {
        let Some(open) = self.open.last_mut() else { return };
        open.at = At::Key(range.clone());
        let Some(node) = open.node else { return };
        let token = &self.body[range];
        if let Some(place) = node.member(&text(token), open.after) {
            (open.seen, open.after) = (open.seen | 1 << place, place + 1);
            self.next = Some(node.members[place].1);
        } else {
            self.next = None;
            if !node.is_open {
                let path = (&self.open, self.body);
                self.found.add(Check::UnknownField, || {
                    (path_of(path.0, path.1), "a field that is not documented".to_owned(), None)
                });
            }
        }
    }

    fn scalar(&mut self, kind: TokenKind, range: Range<usize>) {
        let token = &self.body[range];
        let node = self.next.take().map(|place| self.schema.node(place));
        let actual = match kind {
            TokenKind::String => Kind::String,
            TokenKind::Number => Kind::Number,
            TokenKind::True | TokenKind::False => Kind::Boolean,
            _ => {
                // `null` is a normal value of a field that is not required.
                if node.is_some_and(|node| node.is_required && node.kind != Kind::Any) {
                    self.add(Check::WrongJsonType, || "`null`, but the field is required".to_owned());
                }
                return;
            }
        };
        if let Some(node) = node
            && self.is_of(node, actual)
            && kind == TokenKind::String
            && !node.one_of.is_empty()
            && !node.one_of.iter().any(|value| *value.as_bytes() == *text(token))
        {
            let path = (&self.open, self.body);
            self.found.add(Check::UnknownValue, || {
                let values = node.one_of.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
                let value = truncated(&unescape_prefix(token, MAX_QUOTED + 4));
                let message = format!("`{value}` is not a documented value; documented: {values}");
                (path_of(path.0, path.1), message, Some(value))
            });
        }
        if kind == TokenKind::String {
            self.secret(node, token);
        }
    }

    fn secret(&mut self, node: Option<&Node>, token: &[u8]) {
        let is_secret = node.is_some_and(|node| node.is_secret);
        let start = token.get(1).copied().unwrap_or_default();
        if is_secret && !matches!(start, b'"' | b'<' | b'*') {
            self.add(Check::Secret, || "documented as a secret; do not log or share it".to_owned());
        } else if !is_secret && redact::starts_like_credential(start) {
            let text = unescape_prefix(token, 256);
            if redact::begins_with_credential(&text) {
                self.add(Check::Secret, || "looks like a credential; do not log or share it".to_owned());
            }
        }
    }

    /// Whether a value of the JSON type `actual` is as documented. If not, that is a difference.
    fn is_of(&mut self, node: &Node, actual: Kind) -> bool {
        let expected = json_type(node.kind);
        let is_right = expected == Kind::Any || expected == actual;
        if !is_right {
            let [actual, expected] = [actual, expected].map(with_article);
            self.add(Check::WrongJsonType, || format!("{actual}; documented as {expected}"));
        }
        is_right
    }

    /// Adds a difference at the current value.
    fn add(&mut self, check: Check, message: impl FnOnce() -> String) {
        let path = (&self.open, self.body);
        self.found.add(check, || (path_of(path.0, path.1), message(), None));
    }

    /// The path of the current value, without a `$` for the root.
    fn path(&self) -> String {
        steps(&self.open, self.body)
    }
}

fn path_of(open: &[Open<'_>], body: &[u8]) -> String {
    Some(steps(open, body)).filter(|path| !path.is_empty()).unwrap_or_else(|| "$".to_owned())
}

fn steps(open: &[Open<'_>], body: &[u8]) -> String {
    let mut path = String::new();
    for Open { at, .. } in open {
        match at {
            At::Start => {}
            At::Key(range) => Step::Key(&short(&body[range.clone()])).write(&mut path),
            At::Element(place) => Step::Index(*place).write(&mut path),
        }
    }
    path
}

/// A key token, truncated between characters.
fn short(token: &[u8]) -> Cow<'_, [u8]> {
    if token.len() <= MAX_QUOTED + 2 {
        return Cow::Borrowed(token);
    }
    let text = String::from_utf8_lossy(&token[..=MAX_QUOTED]);
    Cow::Owned(format!("{}…\"", text.trim_end_matches([char::REPLACEMENT_CHARACTER, '\\'])).into_bytes())
}

/// The text of a token if it can be a described key or value.
fn text(token: &[u8]) -> Cow<'_, [u8]> {
    let inner = &token[1..token.len() - 1];
    if token.len() <= MAX_KNOWN && inner.contains(&b'\\') {
        return Cow::Owned(unescape(token).into_bytes());
    }
    Cow::Borrowed(inner)
}

/// The kind of JSON value with which `kind` is written.
fn json_type(kind: Kind) -> Kind {
    match kind {
        Kind::Id | Kind::Time | Kind::Email | Kind::Url => Kind::String,
        other => other,
    }
}

fn with_article(kind: Kind) -> String {
    let name = kind.name();
    format!("{} {name}", if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}
