//! The tokens of a JSON text as a flat list of nodes. Each node refers to its place in the text, so numbers keep their
//! spelling and keys their order.
//!
//! Parsing is iterative and bounded: a level of nesting costs eight bytes, and a text with more than [`MAX_NODES`]
//! values and keys is refused.

use super::json_style::KeyOrder;
use crate::core::json::{Token, TokenKind, character, scan};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Most values and keys in one text.
const MAX_NODES: usize = 1 << 21;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its range indexes [`Document::members`], as an array's does. The members of an array have no key.
    Object,
    Array,
    /// Its range covers the text between the quotes.
    String,
    /// Its range covers the number, or `true`, `false`, `null`.
    Scalar,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

impl Node {
    /// See [`Kind`].
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A key and its value, as indexes of nodes. In an array both are the value's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: u32,
    pub(super) value: u32,
}

/// A parsed text. Duplicate keys become one member: the last value, in the place of the first.
pub(super) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    members: Vec<Member>,
    sorted: Option<Vec<Member>>,
    shorter_first: Option<Vec<Member>>,
}

impl<'a> Document<'a> {
    /// Parses a JSON text, which may start with one byte order mark. `None` if it is not JSON or has too many values.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        u32::try_from(text.len()).ok()?;
        let document = Self { text, nodes: Vec::new(), members: Vec::new(), sorted: None, shorter_first: None };
        let mut builder = Builder { document, pending: Vec::new(), open: Vec::new(), key: None };
        for token in scan(text.as_bytes()) {
            builder.take(token.ok()?)?;
        }
        let Builder { mut document, .. } = builder;
        document.sorted = document.in_order(|_| 0);
        document.shorter_first = document
            .in_order(<[u8]>::len)
            .filter(|found| document.sorted.as_ref().is_none_or(|sorted| found != sorted));
        Some(document)
    }

    pub(super) fn root(&self) -> Node {
        self.nodes[0]
    }

    pub(super) fn node(&self, index: u32) -> Node {
        self.nodes[index as usize]
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text of a string, without its quotes, or of a scalar.
    pub(super) fn text(&self, node: Node) -> &'a str {
        &self.text[node.range()]
    }

    /// The members of all containers in this order.
    pub(super) fn members(&self, order: KeyOrder) -> &[Member] {
        let ordered = match order {
            KeyOrder::AsReceived => None,
            KeyOrder::Sorted => self.sorted.as_ref(),
            KeyOrder::ShorterFirst => self.shorter_first.as_ref(),
        };
        ordered.unwrap_or(&self.members)
    }

    /// Whether this order differs from those before it.
    pub(super) fn has_order(&self, order: KeyOrder) -> bool {
        match order {
            KeyOrder::AsReceived => true,
            KeyOrder::Sorted => self.sorted.is_some(),
            KeyOrder::ShorterFirst => self.shorter_first.is_some(),
        }
    }

    /// The members with those of each object sorted by `weight`, then by key. `None` if that changes nothing.
    fn in_order(&self, weight: impl Fn(&[u8]) -> usize) -> Option<Vec<Member>> {
        let mut sorted = self.members.clone();
        let mut is_changed = false;
        for object in self.nodes.iter().filter(|node| node.kind == Kind::Object) {
            let members = &mut sorted[object.range()];
            let key = |member: &Member| {
                let key = decoded(self.text(self.node(member.key)));
                (weight(&key), key)
            };
            if !members.is_sorted_by_key(key) {
                members.sort_by_cached_key(key);
                is_changed = true;
            }
        }
        is_changed.then_some(sorted)
    }
}

/// An open container: its node, and where its members start in [`Builder::pending`].
struct Open {
    node: u32,
    pending_from: u32,
}

struct Builder<'a> {
    document: Document<'a>,
    /// The members of containers that are still open.
    pending: Vec<Member>,
    open: Vec<Open>,
    /// The key whose value comes next.
    key: Option<u32>,
}

