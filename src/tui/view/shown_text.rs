//! The overlay with a text of any length.

use super::panel::panel_with_foot;
use crate::core::numbers::grouped;
use crate::core::printable::Printable;
use crate::tui::layout;
use crate::tui::shown_text::ShownText;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::text::Line;

pub(super) fn draw(text: &ShownText, top: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let (height, columns) = (layout::over_height(size), layout::over_width(size));
    let top = top.min(text.row_count().saturating_sub(height));
    let is_longer = text.row_count() > height;
    let rows = (top..text.row_count()).take(height);
    let mut lines: Vec<Line> = rows
        .map(|row| {
            let shown = Printable::first_columns(text.row(row), columns);
            // The panel keeps its width while the text scrolls.
            let room = if is_longer { columns.saturating_sub(shown.width()) } else { 0 };
            Line::styled(shown.into_string() + &" ".repeat(room), theme.style(Role::Text))
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::styled("empty", theme.style(Role::Dim)));
    }
    let title = Printable::last_columns(text.wanted.title.as_bytes(), columns.saturating_sub(24));
    let keys = if is_longer { "j k scroll, Esc closes" } else { "Esc closes" };
    let last = (top + height).min(text.row_count());
    let place = is_longer.then(|| format!(" {}/{} ", grouped(last as u64), grouped(text.row_count() as u64)));
    let note = text.wanted.note.as_ref().map(|note| format!(" {} ", Printable::from_text(note)));
    let foot: String = note.into_iter().chain(place).collect::<Vec<_>>().join("─");
    let foot = (!foot.is_empty()).then(|| Line::styled(foot, theme.style(Role::Dim)));
    panel_with_foot(&format!(" {title} · {keys} "), foot, lines, theme, frame);
}
