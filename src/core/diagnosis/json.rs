//! A JSON text as flat nodes that remember where in the text they stand: numbers keep their spelling, keys their order.
//!
//! Iterative and bounded: depth costs four bytes a level, and a text of more than [`MAX_NODES`] values is not read.

use super::json_text::{decoded, is_number};
use std::collections::HashMap;
use std::ops::Range;

/// Most values and keys in a text that is read.
const MAX_NODES: usize = 1 << 21;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `start..end` is the index into [`Document::members`]; the same for arrays, whose members have no key.
    Object,
    Array,
    /// `start..end` is the text between the quotes.
    String,
    /// `start..end` is the number, or `true`, `false`, `null`.
    Scalar,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

/// A key and its value, as indexes of nodes. In an array the key is the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) key: u32,
    pub(super) value: u32,
}

/// A parsed text. Of duplicate keys the last value stands in the first one's place.
pub(super) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    members: Vec<Member>,
    sorted: Option<Vec<Member>>,
}

impl<'a> Document<'a> {
    /// Parses a JSON text (RFC 8259) after at most one byte order mark; `None` if it is not one.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        u32::try_from(text.len()).ok()?;
        Parser::new(text).run()
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
        &self.text[node.start as usize..node.end as usize]
    }

    /// Where the members of a container stand in [`Self::members`].
    pub(super) fn range(node: Node) -> Range<usize> {
        node.start as usize..node.end as usize
    }

    /// The members of all containers, in the order received or sorted by key (by code point).
    pub(super) fn members(&self, is_sorted: bool) -> &[Member] {
        match &self.sorted {
            Some(sorted) if is_sorted => sorted,
            _ => &self.members,
        }
    }

    /// Whether sorting the keys changes anything.
    pub(super) fn has_other_order(&self) -> bool {
        self.sorted.is_some()
    }

    fn sort(&mut self) {
        let mut sorted = self.members.clone();
        let mut is_changed = false;
        for object in self.nodes.iter().filter(|node| node.kind == Kind::Object) {
            let members = &mut sorted[Self::range(*object)];
            let key = |member: &Member| decoded(self.text(self.node(member.key)));
            if !members.is_sorted_by_key(key) {
                members.sort_by_cached_key(key);
                is_changed = true;
            }
        }
        self.sorted = is_changed.then_some(sorted);
    }
}

/// An open container: its node, and where its members begin among those that wait.
struct Open {
    node: u32,
    waiting_from: u32,
}

