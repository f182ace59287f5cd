//! The values of terms that are neither texts nor words: statuses, sizes, times.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use std::fmt;

/// Digits of a status, such as `404` or `5xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatusPattern([Option<u8>; 3]);

impl StatusPattern {
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        let mut digits = [None; 3];
        for (digit, byte) in digits.iter_mut().zip(bytes) {
            match byte {
                b'0'..=b'9' => *digit = Some(byte - b'0'),
                b'x' | b'X' => {}
                _ => return None,
            }
        }
        Some(Self(digits))
    }

    pub fn matches(self, status: u16) -> bool {
        let digits = [status / 100, status / 10 % 10, status % 10];
        self.0.iter().zip(digits).all(|(wanted, digit)| wanted.is_none_or(|wanted| u16::from(wanted) == digit))
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| match digit {
            Some(digit) => write!(f, "{digit}"),
            None => f.write_str("x"),
        })
    }
}

/// The sizes that match, such as `>10kb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    comparison: Comparison,
    amount: u64,
    unit: SizeUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Exactly,
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Comparison {
    /// The longer signs first.
    const ALL: [Self; 5] = [Self::AtLeast, Self::AtMost, Self::Above, Self::Below, Self::Exactly];

    fn sign(self) -> &'static str {
        match self {
            Self::Exactly => "",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SizeUnit {
    Bytes,
    Kilobytes,
    Megabytes,
}

impl SizeUnit {
    const ALL: [Self; 3] = [Self::Bytes, Self::Kilobytes, Self::Megabytes];

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Bytes => &["b", ""],
            Self::Kilobytes => &["kb", "k"],
            Self::Megabytes => &["mb", "m"],
        }
    }

    fn bytes(self) -> u64 {
        match self {
            Self::Bytes => 1,
            Self::Kilobytes => 1000,
            Self::Megabytes => 1_000_000,
        }
    }
}

impl Sizes {
    pub fn parse(text: &str) -> Option<Self> {
        let comparison = Comparison::ALL.into_iter().find(|comparison| text.starts_with(comparison.sign()))?;
        let (amount, unit) = amount(&text[comparison.sign().len()..])?;
        let is_named = |candidate: &SizeUnit| candidate.names().iter().any(|name| name.eq_ignore_ascii_case(unit));
        Some(Self { comparison, amount, unit: SizeUnit::ALL.into_iter().find(is_named)? })
    }

    pub fn contains(self, size: u64) -> bool {
        let bound = self.amount.saturating_mul(self.unit.bytes());
        match self.comparison {
            Comparison::Exactly => size == bound,
            Comparison::Above => size > bound,
            Comparison::AtLeast => size >= bound,
            Comparison::Below => size < bound,
            Comparison::AtMost => size <= bound,
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.comparison.sign(), self.amount, self.unit.names()[0])
    }
}

/// The digits at the start of `text`, and the rest.
fn amount(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long before now.
    Ago(u64, TimeUnit),
    /// Today, in the local zone.
    Time(civil::Time),
    /// In the local zone.
    Local(civil::DateTime),
    Exact(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl TimeUnit {
    pub const ALL: [Self; 4] = [Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
        }
    }

    fn seconds(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 3600,
            Self::Days => 86_400,
        }
    }
}

impl Moment {
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((amount, unit)) = amount(text)
            && let Some(unit) = TimeUnit::ALL.into_iter().find(|candidate| candidate.name().eq_ignore_ascii_case(unit))
        {
            return Some(Self::Ago(amount, unit));
        }
        // A date alone would also parse as a time of day.
        if text.contains('-') {
            let exact = || text.parse().map(Self::Exact).ok();
            let has_zone = text.ends_with(['Z', 'z'])
                || text.rfind(['T', 't', ' ']).is_some_and(|time| text[time..].contains(['+', '-']));
            return if has_zone { exact() } else { text.parse().map(Self::Local).ok() };
        }
        if text.contains(':') { text.parse().map(Self::Time).ok() } else { None }
    }

    /// Whether it moves with the clock.
    pub fn is_relative(self) -> bool {
        matches!(self, Self::Ago(..))
    }

    /// In microseconds since 1970, for a reader in `zone` at `now`.
    pub fn at_us(self, now: Timestamp, zone: &TimeZone) -> i64 {
        let local = |time: civil::DateTime| {
            let far = if time.year() < 1970 { i64::MIN } else { i64::MAX };
            time.to_zoned(zone.clone()).map_or(far, |time| time.timestamp().as_microsecond())
        };
        match self {
            Self::Ago(amount, unit) => {
                let seconds = i64::try_from(amount).unwrap_or(i64::MAX).saturating_mul(unit.seconds());
                now.as_microsecond().saturating_sub(seconds.saturating_mul(1_000_000))
            }
            Self::Time(time) => local(now.to_zoned(zone.clone()).date().to_datetime(time)),
            Self::Local(time) => local(time),
            Self::Exact(time) => time.as_microsecond(),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(amount, unit) => write!(f, "{amount}{}", unit.name()),
            Self::Time(time) => time.fmt(f),
            Self::Local(time) => time.fmt(f),
            Self::Exact(time) => time.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_may_leave_digits_open() {
        for (pattern, status, matches) in
            [("404", 404, true), ("404", 405, false), ("5xx", 599, true), ("5XX", 499, false), ("x0x", 401, true)]
        {
            assert_eq!(StatusPattern::parse(pattern).unwrap().matches(status), matches, "{pattern} {status}");
        }
        for text in ["", "5", "5x", "5xxx", "abc", "ü5"] {
            assert_eq!(StatusPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_is_compared_in_its_unit() {
        for (sizes, size, contains) in [
            (">10kb", 10_001, true),
            (">10kb", 10_000, false),
            (">=10KB", 10_000, true),
            ("<1m", 999_999, true),
            ("<=5", 5, true),
            ("100b", 100, true),
            ("100", 101, false),
            (">99999999999999999mb", u64::MAX - 1, false),
        ] {
            assert_eq!(Sizes::parse(sizes).unwrap().contains(size), contains, "{sizes} {size}");
        }
        for text in ["", ">", "kb", "1.5mb", "10gb", "=10", "-1", "99999999999999999999"] {
            assert_eq!(Sizes::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_relative_or_local_or_exact() {
        let now: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        for (text, at) in [
            ("10m", "2026-01-31T11:50:00Z"),
            ("2H", "2026-01-31T10:00:00Z"),
            ("1d", "2026-01-30T12:00:00Z"),
            ("10:00", "2026-01-31T09:00:00Z"),
            ("10:00:30", "2026-01-31T09:00:30Z"),
            ("2026-01-30", "2026-01-29T23:00:00Z"),
            ("2026-01-30T10:00", "2026-01-30T09:00:00Z"),
            ("2026-01-30T10:00Z", "2026-01-30T10:00:00Z"),
            ("2026-01-30T10:00-05:00", "2026-01-30T15:00:00Z"),
        ] {
            let moment = Moment::parse(text).unwrap_or_else(|| panic!("{text}"));
            let expected: Timestamp = at.parse().unwrap();
            assert_eq!(moment.at_us(now, &zone), expected.as_microsecond(), "{text}");
            assert_eq!(Moment::parse(&moment.to_string()), Some(moment), "{text}");
        }
        assert!(Moment::parse("18446744073709551615d").unwrap().at_us(now, &zone) < 0);
        for text in ["", "10", "m", "10y", "noon", "25:00", "2026-13-01", "2026-02-30T10:00", "20260131", "-1m"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
