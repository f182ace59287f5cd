//! The event types seen, ranked by frequency, with counts by verdict and the app's response times.

use super::{Index, Recent};
use crate::core::signature::Verdict;
use crate::core::times::Times;

/// The number of events by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts([u64; Verdict::ALL.len()]);

impl VerdictCounts {
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds all of `others`.
    pub fn add_all(&mut self, others: &Self) {
        self.0.iter_mut().zip(others.0).for_each(|(count, other)| *count += other);
    }

    pub(super) fn add(&mut self, verdict: Verdict) {
        self.0[verdict as usize] += 1;
    }

    pub(super) fn remove(&mut self, verdict: Verdict) {
        self.0[verdict as usize] -= 1;
    }
}

/// A type with its counts.
#[derive(Clone, Copy, Debug)]
pub struct TypeCounts<'a> {
    pub type_id: u32,
    pub name: &'a str,
    pub counts: VerdictCounts,
    /// The events of the last minutes.
    pub recent: Recent,
    /// The app's response times; `None` if nothing of this type was delivered.
    pub times: Option<&'a Times>,
}

impl Index {
    /// The types seen, most frequent first.
    pub fn types(&self) -> impl ExactSizeIterator<Item = TypeCounts<'_>> {
        // A type whose events are all hidden comes last, with a count of 0.
        let seen = self.ranking.partition_point(|&type_id| self.type_counts[type_id as usize].all() > 0);
        self.ranking[..seen].iter().map(|&type_id| TypeCounts {
            type_id,
            name: self.types.text(type_id),
            counts: self.type_counts[type_id as usize],
            recent: self.type_recent[type_id as usize],
            times: self.type_times[type_id as usize].as_ref(),
        })
    }

    /// Characters in the longest type.
    pub(crate) fn longest_type(&self) -> usize {
        self.longest_type
    }

    pub(super) fn count_type(&mut self, name: &str, verdict: Verdict, at_us: i64) -> u32 {
        let type_id = self.types.intern(name);
        let place = type_id as usize;
        if self.type_counts.len() == place {
            self.type_counts.push(VerdictCounts::default());
            self.type_times.push(None);
            self.type_recent.push(Recent::default());
            self.ranks.push(self.ranking.len());
            self.ranking.push(type_id);
            self.longest_type = self.longest_type.max(name.chars().count());
        }
        self.count_one(type_id, verdict);
        self.type_recent[type_id as usize].add(at_us);
        type_id
    }

    /// Counts an event again that was not counted for a while.
    pub(super) fn recount_type(&mut self, type_id: u32, verdict: Verdict, at_us: i64) {
        self.count_one(type_id, verdict);
        self.type_recent[type_id as usize].restore(at_us);
    }

    fn count_one(&mut self, type_id: u32, verdict: Verdict) {
        // Swap it with the first of the types that had the same count.
        let count = self.type_counts[type_id as usize].all();
        let first = self.ranking.partition_point(|&other| self.type_counts[other as usize].all() > count);
        self.swap_rank(type_id, first);
        self.type_counts[type_id as usize].add(verdict);
    }

    /// Counts one event less.
    pub(super) fn uncount_type(&mut self, type_id: u32, verdict: Verdict, at_us: i64) {
        // Swap it with the last of the types that had the same count.
        let count = self.type_counts[type_id as usize].all();
        let behind = self.ranking.partition_point(|&other| self.type_counts[other as usize].all() >= count);
        self.swap_rank(type_id, behind - 1);
        self.type_counts[type_id as usize].remove(verdict);
        self.type_recent[type_id as usize].remove(at_us);
    }

    fn swap_rank(&mut self, type_id: u32, to: usize) {
        let from = self.ranks[type_id as usize];
        let other = self.ranking[to];
        self.ranking.swap(from, to);
        self.ranks[other as usize] = from;
        self.ranks[type_id as usize] = to;
    }
}
