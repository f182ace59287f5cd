//! The requests that the filter still has to read: its conditions on headers and bodies cannot be decided from the list.

use crate::core::event::Seq;
use std::collections::VecDeque;

/// The most requests that are read at once.
const CHUNK: usize = 512;

/// The search through the requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The number of the filter, which tells the results for it from earlier ones.
    pub number: u64,
    /// The requests to read; the last one is next.
    waiting: VecDeque<Seq>,
    /// The requests that are being read.
    reading: Vec<Seq>,
    /// How many there were to read since the filter was set.
    all: usize,
    /// The newest event when the filter was set.
    pub since: Seq,
}

impl Search {
    /// Forgets everything, for another filter. `newest`: the newest event.
    pub fn reset(&mut self, newest: Seq) {
        *self = Self { number: self.number + 1, since: newest, ..Self::default() };
    }

    /// For a filter that rejects whatever the one before rejected: reads on, but forgets what is being read.
    pub fn narrow(&mut self, newest: Seq) {
        self.number += 1;
        self.since = newest;
        self.read(0);
    }

    /// Forgets what waits, but not what is being read.
    pub fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.all = 0;
    }

    /// Also reads these, oldest first: the newest of them next if `are_next`, otherwise behind all that wait. `first` is read before all
    /// others.
    pub fn add(&mut self, seqs: impl DoubleEndedIterator<Item = Seq>, first: Option<Seq>, are_next: bool) {
        let before = self.waiting.len();
        if are_next {
            self.waiting.extend(seqs);
        } else {
            seqs.rev().for_each(|seq| self.waiting.push_front(seq));
        }
        let added = self.waiting.len() - before;
        self.all += added;
        let new = if are_next { before..self.waiting.len() } else { 0..added };
        if let Some(first) = first
            && let Some(place) = self.waiting.range(new.clone()).position(|seq| *seq == first)
        {
            self.waiting.remove(new.start + place);
            self.waiting.push_back(first);
        }
    }

    /// Reads this request next.
    pub fn push(&mut self, seq: Seq) {
        self.waiting.push_back(seq);
        self.all += 1;
    }

    /// The next requests to read, if none are being read.
    pub fn take(&mut self) -> Option<Vec<Seq>> {
        if !self.reading.is_empty() || self.waiting.is_empty() {
            return None;
        }
        self.reading = self.waiting.split_off(self.waiting.len().saturating_sub(CHUNK)).into();
        self.reading.reverse();
        Some(self.reading.clone())
    }

    /// Notes that the first `count` of the requests being read were read. The others are next.
    pub fn read(&mut self, count: usize) {
        let unread = self.reading.drain(..).skip(count);
        self.waiting.extend(unread.rev());
    }

    /// Reads nothing more.
    pub fn stop(&mut self) {
        self.waiting.clear();
        self.reading.clear();
    }

    /// Whether the request of event `seq` was not read yet.
    pub fn is_undecided(&self, seq: Seq) -> bool {
        self.waiting.contains(&seq) || self.reading.contains(&seq)
    }

    /// How many requests were read, of how many; `None` when all were.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let left = self.waiting.len() + self.reading.len();
        (left > 0).then(|| (self.all.saturating_sub(left), self.all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_requests_are_read_first_but_for_the_selected_one() {
        let mut search = Search::default();
        search.add((301..601).collect::<Vec<_>>().into_iter(), Some(7), false);
        search.add((1..301).collect::<Vec<_>>().into_iter(), Some(7), false);
        let first = search.take().unwrap();
        assert_eq!((first.len(), &first[..3]), (CHUNK, &[7, 600, 599][..]));
        assert_eq!((search.take(), search.progress()), (None, Some((0, 600))));
        search.push(601);
        search.read(2);
        let second = search.take().unwrap();
        assert_eq!((second[0], second[1], search.progress()), (599, 598, Some((2, 601))));
        search.read(second.len());
        assert_eq!(search.take().unwrap().len(), 601 - 2 - CHUNK);
        search.reset(601);
        assert_eq!((search.number, search.progress(), search.take()), (1, None, None));
    }
}