impl Builder<'_> {
    /// Adds the next token. `None` if there are too many values.
    #[inline]
    fn take(&mut self, Token { kind, range }: Token) -> Option<()> {
        let inside = |quoted: Range<usize>| quoted.start + 1..quoted.end - 1;
        match kind {
            TokenKind::Comma | TokenKind::Colon => {}
            TokenKind::Key => self.key = Some(self.push(Kind::String, inside(range))?),
            TokenKind::String => _ = self.value(Kind::String, inside(range))?,
            TokenKind::Number | TokenKind::True | TokenKind::False | TokenKind::Null => {
                self.value(Kind::Scalar, range)?;
            }
            TokenKind::OpenObject => self.open(Kind::Object)?,
            TokenKind::OpenArray => self.open(Kind::Array)?,
            TokenKind::CloseObject | TokenKind::CloseArray => self.close(),
        }
        Some(())
    }

    fn open(&mut self, kind: Kind) -> Option<()> {
        let node = self.value(kind, 0..0)?;
        self.open.push(Open { node, pending_from: index(self.pending.len()) });
        Some(())
    }

    fn close(&mut self) {
        let Document { text, nodes, members, .. } = &mut self.document;
        let Open { node, pending_from } = self.open.pop().expect("every closing bracket has an open one");
        let start = members.len();
        let own = &self.pending[pending_from as usize..];
        if nodes[node as usize].kind == Kind::Object && own.len() > 1 {
            let mut places = HashMap::with_capacity(own.len());
            for member in own {
                let key = nodes[member.key as usize];
                let key = decoded(&text[key.range()]);
                let place = *places.entry(key).or_insert(members.len());
                match members.get_mut(place) {
                    Some(earlier) => earlier.value = member.value,
                    None => members.push(*member),
                }
            }
        } else {
            members.extend_from_slice(own);
        }
        self.pending.truncate(pending_from as usize);
        let node = &mut nodes[node as usize];
        (node.start, node.end) = (index(start), index(members.len()));
    }

    /// Adds a value to the container around it, if there is one.
    #[inline]
    fn value(&mut self, kind: Kind, range: Range<usize>) -> Option<u32> {
        let value = self.push(kind, range)?;
        if !self.open.is_empty() {
            self.pending.push(Member { key: self.key.take().unwrap_or(value), value });
        }
        Some(value)
    }

    #[inline]
    fn push(&mut self, kind: Kind, range: Range<usize>) -> Option<u32> {
        let node = self.document.nodes.len();
        (node < MAX_NODES).then(|| {
            self.document.nodes.push(Node { kind, start: index(range.start), end: index(range.end) });
            index(node)
        })
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a parsed text is shorter than 4 GiB")
}

/// The characters of a string's text, unescaped, in bytes that sort by code point: UTF-8 in which lone surrogates are
/// encoded too.
fn decoded(text: &str) -> Cow<'_, [u8]> {
    if !text.as_bytes().contains(&b'\\') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (code, length) = character(rest);
        match char::from_u32(code) {
            Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                let [_, _, high, low] = code.to_be_bytes();
                bytes.extend_from_slice(&[0xe0 | high >> 4, 0x80 | (high & 0xf) << 2 | low >> 6, 0x80 | low & 0x3f]);
            }
        }
        rest = &rest[length..];
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use std::collections::BTreeMap;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_text_that_serde_json_accepts_is_parsed_with_or_without_a_byte_order_mark(
            parts in prop::collection::vec(piece(), 0..12),
        ) {
            let text = parts.concat();
            let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
            prop_assert_eq!(Document::parse(&text).is_some(), is_json, "{}", text);
        }

        #[test]
        fn duplicate_and_sorted_keys_agree_with_serde_json(keys in prop::collection::vec(key(), 0..8)) {
            let members: Vec<_> = keys.iter().enumerate().map(|(place, key)| format!("\"{key}\":{place}")).collect();
            let text = format!("{{{}}}", members.join(","));
            let document = Document::parse(&text).unwrap();
            let read: Vec<(String, usize)> = document
                .members(KeyOrder::Sorted)
                .iter()
                .map(|member| [member.key, member.value].map(|index| document.text(document.node(index))))
                .map(|[key, value]| (String::from_utf8(decoded(key).into_owned()).unwrap(), value.parse().unwrap()))
                .collect();
            let expected: BTreeMap<String, usize> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, expected.into_iter().collect::<Vec<_>>());
        }
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "\"", "1", "-", "0.5", "e3", "true", "null", " ",
            "\\u0041", "\n", "\u{feff}",
        ])
    }

    /// Keys, some of which are the same text with different escapes.
    fn key() -> impl Strategy<Value = &'static str> {
        let spelled = ["a", r"\u0061", "ab", "/", r"\/", "é", r"\u00e9", "😀", r"\ud83d\uDE00", r"\uffff", r"\n"];
        prop::sample::select(spelled.to_vec())
    }

    #[test]
    fn any_depth_is_parsed_but_too_many_values_are_refused() {
        let depth = 100_000;
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(Document::parse(&deep).unwrap().nodes().len(), depth);
        assert!(Document::parse(&"[".repeat(depth)).is_none());
        assert!(Document::parse(&format!("[1{}]", ",1".repeat(MAX_NODES))).is_none());
    }

    #[test]
    fn keys_sort_by_code_point_whatever_their_escapes() {
        let document = Document::parse(r#"{"\ud83d\ude00":1,"\uffff":2,"é":3,"a":4,"\ud800":5,"\u00e9":6}"#).unwrap();
        let keys = |order| -> Vec<&str> {
            let range = document.root().range();
            document.members(order)[range].iter().map(|member| document.text(document.node(member.value))).collect()
        };
        assert_eq!(keys(KeyOrder::AsReceived), ["1", "2", "6", "4", "5"]);
        assert_eq!(keys(KeyOrder::Sorted), ["4", "6", "5", "2", "1"]);
        let document = Document::parse(r#"{"bb":1,"c":2,"a":3,"é":4}"#).unwrap();
        let range = document.root().range();
        let values = document.members(KeyOrder::ShorterFirst)[range]
            .iter()
            .map(|member| document.text(document.node(member.value)));
        assert_eq!(values.collect::<Vec<_>>(), ["3", "2", "1", "4"]);
    }
}
