//! The timestamp header as each SDK reads it, and its place in the window of tolerance.

use std::borrow::Cow;

/// How far a timestamp may be from now, in seconds, both ways.
pub(crate) const TOLERANCE_S: i64 = 300;

/// How a timestamp is read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampReading {
    /// `parseInt(text, 10)`, compared with now in whole seconds.
    Node,
    /// `datetime.fromtimestamp(float(text))`, compared in microseconds.
    Python,
    /// `strconv.ParseInt(text, 10, 64)`; the past is compared on fractions, the future in whole seconds.
    Go,
    /// `Long.parseLong(text) * 1000`, which may overflow; the difference is truncated toward zero.
    Java,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    Inside,
    TooOld,
    InFuture,
}

/// A timestamp as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp<'a> {
    /// The decimal number that is signed, without leading zeros; Node's may have any number of digits.
    digits: Cow<'a, [u8]>,
    is_negative: bool,
    /// The same number, saturated.
    pub(crate) seconds: i64,
    pub(crate) position: Position,
}

impl<'a> Stamp<'a> {
    /// The parts of the signed number's text.
    pub(crate) fn text(&self) -> [&[u8]; 2] {
        [if self.is_negative { b"-" } else { b"" }, &self.digits]
    }

    /// A timestamp that is to be signed now.
    pub(crate) fn of_seconds(seconds: i64) -> Stamp<'static> {
        let digits = Cow::Owned(seconds.unsigned_abs().to_string().into_bytes());
        Stamp { digits, is_negative: seconds < 0, seconds, position: Position::Inside }
    }
}

impl TimestampReading {
    /// Reads the header's bytes, each of which is a Latin-1 character; `None` where the SDK finds no time in them.
    pub(crate) fn read(self, text: &[u8], now_ms: i64) -> Option<Stamp<'_>> {
        match self {
            Self::Node => node(text, now_ms),
            Self::Python => python(text, now_ms),
            Self::Go => go(text, now_ms),
            Self::Java => java(text, now_ms),
        }
    }
}

/// Whether the value is nothing but ASCII digits, as every sender writes it.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn node(text: &[u8], now_ms: i64) -> Option<Stamp<'_>> {
    // JavaScript's white space and line terminators below U+0100.
    let start = text.iter().position(|byte| !matches!(byte, 0x09..=0x0d | b' ' | 0xa0))?;
    let (has_minus, unsigned) = sign(&text[start..]);
    let end = unsigned.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(unsigned.len());
    let zeros = unsigned[..end].iter().take_while(|byte| **byte == b'0').count();
    // Of nothing but zeros one is left.
    let digits = &unsigned[zeros.min(end.checked_sub(1)?)..end];
    let is_negative = has_minus && digits != b"0";
    let seconds = saturated(digits, is_negative);
    let position = position(i128::from(now_ms.div_euclid(1000)), i128::from(seconds), i128::from(TOLERANCE_S));
    Some(Stamp { digits: Cow::Borrowed(digits), is_negative, seconds, position })
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
    // Beyond the years 1 to 9999 `fromtimestamp` raises an error.
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
    // Both are whole and small by now.
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

/// A whole text of an optional sign and digits, within 64 bits.
fn exact(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    is_plain(digits).then_some(())?;
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = i64::from(digit - b'0');
        let shifted = number.checked_mul(10)?;
        if is_negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
    })
}

fn saturated(digits: &[u8], is_negative: bool) -> i64 {
    let limit = if is_negative { i64::MIN } else { i64::MAX };
    if digits.len() > 19 {
        return limit;
    }
    let magnitude = digits.iter().fold(0_i128, |number, digit| number * 10 + i128::from(digit - b'0'));
    i64::try_from(if is_negative { -magnitude } else { magnitude }).unwrap_or(limit)
}

/// `float(text)`: white space around it, underscores between digits, fractions, exponents, infinities and not-a-number.
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
    // Rust reads the same grammar otherwise, words included, and rounds the same way.
    let joined: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    std::str::from_utf8(&joined).ok()?.parse().ok()
}
