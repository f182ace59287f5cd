//! Counts of the last ten minutes, minute by minute.

use jiff::Timestamp;

/// The minutes that are counted.
pub const MINUTES: usize = 10;

/// How many events arrived in each of the last minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// The newest minute with an event, counted from 1970.
    newest: i64,
    /// By the minute modulo [`MINUTES`].
    counts: [u32; MINUTES],
}

impl Recent {
    pub(super) fn add(&mut self, at_us: i64) {
        let minute = minute_of(at_us);
        // One event from a clock that was far ahead must not hide the present.
        if minute <= self.newest - MINUTES as i64 {
            *self = Self { newest: minute, counts: [0; MINUTES] };
        }
        for skipped in (self.newest + 1..=minute).rev().take(MINUTES) {
            self.counts[slot(skipped)] = 0;
        }
        self.newest = self.newest.max(minute);
        self.counts[slot(minute)] += 1;
    }

    /// Counts one event less.
    pub(super) fn remove(&mut self, at_us: i64) {
        let minute = minute_of(at_us);
        if self.is_counted(minute) {
            let count = &mut self.counts[slot(minute)];
            *count = count.saturating_sub(1);
        }
    }

    /// Counts an event again that was removed.
    pub(super) fn restore(&mut self, at_us: i64) {
        let minute = minute_of(at_us);
        if self.is_counted(minute) {
            self.counts[slot(minute)] += 1;
        }
    }

    fn is_counted(&self, minute: i64) -> bool {
        minute <= self.newest && minute > self.newest - MINUTES as i64
    }

    /// The counts of the minutes up to `now`, oldest first.
    pub fn until(&self, now: Timestamp) -> [u32; MINUTES] {
        let now = minute_of(now.as_microsecond());
        std::array::from_fn(|place| {
            let minute = now - (MINUTES - 1 - place) as i64;
            if self.is_counted(minute) { self.counts[slot(minute)] } else { 0 }
        })
    }
}

fn minute_of(at_us: i64) -> i64 {
    at_us.div_euclid(60_000_000)
}

fn slot(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(MINUTES as i64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(60 * minute).unwrap()
    }

    #[test]
    fn the_window_moves_with_time_and_forgets_older_minutes() {
        let mut recent = Recent::default();
        for minute in [1_000, 1_000, 1_004, 1_009] {
            recent.add(at(minute).as_microsecond());
        }
        assert_eq!(recent.until(at(1_009)), [2, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
        assert_eq!(recent.until(at(1_012)), [0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(recent.until(at(2_000)), [0; MINUTES]);
        recent.add(at(1_011).as_microsecond());
        assert_eq!(recent.until(at(1_011)), [0, 0, 1, 0, 0, 0, 0, 1, 0, 1]);
        recent.add(at(5_000).as_microsecond());
        assert_eq!(recent.until(at(5_000)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_clock_that_was_set_back_counts_again_at_once() {
        let mut recent = Recent::default();
        for minute in [1_000, 995] {
            recent.add(at(minute).as_microsecond());
        }
        assert_eq!(recent.until(at(1_000)), [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
        assert_eq!(recent.until(at(995)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        recent.add(at(900).as_microsecond());
        assert_eq!(recent.until(at(900)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(recent.until(at(1_000)), [0; MINUTES]);
    }
}
