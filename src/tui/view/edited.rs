//! The overlay with the changes of an edit, before it is sent.

use super::panel::panel;
use crate::core::edit::Change;
use crate::core::printable::Printable;
use crate::core::signature::Verdict;
use crate::tui::layout;
use crate::tui::model::{Edit, Model};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::text::Line;

/// The most columns of a changed line.
const MAX_CHANGE: usize = 160;

pub(super) fn draw(model: &Model, edit: &Edit, top: usize, theme: &Theme, frame: &mut Frame) {
    let index = &model.events.index;
    let verdict = index.position_of(edit.seq).map(|position| index.row(position).verdict);
    let mut lines: Vec<Line> = edit
        .changes
        .iter()
        .skip(top)
        .take(layout::over_height(frame.area().as_size()))
        .map(|it| change(it, theme))
        .collect();
    let note = |role, text: &str| Line::styled(text.to_owned(), theme.style(role));
    lines.insert(0, note(Role::Dim, "Enter signs and sends it as a new event, Esc discards it"));
    if !edit.is_json {
        lines.insert(1, note(Role::Warning, "not valid JSON: the app may respond 400"));
    }
    if verdict != Some(Verdict::Verified) {
        lines.insert(1, note(Role::Warning, "this event was never verified; sending signs it with your secret"));
    }
    panel(" What changed ", lines, theme, frame);
}

fn change(change: &Change, theme: &Theme) -> Line<'static> {
    let line = |role, sign: &str, bytes: &[u8]| {
        let text = Printable::first_columns(bytes, MAX_CHANGE).into_string();
        Line::styled(format!("{sign} {text}"), theme.style(role))
    };
    match change {
        Change::Same(bytes) => line(Role::Dim, " ", bytes),
        Change::Removed(bytes) => line(Role::Bad, "-", bytes),
        Change::Added(bytes) => line(Role::Good, "+", bytes),
        Change::Skipped(1) => line(Role::Dim, "…", b"1 unchanged line"),
        Change::Skipped(count) => line(Role::Dim, "…", format!("{count} unchanged lines").as_bytes()),
        Change::TooLong => line(Role::Dim, "…", b"too many lines to compare; the saved body is what gets sent"),
    }
}
