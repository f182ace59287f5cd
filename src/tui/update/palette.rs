//! The palette: typing, choosing and running an action.

use super::{actions, field};
use crate::tui::available::{self, why_not};
use crate::tui::chooser::Chooser;
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay};
use crate::tui::palette::Palette;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Position;
use tui_input::Input;

/// Lists the actions that match `input`.
pub(super) fn open(model: &mut Model, input: Input) {
    model.overlay = Some(Overlay::Palette(available::palette(model, input)));
}

/// Handles a key while the palette is open.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, mut palette: Palette) -> Vec<Effect> {
    let height = height(model);
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => return run(model, palette),
        _ => {}
    }
    let Some(by) = Chooser::step(key, height) else {
        field::edit(&mut palette.input, key);
        open(model, palette.input);
        return Vec::new();
    };
    palette.at.go(by, palette.entries.len(), height);
    model.overlay = Some(Overlay::Palette(palette));
    Vec::new()
}

/// Runs the action at a cell of the open palette.
pub(super) fn clicked(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let area = layout::palette_entries(model.size);
    if !area.contains(Position::new(column, row)) {
        return Vec::new();
    }
    let Some(Overlay::Palette(mut palette)) = model.overlay.take() else { return Vec::new() };
    let entry = palette.at.first_visible(palette.entries.len(), area.height.into()) + usize::from(row - area.y);
    if entry >= palette.entries.len() {
        model.overlay = Some(Overlay::Palette(palette));
        return Vec::new();
    }
    palette.at.selected = entry;
    run(model, palette)
}

/// Moves the selection of the open palette.
pub(super) fn scrolled(model: &mut Model, by: isize) {
    let height = height(model);
    if let Some(Overlay::Palette(palette)) = &mut model.overlay {
        palette.at.go(by, palette.entries.len(), height);
    }
}

/// Runs the selected action. The palette stays open if nothing matches, or if the action cannot act now: it shows why.
fn run(model: &mut Model, palette: Palette) -> Vec<Effect> {
    match palette.entries.get(palette.at.selected) {
        Some(entry) if why_not(model, entry.action, model.events.selected).is_none() => {
            actions::act(model, entry.action)
        }
        _ => {
            model.overlay = Some(Overlay::Palette(palette));
            Vec::new()
        }
    }
}

fn height(model: &Model) -> usize {
    layout::palette_entries(model.size).height.into()
}
