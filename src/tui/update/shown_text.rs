//! A text in an overlay: opening it, keys, and laying it out again when the terminal changes its width.

use super::scroll::in_text;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay};
use crate::tui::shown_text::{ShownText, TextWanted};
use bytes::Bytes;
use crossterm::event::KeyEvent;

/// Shows `value` in full.
pub(super) fn show_value(model: &Model, title: String, value: Bytes) -> Vec<Effect> {
    let columns = layout::over_width(model.size);
    vec![Effect::LayOut(TextWanted { title, bytes: value, is_value: true, note: None, columns })]
}

/// The text is laid out. Opens it, unless the user has opened something else meanwhile.
pub(super) fn laid_out(model: &mut Model, text: Box<ShownText>) {
    let top = match &model.overlay {
        None => 0,
        Some(Overlay::Text { text: before, top }) => text.row_of(before, *top),
        Some(_) => return,
    };
    model.overlay = Some(Overlay::Text { text, top });
}

pub(super) fn pressed(model: &mut Model, key: KeyEvent, text: Box<ShownText>, top: usize) -> Vec<Effect> {
    let top = in_text(model, key, Action::Open, top);
    model.overlay = top.map(|top| Overlay::Text { text, top });
    Vec::new()
}

/// Lays the open text out again if the terminal has another width.
pub(super) fn next(model: &mut Model) -> Vec<Effect> {
    let columns = layout::over_width(model.size);
    let Some(Overlay::Text { text, .. }) = &mut model.overlay else { return Vec::new() };
    if text.asked == columns {
        return Vec::new();
    }
    text.asked = columns;
    vec![Effect::LayOut(TextWanted { columns, ..text.wanted.clone() })]
}
