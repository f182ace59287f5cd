//! Parsers of values, with errors that say what was expected.

use crate::core::delivery::MAX_PARALLEL;
use crate::core::times::from_words;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fmt::Display;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

/// Parses the name of one of `all`.
pub(super) fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let is_named = move |text: &String, value: T| word(value) == text;
    PossibleValuesParser::new(all.iter().map(|value| word(*value))).map(move |text| {
        *all.iter().find(|value| is_named(&text, **value)).expect("the parser accepts only these words")
    })
}

pub(super) const MOST_PARALLEL: NonZeroUsize =
    NonZeroUsize::new(MAX_PARALLEL).expect("deliveries need at least one place");

/// A parser of numbers from `least` to `most`.
pub(super) fn number<T>(least: T, most: T) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync + 'static,
{
    move |text| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| format!("expected a number from {least} to {most}"))
    }
}

pub(super) fn number_from_1<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number >= T::from(1));
    number.ok_or_else(|| "expected a number of at least 1".to_owned())
}

/// The longest time that an option can ask to wait.
const LONGEST: Duration = Duration::from_secs(600);

pub(super) fn time(text: &str) -> Result<Duration, String> {
    let time = from_words(text).filter(|time| *time <= LONGEST);
    time.ok_or_else(|| "expected a time up to 10m, such as 500ms, 2s or 1m".to_owned())
}

pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "expected an IP address, such as 127.0.0.1".to_owned())
}

pub(super) fn event_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected the number of an event; `hookglass events` lists them".to_owned())
}
