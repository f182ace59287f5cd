//! The grade of a rehearsal, and what was found.

/// How well the handler did, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    Passed,
    /// Neither right nor wrong: shown, and not judged.
    Shown,
    /// Rejected as it should be, but with a status that means something else; or accepted as it should be, but slowly.
    Warned,
    /// No response, or none that proves anything.
    Inconclusive,
    Failed,
}

impl Grade {
    pub const ALL: [Self; 5] = [Self::Passed, Self::Shown, Self::Warned, Self::Inconclusive, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Shown => "shown",
            Self::Warned => "warned",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn glyph(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Shown => '·',
            Self::Warned => '!',
            Self::Inconclusive => '?',
            Self::Failed => '✗',
        }
    }
}

/// What was found. The next step is `None` if nothing is wrong, or if the control must be fixed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub grade: Grade,
    /// What was sent and how the app responded.
    pub sentence: String,
    pub next_step: Option<&'static str>,
}
