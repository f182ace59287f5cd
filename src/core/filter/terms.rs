//! The fields and states of the filter language: the tables that the parser, the shell completions and the reference read.

use crate::core::signature::Verdict;

/// A field of a term, such as `type` in `type:user.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Type,
    Is,
    Reason,
}

impl Field {
    pub const ALL: [Self; 3] = [Self::Type, Self::Is, Self::Reason];

    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Is => "is",
            Self::Reason => "reason",
        }
    }

    /// An older name that still works.
    pub fn old_name(self) -> Option<&'static str> {
        (self == Self::Reason).then_some("finding")
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name || field.old_name() == Some(name))
    }

    /// A term with this field.
    pub fn example(self) -> &'static str {
        match self {
            Self::Type => "type:user.*",
            Self::Is => "is:invalid",
            Self::Reason => "reason:timestamp-*",
        }
    }

    /// What its terms select, for the reference.
    pub fn selects(self) -> &'static str {
        match self {
            Self::Type => "events whose whole type matches",
            Self::Is => "events in this state",
            Self::Reason => "events that are not verified for a reason that matches",
        }
    }
}

/// A state that `is:` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Verdict(Verdict),
    Marked,
    /// Its last delivery got a 2xx.
    Delivered,
    /// Its last delivery got another status or no response.
    Failed,
    /// It has more than one attempt.
    Retried,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Verdict(Verdict::Verified),
        Self::Verdict(Verdict::Invalid),
        Self::Verdict(Verdict::Unsigned),
        Self::Verdict(Verdict::Unchecked),
        Self::Marked,
        Self::Delivered,
        Self::Failed,
        Self::Retried,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => verdict.as_str(),
            Self::Marked => "marked",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Retried => "retried",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Which events are in it, for the reference.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Verdict(Verdict::Verified) => "the signature is valid",
            Self::Verdict(Verdict::Invalid) => "the signature is not valid",
            Self::Verdict(Verdict::Unsigned) => "there is no signature",
            Self::Verdict(Verdict::Unchecked) => {
                "hookglass did not verify it: it had no secret, or the body was too large"
            }
            Self::Marked => "marked on the screen; commands do not know the marks",
            Self::Delivered => "the last delivery got a 2xx response",
            Self::Failed => "the last delivery got another response, or none",
            Self::Retried => "there is more than one attempt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::filter::Filter;

    #[test]
    fn every_state_and_example_is_parsed() {
        for state in State::ALL {
            assert!(Filter::parse(&format!("is:{}", state.word())).is_ok());
        }
        for field in Field::ALL {
            assert!(Filter::parse(field.example()).is_ok());
        }
        assert!(Verdict::ALL.into_iter().all(|verdict| State::ALL.contains(&State::Verdict(verdict))));
    }
}
