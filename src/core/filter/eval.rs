//! Evaluates a filter. Texts that events share are matched once each; the others are searched many events at a time.

use super::node::{Condition, Node};
use super::pattern::Part;
use super::query::Query;
use super::terms::State;
use crate::core::delivery::Ending;
use crate::core::index::{Index, Shared};
use std::ops::Range;

/// Events whose texts are searched together. It bounds the lower-case copy.
const CHUNK: usize = 4096;

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

impl Query {
    /// Which of the `positions` in `index` match. A hidden event never does.
    ///
    /// # Panics
    /// When `positions` reaches beyond the end of `index`.
    pub fn select(&self, index: &Index, positions: Range<usize>) -> Selected {
        let is_shown = |position: &usize| !index.is_hidden(*position);
        if self.filter.is_empty() {
            return Selected { matching: positions.filter(is_shown).collect(), undecided: Vec::new() };
        }
        let mut selected = Selected::default();
        for (truth, position) in self.truths(&self.filter.root, index, &positions).into_iter().zip(positions) {
            match truth {
                _ if !is_shown(&position) => {}
                Truth::True => selected.matching.push(position),
                Truth::Unknown => selected.undecided.push(position),
                Truth::False => {}
            }
        }
        selected
    }

    /// Whether the event at `position` matches for certain.
    pub(super) fn is_match(&self, index: &Index, position: usize) -> bool {
        !index.is_hidden(position) && self.truths(&self.filter.root, index, &(position..position + 1)) == [Truth::True]
    }

    fn truths(&self, node: &Node, index: &Index, positions: &Range<usize>) -> Vec<Truth> {
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
                let truths = marks.into_iter().zip(positions.clone());
                truths.map(|(mark, position)| if mark { Truth::True } else { of_request(position) }).collect()
            }
        }
    }

    /// Where the index shows that `condition` holds.
    fn marks(&self, condition: &Condition, index: &Index, positions: &Range<usize>) -> Vec<bool> {
        let mut marks = vec![false; positions.len()];
        let shared = |marks: &mut [bool], kind, matches: &dyn Fn(&str) -> bool| {
            mark_shared(index, kind, positions, marks, matches);
        };
        let each = |marks: &mut [bool], matches: &dyn Fn(usize) -> bool| {
            marks.iter_mut().zip(positions.clone()).for_each(|(mark, position)| *mark = matches(position));
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
                let is_id = |id: &str| !id.is_empty() && prefix.matches(id.as_bytes());
                each(&mut marks, &|position| index.ids(position).into_iter().any(is_id));
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
    }
}

/// Marks the events whose text of `kind` matches.
fn mark_shared(
    index: &Index,
    kind: Shared,
    positions: &Range<usize>,
    marks: &mut [bool],
    matches: impl Fn(&str) -> bool,
) {
    if positions.len() < index.shared_count(kind) {
        for (mark, position) in marks.iter_mut().zip(positions.clone()) {
            *mark |= matches(index.shared_text_at(kind, position));
        }
        return;
    }
    let matching: Vec<bool> = index.shared_texts(kind).map(matches).collect();
    if !matching.contains(&true) {
        return;
    }
    for (mark, position) in marks.iter_mut().zip(positions.clone()) {
        *mark |= matching[index.shared_text(kind, position) as usize];
    }
}

/// Marks the events with `text` in any of their texts. A capital letter in `text` makes the search case-sensitive.
fn mark_text(index: &Index, text: &str, positions: &Range<usize>, marks: &mut [bool]) {
    if text.is_empty() {
        marks.fill(true);
        return;
    }
    let needle = Part::new(text);
    for kind in Shared::ALL {
        mark_shared(index, kind, positions, marks, |text| needle.is_in(text.as_bytes()));
    }
    for (position, note) in index.notes().filter(|(position, _)| positions.contains(position)) {
        marks[position - positions.start] |= needle.is_in(note.as_bytes());
    }
    let mut lower = String::new();
    for (marks, start) in marks.chunks_mut(CHUNK).zip(positions.clone().step_by(CHUNK)) {
        let searched = index.searched(start..start + marks.len());
        let haystack = if needle.is_case_exact {
            searched.texts
        } else if searched.texts.is_ascii() {
            lower.clear();
            lower.push_str(searched.texts);
            lower.make_ascii_lowercase();
            &lower
        } else {
            // Lower-casing can change the length of a text, so each text is searched separately.
            for (mark, position) in marks.iter_mut().zip(start..) {
                let row = index.row(position);
                *mark |=
                    [row.subject, row.event_id, row.webhook_id].into_iter().any(|text| needle.is_in(text.as_bytes()));
            }
            continue;
        };
        let (mut from, mut place) = (0, 0);
        while let Some(found) = needle.finder.find(&haystack.as_bytes()[from..]) {
            let found = from + found..from + found + text.len();
            from = if searched.is_within_one(found.clone(), &mut place) {
                marks[place] = true;
                found.end
            } else {
                // This match spans two texts. One that starts inside it may not.
                found.start + 1
            };
        }
    }
}

#[cfg(test)]
mod tests;
