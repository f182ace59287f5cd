//! The verdict on a request's signature.

use super::Scheme;
use crate::core::signature::Reason;
use std::fmt;
use std::sync::Arc;

/// The verdict on one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Verified,
    Invalid,
    /// hookglass has a secret, but the request has no signature.
    Unsigned,
    /// hookglass has no secret, so it checked nothing.
    Unchecked,
}

impl Verdict {
    pub const ALL: [Self; 4] = [Self::Verified, Self::Invalid, Self::Unsigned, Self::Unchecked];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unchecked => "unchecked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }

    /// The reason, unless its word is the same as the verdict's.
    pub(crate) fn explained_by(self, reason: Option<&Reason>) -> Option<&Reason> {
        reason.filter(|reason| reason.to_string() != self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A verdict, with its reason or the secret that verified the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub verdict: Verdict,
    pub scheme: Scheme,
    /// Why the verdict is not `Verified`; `None` for a verified request.
    pub reason: Option<Reason>,
    /// The label of the secret that verified the request.
    pub secret: Option<Arc<str>>,
}

impl Verification {
    /// Whether the request verified when it arrived, with a secret that may be gone since.
    pub(crate) fn was_verified(&self) -> bool {
        self.verdict == Verdict::Verified || self.reason == Some(Reason::FormerSecret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_with_the_word_of_the_verdict_is_left_out() {
        for (verdict, reason, is_explained) in [
            (Verdict::Unsigned, Some(Reason::Unsigned), false),
            (Verdict::Unchecked, Some(Reason::NoSecret), true),
            (Verdict::Invalid, Some(Reason::TimestampTooOld), true),
            (Verdict::Verified, None, false),
        ] {
            let expected = reason.as_ref().filter(|_| is_explained);
            assert_eq!(verdict.explained_by(reason.as_ref()), expected, "{verdict}");
        }
    }
}
