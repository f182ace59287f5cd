//! Styles by role. Only this file and its palettes name colours; the views name roles.
//!
//! A syntect theme colours all code, so JSON and every other language match.

mod palette;

pub use palette::Depth;

use crate::core::colours::{Colours, ThemeName};
use crate::core::delivery::{Doubt, Ending};
use crate::core::diagnosis::Tone;
use crate::core::signature::Verdict;
use palette::Palette;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::io::Cursor;
use std::sync::OnceLock;
use syntect::highlighting::{Highlighter, ThemeSet};
use syntect::parsing::{Scope, ScopeStack};

/// The terminal's 16 colours as a syntect theme. A comment at its top explains how it encodes a palette number.
const TERMINAL_THEME: &[u8] = include_bytes!("../../assets/themes/terminal.tmTheme");

/// What a piece of the screen is. The theme decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Text,
    Dim,
    Strong,
    /// The name hookglass.
    Brand,
    Border,
    FocusedBorder,
    Title,
    /// The selected line of the focused list.
    Selection,
    /// The selected line of a list without focus.
    PassiveSelection,
    Key,
    ActiveTab,
    Verdict(Verdict),
    Good,
    Bad,
    Warning,
    /// A state that stays on until the user switches it off, such as an override.
    Badge,
    /// A hit of a search.
    Hit,
    /// The hit that the reader went to.
    CurrentHit,
    Code(Code),
    /// A token of a language that only syntect parses.
    Syntax(SyntaxColour),
}

impl Role {
    /// The role of how a delivery ended, and of what is wrong with it.
    pub fn of(ending: Ending, doubt: Option<Doubt>) -> Self {
        match doubt {
            Some(doubt) if !doubt.is_fault() => Self::Warning,
            None if ending.is_delivered() => Self::Good,
            _ => Self::Bad,
        }
    }
}

/// A colour of the syntect theme. Only [`Theme`] can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxColour(syntect::highlighting::Color);

impl From<syntect::highlighting::Style> for SyntaxColour {
    fn from(style: syntect::highlighting::Style) -> Self {
        Self(style.foreground)
    }
}

impl From<Tone> for Role {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Plain => Self::Text,
            Tone::Dim => Self::Dim,
            Tone::Strong => Self::Strong,
            Tone::Good => Self::Good,
            Tone::Bad => Self::Bad,
            Tone::Warning => Self::Warning,
        }
    }
}

/// Kinds of JSON tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Punctuation,
    Key,
    String,
    Number,
    Literal,
}

impl Code {
    const ALL: [Self; 5] = [Self::Punctuation, Self::Key, Self::String, Self::Number, Self::Literal];

    /// The scopes that syntect's JSON grammar gives such a token.
    fn scopes(self) -> &'static str {
        match self {
            Self::Punctuation => "source.json punctuation.section",
            Self::Key => "source.json meta.mapping.key string.quoted.double",
            Self::String => "source.json string.quoted.double",
            Self::Number => "source.json constant.numeric",
            Self::Literal => "source.json constant.language",
        }
    }
}

pub struct Theme {
    /// Without colours, glyphs, bold and reverse video distinguish verdicts and the selection.
    has_colours: bool,
    code: [Style; Code::ALL.len()],
    /// `None` for the terminal's colours.
    palette: Option<Palette>,
}

/// The syntect theme that colours all code.
pub(crate) fn syntax_theme() -> &'static syntect::highlighting::Theme {
    static THEME: OnceLock<syntect::highlighting::Theme> = OnceLock::new();
    THEME.get_or_init(|| {
        ThemeSet::load_from_reader(&mut Cursor::new(TERMINAL_THEME)).expect("the built-in theme is well-formed")
    })
}

