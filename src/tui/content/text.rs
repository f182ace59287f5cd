//! The text of a tab: fixed lines, and prose that wraps to fit the pane.

use super::highlight::{Part, in_a_row};
use super::{Segment, TextLine, segment};
use crate::core::diagnosis::broken;
use bytes::Bytes;

/// The most columns of prose. Longer lines are hard to read.
const WIDEST_PROSE: usize = 100;

/// The text of a tab, wrapped at a width.
pub(super) struct TabText {
    lines: Vec<TextLine>,
    /// The rows at a width of `columns`.
    rows: Vec<Row>,
    /// Where each row starts in the joined text.
    starts: Vec<usize>,
    columns: usize,
}

enum Row {
    /// The index of a fixed line.
    Fixed(usize),
    /// One row of a wrapped line.
    Wrapped(TextLine),
}

impl TabText {
    pub(super) fn new(lines: Vec<TextLine>) -> Self {
        let mut text = Self { lines, rows: Vec::new(), starts: Vec::new(), columns: 0 };
        text.fit(WIDEST_PROSE);
        text
    }

    /// Wraps prose at `columns`. Whether the width has changed.
    pub(super) fn fit(&mut self, columns: usize) -> bool {
        let columns = columns.min(WIDEST_PROSE);
        if columns == self.columns {
            return false;
        }
        self.columns = columns;
        self.rows.clear();
        for (place, line) in self.lines.iter().enumerate() {
            match line.as_slice() {
                [label, text] if text.is_prose => self.rows.extend(rows(label, text, columns)),
                _ => self.rows.push(Row::Fixed(place)),
            }
        }
        let lengths = (0..self.len()).map(|row| 1 + self.pieces(row).map(<[u8]>::len).sum::<usize>());
        self.starts = lengths.scan(0, |next, length| Some(std::mem::replace(next, *next + length))).collect();
        true
    }

    fn pieces(&self, row: usize) -> impl Iterator<Item = &[u8]> {
        self.line(row).iter().map(|segment| segment.bytes.as_slice())
    }

    /// All rows, with a newline after each.
    pub(super) fn joined(&self) -> Bytes {
        let mut text = Vec::new();
        for row in 0..self.len() {
            self.pieces(row).for_each(|piece| text.extend_from_slice(piece));
            text.push(b'\n');
        }
        text.into()
    }

    /// Where `row` starts in the joined text.
    pub(super) fn start(&self, row: usize) -> usize {
        self.starts.get(row).copied().unwrap_or(0)
    }

    /// The row that contains the byte at `offset` of the joined text.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    pub(super) fn parts(&self, row: usize) -> impl Iterator<Item = Part<'_>> {
        let segments = self.line(row).iter().map(|segment| (segment.role, segment.bytes.as_slice()));
        in_a_row(segments, self.start(row))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The line at `row`, which must be less than [`TabText::len`].
    pub(super) fn line(&self, row: usize) -> &TextLine {
        match &self.rows[row] {
            Row::Fixed(place) => &self.lines[*place],
            Row::Wrapped(line) => line,
        }
    }
}

fn rows(label: &Segment, text: &Segment, columns: usize) -> impl Iterator<Item = Row> {
    let words = |segment: &Segment| String::from_utf8_lossy(&segment.bytes).into_owned();
    let parts = broken(&words(label), &words(text), columns);
    parts.into_iter().map(|(start, row)| Row::Wrapped(vec![segment(label.role, start), segment(text.role, row)]))
}

#[cfg(test)]
mod tests {
    use super::super::{prose, words};
    use super::*;
    use crate::tui::theme::Role;

    fn rows_at(text: &mut TabText, columns: usize) -> Vec<String> {
        text.fit(columns);
        let line = |row| text.line(row).iter().flat_map(|segment| segment.bytes.clone()).collect::<Vec<u8>>();
        (0..text.len()).map(|row| String::from_utf8(line(row)).unwrap()).collect()
    }

    #[test]
    fn only_prose_wraps_at_the_width() {
        let why = prose((Role::Strong, "why  "), (Role::Text, "the body was changed on its way"));
        let mut text = TabText::new(vec![why, words(Role::Dim, "expected one two three four")]);
        let wide = ["why  the body was changed on its way", "expected one two three four"];
        assert_eq!(rows_at(&mut text, 80), wide);
        let narrow = ["why  the body was", "     changed on", "     its way", "expected one two three four"];
        assert_eq!(rows_at(&mut text, 17), narrow);
        assert_eq!(rows_at(&mut text, 500), wide);
        assert_eq!(rows_at(&mut text, 0).len(), 8);
    }
}
