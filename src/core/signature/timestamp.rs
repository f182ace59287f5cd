//! The timestamp header as each SDK reads it, and whether it is within the tolerance.

use std::borrow::Cow;

/// How far a timestamp may be from now, in seconds, in either direction.
pub(crate) const TOLERANCE_S: i64 = 300;

/// How an SDK reads a timestamp and compares it with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampReading {
    /// `parseInt(text, 10)`, compared in whole seconds.
    Node,
    /// `datetime.fromtimestamp(float(text))`, compared in microseconds.
    Python,
    /// `strconv.ParseInt(text, 10, 64)`. The past is compared with fractions of a second, the future in whole seconds.
    Go,
    /// `Long.parseLong(text) * 1000`, which may overflow. The difference in seconds is truncated toward zero.
    Java,
    /// ASCII digits only, compared in microseconds.
    Digits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    Inside,
    TooOld,
    InFuture,
}

/// A timestamp as an SDK read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp<'a> {
    /// The decimal number that is signed, without leading zeros. In Node it may have any number of digits.
    text: Cow<'a, [u8]>,
    /// The same number, saturated to 64 bits.
    pub(crate) seconds: i64,
    pub(crate) position: Position,
}

impl Stamp<'_> {
    /// The number's text, which is signed.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// A timestamp for signing.
    pub(crate) fn of_seconds(seconds: i64) -> Stamp<'static> {
        let text = Cow::Owned(seconds.to_string().into_bytes());
        Stamp { text, seconds, position: Position::Inside }
    }
}

impl TimestampReading {
    /// Reads the header's bytes as Latin-1 characters. `None` if the SDK finds no time in them.
    pub(crate) fn read(self, text: &[u8], now_ms: i64) -> Option<Stamp<'_>> {
        match self {
            Self::Node => node(text, now_ms),
            Self::Python => python(text, now_ms),
            Self::Go => go(text, now_ms),
            Self::Java => java(text, now_ms),
            Self::Digits => is_plain(text).then(|| python(text, now_ms))?,
        }
    }
}

/// Whether the value is ASCII digits only, as every ordinary sender writes it.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether Node reads a number at the start of the text and ignores the rest.
pub(crate) fn is_read_in_part(text: &[u8]) -> bool {
    let start = text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len());
    let (_, unsigned) = sign(&text[start..]);
    let digits = unsigned.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..unsigned.len()).contains(&digits)
}

/// JavaScript's white space and line terminators below U+0100.
fn is_space(byte: u8) -> bool {
    matches!(byte, 0x09..=0x0d | b' ' | 0xa0)
}

/// The number in a text of at most 18 digits without a leading zero: the usual form, which every SDK reads alike.
fn plain_seconds(text: &[u8]) -> Option<i64> {
    if !matches!(text, [b'1'..=b'9', ..]) || text.len() > 18 {
        return None;
    }
    let next = |number: i64, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'));
    text.iter().try_fold(0, next)
}

fn node(text: &[u8], now_ms: i64) -> Option<Stamp<'_>> {
    if let Some(seconds) = plain_seconds(text) {
        let age_s = now_ms.div_euclid(1000) - seconds;
        let position = match age_s {
            _ if age_s > TOLERANCE_S => Position::TooOld,
            _ if age_s < -TOLERANCE_S => Position::InFuture,
            _ => Position::Inside,
        };
        return Some(Stamp { text: Cow::Borrowed(text), seconds, position });
    }
    let start = text.iter().position(|byte| !is_space(*byte))?;
    let (has_minus, unsigned) = sign(&text[start..]);
    let (mut end, mut magnitude) = (0, 0_u64);
    for digit in unsigned.iter().take_while(|byte| byte.is_ascii_digit()) {
        magnitude = magnitude.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        end += 1;
    }
    let zeros = unsigned[..end].iter().take_while(|byte| **byte == b'0').count();
    // Of zeros only, one stays.
    let digits = &unsigned[zeros.min(end.checked_sub(1)?)..end];
    let (text, seconds) = if has_minus && digits != b"0" {
        (Cow::Owned([b"-", digits].concat()), 0_i64.saturating_sub_unsigned(magnitude))
    } else {
        (Cow::Borrowed(digits), i64::try_from(magnitude).unwrap_or(i64::MAX))
    };
    let position = position(i128::from(now_ms.div_euclid(1000)), i128::from(seconds), i128::from(TOLERANCE_S));
    Some(Stamp { text, seconds, position })
}

fn go(text: &[u8], now_ms: i64) -> Option<Stamp<'static>> {
    let seconds = exact(text)?;
    let age_ms = i128::from(now_ms) - i128::from(seconds) * 1000;
    let position = if age_ms > i128::from(TOLERANCE_S) * 1000 {
        Position::TooOld
    } else if i128::from(seconds) > i128::from(now_ms.div_euclid(1000)) + i128::from(TOLERANCE_S) {
        Position::InFuture
    } else {
        Position::Inside
    };
    Some(Stamp { position, ..Stamp::of_seconds(seconds) })
}

