//! What differs between two bodies: by JSON path, and by bytes.
//!
//! JSON is compared by value: white space, the order of keys and the spelling of strings do not count. Numbers are compared
//! as they are spelled, because readers disagree about long ones.

mod align;
mod digest;
mod lines;
mod report;
mod side;
mod walk;

pub use lines::{DiffLine, Tone, lines, summary};
pub use report::json;
pub use side::Side;

use super::edit::{self, Change};
use super::json::{Document, Form};
use bytes::Bytes;

/// The most changes that are described. All are counted.
pub const MAX_CHANGES: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Added,
    Removed,
    Changed,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A value that differs, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub kind: Kind,
    /// See [`Document::path`].
    pub path: String,
    /// `None` if it was added.
    pub before: Option<Bytes>,
    /// `None` if it was removed.
    pub after: Option<Bytes>,
}

/// The changes by JSON path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The first [`MAX_CHANGES`].
    pub described: Vec<Changed>,
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
}

impl Changes {
    pub fn count(&self) -> usize {
        self.added + self.removed + self.changed
    }

    fn push(&mut self, kind: Kind, change: impl FnOnce() -> Changed) {
        match kind {
            Kind::Added => self.added += 1,
            Kind::Removed => self.removed += 1,
            Kind::Changed => self.changed += 1,
        }
        if self.described.len() < MAX_CHANGES {
            self.described.push(change());
        }
    }
}

/// Where the bytes of two bodies differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytewise {
    /// The offset of the first byte that differs; the length of the shorter body if it begins the longer one.
    pub first: usize,
    /// How many bytes at the end are the same again.
    pub same_end: usize,
}

/// What differs between two bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub by_value: ByValue,
    /// `None` if the bodies are the same, byte for byte.
    pub bytes: Option<Bytewise>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByValue {
    /// Both are JSON.
    Json(Changes),
    /// Both are text, not both JSON: the lines that differ, with those around them.
    Text(Vec<Change>),
    /// At least one is neither.
    Binary,
}

impl Difference {
    /// Reads both bodies.
    pub fn new(before: &Side, after: &Side) -> Self {
        let bytes = bytewise(&before.body, &after.body);
        let documents = (Document::new(before.content.clone()), Document::new(after.content.clone()));
        let is_text = |document: &Document| *document.form() != Form::Binary;
        let by_value = match &documents {
            (a, b) if *a.form() == Form::Json && *b.form() == Form::Json => ByValue::Json(walk::changes(a, b)),
            (a, b) if is_text(a) && is_text(b) => ByValue::Text(edit::changes(&before.content, &after.content)),
            _ => ByValue::Binary,
        };
        Self { by_value, bytes }
    }

    /// Whether the bodies are the same, byte for byte.
    pub fn is_none(&self) -> bool {
        self.bytes.is_none()
    }
}

fn bytewise(before: &[u8], after: &[u8]) -> Option<Bytewise> {
    let shorter = before.len().min(after.len());
    let first = before.iter().zip(after).position(|(a, b)| a != b).unwrap_or(shorter);
    if first == before.len() && first == after.len() {
        return None;
    }
    let ends = before.iter().rev().zip(after.iter().rev()).take(shorter - first);
    Some(Bytewise { first, same_end: ends.take_while(|(a, b)| a == b).count() })
}

#[cfg(test)]
mod tests;
