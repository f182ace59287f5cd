//! Attempts: requests that share a `webhook-id`, or trigger events that share a `dedupe_key`. Most events have only one, and take no more
//! than a place in the table of ids.

use super::{Identity, Index, small};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// Finds the requests with the same identity: see [`Row::identity`](super::Row::identity).
#[derive(Default)]
pub(super) struct Messages {
    /// The position of the first request with each id, hidden or not.
    first: HashTable<u32>,
    hasher: RandomState,
    /// The requests with the same id, if there are several.
    groups: Vec<Group>,
    /// The place of each of them in `groups`.
    group_of: HashMap<u32, u32>,
}

struct Group {
    /// Oldest first.
    positions: Vec<u32>,
    /// How many of them are hidden.
    hidden: usize,
}

impl Group {
    /// How many are not hidden.
    fn count(&self) -> usize {
        self.positions.len() - self.hidden
    }

    fn all(&self) -> Range<usize> {
        0..self.positions.len()
    }

    fn before(&self, position: usize) -> Range<usize> {
        0..self.positions.partition_point(|other| (*other as usize) < position)
    }
}

impl Index {
    /// The position of the first attempt with the `webhook-id` of the one at `position`.
    pub(crate) fn first_attempt(&self, position: usize) -> usize {
        let first = self.group(position).and_then(|group| self.shown(group, group.all()).next());
        first.unwrap_or(position)
    }

    /// The position of the attempt before the one at `position`.
    pub(crate) fn previous_attempt(&self, position: usize) -> Option<usize> {
        let group = self.group(position)?;
        self.shown(group, group.before(position)).next_back()
    }

    /// Whether the request at `position` is one of several attempts.
    pub(crate) fn is_repeated(&self, position: usize) -> bool {
        self.group(position).is_some_and(|group| group.count() > 1)
    }

    /// Whether any request is one of several attempts.
    pub(in crate::core) fn is_any_repeated(&self) -> bool {
        self.messages.groups.iter().any(|group| group.count() > 1)
    }

    /// The number of attempts.
    pub(crate) fn attempt_count(&self, position: usize) -> u32 {
        self.group(position).map_or(1, |group| small(group.count()))
    }

    /// 1 for the first attempt.
    pub(super) fn attempt(&self, position: usize) -> u32 {
        let Some(group) = self.group(position) else { return 1 };
        let before = group.before(position);
        small(if group.hidden == 0 { before.len() } else { self.shown(group, before).count() } + 1)
    }

    /// The positions of the newest `limit` attempts, oldest first.
    pub fn attempts(&self, position: usize, limit: usize) -> Vec<usize> {
        let Some(group) = self.group(position) else { return vec![position] };
        let mut attempts: Vec<_> = self.shown(group, group.all()).rev().take(limit).collect();
        attempts.reverse();
        attempts
    }

    /// The positions of the newest `limit` requests that are further attempts, oldest first.
    pub(crate) fn further_attempts(&self, limit: usize) -> Vec<usize> {
        let groups = self.messages.groups.iter();
        let mut further: Vec<_> = groups.flat_map(|group| self.shown(group, group.all()).skip(1)).collect();
        further.sort_unstable();
        further.split_off(further.len().saturating_sub(limit))
    }

    /// The attempts of the event at `position`, unless it is the only one, or hidden.
    fn group(&self, position: usize) -> Option<&Group> {
        let state = self.states[position];
        if !state.identity.has(Identity::SHARED) || state.is_hidden {
            return None;
        }
        let group = self.messages.group_of.get(&small(position))?;
        Some(&self.messages.groups[*group as usize])
    }

    /// The attempts in `range` that are not hidden.
    fn shown<'a>(&'a self, group: &'a Group, range: Range<usize>) -> impl DoubleEndedIterator<Item = usize> + 'a {
        let positions = group.positions[range].iter().map(|position| *position as usize);
        positions.filter(|position| group.hidden == 0 || !self.states[*position].is_hidden)
    }

    /// Notes that the event at `position` was hidden, or is shown again.
    pub(super) fn note_hidden(&mut self, position: usize, is_hidden: bool) {
        if let Some(group) = self.messages.group_of.get(&small(position)) {
            let hidden = &mut self.messages.groups[*group as usize].hidden;
            *hidden = if is_hidden { *hidden + 1 } else { *hidden - 1 };
        }
    }

    /// Links the newest event to the attempts before it.
    pub(super) fn link_last(&mut self) {
        let Self { messages: Messages { first, hasher, groups, group_of }, texts, states, .. } = self;
        let newest = small(states.len() - 1);
        let id_of = |position: &u32| {
            let position = *position as usize;
            texts.stored_id(position, states[position].identity.has(Identity::OWN)).unwrap_or_default()
        };
        let id = id_of(&newest);
        if id.is_empty() {
            return;
        }
        let found = first.entry(hasher.hash_one(id), |it| id_of(it) == id, |it| hasher.hash_one(id_of(it)));
        let first = match found {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(free) => {
                free.insert(newest);
                return;
            }
        };
        let group = *group_of.entry(first).or_insert_with(|| {
            let hidden = usize::from(states[first as usize].is_hidden);
            groups.push(Group { positions: vec![first], hidden });
            small(groups.len() - 1)
        });
        group_of.insert(newest, group);
        groups[group as usize].positions.push(newest);
        for position in [first, newest] {
            let identity = &mut states[position as usize].identity;
            *identity = identity.with(Identity::SHARED, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::summary;
    use super::*;
    use crate::core::event::Summary;
    use crate::core::signature::Verdict;

    fn index(ids: &[Option<&str>]) -> Index {
        let mut index = Index::default();
        for (seq, id) in (1..).zip(ids) {
            let webhook_id = id.map(str::to_owned);
            index.push(&Summary { webhook_id, ..summary(seq, "a", Verdict::Verified) });
        }
        index
    }

    #[test]
    fn attempts_are_numbered_and_linked() {
        let index = index(&[Some("m"), Some("n"), Some("m"), None, Some("m"), None]);
        let numbers: Vec<_> = (0..6).map(|position| index.row(position).attempt).collect();
        assert_eq!(numbers, [1, 1, 2, 1, 3, 1]);
        for position in [0, 2, 4] {
            assert_eq!(index.attempts(position, 9), [0, 2, 4]);
            assert_eq!((index.attempt_count(position), index.first_attempt(position)), (3, 0));
        }
        assert_eq!(index.attempts(0, 2), [2, 4]);
        assert_eq!((index.attempts(3, 9), index.is_repeated(3), index.is_repeated(0)), (vec![3], false, true));
    }

    #[test]
    fn trigger_events_with_one_dedupe_key_are_attempts_whatever_their_webhook_id() {
        let mut index = Index::default();
        for (seq, (id, key)) in (1..).zip([("m", "k ca_1"), ("n", "k ca_1"), ("m", "k ca_2"), ("m", "")]) {
            let event_id = (!key.is_empty()).then(|| format!("dedupe_key:{key}"));
            index.push(&Summary { webhook_id: Some(id.to_owned()), event_id, ..summary(seq, "a", Verdict::Verified) });
        }
        let attempts: Vec<_> = (0..4).map(|position| index.attempts(position, 9)).collect();
        assert_eq!(attempts, [vec![0, 1], vec![0, 1], vec![2], vec![3]]);
    }
}
