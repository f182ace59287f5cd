//! The palette: every action by name, with its key, found by typing.

use super::action::Action;
use super::chooser::Chooser;
use super::keymap::{self, Binding, Scope};
use super::matching::Match;
use super::panes::Pane;
use tui_input::Input;

/// The open palette.
#[derive(Debug)]
pub struct Palette {
    pub input: Input,
    /// The actions that match the input, the best first.
    pub entries: Vec<Entry>,
    pub at: Chooser,
}

/// An action in the palette.
#[derive(Debug)]
pub struct Entry {
    pub action: Action,
    /// The keys that do the same, as in `y c`.
    pub keys: String,
    pub name: String,
    /// The matched characters of the name, by number.
    pub places: Vec<usize>,
    /// Why it cannot act now.
    pub why_not: Option<String>,
}

impl Palette {
    /// The palette for what has been typed. `pane` has the focus: what it can do comes first.
    pub fn new(input: Input, pane: Pane, why_not: impl Fn(Action) -> Option<String>) -> Self {
        let query = input.value().trim();
        // Nobody looks for the arrows here.
        let (moving, acting): (Vec<_>, Vec<_>) = keymap::order(pane).partition(|scope| *scope == Scope::Moving);
        let scopes = acting.into_iter().chain(moving);
        let bindings = scopes.flat_map(keymap::of).filter(|binding| is_listed(binding.action));
        let mut found: Vec<_> = bindings.filter_map(|binding| Some((rank(binding, query)?, binding))).collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let entry = |((_, Match { places, .. }), binding): (_, &Binding)| Entry {
            action: binding.action,
            keys: with_openers(binding.scope, &keymap::names(&binding.keys)),
            name: name(binding),
            places,
            why_not: why_not(binding.action),
        };
        let entries = found.into_iter().map(entry).collect();
        Self { input, entries, at: Chooser::default() }
    }
}

/// Whether the palette can run it: not the palette itself, nor a digit of a number.
fn is_listed(action: Action) -> bool {
    !matches!(action, Action::ShowPalette | Action::CountOverrides | Action::FoldGroup)
}

/// Whether `query` is not the key itself, and how well it matches the name.
fn rank(binding: &Binding, query: &str) -> Option<(bool, Match)> {
    if binding.keys.iter().any(|key| with_openers(binding.scope, &key.name()) == query) {
        return Some((false, Match::find(query, &name(binding)).unwrap_or_default()));
    }
    Some((true, Match::find(query, &name(binding))?))
}

/// `c` in the copy menu is `y c`.
fn with_openers(scope: Scope, keys: &str) -> String {
    let openers = scope.openers().iter().map(|action| keymap::key_name(*action) + " ");
    openers.collect::<String>() + keys
}

fn name(binding: &Binding) -> String {
    let menu = match binding.scope {
        Scope::Everywhere | Scope::Moving | Scope::List => "",
        Scope::Detail => "payload: ",
        Scope::Copying => "copy: ",
        Scope::CopyingTest => "copy a test: ",
        Scope::CopyingHandler => "copy handler code: ",
        Scope::Sending => "send: ",
        Scope::Job => "job: ",
        Scope::Checks => "differences: ",
        Scope::Overrides => "override: ",
        Scope::Story => "story: ",
        Scope::Diff => "compare with: ",
    };
    format!("{menu}{}", binding.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Vec<(String, String)> {
        let palette = Palette::new(query.to_owned().into(), Pane::Events, |_| None);
        palette.entries.into_iter().map(|entry| (entry.keys, entry.name)).collect()
    }

    #[test]
    fn every_action_of_the_table_can_be_found_by_its_own_name() {
        for binding in keymap::BINDINGS.iter().filter(|binding| is_listed(binding.action)) {
            let (keys, _) = found(&name(binding)).swap_remove(0);
            assert_eq!(keys, with_openers(binding.scope, &keymap::names(&binding.keys)), "{}", name(binding));
        }
    }

    #[test]
    fn the_keys_of_an_action_find_it_first() {
        for (query, keys) in
            [("R", "R"), ("r", "r"), ("y c", "y c"), ("Ctrl-c", "Ctrl-c"), ("k", "↑ k"), ("d a", "d a")]
        {
            assert_eq!(found(query)[0].0, keys, "{query}");
        }
    }

    #[test]
    fn a_few_letters_find_an_action() {
        for (query, keys) in [("curl", "y c"), ("tamper", "d t"), ("drop", "a d"), ("quit", "q"), ("hdr", "y h")] {
            assert_eq!(found(query)[0].0, keys, "{query}: {:?}", found(query));
        }
        assert!(found("nothing like this").is_empty());
    }
}
