//! Splits a filter into tokens with their spans. Never fails, so that completion can use the tokens of an unfinished filter.

use std::borrow::Cow;
use std::ops::Range;

/// A part of a filter. Spans are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    pub span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    Open,
    Close,
    /// The `-` before a term.
    Minus,
    Word(Word<'t>),
}

/// A term: `value`, `"value"`, `field:value`, `header.name:value`, `data.path:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The part before the colon.
    pub field: Option<&'t str>,
    pub value: Cow<'t, str>,
    pub value_span: Range<usize>,
    pub is_quoted: bool,
    /// Whether the closing quote is missing.
    pub is_open: bool,
}

impl Word<'_> {
    /// Whether it is this operator: `AND`, `OR` or `NOT`, without quotes.
    pub fn is_operator(&self, operator: &str) -> bool {
        self.field.is_none() && !self.is_quoted && self.value == operator
    }
}

pub(super) const OPERATORS: [&str; 3] = ["AND", "OR", "NOT"];

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut is_negated = false;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        let kind = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                is_negated = false;
                continue;
            }
            '(' => Kind::Open,
            ')' => Kind::Close,
            // A second `-` belongs to the word.
            '-' if !is_negated => Kind::Minus,
            _ => {
                let (word, end) = word(text, at);
                at = end;
                is_negated = false;
                tokens.push(Token { kind: Kind::Word(word), span: start..end });
                continue;
            }
        };
        is_negated = kind == Kind::Minus;
        at += 1;
        tokens.push(Token { kind, span: start..at });
    }
    tokens
}

/// The word at `start`, and where it ends.
fn word(text: &str, start: usize) -> (Word<'_>, usize) {
    let field = field_length(&text[start..]);
    let value_start = field.map_or(start, |length| start + length + 1);
    let field = field.map(|length| &text[start..start + length]);
    let of = |value, end: usize, is_quoted, is_open| {
        (Word { field, value, value_span: value_start..end, is_quoted, is_open }, end)
    };
    if let Some(quoted) = text[value_start..].strip_prefix('"') {
        let (value, length) = unquoted(quoted);
        return match length {
            Some(length) => of(value, value_start + 1 + length, true, false),
            None => of(value, text.len(), true, true),
        };
    }
    let end = value_start + plain_length(&text[value_start..]);
    of(Cow::Borrowed(&text[value_start..end]), end, false, false)
}

/// The text up to the closing quote, where `""` is a quote, and the length with the closing quote if there is one.
fn unquoted(text: &str) -> (Cow<'_, str>, Option<usize>) {
    let mut value = Cow::Borrowed("");
    let mut from = 0;
    loop {
        let Some(quote) = text[from..].find('"').map(|found| from + found) else {
            return (value + &text[from..], None);
        };
        value += &text[from..quote];
        if !text[quote + 1..].starts_with('"') {
            return (value, Some(quote + 1));
        }
        value += "\"";
        from = quote + 2;
    }
}

/// The length of a value without quotes: up to white space, or a `)` that closes an earlier group.
fn plain_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let ends = |(_, c): &(usize, char)| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            _ => {}
        }
        c.is_whitespace()
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

/// The length of the field name before a colon at the start of `text`.
fn field_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    match &text[..end] {
        "header" if bytes.get(end) == Some(&b'.') => {
            end += bytes[end..].iter().take_while(|byte| is_header_byte(**byte)).count();
        }
        "data" => end += data_path_length(&text[end..])?,
        _ => {}
    }
    (end > 0 && bytes.get(end) == Some(&b':')).then_some(end)
}

/// Whether the byte may be in the name of a header: RFC 9110, section 5.6.2.
pub(super) fn is_header_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The length of the steps after `data`: `.key`, `[0]`, `["a key"]`. `None` when a bracket is not closed.
fn data_path_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'.') => at += 1 + key_length(&text[at + 1..]),
            Some(b'[') => at += bracket_length(&text[at..])?,
            _ => return Some(at),
        }
    }
}

/// The length of a key that needs no quotes.
pub(super) fn key_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || ".:[]()\"".contains(c);
    text.find(ends).unwrap_or(text.len())
}

/// The length of `[…]`, with a JSON string or anything else but white space and quotes in it.
pub(super) fn bracket_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        loop {
            match bytes.get(at)? {
                b'"' => break,
                // The character after a backslash is at least one byte long, and none of its bytes is a quote.
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        at += 1;
    } else {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    }
    (bytes.get(at) == Some(&b']')).then_some(at + 1)
}

/// Whether `value` needs no quotes as the value of a field.
pub(super) fn is_plain_value(value: &str) -> bool {
    !value.is_empty() && !value.starts_with('"') && !value.contains(|c: char| c.is_whitespace() || c == '(' || c == ')')
}

/// Whether `text` needs no quotes as free text.
pub(super) fn is_plain_text(text: &str) -> bool {
    is_plain_value(text) && !text.contains(':') && !text.starts_with(['-', '@']) && !OPERATORS.contains(&text)
}

/// `value` in quotes.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}
