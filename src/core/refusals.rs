//! Reports about refused requests: one each for the first in every period, and a count of the others. Anyone can send requests that
//! hookglass refuses, so a flood of requests must not become a flood of lines.
//!
//! Times are durations since a fixed moment of the caller's choice.

use crate::core::numbers::{counted, grouped};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

/// The most reports that wait for the reader. Further refusals are only counted.
const MAX_WAITING: usize = 64;
/// The time after which counted refusals are reported.
const COUNTING: Duration = Duration::from_secs(10);

/// How many refusals in a period are reported one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub reports: u32,
    pub period: Duration,
}

/// A report. `Display` writes a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalReport {
    One {
        status: u16,
        why: String,
    },
    /// The number of further refusals by status, most frequent first.
    More {
        counts: Vec<(u16, u64)>,
        /// The time in which they were counted.
        seconds: u64,
    },
}

/// The reports that are not taken yet, and the counts for the next one.
#[derive(Debug)]
pub struct Refusals {
    limit: Limit,
    period_began: Duration,
    reported_in_period: u32,
    waiting: VecDeque<RefusalReport>,
    counted: BTreeMap<u16, u64>,
    counting_began: Duration,
}

impl Refusals {
    pub fn new(limit: Limit) -> Self {
        Self {
            limit,
            period_began: Duration::ZERO,
            reported_in_period: 0,
            waiting: VecDeque::new(),
            counted: BTreeMap::new(),
            counting_began: Duration::ZERO,
        }
    }

    /// Records a refusal. Returns whether this changes what [`Refusals::next`] or [`Refusals::due`] returns.
    pub fn add(&mut self, status: u16, why: String, now: Duration) -> bool {
        if now.saturating_sub(self.period_began) >= self.limit.period {
            (self.period_began, self.reported_in_period) = (now, 0);
        }
        if self.reported_in_period < self.limit.reports && self.waiting.len() < MAX_WAITING {
            self.reported_in_period += 1;
            self.waiting.push_back(RefusalReport::One { status, why });
            return true;
        }
        let is_first = self.counted.is_empty();
        if is_first {
            self.counting_began = now;
        }
        *self.counted.entry(status).or_default() += 1;
        is_first
    }

    /// The next report, if there is one at `now`.
    pub fn next(&mut self, now: Duration) -> Option<RefusalReport> {
        let is_due = self.due().is_some_and(|due| due <= now);
        self.waiting.pop_front().or_else(|| if is_due { self.take_counted(now) } else { None })
    }

    /// When the counts are reported; `None` if nothing was counted.
    pub fn due(&self) -> Option<Duration> {
        (!self.counted.is_empty()).then_some(self.counting_began + COUNTING)
    }

    /// The next report at the end of the run, when counts no longer wait.
    pub fn last(&mut self, now: Duration) -> Option<RefusalReport> {
        self.waiting.pop_front().or_else(|| self.take_counted(now))
    }

    fn take_counted(&mut self, now: Duration) -> Option<RefusalReport> {
        let mut counts: Vec<_> = std::mem::take(&mut self.counted).into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        // Rounded.
        let seconds = (now.saturating_sub(self.counting_began) + Duration::from_millis(500)).as_secs().max(1);
        (!counts.is_empty()).then_some(RefusalReport::More { counts, seconds })
    }
}

impl fmt::Display for RefusalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One { status, why } => write!(f, "refused with {status}: {why}"),
            Self::More { counts, seconds } => {
                let all = counts.iter().map(|(_, count)| count).sum();
                write!(f, "… {} refused in the last {seconds} s: ", counted(all, "more request"))?;
                for (place, (status, count)) in counts.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(f, "{comma}{status} ×{}", grouped(*count))?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { reports: 10, period: Duration::from_secs(1) };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// All reports at `now`.
    fn reports(refusals: &mut Refusals, now: Duration) -> Vec<String> {
        std::iter::from_fn(|| refusals.next(now)).map(|report| report.to_string()).collect()
    }

    #[test]
    fn a_few_refusals_are_reported_one_by_one() {
        let mut refusals = Refusals::new(LIMIT);
        for second in 0..60 {
            assert!(refusals.add(413, format!("body {second}"), at(second * 1000)));
            assert_eq!(reports(&mut refusals, at(second * 1000)), [format!("refused with 413: body {second}")]);
        }
        assert_eq!((refusals.due(), refusals.last(at(60_000))), (None, None));
    }

    #[test]
    fn a_flood_is_limited_to_ten_lines_per_second_and_a_count_every_ten_seconds() {
        let mut refusals = Refusals::new(LIMIT);
        let mut lines = Vec::new();
        // A thousand per second for 20 s, with the reports taken at once.
        for number in 0..20_000 {
            let status = if number % 20 == 0 { 400 } else { 431 };
            refusals.add(status, String::new(), at(number));
            lines.extend(reports(&mut refusals, at(number)));
        }
        let (counts, ones): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with('…'));
        assert_eq!(ones.len(), 200);
        assert_eq!(counts, ["… 9,901 more requests refused in the last 10 s: 431 ×9,411, 400 ×490"]);
        let last = refusals.last(at(20_000)).map(|report| report.to_string());
        assert_eq!(last.as_deref(), Some("… 9,899 more requests refused in the last 10 s: 431 ×9,409, 400 ×490"));
        assert_eq!(refusals.last(at(20_000)), None);
    }

    #[test]
    fn a_count_is_reported_without_further_refusals() {
        let mut refusals = Refusals::new(Limit { reports: 1, period: at(10_000) });
        assert!(refusals.add(431, String::new(), at(5)));
        assert!(refusals.add(431, String::new(), at(6)), "the first counted refusal");
        assert_eq!(reports(&mut refusals, at(7)).len(), 1);
        assert_eq!(refusals.due(), Some(at(10_006)));
        assert_eq!(reports(&mut refusals, at(10_005)), [""; 0]);
        assert_eq!(reports(&mut refusals, at(10_006)), ["… 1 more request refused in the last 10 s: 431 ×1"]);
        assert_eq!(refusals.due(), None);
    }

    #[test]
    fn a_stalled_reader_gets_a_count_of_what_it_missed() {
        let mut refusals = Refusals::new(LIMIT);
        for number in 0..1_000_000 {
            refusals.add(400, String::new(), at(number));
        }
        assert_eq!(refusals.waiting.len(), MAX_WAITING);
        let lines = reports(&mut refusals, at(1_000_000));
        assert_eq!(lines.last().unwrap(), "… 999,936 more requests refused in the last 1000 s: 400 ×999,936");
    }
}
