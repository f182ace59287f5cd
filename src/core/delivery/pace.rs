//! The pace of many deliveries: how many in parallel, how many per second, and how many times each.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The most deliveries in flight at once.
pub const MAX_PARALLEL: usize = 64;
/// The highest rate, in deliveries started per second.
pub(crate) const MAX_RATE: f64 = 1000.0;
/// The lowest rate: one delivery in 1000 s.
const MIN_RATE: f64 = 0.001;

/// The pace of a list of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Deliveries in flight at once, 1 to [`MAX_PARALLEL`]; 1 preserves the order of the list.
    pub parallel: usize,
    /// The least average time between the starts of two deliveries; zero for no limit.
    pub spacing: Duration,
    /// The number of times that the whole list is sent.
    pub times: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { parallel: 1, spacing: Duration::ZERO, times: 1 }
    }
}

impl Pace {
    /// `4 in parallel, at most 10 per second, 2 times`.
    pub(crate) fn sentence(&self) -> String {
        let mut parts = vec![match self.parallel {
            1 => "one after another".to_owned(),
            parallel => format!("{parallel} in parallel"),
        }];
        if !self.spacing.is_zero() {
            parts.push(format!("at most {} per second", self.rate()));
        }
        if self.times > 1 {
            parts.push(format!("{} times", self.times));
        }
        parts.join(", ")
    }

    /// Starts per second, to three decimals; infinite without spacing.
    fn rate(&self) -> f64 {
        (self.spacing.as_secs_f64().recip() * 1000.0).round() / 1000.0
    }
}

/// Reads `parallel:4 rate:10/s times:2`; a term left out has its default.
impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pace = Self::default();
        for word in text.split_whitespace() {
            let expected = || format!("expected `parallel:`, `rate:` or `times:`, found `{word}`");
            let (name, value) = word.split_once(':').ok_or_else(expected)?;
            match name {
                "parallel" => {
                    let number = value.parse().ok().filter(|number| (1..=MAX_PARALLEL).contains(number));
                    pace.parallel =
                        number.ok_or_else(|| format!("`parallel:` must be a number from 1 to {MAX_PARALLEL}"))?;
                }
                "rate" => pace.spacing = spacing_of(value)?,
                "times" => {
                    let number = value.parse().ok().filter(|number| *number > 0);
                    pace.times = number.ok_or("`times:` must be a number, 1 or more")?;
                }
                _ => return Err(expected()),
            }
        }
        Ok(pace)
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parallel:{}", self.parallel)?;
        if !self.spacing.is_zero() {
            write!(f, " rate:{}/s", self.rate())?;
        }
        if self.times == 1 { Ok(()) } else { write!(f, " times:{}", self.times) }
    }
}

/// The spacing of a rate such as `10/s`, `10` or `0.5/s`.
///
/// # Errors
/// A message if it is not a rate, or outside the limits.
pub fn spacing_of(rate: &str) -> Result<Duration, String> {
    let number = rate.trim().strip_suffix("/s").unwrap_or(rate.trim());
    let per_second = number.trim_end().parse::<f64>().ok().filter(|number| (MIN_RATE..=MAX_RATE).contains(number));
    let per_second = per_second
        .ok_or_else(|| format!("expected a rate from {MIN_RATE} to {MAX_RATE} per second, such as `10/s`"))?;
    Ok(Duration::from_secs_f64(per_second.recip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_reads_back_as_written() {
        assert_eq!("".parse(), Ok(Pace::default()));
        let pace = Pace { parallel: 4, spacing: Duration::from_millis(100), times: 2 };
        assert_eq!(" times:2 parallel:4 rate:10/s".parse(), Ok(pace));
        assert_eq!(pace.to_string().parse(), Ok(pace));
        for text in ["parallel:0", "parallel:65", "rate:x", "times:0", "often", "often:2"] {
            assert!(text.parse::<Pace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_becomes_the_time_between_two_starts() {
        for (rate, milliseconds) in
            [("10/s", 100), ("10", 100), (" 4 /s ", 250), ("0.5/s", 2000), ("1000/s", 1), ("0.001", 1_000_000)]
        {
            assert_eq!(spacing_of(rate), Ok(Duration::from_millis(milliseconds)), "{rate}");
        }
        for rate in ["", "0", "-1", "1001/s", "10/m", "ten", "NaN", "inf", "0.0001"] {
            assert!(spacing_of(rate).is_err(), "{rate}");
        }
    }
}