fn java(text: &[u8], now_ms: i64) -> Option<Stamp<'static>> {
    let time_ms = exact(text)?.wrapping_mul(1000);
    let age_s = now_ms.wrapping_sub(time_ms) / 1000;
    let position = position(i128::from(age_s), 0, i128::from(TOLERANCE_S));
    Some(Stamp { position, ..Stamp::of_seconds(time_ms / 1000) })
}

fn python(text: &[u8], now_ms: i64) -> Option<Stamp<'static>> {
    const MICROS: f64 = 1_000_000.0;
    // Outside the years 1 to 9999 `fromtimestamp` raises an error.
    const YEARS: std::ops::RangeInclusive<f64> = -62_135_596_800.0..=253_402_300_799.0;
    let time = python_float(text).filter(|time| time.is_finite())?;
    let (mut seconds, mut micros) = (time.trunc(), ((time - time.trunc()) * MICROS).round_ties_even());
    if micros >= MICROS {
        (seconds, micros) = (seconds + 1.0, micros - MICROS);
    } else if micros < 0.0 {
        (seconds, micros) = (seconds - 1.0, micros + MICROS);
    }
    if !YEARS.contains(&seconds) {
        return None;
    }
    // Both are integers within range.
    #[allow(clippy::cast_possible_truncation)]
    let (seconds, micros) = (seconds as i64, micros as i64);
    let time_us = i128::from(seconds) * 1_000_000 + i128::from(micros);
    let position = position(i128::from(now_ms) * 1000, time_us, i128::from(TOLERANCE_S) * 1_000_000);
    Some(Stamp { position, ..Stamp::of_seconds(seconds) })
}

fn position(now: i128, time: i128, tolerance: i128) -> Position {
    if now - time > tolerance {
        Position::TooOld
    } else if time - now > tolerance {
        Position::InFuture
    } else {
        Position::Inside
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// The number in a text of an optional sign and digits only, if it fits in 64 bits.
fn exact(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    is_plain(digits).then_some(())?;
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = i64::from(digit - b'0');
        let shifted = number.checked_mul(10)?;
        if is_negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
    })
}

