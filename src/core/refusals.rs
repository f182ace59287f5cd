//! What is told of requests that were refused: the first ones of each period one by one, the others as a count. Anybody can send
//! requests that are refused, so a flood of them must not become a flood of lines.
//!
//! Times are durations since any moment that stays the same.

use crate::core::numbers::grouped;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

/// Refusals that are to be told and that nobody has taken; more are counted.
const MAX_WAITING: usize = 64;
/// What was only counted is told after this long.
const COUNTING: Duration = Duration::from_secs(10);

/// How many are told one by one, in how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub told: u32,
    pub period: Duration,
}

/// What is to be told. `Display` is a sentence without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    One {
        status: u16,
        why: String,
    },
    /// How many more there were of each status, the most first, in how many seconds.
    More {
        counts: Vec<(u16, u64)>,
        seconds: u64,
    },
}

/// Refusals on their way to whoever reads of them.
#[derive(Debug)]
pub struct Refusals {
    limit: Limit,
    period_began: Duration,
    told_in_period: u32,
    waiting: VecDeque<Told>,
    counted: BTreeMap<u16, u64>,
    counting_began: Duration,
}

impl Refusals {
    pub fn new(limit: Limit) -> Self {
        Self {
            limit,
            period_began: Duration::ZERO,
            told_in_period: 0,
            waiting: VecDeque::new(),
            counted: BTreeMap::new(),
            counting_began: Duration::ZERO,
        }
    }

    /// Takes note of a refusal. Whether [`Refusals::next`] or [`Refusals::due`] has something else to say than before.
    pub fn add(&mut self, status: u16, why: String, now: Duration) -> bool {
        if now.saturating_sub(self.period_began) >= self.limit.period {
            (self.period_began, self.told_in_period) = (now, 0);
        }
        if self.told_in_period < self.limit.told && self.waiting.len() < MAX_WAITING {
            self.told_in_period += 1;
            self.waiting.push_back(Told::One { status, why });
            return true;
        }
        let is_first = self.counted.is_empty();
        if is_first {
            self.counting_began = now;
        }
        *self.counted.entry(status).or_default() += 1;
        is_first
    }

    /// What is to be told now, if anything.
    pub fn next(&mut self, now: Duration) -> Option<Told> {
        let is_due = self.due().is_some_and(|due| due <= now);
        self.waiting.pop_front().or_else(|| if is_due { self.take_counted(now) } else { None })
    }

    /// When what was counted is to be told.
    pub fn due(&self) -> Option<Duration> {
        (!self.counted.is_empty()).then_some(self.counting_began + COUNTING)
    }

    /// What is left to be told at the end, one after the other.
    pub fn last(&mut self, now: Duration) -> Option<Told> {
        self.waiting.pop_front().or_else(|| self.take_counted(now))
    }

    fn take_counted(&mut self, now: Duration) -> Option<Told> {
        let mut counts: Vec<_> = std::mem::take(&mut self.counted).into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        // To the nearest.
        let seconds = (now.saturating_sub(self.counting_began) + Duration::from_millis(500)).as_secs().max(1);
        (!counts.is_empty()).then_some(Told::More { counts, seconds })
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One { status, why } => write!(f, "refused with {status}: {why}"),
            Self::More { counts, seconds } => {
                let all = counts.iter().map(|(_, count)| count).sum();
                let requests = if all == 1 { "request" } else { "requests" };
                write!(f, "… {} more {requests} refused in the last {seconds} s: ", grouped(all))?;
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

    const LIMIT: Limit = Limit { told: 10, period: Duration::from_secs(1) };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// All that is to be told at `now`.
    fn told(refusals: &mut Refusals, now: Duration) -> Vec<String> {
        std::iter::from_fn(|| refusals.next(now)).map(|told| told.to_string()).collect()
    }

    #[test]
    fn a_few_refusals_are_told_one_by_one() {
        let mut refusals = Refusals::new(LIMIT);
        for second in 0..60 {
            assert!(refusals.add(413, format!("body {second}"), at(second * 1000)));
            assert_eq!(told(&mut refusals, at(second * 1000)), [format!("refused with 413: body {second}")]);
        }
        assert_eq!((refusals.due(), refusals.last(at(60_000))), (None, None));
    }

    #[test]
    fn a_flood_is_at_most_ten_lines_a_second_and_a_count_every_ten_seconds() {
        let mut refusals = Refusals::new(LIMIT);
        let mut lines = Vec::new();
        // A thousand a second for 20 s, each told as soon as it may be.
        for number in 0..20_000 {
            let status = if number % 20 == 0 { 400 } else { 431 };
            refusals.add(status, String::new(), at(number));
            lines.extend(told(&mut refusals, at(number)));
        }
        let (counts, ones): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with('…'));
        assert_eq!(ones.len(), 200);
        assert_eq!(counts, ["… 9,901 more requests refused in the last 10 s: 431 ×9,411, 400 ×490"]);
        let last = refusals.last(at(20_000)).map(|told| told.to_string());
        assert_eq!(last.as_deref(), Some("… 9,899 more requests refused in the last 10 s: 431 ×9,409, 400 ×490"));
        assert_eq!(refusals.last(at(20_000)), None);
    }

    #[test]
    fn a_count_is_told_though_nothing_else_comes() {
        let mut refusals = Refusals::new(Limit { told: 1, period: at(10_000) });
        assert!(refusals.add(431, String::new(), at(5)));
        assert!(refusals.add(431, String::new(), at(6)), "the count begins");
        assert_eq!(told(&mut refusals, at(7)).len(), 1);
        assert_eq!(refusals.due(), Some(at(10_006)));
        assert_eq!(told(&mut refusals, at(10_005)), [""; 0]);
        assert_eq!(told(&mut refusals, at(10_006)), ["… 1 more request refused in the last 10 s: 431 ×1"]);
        assert_eq!(refusals.due(), None);
    }

    #[test]
    fn a_reader_that_stalls_is_told_of_the_rest_as_a_count() {
        let mut refusals = Refusals::new(LIMIT);
        for number in 0..1_000_000 {
            refusals.add(400, String::new(), at(number));
        }
        assert_eq!(refusals.waiting.len(), MAX_WAITING);
        let lines = told(&mut refusals, at(1_000_000));
        assert_eq!(lines.last().unwrap(), "… 999,936 more requests refused in the last 1000 s: 400 ×999,936");
    }
}
