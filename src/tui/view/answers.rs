//! The menu of answers, and the field in which one is written.

use super::overlay::{binding_line, field, panel};
use crate::core::answer::AnswerSetting;
use crate::core::diagnosis::broken;
use crate::core::shown::Shown;
use crate::tui::keymap::{self, BINDINGS, Binding, Scope};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

/// Columns of the field, where there is room.
const FIELD: u16 = 66;
/// Rows beneath the field.
const ROWS: usize = 3;
/// Columns of a key and its word where the menu has little room.
const SHORT: usize = 9;

/// The menu; with little room a word for each key instead of a line.
pub(super) fn menu(next: u32, theme: &Theme, frame: &mut Frame) {
    let title = match next {
        0 => " Answers · until changed ".to_owned(),
        1 => " Answers · the next event ".to_owned(),
        next => format!(" Answers · the next {next} events "),
    };
    let bindings: Vec<&Binding> = BINDINGS.iter().filter(|binding| binding.scope == Scope::Answering).collect();
    let area = frame.area();
    let lines = if usize::from(area.height) >= bindings.len() + 2 {
        bindings.into_iter().map(|binding| binding_line(binding, 3, theme)).collect()
    } else {
        let columns = (usize::from(area.width).saturating_sub(4) / SHORT).clamp(1, 6);
        bindings.chunks(columns).map(|row| short_line(row, theme)).collect()
    };
    panel(&title, lines, theme, frame);
}

/// `o 200    c 201    …`: the first word of each help is enough to tell them apart.
fn short_line(bindings: &[&Binding], theme: &Theme) -> Line<'static> {
    let spans = bindings.iter().flat_map(|binding| {
        let key = keymap::names(binding.keys);
        let word = binding.help.split([' ', ',', ':']).next().unwrap_or_default();
        let width = SHORT.saturating_sub(key.chars().count() + 1);
        [Span::styled(key, theme.style(Role::Key)), Span::styled(format!(" {word:width$}"), theme.style(Role::Text))]
    });
    Line::from_iter(spans)
}

/// The field with what its text means, or where it is wrong.
pub(super) fn text_field(input: &Input, theme: &Theme, frame: &mut Frame) {
    let width = FIELD.min(frame.area().width.saturating_sub(4));
    let (role, text, warning) = match input.value().parse::<AnswerSetting>() {
        _ if input.value().trim().is_empty() => {
            (Role::Dim, "for example `503 delay:3s next:2 type:user.*`, `drop next:1`, `201 slow:8s`".to_owned(), None)
        }
        Ok(setting) if setting.is_default() => (Role::Text, "every event is answered by the rules".to_owned(), None),
        Ok(setting) => (Role::Text, setting.sentence(), setting.warning()),
        Err(error) => (Role::Bad, error.to_string(), None),
    };
    let rows = |role: Role, text: &str| {
        let style = theme.style(role);
        let rows = broken("", text, width.into()).into_iter();
        rows.map(move |(_, row)| Line::styled(Shown::from_text(&row).into_string(), style)).collect::<Vec<_>>()
    };
    let mut lines = vec![Line::raw(" ".repeat(width.into()))];
    lines.extend(rows(role, &text).into_iter().chain(warning.into_iter().flat_map(|text| rows(Role::Warning, text))));
    lines.resize(ROWS + 1, Line::default());
    let area = panel(" Answer · Enter sets it, Esc leaves ", lines, theme, frame);
    field(input, Rect { height: 1.min(area.height), ..area }, frame);
}
