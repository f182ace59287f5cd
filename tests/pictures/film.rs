//! What the screen showed, frame by frame, with how long to show it.

use vt100::{Cell, Color, Screen};

/// How a run of cells looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub fore: Color,
    pub back: Color,
    pub is_bold: bool,
    pub is_dim: bool,
    pub is_italic: bool,
    pub is_underlined: bool,
}

/// Neighbouring cells that look the same.
pub struct Run {
    pub column: u16,
    /// In cells.
    pub width: u16,
    pub text: String,
    pub look: Look,
}

pub type Line = Vec<Run>;

pub struct Frame {
    pub lines: Vec<Line>,
    pub caption: &'static str,
    pub seconds: f64,
}

pub struct Film {
    pub rows: u16,
    pub columns: u16,
    pub frames: Vec<Frame>,
}

impl Film {
    pub fn new(rows: u16, columns: u16) -> Self {
        Self { rows, columns, frames: Vec::new() }
    }

    /// Adds what `screen` shows now.
    pub fn add(&mut self, screen: &Screen, caption: &'static str, seconds: f64) {
        let lines = (0..self.rows).map(|row| line(screen, row, self.columns)).collect();
        self.frames.push(Frame { lines, caption, seconds });
    }

    pub fn length_s(&self) -> f64 {
        self.frames.iter().map(|frame| frame.seconds).sum()
    }
}

fn line(screen: &Screen, row: u16, columns: u16) -> Line {
    let mut runs: Line = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
        let width = if cell.is_wide() { 2 } else { 1 };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut() {
            Some(run) if run.look == look(cell) && run.column + run.width == column => {
                run.text.push_str(text);
                run.width += width;
            }
            _ => runs.push(Run { column, width, text: text.to_owned(), look: look(cell) }),
        }
    }
    runs
}

fn look(cell: &Cell) -> Look {
    Look {
        // Reverse video is resolved when colours are known.
        fore: if cell.inverse() { cell.bgcolor() } else { cell.fgcolor() },
        back: if cell.inverse() { inverse_back(cell.fgcolor()) } else { cell.bgcolor() },
        is_bold: cell.bold(),
        is_dim: cell.dim(),
        is_italic: cell.italic(),
        is_underlined: cell.underline(),
    }
}

/// The default foreground as a background. Palettes number it 7.
fn inverse_back(fore: Color) -> Color {
    if fore == Color::Default { Color::Idx(7) } else { fore }
}
