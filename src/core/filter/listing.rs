//! The lines of the event list: the events that match the filter, with the attempts of one event on one line.
//!
//! The line shows the newest attempt that matches, at that attempt's own place in the list. Long lists are filled in steps, from the
//! newest event to the oldest, so that no key waits for them.

use super::query::Query;
use crate::core::index::{Index, small};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Which requests have a line, as positions in an [`Index`], oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// `None` while every request has its own line.
    lines: Option<Lines>,
    /// The requests that may get a line, and were not filtered yet.
    rest: Rest,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lines {
    positions: Vec<u32>,
    /// The attempt that is shown for each event with several attempts, by the position of its first attempt.
    shown: HashMap<u32, u32>,
}

/// Positions, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rest {
    /// All up to this one.
    Before(usize),
    These(Vec<u32>),
}

impl Default for Rest {
    fn default() -> Self {
        Self::Before(0)
    }
}

impl Rest {
    fn len(&self) -> usize {
        match self {
            Self::Before(end) => *end,
            Self::These(positions) => positions.len(),
        }
    }

    fn has(&self, position: usize) -> bool {
        match self {
            Self::Before(end) => position < *end,
            Self::These(positions) => positions.binary_search(&small(position)).is_ok(),
        }
    }

    /// Takes the last `count`.
    fn take(&mut self, count: usize) -> Vec<u32> {
        match self {
            Self::Before(end) => {
                let from = end.saturating_sub(count);
                (small(from)..small(std::mem::replace(end, from))).collect()
            }
            Self::These(positions) => positions.split_off(positions.len().saturating_sub(count)),
        }
    }

    fn all(&self) -> Vec<u32> {
        match self {
            Self::Before(end) => (0..small(*end)).collect(),
            Self::These(positions) => positions.clone(),
        }
    }
}

impl Listing {
    /// All events of `index` that match, and the positions of those whose requests must be read first.
    pub fn new(index: &Index, query: &Query) -> (Self, Vec<usize>) {
        let mut listing = Self::begin(index, query);
        let undecided = listing.fill(index, query, usize::MAX);
        (listing, undecided)
    }

    /// A list to be filled by [`Listing::fill`].
    pub(crate) fn begin(index: &Index, query: &Query) -> Self {
        if query.filter().is_empty() && !index.has_hidden() && !index.is_any_repeated() {
            return Self::default();
        }
        Self { lines: Some(Lines::default()), rest: Rest::Before(index.len()) }
    }

    /// As [`Listing::begin`], for a filter that rejects whatever the one before rejected. Leaves out the events that the one before could
    /// not decide yet, because their requests were not read.
    pub(crate) fn narrowed(&self, index: &Index) -> Self {
        let Some(lines) = &self.lines else {
            return Self { lines: Some(Lines::default()), rest: Rest::Before(index.len()) };
        };
        // Another attempt of a message may match than the one that is shown.
        let attempts = lines.shown.keys().flat_map(|first| index.attempts(*first as usize, usize::MAX)).map(small);
        let mut rest: Vec<_> = lines.positions.iter().copied().chain(attempts).collect();
        if !lines.shown.is_empty() {
            rest.sort_unstable();
            rest.dedup();
        }
        if self.rest.len() > 0 {
            rest.extend(self.rest.all());
            rest.sort_unstable();
            rest.dedup();
        }
        Self { lines: Some(Lines::default()), rest: Rest::These(rest) }
    }

    /// Whether there is more for [`Listing::fill`].
    pub fn is_filling(&self) -> bool {
        self.rest.len() > 0
    }

    /// Whether it narrows the list of the filter before.
    pub(crate) fn is_narrowed(&self) -> bool {
        matches!(self.rest, Rest::These(_))
    }

    /// Whether the request at `position` is to be filtered yet.
    pub(crate) fn is_left(&self, position: usize) -> bool {
        self.rest.has(position)
    }

    /// Applies the filter to the newest `count` events that remain. Returns the positions of those that it can decide only after their
    /// requests are read.
    pub fn fill(&mut self, index: &Index, query: &Query, count: usize) -> Vec<usize> {
        let Some(lines) = &mut self.lines else { return Vec::new() };
        let positions = self.rest.take(count);
        let selected = query.select_among(index, &positions);
        let (mut alone, mut repeated) = (Vec::with_capacity(selected.matching.len()), Vec::new());
        for position in selected.matching {
            if index.is_repeated(position) { repeated.push(position) } else { alone.push(small(position)) }
        }
        // A changed event may have its line already.
        let among = lines.among(&positions);
        if !among.is_empty() {
            alone.retain(|position| lines.positions[among.clone()].binary_search(position).is_err());
        }
        lines.merge(&alone);
        let mut shown = Vec::new();
        for position in repeated.into_iter().rev() {
            let first = small(index.first_attempt(position));
            match lines.shown.get(&first).copied() {
                Some(newer) if newer as usize >= position => continue,
                Some(older) => lines.set(older, false),
                None => {}
            }
            lines.shown.insert(first, small(position));
            shown.push(small(position));
        }
        shown.reverse();
        lines.merge(&shown);
        selected.undecided
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
        self.lines.as_ref().map_or(line, |lines| lines.positions[line] as usize)
    }

