//! The table of keys with the user's changes.

use super::key::Key;
use super::{BINDINGS, Binding, Scope, scopes};
use crate::core::nearest::nearest;
use crate::core::rebinding::Rebinding;
use crate::tui::action::Action;
use crate::tui::panes::Pane;
use std::borrow::Cow;

/// Why the user's keys cannot be used, with the line of the configuration file.
#[derive(Debug, PartialEq, Eq)]
pub struct RebindError {
    pub line: usize,
    pub why: String,
}

/// [`BINDINGS`] with the keys of `changes`.
///
/// # Errors
/// When a change names no action or no key, or gives two actions of one pane the same key.
pub fn rebound(changes: &[Rebinding]) -> Result<Vec<Binding>, RebindError> {
    let mut bindings = BINDINGS.to_vec();
    for Rebinding { action, keys, line } in changes {
        let failed = |why| RebindError { line: *line, why };
        let found = bindings.iter_mut().find(|binding| config_name(binding).as_ref() == Some(action));
        let binding = found.ok_or_else(|| failed(unknown(action)))?;
        let parsed = keys.iter().map(|name| {
            Key::parse(name).ok_or_else(|| {
                failed(format!("`{name}` is not a key: write it like `r`, `R`, `Ctrl-r`, `F5`, `Space` or `PgDn`"))
            })
        });
        binding.keys = Cow::Owned(parsed.collect::<Result<_, _>>()?);
    }
    [Pane::Events, Pane::Types, Pane::Detail]
        .into_iter()
        .try_for_each(|pane| refuse_conflicts(&bindings, pane, changes))?;
    Ok(bindings)
}

/// The name of the action of `binding` in the configuration file: its own name in lower case with hyphens. `None` if its keys cannot
/// be changed: those of menus, and Ctrl-c, so that there is always a way out.
pub fn config_name(binding: &Binding) -> Option<String> {
    let is_fixed = binding.action == Action::QuitNow
        || !matches!(binding.scope, Scope::Everywhere | Scope::Moving | Scope::List | Scope::Detail);
    if is_fixed {
        return None;
    }
    let mut name = String::new();
    for letter in format!("{:?}", binding.action).chars().filter(|letter| *letter != ')') {
        match letter {
            '(' => {}
            letter if letter.is_ascii_uppercase() => {
                name.extend((!name.is_empty()).then_some('-'));
                name.push(letter.to_ascii_lowercase());
            }
            letter => name.push(letter),
        }
    }
    Some(name)
}

fn unknown(action: &str) -> String {
    let names: Vec<_> = BINDINGS.iter().filter_map(config_name).collect();
    let near = nearest(action, names.iter().map(|name| (name.as_str(), name.as_str())));
    let near = near.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
    format!("there is no action `{action}`: {near}docs/reference/keys.md lists them")
}

/// Refuses a key that two actions have while `pane` has the focus, unless it is so by default: `/` acts on what has the focus.
fn refuse_conflicts(bindings: &[Binding], pane: Pane, changes: &[Rebinding]) -> Result<(), RebindError> {
    let all = BINDINGS.iter().zip(bindings).filter(|(_, binding)| scopes(pane).contains(&binding.scope));
    let all: Vec<_> = all.collect();
    for (place, (default, one)) in all.iter().enumerate() {
        for (other_default, other) in &all[place + 1..] {
            let is_default = default.keys == one.keys && other_default.keys == other.keys;
            let Some(key) = one.keys.iter().find(|key| other.keys.contains(key)).filter(|_| !is_default) else {
                continue;
            };
            let names = [one, other].map(|binding| config_name(binding).unwrap_or_else(|| "quit-now".to_owned()));
            let line = changes.iter().rfind(|change| names.contains(&change.action)).map_or(0, |change| change.line);
            let why =
                format!("`{}` is a key of both `{}` and `{}`: change one of them", key.name(), names[0], names[1]);
            return Err(RebindError { line, why });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn change(action: &str, keys: &[&str], line: usize) -> Rebinding {
        Rebinding { action: action.to_owned(), keys: keys.iter().map(|key| (*key).to_owned()).collect(), line }
    }

    fn keys_of(bindings: &[Binding], action: Action) -> Vec<String> {
        let binding = bindings.iter().find(|binding| binding.action == action).unwrap();
        binding.keys.iter().map(|key| key.name()).collect()
    }

    #[test]
    fn each_action_has_a_name_of_its_own_and_each_key_is_read_by_its_name() {
        let mut names = HashSet::new();
        for binding in BINDINGS {
            if let Some(name) = config_name(binding) {
                let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                assert!(is_plain && names.insert(name.clone()), "{name}");
            }
            for key in binding.keys.iter() {
                assert_eq!(Key::parse(&key.name()), Some(*key), "{}", key.name());
            }
        }
        for name in ["redeliver", "show-tab-payload", "toggle-zoom", "move-down"] {
            assert!(names.contains(name), "{name}");
        }
    }

    #[test]
    fn the_keys_of_a_change_replace_those_of_the_table() {
        let changes =
            [change("redeliver", &["F5", "Ctrl-r"], 2), change("toggle-types", &[], 3), change("suspend", &["t"], 4)];
        let bindings = rebound(&changes).unwrap();
        assert_eq!(keys_of(&bindings, Action::Redeliver), ["F5", "Ctrl-r"]);
        assert_eq!(keys_of(&bindings, Action::ToggleTypes), [""; 0]);
        assert_eq!(keys_of(&bindings, Action::Suspend), ["t"]);
        assert_eq!(keys_of(&bindings, Action::Quit), ["q"]);
    }

    #[test]
    fn a_mistake_names_its_line() {
        for (changes, line, why) in [
            (vec![change("redelivr", &["x"], 4)], 4, "there is no action `redelivr`: did you mean `redeliver`? "),
            (vec![change("quit-now", &["x"], 1)], 1, "there is no action `quit-now`"),
            (vec![change("quit", &["q", "Hyper-q"], 2)], 2, "`Hyper-q` is not a key"),
            (vec![change("quit", &["r"], 3)], 3, "`r` is a key of both `redeliver` and `quit`"),
            (vec![change("search", &["w"], 6)], 6, "`w` is a key of both `search` and `toggle-wrap`"),
            (vec![change("quit", &["Ctrl-c"], 7)], 7, "`Ctrl-c` is a key of both `quit` and `quit-now`"),
        ] {
            let error = rebound(&changes).unwrap_err();
            assert_eq!(error.line, line, "{error:?}");
            assert!(error.why.starts_with(why), "{error:?}");
        }
        // Each of two actions may take the key of the other.
        assert!(rebound(&[change("quit", &["r"], 1), change("redeliver", &["q"], 2)]).is_ok());
    }
}
