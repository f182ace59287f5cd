//! How a rehearsal ended.

/// What was found of the handler, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    Passed,
    /// Refused as it should be, with a status that says something else; or accepted as it should be, slowly.
    Warned,
    /// There was no answer to judge by, or none that proves anything.
    Inconclusive,
    Failed,
}

impl Grade {
    pub const ALL: [Self; 4] = [Self::Passed, Self::Warned, Self::Inconclusive, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Inconclusive => "unjudged",
            Self::Failed => "failed",
        }
    }

    pub fn glyph(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Warned => '!',
            Self::Inconclusive => '?',
            Self::Failed => '✗',
        }
    }
}

/// What was got, and what to do about it unless all is well or the control is to be mended first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub grade: Grade,
    /// What was sent and what was answered, in words of ours.
    pub sentence: String,
    pub next_step: Option<&'static str>,
}
