//! How much of the history to keep.

use jiff::{SignedDuration, Timestamp};

/// What a limit of [`Keep`] looks like, for messages.
pub(crate) const KEEP_FORM: &str = "expected a time such as 30d or 12h, or a number of events";
/// What a size looks like, for messages.
pub(crate) const SIZE_FORM: &str = "expected a size with its unit, such as 500MB or 2GB";

/// How much of the history stays. Without any, everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub keep: Option<Keep>,
    /// About how many bytes the history may take.
    pub max_size: Option<u64>,
}

impl Retention {
    pub(crate) fn has_limits(self) -> bool {
        self.keep.is_some() || self.max_size.is_some()
    }
}

/// Which events to keep. The others go, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The newest.
    Newest(u64),
    /// Those that are not older.
    For(SignedDuration),
}

impl Keep {
    /// `30d`, `12h`, or a number of events.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, unit) = number(text)?;
        let hours = match unit {
            "" => return Some(Self::Newest(number)),
            "h" => 1,
            "d" => 24,
            "w" => 7 * 24,
            _ => return None,
        };
        // A time before all events keeps everything.
        let hours = i64::try_from(number).ok()?.checked_mul(hours).filter(|hours| *hours <= 1_000_000)?;
        Some(Self::For(SignedDuration::from_hours(hours)))
    }

    /// Events that were received before, in microseconds from 1970, are too old.
    pub(crate) fn oldest_us(self, now: Timestamp) -> Option<i64> {
        let Self::For(time) = self else { return None };
        Some(now.saturating_sub(time).map_or(i64::MIN, Timestamp::as_microsecond))
    }
}

/// A number of bytes: `500MB`, `2GB`, `1.5 GB`. Units are powers of 1000.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (amount, unit) = text.split_at(end);
    let unit: u64 = match unit.trim_start().to_ascii_lowercase().as_str() {
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "tb" | "t" => 1_000_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| (1..=9).contains(digits))?;
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(unit)? / 10_u64.pow(digits);
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(fraction)
}

/// Bytes as people say them: `1.2 GB`.
pub(crate) fn size_in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = UNITS.into_iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{:.1} {name}", bytes as f64 / unit as f64))
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_of_events_or_a_time() {
        let hours = |hours| Some(Keep::For(SignedDuration::from_hours(hours)));
        for (text, keep) in [
            ("100000", Some(Keep::Newest(100_000))),
            ("0", Some(Keep::Newest(0))),
            ("30d", hours(720)),
            ("12h", hours(12)),
            ("2w", hours(336)),
            ("", None),
            ("d", None),
            ("30", Some(Keep::Newest(30))),
            ("30m", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("9999999999d", None),
        ] {
            assert_eq!(Keep::parse(text), keep, "{text}");
        }
        let now = Timestamp::from_second(7_200).unwrap();
        assert_eq!(Keep::parse("1h").unwrap().oldest_us(now), Some(3_600_000_000));
        assert_eq!(Keep::Newest(1).oldest_us(now), None);
    }

    #[test]
    fn sizes_have_units_of_a_thousand() {
        for (text, size) in [
            ("2GB", Some(2_000_000_000)),
            ("1.5 GB", Some(1_500_000_000)),
            ("500mb", Some(500_000_000)),
            ("1k", Some(1_000)),
            ("2", None),
            ("GB", None),
            ("1.GB", None),
            ("99999999999999999999GB", None),
            ("99999999999TB", None),
            ("2GiB", None),
        ] {
            assert_eq!(parse_size(text), size, "{text}");
        }
        let words = [999, 1_500, 2_000_000, 1_240_000_000].map(size_in_words);
        assert_eq!(words, ["999 bytes", "1.5 kB", "2.0 MB", "1.2 GB"]);
    }
}
