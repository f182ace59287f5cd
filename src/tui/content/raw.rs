//! The raw tab: the exact bytes of the body, as hexadecimal digits and as text. Rows are made when they are drawn.

use super::highlight::Highlight;
use crate::core::hex::{self, Row};
use crate::core::printable::{self, Window};
use crate::tui::theme::{Code, Role};
use bytes::Bytes;
use std::ops::Range;

/// See the module.
pub(super) struct Raw {
    pub body: Bytes,
    row: Row,
}

impl Raw {
    pub(super) fn new(body: Bytes) -> Self {
        Self { body, row: Row::WIDEST }
    }

    /// Shows as many bytes in a row as fit in `columns`.
    pub(super) fn fit(&mut self, columns: usize) {
        self.row = Row::fitting(columns);
    }

    pub(super) fn len(&self) -> usize {
        self.body.len().div_ceil(self.row.bytes())
    }

    /// The offset of the first byte in `row`.
    pub(super) fn start(&self, row: usize) -> usize {
        row.saturating_mul(self.row.bytes()).min(self.body.len())
    }

    pub(super) fn row_at(&self, offset: usize) -> usize {
        offset / self.row.bytes()
    }

    /// The columns of the digits of `length` bytes at `offset`, as far as they are in `row`.
    pub(super) fn columns(&self, row: usize, offset: usize, length: usize) -> Option<Range<usize>> {
        let first = offset.checked_sub(self.start(row)).filter(|first| *first < self.row.bytes())?;
        let last = (first + length.max(1)).min(self.row.bytes()) - 1;
        Some(self.row.digits_at(first)..self.row.digits_at(last) + 2)
    }

    pub(super) fn window(
        &self,
        row: usize,
        highlight: Option<Highlight<'_>>,
        skip_columns: usize,
        columns: usize,
    ) -> Window<Role> {
        let start = self.start(row);
        let bytes = &self.body[start..self.body.len().min(start + self.row.bytes())];
        let hit = |place: usize| highlight.and_then(|highlight| highlight.role_at(start + place));
        let mut cells = Cells::default();
        cells.put(Role::Dim, &hex::offset(start));
        for (place, byte) in bytes.iter().enumerate() {
            // The space between two bytes of a hit belongs to it.
            let between = if place > 0 && hit(place - 1).is_some() { hit(place) } else { None };
            cells.pad(between.unwrap_or(Role::Text), self.row.digits_at(place));
            cells.put(hit(place).unwrap_or_else(|| role(*byte)), &hex::digits(*byte));
        }
        cells.pad(Role::Text, self.row.text_at());
        for (place, byte) in bytes.iter().enumerate() {
            cells.put(hit(place).unwrap_or_else(|| role(*byte)), &[hex::text(*byte)]);
        }
        let pieces = cells.0.iter().map(|(role, text)| (*role, text.as_slice()));
        printable::window(pieces, skip_columns, columns)
    }
}

/// Text stands out from other bytes.
fn role(byte: u8) -> Role {
    match byte {
        b' '..=b'~' => Role::Text,
        0 => Role::Dim,
        0x80.. => Role::Code(Code::Number),
        _ => Role::Code(Code::Literal),
    }
}

/// The cells of a row, in pieces of one role.
#[derive(Default)]
struct Cells(Vec<(Role, Vec<u8>)>);

impl Cells {
    fn put(&mut self, role: Role, text: &[u8]) {
        match self.0.last_mut() {
            Some((last, piece)) if *last == role => piece.extend_from_slice(text),
            _ => self.0.push((role, text.to_vec())),
        }
    }

    /// Adds spaces up to `column`.
    fn pad(&mut self, role: Role, column: usize) {
        let used: usize = self.0.iter().map(|(_, piece)| piece.len()).sum();
        self.put(role, &vec![b' '; column.saturating_sub(used)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row, with hits in brackets.
    fn shown(raw: &Raw, row: usize, offsets: &[usize], length: usize) -> String {
        let highlight = Highlight { offsets, length, current: None };
        let window = raw.window(row, Some(highlight), 0, 200);
        let piece = |(role, text): (Role, printable::Printable)| {
            if role == Role::Hit { format!("[{text}]") } else { text.into_string() }
        };
        window.pieces.into_iter().map(piece).collect()
    }

    #[test]
    fn hits_are_marked_in_the_digits_and_in_the_text() {
        let mut raw = Raw::new(Bytes::from_static(b"{\"id\":\"\x1b[31m\xff\",\"a\":1}"));
        assert_eq!(
            shown(&raw, 0, &[2, 14], 2),
            "00000000  7b 22 [69 64] 22 3a 22 1b  5b 33 31 6d ff 22 [2c 22]  {\"[id]\":\".[31m.\"[,\"]"
        );
        assert_eq!(shown(&raw, 1, &[15], 3), "00000010  [61 22] 3a 31 7d                                    [a\"]:1}");
        raw.fit(50);
        assert_eq!((raw.len(), raw.start(1), raw.row_at(17)), (3, 8, 2));
        assert_eq!(shown(&raw, 1, &[7], 2), "00000008  [5b] 33 31 6d  ff 22 2c 22  [[]31m.\",\"");
        assert_eq!(
            (raw.columns(1, 9, 2), raw.columns(1, 15, 9), raw.columns(1, 16, 1)),
            (Some(13..18), Some(32..34), None)
        );
    }

    #[test]
    fn every_byte_is_shown_and_an_empty_body_has_no_rows() {
        let raw = Raw::new((0..=255).collect::<Vec<u8>>().into());
        assert_eq!(raw.len(), 16);
        for row in 0..16 {
            let text = shown(&raw, row, &[], 1);
            assert!(text.is_ascii() && text.len() == 76, "{text}");
        }
        assert_eq!(Raw::new(Bytes::new()).len(), 0);
    }
}
