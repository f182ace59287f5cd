//! A text of any length in an overlay: a value in full, or the output of a command.

use crate::core::printable;
use crate::core::whole::whole;
use bytes::Bytes;
use std::ops::Range;

/// What is to be laid out, off the screen's thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextWanted {
    pub title: String,
    pub bytes: Bytes,
    /// Whether `bytes` are a value of JSON, to be shown in full.
    pub is_value: bool,
    /// A note below the text.
    pub note: Option<String>,
    pub columns: usize,
}

/// A text wrapped at a width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownText {
    pub wanted: TextWanted,
    rows: Vec<Range<usize>>,
    /// The columns for which it is being laid out again.
    pub asked: usize,
}

impl ShownText {
    /// Reads the whole text.
    pub fn new(mut wanted: TextWanted) -> Self {
        if wanted.is_value {
            let whole = whole(&wanted.bytes);
            wanted.bytes = whole.bytes.into();
            wanted.is_value = false;
            wanted.note = whole.found.map(str::to_owned);
        }
        let rows = printable::rows(&wanted.bytes, wanted.columns);
        Self { asked: wanted.columns, rows, wanted }
    }

    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The bytes of a row, which must be less than [`ShownText::row_count`].
    pub fn row(&self, row: usize) -> &[u8] {
        &self.wanted.bytes[self.rows[row].clone()]
    }

    /// The row that contains the first byte of `row` of another layout of the same text.
    pub fn row_of(&self, other: &Self, row: usize) -> usize {
        let start = other.rows.get(row).map_or(0, |range| range.start);
        self.rows.partition_point(|range| range.start <= start).saturating_sub(1)
    }
}
