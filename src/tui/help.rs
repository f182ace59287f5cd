//! The table of keys laid out in lines: read by `update` for where the help ends, and by the views.

use super::keymap::{self, BINDINGS, Binding, Scope};
use super::layout;
use super::theme::Role;
use crate::core::diagnosis::broken;
use ratatui::layout::Size;

/// Columns of the keys in the help.
const KEY_COLUMNS: usize = 12;

/// A line in words of ours.
pub type Pieces = Vec<(Role, String)>;

/// The whole table, scope by scope; what the keys do is broken at `width` columns.
pub fn lines(width: usize) -> Vec<Pieces> {
    use Scope::{Copying, Everywhere, Job, List, Moving, Responding, Sending};
    let of_scope = |scope: Scope| {
        let title = vec![(Role::Title, scope.title().to_owned())];
        let bindings = of(scope).flat_map(move |binding| binding_lines(binding, KEY_COLUMNS, width));
        std::iter::once(title).chain(bindings).chain(std::iter::once(Vec::new()))
    };
    [Moving, List, Everywhere, Copying, Sending, Job, Responding].into_iter().flat_map(of_scope).collect()
}

/// The keys of `scope` as a menu: in words, or with little room a line for each, which may be cut.
pub fn menu(scope: Scope, size: Size) -> Vec<Pieces> {
    let within = |width| of(scope).flat_map(|binding| binding_lines(binding, 2, width)).collect::<Vec<_>>();
    let lines = within(layout::over_width(size));
    if lines.len() > layout::menu_height(size) { within(usize::MAX) } else { lines }
}

/// The keys of `scope`, in the order of the table.
pub fn of(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.scope == scope)
}

/// The keys of `binding`, right-aligned in `key_columns`, and what it does, each further line under the first.
pub fn binding_lines(binding: &Binding, key_columns: usize, width: usize) -> Vec<Pieces> {
    let label = format!("{:>key_columns$}  ", keymap::names(binding.keys));
    let rows = broken(&label, binding.help, width);
    rows.into_iter().map(|(keys, text)| vec![(Role::Key, keys), (Role::Text, text)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Pieces]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn no_line_is_wider_than_the_help() {
        for width in [36, 56, 76, 100] {
            let lines = text(&lines(width));
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:#?}");
        }
    }

    #[test]
    fn every_key_and_every_word_is_in_it() {
        let narrow = text(&lines(36)).concat().replace(' ', "");
        for binding in BINDINGS {
            let told = format!("{}{}", keymap::names(binding.keys), binding.help).replace(' ', "");
            assert!(narrow.contains(&told), "{told}");
        }
    }
}
