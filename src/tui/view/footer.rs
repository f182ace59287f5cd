//! The bottom line: the keys of what has the focus, and whether new events get selected.

use super::line::{LineBuilder, grouped};
use crate::tui::action::Action;
use crate::tui::keymap::{self, Binding};
use crate::tui::model::{Model, Overlay, Saving};
use crate::tui::prompt::Question;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;

/// The keys that fit in `room` columns, each with its word, in table order. Help is always included.
fn shown_keys(model: &Model, room: usize) -> Vec<(String, &'static str)> {
    let scopes = keymap::scopes(model.focus);
    let is_offered = |binding: &Binding| {
        scopes.contains(&binding.scope) && binding.footer_panes.is_none_or(|panes| panes.contains(&model.focus))
    };
    let offered = keymap::table().iter().filter(|binding| is_offered(binding));
    let offered: Vec<_> = offered
        .filter_map(|binding| Some((binding.action == Action::ShowHelp, binding.keys.first()?.name(), binding.footer?)))
        .collect();
    let width = |key: &str, word: &str| key.chars().count() + word.len() + 3;
    let help = offered.iter().find(|(is_help, ..)| *is_help).map(|(_, key, word)| width(key, word));
    let mut left = room.saturating_sub(help.unwrap_or_default());
    let mut shown = Vec::new();
    for (is_help, key, word) in offered {
        let needed = if is_help { 0 } else { width(&key, word) };
        if needed <= left {
            left -= needed;
            shown.push((key, word));
        }
    }
    shown
}

/// The keys of the open text field or question.
fn overlay_keys(overlay: &Overlay) -> Vec<(String, &'static str)> {
    let keys: &[(&str, &str)] = match overlay {
        Overlay::Filter(_) => {
            &[("Enter", "keep"), ("Esc", "back"), ("Tab", "complete"), ("↑", "earlier filters"), ("Ctrl-u", "clear")]
        }
        Overlay::Search { .. } => &[("Enter", "keep"), ("Esc", "back"), ("Ctrl-u", "clear")],
        Overlay::Secret { .. } => &[("Enter", "add"), ("Esc", "cancel")],
        Overlay::SaveSecret(Saving::Planned(_)) => &[("y", "save"), ("Esc", "cancel")],
        Overlay::SaveSecret(_) => &[("Esc", "cancel")],
        Overlay::Prompt { question: Question::Target { .. }, .. } => {
            &[("Enter", "accept"), ("Esc", "cancel"), ("↑", "earlier targets"), ("Ctrl-u", "clear")]
        }
        Overlay::Prompt { .. } => &[("Enter", "accept"), ("Esc", "cancel"), ("Ctrl-u", "clear")],
        Overlay::Edited { .. } => &[("Enter", "sign and send"), ("Esc", "discard")],
        Overlay::ConfirmClear { .. } => &[("y", "delete"), ("Esc", "cancel")],
        Overlay::Checks { .. } => &[("a", "accept"), ("A", "accept all"), ("Esc", "close")],
        Overlay::Piping { .. } => &[("Ctrl-c", "end it")],
        Overlay::ConfirmRehearsals { .. } => &[("y", "send"), ("Esc", "cancel")],
        Overlay::Leftovers => &[("x", "never"), ("Esc", "later")],
        Overlay::ConfirmQuit { .. } => &[("y", "quit"), ("Esc", "stay")],
        Overlay::Samples(_) => &[("Enter", "send"), ("Ctrl-t", "to the target"), ("Esc", "close"), ("Ctrl-u", "clear")],
        Overlay::Palette(_) => &[("Enter", "run"), ("Esc", "close"), ("Ctrl-u", "clear")],
        Overlay::Help { .. }
        | Overlay::Reason { .. }
        | Overlay::Menu { .. }
        | Overlay::Overrides { .. }
        | Overlay::Job { .. }
        | Overlay::Text { .. }
        | Overlay::Coverage { .. } => &[("Esc", "close")],
    };
    keys.iter().map(|(key, word)| ((*key).to_owned(), *word)).collect()
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let follow = match model.events.unseen {
        _ if model.events.is_following => "▼ FOLLOW ".to_owned(),
        0 => String::new(),
        unseen => format!("▼ {} new ", grouped(unseen as u64)),
    };
    let width = usize::from(area.width);
    let mut line = LineBuilder::new(theme, width);
    let keys = match &model.overlay {
        Some(overlay) => overlay_keys(overlay),
        None => shown_keys(model, width.saturating_sub(follow.chars().count() + 1)),
    };
    for (key, word) in keys {
        line.put(Role::Text, " ").put(Role::Key, &key).put(Role::Dim, &format!(" {word} "));
    }
    line.put_right(&[(Role::Strong, follow)]);
    frame.render_widget(line.build(), area);
}
