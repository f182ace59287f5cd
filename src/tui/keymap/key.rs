//! A key, and how the screen names it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, with or without Ctrl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

impl Key {
    pub(super) const fn of(code: KeyCode) -> Self {
        Self { code, control: false }
    }

    pub(super) const fn char(c: char) -> Self {
        Self::of(KeyCode::Char(c))
    }

    pub(super) const fn control(c: char) -> Self {
        Self { code: KeyCode::Char(c), control: true }
    }

    pub(super) fn matches(self, event: KeyEvent) -> bool {
        let held = event.modifiers - KeyModifiers::SHIFT;
        self.code == event.code && held == if self.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE }
    }

    /// The key as the screen shows it: `q`, `Ctrl-c`, `Enter`.
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

/// The names of `keys`; of four or more only the first and the last, as in `0…9`.
pub fn names(keys: &[Key]) -> String {
    match keys {
        [first, _, _, .., last] => format!("{}…{}", first.name(), last.name()),
        _ => keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" "),
    }
}
