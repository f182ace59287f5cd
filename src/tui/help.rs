//! The key help as lines of text. The views draw it; `update` uses its length to limit scrolling.

use super::keymap::{self, BINDINGS, Binding, Scope};
use super::layout;
use super::theme::Role;
use crate::core::diagnosis::broken;
use ratatui::layout::Size;

/// Columns of the keys in the help.
const KEY_COLUMNS: usize = 12;

/// The scopes in the order of the help.
pub const ORDER: [Scope; 7] = {
    use Scope::{Copying, Everywhere, Job, List, Moving, Overrides, Sending};
    [Moving, List, Everywhere, Copying, Sending, Job, Overrides]
};

/// A line of hookglass's own text (nothing from outside).
pub type Pieces = Vec<(Role, String)>;

/// All bindings, scope by scope, wrapped at `width` columns.
pub fn lines(width: usize) -> Vec<Pieces> {
    let of_scope = |scope: Scope| {
        let title = vec![(Role::Title, scope.title().to_owned())];
        let bindings = of(scope).flat_map(move |binding| binding_lines(binding, KEY_COLUMNS, width));
        std::iter::once(title).chain(bindings).chain(std::iter::once(Vec::new()))
    };
    ORDER.into_iter().flat_map(of_scope).collect()
}

/// The bindings of `scope` as a menu. On a low terminal each takes one line, which may be truncated.
pub fn menu(scope: Scope, size: Size) -> Vec<Pieces> {
    let within = |width| of(scope).flat_map(|binding| binding_lines(binding, 2, width)).collect::<Vec<_>>();
    let lines = within(layout::over_width(size));
    if lines.len() > layout::menu_height(size) { within(usize::MAX) } else { lines }
}

/// The bindings of `scope`, in the order of the table.
pub fn of(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.scope == scope)
}

/// The keys of `binding`, right-aligned in `key_columns`, then its help text with a hanging indent.
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
    fn the_help_lists_every_key_and_its_text() {
        let narrow = text(&lines(36)).concat().replace(' ', "");
        for binding in BINDINGS {
            let entry = format!("{}{}", keymap::names(binding.keys), binding.help).replace(' ', "");
            assert!(narrow.contains(&entry), "{entry}");
        }
    }
}
