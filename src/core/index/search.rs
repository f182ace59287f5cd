//! What a filter reads of many events at once: the shared texts by number, and the others unpacked.

use super::column::Column;
use super::interner::Interner;
pub(in crate::core) use super::texts::{Unpacked, Wanted};
use super::{Index, ending, small};
use crate::core::delivery::Ending;
use crate::core::event::Seq;
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use jiff::Timestamp;

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

impl Index {
    /// What a text that contains `needle` in either case may look like.
    pub(in crate::core) fn wanted(&self, needle: &str) -> Wanted {
        self.texts.wanted(needle)
    }

    /// Unpacks the texts of the events at `positions`, ascending, that events do not share and that may contain what is `wanted`.
    pub(in crate::core) fn unpack(&self, positions: &[u32], wanted: &Wanted, unpacked: &mut Unpacked) {
        self.texts.unpack_all(positions, wanted, unpacked);
    }

    /// The texts of `kind`, in the order of their numbers.
    pub(in crate::core) fn shared_texts(&self, kind: Shared) -> impl Iterator<Item = &str> {
        self.interner(kind).texts.iter().map(|text| &**text)
    }

    /// The number of the event's text of `kind`.
    pub(in crate::core) fn shared_text(&self, kind: Shared, position: usize) -> u32 {
        self.column(kind).get_u32(position)
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
    pub(in crate::core) fn ids(&self, position: usize) -> [String; 2] {
        let [webhook_id, event_id, _] = self.texts.get(position);
        [event_id, webhook_id]
    }

    /// The number of the event at `position`.
    ///
    /// # Panics
    /// When `position` is not below [`Index::len`].
    pub(crate) fn seq(&self, position: usize) -> Seq {
        self.seqs.get(position)
    }

    /// The number of its type.
    pub(crate) fn type_id(&self, position: usize) -> u32 {
        self.type_ids.get_u32(position)
    }

    pub(in crate::core) fn size(&self, position: usize) -> u64 {
        self.sizes.get(position)
    }

    pub(in crate::core) fn received_at_us(&self, position: usize) -> i64 {
        self.received_at_us[position]
    }

    pub(crate) fn received_at(&self, position: usize) -> Timestamp {
        Timestamp::from_microsecond(self.received_at_us[position]).unwrap_or_default()
    }

    pub(in crate::core) fn response(&self, position: usize) -> ResponseState {
        ResponseState::from_number(u16::try_from(self.responses.get(position)).unwrap_or_default())
    }

    pub(crate) fn verdict(&self, position: usize) -> Verdict {
        self.states[position].verdict
    }

    pub(in crate::core) fn is_marked(&self, position: usize) -> bool {
        self.marked.contains(&small(position))
    }

    pub(in crate::core) fn is_imported(&self, position: usize) -> bool {
        self.annotations.is_imported(self.seq(position))
    }

    /// The positions of the marked events.
    pub(crate) fn marked(&self) -> impl Iterator<Item = usize> {
        self.marked.iter().map(|position| *position as usize).filter(|position| !self.is_hidden(*position))
    }

    pub(in crate::core) fn ending(&self, position: usize) -> Option<Ending> {
        ending::from_number(self.endings.get(position))
    }

    fn column(&self, kind: Shared) -> &Column {
        match kind {
            Shared::Type => &self.type_ids,
            Shared::Path => &self.path_ids,
            Shared::Organization => &self.organization_ids,
            Shared::Reason => &self.reason_ids,
        }
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