struct Parser<'a> {
    text: &'a str,
    place: usize,
    nodes: Vec<Node>,
    members: Vec<Member>,
    /// Members of containers that are still open.
    waiting: Vec<Member>,
    open: Vec<Open>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, place: 0, nodes: Vec::new(), members: Vec::new(), waiting: Vec::new(), open: Vec::new() }
    }

    fn run(mut self) -> Option<Document<'a>> {
        loop {
            // Here a value begins, or the first member of the container that was just opened.
            let is_whole = self.begin()?;
            if is_whole && !self.go_on()? {
                break;
            }
        }
        if self.skip_blanks() < self.text.len() {
            return None;
        }
        let mut document = Document { text: self.text, nodes: self.nodes, members: self.members, sorted: None };
        document.sort();
        Some(document)
    }

    /// Reads a key if one is due, then a scalar or the opening of a container; whether the value is whole.
    fn begin(&mut self) -> Option<bool> {
        let parent = self.open.last().map(|open| self.nodes[open.node as usize].kind);
        let key = if parent == Some(Kind::Object) {
            self.skip_blanks();
            let key = self.string()?;
            self.skip_blanks();
            self.take(b':')?;
            Some(key)
        } else {
            None
        };
        self.skip_blanks();
        let (value, is_whole) = match self.peek()? {
            b'"' => (self.string()?, true),
            opening @ (b'{' | b'[') => {
                self.place += 1;
                let kind = if opening == b'{' { Kind::Object } else { Kind::Array };
                (self.push(kind, 0..0)?, false)
            }
            _ => (self.scalar()?, true),
        };
        if parent.is_some() {
            self.waiting.push(Member { key: key.unwrap_or(value), value });
        }
        if is_whole {
            return Some(true);
        }
        self.open.push(Open { node: value, waiting_from: u32::try_from(self.waiting.len()).ok()? });
        self.skip_blanks();
        let closing = if self.nodes[value as usize].kind == Kind::Object { b'}' } else { b']' };
        if self.peek()? == closing {
            self.place += 1;
            self.close()?;
            return Some(true);
        }
        Some(false)
    }

    /// Reads what follows a whole value: closings, then a comma; whether another value follows.
    fn go_on(&mut self) -> Option<bool> {
        while let Some(open) = self.open.last() {
            let kind = self.nodes[open.node as usize].kind;
            self.skip_blanks();
            match (self.peek()?, kind) {
                (b',', _) => {
                    self.place += 1;
                    return Some(true);
                }
                (b'}', Kind::Object) | (b']', Kind::Array) => {
                    self.place += 1;
                    self.close()?;
                }
                _ => return None,
            }
        }
        Some(false)
    }

    fn close(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        let start = self.members.len();
        let own = self.waiting.split_off(open.waiting_from as usize);
        if self.nodes[open.node as usize].kind == Kind::Object && own.len() > 1 {
            let mut places = HashMap::with_capacity(own.len());
            for member in own {
                let key = self.nodes[member.key as usize];
                let key = decoded(&self.text[key.start as usize..key.end as usize]);
                let place = *places.entry(key).or_insert(self.members.len());
                match self.members.get_mut(place) {
                    Some(earlier) => earlier.value = member.value,
                    None => self.members.push(member),
                }
            }
        } else {
            self.members.extend(own);
        }
        let node = &mut self.nodes[open.node as usize];
        (node.start, node.end) = (u32::try_from(start).ok()?, u32::try_from(self.members.len()).ok()?);
        Some(())
    }

    fn push(&mut self, kind: Kind, range: Range<usize>) -> Option<u32> {
        let index = self.nodes.len();
        if index >= MAX_NODES {
            return None;
        }
        let (start, end) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
        self.nodes.push(Node { kind, start, end });
        u32::try_from(index).ok()
    }

    fn string(&mut self) -> Option<u32> {
        self.take(b'"')?;
        let start = self.place;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    self.place += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.place += 1,
                        b'u' => {
                            let digits = self.text.as_bytes().get(self.place + 1..self.place + 5)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                            self.place += 5;
                        }
                        _ => return None,
                    }
                }
                0..0x20 => return None,
                _ => self.place += 1,
            }
        }
        self.place += 1;
        self.push(Kind::String, start..self.place - 1)
    }

    fn scalar(&mut self) -> Option<u32> {
        let start = self.place;
        let rest = &self.text.as_bytes()[start..];
        let length =
            rest.iter().position(|byte| !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'E'));
        let token = &self.text[start..start + length.unwrap_or(rest.len())];
        (matches!(token, "true" | "false" | "null") || is_number(token.as_bytes())).then_some(())?;
        self.place += token.len();
        self.push(Kind::Scalar, start..self.place)
    }

    fn skip_blanks(&mut self) -> usize {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.place += 1;
        }
        self.place
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.place += 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_refused() {
        let refused = [
            "",
            " ",
            "{",
            "[",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\"}",
            "{\"a\":}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "nul",
            "True",
            "NaN",
            "1 2",
            "\"a",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u12\"",
            "[1}",
            "{\"a\":1]",
            "]",
            ",",
            "[,1]",
            "1\u{a0}",
            "\u{feff}\u{feff}1",
            "--1",
            "1e+-1",
            "\"\\u+123\"",
            "[1 2]",
            "{1:2}",
            "truefalse",
            "\u{0}",
        ];
        for text in refused {
            assert!(Document::parse(text).is_none(), "{text:?}");
        }
        let accepted =
            ["0", "-0", "1.5e+3", "1E5", " null ", "\"\\u00e9\\/\"", "[]", "{}", "\u{feff}[1,[2,{}]]", "{\"\":[]}"];
        for text in accepted {
            assert!(Document::parse(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn agrees_with_serde_on_what_is_json() {
        use proptest::prelude::*;
        let pieces = prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "\"", "1", "-", "0.5", "e3", "true", "null", " ",
            "\\u0041", "\n",
        ]);
        proptest!(ProptestConfig::with_cases(2000), |(parts in prop::collection::vec(pieces, 0..12))| {
            let text = parts.concat();
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(Document::parse(&text).is_some(), is_json, "{}", text);
        });
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let depth = 100_000;
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(Document::parse(&deep).unwrap().nodes().len(), depth);
        assert!(Document::parse(&"[".repeat(depth)).is_none());
        assert!(Document::parse(&format!("[1{}]", ",1".repeat(MAX_NODES))).is_none());
    }

    #[test]
    fn keys_sort_by_code_point_however_they_are_spelled() {
        let document = Document::parse(r#"{"\ud83d\ude00":1,"\uffff":2,"é":3,"a":4,"\ud800":5,"\u00e9":6}"#).unwrap();
        let keys = |is_sorted| -> Vec<&str> {
            let range = Document::range(document.root());
            document.members(is_sorted)[range].iter().map(|member| document.text(document.node(member.value))).collect()
        };
        assert_eq!(keys(false), ["1", "2", "6", "4", "5"]);
        assert_eq!(keys(true), ["4", "6", "5", "2", "1"]);
    }
}
