//! The one table of keys: dispatch, footer, help and the README follow from it.

use super::action::{Action, Copied, OverrideChoice};
use super::model::{Pane, Tab};
use crate::core::overrides::meaning;
use crate::core::rehearsal::Rehearsal;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key has its meaning. The narrower scope is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Everywhere,
    Moving,
    List,
    Copying,
    Sending,
    Job,
    Responding,
}

impl Scope {
    pub const ALL: [Self; 7] =
        [Self::Everywhere, Self::Moving, Self::List, Self::Copying, Self::Sending, Self::Job, Self::Responding];

    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Moving => "moving",
            Self::List => "events and types",
            Self::Copying => "copy: `y`, then",
            Self::Sending => "send: `d`, then",
            Self::Job => "while its results are shown",
            Self::Responding => "answers: `a`, then",
        }
    }
}

/// One key as it is pressed and as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

impl Key {
    const fn of(code: KeyCode) -> Self {
        Self { code, control: false }
    }

    const fn char(c: char) -> Self {
        Self::of(KeyCode::Char(c))
    }

    const fn control(c: char) -> Self {
        Self { code: KeyCode::Char(c), control: true }
    }

    fn matches(self, event: KeyEvent) -> bool {
        let held = event.modifiers - KeyModifiers::SHIFT;
        self.code == event.code && held == if self.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE }
    }

    /// The key as people write it: `q`, `Ctrl-c`, `Enter`.
    pub fn name(self) -> String {
        let plain = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            other => format!("{other:?}"),
        };
        if self.control { format!("Ctrl-{plain}") } else { plain }
    }
}

/// `keys` as they are written, those of a long row as its first and last.
pub fn names(keys: &[Key]) -> String {
    match keys {
        [first, _, _, .., last] => format!("{}…{}", first.name(), last.name()),
        _ => keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" "),
    }
}

/// One row of the table.
pub struct Binding {
    pub scope: Scope,
    pub keys: &'static [Key],
    pub action: Action,
    /// What it does, for help and README.
    pub help: &'static str,
    /// The word in the footer; bindings without one are found in the help.
    pub footer: Option<&'static str>,
}

const fn row(scope: Scope, keys: &'static [Key], action: Action, help: &'static str) -> Binding {
    Binding { scope, keys, action, help, footer: None }
}

const fn shown(binding: Binding, footer: &'static str) -> Binding {
    Binding { footer: Some(footer), ..binding }
}

/// A status in the menu of answers; what it means is the core's to say.
const fn status(key: &'static [Key], status: u16) -> Binding {
    let Some(help) = meaning(status) else { panic!("a status of the menu has a meaning") };
    row(Scope::Responding, key, Action::Response(OverrideChoice::Status(status)), help)
}

use KeyCode::{BackTab, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab as TabKey, Up};
use Scope::{Copying, Everywhere, Job, List, Moving, Responding, Sending};

/// The keys of a number.
const DIGITS: &[Key] = &[
    Key::char('0'),
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];

