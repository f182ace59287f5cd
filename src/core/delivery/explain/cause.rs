//! A cause, and what it is found from.

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
}

impl Cause {
    pub(super) fn likely(reason: &'static str, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self { reason, why: why.into(), seen: None, next: next.into() }
    }

    pub(super) fn seen(self, line: Option<String>) -> Self {
        Self { seen: line.or(self.seen), ..self }
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
}
