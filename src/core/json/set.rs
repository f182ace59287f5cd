//! Replaces one value of a body: `data.email=jane@example.com`. Every other byte stays as it was.

use super::scan::{Error, Token, TokenKind, scan, validate};
use super::text::unescape;
use std::ops::Range;
use std::str::FromStr;

/// A path in a JSON document and its new value, as written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    steps: Vec<Step>,
    /// As JSON.
    value: String,
}

/// A step of a path: a key of an object or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Why a text is not a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("`=` and a value are missing; write it as in `data.email=jane@example.com`")]
    NoValue,
    #[error("column {column} of the path: expected {expected}, as in `data.groups[0].name` or `data[\"a b\"]`")]
    Path {
        /// The character, counted from 1.
        column: usize,
        expected: &'static str,
    },
}

/// Why a value cannot be set in a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    #[error("cannot set `{path}`: the body is {0}", .error)]
    NotJson { path: String, error: Error },
    #[error("cannot set `{path}`: there is no {missing}")]
    Missing { path: String, missing: String },
    #[error(
        "cannot set `{path}`: there is no such key, and hookglass adds none with white space around it; write `{trimmed}=…`"
    )]
    Spaced { path: String, trimmed: String },
    #[error("cannot set `{path}`: {around} is {found}, not {expected}")]
    NotContainer { path: String, around: String, found: &'static str, expected: &'static str },
    #[error("cannot set `{path}`: {around} has {length} {}, counted from 0", if *.length == 1 { "element" } else { "elements" })]
    Beyond { path: String, around: String, length: usize },
}

impl FromStr for Setting {
    type Err = SettingError;

    /// If the value is JSON, it is used without the white space around it. Otherwise it is a string.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (path, value) = split(text).ok_or(SettingError::NoValue)?;
        let value = if validate(value.as_bytes()).is_ok() { value.trim_ascii().to_owned() } else { quoted(value) };
        Ok(Self { steps: steps(path)?, value })
    }
}

impl Setting {
    /// The path, in its shortest spelling.
    pub fn path(&self) -> String {
        path_of(&self.steps)
    }

    /// `body` with the value set. A missing key is added at the end of its object, unless it has white space around it,
    /// which is usually a typing error. Of duplicate keys the last one is set, which `JSON.parse` takes.
    ///
    /// # Errors
    /// If `body` is not JSON or has no such path.
    pub fn apply(&self, body: &[u8]) -> Result<Vec<u8>, SetError> {
        validate(body).map_err(|error| SetError::NotJson { path: self.path(), error })?;
        let mut start = 0;
        for (depth, step) in self.steps.iter().enumerate() {
            let is_last = depth + 1 == self.steps.len();
            let place = self.place(body, start, depth)?;
            match (place, step) {
                (Place::Value(range), _) if is_last => return Ok(spliced(body, range, &self.value)),
                (Place::Value(range), _) => start = range.start,
                (Place::NewMember { .. }, Step::Key(key)) if is_last && key.trim() != key => {
                    let trimmed = [&self.steps[..depth], &[Step::Key(key.trim().to_owned())]].concat();
                    return Err(SetError::Spaced { path: self.path(), trimmed: path_of(&trimmed) });
                }
                (Place::NewMember { at, is_first }, Step::Key(key)) if is_last => {
                    let comma = if is_first { "" } else { "," };
                    return Ok(spliced(body, at..at, &format!("{comma}{}:{}", quoted(key), self.value)));
                }
                (Place::NewMember { .. }, _) => {
                    let missing = format!("`{}`", path_of(&self.steps[..=depth]));
                    return Err(SetError::Missing { path: self.path(), missing });
                }
            }
        }
        unreachable!("a path has at least one step")
    }

    /// Where step `depth` leads in the value that starts at `start`.
    fn place(&self, body: &[u8], start: usize, depth: usize) -> Result<Place, SetError> {
        let container = &body[start..];
        let mut tokens = scan(container).map_while(Result::ok);
        let opening = tokens.next();
        let kind = opening.as_ref().map(|token| token.kind);
        let around = || if depth == 0 { "the body".to_owned() } else { format!("`{}`", path_of(&self.steps[..depth])) };
        let wrong =
            |expected| SetError::NotContainer { path: self.path(), around: around(), found: words(kind), expected };
        let moved = |range: Range<usize>| range.start + start..range.end + start;
        match (&self.steps[depth], opening) {
            (Step::Key(key), Some(Token { kind: TokenKind::OpenObject, range })) => {
                let members = children(tokens);
                let named = |member: &&Child| {
                    member.key.as_ref().is_some_and(|range| unescape(&container[range.clone()]) == *key)
                };
                Ok(match (members.iter().rev().find(named), members.last()) {
                    (Some(member), _) => Place::Value(moved(member.value.clone())),
                    (None, Some(last)) => Place::NewMember { at: last.value.end + start, is_first: false },
                    (None, None) => Place::NewMember { at: range.end + start, is_first: true },
                })
            }
            (Step::Index(index), Some(Token { kind: TokenKind::OpenArray, .. })) => {
                let elements = children(tokens);
                let element = elements.get(*index).map(|element| Place::Value(moved(element.value.clone())));
                element.ok_or_else(|| SetError::Beyond { path: self.path(), around: around(), length: elements.len() })
            }
            (Step::Key(_), _) => Err(wrong("an object")),
            (Step::Index(_), _) => Err(wrong("an array")),
        }
    }
}

