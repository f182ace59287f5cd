//! The retry schedules that the provider documents, and a speed that lets the user watch one to its end.

use super::Ending;
use crate::core::times::in_words;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The highest speed: a day in less than 0.1 s.
pub const MAX_SPEED: u32 = 1_000_000;
/// At this speed the engine's 28 hours take 100 s.
pub const DEFAULT_SPEED: u32 = 1000;

/// How often and when a failed delivery is retried. The first attempt starts at once; each wait starts when the attempt before it
/// has failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The name on the command line.
    pub name: &'static str,
    /// A sentence that says where it comes from.
    pub source: &'static str,
    /// The waits before the second attempt, the third and so on, in seconds.
    waits_s: &'static [u64],
}

/// The provider's documentation gives four different schedules. The first is the one its sending engine uses.
pub(crate) const SCHEDULES: [Schedule; 4] = [
    Schedule {
        name: "engine",
        source: "The default of the engine that sends the webhooks: 8 attempts in 28 hours.",
        waits_s: &[5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR],
    },
    Schedule {
        name: "reference",
        source: "From the overview of the provider's webhook reference: 6 attempts in 23 minutes.",
        waits_s: &[5, 30, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
    },
    Schedule {
        name: "minutes",
        source: "From another page of the provider's docs: at once, then after 1, 5 and 15 minutes.",
        waits_s: &[MINUTE, 5 * MINUTE, 15 * MINUTE],
    },
    Schedule {
        name: "three",
        source: "The provider's guide says 3 retries without times, so these are the engine's first three.",
        waits_s: &[5, 5 * MINUTE, 30 * MINUTE],
    },
];

impl Schedule {
    pub fn find(name: &str) -> Option<&'static Self> {
        SCHEDULES.iter().find(|schedule| schedule.name == name)
    }

    /// All attempts, including the first.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.waits_s.len() + 1).expect("a schedule has few attempts")
    }

    /// The wait before attempt `attempt`, from 1, at `speed` times real time. Zero for the first; `None` when there is no such attempt.
    pub(crate) fn wait_before(&self, attempt: u32, speed: u32) -> Option<Duration> {
        match attempt {
            0 => None,
            1 => Some(Duration::ZERO),
            _ => {
                let wait_s = self.waits_s.get(usize::try_from(attempt).ok()? - 2)?;
                Some(Duration::from_secs(*wait_s) / speed.max(1))
            }
        }
    }

    /// The time from the first attempt to the last if each fails at once.
    pub fn length(&self, speed: u32) -> Duration {
        (1..=self.attempts()).filter_map(|attempt| self.wait_before(attempt, speed)).sum()
    }
}

/// A schedule and its speed, 1 to [`MAX_SPEED`] times real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPlan {
    pub schedule: &'static Schedule,
    pub speed: u32,
}

impl RetryPlan {
    /// Where the schedule comes from and, if it is sped up, how long it takes.
    pub(crate) fn sentence(&self) -> String {
        let Self { schedule, speed } = self;
        match speed {
            1 => schedule.source.to_owned(),
            _ => {
                let length = in_words(schedule.length(*speed));
                format!("{} At {speed}× speed: {length} if no attempt succeeds.", schedule.source)
            }
        }
    }
}

/// Reads the name of a schedule and a speed, such as `engine 600`; the default speed is [`DEFAULT_SPEED`].
impl FromStr for RetryPlan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, speed) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let schedule = Schedule::find(name).ok_or_else(|| {
            format!("expected a schedule: {}", SCHEDULES.each_ref().map(|schedule| schedule.name).join(", "))
        })?;
        let speed = match speed.trim() {
            "" => DEFAULT_SPEED,
            speed => {
                let number = speed.trim_start_matches(['x', '×']).parse().ok();
                let number = number.filter(|number| (1..=MAX_SPEED).contains(number));
                number.ok_or_else(|| format!("expected a speed from 1 to {MAX_SPEED} after the schedule"))?
            }
        };
        Ok(Self { schedule, speed })
    }
}

/// Writes name and speed, as `FromStr` reads them.
impl fmt::Display for RetryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.schedule.name, self.speed)
    }
}

impl Default for RetryPlan {
    fn default() -> Self {
        Self { schedule: &SCHEDULES[0], speed: DEFAULT_SPEED }
    }
}

/// An attempt that ended, and the time until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryStep {
    /// From 1.
    pub attempt: u32,
    pub of: u32,
    pub ending: Ending,
    /// The real time until the next attempt; `None` when this was the last.
    pub next_in: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits_s(name: &str) -> Vec<u64> {
        let schedule = Schedule::find(name).unwrap();
        (1..=schedule.attempts()).map(|attempt| schedule.wait_before(attempt, 1).unwrap().as_secs()).collect()
    }

    #[test]
    fn a_plan_is_a_name_and_a_speed() {
        let plan = |text: &str| text.parse::<RetryPlan>().map(|plan| (plan.schedule.name, plan.speed));
        assert_eq!(plan(" engine "), Ok(("engine", DEFAULT_SPEED)));
        assert_eq!(plan("minutes 600"), Ok(("minutes", 600)));
        assert_eq!(plan("three ×20"), Ok(("three", 20)));
        assert!(plan("").unwrap_err().contains("engine, reference, minutes, three"));
        assert!(plan("engine 0").is_err() && plan("engine 1000001").is_err() && plan("engine fast").is_err());
    }

    #[test]
    fn a_plan_reads_back_as_written() {
        let default = RetryPlan::default();
        assert_eq!((default.to_string().parse(), "engine".parse()), (Ok(default), Ok(default)));
        assert_eq!(in_words(default.schedule.length(default.speed)), "99.3 s");
    }

    #[test]
    fn the_schedules_have_the_documented_waits() {
        assert_eq!(waits_s("engine"), [0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000]);
        assert_eq!(waits_s("reference"), [0, 5, 30, 120, 300, 900]);
        assert_eq!(waits_s("minutes"), [0, 60, 300, 900]);
        assert_eq!(waits_s("three"), [0, 5, 300, 1800]);
        assert_eq!(SCHEDULES[0].name, "engine");
        assert_eq!(Schedule::find("five"), None);
    }

    #[test]
    fn a_speed_shortens_every_wait() {
        let engine = &SCHEDULES[0];
        assert_eq!(engine.wait_before(2, 1000), Some(Duration::from_millis(5)));
        assert_eq!(engine.wait_before(8, 3600), Some(Duration::from_secs(10)));
        assert_eq!(engine.length(1).as_secs(), 99_305);
        assert_eq!(engine.length(5), engine.length(1) / 5);
        for attempt in [0, 9, u32::MAX] {
            assert_eq!(engine.wait_before(attempt, 1), None, "{attempt}");
        }
    }

    #[test]
    fn each_schedule_has_a_unique_name_and_a_source() {
        for schedule in &SCHEDULES {
            assert_eq!(Schedule::find(schedule.name), Some(schedule));
            assert!(schedule.source.ends_with('.'), "{}", schedule.source);
        }
    }
}
