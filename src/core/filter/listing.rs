//! The lines of the event list: the events that match the filter, with the attempts of one event on one line.
//!
//! The line shows the newest attempt that matches, at that attempt's own place in the list.

use super::Filter;
use crate::core::index::Index;
use std::collections::{HashMap, HashSet};

/// Which requests have a line, as positions in an [`Index`], oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// `None` while every request has its own line.
    lines: Option<Lines>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lines {
    positions: Vec<usize>,
    /// The attempt that is shown for each event with several attempts, by the position of its first attempt.
    shown: HashMap<usize, usize>,
}

impl Listing {
    pub fn new(index: &Index, filter: &Filter) -> Self {
        let mut listing = Self::default();
        listing.extend(index, filter, 0);
        listing
    }

    /// The number of lines. `index` is the one that the listing was made for.
    pub fn len(&self, index: &Index) -> usize {
        self.lines.as_ref().map_or(index.len(), |lines| lines.positions.len())
    }

    /// Whether some requests may have no line.
    pub(crate) fn is_partial(&self) -> bool {
        self.lines.is_some()
    }

    /// The position of the request on line `line`, from 0.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn position(&self, line: usize) -> usize {
        self.lines.as_ref().map_or(line, |lines| lines.positions[line])
    }

    /// The line of the request at `position`, or of the attempt that is shown for it.
    pub(crate) fn line_of(&self, index: &Index, position: usize) -> Option<usize> {
        let Some(lines) = &self.lines else { return Some(position) };
        let shown = lines.shown.get(&index.first_attempt(position)).copied().unwrap_or(position);
        lines.positions.binary_search(&shown).ok()
    }

    /// Adds the new events, from position `from` on.
    pub fn extend(&mut self, index: &Index, filter: &Filter, from: usize) {
        if self.lines.is_none() {
            let is_plain = filter.is_empty() && !(from..index.len()).any(|position| index.is_repeated(position));
            if is_plain {
                return;
            }
            self.lines = Some(Lines { positions: (0..from).collect(), shown: HashMap::new() });
        }
        let Some(lines) = &mut self.lines else { return };
        for position in from..index.len() {
            // The first attempt was the only one until now.
            if let Some(first) = index.previous_attempt(position).filter(|it| index.first_attempt(*it) == *it)
                && lines.positions.binary_search(&first).is_ok()
            {
                lines.shown.insert(first, first);
            }
        }
        // The newest attempt replaces the one shown before.
        let mut replaced = HashSet::new();
        for position in filter.select(index, from..index.len()) {
            lines.positions.push(position);
            if index.is_repeated(position) {
                replaced.extend(lines.shown.insert(index.first_attempt(position), position));
            }
        }
        if let Some(first) = replaced.iter().min() {
            let before = lines.positions.partition_point(|position| position < first);
            let mut line = 0;
            lines.positions.retain(|position| {
                line += 1;
                line <= before || !replaced.contains(position)
            });
        }
    }

    /// Shows or hides the request at `position` after it changed, as `filter` now requires.
    pub fn update(&mut self, index: &Index, filter: &Filter, position: usize) {
        let is_selected = |position: usize| !filter.select(index, position..position + 1).is_empty();
        let Some(lines) = &mut self.lines else { return };
        if !index.is_repeated(position) {
            return lines.set(position, is_selected(position));
        }
        let first = index.first_attempt(position);
        let shown = lines.shown.get(&first).copied();
        if shown.is_some_and(|shown| shown > position) {
            return;
        }
        let wanted = std::iter::successors(Some(position), |attempt| index.previous_attempt(*attempt))
            .find(|it| is_selected(*it));
        if wanted == shown {
            return;
        }
        if let Some(shown) = lines.shown.remove(&first) {
            lines.set(shown, false);
        }
        if let Some(wanted) = wanted {
            lines.shown.insert(first, wanted);
            lines.set(wanted, true);
        }
    }
}

impl Lines {
    fn set(&mut self, position: usize, is_there: bool) {
        match (self.positions.binary_search(&position), is_there) {
            (Err(line), true) => self.positions.insert(line, position),
            (Ok(line), false) => {
                self.positions.remove(line);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Summary;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;
    use proptest::prelude::*;

    /// Events with these ids and verdicts.
    fn push(index: &mut Index, events: &[(u8, bool)]) {
        for (id, is_invalid) in events {
            let verdict = if *is_invalid { Verdict::Invalid } else { Verdict::Verified };
            let webhook_id = (*id > 0).then(|| format!("msg_{id}"));
            index.push(&Summary { webhook_id, ..summary(index.last_seq() + 1, "a", verdict) });
        }
    }

    fn lines(listing: &Listing, index: &Index) -> Vec<usize> {
        (0..listing.len(index)).map(|line| listing.position(line)).collect()
    }

    #[test]
    fn attempts_share_one_line_at_the_newest() {
        let mut index = Index::default();
        push(&mut index, &[(1, true), (2, false), (1, true), (0, false), (0, false), (1, false)]);
        let all = Listing::new(&index, &Filter::default());
        assert_eq!(lines(&all, &index), [1, 3, 4, 5]);
        assert_eq!([0, 2, 5].map(|position| all.line_of(&index, position)), [Some(3); 3]);
        let invalid = Listing::new(&index, &Filter::parse("is:invalid").unwrap());
        assert_eq!(lines(&invalid, &index), [2], "the newest that matches the filter");
        assert_eq!([0, 5, 1].map(|position| invalid.line_of(&index, position)), [Some(0), Some(0), None]);
    }

    #[test]
    fn without_filter_and_repeated_attempts_every_event_has_its_line() {
        let mut index = Index::default();
        push(&mut index, &[(1, true), (2, false)]);
        let listing = Listing::new(&index, &Filter::default());
        assert_eq!((listing.len(&index), listing.is_partial()), (2, false));
    }

    proptest! {
        #[test]
        fn extending_step_by_step_equals_building_at_once(
            batches in prop::collection::vec(prop::collection::vec((0..4u8, any::<bool>()), 0..6), 0..6),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
            is_filtered: bool,
        ) {
            let filter = Filter::parse(if is_filtered { "is:invalid" } else { "" }).unwrap();
            let mut index = Index::default();
            let mut listing = Listing::new(&index, &filter);
            for batch in &batches {
                let from = index.len();
                push(&mut index, batch);
                listing.extend(&index, &filter, from);
            }
            prop_assert_eq!(&listing, &Listing::new(&index, &filter));
            let changes = if index.is_empty() { &[] } else { &changes[..] };
            for (place, is_invalid) in changes {
                let position = place.index(index.len());
                let verdict = if *is_invalid { Verdict::Invalid } else { Verdict::Verified };
                let seq = index.row(position).seq;
                index.reverify(seq, verdict, None);
                listing.update(&index, &filter, position);
                prop_assert_eq!(lines(&listing, &index), lines(&Listing::new(&index, &filter), &index));
            }
        }
    }
}
