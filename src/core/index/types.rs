//! The types seen, ranked by how often they came, with counts by verdict and the times of the app's answers.

use super::Index;
use crate::core::signature::Verdict;
use crate::core::times::Times;

/// How many events have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts([u64; Verdict::ALL.len()]);

impl VerdictCounts {
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn add(&mut self, verdict: Verdict) {
        self.0[verdict as usize] += 1;
    }

    pub(super) fn remove(&mut self, verdict: Verdict) {
        self.0[verdict as usize] -= 1;
    }
}

/// A type that was seen, with its counts.
#[derive(Clone, Copy, Debug)]
pub struct TypeCounts<'a> {
    pub type_id: u32,
    pub name: &'a str,
    pub counts: VerdictCounts,
    /// How long the app took to answer, if it was asked.
    pub times: Option<&'a Times>,
}

impl Index {
    /// The types seen, most frequent first.
    pub fn types(&self) -> impl ExactSizeIterator<Item = TypeCounts<'_>> {
        self.ranking.iter().map(|&type_id| TypeCounts {
            type_id,
            name: self.types.text(type_id),
            counts: self.type_counts[type_id as usize],
            times: self.type_times[type_id as usize].as_ref(),
        })
    }

    pub fn type_count(&self) -> usize {
        self.ranking.len()
    }

    /// The name of a type, by the number that its rows have.
    pub fn type_name(&self, type_id: u32) -> &str {
        self.types.text(type_id)
    }

    /// The place of a type in [`Index::types`].
    pub fn type_rank(&self, type_id: u32) -> Option<usize> {
        self.ranks.get(type_id as usize).copied()
    }

    /// Characters in the longest type.
    pub fn longest_type(&self) -> usize {
        self.longest_type
    }

    pub(super) fn count_type(&mut self, name: &str, verdict: Verdict) -> u32 {
        let type_id = self.types.intern(name);
        let place = type_id as usize;
        if self.type_counts.len() == place {
            self.type_counts.push(VerdictCounts::default());
            self.type_times.push(None);
            self.ranks.push(self.ranking.len());
            self.ranking.push(type_id);
            self.longest_type = self.longest_type.max(name.chars().count());
        }
        // It changes places with the first of those that have been as frequent.
        let count = self.type_counts[place].all();
        let rank = self.ranks[place];
        let first = self.ranking[..rank].partition_point(|&other| self.type_counts[other as usize].all() > count);
        let other = self.ranking[first];
        self.ranking.swap(first, rank);
        self.ranks[other as usize] = rank;
        self.ranks[place] = first;
        self.type_counts[place].add(verdict);
        type_id
    }
}
