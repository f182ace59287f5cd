//! The filter field, on the rule of the list, and the line below it: what is wrong, or what is searched and what Tab completes.

use super::line::LineBuilder;
use super::panel::field;
use super::{events, rule};
use crate::core::filter::{FilterError, completions};
use crate::core::printable::Printable;
use crate::tui::layout;
use crate::tui::model::{FilterField, Model};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

/// The columns of the label before the field.
const LABEL: u16 = 2;

pub(super) fn draw(model: &Model, typed: &FilterField, theme: &Theme, frame: &mut Frame) {
    let regions = layout::regions(model).within(frame.area());
    let events = regions.events.unwrap_or(regions.footer);
    let area = regions.filter.unwrap_or(events);
    let place = events::place(model, theme, events);
    let width = area.width.saturating_sub(3 + u16::try_from(place.width()).unwrap_or(u16::MAX));
    rule::rule(theme, area, true, Line::default(), place, frame);
    let line = Rect { x: area.x + 1.min(area.width), width, height: 1.min(area.height), ..area };
    let [label, text] = Layout::horizontal([Constraint::Length(LABEL), Constraint::Fill(1)]).areas(line);
    frame.render_widget(Clear, line);
    frame.render_widget(Line::styled("/ ", theme.style(Role::Key)), label);
    field(&typed.input, text, frame);
    let below = regions.filter.map(|_| Rect { height: 1.min(events.height), ..events });
    match (below, &model.events.filter_error) {
        (Some(below), Some(error)) => {
            let skipped = typed.input.visual_scroll(text.width.saturating_sub(1).into());
            let start = usize::from(text.x.saturating_sub(below.x));
            let column = (start + columns_before(typed.input.value(), error)).saturating_sub(skipped).max(start);
            put(pointed(theme, error, column, below.width.into()), below, frame);
        }
        (Some(below), None) => put(hint(model, typed, theme, below.width.into()), below, frame),
        (None, Some(error)) => rule::ended(theme, Role::Bad, &error.to_string(), regions.rule, frame),
        (None, None) => {}
    }
}

fn put(line: Line<'_>, area: Rect, frame: &mut Frame) {
    frame.render_widget(Clear, area);
    frame.render_widget(line, area);
}

/// The columns of `text` before the error.
fn columns_before(text: &str, error: &FilterError) -> usize {
    let before: String = text.chars().take(error.column - 1).collect();
    Printable::from_bytes(before.as_bytes()).width()
}

/// The error with a `^` in `column`, on the side of it that has more room.
fn pointed(theme: &Theme, error: &FilterError, column: usize, width: usize) -> Line<'static> {
    let text = error.to_string();
    let length = text.chars().count();
    let column = column.min(width.saturating_sub(1));
    let (left, right) = (column.saturating_sub(1), width.saturating_sub(column + 2));
    let mut line = LineBuilder::new(theme, width);
    if right >= length || right >= left {
        line.put(Role::Bad, &" ".repeat(column)).put(Role::Bad, "^ ").put_foreign(Role::Bad, &text, right);
    } else {
        line.put(Role::Bad, &" ".repeat(left.saturating_sub(length))).put_foreign(Role::Bad, &text, left);
        line.put(Role::Bad, " ^");
    }
    line.build()
}

/// What Tab completes and what the term at the cursor searches.
fn hint(model: &Model, typed: &FilterField, theme: &Theme, width: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Text, " ");
    if let Some(completing) = &typed.completing {
        // The shown one is always in view.
        for (place, text) in completing.texts.iter().enumerate().skip(completing.at.saturating_sub(1)) {
            let role = if place == completing.at { Role::Key } else { Role::Dim };
            line.put_foreign(role, text, usize::MAX).put(Role::Text, "  ");
        }
        return line.build();
    }
    let found = completions(typed.input.value(), typed.cursor(), &model.events.index, &model.setup.saved_filters);
    line.put(Role::Dim, "searches ").put_foreign(Role::Dim, &found.searched, usize::MAX);
    if let [first, others @ ..] = &found.texts[..] {
        line.put(Role::Dim, " · ").put(Role::Key, "Tab").put(Role::Dim, " ").put_foreign(Role::Dim, first, usize::MAX);
        for other in others.iter().take(8) {
            line.put(Role::Dim, ", ").put_foreign(Role::Dim, other, usize::MAX);
        }
    }
    line.build()
}
