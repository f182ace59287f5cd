//! How the app reacted, given what was sent and what it did with a valid event.

use super::grade::Grade;
use super::kind::{Group, Rehearsal};
use super::shape::Flaw;
use super::table::Expectation;
use crate::core::delivery::{Ending, FailureKind, is_login};
use crate::core::provider::{Decided, time_limit};
use crate::core::rehearsal::outcome::Outcome;
use crate::core::signature::Scheme;

/// What outcomes are assessed by besides the rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub family: Scheme,
    pub control: Baseline,
    /// The trigger point of the event that the rehearsals are based on, which the endpoint certainly serves.
    pub trigger_point: Option<Rehearsal>,
}

/// What the app did with a valid event, the control. Without that, much of what it does with others proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    Accepted,
    Rejected,
    /// 5xx, or no complete response.
    Crashed,
}

impl Terms {
    /// The terms as long as nothing is known of the app.
    pub fn new(family: Scheme) -> Self {
        Self { family, control: Baseline::Accepted, trigger_point: None }
    }

    pub(super) fn is_control_accepted(self) -> bool {
        self.control == Baseline::Accepted
    }
}

impl Baseline {
    /// By the outcomes of the control.
    pub(super) fn of(outcomes: &[Outcome]) -> Self {
        match outcomes.iter().map(|outcome| outcome.ending).find(|ending| !ending.is_delivered()) {
            None if outcomes.is_empty() => Self::Crashed,
            None => Self::Accepted,
            Some(Ending::Responded(..500)) => Self::Rejected,
            Some(_) => Self::Crashed,
        }
    }
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
    /// A decision in a form that is not right.
    Misshapen(Flaw),
    /// 200 with the decision `DENY` to a request that must be rejected.
    Denied,
    /// 400, 401 or 403.
    Rejected,
    /// Any other status that does not accept the request.
    RejectedOtherwise,
    /// Rejected in any way, but the app did not accept a valid event either.
    RejectedAnyway,
    /// Not accepted although it should be, like a plain valid event.
    FailedAnyway,
    /// Neither accepting nor rejecting is wrong.
    Either,
    /// No decision at a trigger point that the endpoint may not serve.
    OtherPoint,
    /// 3xx to a request that should be accepted.
    Redirected,
    /// 3xx to a log-in page.
    SentToLogin,
    /// 404 or 405, and nothing shows that there is a handler at the path.
    Nowhere,
    /// 404 to an event about an object whose creation was not sent first.
    UnknownObject,
    /// 429: the app limits the rate.
    Throttled,
    /// 429 in a burst that the provider sends as well.
    Overrun,
    /// 502, 503 or 504, which a proxy in front of the app may send too.
    Unavailable,
    /// Any other 5xx.
    Crashed,
    /// The app died.
    Died,
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
        let is_control = rehearsal == Rehearsal::Control;
        let is_path_known = terms.is_control_accepted() && !is_control;
        let is_other_point = rehearsal.group() == Group::TriggerPoints && terms.trigger_point != Some(rehearsal);
        // What a plain valid event gets too proves nothing.
        let is_alike = match outcome.ending {
            Ending::Responded(500..) => terms.control == Baseline::Crashed,
            _ => !terms.is_control_accepted(),
        };
        match outcome.ending {
            _ if outcome.has_killed => Self::Died,
            Ending::Failed(kind @ (Reset | TimedOut | Garbled)) if outcome.timing.connected_us.is_some() => {
                Self::BrokenOff(kind)
            }
            Ending::Failed(kind) => Self::NoResponse(kind),
            Ending::Responded(200) if must_be_rejected && is_denied => Self::Denied,
            Ending::Responded(200..300) if must_be_rejected => Self::Accepted,
            Ending::Responded(200..300) if expectation == Expectation::Either => Self::Either,
            Ending::Responded(200..300) => match Self::accepted(rehearsal, terms, outcome) {
                Self::Undecided if is_other_point => Self::OtherPoint,
                reaction => reaction,
            },
            Ending::Responded(429) if rehearsal.group() == Group::Bursts && terms.is_control_accepted() => {
                Self::Overrun
            }
            Ending::Responded(429) => Self::Throttled,
            Ending::Responded(_) if must_be_rejected && is_alike => Self::RejectedAnyway,
            Ending::Responded(_) if !is_control && is_alike => Self::FailedAnyway,
            Ending::Responded(502..=504) => Self::Unavailable,
            Ending::Responded(500..600) => Self::Crashed,
            Ending::Responded(_) if expectation == Expectation::Either => Self::Either,
            Ending::Responded(_) if is_other_point => Self::OtherPoint,
            Ending::Responded(400 | 401 | 403) => Self::Rejected,
            Ending::Responded(_) if must_be_rejected => Self::RejectedOtherwise,
            Ending::Responded(300..400) if outcome.location.as_deref().is_some_and(is_login) => Self::SentToLogin,
            Ending::Responded(300..400) => Self::Redirected,
            Ending::Responded(404 | 405) if !is_path_known => Self::Nowhere,
            Ending::Responded(404) if matches!(rehearsal, Rehearsal::OutOfOrder | Rehearsal::LateUpdate) => {
                Self::UnknownObject
            }
            Ending::Responded(_) => Self::RejectedOtherwise,
        }
    }

    /// The reaction that a 2xx shows where it is expected.
    fn accepted(rehearsal: Rehearsal, terms: Terms, outcome: &Outcome) -> Self {
        let needs_decision = rehearsal.expectation(terms.family) == Expectation::Decided;
        let is_decided = outcome.decision.is_some() && outcome.ending == Ending::Responded(200);
        let point = rehearsal.trigger_point().or(terms.trigger_point.and_then(Rehearsal::trigger_point));
        let flaw = outcome.decision.filter(|_| needs_decision).and_then(|decided| outcome.shape.flaw(decided, point));
        let limit = time_limit(needs_decision);
        match (outcome.timing.total(), flaw) {
            _ if needs_decision && !is_decided => Self::Undecided,
            (used, _) if used >= limit => Self::Late,
            (_, Some(flaw)) => Self::Misshapen(flaw),
            (used, None) if used * 2 > limit => Self::Slow,
            _ => Self::Accepted,
        }
    }

    pub(super) fn grade(self, expectation: Expectation) -> Grade {
        match (self, expectation) {
            (Self::Either | Self::OtherPoint, _) => Grade::Shown,
            (Self::Rejected, Expectation::Rejected) => Grade::Passed,
            (Self::RejectedOtherwise | Self::Denied, Expectation::Rejected) => Grade::Warned,
            (Self::Accepted, Expectation::Accepted | Expectation::Decided) => Grade::Passed,
            (Self::Slow | Self::Misshapen(_) | Self::Overrun, _) => Grade::Warned,
            (Self::RejectedAnyway | Self::FailedAnyway | Self::Throttled | Self::NoResponse(_), _) => {
                Grade::Inconclusive
            }
            _ => Grade::Failed,
        }
    }
}
