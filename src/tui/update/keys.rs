//! Keys to actions, and the actions that no other file handles.

use super::{editing, jobs, moving, overlays, overrides, sending};
use crate::core::delivery::Form;
use crate::core::filter;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, Pane, Tone};
use crossterm::event::KeyEvent;

pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if model.overlay.is_some() {
        return overlays::pressed(model, key);
    }
    match keymap::action(keymap::scopes(model.focus), key) {
        Some(action) => act(model, action),
        None => Vec::new(),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::ShowHelp => model.overlay = Some(Overlay::Help { top: 0 }),
        Action::Quit => return vec![Effect::CountForwards],
        Action::QuitNow => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::GoBack => return go_back(model),
        Action::FocusNext => focus(model, 1),
        Action::FocusPrevious => focus(model, -1),
        Action::ShowTab(tab) => model.detail.tab = tab,
        Action::ToggleZoom => model.is_zoomed = !model.is_zoomed,
        Action::ToggleTypes => toggle_types(model),
        Action::ToggleMouse => {
            model.is_mouse_captured = !model.is_mouse_captured;
            let key = keymap::key_name(action);
            model.say(
                Tone::Plain,
                if model.is_mouse_captured {
                    format!("mouse captured; press `{key}` to select text in the terminal")
                } else {
                    format!("mouse released; press `{key}` to capture it again")
                },
            );
            return vec![Effect::CaptureMouse(model.is_mouse_captured)];
        }
        Action::ToggleFollow => {
            model.events.is_following = !model.events.is_following;
            if model.events.is_following {
                return moving::select_newest(model);
            }
        }
        Action::NextInvalid | Action::PreviousInvalid => {
            if selected_or_say(model, "select") {
                return moving::select_invalid(model, action == Action::NextInvalid);
            }
        }
        Action::LaterAttempt | Action::EarlierAttempt => {
            return moving::select_attempt(model, action == Action::LaterAttempt);
        }
        Action::ToggleMark => {
            if selected_or_say(model, "mark") {
                return moving::toggle_mark(model);
            }
        }
        Action::ClearMarks => moving::clear_marks(model),
        Action::Open => return open(model),
        Action::EditFilter => {
            // The filter field is in the border of the list.
            if layout::regions(model).events.is_none() {
                model.focus = Pane::Events;
            }
            let previous = model.events.filter_text.clone();
            model.overlay = Some(Overlay::Filter { input: previous.clone().into(), previous });
        }
        Action::BeginCopy => {
            if selected_or_say(model, "copy") {
                model.overlay = overlays::menu(model, Scope::Copying);
            }
        }
        Action::Copy(what) => {
            return model.events.selected.map_or_else(Vec::new, |seq| sending::copy(model, seq, what));
        }
        Action::Redeliver => {
            if selected_or_say(model, "re-deliver") {
                return sending::redeliver(model, Form::Resigned);
            }
        }
        Action::RedeliverAsReceived => {
            if selected_or_say(model, "re-deliver") {
                return sending::redeliver(model, Form::AsReceived);
            }
        }
        Action::BeginSend => {
            if selected_or_say(model, "send") {
                model.overlay = overlays::menu(model, Scope::Sending);
            }
        }
        Action::Rehearse(_)
        | Action::RehearseAll
        | Action::Retry
        | Action::RedeliverMarked
        | Action::RedeliverListed
        | Action::SignAndSend
        | Action::ShowJob => {
            return model.events.selected.map_or_else(Vec::new, |seq| jobs::chosen(model, seq, action));
        }
        Action::StopJob => {}
        Action::Edit => {
            if selected_or_say(model, "edit") {
                return editing::open(model);
            }
        }
        Action::EnterTarget => sending::ask_target(model, None),
        Action::SendSample => return vec![Effect::SendSample],
        Action::EnterSecret => model.overlay = Some(Overlay::Secret { input: String::new().into() }),
        Action::BeginOverride => model.overlay = Some(Overlay::Overrides { next: 0 }),
        Action::CountOverrides => {}
        Action::ChooseOverride(choice) => return overrides::chosen(model, choice, 0),
        Action::MoveUp
        | Action::MoveDown
        | Action::MoveLeft
        | Action::MoveRight
        | Action::PageUp
        | Action::PageDown
        | Action::HalfPageUp
        | Action::HalfPageDown
        | Action::GoFirst
        | Action::GoLast => return moving::moved(model, action),
    }
    Vec::new()
}

/// Whether an event is selected. Otherwise shows a notice that there is none to `verb`.
fn selected_or_say(model: &mut Model, verb: &str) -> bool {
    let is_selected = model.events.selected_row().is_some();
    if !is_selected {
        let key = keymap::key_name(Action::SendSample);
        model.say(Tone::Plain, format!("no event to {verb} yet; press `{key}` to send a sample"));
    }
    is_selected
}

fn go_back(model: &mut Model) -> Vec<Effect> {
    if model.notice.take().is_some() {
        return Vec::new();
    }
    if model.is_zoomed {
        model.is_zoomed = false;
    } else if model.focus != Pane::Events {
        model.focus = Pane::Events;
    } else if !model.events.filter_text.is_empty() {
        return overlays::set_filter(model, "");
    }
    Vec::new()
}

fn focus(model: &mut Model, by: i8) {
    let panes: &[Pane] =
        if model.types.is_shown { &[Pane::Events, Pane::Types, Pane::Detail] } else { &[Pane::Events, Pane::Detail] };
    let at = panes.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    let next = (at + panes.len()).saturating_add_signed(by.into()) % panes.len();
    model.focus = panes[next];
}

fn toggle_types(model: &mut Model) {
    model.types.is_shown = !model.types.is_shown;
    if model.types.is_shown {
        model.focus = Pane::Types;
    } else if model.focus == Pane::Types {
        model.focus = Pane::Events;
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Types => {
            let line = model.events.selected_type_line(&model.types);
            let Some(name) = model.events.index.types().nth(line).map(|seen| seen.name.to_owned()) else {
                return Vec::new();
            };
            model.focus = Pane::Events;
            overlays::set_filter(model, &filter::type_term(&name))
        }
        _ => {
            if selected_or_say(model, "open") {
                model.focus = Pane::Detail;
            }
            Vec::new()
        }
    }
}
