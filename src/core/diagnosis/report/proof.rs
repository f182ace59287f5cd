//! Evidence as facts: a name and what was found, in bytes that a screen must make printable.

use super::super::{BodyVariant, Evidence};
use super::Examined;
use crate::core::logout::claims_in_words;
use crate::core::numbers::grouped;
use crate::core::request::part_received;
use crate::core::signature::headers::Family;
use crate::core::signature::timestamp::{TimestampReading, is_read_in_part};
use crate::core::signature::{SecretForm, Verdict, verify_request};
use crate::core::times::in_two_units;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Bytes shown before a difference, and after it starts.
const BEFORE: usize = 16;
const AFTER: usize = 24;

/// One fact that proves a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub found: Vec<u8>,
}

fn fact(name: impl Into<String>, found: impl Into<Vec<u8>>) -> Fact {
    Fact { name: name.into(), found: shortened(found.into()) }
}

/// Truncates a value to what is worth reading. The longest useful ones are a few signatures in a row.
pub(super) fn shortened(mut value: Vec<u8>) -> Vec<u8> {
    const LONGEST: usize = 256;
    if value.len() > LONGEST {
        let length = value.len();
        value.truncate(LONGEST);
        value.extend_from_slice(format!("… ({length} bytes)").as_bytes());
    }
    value
}

pub(super) fn facts(evidence: &Evidence, examined: &Examined<'_>, zone: &TimeZone) -> Vec<Fact> {
    match evidence {
        Evidence::Timestamp { sent, age_s } => about_timestamp(sent, *age_s, examined.now_ms, zone),
        Evidence::Repeated { name, values, with_first } => {
            let counted = if *with_first { "the first value of each header" } else { "the last value of each header" };
            values.iter().map(|value| fact(*name, value.as_slice())).chain([fact("verifies with", counted)]).collect()
        }
        Evidence::LogoutToken => {
            let arrived = Timestamp::from_millisecond(examined.now_ms).unwrap_or_default();
            let claims = claims_in_words(examined.body, arrived).into_iter();
            claims.map(|(name, value)| fact(name, format!("{value}, not verified"))).collect()
        }
        Evidence::KnownSecret { label } => vec![fact("verifies with", label.as_str())],
        Evidence::RepairedSecret { label, form } => vec![fact("verifies with", repaired(label, *form))],
        Evidence::FormerSecret { label } => {
            let label = label.as_deref().unwrap_or("a secret that hookglass had then");
            vec![fact("on arrival", format!("verified with {label}"))]
        }
        Evidence::PrefixedSecret { label } => vec![fact("verifies with", format!("`whsec_` prepended to {label}"))],
        Evidence::OtherwiseVerified => vec![fact("apart from this", "nothing is wrong")],
        Evidence::Body { variant, first_difference } => body(variant, *first_difference, examined.body),
        Evidence::Renamed { name, found } => {
            let found = found.escape_ascii().to_string();
            vec![fact("arrived as", format!("`{found}` instead of `{name}`"))]
        }
        Evidence::Rewritten { name, found, meant } => {
            vec![fact(*name, found.as_slice()), fact("verifies when", meant.as_str())]
        }
        Evidence::Seen { because } => vec![fact("likely because", because.as_slice())],
        Evidence::OthersVerify { count, is_sample } => {
            vec![fact("history", format!("{} with {}", verify(*count, *is_sample), secrets(examined)))]
        }
        Evidence::SomeVerify { count, idle } => {
            let idle: Vec<_> = idle.iter().map(|label| format!("`{label}`")).collect();
            vec![fact("history", format!("{}, but none with {}", verify(*count, false), idle.join(" or ")))]
        }
        Evidence::NoneVerifies { mismatched, is_sample } => {
            let event = if *is_sample { "no recent event" } else { "no event" };
            let others = if *mismatched == 1 { "1 other does not match" } else { "others do not match" };
            vec![fact("history", format!("{event} verifies with {}; {others}", secrets(examined)))]
        }
        Evidence::SearchEnded => {
            vec![fact("not tried", "some changes to the body, because the search reached its work limit")]
        }
        Evidence::SignedAs { scheme, key, content } => {
            let is_family = Family::of(*scheme).is_some();
            let headers = if is_family { format!("{scheme}-*") } else { scheme.to_string() };
            vec![fact("headers", headers), fact("key used", key.to_string()), fact("content", content.to_string())]
        }
        // The checks show both the received signature and the expected one.
        Evidence::Signature { .. } => Vec::new(),
    }
}

