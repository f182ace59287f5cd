//! Evaluates a filter. Texts that events share are matched once each; the others are searched many events at a time.

use super::node::{Condition, Node};
use super::pattern::Part;
use super::query::Query;
use super::terms::State;
use crate::core::delivery::Ending;
use crate::core::index::{Index, Shared, Unpacked, small};
use std::ops::Range;

/// Events that are decided together.
const CHUNK: usize = 16_384;
/// Events whose texts are searched together. It bounds the copy.
const SEARCHED: usize = 1024;

/// Whether an event matches. In this order, the least is true of all of several conditions and the greatest of any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    False,
    /// That depends on a request that was not read yet.
    Unknown,
    True,
}

impl Truth {
    fn of(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// The positions of events, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    pub matching: Vec<usize>,
    /// Those whose requests must be read first.
    pub undecided: Vec<usize>,
}

impl Selected {
    /// Adds those of `others`, which come before these or behind them.
    fn extend(&mut self, others: Self) {
        self.matching.extend(others.matching);
        self.undecided.extend(others.undecided);
    }
}

impl Query {
    /// Which of the `positions` in `index` match. A hidden event never does.
    ///
    /// # Panics
    /// When `positions` reaches beyond the end of `index`.
    pub fn select(&self, index: &Index, positions: Range<usize>) -> Selected {
        let end = small(positions.end);
        let mut selected = Selected::default();
        let mut chunk = Vec::new();
        for start in positions.step_by(CHUNK) {
            let start = u32::try_from(start).unwrap_or(end);
            chunk.clear();
            chunk.extend(start..end.min(start.saturating_add(CHUNK as u32)));
            selected.extend(self.select_chunk(index, &chunk));
        }
        selected
    }

    /// Which of the `positions`, ascending, match.
    pub(super) fn select_among(&self, index: &Index, positions: &[u32]) -> Selected {
        let mut selected = Selected::default();
        positions.chunks(CHUNK).for_each(|chunk| selected.extend(self.select_chunk(index, chunk)));
        selected
    }

    fn select_chunk(&self, index: &Index, positions: &[u32]) -> Selected {
        let shown = positions.iter().map(|position| *position as usize);
        if self.filter.is_empty() {
            return Selected { matching: shown.filter(|it| !index.is_hidden(*it)).collect(), undecided: Vec::new() };
        }
        let mut selected = Selected::default();
        for (truth, position) in self.truths(&self.filter.root, index, positions).into_iter().zip(shown) {
            match truth {
                _ if index.is_hidden(position) => {}
                Truth::True => selected.matching.push(position),
                Truth::Unknown => selected.undecided.push(position),
                Truth::False => {}
            }
        }
        selected
    }

    /// Whether the event at `position` matches for certain.
    pub(super) fn is_match(&self, index: &Index, position: usize) -> bool {
        let alone = [small(position)];
        !index.is_hidden(position) && self.truths(&self.filter.root, index, &alone) == [Truth::True]
    }

    fn truths(&self, node: &Node, index: &Index, positions: &[u32]) -> Vec<Truth> {
        let combined = |nodes: &[Node], neutral, combine: fn(Truth, Truth) -> Truth| {
            let mut truths = vec![neutral; positions.len()];
            for node in nodes {
                let others = self.truths(node, index, positions);
                truths.iter_mut().zip(others).for_each(|(truth, other)| *truth = combine(*truth, other));
            }
            truths
        };
        match node {
            Node::All(nodes) => combined(nodes, Truth::True, Truth::min),
            Node::Any(nodes) => combined(nodes, Truth::False, Truth::max),
            Node::Not(node) => {
                let mut truths = self.truths(node, index, positions);
                truths.iter_mut().for_each(|truth| *truth = truth.not());
                truths
            }
            Node::Saved(_, node) => self.truths(node, index, positions),
            Node::Condition(condition) => {
                let marks = self.marks(condition, index, positions);
                let Some(slot) = condition.slot() else { return marks.into_iter().map(Truth::of).collect() };
                let of_request = |position| match self.known.get(index.seq(position)) {
                    Some(facts) => Truth::of(facts.holds(slot)),
                    None => Truth::Unknown,
                };
                let truths = marks.into_iter().zip(positions);
                truths.map(|(mark, position)| if mark { Truth::True } else { of_request(*position as usize) }).collect()
            }
        }
    }

