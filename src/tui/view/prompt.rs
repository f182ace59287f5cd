//! A text field with the meaning of its text, or what is wrong with it.

use super::panel::{field, panel};
use crate::core::diagnosis::broken;
use crate::core::printable::Printable;
use crate::tui::model::Model;
use crate::tui::prompt::{Question, Recall};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tui_input::Input;

/// The columns of the field, if there is room.
const FIELD: u16 = 70;
/// The fewest rows below the field, so that it does not move while the text changes.
const ROWS: usize = 3;
/// The rows of the panel's borders, the header and the footer, which stay visible.
const BORDERS: usize = 4;

pub(super) fn draw(
    model: &Model,
    question: &Question,
    (input, recall): (&Input, &Recall),
    theme: &Theme,
    frame: &mut Frame,
) {
    let width = FIELD.min(frame.area().width.saturating_sub(4));
    let rows = |role: Role, text: &str| {
        let style = theme.style(role);
        let rows = broken("", text, width.into()).into_iter();
        rows.map(move |(_, row)| Line::styled(Printable::from_text(&row).into_string(), style)).collect::<Vec<_>>()
    };
    let mut lines = vec![Line::raw(" ".repeat(width.into()))];
    if !input.value().trim().is_empty() {
        match question.meaning(input.value()) {
            Ok(meaning) => {
                lines.extend(rows(Role::Text, &meaning.sentence));
                lines.extend(meaning.warning.into_iter().flat_map(|warning| rows(Role::Warning, warning)));
            }
            Err(why) => lines.extend(rows(Role::Bad, &why)),
        }
    }
    let example = rows(Role::Dim, &question.example());
    if lines.len() + example.len() + BORDERS <= frame.area().height.into() {
        lines.extend(example);
    }
    lines.resize(lines.len().max(ROWS + 1), Line::default());
    let area = panel(&format!(" {} ", question.title(model.setup.target.as_ref())), lines, theme, frame);
    let line = Rect { height: 1.min(area.height), ..area };
    field(input, line, frame);
    if recall.is_fresh {
        // What is typed replaces it.
        let width = input.visual_cursor().min(line.width.into());
        let chosen = Rect { width: u16::try_from(width).unwrap_or(line.width), ..line };
        frame.buffer_mut().set_style(chosen, theme.style(Role::Selection));
    }
}
