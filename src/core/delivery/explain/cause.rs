//! A cause, and what it is found from.

use super::learned::Learned;
use crate::core::signature::Verification;

/// Why the app did not accept a request, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// A word for scripts, such as `csrf`.
    pub reason: &'static str,
    /// What happened.
    pub why: String,
    /// The line of the response that shows it, printable; `None` for a cause that is only likely.
    pub seen: Option<String>,
    /// What to do now, as an imperative.
    pub next: String,
    /// The framework that responded, if a correct handler for it shows what to change.
    pub handler: Option<&'static str>,
    /// Whether something in front of the handler responded, such as a log-in or a tunnel, so that the handler did not run.
    pub is_in_front: bool,
}

/// The reasons of the two causes in the app that a run of rehearsals tells apart.
pub(crate) const APP_SECRET: &str = "app-secret";
pub(crate) const GUARD: &str = "guard";

/// The reasons that code in the handler removes.
const FIXED_BY_CODE: [&str; 9] = [
    "rewritten-body",
    "parsed-body",
    "headers-object",
    "title-case",
    "no-headers",
    "body-read-twice",
    "body-model",
    "body-parser",
    "says-failed",
];

impl Cause {
    pub(super) fn likely(reason: &'static str, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self { reason, why: why.into(), seen: None, next: next.into(), handler: None, is_in_front: false }
    }

    pub(super) fn seen(self, line: Option<String>) -> Self {
        Self { seen: line.or(self.seen), ..self }
    }

    pub(super) fn in_front(self) -> Self {
        Self { is_in_front: true, ..self }
    }

    /// What happened and what to do, in one line.
    pub(crate) fn sentence(&self) -> String {
        format!("{}; {}", self.why, self.next)
    }

    pub(super) fn is_fixed_by_code(&self) -> bool {
        FIXED_BY_CODE.contains(&self.reason)
    }
}

/// What is known of the event that a delivery was made from.
#[derive(Clone, Copy)]
pub(crate) struct Received<'a> {
    pub body: &'a [u8],
    /// `None` if the event was never received, like a sample.
    pub target: Option<&'a [u8]>,
    /// As `target`.
    pub verification: Option<&'a Verification>,
    /// What rehearsals told of the target.
    pub learned: Learned,
}
