//! The language that chooses events: `type:user.* is:invalid jane -"test user"`.
//!
//! Terms stand side by side and must all hold; `-` before a term turns it round.

mod eval;
mod parse;

pub use parse::FilterError;

use super::signature::Verdict;

/// A filter that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// `type:`, a glob over the whole type: `*` any run, `?` one character.
    Type(String),
    /// `is:`
    Is(Verdict),
    /// A word or quoted text, in any text of the summary. Upper case in it makes case count.
    Text(String),
}

impl Filter {
    /// Understands `text`; an empty one chooses every event.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}
