//! The palettes of the themes. Styles name the terminal's 16 colours; a palette replaces them on the finished frame, so that every view
//! and all highlighted code follow it.

use crate::core::colours::{Colours, Rgb, ThemeName};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

const DARK: Colours = Colours {
    foreground: Some(Rgb(0xd8, 0xdc, 0xe4)),
    background: Some(Rgb(0x1a, 0x1c, 0x23)),
    dim: Some(Rgb(0x90, 0x97, 0xa6)),
    black: Some(Rgb(0x1a, 0x1c, 0x23)),
    red: Some(Rgb(0xf0, 0x78, 0x7c)),
    green: Some(Rgb(0x8f, 0xc9, 0x7a)),
    yellow: Some(Rgb(0xe3, 0xbf, 0x6f)),
    blue: Some(Rgb(0x78, 0xb0, 0xf2)),
    magenta: Some(Rgb(0xcd, 0x93, 0xe8)),
    cyan: Some(Rgb(0x62, 0xc3, 0xc9)),
};

const LIGHT: Colours = Colours {
    foreground: Some(Rgb(0x26, 0x29, 0x31)),
    background: Some(Rgb(0xfb, 0xfb, 0xf8)),
    dim: Some(Rgb(0x66, 0x6c, 0x78)),
    black: Some(Rgb(0xff, 0xff, 0xff)),
    red: Some(Rgb(0xb8, 0x26, 0x2c)),
    green: Some(Rgb(0x2a, 0x75, 0x33)),
    yellow: Some(Rgb(0x85, 0x5c, 0x00)),
    blue: Some(Rgb(0x1f, 0x55, 0xc0)),
    magenta: Some(Rgb(0x8c, 0x2f, 0x96)),
    cyan: Some(Rgb(0x00, 0x6b, 0x78)),
};

const HIGH_CONTRAST: Colours = Colours {
    foreground: Some(Rgb(0xff, 0xff, 0xff)),
    background: Some(Rgb(0x00, 0x00, 0x00)),
    dim: Some(Rgb(0xd4, 0xd4, 0xd4)),
    black: Some(Rgb(0x00, 0x00, 0x00)),
    red: Some(Rgb(0xff, 0x70, 0x70)),
    green: Some(Rgb(0x5c, 0xff, 0x8a)),
    yellow: Some(Rgb(0xff, 0xf0, 0x4d)),
    blue: Some(Rgb(0x7a, 0xbd, 0xff)),
    magenta: Some(Rgb(0xff, 0x8a, 0xff)),
    cyan: Some(Rgb(0x5c, 0xff, 0xff)),
};

/// How many colours the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Any colour of 24 bits.
    True,
    /// The xterm palette of 256 colours.
    Indexed,
}

impl Depth {
    /// What the terminal says of itself in `COLORTERM`.
    pub fn of(color_term: Option<&str>) -> Self {
        if matches!(color_term, Some("truecolor" | "24bit")) { Self::True } else { Self::Indexed }
    }

    fn colour(self, Rgb(red, green, blue): Rgb) -> Color {
        match self {
            Self::True => Color::Rgb(red, green, blue),
            Self::Indexed => Color::Indexed(nearest(red, green, blue)),
        }
    }
}

/// The nearest colour of the cube of 6 × 6 × 6 in the xterm palette, or of its greys.
fn nearest(red: u8, green: u8, blue: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |value: u8| (0..6).min_by_key(|level| LEVELS[*level].abs_diff(value)).unwrap_or_default();
    let distance = |[r, g, b]: [u8; 3]| {
        let square = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
        square(r, red) + square(g, green) + square(b, blue)
    };
    let places = [level(red), level(green), level(blue)];
    let cube = distance(places.map(|place| LEVELS[place]));
    let step = (0..24u8).min_by_key(|step| distance([8 + 10 * step; 3])).unwrap_or_default();
    if distance([8 + 10 * step; 3]) < cube {
        return 232 + step;
    }
    u8::try_from(16 + 36 * places[0] + 6 * places[1] + places[2]).unwrap_or(u8::MAX)
}

/// The colours that replace the terminal's.
pub(super) struct Palette {
    colours: Colours,
    depth: Depth,
}

impl Palette {
    /// The palette of the theme with this name, and of the colours that the user set. `None` if all stay the terminal's.
    pub fn new(name: ThemeName, set: Colours, depth: Depth) -> Option<Self> {
        let theme = match name {
            ThemeName::Terminal => Colours::default(),
            ThemeName::Dark => DARK,
            ThemeName::Light => LIGHT,
            ThemeName::HighContrast => HIGH_CONTRAST,
        };
        let colours = set.over(theme);
        (colours != Colours::default()).then_some(Self { colours, depth })
    }

