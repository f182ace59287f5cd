//! The response of a target, and whether it is complete.

use crate::core::delivery::{Failure, FailureKind};
use crate::core::printable::Printable;
use crate::core::provider::decision_in;
use crate::core::times::in_words;
use bytes::Bytes;
use std::time::Duration;

/// The bytes of a response body that are stored. The rest is truncated.
pub const MAX_RESPONSE_BODY: usize = 256 * 1024;

const LOCATION_COLUMNS: usize = 120;

/// The response of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// At most the first [`MAX_RESPONSE_BODY`] bytes, or as many as arrived.
    pub body: Bytes,
    pub completeness: Completeness,
}

/// How much of a response body arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    Whole,
    /// It was truncated because it is longer than what is stored. hookglass closed the connection.
    TooLong,
    /// The connection was closed before the end of the body.
    BrokenOff,
    /// The time limit passed before the end of the body.
    TimedOut,
}

impl Completeness {
    pub const ALL: [Self; 4] = [Self::Whole, Self::TooLong, Self::BrokenOff, Self::TimedOut];

    /// The number in the history.
    pub fn number(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::TooLong => 1,
            Self::BrokenOff => 2,
            Self::TimedOut => 3,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|completeness| completeness.number() == number)
    }

    /// Why the response counts as failed, whatever its status; `None` for a complete or a truncated one.
    pub fn failure(self) -> Option<FailureKind> {
        match self {
            Self::Whole | Self::TooLong => None,
            Self::BrokenOff => Some(FailureKind::Reset),
            Self::TimedOut => Some(FailureKind::TimedOut),
        }
    }
}

impl Response {
    /// Whether it certainly is not what an interceptor must respond: 200 with a decision. A compressed or incomplete body may contain one.
    pub(crate) fn lacks_decision(&self) -> bool {
        let is_coded = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
        let is_right = self.status == 200 && decision_in(&self.body).is_some();
        self.completeness == Completeness::Whole && !is_coded && !is_right
    }

    /// Why it counts as failed although its status is known, with how much of its body arrived.
    pub fn failure(&self) -> Option<Failure> {
        let kind = self.completeness.failure()?;
        let count = self.body.len();
        let bytes = if count == 1 { "byte" } else { "bytes" };
        let text = match self.completeness {
            Completeness::TimedOut => format!("the app's response timed out after {count} {bytes} of its body"),
            _ => format!("the app's response was cut off after {count} {bytes} of its body"),
        };
        Some(Failure { kind, text })
    }

    /// The `Location` of a redirect, safe to show and at most 120 columns wide.
    pub fn location(&self) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"location"))?;
        Some(Printable::first_columns(value, LOCATION_COLUMNS).into_string())
    }

    /// `responded 201 in 12 ms`, and whether the body is incomplete.
    pub(crate) fn sentence(&self, took: Duration) -> String {
        format!("responded {} in {}{}", self.status, in_words(took), self.remark())
    }

    /// Whether the body is incomplete, to follow the status in a message; empty for a complete response.
    pub(crate) fn remark(&self) -> &'static str {
        match self.completeness {
            Completeness::Whole => "",
            Completeness::TooLong => ", body truncated to 256 KiB",
            Completeness::BrokenOff => ", but its body was cut off",
            Completeness::TimedOut => ", but its body timed out",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_body_is_a_failure_and_a_truncated_one_is_not() {
        use Completeness::{BrokenOff, TimedOut, TooLong, Whole};
        let failure = |kind, text: &str| Some(Failure { kind, text: text.to_owned() });
        let broken = failure(FailureKind::Reset, "the app's response was cut off after 1 byte of its body");
        let late = failure(FailureKind::TimedOut, "the app's response timed out after 0 bytes of its body");
        for (completeness, body, failure) in
            [(Whole, &b"abc"[..], None), (TooLong, b"abc", None), (BrokenOff, b"a", broken), (TimedOut, b"", late)]
        {
            let response = Response { status: 200, headers: Vec::new(), body: Bytes::from_static(body), completeness };
            assert_eq!(response.failure(), failure);
            assert_eq!(Completeness::from_number(completeness.number()), Some(completeness));
        }
        assert_eq!(Completeness::from_number(4), None);
    }
}
