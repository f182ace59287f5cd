//! What an answer says of the handler, given what was sent and what the app did with a valid event.

use super::grade::Grade;
use super::table::{Expectation, Rehearsal};
use crate::core::delivery::{Ending, FailureKind};
use crate::core::overrides::{Decided, patience_us};
use crate::core::rehearsal::outcome::Outcome;
use crate::core::signature::Scheme;

/// What answers are judged by besides the rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub family: Scheme,
    /// Whether the app answered the control with 2xx. If it did not, that it refuses others proves nothing.
    pub is_control_taken: bool,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// 2xx; where a decision is waited for 200 with one.
    Accepted,
    /// As accepted, after more than half of the time that the provider waits.
    Slow,
    /// As accepted, after that time.
    Late,
    /// 2xx to what waits for a decision, without one or other than 200.
    Undecided,
    /// 200 with the decision to deny, to what is to be refused.
    Denied,
    /// 400, 401 or 403.
    Refused,
    /// What else is no acceptance.
    RefusedOtherwise,
    /// Refused in any way, while a valid event was not accepted either.
    RefusedAnyway,
    /// 3xx to what is to be accepted.
    Redirected,
    /// 404 or 405 while nothing shows that there is a handler at the path.
    Nowhere,
    /// 404 to an event of an object whose creation did not come first.
    UnknownObject,
    /// 429: so is answered whatever comes too fast.
    Throttled,
    /// 502, 503 or 504: so answers who stands before the app, too.
    Unavailable,
    /// Any other 5xx.
    Crashed,
    /// The connection stood, but no whole answer came over it.
    BrokenOff(FailureKind),
    NoResponse(FailureKind),
}

impl Reaction {
    pub(super) fn of(rehearsal: Rehearsal, terms: Terms, answered: &Outcome) -> Self {
        use FailureKind::{Garbled, Reset, TimedOut};
        let expectation = rehearsal.expectation(terms.family);
        let is_to_be_refused = expectation == Expectation::Refused;
        let is_denied = terms.family == Scheme::Interceptor && answered.decision == Some(Decided::Deny);
        let is_path_known = terms.is_control_taken && rehearsal != Rehearsal::Control;
        match answered.ending {
            Ending::Failed(kind @ (Reset | TimedOut | Garbled)) if answered.timing.connected_us.is_some() => {
                Self::BrokenOff(kind)
            }
            Ending::Failed(kind) => Self::NoResponse(kind),
            Ending::Responded(200) if is_to_be_refused && is_denied => Self::Denied,
            Ending::Responded(200..300) if is_to_be_refused => Self::Accepted,
            Ending::Responded(200..300) => Self::taken(expectation, answered),
            Ending::Responded(429) => Self::Throttled,
            Ending::Responded(502..=504) => Self::Unavailable,
            Ending::Responded(500..600) => Self::Crashed,
            Ending::Responded(_) if is_to_be_refused && !terms.is_control_taken => Self::RefusedAnyway,
            Ending::Responded(400 | 401 | 403) => Self::Refused,
            Ending::Responded(_) if is_to_be_refused => Self::RefusedOtherwise,
            Ending::Responded(300..400) => Self::Redirected,
            Ending::Responded(404 | 405) if !is_path_known => Self::Nowhere,
            Ending::Responded(404) if rehearsal == Rehearsal::OutOfOrder => Self::UnknownObject,
            Ending::Responded(_) => Self::RefusedOtherwise,
        }
    }

    /// What 2xx says where it is expected.
    fn taken(expectation: Expectation, answered: &Outcome) -> Self {
        let is_decided = answered.decision.is_some() && answered.ending == Ending::Responded(200);
        let patience_us = patience_us(expectation == Expectation::Decided);
        match answered.timing.total_us {
            _ if expectation == Expectation::Decided && !is_decided => Self::Undecided,
            used if used >= patience_us => Self::Late,
            used if used * 2 > patience_us => Self::Slow,
            _ => Self::Accepted,
        }
    }

    pub(super) fn grade(self, expectation: Expectation) -> Grade {
        match (self, expectation) {
            (Self::Refused, Expectation::Refused) => Grade::Passed,
            (Self::RefusedOtherwise | Self::Denied, Expectation::Refused) => Grade::Warned,
            (Self::Accepted, Expectation::Accepted | Expectation::Decided) => Grade::Passed,
            (Self::Slow, _) => Grade::Warned,
            (Self::RefusedAnyway | Self::Throttled | Self::NoResponse(_), _) => Grade::Inconclusive,
            _ => Grade::Failed,
        }
    }
}