/// `float(text)`: accepts surrounding white space, underscores between digits, fractions, exponents, infinities and
/// NaN.
fn python_float(text: &[u8]) -> Option<f64> {
    let is_space = |byte: &u8| matches!(byte, 0x09..=0x0d | b' ' | 0x85 | 0xa0);
    let start = text.iter().position(|byte| !is_space(byte))?;
    let end = text.iter().rposition(|byte| !is_space(byte))? + 1;
    let text = &text[start..end];
    let between_digits =
        |at: usize| at > 0 && text[at - 1].is_ascii_digit() && text.get(at + 1).is_some_and(u8::is_ascii_digit);
    if (0..text.len()).any(|at| text[at] == b'_' && !between_digits(at)) {
        return None;
    }
    // Otherwise Rust reads the same grammar, including the words, and rounds in the same way.
    let joined: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    std::str::from_utf8(&joined).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const READINGS: [TimestampReading; 4] =
        [TimestampReading::Node, TimestampReading::Python, TimestampReading::Go, TimestampReading::Java];

    #[test]
    fn each_sdk_reads_timestamps_in_its_own_way() {
        // The header, then the number that Node, Python, Go and Java sign. `-` where they find none.
        let cases: [(&[u8], [&str; 4]); 34] = [
            (b"17", ["17", "17", "17", "17"]),
            (b"+17", ["17", "17", "17", "17"]),
            (b"-17", ["-17", "-17", "-17", "-17"]),
            (b"0017", ["17", "17", "17", "17"]),
            (b"-0", ["0", "0", "0", "0"]),
            (b"-000", ["0", "0", "0", "0"]),
            (b"", ["-", "-", "-", "-"]),
            (b"+", ["-", "-", "-", "-"]),
            (b"+-1", ["-", "-", "-", "-"]),
            (b"17.9", ["17", "17", "-", "-"]),
            (b"-17.5", ["-17", "-18", "-", "-"]),
            (b"17s", ["17", "-", "-", "-"]),
            (b"17, 17", ["17", "-", "-", "-"]),
            (b"1.7e1", ["1", "17", "-", "-"]),
            (b"1_7", ["1", "17", "-", "-"]),
            (b"1__7", ["1", "-", "-", "-"]),
            (b"17_", ["17", "-", "-", "-"]),
            (b"_17", ["-", "-", "-", "-"]),
            (b".5", ["-", "0", "-", "-"]),
            (b"5.", ["5", "5", "-", "-"]),
            (b"1E+1", ["1", "10", "-", "-"]),
            (b"inf", ["-", "-", "-", "-"]),
            (b"nan", ["-", "-", "-", "-"]),
            (b"0x11", ["0", "-", "-", "-"]),
            (b"\xa017", ["17", "17", "-", "-"]),
            (b"\x0b17\x0c", ["17", "17", "-", "-"]),
            (b"\x8517", ["-", "17", "-", "-"]),
            (b"\x1c17", ["-", "-", "-", "-"]),
            (b"\xb217", ["-", "-", "-", "-"]),
            (b"16.9999999", ["16", "17", "-", "-"]),
            (b"253402300800", ["253402300800", "-", "253402300800", "253402300800"]),
            (b"9223372036854775807", ["9223372036854775807", "-", "9223372036854775807", "-1"]),
            (b"9223372036854775808", ["9223372036854775808", "-", "-", "-"]),
            (b"-9223372036854775808", ["-9223372036854775808", "-", "-9223372036854775808", "0"]),
        ];
        for (text, expected) in cases {
            for (reading, expected) in READINGS.into_iter().zip(expected) {
                let read = reading.read(text, 0).map(|stamp| String::from_utf8(stamp.text().to_vec()).unwrap());
                assert_eq!(read.as_deref().unwrap_or("-"), expected, "{reading:?} of {text:x?}");
            }
        }
    }

    #[test]
    fn the_fast_path_for_plain_numbers_agrees_with_the_general_one() {
        for text in ["1", "1700000000", "1700000300", "1700000301", "1699999699", "999999999999999999"] {
            let plain = node(text.as_bytes(), 1_700_000_000_999);
            // A sign takes the general path.
            assert_eq!(plain, node(format!("+{text}").as_bytes(), 1_700_000_000_999), "{text}");
            assert!(plain.is_some());
        }
    }

    #[test]
    fn a_timestamp_that_continues_after_its_number_is_read_in_part() {
        for text in [&b"2026-01-01T00:00:00Z"[..], b"17.9", b" -17s", b"17, 17", b"0x11", b"17 "] {
            assert!(is_read_in_part(text), "{}", text.escape_ascii());
        }
        for text in [&b"17"[..], b"-17", b" +0017", b"", b"-", b"Thu, 01 Jan", b" "] {
            assert!(!is_read_in_part(text), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn each_sdk_rounds_the_edge_of_the_window_in_its_own_way() {
        // The age in milliseconds, then the result of Node, Python, Go and Java: inside, too old or in the future.
        let cases = [
            (300_000, "...."),
            (300_001, ".oo."),
            (300_999, ".oo."),
            (301_000, "oooo"),
            (-300_000, "...."),
            (-300_001, "fff."),
            (-300_999, "fff."),
            (-301_000, "ffff"),
        ];
        for (age_ms, expected) in cases {
            let found: String = READINGS
                .into_iter()
                .map(|reading| match reading.read(b"1700000000", 1_700_000_000_000 + age_ms).unwrap().position {
                    Position::Inside => '.',
                    Position::TooOld => 'o',
                    Position::InFuture => 'f',
                })
                .collect();
            assert_eq!(found, expected, "{age_ms}");
        }
    }

    #[test]
    fn python_compares_microseconds_and_java_overflows() {
        let python = |text: &[u8], now_ms| TimestampReading::Python.read(text, now_ms).unwrap().position;
        assert_eq!(python(b"1000.5", 1_300_500), Position::Inside);
        assert_eq!(python(b"1000.499999", 1_300_500), Position::TooOld);
        assert_eq!(python(b"1000.4999999", 1_300_500), Position::Inside);
        let java = TimestampReading::Java.read(b"18446745838716918", 1_765_007_366_000).unwrap();
        assert_eq!((java.position, java.seconds), (Position::Inside, 1_765_007_366));
    }

    #[test]
    fn numbers_of_any_length_are_saturated() {
        for (digits, now_ms) in [(19, 0), (20, 0), (10_000, i64::MIN), (10_000, i64::MAX)] {
            let text = "9".repeat(digits);
            let stamp = TimestampReading::Node.read(text.as_bytes(), now_ms).unwrap();
            assert_eq!((stamp.seconds, stamp.position), (i64::MAX, Position::InFuture));
            assert_eq!(stamp.text().len(), digits);
            let negative = format!("-{text}");
            let stamp = TimestampReading::Node.read(negative.as_bytes(), now_ms).unwrap();
            assert_eq!((stamp.seconds, stamp.position), (i64::MIN, Position::TooOld));
            for reading in READINGS {
                reading.read(text.as_bytes(), now_ms);
                reading.read(negative.as_bytes(), now_ms);
            }
        }
    }
}
