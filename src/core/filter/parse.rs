//! Parses a filter; errors give the column.

use super::{Condition, Field, Filter, State, Term};
use crate::core::glob::Glob;
use std::borrow::Cow;

/// Where a filter is wrong, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}")]
pub struct FilterError {
    /// In characters, from 1.
    pub column: usize,
    pub expected: Cow<'static, str>,
}

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut terms = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(Filter { terms });
        }
        let column = |part: &str| text[..text.len() - part.len()].chars().count() + 1;
        let (is_negated, unsigned) = rest.strip_prefix('-').map_or((false, rest), |after| (true, after));
        if unsigned.is_empty() || unsigned.starts_with(char::is_whitespace) {
            return Err(FilterError { column: column(unsigned), expected: "a term after `-`".into() });
        }
        let (condition, after) = term(unsigned, column)?;
        terms.push(Term { is_negated, condition });
        rest = after;
    }
}

fn term(text: &str, column: impl Fn(&str) -> usize) -> Result<(Condition, &str), FilterError> {
    let name_end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, after) = text.split_at(name_end);
    let Some(value_text) = after.strip_prefix(':').filter(|_| !name.is_empty()) else {
        let (value, rest) = value(text, &column)?;
        return Ok((Condition::Text(value), rest));
    };
    let (value, rest) = value(value_text, &column)?;
    let missing = |expected| FilterError { column: column(value_text), expected };
    let condition = match Field::find(name) {
        Some(Field::Type) if value.is_empty() => return Err(missing("a type, such as `user.*`".into())),
        Some(Field::Type) => Condition::Type(Glob::new(value)),
        Some(Field::Reason) if value.is_empty() => return Err(missing("a reason such as `timestamp-*`".into())),
        Some(Field::Reason) => Condition::Reason(Glob::new(value)),
        Some(Field::Is) => Condition::Is(State::parse(&value).ok_or_else(|| missing(states().into()))?),
        None => {
            let expected = "`type:`, `is:`, `reason:`, or quotes around a text with a colon".into();
            return Err(FilterError { column: column(text), expected });
        }
    };
    Ok((condition, rest))
}

/// All states, as in "`a`, `b` or `c`".
fn states() -> String {
    let words = State::ALL.map(|state| format!("`{}`", state.word()));
    let [first @ .., last] = &words;
    format!("{} or {last}", first.join(", "))
}

/// Reads a quoted text or a run without white space, and returns it with the rest.
fn value(text: &str, column: impl Fn(&str) -> usize) -> Result<(String, &str), FilterError> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted
            .find('"')
            .ok_or(FilterError { column: column(&text[text.len()..]), expected: "a closing `\"`".into() })?;
        return Ok((quoted[..end].to_owned(), &quoted[end + 1..]));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    Ok((text[..end].to_owned(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_give_the_column_and_what_was_expected() {
        for (text, column, expected) in [
            ("is:good", 4, "`verified`"),
            ("jane is:", 9, "`verified`"),
            ("- x", 2, "a term"),
            ("type:", 6, "a type"),
            ("ü colour:red", 3, "`type:`"),
            ("\"open", 6, "a closing"),
        ] {
            let error = Filter::parse(text).unwrap_err();
            assert_eq!(error.column, column, "{text}");
            assert!(error.expected.starts_with(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_blank_filter_selects_everything() {
        assert!(Filter::parse("   ").unwrap().is_empty());
    }
}
