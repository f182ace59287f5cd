//! The choice of a sample: typing, choosing and sending one.

use super::field;
use crate::core::delivery::Target;
use crate::tui::action::Action;
use crate::tui::chooser::Chooser;
use crate::tui::effect::Effect;
use crate::tui::keymap::key_name;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, Tone};
use crate::tui::samples::Samples;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Position;
use tui_input::Input;

/// Lists the types that match `input`.
pub(super) fn open(model: &mut Model, input: Input) {
    model.overlay = Some(Overlay::Samples(Samples::new(input, model.recent.sample.as_deref())));
}

/// Handles a key while the list is open.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, mut samples: Samples) -> Vec<Effect> {
    let height = height(model);
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => return send(model, samples, None),
        KeyCode::Char('t') if is_control => return send_to_target(model, samples),
        _ => {}
    }
    let Some(by) = Chooser::step(key, height) else {
        field::edit(&mut samples.input, key);
        open(model, samples.input);
        return Vec::new();
    };
    samples.at.go(by, samples.entries.len(), height);
    model.overlay = Some(Overlay::Samples(samples));
    Vec::new()
}

/// Sends the sample at a cell of the list.
pub(super) fn clicked(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let area = layout::palette_entries(model.size);
    let Some(Overlay::Samples(mut samples)) = model.overlay.take() else { return Vec::new() };
    let first = samples.at.first_visible(samples.entries.len(), area.height.into());
    let place = first + usize::from(row.saturating_sub(area.y));
    if area.contains(Position::new(column, row)) && place < samples.entries.len() {
        samples.at.selected = place;
        return send(model, samples, None);
    }
    if layout::palette(model.size).contains(Position::new(column, row)) {
        model.overlay = Some(Overlay::Samples(samples));
    }
    Vec::new()
}

/// Moves the selection of the open list.
pub(super) fn scrolled(model: &mut Model, by: isize) {
    let height = height(model);
    if let Some(Overlay::Samples(samples)) = &mut model.overlay {
        samples.at.go(by, samples.entries.len(), height);
    }
}

fn send_to_target(model: &mut Model, samples: Samples) -> Vec<Effect> {
    let target = model.setup.first_target().cloned();
    if target.is_none() {
        model.say(Tone::Plain, format!("no target yet; press `{}` to set one", key_name(Action::EnterTarget)));
        return Vec::new();
    }
    send(model, samples, target)
}

/// Sends the selected sample. The list stays open if nothing matches.
fn send(model: &mut Model, samples: Samples, target: Option<Target>) -> Vec<Effect> {
    let Some(event_type) = samples.selected() else {
        model.overlay = Some(Overlay::Samples(samples));
        return Vec::new();
    };
    model.recent.sample = Some(event_type.name.clone());
    model.is_recent_changed = true;
    vec![Effect::SendSample { event_type, target }]
}

pub(super) fn sent(model: &mut Model, event_type: &str, target: Option<&Target>, status: u16) {
    let is_good = (200..300).contains(&status);
    let who = target.map_or_else(|| "hookglass".to_owned(), |target| target.address());
    model.say(
        if is_good { Tone::Good } else { Tone::Bad },
        format!("sample `{event_type}` sent; {who} responded {status}"),
    );
}

fn height(model: &Model) -> usize {
    layout::palette_entries(model.size).height.into()
}
