//! The visible part of a long line, cut to exact columns.

use crate::core::printable::Printable;
use crate::core::printable::unit::Units;

/// The visible columns of a line, in pieces that keep the tag of their segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window<T> {
    pub pieces: Vec<(T, Printable)>,
    /// Whether text is hidden on the left.
    pub is_cut_left: bool,
    /// Whether text is hidden on the right.
    pub is_cut_right: bool,
}

/// Nothing to see.
impl<T> Default for Window<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), is_cut_left: false, is_cut_right: false }
    }
}

impl<T> Window<T> {
    /// The width of all pieces together, in columns.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, shown)| shown.width()).sum()
    }
}

/// Up to `columns` columns of the joined segments, starting after `skip_columns`. A wide character that is only half
/// visible becomes spaces. `skip_columns + columns` bounds the work, whatever the length of the segments, and skipped
/// ASCII costs almost nothing.
pub fn window<'a, T: Clone>(
    segments: impl Iterator<Item = (T, &'a [u8])>,
    skip_columns: usize,
    columns: usize,
) -> Window<T> {
    let end = skip_columns.saturating_add(columns);
    let mut window = Window::default();
    let mut column = 0;
    for (tag, bytes) in segments {
        let mut units = Units::new(bytes);
        let mut text = String::new();
        while column < end {
            let is_skipping = column < skip_columns;
            let run = units.take_plain(if is_skipping { skip_columns - column } else { end - column });
            if !is_skipping {
                text.push_str(run);
            }
            column += run.len();
            if !run.is_empty() {
                continue;
            }
            let Some(unit) = units.next() else { break };
            let (from, to) = (column, column + unit.width());
            if to > skip_columns {
                unit.write_columns(skip_columns.saturating_sub(from), to.min(end) - from, &mut text);
            }
            window.is_cut_right |= to > end;
            column = to;
        }
        window.is_cut_right |= !units.rest().is_empty();
        if !text.is_empty() {
            window.pieces.push((tag, Printable(text)));
        }
        if window.is_cut_right {
            break;
        }
    }
    window.is_cut_left = skip_columns > 0 && column > 0;
    window
}
