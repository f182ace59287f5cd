//! The keys of the screen. Dispatch, footer and help all read the table in `keymap/bindings.rs`.

mod bindings;
mod key;

pub use bindings::BINDINGS;
pub use key::{Key, names};

use super::action::Action;
use super::panes::Pane;
use Scope::{Detail, Everywhere, List, Moving};
use crossterm::event::KeyEvent;

/// Where a key applies. The narrower scope is looked up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Everywhere,
    Moving,
    List,
    /// The detail pane.
    Detail,
    Copying,
    CopyingTest,
    CopyingHandler,
    Sending,
    Job,
    Overrides,
    Story,
    Diff,
}

impl Scope {
    pub const ALL: [Self; 12] = [
        Self::Everywhere,
        Self::Moving,
        Self::List,
        Self::Detail,
        Self::Copying,
        Self::CopyingTest,
        Self::CopyingHandler,
        Self::Sending,
        Self::Job,
        Self::Overrides,
        Self::Story,
        Self::Diff,
    ];

    /// The actions whose keys come before those of the scope.
    pub(crate) fn openers(self) -> &'static [Action] {
        match self {
            Self::Everywhere | Self::Moving | Self::List | Self::Detail => &[],
            Self::Copying => &[Action::BeginCopy],
            Self::CopyingTest => &[Action::BeginCopy, Action::BeginCopyTest],
            Self::CopyingHandler => &[Action::BeginCopy, Action::BeginCopyHandler],
            Self::Sending => &[Action::BeginSend],
            Self::Job => &[Action::BeginSend, Action::ShowJob],
            Self::Overrides => &[Action::BeginOverride],
            Self::Story => &[Action::BeginStory],
            Self::Diff => &[Action::BeginDiff],
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Moving => "navigation",
            Self::List => "events and types panes",
            Self::Detail => "detail pane",
            Self::Copying => "copy: `y`, then",
            Self::CopyingTest => "copy a test: `y t`, then",
            Self::CopyingHandler => "copy handler code: `y k`, then",
            Self::Sending => "send: `d`, then",
            Self::Job => "results of a job",
            Self::Overrides => "override responses: `a`, then",
            Self::Story => "story of an event: `A`, then",
            Self::Diff => "compare the payload: `D`, then",
        }
    }
}

/// One row of the table.
pub struct Binding {
    pub scope: Scope,
    pub keys: &'static [Key],
    pub action: Action,
    /// What the key does, for the help.
    pub help: &'static str,
    /// The word in the footer. Bindings without one appear in the help only.
    pub footer: Option<&'static str>,
    /// The panes in whose footer the word appears; `None` for all in which the key applies.
    pub footer_panes: Option<&'static [Pane]>,
}

/// The action bound to `event` in the first of `scopes` that binds it.
pub fn action(scopes: &[Scope], event: KeyEvent) -> Option<Action> {
    scopes.iter().find_map(|scope| {
        BINDINGS
            .iter()
            .find(|binding| binding.scope == *scope && binding.keys.iter().any(|key| key.matches(event)))
            .map(|binding| binding.action)
    })
}

/// The scopes that apply while `pane` has the focus and no overlay is open, narrowest first.
pub(crate) fn scopes(pane: Pane) -> &'static [Scope] {
    match pane {
        Pane::Events | Pane::Types => &[List, Moving, Everywhere],
        // Filtering and opening act on the list even when the detail pane has the focus.
        Pane::Detail => &[Detail, Moving, Everywhere, List],
    }
}

/// All scopes, beginning with those that apply while `pane` has the focus.
pub fn order(pane: Pane) -> impl Iterator<Item = Scope> {
    let first = scopes(pane);
    first.iter().copied().chain(Scope::ALL.into_iter().filter(|scope| !first.contains(scope)))
}

/// The bindings of `scope`, in the order of the table.
pub fn of(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.scope == scope)
}

/// The name of the first key bound to `action`.
pub(crate) fn key_name(action: Action) -> String {
    BINDINGS.iter().find(|binding| binding.action == action).map(|binding| binding.keys[0].name()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};
    use std::collections::HashSet;

    #[test]
    fn no_key_is_bound_twice_in_one_scope() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(seen.insert((binding.scope, key.name())), "{} in {:?}", key.name(), binding.scope);
            }
        }
    }

    #[test]
    fn scopes_that_apply_together_share_no_key_but_the_search() {
        for pane in [Pane::Events, Pane::Types, Pane::Detail] {
            let mut seen = HashSet::new();
            for binding in BINDINGS.iter().filter(|binding| scopes(pane).contains(&binding.scope)) {
                for key in binding.keys {
                    // `/` acts on what has the focus.
                    assert!(seen.insert(key.name()) || key.name() == "/", "{}", key.name());
                }
            }
        }
    }

    #[test]
    fn an_upper_case_letter_is_a_different_key() {
        let press = |c, modifiers| action(&[Everywhere], KeyEvent::new(KeyCode::Char(c), modifiers));
        assert_eq!(press('R', KeyModifiers::SHIFT), Some(Action::RedeliverAsReceived));
        assert_eq!(press('r', KeyModifiers::NONE), Some(Action::Redeliver));
        assert_eq!(press('c', KeyModifiers::CONTROL), Some(Action::QuitNow));
        assert_eq!(press('c', KeyModifiers::ALT), None);
    }
}
