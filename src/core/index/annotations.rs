//! Pins, notes and imported events by number. Few events have any, so rows have no place for them.

use super::{Index, Seq};
use crate::core::annotation::{Annotation, AnnotationChange};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Annotations {
    pinned: BTreeSet<Seq>,
    notes: BTreeMap<Seq, String>,
    /// Ascending: a whole history may be imported.
    imported: Vec<Seq>,
}

impl Annotations {
    pub(super) fn get(&self, seq: Seq) -> Annotation {
        Annotation { is_pinned: self.is_pinned(seq), is_imported: self.is_imported(seq), note: self.note(seq).into() }
    }

    pub(super) fn set(&mut self, seq: Seq, Annotation { is_pinned, is_imported, note }: Annotation) {
        if is_pinned {
            self.pinned.insert(seq);
        } else {
            self.pinned.remove(&seq);
        }
        match (self.imported.binary_search(&seq), is_imported) {
            (Err(place), true) => self.imported.insert(place, seq),
            (Ok(place), false) => drop(self.imported.remove(place)),
            _ => {}
        }
        if note.is_empty() {
            self.notes.remove(&seq);
        } else {
            self.notes.insert(seq, note);
        }
    }

    pub(super) fn is_pinned(&self, seq: Seq) -> bool {
        self.pinned.contains(&seq)
    }

    pub(super) fn is_imported(&self, seq: Seq) -> bool {
        self.imported.binary_search(&seq).is_ok()
    }

    pub(super) fn note(&self, seq: Seq) -> &str {
        self.notes.get(&seq).map_or("", String::as_str)
    }
}

impl Index {
    /// Sets what was added to an event, which may come later.
    pub fn annotate(&mut self, seq: Seq, annotation: Annotation) {
        self.annotations.set(seq, annotation);
    }

    pub(crate) fn change_annotation(&mut self, seq: Seq, change: &AnnotationChange) {
        let mut annotation = self.annotations.get(seq);
        annotation.change(change);
        self.annotations.set(seq, annotation);
    }

    pub fn is_pinned(&self, seq: Seq) -> bool {
        self.annotations.is_pinned(seq)
    }

    /// The positions of the events with a note, and the notes.
    pub(in crate::core) fn notes(&self) -> impl Iterator<Item = (usize, &str)> {
        self.annotations.notes.iter().filter_map(|(seq, note)| Some((self.place_of(*seq)?, note.as_str())))
    }
}
