//! Deletions: the running one, and those that can be undone.

use crate::core::event::Seq;

#[derive(Debug, Default)]
pub struct Deletions {
    pub running: Option<Deletion>,
    /// What can be restored, the last deletion at the end.
    pub done: Vec<Vec<Seq>>,
}

/// A running deletion, or the undoing of one.
#[derive(Debug, PartialEq, Eq)]
pub struct Deletion {
    pub what: What,
    /// How many events it is about.
    pub all: usize,
    /// Those that are deleted or restored so far.
    pub seqs: Vec<Seq>,
    /// How many stay because a delivery is pending.
    pub pending: usize,
    /// Whether the user wants to undo it already.
    pub is_undo_wanted: bool,
}

/// What is deleted, for the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An event, or the listed attempts of it.
    Event(Seq),
    /// The marked events, of which the filter hides so many.
    Marked { unlisted: usize },
    /// Every listed event.
    Listed,
    /// An earlier deletion is undone.
    Restored,
}

impl Deletion {
    pub fn new(what: What, all: usize, pending: usize) -> Self {
        Self { what, all, seqs: Vec::new(), pending, is_undo_wanted: false }
    }
}
