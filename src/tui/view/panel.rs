//! The parts of overlays: a framed panel in the middle of the screen, a field to type into, the lines of a menu.

use super::line::LineBuilder;
use crate::core::printable::Printable;
use crate::tui::help::Pieces;
use crate::tui::layout;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, BorderType, Clear};
use tui_input::Input;

/// Draws a bordered panel around `lines` in the middle of the screen. Returns the area inside.
pub(super) fn panel(title: &str, lines: Vec<Line<'static>>, theme: &Theme, frame: &mut Frame) -> Rect {
    panel_with_foot(title, None, lines, theme, frame)
}

/// Like [`panel`], with `foot` in the bottom border.
pub(super) fn panel_with_foot(
    title: &str,
    foot: Option<Line<'static>>,
    lines: Vec<Line<'static>>,
    theme: &Theme,
    frame: &mut Frame,
) -> Rect {
    let area = frame.area();
    let widest = lines.iter().chain(&foot).map(Line::width).max().unwrap_or(0).max(title.len());
    let width = u16::try_from(widest + 4).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let [column] = Layout::horizontal([Constraint::Length(width)]).flex(Flex::Center).areas(area);
    let [panel] = Layout::vertical([Constraint::Length(height)]).flex(Flex::Center).areas(column);
    let inner = framed(title, foot, panel, theme, frame);
    frame.render_widget(Text::from(lines), inner);
    inner
}

/// Clears `panel` and draws its border. Returns the area inside.
pub(super) fn framed(title: &str, foot: Option<Line<'static>>, panel: Rect, theme: &Theme, frame: &mut Frame) -> Rect {
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::FocusedBorder))
        .title_top(Line::styled(Printable::from_text(title).into_string(), theme.style(Role::Title)))
        .title_bottom(foot.unwrap_or_default());
    let inner = block.inner(panel);
    let inner = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    frame.render_widget(Clear, panel);
    frame.render_widget(block, panel);
    inner
}

/// `height` of `lines`, from `top` on; from earlier if the terminal has grown. All are padded to the widest line, so
/// that the panel keeps its width while it scrolls.
pub(super) fn filled(lines: &[Pieces], top: usize, height: usize, theme: &Theme, frame: &Frame) -> Vec<Line<'static>> {
    let columns = |line: &Pieces| line.iter().map(|(_, text)| text.chars().count()).sum();
    let widest = lines.iter().map(columns).max().unwrap_or(0).min(layout::over_width(frame.area().as_size()));
    let line = |pieces: &Pieces| {
        let mut line = LineBuilder::new(theme, widest);
        for (role, text) in pieces {
            line.put(*role, text);
        }
        line.build()
    };
    let top = top.min(lines.len().saturating_sub(height));
    lines.iter().skip(top).take(height).map(line).collect()
}

/// The field of an overlay that lists what matches it, in the first line of `area`. `hint` shows while it is empty.
pub(super) fn search_field(input: &Input, label: &str, hint: &str, area: Rect, theme: &Theme, frame: &mut Frame) {
    let line = Rect { height: 1.min(area.height), ..area };
    let mut text = LineBuilder::new(theme, line.width.into());
    text.put(Role::Key, label);
    let columns = u16::try_from(text.used()).unwrap_or(u16::MAX).min(line.width);
    if input.value().is_empty() {
        text.put(Role::Dim, hint);
    }
    frame.render_widget(text.build(), line);
    if !input.value().is_empty() {
        field(input, Rect { x: line.x + columns, width: line.width - columns, ..line }, frame);
    }
}

/// A text field with the terminal's cursor.
pub(super) fn field(input: &Input, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width.saturating_sub(1));
    let skip = input.visual_scroll(width);
    let text: String = input.value().chars().collect();
    let window = crate::core::printable::window(std::iter::once(((), text.as_bytes())), skip, width);
    frame.render_widget(
        Line::from_iter(window.pieces.into_iter().map(|(_, shown)| Span::raw(shown.into_string()))),
        area,
    );
    let column = input.visual_cursor().saturating_sub(skip).min(width);
    frame.set_cursor_position(Position::new(area.x + u16::try_from(column).unwrap_or(u16::MAX), area.y));
}
