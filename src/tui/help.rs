//! The key help as lines of text. The views draw it; `update` uses its length to limit scrolling.

use super::keymap::{self, Binding, Scope};
use super::layout;
use super::matching::Match;
use super::panes::Pane;
use super::theme::Role;
use crate::core::diagnosis::broken;
use ratatui::layout::Size;

/// Columns of the keys in the help.
const KEY_COLUMNS: usize = 12;

/// A line of hookglass's own text (nothing from outside).
pub(crate) type Pieces = Vec<(Role, String)>;

/// The bindings that match `query`, scope by scope, wrapped at `width` columns. Those of `pane` come first.
pub fn lines(pane: Pane, query: &str, width: usize) -> Vec<Pieces> {
    let mut lines = Vec::new();
    for scope in keymap::order(pane) {
        let bindings: Vec<_> = keymap::of(scope).filter(|binding| is_found(binding, query)).collect();
        if bindings.is_empty() {
            continue;
        }
        lines.push(vec![(Role::Title, scope.title())]);
        lines.extend(bindings.into_iter().flat_map(|binding| binding_lines(binding, KEY_COLUMNS, width)));
        lines.push(Vec::new());
    }
    // No line between the last binding and the border.
    lines.pop();
    if lines.is_empty() {
        lines.push(vec![(Role::Dim, "no key matches".to_owned())]);
    }
    lines
}

/// Whether every word of `query` is in the keys, the text or the title of the scope.
fn is_found(binding: &Binding, query: &str) -> bool {
    let text = format!("{} {} {}", keymap::names(&binding.keys), binding.help, binding.scope.title());
    Match::find(query, &text).is_some_and(|found| !found.is_scattered())
}

/// The bindings of `scope` as a menu. On a low terminal each takes one line, which may be truncated.
pub fn menu(scope: Scope, size: Size) -> Vec<Pieces> {
    let within = |width| keymap::of(scope).flat_map(|binding| binding_lines(binding, 2, width)).collect::<Vec<_>>();
    let lines = within(layout::over_width(size));
    if lines.len() > layout::menu_height(size) { within(usize::MAX) } else { lines }
}

/// The keys of `binding`, right-aligned in `key_columns`, then its help text with a hanging indent.
pub(crate) fn binding_lines(binding: &Binding, key_columns: usize, width: usize) -> Vec<Pieces> {
    let label = format!("{:>key_columns$}  ", keymap::names(&binding.keys));
    let rows = broken(&label, binding.help, width);
    rows.into_iter().map(|(keys, text)| vec![(Role::Key, keys), (Role::Text, text)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::BINDINGS;

    fn text(lines: &[Pieces]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn no_line_is_wider_than_the_help() {
        for width in [36, 56, 76, 100] {
            let lines = text(&lines(Pane::Events, "", width));
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:#?}");
        }
    }

    #[test]
    fn the_help_lists_every_key_and_its_text() {
        let narrow = text(&lines(Pane::Events, "", 36)).concat().replace(' ', "");
        for binding in BINDINGS {
            let entry = format!("{}{}", keymap::names(&binding.keys), binding.help).replace(' ', "");
            assert!(narrow.contains(&entry), "{entry}");
        }
    }

    #[test]
    fn the_help_begins_with_what_the_focused_pane_can_do() {
        for (pane, title) in [(Pane::Events, Scope::List), (Pane::Types, Scope::List), (Pane::Detail, Scope::Detail)] {
            assert_eq!(text(&lines(pane, "", 80))[0], title.title());
        }
    }

    #[test]
    fn typing_keeps_the_keys_whose_text_has_every_word() {
        let found = |query| text(&lines(Pane::Events, query, 80));
        assert_eq!(found("curl"), ["copy: `y`, then", "           c  curl command that sends the event again"]);
        assert_eq!(found("Clear  MARKS"), ["events and types panes", "           M  clear all marks"]);
        assert_eq!(found("Ctrl-z").len(), 2);
        assert_eq!(found("no such key"), ["no key matches"]);
    }
}
