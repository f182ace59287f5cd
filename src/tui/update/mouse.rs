//! Clicks and the mouse wheel.

use super::moving::{apply, select, select_type};
use super::step::Step;
use super::{overlays, palette, payload, samples};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::list::{self, ListLine};
use crate::tui::model::{Model, Overlay, Pane, Tab};
use crate::tui::tabs;
use crate::tui::title;
use ratatui::layout::Position;

/// Lines per notch of the wheel.
const WHEEL_STEP: isize = 3;

pub(super) fn clicked(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    match model.overlay {
        Some(Overlay::Palette(_)) => return palette::clicked(model, column, row),
        Some(Overlay::Samples(_)) => return samples::clicked(model, column, row),
        Some(_) => return Vec::new(),
        None => {}
    }
    let Some((pane, line)) = pane_at(model, column, row) else { return Vec::new() };
    model.focus = pane;
    match (pane, line) {
        (Pane::Events, Some(line)) => {
            let shown = list::lines(model, model.events.top, line + 1);
            let Some(ListLine::Event(line)) = shown.get(line).copied() else { return Vec::new() };
            model.events.is_following = line + 1 == model.events.len();
            return select(model, model.events.row(line).seq);
        }
        (Pane::Types, Some(line)) => select_type(model, model.types.top + line),
        (Pane::Detail, _) => match tab_at(model, column, row) {
            Some(tab) => model.detail.tab = tab,
            None => {
                let text = layout::regions(model).detail_text();
                if let Some(line) = text.and_then(|text| row.checked_sub(text.y)) {
                    return payload::clicked(model, line.into());
                }
            }
        },
        (_, None) => {}
    }
    Vec::new()
}

pub(super) fn scrolled(model: &mut Model, column: u16, row: u16, is_down: bool) -> Vec<Effect> {
    let by = if is_down { WHEEL_STEP } else { -WHEEL_STEP };
    if model.overlay.is_some() {
        overlays::scrolled_by(model, by);
        return Vec::new();
    }
    let Some((pane, _)) = pane_at(model, column, row) else { return Vec::new() };
    if pane == Pane::Detail && model.detail.tab == Tab::Payload {
        payload::scroll(model, by);
        return Vec::new();
    }
    apply(model, pane, Step::Lines(by))
}

/// The pane at a cell, and the line below its rule (`None` on the rule).
fn pane_at(model: &Model, column: u16, row: u16) -> Option<(Pane, Option<usize>)> {
    let regions = layout::regions(model);
    [(Pane::Events, regions.events), (Pane::Types, regions.types), (Pane::Detail, regions.detail)].into_iter().find_map(
        |(pane, area)| {
            let area = area.filter(|area| area.contains(Position::new(column, row)))?;
            Some((pane, row.checked_sub(area.y + 1).map(usize::from)))
        },
    )
}

/// The tab at a cell.
fn tab_at(model: &Model, column: u16, row: u16) -> Option<Tab> {
    let (area, shown) = tabs::area(model, &layout::regions(model), title::columns(model))?;
    if row != area.y {
        return None;
    }
    let column = usize::from(column.checked_sub(area.x)?);
    shown.iter().find(|tab| (tab.column..tab.column + tab.width()).contains(&column)).map(|tab| tab.tab)
}
