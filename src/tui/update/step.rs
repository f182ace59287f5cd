//! How far a key moves in a pane.

/// The distance of a movement.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Lines(isize),
    First,
    Last,
}

impl Step {
    /// The line that a movement from `line` of `count` ends on.
    pub(super) fn from(self, line: usize, count: usize) -> usize {
        let last = count.saturating_sub(1);
        match self {
            Self::Lines(by) => line.saturating_add_signed(by).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}
