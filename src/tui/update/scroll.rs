//! Scrolling in overlays.

use crate::tui::action::Action;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::Model;
use crossterm::event::KeyEvent;

/// The first visible line of an overlay after `action`. The caller limits it to the text.
pub(super) fn scrolled(top: usize, action: Action, page: usize) -> usize {
    match action {
        Action::MoveDown => top + 1,
        Action::MoveUp => top.saturating_sub(1),
        Action::PageDown | Action::HalfPageDown => top.saturating_add(page),
        Action::PageUp | Action::HalfPageUp => top.saturating_sub(page),
        Action::GoFirst => 0,
        Action::GoLast => usize::MAX,
        _ => top,
    }
}

/// Keys while a text is open that only scrolls: its first line afterwards, or `None` if it closes. `opener` opened it.
pub(super) fn in_text(model: &Model, key: KeyEvent, opener: Action, top: usize) -> Option<usize> {
    match keymap::action(&[Scope::Moving, Scope::Everywhere], key) {
        Some(Action::GoBack | Action::Quit) => None,
        Some(action) if action == opener => None,
        Some(action) => Some(scrolled(top, action, layout::over_height(model.size).max(1))),
        None => Some(top),
    }
}
