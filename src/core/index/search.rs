//! What a filter reads of many events at once: the shared texts by number, and a slice of the arena with all others.

use super::interner::Interner;
use super::{Index, StoredRow};
use crate::core::delivery::Ending;
use crate::core::event::Seq;
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use std::ops::Range;

/// The kinds of text that events share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::core) enum Shared {
    Type,
    Path,
    Organization,
    Reason,
}

impl Shared {
    pub(in crate::core) const ALL: [Self; 4] = [Self::Type, Self::Path, Self::Organization, Self::Reason];
}

/// The subjects and ids of some events: a slice of the arena.
pub(in crate::core) struct Searched<'a> {
    rows: &'a [StoredRow],
    pub(in crate::core) texts: &'a str,
    /// The start of `texts` in the arena.
    start: usize,
}

impl Searched<'_> {
    /// Whether the bytes `found` of `texts` lie within one text of one event. Advances `place` to the event in which they begin, so
    /// `place` must not be beyond it.
    pub(in crate::core) fn is_within_one(&self, found: Range<usize>, place: &mut usize) -> bool {
        let found = found.start + self.start..found.end + self.start;
        // Events without texts begin where the next one does. The last of them has the bytes.
        while self.rows.get(*place + 1).is_some_and(|next| next.text_start <= found.start) {
            *place += 1;
        }
        let row = &self.rows[*place];
        let mut start = row.text_start;
        [row.subject_len, row.event_id_len, row.webhook_id_len].into_iter().any(|length| {
            let text = start..start + usize::from(length);
            start = text.end;
            text.start <= found.start && found.end <= text.end
        })
    }
}

impl Index {
    /// The texts that events do not share, for a search through many events.
    pub(in crate::core) fn searched(&self, positions: Range<usize>) -> Searched<'_> {
        let start = self.rows.get(positions.start).map_or(self.arena.len(), |row| row.text_start);
        let end = self.rows.get(positions.end).map_or(self.arena.len(), |row| row.text_start);
        Searched { rows: &self.rows[positions], texts: &self.arena[start..end], start }
    }

    /// The texts of `kind`, in the order of their numbers.
    pub(in crate::core) fn shared_texts(&self, kind: Shared) -> impl Iterator<Item = &str> {
        self.interner(kind).texts.iter().map(|text| &**text)
    }

    /// The number of the event's text of `kind`.
    pub(in crate::core) fn shared_text(&self, kind: Shared, position: usize) -> u32 {
        let row = &self.rows[position];
        match kind {
            Shared::Type => row.type_id,
            Shared::Path => row.path,
            Shared::Organization => row.organization,
            Shared::Reason => row.reason,
        }
    }

    /// The event's text of `kind`.
    pub(in crate::core) fn shared_text_at(&self, kind: Shared, position: usize) -> &str {
        self.interner(kind).text(self.shared_text(kind, position))
    }

    /// How many texts of `kind` there are.
    pub(in crate::core) fn shared_count(&self, kind: Shared) -> usize {
        self.interner(kind).texts.len()
    }

    /// The event's id and its `webhook-id`; empty where it has none.
    pub(in crate::core) fn ids(&self, position: usize) -> [&str; 2] {
        let row = &self.rows[position];
        let (event_id, webhook_id) = self.texts(row)[row.subject_len.into()..].split_at(row.event_id_len.into());
        [event_id, webhook_id]
    }

    pub(in crate::core) fn seq(&self, position: usize) -> Seq {
        self.rows[position].seq
    }

    pub(in crate::core) fn size(&self, position: usize) -> u64 {
        self.rows[position].size
    }

    pub(in crate::core) fn received_at_us(&self, position: usize) -> i64 {
        self.rows[position].received_at_us
    }

    pub(in crate::core) fn response(&self, position: usize) -> ResponseState {
        self.rows[position].response
    }

    pub(in crate::core) fn verdict(&self, position: usize) -> Verdict {
        self.rows[position].verdict
    }

    pub(in crate::core) fn is_marked(&self, position: usize) -> bool {
        self.rows[position].is_marked
    }

    pub(in crate::core) fn is_imported(&self, position: usize) -> bool {
        self.annotations.is_imported(self.rows[position].seq)
    }

    /// The positions of the marked events.
    pub(crate) fn marked(&self) -> impl Iterator<Item = usize> {
        let is_marked = |position: &usize| self.rows[*position].is_marked && !self.rows[*position].is_hidden;
        (0..self.rows.len()).filter(is_marked)
    }

    pub(in crate::core) fn ending(&self, position: usize) -> Option<Ending> {
        self.rows[position].ending
    }

    fn interner(&self, kind: Shared) -> &Interner {
        match kind {
            Shared::Type => &self.types,
            Shared::Path => &self.paths,
            Shared::Organization => &self.organizations,
            Shared::Reason => &self.reasons,
        }
    }
}
