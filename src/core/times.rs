//! Response times: their percentiles, in memory that does not grow with their number, and durations in words.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The significant digits to which times are counted.
const DIGITS: u32 = 3;

/// In microseconds. Below two minutes or two hours the smaller unit says more.
const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const TWO_MINUTES: u64 = 2 * MINUTE;
const TWO_HOURS: u64 = 2 * HOUR;

/// Counts of times in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The count of each time, rounded up to [`DIGITS`] significant digits.
    counts: BTreeMap<u64, u64>,
    count: u64,
    longest_us: u64,
}

/// Half of the times are at most `p50_us`, 95 % at most `p95_us`. All three are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    pub p50_us: u64,
    pub p95_us: u64,
    pub longest_us: u64,
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, longest] =
            [self.p50_us, self.p95_us, self.longest_us].map(|time_us| in_words(Duration::from_micros(time_us)));
        write!(f, "p50 {p50}, p95 {p95}, longest {longest}")
    }
}

/// `500ms`, `3s`, `1m`.
pub(crate) fn from_words(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(milliseconds)?))
}

impl Times {
    pub fn add(&mut self, time_us: u64) {
        self.add_times(rounded_up(time_us), 1);
        self.longest_us = self.longest_us.max(time_us);
    }

    pub(crate) fn add_all(&mut self, others: &Self) {
        others.counts.iter().for_each(|(time_us, count)| self.add_times(*time_us, *count));
        self.longest_us = self.longest_us.max(others.longest_us);
    }

    /// The number of times added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// `None` if there are no times.
    pub(crate) fn percentiles(&self) -> Option<Percentiles> {
        let up_to = |percent| self.up_to(percent).map(|time_us| time_us.min(self.longest_us));
        Some(Percentiles { p50_us: up_to(50)?, p95_us: up_to(95)?, longest_us: self.longest_us })
    }

    /// The shortest time that `percent` % of all times do not exceed.
    fn up_to(&self, percent: u64) -> Option<u64> {
        let wanted = self.count.saturating_mul(percent).div_ceil(100);
        let mut counted = 0;
        let found = self.counts.iter().find(|(_, count)| {
            counted += **count;
            counted >= wanted
        });
        found.map(|(time_us, _)| *time_us)
    }

    fn add_times(&mut self, rounded_us: u64, count: u64) {
        *self.counts.entry(rounded_us).or_default() += count;
        self.count += count;
    }
}

fn rounded_up(number: u64) -> u64 {
    let digits = number.checked_ilog10().unwrap_or(0) + 1;
    let step = 10_u64.pow(digits.saturating_sub(DIGITS));
    number.div_ceil(step).saturating_mul(step)
}

/// A duration as people say it: `850 µs`, `12 ms`, `1.2 s`, `30 s`, `5 min`, `2.5 h`.
pub(crate) fn in_words(time: Duration) -> String {
    let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let tenths = |of_us: u64, unit: &str| match microseconds % of_us / (of_us / 10) {
        0 => format!("{} {unit}", microseconds / of_us),
        tenths => format!("{}.{tenths} {unit}", microseconds / of_us),
    };
    match microseconds {
        0..1_000 => format!("{microseconds} µs"),
        1_000..SECOND => format!("{} ms", microseconds / 1_000),
        SECOND..TWO_MINUTES => tenths(SECOND, "s"),
        TWO_MINUTES..TWO_HOURS => format!("{} min", (microseconds + MINUTE / 2) / MINUTE),
        _ => tenths(HOUR, "h"),
    }
}

/// A number of seconds in its two largest units, for where [`in_words`] would round away what matters: `5 min 2 s`, `3 days 4 h`.
pub(crate) fn in_two_units(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let parts = UNITS.map(|(length, unit)| {
        let count = rest / length;
        rest %= length;
        (count, unit)
    });
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let shown = parts.iter().skip(first).take(2).filter(|(count, _)| *count > 0);
    let words = shown.map(|(count, unit)| match *unit {
        "day" if *count != 1 => format!("{count} days"),
        unit => format!("{count} {unit}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(each_us: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        each_us.into_iter().for_each(|time_us| times.add(time_us));
        times
    }

    #[test]
    fn percentiles_do_not_depend_on_the_order_of_the_times() {
        assert_eq!(Times::default().percentiles(), None);
        let times = times((1..=100).rev().map(|milliseconds| milliseconds * 1000));
        let percentiles = times.percentiles().unwrap();
        assert_eq!(percentiles, Percentiles { p50_us: 50_000, p95_us: 95_000, longest_us: 100_000 });
        assert_eq!(percentiles.to_string(), "p50 50 ms, p95 95 ms, longest 100 ms");
    }

    #[test]
    fn percentiles_have_three_digits_and_never_exceed_the_longest_time() {
        for (exact, rounded) in [(0, 0), (7, 7), (999, 999), (1001, 1010), (123_456, 124_000), (u64::MAX, u64::MAX)] {
            assert_eq!(rounded_up(exact), rounded);
        }
        let only = times([1234]).percentiles().unwrap();
        assert_eq!([only.p50_us, only.p95_us, only.longest_us], [1234; 3]);
    }

    #[test]
    fn a_million_times_take_little_memory() {
        let times = times((0..1_000_000).map(|number| number * 10));
        assert!(times.counts.len() < 6000, "{}", times.counts.len());
        assert_eq!(times.count(), 1_000_000);
    }

    #[test]
    fn durations_have_a_suitable_unit() {
        let short = [850, 12_345, 1_250_000].map(|time_us| in_words(Duration::from_micros(time_us)));
        assert_eq!(short, ["850 µs", "12 ms", "1.2 s"]);
        let seconds = [5, 119, 300, 7199, 7200, 9000, 36_000].map(|seconds| in_words(Duration::from_secs(seconds)));
        assert_eq!(seconds, ["5 s", "119 s", "5 min", "120 min", "2 h", "2.5 h", "10 h"]);
    }

    proptest! {
        #[test]
        fn a_percentile_is_exact_or_up_to_one_percent_too_long(
            mut each_us in prop::collection::vec(0..20_000_000_u64, 1..200),
        ) {
            let percentiles = times(each_us.iter().copied()).percentiles().unwrap();
            each_us.sort_unstable();
            for (percent, found) in [(50, percentiles.p50_us), (95, percentiles.p95_us), (100, percentiles.longest_us)] {
                let exact = each_us[(each_us.len() * percent).div_ceil(100) - 1];
                prop_assert!((exact..=exact + exact / 100).contains(&found), "{}: {} for {}", percent, found, exact);
            }
        }

        #[test]
        fn adding_all_equals_adding_one_by_one(
            first in prop::collection::vec(any::<u64>(), 0..20),
            second in prop::collection::vec(any::<u64>(), 0..20),
        ) {
            let mut together = times(first.iter().copied());
            together.add_all(&times(second.iter().copied()));
            prop_assert_eq!(together, times(first.into_iter().chain(second)));
        }
    }
}