/// How much of the body came, and whether that is a whole event after all.
pub(super) fn about_incomplete(examined: &Examined<'_>) -> Vec<Fact> {
    let Examined { headers, body, now_ms, keyring } = *examined;
    let is_whole = verify_request(headers, body, now_ms, keyring).verdict == Verdict::Verified;
    let verifies = is_whole.then(|| fact("verifies", "what came is the whole event, so `Content-Length` is wrong"));
    [fact("received", part_received(headers, body))].into_iter().chain(verifies).collect()
}

fn about_timestamp(sent: &[u8], age_s: Option<i64>, now_ms: i64, zone: &TimeZone) -> Vec<Fact> {
    let read = read_in_part(sent, now_ms);
    let Some(age_s) = age_s else {
        return std::iter::once(fact("timestamp", sent)).chain(read).collect();
    };
    let now_s = now_ms.div_euclid(1000);
    let time = |name, seconds| Timestamp::from_second(seconds).ok().map(|time| fact(name, written(time, zone)));
    let times = [time("signed at", now_s.saturating_sub(age_s)), time("arrived at", now_s)];
    let meant = unit_meant(sent, now_s).and_then(|(unit, seconds)| {
        let time = Timestamp::from_second(seconds).ok()?;
        Some(fact(format!("in {unit}"), written(time, zone)))
    });
    let age = fact("age", format!("{} (limit 300 s)", age_text(age_s)));
    read.into_iter().chain(times.into_iter().flatten()).chain([age]).chain(meant).collect()
}

/// What of a secret verifies.
fn repaired(label: &str, form: SecretForm) -> String {
    match form {
        SecretForm::Assignment => format!("the part of {label} after `=`"),
        SecretForm::SeveralLines => format!("one line of {label}"),
        SecretForm::PrefixTwice => format!("{label} without its second prefix"),
        SecretForm::EncodedTwice => format!("{label}, base64-decoded once"),
        SecretForm::Placeholder | SecretForm::Masked | SecretForm::Path => label.to_owned(),
    }
}

