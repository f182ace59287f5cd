//! The keys of the screen. Dispatch, footer and help all read the table in `keymap/bindings.rs`.

mod bindings;
mod key;
mod rebind;

pub use bindings::BINDINGS;
pub use key::{Key, names};
pub use rebind::{RebindError, config_name, rebound};

use super::action::Action;
use super::panes::Pane;
use Scope::{Detail, Everywhere, List, Moving};
use crossterm::event::KeyEvent;
use std::borrow::Cow;
use std::sync::OnceLock;

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
    /// The list of differences from the documentation.
    Checks,
    Overrides,
    Story,
    Diff,
}

impl Scope {
    pub const ALL: [Self; 13] = [
        Self::Everywhere,
        Self::Moving,
        Self::List,
        Self::Detail,
        Self::Copying,
        Self::CopyingTest,
        Self::CopyingHandler,
        Self::Sending,
        Self::Job,
        Self::Checks,
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
            Self::Checks => &[Action::ShowChecks],
            Self::Overrides => &[Action::BeginOverride],
            Self::Story => &[Action::BeginStory],
            Self::Diff => &[Action::BeginDiff],
        }
    }

    pub fn title(self) -> String {
        let name = match self {
            Self::Everywhere => "everywhere",
            Self::Moving => "navigation",
            Self::List => "events and types panes",
            Self::Detail => "detail pane",
            Self::Job => "results of a job",
            Self::Checks => "list of differences",
            Self::Copying => "copy",
            Self::CopyingTest => "copy a test",
            Self::CopyingHandler => "copy handler code",
            Self::Sending => "send",
            Self::Overrides => "override responses",
            Self::Story => "story of an event",
            Self::Diff => "compare the payload",
        };
        match self.openers() {
            [] => name.to_owned(),
            _ if self == Self::Job => name.to_owned(),
            openers => {
                let openers: Vec<_> = openers.iter().map(|action| key_name(*action)).collect();
                format!("{name}: `{}`, then", openers.join(" "))
            }
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    pub scope: Scope,
    /// None if the user took them away. The palette still lists the action.
    pub keys: Cow<'static, [Key]>,
    pub action: Action,
    /// What the key does, for the help.
    pub help: &'static str,
    /// The word in the footer. Bindings without one appear in the help only.
    pub footer: Option<&'static str>,
    /// The panes in whose footer the word appears; `None` for all in which the key applies.
    pub footer_panes: Option<&'static [Pane]>,
}

/// The table with the user's keys.
static TABLE: OnceLock<Vec<Binding>> = OnceLock::new();

/// Makes `table` the keys of this process, before the screen starts. Only the first call has an effect.
pub(crate) fn install(table: Vec<Binding>) {
    let _ = TABLE.set(table);
}

/// Every binding that applies: [`BINDINGS`] with the user's keys.
pub(crate) fn table() -> &'static [Binding] {
    TABLE.get().map_or(BINDINGS, Vec::as_slice)
}

/// The action bound to `event` in the first of `scopes` that binds it.
pub fn action(scopes: &[Scope], event: KeyEvent) -> Option<Action> {
    scopes.iter().find_map(|scope| {
        table()
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
    table().iter().filter(move |binding| binding.scope == scope)
}

/// The name of the first key bound to `action`; without one, how the palette finds it.
pub(crate) fn key_name(action: Action) -> String {
    let binding = table().iter().find(|binding| binding.action == action);
    let key = binding.and_then(|binding| binding.keys.first());
    key.map_or_else(|| ": ".to_owned() + &binding.and_then(config_name).unwrap_or_default(), |key| key.name())
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
            for key in binding.keys.iter() {
                assert!(seen.insert((binding.scope, key.name())), "{} in {:?}", key.name(), binding.scope);
            }
        }
    }

    #[test]
    fn scopes_that_apply_together_share_no_key_but_the_search() {
        for pane in [Pane::Events, Pane::Types, Pane::Detail] {
            let mut seen = HashSet::new();
            for binding in BINDINGS.iter().filter(|binding| scopes(pane).contains(&binding.scope)) {
                for key in binding.keys.iter() {
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
