//! The shapes of payloads that arrived: for each type the union of its fields, what their values were and how often, beside what is
//! documented. They can be exported as types for a handler; no key in a payload can add code to those.

mod compare;
mod names;
mod pydantic;
mod schema;
mod typescript;

pub use compare::{Place, SeenField, fields};
pub use pydantic::pydantic;
pub use schema::json_schema;
pub use typescript::typescript;

use super::json::{self, Token, TokenKind};
use std::collections::{HashMap, HashSet};

/// The deepest value, the most members of an object, and the longest key that are recorded.
const MAX_DEPTH: usize = 24;
const MAX_MEMBERS: usize = 256;
const MAX_KEY: usize = 128;

/// The kinds of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl ValueKind {
    pub const ALL: [Self; 7] =
        [Self::Null, Self::Boolean, Self::Integer, Self::Number, Self::String, Self::Array, Self::Object];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The kind of the value that begins with this token; `None` for one that begins no value.
    fn of(kind: TokenKind, text: &[u8]) -> Option<Self> {
        Some(match kind {
            TokenKind::Null => Self::Null,
            TokenKind::True | TokenKind::False => Self::Boolean,
            TokenKind::Number if text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => Self::Number,
            TokenKind::Number => Self::Integer,
            TokenKind::String => Self::String,
            TokenKind::OpenArray => Self::Array,
            TokenKind::OpenObject => Self::Object,
            _ => return None,
        })
    }
}

/// All values that were at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    counts: [u64; ValueKind::ALL.len()],
    /// The members of the objects, in alphabetical order. None has an empty key.
    members: Vec<(String, Self)>,
    /// Whether there are members or deeper values that are not recorded.
    is_cut: bool,
    element: Option<Box<Self>>,
}

impl Shape {
    /// Adds the value in `body`. Returns whether it is JSON. Of duplicate keys the last counts, as parsers have it.
    pub fn add(&mut self, body: &[u8]) -> bool {
        let is_json = json::validate(body).is_ok();
        if !is_json {
            return false;
        }
        let mut tokens = Values { body, tokens: json::scan(body), replaced: replaced(body) };
        if let Some((kind, text)) = tokens.next() {
            self.add_value(&mut tokens, kind, text, 0);
        }
        true
    }

    fn add_value<'b>(&mut self, tokens: &mut Values<'b>, kind: TokenKind, text: &'b [u8], depth: usize) {
        let Some(value) = ValueKind::of(kind, text) else { return };
        self.counts[value as usize] += 1;
        match value {
            ValueKind::Object | ValueKind::Array if depth == MAX_DEPTH => {
                self.is_cut = true;
                tokens.skip(kind);
            }
            ValueKind::Object => self.add_members(tokens, depth),
            ValueKind::Array => {
                while let Some((kind, text)) = tokens.next().filter(|(kind, _)| *kind != TokenKind::CloseArray) {
                    self.element.get_or_insert_default().add_value(tokens, kind, text, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn add_members<'b>(&mut self, tokens: &mut Values<'b>, depth: usize) {
        while let Some((TokenKind::Key, key)) = tokens.next() {
            let Some((kind, text)) = tokens.next() else { return };
            let key = if key.len() <= MAX_KEY { json::unescape(key) } else { String::new() };
            let place = self.members.binary_search_by(|(known, _)| known.cmp(&key));
            let has_room = self.members.len() < MAX_MEMBERS && !key.is_empty();
            if place.is_err() && !has_room {
                self.is_cut = true;
                tokens.skip(kind);
                continue;
            }
            let place = place.unwrap_or_else(|place| {
                self.members.insert(place, (key, Self::default()));
                place
            });
            self.members[place].1.add_value(tokens, kind, text, depth + 1);
        }
    }

    /// Whether anything, here or deeper, is not recorded: too many members, a key that is too long, or too deep a value.
    pub fn is_cut(&self) -> bool {
        let mut below = self.members.iter().map(|(_, member)| member).chain(self.element.as_deref());
        self.is_cut || below.any(Self::is_cut)
    }

    /// How many values there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn count_of(&self, kind: ValueKind) -> u64 {
        self.counts[kind as usize]
    }

    /// The kinds of value, in the order of [`ValueKind`]. A number stands for integers too.
    pub fn kinds(&self) -> Vec<ValueKind> {
        let is_number = self.count_of(ValueKind::Number) > 0;
        let is_seen = |kind: &ValueKind| self.count_of(*kind) > 0 && !(*kind == ValueKind::Integer && is_number);
        ValueKind::ALL.into_iter().filter(is_seen).collect()
    }

    /// Whether every object here had `member`.
    fn always_has(&self, member: &Self) -> bool {
        member.count() >= self.count_of(ValueKind::Object)
    }

    /// What the elements of the arrays were; `None` if no array had any.
    fn element(&self) -> Option<&Self> {
        self.element.as_deref().filter(|element| element.count() > 0)
    }
}

/// Where the keys begin that come again in the same object of `body`, which is JSON.
fn replaced(body: &[u8]) -> HashSet<usize> {
    let (mut replaced, mut open) = (HashSet::new(), Vec::<HashMap<_, usize>>::new());
    for Token { kind, range } in json::scan(body).map_while(Result::ok) {
        match kind {
            TokenKind::OpenObject => open.push(HashMap::new()),
            TokenKind::CloseObject => drop(open.pop()),
            TokenKind::Key => {
                let start = range.start;
                let earlier = open.last_mut().and_then(|keys| keys.insert(json::unescape_bytes(&body[range]), start));
                replaced.extend(earlier);
            }
            _ => {}
        }
    }
    replaced
}

/// The tokens of valid JSON, without the signs between values, and without members that a later one replaces.
struct Values<'b> {
    body: &'b [u8],
    tokens: json::Tokens<'b>,
    /// See [`replaced`].
    replaced: HashSet<usize>,
}

impl Values<'_> {
    /// Passes the rest of the value that began with this token.
    fn skip(&mut self, kind: TokenKind) {
        let depth_of = |kind| match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => 1,
            TokenKind::CloseObject | TokenKind::CloseArray => -1,
            _ => 0,
        };
        let mut depth: i64 = depth_of(kind);
        while depth > 0 {
            let Some((kind, _)) = self.next() else { return };
            depth += depth_of(kind);
        }
    }
}