/// The verifying secrets, as the end of a sentence.
fn secrets(examined: &Examined<'_>) -> &'static str {
    if examined.keyring.verifying.len() == 1 { "this secret" } else { "these secrets" }
}

/// `12 other events verify`, with `at least` in front for a sample.
fn verify(count: u64, is_sample: bool) -> String {
    let least = if is_sample { "at least " } else { "" };
    let words = if count == 1 { "other event verifies" } else { "other events verify" };
    format!("{least}{} {words}", grouped(count))
}

fn body(variant: &BodyVariant, first_difference: Option<usize>, received: &[u8]) -> Vec<Fact> {
    let mut facts = vec![fact("verifies as", variant.to_string())];
    let Some(place) = first_difference else { return facts };
    facts.push(fact("first difference", format!("byte {place} of {}", received.len())));
    facts.push(fact("as received", around(received, place)));
    if let Some(signed) = variant.of(received) {
        facts.push(fact("as signed", around(&signed, place)));
    }
    facts
}

/// The number that Node reads from a timestamp that continues after its digits.
fn read_in_part(sent: &[u8], now_ms: i64) -> Option<Fact> {
    let stamp = TimestampReading::Node.read(sent, now_ms).filter(|_| is_read_in_part(sent))?;
    let number = String::from_utf8_lossy(stamp.text());
    Some(fact("read by Node", format!("{number}, the digits up to the first other character")))
}

/// A few bytes around `place`.
fn around(bytes: &[u8], place: usize) -> Vec<u8> {
    let (start, end) = (place.saturating_sub(BEFORE), place.saturating_add(AFTER).min(bytes.len()));
    let mut text = Vec::new();
    text.extend_from_slice(if start > 0 { "…".as_bytes() } else { b"" });
    text.extend_from_slice(bytes.get(start..end).unwrap_or_default());
    text.extend_from_slice(if end < bytes.len() { "…" } else { " (end)" }.as_bytes());
    text
}

pub(super) fn written(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The unit in which a timestamp lies within a day of now, although it does not in seconds, and that time in seconds.
pub(super) fn unit_meant(sent: &[u8], now_s: i64) -> Option<(&'static str, i64)> {
    const DAY_S: u64 = 86_400;
    let number: i64 = std::str::from_utf8(sent).ok()?.parse().ok()?;
    [("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000)]
        .map(|(unit, of_second)| (unit, number.div_euclid(of_second)))
        .into_iter()
        .find(|(_, seconds)| seconds.abs_diff(now_s) <= DAY_S)
}

/// The age of a timestamp: `12 min 3 s old on arrival`.
pub(super) fn age_text(age_s: i64) -> String {
    /// 10,000 calendar years. No date is that far away, so a longer difference needs no exact number.
    const NO_DATE_S: u64 = 315_569_520_000;
    let age = match age_s.unsigned_abs() {
        0 => "less than 1 s".to_owned(),
        NO_DATE_S.. => "more than 10,000 years".to_owned(),
        seconds => in_two_units(seconds),
    };
    format!("{age} {}", if age_s >= 0 { "old on arrival" } else { "ahead of this machine's clock" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_in_another_unit_is_recognised() {
        let now_s = 1_700_000_000;
        assert_eq!(unit_meant(b"1700000007123", now_s), Some(("milliseconds", 1_700_000_007)));
        assert_eq!(unit_meant(b"1699990000000000", now_s), Some(("microseconds", 1_699_990_000)));
        assert_eq!(unit_meant(b"1700000000000000000", now_s), Some(("nanoseconds", now_s)));
        for other in [&b"1700000000"[..], b"1690000000000", b"99999999999999999999", b"", b"\xff"] {
            assert_eq!(unit_meant(other, now_s), None, "{other:?}");
        }
    }

    #[test]
    fn an_age_is_shown_in_its_two_largest_units() {
        for (age_s, expected) in [
            (0, "less than 1 s old on arrival"),
            (1, "1 s old on arrival"),
            (-60, "1 min ahead of this machine's clock"),
            (723, "12 min 3 s old on arrival"),
            (90_061, "1 day 1 h old on arrival"),
            (-172_861, "2 days ahead of this machine's clock"),
        ] {
            assert_eq!(age_text(age_s), expected);
        }
    }

    #[test]
    fn an_age_beyond_any_date_has_no_exact_number() {
        assert_eq!(age_text(315_569_519_999), "3652424 days 23 h old on arrival");
        assert_eq!(age_text(315_569_520_000), "more than 10,000 years old on arrival");
        for saturated in [i64::MIN, i64::MIN + 1_700_000_000] {
            assert_eq!(age_text(saturated), "more than 10,000 years ahead of this machine's clock");
        }
    }

    #[test]
    fn a_long_value_is_truncated() {
        assert_eq!(shortened(vec![b'v'; 256]), vec![b'v'; 256]);
        let long = shortened(vec![b'v'; 10_000]);
        assert!(long.len() < 280 && long.ends_with("v… (10000 bytes)".as_bytes()));
    }

    #[test]
    fn the_bytes_around_a_difference_are_shown() {
        assert_eq!(around(b"{}\n", 2), b"{}\n (end)");
        assert_eq!(around(b"", 0), b" (end)");
        let long: Vec<u8> = (b'a'..=b'z').cycle().take(100).collect();
        assert_eq!(String::from_utf8(around(&long, 50)).unwrap(), "…ijklmnopqrstuvwxyzabcdefghijklmnopqrstuv…");
        assert_eq!(around(b"ab", 9), b"ab (end)");
    }
}
