//! How the app reacted, given what was sent and what it did with a valid event.

use super::grade::Grade;
use super::table::{Expectation, Rehearsal};
use crate::core::delivery::{Ending, FailureKind};
use crate::core::provider::{Decided, time_limit};
use crate::core::rehearsal::outcome::Outcome;
use crate::core::signature::Scheme;

/// What outcomes are assessed by besides the rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub family: Scheme,
    /// Whether the app responded 2xx to the control. If not, its rejections prove nothing.
    pub is_control_accepted: bool,
}

/// How the app reacted to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// 2xx; for an interceptor, 200 with a decision.
    Accepted,
    /// Accepted, but after more than half of the provider's time limit.
    Slow,
    /// Accepted, but after the provider's time limit.
    Late,
    /// 2xx to an interceptor, but without a decision or not 200.
    Undecided,
    /// 200 with the decision `DENY` to a request that must be rejected.
    Denied,
    /// 400, 401 or 403.
    Rejected,
    /// Any other status that does not accept the request.
    RejectedOtherwise,
    /// Rejected in any way, but the app did not accept a valid event either.
    RejectedAnyway,
    /// 3xx to a request that should be accepted.
    Redirected,
    /// 404 or 405, and nothing shows that there is a handler at the path.
    Nowhere,
    /// 404 to an event about an object whose creation was not sent first.
    UnknownObject,
    /// 429: the app limits the rate.
    Throttled,
    /// 502, 503 or 504, which a proxy in front of the app may send too.
    Unavailable,
    /// Any other 5xx.
    Crashed,
    /// Connected, but without a complete response.
    BrokenOff(FailureKind),
    NoResponse(FailureKind),
}

impl Reaction {
    pub(super) fn of(rehearsal: Rehearsal, terms: Terms, outcome: &Outcome) -> Self {
        use FailureKind::{Garbled, Reset, TimedOut};
        let expectation = rehearsal.expectation(terms.family);
        let must_be_rejected = expectation == Expectation::Rejected;
        let is_denied = terms.family == Scheme::Interceptor && outcome.decision == Some(Decided::Deny);
        let is_path_known = terms.is_control_accepted && rehearsal != Rehearsal::Control;
        match outcome.ending {
            Ending::Failed(kind @ (Reset | TimedOut | Garbled)) if outcome.timing.connected_us.is_some() => {
                Self::BrokenOff(kind)
            }
            Ending::Failed(kind) => Self::NoResponse(kind),
            Ending::Responded(200) if must_be_rejected && is_denied => Self::Denied,
            Ending::Responded(200..300) if must_be_rejected => Self::Accepted,
            Ending::Responded(200..300) => Self::accepted(expectation, outcome),
            Ending::Responded(429) => Self::Throttled,
            Ending::Responded(502..=504) => Self::Unavailable,
            Ending::Responded(500..600) => Self::Crashed,
            Ending::Responded(_) if must_be_rejected && !terms.is_control_accepted => Self::RejectedAnyway,
            Ending::Responded(400 | 401 | 403) => Self::Rejected,
            Ending::Responded(_) if must_be_rejected => Self::RejectedOtherwise,
            Ending::Responded(300..400) => Self::Redirected,
            Ending::Responded(404 | 405) if !is_path_known => Self::Nowhere,
            Ending::Responded(404) if rehearsal == Rehearsal::OutOfOrder => Self::UnknownObject,
            Ending::Responded(_) => Self::RejectedOtherwise,
        }
    }

    /// The reaction that a 2xx shows where it is expected.
    fn accepted(expectation: Expectation, outcome: &Outcome) -> Self {
        let is_decided = outcome.decision.is_some() && outcome.ending == Ending::Responded(200);
        let limit = time_limit(expectation == Expectation::Decided);
        match outcome.timing.total() {
            _ if expectation == Expectation::Decided && !is_decided => Self::Undecided,
            used if used >= limit => Self::Late,
            used if used * 2 > limit => Self::Slow,
            _ => Self::Accepted,
        }
    }

    pub(super) fn grade(self, expectation: Expectation) -> Grade {
        match (self, expectation) {
            (Self::Rejected, Expectation::Rejected) => Grade::Passed,
            (Self::RejectedOtherwise | Self::Denied, Expectation::Rejected) => Grade::Warned,
            (Self::Accepted, Expectation::Accepted | Expectation::Decided) => Grade::Passed,
            (Self::Slow, _) => Grade::Warned,
            (Self::RejectedAnyway | Self::Throttled | Self::NoResponse(_), _) => Grade::Inconclusive,
            _ => Grade::Failed,
        }
    }
}