    /// Where the index shows that `condition` holds.
    fn marks(&self, condition: &Condition, index: &Index, positions: &[u32]) -> Vec<bool> {
        let mut marks = vec![false; positions.len()];
        let shared = |marks: &mut [bool], kind, matches: &dyn Fn(&str) -> bool| {
            mark_shared(index, kind, positions, marks, matches);
        };
        let each = |marks: &mut [bool], matches: &dyn Fn(usize) -> bool| {
            marks.iter_mut().zip(positions).for_each(|(mark, position)| *mark = matches(*position as usize));
        };
        match condition {
            Condition::Type(glob) => shared(&mut marks, Shared::Type, &|text| glob.matches(text)),
            Condition::Is(state) => each(&mut marks, &|position| is_in(index, position, *state)),
            Condition::Reason(glob) => {
                shared(&mut marks, Shared::Reason, &|text| !text.is_empty() && glob.matches(text));
            }
            Condition::Organization(pattern) => {
                shared(&mut marks, Shared::Organization, &|text| !text.is_empty() && pattern.matches(text.as_bytes()))
            }
            Condition::Path(pattern) => shared(&mut marks, Shared::Path, &|text| pattern.matches(text.as_bytes())),
            Condition::Id(pattern) => {
                let prefix = pattern.prefix();
                let is_id = |id: &String| !id.is_empty() && prefix.matches(id.as_bytes());
                each(&mut marks, &|position| index.ids(position).iter().any(is_id));
            }
            Condition::Status(status) => each(
                &mut marks,
                &|position| matches!(index.ending(position), Some(Ending::Responded(got)) if status.matches(got)),
            ),
            Condition::Response(status) => {
                each(&mut marks, &|position| index.response(position).status().is_some_and(|got| status.matches(got)))
            }
            Condition::Size(sizes) => each(&mut marks, &|position| sizes.contains(index.size(position))),
            Condition::After(moment) => {
                let at_us = moment.at_us(self.now, &self.zone);
                each(&mut marks, &|position| index.received_at_us(position) >= at_us);
            }
            Condition::Before(moment) => {
                let at_us = moment.at_us(self.now, &self.zone);
                each(&mut marks, &|position| index.received_at_us(position) < at_us);
            }
            Condition::Text { text, .. } => mark_text(index, text, positions, &mut marks),
            // Only the request tells.
            Condition::Header { .. } | Condition::Data { .. } | Condition::Check { .. } => {}
        }
        marks
    }
}

fn is_in(index: &Index, position: usize, state: State) -> bool {
    match state {
        State::Verdict(verdict) => index.verdict(position) == verdict,
        State::Marked => index.is_marked(position),
        State::Pinned => index.is_pinned(index.seq(position)),
        State::Imported => index.is_imported(position),
        State::Delivered => index.ending(position).is_some_and(Ending::is_delivered),
        State::Failed => index.ending(position).is_some_and(|ending| !ending.is_delivered()),
        State::Retried => index.is_repeated(position),
        State::Sample => index.row(position).is_sample(),
    }
}

/// Marks the events whose text of `kind` matches.
fn mark_shared(index: &Index, kind: Shared, positions: &[u32], marks: &mut [bool], matches: impl Fn(&str) -> bool) {
    if positions.len() < index.shared_count(kind) {
        for (mark, position) in marks.iter_mut().zip(positions) {
            *mark |= matches(index.shared_text_at(kind, *position as usize));
        }
        return;
    }
    let matching: Vec<bool> = index.shared_texts(kind).map(matches).collect();
    if !matching.contains(&true) {
        return;
    }
    for (mark, position) in marks.iter_mut().zip(positions) {
        *mark |= matching[index.shared_text(kind, *position as usize) as usize];
    }
}

/// Marks the events with `text` in any of their texts. A capital letter in `text` makes the search case-sensitive.
fn mark_text(index: &Index, text: &str, positions: &[u32], marks: &mut [bool]) {
    if text.is_empty() {
        marks.fill(true);
        return;
    }
    let needle = Part::new(text);
    for kind in Shared::ALL {
        mark_shared(index, kind, positions, marks, |text| needle.is_in(text.as_bytes()));
    }
    for (position, note) in index.notes() {
        if let Ok(place) = positions.binary_search_by(|it| (*it as usize).cmp(&position)) {
            marks[place] |= needle.is_in(note.as_bytes());
        }
    }
    let wanted = index.wanted(text);
    let mut unpacked = Unpacked::default();
    for (marks, positions) in marks.chunks_mut(SEARCHED).zip(positions.chunks(SEARCHED)) {
        index.unpack(positions, &wanted, &mut unpacked);
        for (place, text) in &unpacked.others {
            marks[*place] |= needle.is_in(text);
        }
        if !needle.is_case_exact {
            unpacked.bytes.make_ascii_lowercase();
        }
        let (mut from, mut ends) = (0, unpacked.ends.iter());
        while let Some(found) = needle.finder.find(&unpacked.bytes[from..]) {
            let Some((end, place)) = ends.find(|(end, _)| *end > from + found) else { break };
            marks[*place] = true;
            from = *end;
        }
    }
}

#[cfg(test)]
mod tests;
