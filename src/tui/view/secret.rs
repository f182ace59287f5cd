//! The field for a signing secret, which shows none of it, and the question before one is saved.

use super::panel::panel;
use crate::core::diagnosis::broken;
use crate::core::printable::Printable;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::layout;
use crate::tui::model::{Model, Saving};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::text::Line;
use tui_input::Input;

/// The most columns of the question.
const WIDTH: usize = 72;

pub(super) fn field(model: &Model, input: &Input, theme: &Theme, frame: &mut Frame) {
    let count = input.value().chars().count();
    let masked = "•".repeat(count.min(48));
    let characters = if count == 1 { "character" } else { "characters" };
    let mut lines = vec![Line::raw(format!("{masked}▏"))];
    for help in [&format!("{count} {characters}"), "Enter adds it until hookglass exits", "Esc cancels"] {
        lines.push(Line::styled(help.to_owned(), theme.style(Role::Dim)));
    }
    if let Some(label) = &model.setup.secrets.last_added {
        let help = format!("Ctrl-x forgets `{}`", Printable::from_text(label));
        lines.push(Line::styled(help, theme.style(Role::Dim)));
        let help = format!("Esc, then {} saves it in `.env`", key_name(Action::SaveSecret));
        lines.push(Line::styled(help, theme.style(Role::Dim)));
    }
    panel(" Signing secret (whsec_…) ", lines, theme, frame);
}

/// What saving changes, or why the secret cannot be saved.
pub(super) fn question(saving: &Saving, theme: &Theme, frame: &mut Frame) {
    let width = layout::over_width(frame.area().as_size()).min(WIDTH);
    let rows = |role: Role, text: &str| {
        let rows = broken("", &Printable::from_text(text).into_string(), width);
        rows.into_iter().map(move |(_, row)| Line::styled(row, theme.style(role))).collect::<Vec<_>>()
    };
    let (mut lines, keys) = match saving {
        Saving::Reading => (rows(Role::Text, "Reading `.env`…"), "Press Esc to cancel."),
        Saving::Refused(why) => (rows(Role::Bad, why), "Nothing was written. Press Esc to close."),
        Saving::Planned(plan) => {
            let mut lines = rows(Role::Strong, &plan.path);
            lines.extend(plan.sentences().iter().flat_map(|sentence| rows(Role::Text, sentence)));
            lines.extend(plan.warnings().into_iter().flat_map(|warning| rows(Role::Warning, warning)));
            (lines, "Press y to save it, Esc to cancel.")
        }
    };
    lines.push(Line::default());
    lines.extend(rows(Role::Dim, keys));
    panel(" Save the secret ", lines, theme, frame);
}
