//! `keys.md`: every key of the screen.

use super::table;
use hookglass::tui::keymap::{self, BINDINGS};
use hookglass::tui::panes::Pane;
use std::fmt::Write;

pub fn page() -> String {
    let mut page = "# Keys\n\nPress `?` on the screen for this list; type to filter it. Press `:` to find an action by its name and run it.\nA key that cannot act says why.\n".to_owned();
    for scope in keymap::order(Pane::Events) {
        let rows = keymap::of(scope).map(|binding| {
            let keys: Vec<_> = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect();
            let keys = match keys.as_slice() {
                [first, _, _, .., last] => format!("{first} to {last}"),
                keys => keys.join(", "),
            };
            let name = keymap::config_name(binding).map(|name| format!("`{name}`")).unwrap_or_default();
            [keys, capitalised(binding.help), name]
        });
        write!(
            page,
            "\n## {}\n\n{}",
            capitalised(&scope.title()),
            table(["Key", "Action", "Name in the configuration"], rows)
        )
        .unwrap();
    }
    page
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[test]
fn the_page_has_every_key() {
    let page = page();
    for binding in BINDINGS {
        // A table has no other place for `|`.
        let key = binding.keys[0].name().replace('|', "\\|");
        assert!(page.contains(&format!("`{key}`")), "{}", keymap::names(&binding.keys));
    }
}
