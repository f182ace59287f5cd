//! The bottom line: the notice or the keys, and `FOLLOW` while new events get selected.

use super::line::LineBuilder;
use crate::tui::action::Action;
use crate::tui::keymap::{BINDINGS, Binding};
use crate::tui::model::{Model, Tone};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;

/// The keys that fit in `room` columns, each with its word, in table order. Help is always included.
fn shown_keys(room: usize) -> Vec<(String, &'static str)> {
    let width = |binding: &Binding, word: &str| binding.keys[0].name().chars().count() + word.len() + 3;
    let is_help = |binding: &&Binding| binding.action == Action::ShowHelp;
    let help = BINDINGS.iter().find(is_help).and_then(|binding| binding.footer.map(|word| width(binding, word)));
    let mut left = room.saturating_sub(help.unwrap_or_default());
    let mut shown = Vec::new();
    for binding in BINDINGS {
        let Some(word) = binding.footer else { continue };
        let needed = if is_help(&binding) { 0 } else { width(binding, word) };
        if needed <= left {
            left -= needed;
            shown.push((binding.keys[0].name(), word));
        }
    }
    shown
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let follow = if model.events.is_following { "FOLLOW " } else { "" };
    let width = usize::from(area.width);
    let mut line = LineBuilder::new(theme, width);
    if let Some(notice) = &model.notice {
        let role = match notice.tone {
            Tone::Good => Role::Good,
            Tone::Plain => Role::Text,
            Tone::Bad => Role::Bad,
        };
        line.put(Role::Text, " ").put(role, &notice.text);
    } else {
        for (key, word) in shown_keys(width.saturating_sub(follow.len() + 1)) {
            line.put(Role::Text, " ").put(Role::Key, &key).put(Role::Dim, &format!(" {word} "));
        }
    }
    line.put_right(&[(Role::Strong, follow.to_owned())]);
    frame.render_widget(line.build(), area);
}
