//! The colours of the screen as the user sets them: a theme by name, and single colours.

use serde::Deserialize;

/// A theme of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// The colours that the terminal is set to.
    #[default]
    Terminal,
    Dark,
    Light,
    HighContrast,
}

impl ThemeName {
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Dark, Self::Light, Self::HighContrast];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
        }
    }
}

/// Red, green and blue, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rgb(pub u8, pub u8, pub u8);

impl TryFrom<String> for Rgb {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let number = |place: usize| u8::from_str_radix(digits?.get(place..place + 2)?, 16).ok();
        let colour = number(0).zip(number(2)).zip(number(4)).map(|((red, green), blue)| Self(red, green, blue));
        let is_plain = digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        colour.filter(|_| is_plain).ok_or_else(|| "expected a colour such as \"#ff8800\"".to_owned())
    }
}

/// The colours that replace those of a theme; `None` leaves them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Colours {
    /// Of text without a colour of its own.
    pub foreground: Option<Rgb>,
    pub background: Option<Rgb>,
    /// Of text that is less important.
    pub dim: Option<Rgb>,
    /// Of text on a coloured background.
    pub black: Option<Rgb>,
    pub red: Option<Rgb>,
    pub green: Option<Rgb>,
    pub yellow: Option<Rgb>,
    pub blue: Option<Rgb>,
    pub magenta: Option<Rgb>,
    pub cyan: Option<Rgb>,
}

impl Colours {
    /// The names of the colours, as in the configuration file.
    pub const NAMES: [&str; 10] =
        ["foreground", "background", "dim", "black", "red", "green", "yellow", "blue", "magenta", "cyan"];

    /// These colours, and those of `lower` for what they leave open.
    pub fn over(self, lower: Self) -> Self {
        Self {
            foreground: self.foreground.or(lower.foreground),
            background: self.background.or(lower.background),
            dim: self.dim.or(lower.dim),
            black: self.black.or(lower.black),
            red: self.red.or(lower.red),
            green: self.green.or(lower.green),
            yellow: self.yellow.or(lower.yellow),
            blue: self.blue.or(lower.blue),
            magenta: self.magenta.or(lower.magenta),
            cyan: self.cyan.or(lower.cyan),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_six_hexadecimal_digits() {
        assert_eq!(Rgb::try_from("#0aFf80".to_owned()), Ok(Rgb(10, 255, 128)));
        for text in ["", "red", "0aff80", "#0aff8", "#0aff800", "#+1+1+1", "#äöü", "#0aff8g"] {
            assert!(Rgb::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_colour_replaces_that_of_the_theme() {
        let (one, other) = (Some(Rgb(1, 1, 1)), Some(Rgb(2, 2, 2)));
        let set = Colours { red: one, ..Colours::default() };
        let theme = Colours { red: other, green: other, ..Colours::default() };
        assert_eq!(set.over(theme), Colours { red: one, green: other, ..Colours::default() });
    }
}
