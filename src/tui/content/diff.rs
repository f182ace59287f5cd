//! The diff tab: what differs between the loaded event and another one, or between two responses.

use super::text::TabText;
use super::{TextLine, prose, segment, words};
use crate::core::diff::{self, Difference, Side, Tone};
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::theme::Role;

/// The text of the diff tab.
pub struct DiffText(TabText);

impl DiffText {
    /// Compares both sides. `heading` says what they are.
    pub fn new(heading: &str, before: &Side, after: &Side) -> Self {
        let difference = Difference::new(before, after);
        let role = if difference.is_none() { Role::Good } else { Role::Strong };
        let mut lines = vec![
            prose((Role::Dim, "compared: "), (Role::Text, heading)),
            prose((role, ""), (role, diff::summary(&difference))),
            Vec::new(),
        ];
        lines.extend(diff::lines(&difference, before, after).into_iter().map(line));
        Self(TabText::new(lines))
    }

    /// Why there is no comparison.
    pub fn none(why: &str) -> Self {
        Self(TabText::new(vec![prose((Role::Text, ""), (Role::Text, why)), Vec::new(), words(Role::Dim, choices())]))
    }

    pub(super) fn into_text(self) -> TabText {
        self.0
    }
}

fn choices() -> String {
    format!("{} chooses what to compare with", key_name(Action::BeginDiff))
}

fn line(line: diff::DiffLine) -> TextLine {
    line.into_iter().map(|(tone, bytes)| segment(role(tone), bytes)).collect()
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Strong => Role::Strong,
        Tone::Added => Role::Good,
        Tone::Removed => Role::Bad,
        Tone::Changed => Role::Warning,
    }
}