/// Every key there is.
pub const BINDINGS: &[Binding] = &[
    shown(
        row(List, &[Key::of(Enter)], Action::Open, "open the selected event; on a type, show only that type"),
        "open",
    ),
    shown(
        row(List, &[Key::char('/')], Action::EditFilter, "filter the events: `type:user.* is:invalid jane`"),
        "filter",
    ),
    shown(row(Everywhere, &[Key::char('y')], Action::BeginCopy, "copy something of the selected event"), "copy"),
    shown(
        row(
            Everywhere,
            &[Key::char('r')],
            Action::Redeliver,
            "re-deliver as the provider's retry: same id, fresh time, signed again when it was verified",
        ),
        "re-deliver",
    ),
    row(Everywhere, &[Key::char('R')], Action::RedeliverAsReceived, "re-deliver byte for byte as received"),
    row(
        Everywhere,
        &[Key::char('e')],
        Action::Edit,
        "edit the body in `$EDITOR`, see what changed, send it signed as a new event",
    ),
    row(Everywhere, &[Key::char('=')], Action::EnterTarget, "change where `r` and `R` send to"),
    shown(
        row(Everywhere, &[Key::char('T')], Action::SendSample, "send a signed sample event to this listener"),
        "sample",
    ),
    shown(
        row(Everywhere, &[Key::char('K')], Action::EnterSecret, "add a signing secret and judge all kept events again"),
        "secret",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char('d')],
            Action::BeginSend,
            "rehearse what can go wrong, retry on a schedule, send many",
        ),
        "rehearse",
    ),
    shown(
        row(
            Everywhere,
            &[Key::char('a')],
            Action::BeginOverride,
            "answers: what the next senders get, to see their retries come",
        ),
        "answers",
    ),
    row(Moving, &[Key::of(Down), Key::char('j')], Action::MoveDown, "down"),
    row(Moving, &[Key::of(Up), Key::char('k')], Action::MoveUp, "up"),
    row(Moving, &[Key::of(Left), Key::char('h')], Action::MoveLeft, "left in a long line"),
    row(Moving, &[Key::of(Right), Key::char('l')], Action::MoveRight, "right in a long line"),
    row(Moving, &[Key::of(PageDown)], Action::PageDown, "a page down"),
    row(Moving, &[Key::of(PageUp)], Action::PageUp, "a page up"),
    row(Moving, &[Key::control('d')], Action::HalfPageDown, "half a page down"),
    row(Moving, &[Key::control('u')], Action::HalfPageUp, "half a page up"),
    row(Moving, &[Key::char('g'), Key::of(Home)], Action::GoFirst, "first"),
    row(Moving, &[Key::char('G'), Key::of(End)], Action::GoLast, "last"),
    row(Moving, &[Key::char('F')], Action::ToggleFollow, "follow the newest event, or stop following"),
    row(Moving, &[Key::char(']')], Action::NextInvalid, "next invalid event"),
    row(Moving, &[Key::char('[')], Action::PreviousInvalid, "previous invalid event"),
    row(Moving, &[Key::char('>')], Action::LaterAttempt, "later attempt of the same message"),
    row(Moving, &[Key::char('<')], Action::EarlierAttempt, "earlier attempt of the same message"),
    row(
        List,
        &[Key::char(' ')],
        Action::ToggleMark,
        "mark the event, or take the mark away; `is:marked` shows the marked",
    ),
    row(List, &[Key::char('M')], Action::ClearMarks, "take all marks away"),
    row(Everywhere, &[Key::of(TabKey)], Action::FocusNext, "next pane"),
    row(Everywhere, &[Key::of(BackTab)], Action::FocusPrevious, "previous pane"),
    row(Everywhere, &[Key::char('1')], Action::ShowTab(Tab::Payload), "payload"),
    row(Everywhere, &[Key::char('2')], Action::ShowTab(Tab::Headers), "headers as sent"),
    row(
        Everywhere,
        &[Key::char('3')],
        Action::ShowTab(Tab::Signature),
        "signature: what was checked, and why it failed",
    ),
    row(Everywhere, &[Key::char('4')], Action::ShowTab(Tab::Deliveries), "deliveries and what the app answered"),
    row(Everywhere, &[Key::char('z')], Action::ToggleZoom, "give the focused pane the whole screen"),
    row(Everywhere, &[Key::char('t')], Action::ToggleTypes, "show or hide the types"),
    row(
        Everywhere,
        &[Key::char('m')],
        Action::ToggleMouse,
        "give the mouse to the terminal, for selecting text, or take it back",
    ),
    row(Everywhere, &[Key::control('z')], Action::Suspend, "suspend; `fg` comes back"),
    row(Everywhere, &[Key::of(Esc)], Action::GoBack, "back: close, unzoom, clear the filter"),
    shown(row(Everywhere, &[Key::char('?')], Action::ShowHelp, "this help"), "help"),
    shown(row(Everywhere, &[Key::char('q')], Action::Quit, "quit; asks only while deliveries run"), "quit"),
    row(Everywhere, &[Key::control('c')], Action::QuitNow, "quit at once"),
    row(Copying, &[Key::char('y')], Action::Copy(Copied::Payload), "payload, pretty"),
    row(Copying, &[Key::char('b')], Action::Copy(Copied::Body), "body, the bytes as received"),
    row(Copying, &[Key::char('c')], Action::Copy(Copied::Curl), "a curl command that sends it again"),
    row(Copying, &[Key::char('h')], Action::Copy(Copied::Headers), "headers"),
    row(Copying, &[Key::char('i')], Action::Copy(Copied::Id), "id of the event"),
    row(Sending, &[Key::char('a')], Action::RehearseAll, "all rehearsals: a matrix of what the app does"),
    row(Sending, &[Key::char('x')], Action::Rehearse(Rehearsal::Expired), "expired: signed more than 5 minutes ago"),
    row(Sending, &[Key::char('f')], Action::Rehearse(Rehearsal::Future), "signed in the future"),
    row(Sending, &[Key::char('t')], Action::Rehearse(Rehearsal::Tampered), "body changed after it was signed"),
    row(Sending, &[Key::char('w')], Action::Rehearse(Rehearsal::WrongKey), "signed with another secret"),
    row(Sending, &[Key::char('h')], Action::Rehearse(Rehearsal::MissingHeader), "a signature header missing"),
    row(Sending, &[Key::char('u')], Action::Rehearse(Rehearsal::Unsigned), "not signed at all"),
    row(Sending, &[Key::char('2')], Action::Rehearse(Rehearsal::TwiceAtOnce), "twice at once"),
    row(Sending, &[Key::char('0')], Action::Rehearse(Rehearsal::TenTimes), "ten times"),
    row(Sending, &[Key::char('o')], Action::Rehearse(Rehearsal::OutOfOrder), "create, update and delete out of order"),
    row(Sending, &[Key::char('r')], Action::Retry, "retries on the provider's schedule, until the app answers 2xx"),
    row(Sending, &[Key::char('s')], Action::SignAndSend, "sign it though it was never verified, and send it"),
    row(Sending, &[Key::char('m')], Action::RedeliverMarked, "re-deliver the marked events"),
    row(Sending, &[Key::char('l')], Action::RedeliverListed, "re-deliver the listed events"),
    row(Sending, &[Key::char('j')], Action::ShowJob, "show the job or its results"),
    row(Job, &[Key::char('x')], Action::StopJob, "stop: no further delivery begins"),
    status(&[Key::char('o')], 200),
    status(&[Key::char('c')], 201),
    status(&[Key::char('a')], 202),
    status(&[Key::char('m')], 400),
    status(&[Key::char('u')], 401),
    status(&[Key::char('f')], 403),
    status(&[Key::char('p')], 422),
    status(&[Key::char('e')], 500),
    status(&[Key::char('b')], 503),
    row(Responding, &[Key::char('l')], Action::Response(OverrideChoice::Late), "late: held for a time that you write"),
    row(
        Responding,
        &[Key::char('s')],
        Action::Response(OverrideChoice::Slow),
        "slow: its body over a time that you write",
    ),
    row(
        Responding,
        &[Key::char('d')],
        Action::Response(OverrideChoice::Drop),
        "drop the connection, as an app that crashed",
    ),
    row(Responding, &[Key::char('y')], Action::Response(OverrideChoice::Allow), "ALLOW, to interceptors"),
    row(Responding, &[Key::char('n')], Action::Response(OverrideChoice::Deny), "DENY, to interceptors, and why"),
    row(
        Responding,
        &[Key::char('r')],
        Action::Response(OverrideChoice::Rules),
        "rules: by the verdict, as without an order",
    ),
    row(
        Responding,
        &[Key::char('w')],
        Action::Response(OverrideChoice::Write),
        "write: `503 delay:3s next:2 type:user.*`",
    ),
    row(Responding, DIGITS, Action::CountOverrides, "first: for so many events; else until changed"),
];

