//! Clicks and the mouse wheel.

use super::moving::{Step, apply, select, select_type};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Model, Pane, Tab};
use ratatui::layout::Position;

/// Lines per notch of the wheel.
const WHEEL_STEP: isize = 3;

pub(super) fn clicked(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    let Some((pane, line, column)) = pane_at(model, column, row) else { return Vec::new() };
    model.focus = pane;
    match pane {
        Pane::Events => {
            let line =
                line.and_then(|line| model.events.top.checked_add(line)).filter(|line| *line < model.events.len());
            let Some(line) = line else { return Vec::new() };
            model.events.is_following = line + 1 == model.events.len();
            select(model, model.events.row(line).seq)
        }
        Pane::Types => {
            if let Some(line) = line {
                select_type(model, model.types.top + line);
            }
            Vec::new()
        }
        Pane::Detail => {
            // The first line holds the tabs.
            if line == Some(0)
                && let Some(tab) = tab_at(column)
            {
                model.detail.tab = tab;
            }
            Vec::new()
        }
    }
}

pub(super) fn scrolled(model: &mut Model, column: u16, row: u16, is_down: bool) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    let Some((pane, ..)) = pane_at(model, column, row) else { return Vec::new() };
    apply(model, pane, Step::Lines(if is_down { WHEEL_STEP } else { -WHEEL_STEP }))
}

/// The pane at a cell, the line inside its border (`None` on the border), and the column from its left edge.
fn pane_at(model: &Model, column: u16, row: u16) -> Option<(Pane, Option<usize>, usize)> {
    let regions = layout::regions(model);
    [(Pane::Events, regions.events), (Pane::Types, regions.types), (Pane::Detail, regions.detail)].into_iter().find_map(
        |(pane, area)| {
            let area = area.filter(|area| area.contains(Position::new(column, row)))?;
            let is_inside = row > area.y && row + 1 < area.bottom();
            let line = is_inside.then(|| usize::from(row - area.y - 1));
            Some((pane, line, usize::from(column - area.x)))
        },
    )
}

/// The tab at a column of the tab line: a border, then ` 1 Title ` for each.
fn tab_at(column: usize) -> Option<Tab> {
    let mut end = 1;
    Tab::ALL.into_iter().find(|tab| {
        end += tab.title().len() + 4;
        column < end
    })
}
