//! How fast many events are sent: how many at once, how many a second, how often.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Most deliveries that are on their way at once.
pub const MAX_PARALLEL: usize = 64;
/// Most deliveries that begin in a second, where a rate is asked for.
pub const MAX_RATE: f64 = 1000.0;
/// Least: one in somewhat more than a quarter of an hour.
const MIN_RATE: f64 = 0.001;

/// The pace of a list of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Deliveries on their way at once, 1 to [`MAX_PARALLEL`]; with 1 the order of the list is kept.
    pub parallel: usize,
    /// From the beginning of one delivery to the beginning of the next, at least, on average; zero for no limit.
    pub spacing: Duration,
    /// How often the whole list is sent, one time after the other.
    pub times: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { parallel: 1, spacing: Duration::ZERO, times: 1 }
    }
}

impl Pace {
    /// `4 at once, at most 10 a second, 2 times`.
    pub fn sentence(&self) -> String {
        let mut parts = vec![match self.parallel {
            1 => "one after the other".to_owned(),
            parallel => format!("{parallel} at once"),
        }];
        if !self.spacing.is_zero() {
            parts.push(format!("at most {} a second", self.rate()));
        }
        if self.times > 1 {
            parts.push(format!("{} times", self.times));
        }
        parts.join(", ")
    }

    /// Beginnings in a second, to three decimals; that of no spacing is infinite.
    fn rate(&self) -> f64 {
        (self.spacing.as_secs_f64().recip() * 1000.0).round() / 1000.0
    }
}

/// What a person types: `parallel:4 rate:10/s times:2`; what is left out is as by default.
impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pace = Self::default();
        for word in text.split_whitespace() {
            let expected = || format!("expected `parallel:`, `rate:` or `times:` instead of `{word}`");
            let (name, value) = word.split_once(':').ok_or_else(expected)?;
            match name {
                "parallel" => {
                    let number = value.parse().ok().filter(|number| (1..=MAX_PARALLEL).contains(number));
                    pace.parallel = number.ok_or_else(|| format!("`parallel:` is 1 to {MAX_PARALLEL} at once"))?;
                }
                "rate" => pace.spacing = spacing_of(value)?,
                "times" => {
                    let number = value.parse().ok().filter(|number| *number > 0);
                    pace.times = number.ok_or("`times:` is a number from 1 on")?;
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

/// The spacing that `10/s`, `10` or `0.5/s` ask for.
///
/// # Errors
/// When it is no rate or beyond the limits, in words.
pub fn spacing_of(rate: &str) -> Result<Duration, String> {
    let number = rate.trim().strip_suffix("/s").unwrap_or(rate.trim());
    let per_second = number.trim_end().parse::<f64>().ok().filter(|number| (MIN_RATE..=MAX_RATE).contains(number));
    let per_second =
        per_second.ok_or_else(|| format!("expected a rate from {MIN_RATE} to {MAX_RATE} a second, such as 10/s"))?;
    Ok(Duration::from_secs_f64(per_second.recip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_typed_in_words() {
        assert_eq!("".parse(), Ok(Pace::default()));
        let pace = Pace { parallel: 4, spacing: Duration::from_millis(100), times: 2 };
        assert_eq!(" times:2 parallel:4 rate:10/s".parse(), Ok(pace));
        assert_eq!(pace.to_string().parse(), Ok(pace));
        for text in ["parallel:0", "parallel:65", "rate:x", "times:0", "often", "often:2"] {
            assert!(text.parse::<Pace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_the_time_between_two_beginnings() {
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
