//! Draws the screen from the model. No I/O, clock or locks.

mod detail;
mod edited;
mod events;
mod footer;
mod header;
mod job;
mod line;
mod overlay;
mod overrides;
mod panel;
mod prompt;
mod start;
mod types;

use super::layout;
use super::model::{Model, Pane};
use super::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType};

pub use line::grouped;

pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) {
    let regions = layout::regions(model).within(frame.area());
    header::draw(model, theme, regions.header, frame);
    header::draw_problems(model, theme, regions.problem, frame);
    footer::draw(model, theme, regions.footer, frame);
    if model.events.index.is_empty() && !model.events.is_history_loading {
        let body = [regions.events, regions.types, regions.detail].into_iter().flatten().reduce(Rect::union);
        if let Some(body) = body {
            start::draw(model, theme, body, frame);
        }
    } else {
        if let Some(area) = regions.events {
            events::draw(model, theme, area, frame);
        }
        if let Some(area) = regions.types {
            types::draw(model, theme, area, frame);
        }
        if let Some(area) = regions.detail {
            detail::draw(model, theme, area, frame);
        }
    }
    overlay::draw(model, theme, frame);
}

/// The border of a pane with its title; brighter if the pane has the focus.
fn pane_block<'a>(model: &Model, theme: &Theme, pane: Pane, title: Line<'a>) -> Block<'a> {
    let role = if model.focus == pane && model.overlay.is_none() { Role::FocusedBorder } else { Role::Border };
    Block::bordered().border_type(BorderType::Rounded).border_style(theme.style(role)).title_top(title)
}