enum Place {
    Value(Range<usize>),
    /// Where a member can be added.
    NewMember {
        at: usize,
        is_first: bool,
    },
}

/// A member or an element.
struct Child {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

/// The children of the container that the token before `tokens` opened.
fn children(tokens: impl Iterator<Item = Token>) -> Vec<Child> {
    let (mut children, mut key, mut start, mut depth) = (Vec::new(), None, 0, 0_usize);
    for Token { kind, range } in tokens {
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => {
                if depth == 0 {
                    start = range.start;
                }
                depth += 1;
            }
            TokenKind::CloseObject | TokenKind::CloseArray => {
                let Some(outer) = depth.checked_sub(1) else { break };
                depth = outer;
                if depth == 0 {
                    children.push(Child { key: key.take(), value: start..range.end });
                }
            }
            TokenKind::Key if depth == 0 => key = Some(range),
            kind if depth == 0 && kind.is_scalar() => children.push(Child { key: key.take(), value: range }),
            _ => {}
        }
    }
    children
}

fn spliced(body: &[u8], range: Range<usize>, value: &str) -> Vec<u8> {
    [&body[..range.start], value.as_bytes(), &body[range.end..]].concat()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every string can be written as JSON")
}

fn words(kind: Option<TokenKind>) -> &'static str {
    match kind {
        Some(TokenKind::OpenObject) => "an object",
        Some(TokenKind::OpenArray) => "an array",
        Some(TokenKind::String) => "a string",
        Some(TokenKind::Number) => "a number",
        Some(TokenKind::True | TokenKind::False) => "true or false",
        _ => "null",
    }
}

fn path_of(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Index(index) => path.extend(["[", &index.to_string(), "]"]),
            Step::Key(key) if is_plain(key) => path.extend([if path.is_empty() { "" } else { "." }, key]),
            Step::Key(key) => path.extend(["[", &quoted(key), "]"]),
        }
    }
    path
}

/// Whether a key can be written without quotes.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.trim() == key && !key.contains(['.', '[', ']', '=', '"'])
}

/// The path and the value, split at the first `=` outside quoted keys.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        let at = rest.find(['=', '"'])?;
        if rest.as_bytes()[at] == b'=' {
            let length = text.len() - rest.len() + at;
            return Some((&text[..length], &text[length + 1..]));
        }
        rest = &rest[at + string_length(&rest[at..])?..];
    }
}

/// The length in bytes of the JSON string at the start of `text`.
fn string_length(text: &str) -> Option<usize> {
    let token = scan(text.as_bytes()).next()?.ok()?;
    (token.kind == TokenKind::String).then_some(token.range.end)
}

fn steps(path: &str) -> Result<Vec<Step>, SettingError> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let wrong = |part: &str, expected| {
            let column = path[..path.len() - part.len()].chars().count() + 1;
            Err(SettingError::Path { column, expected })
        };
        if let Some(inside) = rest.strip_prefix('[') {
            let length = string_length(inside).or_else(|| inside.find(|c: char| !c.is_ascii_digit()));
            let (step, after) = inside.split_at(length.unwrap_or(inside.len()));
            steps.push(match step.parse() {
                Ok(index) => Step::Index(index),
                Err(_) if step.starts_with('"') => Step::Key(unescape(step.as_bytes())),
                Err(_) => return wrong(inside, "an index or a key in double quotes"),
            });
            let Some(after) = after.strip_prefix(']') else { return wrong(after, "`]`") };
            rest = after;
        } else {
            let name = match (steps.is_empty(), rest.strip_prefix('.')) {
                (true, _) => rest,
                (false, Some(name)) => name,
                (false, None) => return wrong(rest, "`.`, `[` or `=`"),
            };
            let length = name.find(['.', '[', ']', '"']).unwrap_or(name.len());
            if length == 0 {
                return wrong(name, "a key");
            }
            steps.push(Step::Key(name[..length].to_owned()));
            rest = &name[length..];
        }
        if rest.is_empty() {
            return Ok(steps);
        }
    }
}
