//! What the user added to an event, and whether it came from a file. It is stored beside the event, not in its summary: few events have any.

use std::fmt::Write as _;

/// The most characters of a note.
pub const MAX_NOTE: usize = 500;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// A pinned event stays when everything that is listed is deleted.
    pub is_pinned: bool,
    pub is_imported: bool,
    /// One line; empty if there is none.
    pub note: String,
}

/// A change by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnnotationChange {
    Pinned(bool),
    /// Empty to remove it. See [`note`].
    Note(String),
}

impl Annotation {
    /// Of an event that nobody has annotated.
    pub const NOTHING: Self = Self { is_pinned: false, is_imported: false, note: String::new() };

    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }

    pub(crate) fn change(&mut self, change: &AnnotationChange) {
        match change {
            AnnotationChange::Pinned(is_pinned) => self.is_pinned = *is_pinned,
            AnnotationChange::Note(note) => self.note.clone_from(note),
        }
    }
}

/// `text` as a note: one line, without control characters, and not too long.
pub fn note(text: &str) -> String {
    let mut note = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let space = if note.is_empty() { "" } else { " " };
        write!(note, "{space}{word}").expect("a string takes all text");
    }
    note.chars().take(MAX_NOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line() {
        assert_eq!(note("  see\nticket \x1b 12\t\u{2028}x "), "see ticket 12 x");
        assert_eq!(note(&"é".repeat(900)).chars().count(), MAX_NOTE);
        assert_eq!(note(" \n"), "");
    }
}
