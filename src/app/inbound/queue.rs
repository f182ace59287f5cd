//! The events that wait for a diagnosis: a bounded number, the newest first.

use crate::core::event::Seq;
use std::collections::VecDeque;

/// Most events that wait. With 5 ms each, the last one waits for about a second.
pub(crate) const MOST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The next one last.
    waiting: VecDeque<Seq>,
    left_out: Vec<Seq>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds newer events, oldest first. Leaves out the oldest if there are too many.
    pub(super) fn add(&mut self, seqs: impl IntoIterator<Item = Seq>) {
        self.waiting.extend(seqs);
        let over = self.waiting.len().saturating_sub(MOST);
        self.left_out.extend(self.waiting.drain(..over));
    }

    /// Puts an event before all others.
    pub(super) fn open(&mut self, seq: Seq) {
        self.waiting.retain(|each| *each != seq);
        self.left_out.retain(|each| *each != seq);
        self.waiting.push_back(seq);
    }

    pub(super) fn next(&mut self) -> Option<Seq> {
        self.waiting.pop_back()
    }

    /// The events that were left out since the last call.
    pub(super) fn left_out(&mut self) -> Vec<Seq> {
        std::mem::take(&mut self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opened_event_comes_first_and_then_the_newest() {
        let mut queue = Queue::default();
        queue.add([1, 2, 3]);
        queue.open(2);
        queue.open(9);
        let order: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(order, [9, 2, 3, 1]);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_flood_leaves_out_the_oldest() {
        let most = Seq::try_from(MOST).unwrap();
        let mut queue = Queue::default();
        queue.add(1..=most + 3);
        assert_eq!((queue.left_out(), queue.left_out()), (vec![1, 2, 3], Vec::new()));
        assert_eq!(queue.next(), Some(most + 3));
        queue.add([most + 4, most + 5]);
        queue.open(4);
        assert_eq!((queue.next(), queue.left_out()), (Some(4), Vec::new()), "it was left out and is wanted after all");
    }
}