impl<'b> Iterator for Values<'b> {
    type Item = (TokenKind, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let is_value = |token: &Token| !matches!(token.kind, TokenKind::Comma | TokenKind::Colon);
            let token = self.tokens.by_ref().map_while(Result::ok).find(is_value)?;
            if token.kind != TokenKind::Key || !self.replaced.contains(&token.range.start) {
                return Some((token.kind, &self.body[token.range]));
            }
            let (kind, _) = self.next()?;
            self.skip(kind);
        }
    }
}

/// The events of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenType {
    pub name: String,
    pub shape: Shape,
}

/// The member of the root that has the type of an event, by which handlers tell events apart.
const TYPE_KEYS: [&str; 3] = ["type", "trigger_point", "trigger_type"];

/// Whether the member `key` of the root has the type `name` in every event.
fn is_type_key(root: &Shape, key: &str) -> bool {
    let has =
        |key: &str| root.members.iter().any(|(known, shape)| known == key && shape.kinds() == [ValueKind::String]);
    TYPE_KEYS.iter().find(|known| has(known)) == Some(&key)
}

#[cfg(test)]
pub(in crate::core) mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub fn shape_of(values: &[Value]) -> Shape {
        let mut shape = Shape::default();
        values.iter().for_each(|value| assert!(shape.add(value.to_string().as_bytes())));
        shape
    }

    #[test]
    fn kinds_and_members_are_counted() {
        let shape =
            shape_of(&[json!({"a": 1, "b": [1, "x"]}), json!({"a": null}), json!({"a": 1.5, "b": []}), json!(7)]);
        assert_eq!((shape.count(), shape.kinds()), (4, vec![ValueKind::Integer, ValueKind::Object]));
        let (a, b) = (&shape.members[0].1, &shape.members[1].1);
        assert_eq!((a.kinds(), shape.always_has(a)), (vec![ValueKind::Null, ValueKind::Number], true));
        assert_eq!((b.count(), shape.always_has(b)), (2, false));
        assert_eq!(b.element().unwrap().kinds(), [ValueKind::Integer, ValueKind::String]);
    }

    #[test]
    fn only_json_has_a_shape_and_of_duplicate_keys_the_last_counts() {
        let mut shape = Shape::default();
        assert!(!shape.add(b"{\"a\":1") && shape == Shape::default());
        assert!(shape.add(b" {\"a\":{\"b\":[{}]},\"\\u0061\":[[1],{\"c\":2}],\"d\":\"x\"}"));
        let members: Vec<_> = shape.members.iter().map(|(key, member)| (key.as_str(), member.kinds())).collect();
        assert_eq!(members, [("a", vec![ValueKind::Array]), ("d", vec![ValueKind::String])]);
        let mut shape = Shape::default();
        assert!(shape.add(br#"{"a":{"b":1,"b":[{"c":1,"c":"x"}]},"e":{"a":7},"x":{"x":1},"x":2}"#));
        let b = &shape.members[0].1.members[0].1;
        assert_eq!(b.kinds(), [ValueKind::Array]);
        assert_eq!(b.element().unwrap().members[0].1.kinds(), [ValueKind::String]);
        assert_eq!((shape.members.len(), shape.members[2].1.kinds()), (3, vec![ValueKind::Integer]));
    }

    #[test]
    fn a_shape_stays_small_whatever_arrives() {
        let many: serde_json::Map<_, _> = (0..10_000).map(|key| (key.to_string(), json!(1))).collect();
        let shape = shape_of(&[Value::Object(many), json!({ "k".repeat(1_000): 1 })]);
        assert!(shape.members.len() == MAX_MEMBERS && shape.is_cut());
        let deep = (0..100).fold(json!(1), |value, _| json!([value]));
        let shape = shape_of(&[deep]);
        let depth = std::iter::successors(Some(&shape), |shape| shape.element()).count();
        assert!(depth == MAX_DEPTH + 1 && shape.is_cut());
        assert!(!shape_of(&[json!({"a": [1]})]).is_cut());
    }
}
