//! A film as one animated SVG: no script, no font file, no request to anywhere.
//!
//! Each different line is defined once. Frames are placed side by side, and the strip jumps from one to the next. Readers who asked their
//! system for less motion see the last frame.

use super::film::{Film, Line, Look, Run};
use std::collections::HashMap;
use std::fmt::Write;
use vt100::Color;

const CELL: (f64, f64) = (8.0, 16.0);
const FONT_SIZE: f64 = 13.3;
/// Where the letters stand in a cell, from its top.
const BASELINE: f64 = 12.5;
const MARGIN: f64 = 12.0;
/// The room for the caption below the screen.
const CAPTION: f64 = 34.0;

const BACK: &str = "#16181d";
const FORE: &str = "#d8dbe2";
const CAPTION_FORE: &str = "#ffd479";
const PALETTE: [&str; 16] = [
    "#16181d", "#f07178", "#8fd47a", "#ffd479", "#7aa8ff", "#d59cf0", "#6fd3d6", "#d8dbe2", "#7b8190", "#ff8b92",
    "#a6e494", "#ffe0a0", "#9dbfff", "#e3b8f7", "#93e2e4", "#ffffff",
];

pub fn render(film: &Film) -> String {
    let (width, height) =
        (f64::from(film.columns) * CELL.0 + 2.0 * MARGIN, f64::from(film.rows) * CELL.1 + 2.0 * MARGIN);
    let total = height + CAPTION;
    let mut lines = Lines::default();
    let mut strip = String::new();
    for (index, frame) in film.frames.iter().enumerate() {
        let x = place(index, width);
        write!(strip, "<g transform=\"translate({x} 0)\">").unwrap();
        for (row, line) in frame.lines.iter().enumerate() {
            if let Some(id) = lines.id(line) {
                let y = MARGIN + row as f64 * CELL.1;
                write!(strip, "<use href=\"#l{id}\" x=\"{MARGIN}\" y=\"{y}\"/>").unwrap();
            }
        }
        let (x, y) = (width / 2.0, height + CAPTION / 2.0);
        let caption = escaped(frame.caption);
        writeln!(strip, "<text class=\"c\" x=\"{x}\" y=\"{y}\">{caption}</text></g>").unwrap();
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" viewBox=\"0 0 {width} {total}\" width=\"{width}\" height=\"{total}\">\n\
         <style>\n{}</style>\n<defs>\n{}</defs>\n\
         <rect width=\"{width}\" height=\"{total}\" rx=\"8\" fill=\"{BACK}\"/>\n<g class=\"film\">\n{strip}</g>\n</svg>\n",
        style(film, width),
        lines.definitions,
    )
}

fn place(index: usize, width: f64) -> f64 {
    index as f64 * width
}

fn style(film: &Film, width: f64) -> String {
    let length = film.length_s();
    let mut steps = String::new();
    let mut passed = 0.0;
    for (index, frame) in film.frames.iter().enumerate() {
        let (percent, x) = (passed / length * 100.0, place(index, width));
        write!(steps, "{percent:.3}%{{transform:translateX(-{x}px)}}").unwrap();
        passed += frame.seconds;
    }
    let last = place(film.frames.len().saturating_sub(1), width);
    format!(
        "text{{font:{FONT_SIZE}px ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;fill:{FORE}}}\n\
         .b{{font-weight:bold}}.d{{fill-opacity:.6}}.i{{font-style:italic}}.u{{text-decoration:underline}}\n\
         .c{{fill:{CAPTION_FORE};text-anchor:middle;font-size:15px}}\n\
         .film{{animation:film {length:.2}s step-end infinite}}\n\
         @keyframes film{{{steps}}}\n\
         @media(prefers-reduced-motion:reduce){{.film{{animation:none;transform:translateX(-{last}px)}}}}\n"
    )
}

/// Every different line, defined once.
#[derive(Default)]
struct Lines {
    /// By what is drawn.
    ids: HashMap<String, usize>,
    definitions: String,
}

impl Lines {
    /// The number of the line; `None` if it is blank.
    fn id(&mut self, line: &Line) -> Option<usize> {
        if line.iter().all(is_invisible) {
            return None;
        }
        let drawn: String = line.iter().map(background).chain(line.iter().map(letters)).collect();
        if let Some(id) = self.ids.get(&drawn) {
            return Some(*id);
        }
        let id = self.ids.len();
        writeln!(self.definitions, "<g id=\"l{id}\">{drawn}</g>").unwrap();
        self.ids.insert(drawn, id);
        Some(id)
    }
}

fn is_invisible(run: &Run) -> bool {
    run.text.trim().is_empty() && run.look.back == Color::Default
}

fn background(run: &Run) -> String {
    if run.look.back == Color::Default {
        return String::new();
    }
    let (x, width, height) = (f64::from(run.column) * CELL.0, f64::from(run.width) * CELL.0, CELL.1);
    format!("<rect x=\"{x}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"/>", hex(run.look.back, FORE))
}

/// The text of a run, stretched to its cells, whatever font the reader has.
fn letters(run: &Run) -> String {
    let text = run.text.trim_end();
    let spaces = text.len() - text.trim_start().len();
    let text = text.trim_start();
    if text.is_empty() {
        return String::new();
    }
    let blank = run.text.len() - run.text.trim_end().len() + spaces;
    let cells = usize::from(run.width).saturating_sub(blank);
    let (x, length) = ((f64::from(run.column) + spaces as f64) * CELL.0, cells as f64 * CELL.0);
    let class = classes(&run.look);
    let fill = fill(&run.look);
    format!("<text x=\"{x}\" y=\"{BASELINE}\" textLength=\"{length}\"{class}{fill}>{}</text>", escaped(text))
}

fn classes(look: &Look) -> String {
    let flags = [(look.is_bold, "b"), (look.is_dim, "d"), (look.is_italic, "i"), (look.is_underlined, "u")];
    let names: Vec<_> = flags.into_iter().filter_map(|(is_set, name)| is_set.then_some(name)).collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}

fn fill(look: &Look) -> String {
    match look.fore {
        // On its own background the default foreground of a reversed cell is the back of the terminal.
        Color::Default if look.back == Color::Default => String::new(),
        Color::Default => format!(" style=\"fill:{BACK}\""),
        colour => format!(" style=\"fill:{}\"", hex(colour, FORE)),
    }
}

fn hex(colour: Color, default: &str) -> String {
    match colour {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(number @ 0..16) => PALETTE[usize::from(number)].to_owned(),
        // The cube of 6×6×6 colours, then 24 greys.
        Color::Idx(number @ 16..232) => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + part * 40 };
            let number = number - 16;
            format!("#{:02x}{:02x}{:02x}", level(number / 36), level(number / 6 % 6), level(number % 6))
        }
        Color::Idx(number) => {
            let grey = 8 + (number - 232) * 10;
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
