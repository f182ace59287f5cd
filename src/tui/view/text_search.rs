//! The field of the search in the detail pane, on the rule of the pane.

use super::panel::field;
use crate::tui::layout;
use crate::tui::model::{Model, TextSearch};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;
use tui_input::Input;

pub(super) fn draw(model: &Model, input: &Input, theme: &Theme, frame: &mut Frame) {
    let regions = layout::regions(model).within(frame.area());
    let area = regions.detail.unwrap_or(regions.footer);
    let is_none = |search: &&TextSearch| search.hits.as_ref().is_some_and(|hits| hits.offsets.is_empty());
    let search = model.detail.shown_search();
    let count = search.map(|search| format!(" {} ", search.count())).unwrap_or_default();
    let role = if search.as_ref().is_some_and(is_none) { Role::Bad } else { Role::Strong };
    let count_width = u16::try_from(count.chars().count()).unwrap_or(u16::MAX);
    let line =
        Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), height: 1.min(area.height), ..area };
    frame.render_widget(Clear, line);
    let [label, text, place] =
        Layout::horizontal([Constraint::Length(2), Constraint::Fill(1), Constraint::Length(count_width)]).areas(line);
    frame.render_widget(Line::styled("/ ", theme.style(Role::Key)), label);
    frame.render_widget(Line::styled(count, theme.style(role)), place);
    field(input, text, frame);
}
