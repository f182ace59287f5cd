//! Turns foreign bytes into text for a screen, a log or a terminal. Nothing else may do so.
//!
//! Whatever the bytes are, a [`Printable`] is one line without control characters, without characters that reorder or
//! hide text, and with few combining marks in a row. Everything else is escaped:
//!
//! | in the bytes | in the text |
//! | --- | --- |
//! | tab | four spaces |
//! | other C0 controls, DEL | control pictures: `␊`, `␛`, `␡` |
//! | C1, bidi, zero-width, other format, default-ignorable, private and noncharacters | `<U+202E>` |
//! | a combining mark without a base, or after four others | `<U+0301>` |
//! | a byte of invalid UTF-8 | `<FF>` |
//!
//! Columns count as in ratatui: the sum of the widths of the grapheme clusters.

mod clipboard;
mod hidden;
mod rows;
mod unit;
mod window;

pub(crate) use clipboard::clipboard_json;
pub use clipboard::pasteable;
pub use clipboard::{Unpasteable, clipboard_text};
pub(in crate::core) use hidden::is_hidden;
pub use rows::rows;
pub use window::{Window, window};

use std::fmt;
use std::ops::Deref;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;
use unit::{MAX_UNIT_BYTES, Units};

const ELLIPSIS: char = '…';

/// One line of text that is safe to show. See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Printable(String);

impl Printable {
    /// All of `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(fill(bytes, usize::MAX).0)
    }

    /// All of `text`.
    pub(crate) fn from_text(text: &str) -> Self {
        Self::from_bytes(text.as_bytes())
    }

    /// As much of the start as fits in `max_columns`. If anything is truncated, the last column is `…`.
    /// `max_columns` bounds the work, whatever the length of `bytes`.
    pub fn first_columns(bytes: &[u8], max_columns: usize) -> Self {
        let (text, rest) = fill(bytes, max_columns);
        if rest.is_empty() {
            return Self(text);
        }
        let Some(text_columns) = max_columns.checked_sub(1) else {
            return Self::default();
        };
        let mut text = fill(bytes, text_columns).0;
        text.push(ELLIPSIS);
        Self(text)
    }

    /// As much of the end as fits in `max_columns`. If anything is truncated, the first column is `…`. `max_columns`
    /// bounds the work, whatever the length of `bytes`.
    pub fn last_columns(bytes: &[u8], max_columns: usize) -> Self {
        let (text, rest) = fill(bytes, max_columns);
        if rest.is_empty() {
            return Self(text);
        }
        let Some(text_columns) = max_columns.checked_sub(1) else {
            return Self::default();
        };
        Self(format!("{ELLIPSIS}{}", tail(bytes, text_columns)))
    }

    /// The columns that this text fills in ratatui.
    pub fn width(&self) -> usize {
        if self.0.is_ascii() { self.0.len() } else { self.0.graphemes(true).map(UnicodeWidthStr::width).sum() }
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// The lines of `bytes`, which end with LF or CR LF. A final newline starts no further line.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Printable> {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    body.split(|byte| *byte == b'\n').map(|line| Printable::from_bytes(line.strip_suffix(b"\r").unwrap_or(line)))
}

/// As many units of `bytes` as fit in `max_columns`, and the remaining bytes.
fn fill(bytes: &[u8], max_columns: usize) -> (String, &[u8]) {
    let mut units = Units::new(bytes);
    let mut text = String::with_capacity(bytes.len().min(max_columns));
    let mut column = 0;
    loop {
        let run = units.take_plain(max_columns - column);
        text.push_str(run);
        column += run.len();
        let rest = units.rest();
        match units.next() {
            Some(unit) if unit.width() <= max_columns - column => {
                unit.write(&mut text);
                column += unit.width();
            }
            _ => return (text, rest),
        }
    }
}

/// As many units from the end of `bytes` as fit in `max_columns`.
fn tail(bytes: &[u8], max_columns: usize) -> String {
    // A unit fills at least one column, so this is more than fits. The first unit may start inside a character or a
    // cluster, but it is never used.
    let start = bytes.len().saturating_sub((max_columns + 1).saturating_mul(MAX_UNIT_BYTES));
    let units: Vec<_> = Units::new(&bytes[start..]).collect();
    let mut first = units.len();
    let mut column = 0;
    while first > 0 && column + units[first - 1].width() <= max_columns {
        first -= 1;
        column += units[first].width();
    }
    let mut text = String::new();
    units[first..].iter().for_each(|unit| unit.write(&mut text));
    text
}

impl Deref for Printable {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Printable {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Printable> for String {
    fn from(shown: Printable) -> Self {
        shown.0
    }
}

#[cfg(test)]
mod tests;
