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
            KeyCode::F(number) => format!("F{number}"),
            other => format!("{other:?}"),
        };
        if self.control { format!("Ctrl-{plain}") } else { plain }
    }
}

impl Key {
    /// Reads a name that [`Key::name`] gives, and `Up`, `Down`, `Left` and `Right`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if let Some(letter) = name.strip_prefix("Ctrl-") {
            let letter = single(letter).filter(char::is_ascii_lowercase)?;
            return Some(Self::control(letter));
        }
        let code = match name {
            "Space" => KeyCode::Char(' '),
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Shift-Tab" => KeyCode::BackTab,
            "Backspace" => KeyCode::Backspace,
            "Insert" => KeyCode::Insert,
            "Delete" => KeyCode::Delete,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "↑" | "Up" => KeyCode::Up,
            "↓" | "Down" => KeyCode::Down,
            "←" | "Left" => KeyCode::Left,
            "→" | "Right" => KeyCode::Right,
            _ => match name.strip_prefix('F').and_then(|number| number.parse().ok()) {
                Some(number @ 1..=12) => KeyCode::F(number),
                _ => KeyCode::Char(single(name).filter(|c| !c.is_whitespace() && !c.is_control())?),
            },
        };
        Some(Self::of(code))
    }
}

fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// The names of `keys`; of four or more only the first and the last, as in `0…9`.
pub fn names(keys: &[Key]) -> String {
    match keys {
        [first, _, _, .., last] => format!("{}…{}", first.name(), last.name()),
        _ => keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" "),
    }
}
