//! Draws the screen from the model. No I/O, clock or locks.

mod detail;
mod edited;
mod events;
mod filter;
mod footer;
mod header;
mod job;
mod line;
mod overlay;
mod overrides;
mod palette;
mod panel;
mod prompt;
mod rule;
mod samples;
mod secret;
mod shown_text;
mod start;
mod text_search;
mod types;

use super::layout;
use super::model::Model;
use super::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;

pub use line::grouped;

pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) {
    let regions = layout::regions(model).within(frame.area());
    header::draw(model, theme, regions.header, frame);
    header::draw_problems(model, theme, regions.problem, frame);
    footer::draw(model, theme, regions.footer, frame);
    rule::draw(model, theme, &regions, frame);
    if rule::is_start(model) {
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
        detail::draw(model, theme, &regions, frame);
    }
    overlay::draw(model, theme, frame);
    theme.paint(frame.buffer_mut());
}
