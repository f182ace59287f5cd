//! The language that chooses events: `type:user.* is:invalid jane -"test user"`.
//!
//! Terms stand side by side and must all hold; `-` before a term turns it round.

mod eval;
mod listing;
mod parse;

pub use eval::{glob_matches, globs_overlap};
pub use listing::Listing;
pub use parse::FilterError;

use super::signature::Verdict;

/// A filter that was understood.
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
    /// `type:`, a glob over the whole type: `*` any run, `?` one character.
    Type(String),
    /// `is:`
    Is(State),
    /// `reason:`, a glob over the reason, such as `body-altered:*`. Events without a reason never match.
    Reason(String),
    /// A word or quoted text, in any text of the summary. Upper case in it makes case count.
    Text(String),
}

/// What `is:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Verdict(Verdict),
    Marked,
    /// Its last delivery was answered with a 2xx.
    Delivered,
    /// Its last delivery was not.
    Failed,
    /// Its message came more than once.
    Retried,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "marked" => Some(Self::Marked),
            "delivered" => Some(Self::Delivered),
            "failed" => Some(Self::Failed),
            "retried" => Some(Self::Retried),
            _ => Verdict::parse(text).map(Self::Verdict),
        }
    }
}

impl Filter {
    /// Understands `text`; an empty one chooses every event.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it asks for marks, which a screen alone has: they are not kept.
    pub fn asks_for_marks(&self) -> bool {
        self.terms.iter().any(|term| term.condition == Condition::Is(State::Marked))
    }
}

/// The term that chooses exactly the events of type `name`, as a person would write it.
pub fn type_term(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with('"') {
        format!("type:\"{}\"", name.replace('"', "?"))
    } else {
        format!("type:{name}")
    }
}