/// The action of `event` where `scopes` are open, narrowest first.
pub fn action(scopes: &[Scope], event: KeyEvent) -> Option<Action> {
    scopes.iter().find_map(|scope| {
        BINDINGS
            .iter()
            .find(|binding| binding.scope == *scope && binding.keys.iter().any(|key| key.matches(event)))
            .map(|binding| binding.action)
    })
}

/// The scopes that are open while `pane` has the focus and nothing lies over it.
pub fn scopes(pane: Pane) -> &'static [Scope] {
    match pane {
        Pane::Events | Pane::Types => &[List, Moving, Everywhere],
        // Filtering and opening act on the list wherever the focus is.
        Pane::Detail => &[Moving, Everywhere, List],
    }
}

/// The first key of `action`, as it is written.
pub fn key_name(action: Action) -> String {
    BINDINGS.iter().find(|binding| binding.action == action).map(|binding| binding.keys[0].name()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_has_two_meanings_in_one_scope() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(seen.insert((binding.scope, key.name())), "{} in {:?}", key.name(), binding.scope);
            }
        }
    }

    #[test]
    fn scopes_that_are_open_together_share_no_key() {
        let mut seen = HashSet::new();
        let is_alone = |scope| matches!(scope, Copying | Sending | Job | Responding);
        for binding in BINDINGS.iter().filter(|binding| !is_alone(binding.scope)) {
            for key in binding.keys {
                assert!(seen.insert(key.name()), "{}", key.name());
            }
        }
    }

    #[test]
    fn a_shifted_letter_is_its_own_key() {
        let press = |c, modifiers| action(&[Everywhere], KeyEvent::new(KeyCode::Char(c), modifiers));
        assert_eq!(press('R', KeyModifiers::SHIFT), Some(Action::RedeliverAsReceived));
        assert_eq!(press('r', KeyModifiers::NONE), Some(Action::Redeliver));
        assert_eq!(press('c', KeyModifiers::CONTROL), Some(Action::QuitNow));
        assert_eq!(press('c', KeyModifiers::ALT), None);
    }
}
