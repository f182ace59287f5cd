//! The filter language that selects events: `type:user.* is:invalid jane -"test user"`.
//!
//! An event must match every term. A `-` before a term negates it.

mod eval;
mod listing;
mod parse;
mod terms;

pub use listing::Listing;
pub use parse::FilterError;
pub use terms::{Field, State};

use super::glob::Glob;
use super::signature::Reason;

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    is_negated: bool,
    condition: Condition,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// `type:`, over the whole type.
    Type(Glob),
    /// `is:`
    Is(State),
    /// `reason:`, over the whole reason, such as `body-altered:*`. Events without a reason never match.
    Reason(Glob),
    /// A word or quoted text, in any text of the summary. Upper case in it makes case count.
    Text(String),
}

impl Filter {
    /// Parses `text`. An empty filter selects every event.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The first reason in the filter that does not exist.
    pub fn unknown_reason(&self) -> Option<&str> {
        self.terms.iter().find_map(|term| match &term.condition {
            Condition::Reason(glob) if !glob.as_str().contains(['*', '?']) => {
                Some(glob.as_str()).filter(|word| Reason::parse(&word.to_ascii_lowercase()).is_none())
            }
            _ => None,
        })
    }

    /// Whether it selects by marks. Only the screen has them; they are not stored.
    pub(crate) fn asks_for_marks(&self) -> bool {
        self.terms.iter().any(|term| term.condition == Condition::Is(State::Marked))
    }
}

/// A term that selects the events of type `name`. A quote in a quoted name becomes `?`, which matches any character.
pub fn type_term(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with('"') {
        format!("type:\"{}\"", name.replace('"', "?"))
    } else {
        format!("type:{name}")
    }
}
