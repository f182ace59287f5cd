//! The menu of overrides.

use crate::tui::help;
use crate::tui::keymap::{self, Binding, Scope};
use crate::tui::layout;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::panel::{filled, panel};
use ratatui::Frame;
use ratatui::text::{Line, Span};

/// The columns of a key and its word in the short menu.
const SHORT: usize = 10;

/// The menu; on a low terminal with one word per key instead of one line.
pub(super) fn menu(next: u32, theme: &Theme, frame: &mut Frame) {
    let title = match next {
        0 => " Overrides · until changed ".to_owned(),
        1 => " Overrides · the next event ".to_owned(),
        next => format!(" Overrides · the next {next} events "),
    };
    let area = frame.area();
    let width = layout::over_width(area.as_size());
    let lines: Vec<_> = keymap::of(Scope::Overrides).flat_map(|each| help::binding_lines(each, 3, width)).collect();
    let lines = if usize::from(area.height) >= lines.len() + 2 {
        filled(&lines, 0, lines.len(), theme, frame)
    } else {
        let bindings: Vec<_> = keymap::of(Scope::Overrides).collect();
        let columns = (width / SHORT).clamp(1, 6);
        bindings.chunks(columns).map(|row| short_line(row, theme)).collect()
    };
    panel(&title, lines, theme, frame);
}

/// `o 200     c 201     …`: the first word of each help text is enough to tell them apart.
fn short_line(bindings: &[&Binding], theme: &Theme) -> Line<'static> {
    let spans = bindings.iter().flat_map(|binding| {
        let key = keymap::names(&binding.keys);
        let word = binding.help.split([' ', ',', ':']).next().unwrap_or_default();
        let width = SHORT.saturating_sub(key.chars().count() + 1);
        [Span::styled(key, theme.style(Role::Key)), Span::styled(format!(" {word:width$}"), theme.style(Role::Text))]
    });
    Line::from_iter(spans)
}
