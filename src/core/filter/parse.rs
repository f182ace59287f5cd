//! Parses a filter; errors give the column.
//!
//! ```text
//! any     = all ("OR" all)*
//! all     = term ("AND"? term)*
//! term    = "NOT" term | "-" operand | operand
//! operand = "(" any ")" | "@name" | word
//! ```

use super::lex::{self, Kind, OPERATORS, Token, Word};
use super::node::{Condition, Filter, Node};
use super::path::Path;
use super::pattern::Pattern;
use super::saved::SavedFilters;
use super::terms::{Field, State};
use super::value::{Moment, Sizes, StatusPattern};
use crate::core::check::Check;
use crate::core::glob::Glob;
use crate::core::nearest::nearest;
use std::borrow::Cow;

/// The most bytes of a filter.
pub(super) const MAX_LENGTH: usize = 16_384;
/// The most groups and negations within one another.
const MAX_DEPTH: usize = 32;
/// The most terms that read the request. What is known of a request fits one word.
pub(super) const MAX_REQUESTS: usize = 63;

/// Where a filter is wrong, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}")]
pub struct FilterError {
    /// In characters, from 1.
    pub column: usize,
    pub expected: Cow<'static, str>,
}

impl Filter {
    /// Parses `text`, which uses no saved filters. An empty filter selects every event.
    ///
    /// # Errors
    /// Where `text` is wrong.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::parse_with(text, &SavedFilters::default())
    }

    /// Parses `text`, where `@name` stands for one of `saved`.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse_with(text: &str, saved: &SavedFilters) -> Result<Self, FilterError> {
        let mut parser = Parser { text, tokens: Vec::new(), at: 0, depth: 0, requests: 0, saved };
        if text.len() > MAX_LENGTH {
            let end = text.floor_char_boundary(MAX_LENGTH);
            return Err(parser.error(end, format!("at most {MAX_LENGTH} bytes")));
        }
        parser.tokens = lex::tokens(text);
        if parser.tokens.is_empty() {
            return Ok(Self::default());
        }
        let root = parser.any()?;
        match parser.tokens.get(parser.at) {
            None => Ok(Self::new(root)),
            // Only a `)` ends the outermost group early.
            Some(close) => Err(parser.error(close.span.start, "a term; no `(` is open")),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    /// The next token.
    at: usize,
    depth: usize,
    /// The terms so far that read the request.
    requests: usize,
    saved: &'t SavedFilters,
}

impl<'t> Parser<'t> {
    fn error(&self, at: usize, expected: impl Into<Cow<'static, str>>) -> FilterError {
        FilterError { column: self.text[..at].chars().count() + 1, expected: expected.into() }
    }