impl Theme {
    /// The default theme; without colours when the user asks for none (`NO_COLOR`).
    pub fn new(has_colours: bool) -> Self {
        let highlighter = Highlighter::new(syntax_theme());
        let code = Code::ALL.map(|code| {
            if !has_colours {
                return if code == Code::Key { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
            }
            let scopes: Vec<Scope> = code.scopes().split(' ').filter_map(|scope| Scope::new(scope).ok()).collect();
            translate(highlighter.style_for_stack(ScopeStack::from_vec(scopes).as_slice()).foreground)
        });
        Self { has_colours, code, palette: None }
    }

    /// The same in the colours of a theme, and of the user's own. Without colours it stays as it is.
    #[must_use]
    pub fn in_colours(self, name: ThemeName, set: Colours, depth: Depth) -> Self {
        let palette = if self.has_colours { Palette::new(name, set, depth) } else { None };
        Self { palette, ..self }
    }

    /// Replaces the terminal's colours on a finished frame.
    pub(crate) fn paint(&self, buffer: &mut Buffer) {
        if let Some(palette) = &self.palette {
            palette.paint(buffer);
        }
    }

    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        // Not bright black, which some palettes make nearly the background.
        let dim = plain.add_modifier(Modifier::DIM);
        match role {
            Role::Code(code) => return self.code[code as usize],
            Role::Syntax(SyntaxColour(color)) if self.has_colours => return translate(color),
            _ => {}
        }
        if !self.has_colours {
            return match role {
                Role::Dim | Role::Border | Role::Verdict(Verdict::Unchecked) => dim,
                Role::Selection => plain.add_modifier(Modifier::REVERSED),
                Role::ActiveTab | Role::Badge => bold.add_modifier(Modifier::REVERSED),
                Role::Hit => bold.add_modifier(Modifier::UNDERLINED),
                Role::CurrentHit => bold.add_modifier(Modifier::UNDERLINED | Modifier::REVERSED),
                Role::Text | Role::Code(_) | Role::Syntax(_) | Role::Good => plain,
                _ => bold,
            };
        }
        match role {
            Role::Text | Role::Code(_) | Role::Syntax(_) => plain,
            Role::Dim | Role::Border | Role::Verdict(Verdict::Unchecked) => dim,
            Role::Strong | Role::Title => bold.fg(Color::Reset),
            Role::Brand => bold.fg(Color::LightMagenta),
            Role::FocusedBorder => plain.fg(Color::LightBlue),
            Role::Selection => bold.add_modifier(Modifier::REVERSED),
            Role::PassiveSelection => bold,
            Role::Key => bold.fg(Color::LightBlue),
            Role::ActiveTab => bold.fg(Color::LightBlue).add_modifier(Modifier::UNDERLINED),
            Role::Verdict(Verdict::Verified) | Role::Good => plain.fg(Color::Green),
            Role::Verdict(Verdict::Invalid) | Role::Bad => plain.fg(Color::LightRed),
            Role::Verdict(Verdict::Unsigned) | Role::Warning => plain.fg(Color::Yellow),
            Role::Badge => bold.fg(Color::Black).bg(Color::Yellow),
            Role::Hit => plain.fg(Color::Black).bg(Color::Yellow),
            Role::CurrentHit => bold.fg(Color::Black).bg(Color::Yellow).add_modifier(Modifier::UNDERLINED),
        }
    }
}

/// The glyph of a verdict, shown in addition to its colour.
pub(crate) fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "✓",
        Verdict::Invalid => "✗",
        Verdict::Unsigned => "○",
        Verdict::Unchecked => "·",
    }
}

fn translate(color: syntect::highlighting::Color) -> Style {
    match color.a {
        0 => Style::new().fg(Color::Indexed(color.r)),
        1 => Style::new(),
        _ => Style::new().fg(Color::Rgb(color.r, color.g, color.b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_tokens_have_the_colours_of_the_syntect_theme() {
        let theme = Theme::new(true);
        assert_eq!(theme.style(Role::Code(Code::Key)).fg, Some(Color::Indexed(12)));
        assert_eq!(theme.style(Role::Code(Code::String)).fg, Some(Color::Indexed(2)));
        assert_eq!(theme.style(Role::Code(Code::Punctuation)).fg, None, "bright black cannot be read everywhere");
    }

    #[test]
    fn a_theme_without_colours_still_marks_the_selection() {
        let theme = Theme::new(false);
        for role in [Role::Selection, Role::Badge, Role::Bad, Role::Verdict(Verdict::Invalid), Role::Code(Code::Key)] {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
            assert!(!style.add_modifier.is_empty(), "{role:?}");
        }
    }
}
