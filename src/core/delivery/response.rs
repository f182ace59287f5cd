//! What a target answered, and whether all of it came.

use crate::core::delivery::{Failure, FailureKind};
use crate::core::printable::Printable;
use bytes::Bytes;

/// Most bytes of an answer's body that are kept.
pub const MAX_ANSWER_BODY: usize = 256 * 1024;

const LOCATION_COLUMNS: usize = 120;

/// What the target answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The first [`MAX_ANSWER_BODY`] bytes, or as many as came.
    pub body: Bytes,
    pub completeness: Completeness,
}

/// How much of an answer's body there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    Whole,
    /// It went on after the bytes that are kept, and the connection was closed.
    TooLong,
    /// The connection ended before the body did.
    BrokenOff,
    /// Its end did not come within the limit.
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

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|completeness| completeness.number() == number)
    }

    /// Why the answer counts as none, whatever its status; `None` where the app said all it had to say, or more than is kept.
    pub fn failure(self) -> Option<FailureKind> {
        match self {
            Self::Whole | Self::TooLong => None,
            Self::BrokenOff => Some(FailureKind::Reset),
            Self::TimedOut => Some(FailureKind::TimedOut),
        }
    }
}

impl Response {
    /// Why it counts as none though its status is known, with how much of its body came.
    pub fn failure(&self) -> Option<Failure> {
        let kind = self.completeness.failure()?;
        let how = if self.completeness == Completeness::TimedOut { "did not end in time" } else { "broke off" };
        let bytes = if self.body.len() == 1 { "byte" } else { "bytes" };
        let text = format!("the app's answer {how} after {} {bytes} of its body", self.body.len());
        Some(Failure { kind, text })
    }

    /// The place to which a redirect leads, safe to show and at most 120 columns wide.
    pub fn location(&self) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"location"))?;
        Some(Printable::first_columns(value, LOCATION_COLUMNS).into_string())
    }

    /// What is to be said behind its status and time, with a comma before it; nothing of a whole one.
    pub fn remark(&self) -> &'static str {
        match self.completeness {
            Completeness::Whole => "",
            Completeness::TooLong => ", its body longer than is kept",
            Completeness::BrokenOff => ", but its body broke off",
            Completeness::TimedOut => ", but its body did not end in time",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_apart() {
        use Completeness::{BrokenOff, TimedOut, TooLong, Whole};
        let failure = |kind, text: &str| Some(Failure { kind, text: text.to_owned() });
        let broken = failure(FailureKind::Reset, "the app's answer broke off after 1 byte of its body");
        let late = failure(FailureKind::TimedOut, "the app's answer did not end in time after 0 bytes of its body");
        for (completeness, body, failure) in
            [(Whole, &b"abc"[..], None), (TooLong, b"abc", None), (BrokenOff, b"a", broken), (TimedOut, b"", late)]
        {
            let answer = Response { status: 200, headers: Vec::new(), body: Bytes::from_static(body), completeness };
            assert_eq!(answer.failure(), failure);
            assert_eq!(Completeness::from_number(completeness.number()), Some(completeness));
        }
        assert_eq!(Completeness::from_number(4), None);
    }
}
