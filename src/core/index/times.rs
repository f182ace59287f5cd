//! How long the app takes to answer events of each type, as far as percentiles need it.

/// Buckets for each power of two: a percentile is at most 1/16 off.
const STEPS: u64 = 16;
/// Enough for all microseconds that 64 bits hold.
const BUCKETS: usize = 61 * 16;

/// Counts of times in microseconds, in buckets that grow with the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    counts: Box<[u32]>,
    all: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS].into(), all: 0 }
    }
}

impl Times {
    pub fn add(&mut self, microseconds: u64) {
        let count = &mut self.counts[bucket(microseconds)];
        *count = count.saturating_add(1);
        self.all += 1;
    }

    pub fn add_all(&mut self, others: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&others.counts) {
            *count = count.saturating_add(*more);
        }
        self.all += others.all;
    }

    /// How many times were added.
    pub fn count(&self) -> u64 {
        self.all
    }

    /// The time in microseconds that `percent` (1 to 100) of the times do not exceed, at most 1/16 too long; `None` without times.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.all * percent).div_ceil(100).max(1);
        let mut below = 0;
        self.counts.iter().enumerate().find_map(|(bucket, count)| {
            below += u64::from(*count);
            (below >= rank).then(|| longest_in(bucket))
        })
    }
}

/// Times below [`STEPS`] have a bucket each, greater ones share it with those that have the same first five bits.
fn bucket(microseconds: u64) -> usize {
    let power = u64::from(microseconds.max(STEPS).ilog2() - STEPS.ilog2());
    usize::try_from(power * STEPS + (microseconds >> power)).expect("there are fewer than a thousand buckets")
}

fn longest_in(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let power = (bucket / STEPS).saturating_sub(1);
    let step = bucket - power * STEPS;
    (step << power) + ((1 << power) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_a_bucket_that_reaches_at_most_a_sixteenth_beyond_it() {
        let times = (0..200).chain((4..64).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 3]));
        for time in times.chain([u64::MAX]) {
            let longest = longest_in(bucket(time));
            assert!(longest >= time && longest - time <= time / STEPS, "{time}: {longest}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_times() {
        let mut times = Times::default();
        assert_eq!(times.percentile(50), None);
        (1..=100).for_each(|time| times.add(time * 1000));
        for (percent, exact) in [(1, 1000), (50, 50_000), (95, 95_000), (100, 100_000)] {
            let found = times.percentile(percent).unwrap();
            assert!((exact..=exact + exact / STEPS).contains(&found), "{percent}: {found}");
        }
        assert_eq!(times.count(), 100);
    }
}
