//! The lines of the event list: the events that match the filter, with the attempts of one event on one line.
//!
//! The line shows the newest attempt that matches, at that attempt's own place in the list. Long lists are filled in steps, from the
//! newest event to the oldest, so that no key waits for them.

use super::query::Query;
use crate::core::index::Index;
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

fn small(position: usize) -> u32 {
    u32::try_from(position).expect("memory holds fewer than 2^32 events")
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

    /// As [`Listing::begin`], for a filter that selects no event for which the one before said no. Those for which it did not say anything
    /// yet, because their requests were not read, are not filled in.
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

    /// Filters the newest `count` of the requests that are left. Returns the positions of those whose requests must be read first.
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
mod tests {
    use super::*;
    use crate::core::event::Summary;
    use crate::core::filter::node::Filter;
    use crate::core::index::tests::summary;
    use crate::core::request::Head;
    use crate::core::signature::Verdict;
    use proptest::prelude::*;

    fn query(filter: &str) -> Query {
        Query::new(Filter::parse(filter).unwrap(), jiff::Timestamp::UNIX_EPOCH, jiff::tz::TimeZone::UTC)
    }

    fn listing(index: &Index, query: &Query) -> Listing {
        Listing::new(index, query).0
    }

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
        let all = listing(&index, &Query::default());
        assert_eq!(lines(&all, &index), [1, 3, 4, 5]);
        assert_eq!([0, 2, 5].map(|position| all.line_of(&index, position)), [Some(3); 3]);
        let invalid = listing(&index, &query("is:invalid"));
        assert_eq!(lines(&invalid, &index), [2], "the newest that matches the filter");
        assert_eq!([0, 5, 1].map(|position| invalid.line_of(&index, position)), [Some(0), Some(0), None]);
    }

    #[test]
    fn without_filter_and_repeated_attempts_every_event_has_its_line() {
        let mut index = Index::default();
        push(&mut index, &[(1, true), (2, false)]);
        let listing = Listing::new(&index, &Query::default()).0;
        assert_eq!((listing.len(&index), listing.is_partial()), (2, false));
    }

    proptest! {
        #[test]
        fn extending_step_by_step_equals_building_at_once(
            batches in prop::collection::vec(prop::collection::vec((0..4u8, any::<bool>()), 0..6), 0..6),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
            is_filtered: bool,
        ) {
            let query = query(if is_filtered { "is:invalid" } else { "" });
            let mut index = Index::default();
            let mut extended = listing(&index, &query);
            for batch in &batches {
                let from = index.len();
                push(&mut index, batch);
                extended.extend(&index, &query, from);
            }
            prop_assert_eq!(&extended, &listing(&index, &query));
            let changes = if index.is_empty() { &[] } else { &changes[..] };
            for (place, is_invalid) in changes {
                let position = place.index(index.len());
                let verdict = if *is_invalid { Verdict::Invalid } else { Verdict::Verified };
                let seq = index.row(position).seq;
                index.reverify(seq, verdict, None);
                extended.update(&index, &query, position);
                prop_assert_eq!(lines(&extended, &index), lines(&listing(&index, &query), &index));
            }
        }

        #[test]
        fn filling_in_steps_equals_building_at_once(
            events in prop::collection::vec((0..4u8, any::<bool>()), 0..30),
            steps in prop::collection::vec((1..7_usize, any::<prop::sample::Index>(), any::<bool>()), 40),
            later in prop::collection::vec((0..4u8, any::<bool>()), 0..6),
            is_filtered: bool,
        ) {
            let query = query(if is_filtered { "is:invalid" } else { "" });
            let mut index = Index::default();
            push(&mut index, &events);
            let mut filled = Listing::begin(&index, &query);
            let mut later = later.chunks(2);
            for (count, place, is_invalid) in steps {
                filled.fill(&index, &query, count);
                if !index.is_empty() {
                    let position = place.index(index.len());
                    let verdict = if is_invalid { Verdict::Invalid } else { Verdict::Verified };
                    index.reverify(index.seq(position), verdict, None);
                    filled.update(&index, &query, position);
                }
                let from = index.len();
                push(&mut index, later.next().unwrap_or_default());
                filled.extend(&index, &query, from);
            }
            prop_assert!(!filled.is_filling());
            prop_assert_eq!(lines(&filled, &index), lines(&listing(&index, &query), &index));
        }

        #[test]
        fn narrowing_equals_filtering_all_events(
            events in prop::collection::vec((0..6u8, any::<bool>()), 0..40),
            before in prop::sample::select(&["m", "is:invalid", "msg", "type:a OR is:invalid", "-msg_2"][..]),
            more in prop::sample::select(&["", "sg_1", " msg_3", " -msg_1", " is:verified", "_"][..]),
            filled_before in 0..50_usize,
            step in 1..9_usize,
        ) {
            let text = format!("{before}{more}");
            prop_assume!(Filter::parse(&text).is_ok());
            let (wide, narrow) = (query(before), query(&text));
            prop_assume!(narrow.filter().is_narrower_than(wide.filter()));
            let known = |query: &Query, index: &Index| {
                let mut query = query.clone();
                (0..index.len()).for_each(|position| query.know(index.seq(position), Default::default()));
                query
            };
            let mut index = Index::default();
            push(&mut index, &events);
            let (wide, narrow) = (known(&wide, &index), known(&narrow, &index));
            let mut listed = Listing::begin(&index, &wide);
            listed.fill(&index, &wide, filled_before);
            listed = listed.narrowed(&index);
            while listed.is_filling() {
                listed.fill(&index, &narrow, step);
            }
            prop_assert_eq!(lines(&listed, &index), lines(&listing(&index, &narrow), &index));
        }

        #[test]
        fn deciding_in_any_order_equals_knowing_at_once(
            events in prop::collection::vec((0..4u8, any::<bool>()), 0..30),
            matching in prop::collection::vec(any::<bool>(), 30),
            chunk in 1..7_usize,
            is_newest_first: bool,
        ) {
            let head = Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap();
            let mut query = query("data.a:1");
            let mut index = Index::default();
            push(&mut index, &events);
            let (mut filled, undecided) = Listing::new(&index, &query);
            prop_assert_eq!(&undecided, &(0..index.len()).collect::<Vec<_>>());
            let mut chunks: Vec<_> = undecided.chunks(chunk).collect();
            if is_newest_first {
                chunks.reverse();
            }
            for positions in chunks {
                for position in positions {
                    let body = if matching[*position] { &b"{\"data\": {\"a\": 1}}"[..] } else { b"{}" };
                    let facts = query.filter().request_test().facts(&head, body);
                    query.know(index.row(*position).seq, facts);
                }
                filled.decide(&index, &query, positions);
            }
            let (at_once, undecided) = Listing::new(&index, &query);
            prop_assert!(undecided.is_empty());
            prop_assert_eq!(lines(&filled, &index), lines(&at_once, &index));
        }
    }
}
