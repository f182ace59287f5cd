//! The numbers of the events by position. Numbers that follow one another take no memory of their own.

use crate::core::event::Seq;

/// Ascending numbers, as runs without gaps.
#[derive(Default)]
pub(super) struct Seqs {
    runs: Vec<Run>,
    len: usize,
}

struct Run {
    /// The position of its first number.
    start: usize,
    first: Seq,
}

impl Seqs {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// 0 when there are none.
    pub(super) fn last(&self) -> Seq {
        self.runs.last().map_or(0, |run| run.first + (self.len - 1 - run.start) as u64)
    }

    /// Adds `seq`, which must be greater than the last.
    pub(super) fn push(&mut self, seq: Seq) {
        if self.runs.is_empty() || seq != self.last() + 1 {
            self.runs.push(Run { start: self.len, first: seq });
        }
        self.len += 1;
    }

    /// # Panics
    /// When `position` is not below [`Seqs::len`].
    pub(super) fn get(&self, position: usize) -> Seq {
        assert!(position < self.len, "there are {} events", self.len);
        let run = &self.runs[self.runs.partition_point(|run| run.start <= position) - 1];
        run.first + (position - run.start) as u64
    }

    pub(super) fn position_of(&self, seq: Seq) -> Option<usize> {
        let position = self.position_after(seq).checked_sub(1)?;
        (self.get(position) == seq).then_some(position)
    }

    /// The position of the first number greater than `seq`.
    pub(super) fn position_after(&self, seq: Seq) -> usize {
        let after = self.runs.partition_point(|run| run.first <= seq);
        let end = self.runs.get(after).map_or(self.len, |next| next.start);
        let Some(run) = after.checked_sub(1).map(|before| &self.runs[before]) else { return 0 };
        let in_run = usize::try_from(seq - run.first).unwrap_or(usize::MAX).saturating_add(1);
        run.start.saturating_add(in_run).min(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_with_gaps_are_found(steps in prop::collection::vec(1..4_u64, 0..40), asked in 0..120_u64) {
            let plain: Vec<_> = steps.iter().scan(0, |last, step| { *last += step; Some(*last) }).collect();
            let mut seqs = Seqs::default();
            plain.iter().for_each(|seq| seqs.push(*seq));
            prop_assert_eq!((seqs.len(), seqs.last()), (plain.len(), plain.last().copied().unwrap_or(0)));
            prop_assert_eq!((0..plain.len()).map(|position| seqs.get(position)).collect::<Vec<_>>(), plain.clone());
            prop_assert_eq!(seqs.position_of(asked), plain.iter().position(|seq| *seq == asked));
            prop_assert_eq!(seqs.position_after(asked), plain.iter().filter(|seq| **seq <= asked).count());
        }
    }
}