    pub fn paint(&self, buffer: &mut Buffer) {
        buffer.content.iter_mut().for_each(|cell| self.paint_cell(cell));
    }

    fn paint_cell(&self, cell: &mut Cell) {
        let Colours { foreground, background, dim, .. } = self.colours;
        let is_plain_dim = cell.fg == Color::Reset && cell.modifier.contains(Modifier::DIM);
        if is_plain_dim && let Some(dim) = dim {
            cell.fg = self.depth.colour(dim);
            cell.modifier.remove(Modifier::DIM);
        }
        cell.fg = self.replaced(cell.fg, foreground);
        cell.bg = self.replaced(cell.bg, background);
    }

    fn replaced(&self, colour: Color, reset: Option<Rgb>) -> Color {
        let Colours { black, red, green, yellow, blue, magenta, cyan, .. } = self.colours;
        let new = match colour {
            Color::Reset => reset,
            Color::Black | Color::Indexed(0) => black,
            Color::Red | Color::LightRed | Color::Indexed(1 | 9) => red,
            Color::Green | Color::LightGreen | Color::Indexed(2 | 10) => green,
            Color::Yellow | Color::LightYellow | Color::Indexed(3 | 11) => yellow,
            Color::Blue | Color::LightBlue | Color::Indexed(4 | 12) => blue,
            Color::Magenta | Color::LightMagenta | Color::Indexed(5 | 13) => magenta,
            Color::Cyan | Color::LightCyan | Color::Indexed(6 | 14) => cyan,
            _ => None,
        };
        new.map_or(colour, |rgb| self.depth.colour(rgb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn painted(name: ThemeName, set: Colours, style: Style) -> Style {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        buffer.set_string(0, 0, "x", style);
        if let Some(palette) = Palette::new(name, set, Depth::True) {
            palette.paint(&mut buffer);
        }
        buffer.content[0].style()
    }

    /// The contrast of WCAG 2: 1 to 21.
    fn contrast(one: Rgb, other: Rgb) -> f64 {
        let luminance = |Rgb(red, green, blue)| {
            let linear = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_of_a_theme_can_be_read() {
        for (theme, least) in [(DARK, 4.5), (LIGHT, 4.5), (HIGH_CONTRAST, 7.0)] {
            let Colours { foreground, background, dim, black, red, green, yellow, blue, magenta, cyan } = theme;
            for colour in [foreground, dim, red, green, yellow, blue, magenta, cyan] {
                let found = contrast(colour.unwrap(), background.unwrap());
                assert!(found >= least, "{colour:?}: {found:.1}");
            }
            // A badge.
            assert!(contrast(black.unwrap(), yellow.unwrap()) >= least);
        }
    }

    #[test]
    fn the_theme_of_the_terminal_changes_nothing() {
        let style = Style::new().fg(Color::Green).bg(Color::Yellow).add_modifier(Modifier::DIM);
        let kept = painted(ThemeName::Terminal, Colours::default(), style);
        assert_eq!((kept.fg, kept.bg, kept.add_modifier), (style.fg, style.bg, Modifier::DIM));
    }

    #[test]
    fn a_colour_of_the_user_replaces_one_and_leaves_the_others() {
        let set = Colours { green: Some(Rgb(1, 2, 3)), ..Colours::default() };
        let green = painted(ThemeName::Terminal, set, Style::new().fg(Color::Indexed(2)));
        assert_eq!((green.fg, green.bg), (Some(Color::Rgb(1, 2, 3)), Some(Color::Reset)));
        let dark = painted(ThemeName::Dark, set, Style::new().fg(Color::LightRed));
        assert_eq!(dark.fg, Some(Depth::True.colour(DARK.red.unwrap())));
        assert_eq!(dark.bg, Some(Depth::True.colour(DARK.background.unwrap())));
    }

    #[test]
    fn dim_text_gets_a_colour_in_place_of_the_attribute() {
        let dim = painted(ThemeName::Light, Colours::default(), Style::new().add_modifier(Modifier::DIM));
        assert_eq!((dim.fg, dim.add_modifier), (Some(Depth::True.colour(LIGHT.dim.unwrap())), Modifier::empty()));
    }

    #[test]
    fn a_terminal_of_256_colours_gets_the_nearest_ones() {
        assert_eq!(Depth::of(Some("truecolor")), Depth::True);
        assert_eq!(Depth::of(None), Depth::Indexed);
        for (rgb, index) in
            [(Rgb(0, 0, 0), 16), (Rgb(255, 255, 255), 231), (Rgb(95, 135, 175), 67), (Rgb(128, 128, 128), 244)]
        {
            assert_eq!(Depth::Indexed.colour(rgb), Color::Indexed(index));
        }
    }
}
