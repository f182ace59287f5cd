//! How the grammar writes times and quoted texts.

use std::fmt;
use std::time::Duration;

/// A time: `3s`, or `1500ms` if it is not a whole number of seconds.
pub(super) struct Time(pub Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            milliseconds if milliseconds % 1_000 == 0 => write!(f, "{}s", milliseconds / 1_000),
            milliseconds => write!(f, "{milliseconds}ms"),
        }
    }
}

/// A text in double quotes, with `"` and `\` escaped by `\`.
pub(super) struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
