//! Attempts: requests that share a `webhook-id`, or trigger events that share a `dedupe_key`, linked from the newest back to the first.

use super::{Index, StoredRow};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// The place of a request among the attempts with its `webhook-id`.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// 1 for the first.
    pub(super) number: u32,
    /// Positions of the first attempt and of the previous one. An only attempt is its own first.
    first: u32,
    previous: Option<u32>,
    has_later: bool,
}

impl Place {
    /// The place of an only attempt.
    pub(super) fn only(position: usize) -> Self {
        let first = u32::try_from(position).expect("memory holds fewer than 2^32 events");
        Self { number: 1, first, previous: None, has_later: false }
    }
}

/// The newest attempt of each `webhook-id`, by the hash of the id.
#[derive(Default)]
pub(super) struct Messages {
    newest: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Index {
    /// The position of the first attempt with the `webhook-id` of the one at `position`.
    pub(crate) fn first_attempt(&self, position: usize) -> usize {
        self.rows[position].place.first as usize
    }

    /// The position of the attempt before the one at `position`.
    pub(crate) fn previous_attempt(&self, position: usize) -> Option<usize> {
        self.rows[position].place.previous.map(|previous| previous as usize)
    }

    /// Whether the request at `position` is one of several attempts.
    pub(crate) fn is_repeated(&self, position: usize) -> bool {
        let place = self.rows[position].place;
        place.number > 1 || place.has_later
    }

    /// The number of attempts.
    pub(crate) fn attempt_count(&self, position: usize) -> u32 {
        self.rows[self.newest_attempt(position)].place.number
    }

    /// The positions of the newest `limit` attempts, oldest first.
    pub fn attempts(&self, position: usize, limit: usize) -> Vec<usize> {
        let newest = self.newest_attempt(position);
        let mut attempts: Vec<_> =
            std::iter::successors(Some(newest), |attempt| self.previous_attempt(*attempt)).take(limit).collect();
        attempts.reverse();
        attempts
    }

    fn newest_attempt(&self, position: usize) -> usize {
        if !self.rows[position].place.has_later {
            return position;
        }
        let hash = self.messages.hasher.hash_one(self.row(position).identity());
        self.messages.newest.get(&hash).map_or(position, |newest| *newest as usize)
    }

    /// The hash of the `webhook-id` of the request at `position`, if it has one.
    pub(super) fn hash_of(&self, position: usize) -> Option<u64> {
        let identity = self.row(position).identity();
        (!identity.is_empty()).then(|| self.messages.hasher.hash_one(identity))
    }

    /// The positions of all attempts whose `webhook-id` has the hash `hash`, oldest first.
    pub(super) fn linked(&self, hash: u64) -> Vec<usize> {
        self.messages.newest.get(&hash).map_or_else(Vec::new, |newest| self.attempts(*newest as usize, usize::MAX))
    }

    /// Makes the requests at `attempts`, oldest first, the attempts of the message with the hash `hash`.
    pub(super) fn link(&mut self, hash: u64, attempts: &[usize]) {
        let Some(first) = attempts.first().map(|first| Place::only(*first).first) else {
            self.messages.newest.remove(&hash);
            return;
        };
        let mut previous = None;
        for (number, position) in (1..).zip(attempts) {
            let has_later = number < attempts.len();
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.rows[*position].place = Place { number, first, previous, has_later };
            previous = Some(Place::only(*position).first);
        }
        self.messages.newest.extend(previous.map(|newest| (hash, newest)));
    }

    /// Links the request that is about to be pushed to the attempt before it.
    pub(super) fn place_next(&mut self, identity: Option<&str>) -> Place {
        let only = Place::only(self.rows.len());
        let position = only.first;
        let Some(identity) = identity.filter(|id| !id.is_empty()) else { return only };
        let hash = self.messages.hasher.hash_one(identity);
        let Some(previous) = self.messages.newest.insert(hash, position) else { return only };
        // Two ids can have the same hash.
        if self.row(previous as usize).identity() != identity {
            return only;
        }
        let StoredRow { place: before, .. } = &mut self.rows[previous as usize];
        before.has_later = true;
        Place {
            number: before.number.saturating_add(1),
            first: before.first,
            previous: Some(previous),
            has_later: false,
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
