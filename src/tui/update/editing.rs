//! Editing a body: open the editor, review the changes, send the result as a new event.

use super::scroll::scrolled;
use super::sending;
use crate::core::delivery::{Form, SigningPolicy};
use crate::core::event::Seq;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Order};
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Edit, Model, Overlay, Tone};
use bytes::Bytes;
use crossterm::event::{KeyCode, KeyEvent};

/// Opens the body of the selected event, if it is loaded.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let selected = model.events.selected;
    let loaded = model.detail.loaded.as_ref().filter(|loaded| Some(loaded.event.summary.seq) == selected);
    let Some(event) = loaded.map(|loaded| &loaded.event) else {
        model.say(Tone::Plain, "the event is still loading; try again");
        return Vec::new();
    };
    vec![Effect::OpenEditor { seq: event.summary.seq, body: event.body.clone() }]
}

pub(super) fn closed(model: &mut Model, seq: Seq, body: Bytes, saved: Result<Vec<u8>, String>) -> Vec<Effect> {
    match saved {
        Ok(text) => vec![Effect::ReadEdit { seq, body, text }],
        Err(why) => {
            model.say(Tone::Bad, why);
            Vec::new()
        }
    }
}

pub(super) fn read(model: &mut Model, edit: Edit) {
    if edit.changes.is_empty() {
        model.say(Tone::Plain, "no changes; nothing was sent");
    } else {
        model.overlay = Some(Overlay::Edited { edit, top: 0 });
    }
}

/// Handles a key while the changes are shown.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, edit: Edit, top: usize) -> Vec<Effect> {
    if key.code == KeyCode::Enter {
        // The user has looked at what is signed.
        let (form, policy) = (Form::Edited(edit.body), SigningPolicy::Any);
        return sending::send(model, Order::Event { seq: edit.seq, form, policy });
    }
    let page = layout::over_height(model.size).max(1);
    let top = match keymap::action(&[Scope::Moving, Scope::Everywhere], key) {
        Some(Action::GoBack | Action::Quit) => {
            model.say(Tone::Plain, "edit discarded; nothing was sent");
            return Vec::new();
        }
        Some(action) => scrolled(top, action, page),
        None => top,
    };
    model.overlay = Some(Overlay::Edited { edit, top });
    Vec::new()
}