    /// The line of the request at `position`, or of the attempt that is shown for it.
    pub(crate) fn line_of(&self, index: &Index, position: usize) -> Option<usize> {
        let Some(lines) = &self.lines else { return Some(position) };
        let shown = lines.shown.get(&small(index.first_attempt(position))).copied();
        lines.positions.binary_search(&shown.unwrap_or(small(position))).ok()
    }

    /// Adds the new events, from position `from` on. Returns the positions of those whose requests must be read first.
    pub fn extend(&mut self, index: &Index, query: &Query, from: usize) -> Vec<usize> {
        if self.lines.is_none() {
            let is_any_repeated = || (from..index.len()).any(|position| index.is_repeated(position));
            if query.filter().is_empty() && !index.has_hidden() && !is_any_repeated() {
                return Vec::new();
            }
        }
        let all = || Lines { positions: (0..small(from)).collect(), shown: HashMap::new() };
        let lines = self.lines.get_or_insert_with(all);
        for position in from..index.len() {
            // The first attempt was the only one until now.
            if let Some(first) = index.previous_attempt(position).filter(|it| index.first_attempt(*it) == *it)
                && lines.positions.binary_search(&small(first)).is_ok()
            {
                lines.shown.insert(small(first), small(first));
            }
        }
        // The newest attempt replaces the one shown before.
        let mut replaced = HashSet::new();
        let selected = query.select(index, from..index.len());
        for position in selected.matching {
            lines.positions.push(small(position));
            if index.is_repeated(position) {
                replaced.extend(lines.shown.insert(small(index.first_attempt(position)), small(position)));
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
        selected.undecided
    }

    /// Shows those of the requests at `positions`, ascending, that match now that they were read.
    pub fn decide(&mut self, index: &Index, query: &Query, positions: &[usize]) {
        let Some(lines) = &mut self.lines else { return };
        let (repeated, new): (Vec<usize>, Vec<usize>) = positions
            .iter()
            .copied()
            .filter(|position| {
                lines.positions.binary_search(&small(*position)).is_err() && query.is_match(index, *position)
            })
            .partition(|position| index.is_repeated(*position));
        lines.merge(&new.into_iter().map(small).collect::<Vec<_>>());
        for position in repeated {
            self.update(index, query, position);
        }
    }

    /// Shows or hides the request at `position` after it changed, as the filter now requires.
    pub fn update(&mut self, index: &Index, query: &Query, position: usize) {
        let is_selected = |position: usize| query.is_match(index, position);
        let Some(lines) = &mut self.lines else { return };
        if !index.is_repeated(position) {
            return lines.set(small(position), is_selected(position));
        }
        let first = small(index.first_attempt(position));
        let shown = lines.shown.get(&first).copied();
        if shown.is_some_and(|shown| shown as usize > position) {
            return;
        }
        let wanted = std::iter::successors(Some(position), |attempt| index.previous_attempt(*attempt))
            .find(|it| is_selected(*it))
            .map(small);
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
    /// The lines from the first of `positions`, ascending, to the last.
    fn among(&self, positions: &[u32]) -> Range<usize> {
        let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return 0..0 };
        self.positions.partition_point(|it| it < first)..self.positions.partition_point(|it| it <= last)
    }

    /// Adds `new`, ascending and not there yet. Moves only what is behind the first of them, once.
    fn merge(&mut self, new: &[u32]) {
        let (Some(first), Some(last)) = (new.first(), new.last()) else { return };
        let from = self.positions.partition_point(|it| it < first);
        if self.positions.get(from).is_none_or(|next| next > last) {
            self.positions.splice(from..from, new.iter().copied());
            return;
        }
        let mut old = self.positions.len();
        let mut place = old + new.len();
        self.positions.resize(place, 0);
        for position in new.iter().rev() {
            while old > 0 && self.positions[old - 1] > *position {
                old -= 1;
                place -= 1;
                self.positions[place] = self.positions[old];
            }
            place -= 1;
            self.positions[place] = *position;
        }
    }

    fn set(&mut self, position: u32, is_there: bool) {
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
mod tests;