    /// Where the next token starts.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.span.start)
    }

    fn is_next(&self, operator: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Word(word), .. }) if word.is_operator(operator))
    }

    fn takes(&mut self, operator: &str) -> bool {
        let is_next = self.is_next(operator);
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all()?];
        while self.takes("OR") {
            nodes.push(self.all()?);
        }
        Ok(Node::any(nodes))
    }

    fn all(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.term()?];
        loop {
            let is_end = matches!(self.tokens.get(self.at), None | Some(Token { kind: Kind::Close, .. }));
            if is_end || self.is_next("OR") {
                return Ok(Node::all(nodes));
            }
            self.takes("AND");
            nodes.push(self.term()?);
        }
    }

    fn term(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        if self.takes("NOT") {
            return Ok(self.deeper(place, Self::term)?.not());
        }
        if let Some(Token { kind: Kind::Minus, span }) = self.tokens.get(self.at) {
            let end = span.end;
            self.at += 1;
            if self.place() > end || self.at == self.tokens.len() {
                return Err(self.error(end, "a term after `-`"));
            }
            return Ok(self.operand()?.not());
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token.map(|token| token.kind) {
            Some(Kind::Open) => {
                let node = self.deeper(place, Self::any)?;
                if self.at == self.tokens.len() {
                    let opened = self.text[..place].chars().count() + 1;
                    return Err(self.error(self.text.len(), format!("a `)` for the `(` in column {opened}")));
                }
                // Only a `)` ends a group early.
                self.at += 1;
                Ok(node)
            }
            Some(Kind::Word(word)) if !OPERATORS.iter().any(|operator| word.is_operator(operator)) => {
                self.word(&word, place)
            }
            _ => Err(self.error(place, "a term, such as `type:user.*` or a word")),
        }
    }

    fn deeper(&mut self, place: usize, parse: fn(&mut Self) -> Result<Node, FilterError>) -> Result<Node, FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(place, format!("at most {MAX_DEPTH} groups within one another")));
        }
        self.depth += 1;
        let node = parse(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn word(&mut self, word: &Word<'t>, place: usize) -> Result<Node, FilterError> {
        if word.is_open {
            return Err(self.error(self.text.len(), "a closing `\"`"));
        }
        let node = match self.saved_filter(word, place)? {
            Some(node) => node,
            None => Node::Condition(self.condition(word, place)?),
        };
        node.each(&mut |condition| self.requests += usize::from(condition.slot().is_some()));
        if self.requests > MAX_REQUESTS {
            return Err(self.error(place, format!("at most {MAX_REQUESTS} terms about headers and bodies")));
        }
        Ok(node)
    }

    fn saved_filter(&self, word: &Word<'_>, place: usize) -> Result<Option<Node>, FilterError> {
        let is_name = word.field.is_none() && !word.is_quoted;
        let Some(name) = word.value.strip_prefix('@').filter(|name| is_name && SavedFilters::is_name(name)) else {
            return Ok(None);
        };
        match self.saved.get(name) {
            Some(filter) => Ok(Some(Node::Saved(name.to_owned(), Box::new(filter.root.clone())))),
            None if self.saved.is_empty() => {
                Err(self.error(place, "quotes around a text with `@`; no saved filter has this name"))
            }
            None => {
                let names = self.saved.names().map(|name| format!("`@{name}`")).collect::<Vec<_>>().join(", ");
                Err(self.error(place, format!("a saved filter ({names}), or quotes around the text")))
            }
        }
    }

    fn condition(&self, word: &Word<'_>, place: usize) -> Result<Condition, FilterError> {
        let value = &*word.value;
        let Some(name) = word.field else { return Ok(Condition::Text { text: value.to_owned(), slot: 0 }) };
        let Some(field) = Field::find(name) else { return Err(self.error(place, unknown_field(name))) };
        let wrong = || {
            let expected = if field == Field::Is { states().into() } else { Cow::Borrowed(field.expects()) };
            self.error(word.value_span.start, expected)
        };
        if value.is_empty() {
            return Err(wrong());
        }
        Ok(match field {
            Field::Type => Condition::Type(Glob::new(value)),
            Field::Is => Condition::Is(State::parse(value).ok_or_else(wrong)?),
            Field::Reason => Condition::Reason(Glob::new(value)),
            Field::Organization => Condition::Organization(Pattern::new(value)),
            Field::Id => Condition::Id(Pattern::new(value)),
            Field::Path => Condition::Path(Pattern::new(value)),
            Field::Status => Condition::Status(StatusPattern::parse(value).ok_or_else(wrong)?),
            Field::Response => Condition::Response(StatusPattern::parse(value).ok_or_else(wrong)?),
            Field::Size => Condition::Size(Sizes::parse(value).ok_or_else(wrong)?),
            Field::After => Condition::After(Moment::parse(value).ok_or_else(wrong)?),
            Field::Before => Condition::Before(Moment::parse(value).ok_or_else(wrong)?),
            Field::Header => {
                let name = name["header.".len()..].to_ascii_lowercase();
                Condition::Header { name, value: Pattern::new(value), slot: 0 }
            }
            Field::Data => {
                let path = Path::parse(name)
                    .ok_or_else(|| self.error(place, "a path, such as `data.user.email` or `data.roles[0].name`"))?;
                Condition::Data { path, value: Pattern::new(value), slot: 0 }
            }
            Field::Check => {
                let name = Glob::new(value);
                if !Check::ALL.into_iter().any(|check| name.matches(check.slug())) {
                    return Err(self.error(word.value_span.start, checks()));
                }
                Condition::Check { name, slot: 0 }
            }
        })
    }
}

/// What to write instead of the unknown field `name`.
fn unknown_field(name: &str) -> String {
    match nearest(name, Field::ALL.into_iter().map(|field| (field.name(), field))) {
        Some(field) => format!("`{}`, or quotes around a text with a colon", field.label()),
        None => "`type:`, `is:`, `org:` or another field, or quotes around a text with a colon".to_owned(),
    }
}

/// All states, as in "`a`, `b` or `c`".
fn states() -> String {
    one_of(State::ALL.map(State::word))
}

/// All checks, as in "`a`, `b` or `c`".
fn checks() -> String {
    one_of(Check::ALL.map(Check::slug))
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    let words = words.map(|word| format!("`{word}`"));
    let [first @ .., last] = words.as_slice() else { return String::new() };
    format!("{} or {last}", first.join(", "))
}

#[cfg(test)]
mod tests;
