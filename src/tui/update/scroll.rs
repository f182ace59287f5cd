//! Scrolling in overlays.

use crate::tui::action::Action;

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
