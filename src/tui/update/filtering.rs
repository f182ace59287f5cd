//! The filter of the list: typing it, and applying it.

use super::{arrivals, field, moving};
use crate::core::filter::Filter;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

/// Handles a key while the filter is typed. The list follows each key.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, mut input: Input, previous: String) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter if model.events.filter_error.is_none() => return Vec::new(),
        KeyCode::Esc => return set(model, &previous),
        _ => field::edit(&mut input, key),
    }
    let effects = set(model, input.value());
    model.overlay = Some(Overlay::Filter { input, previous });
    effects
}

/// Filters by `text`. If it is invalid, shows the error and keeps the last valid filter.
pub(super) fn set(model: &mut Model, text: &str) -> Vec<Effect> {
    apply(model, text);
    moving::select_matching(model)
}

fn apply(model: &mut Model, text: &str) {
    let events = &mut model.events;
    text.clone_into(&mut events.filter_text);
    match Filter::parse(text) {
        Ok(filter) => {
            events.filter_error = None;
            events.filter = filter;
            arrivals::filter_all(model);
        }
        Err(error) => events.filter_error = Some(error),
    }
}
