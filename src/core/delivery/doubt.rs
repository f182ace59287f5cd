//! Responses that say "delivered" although something is wrong.

use super::explain::says_failed;
use super::{Delivery, Ending, Manner, Response};
use crate::core::provider::{is_trigger_point, time_limit};
use crate::core::signature::Verdict;
use std::time::Duration;

/// What is wrong with a 2xx response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The app accepted a request that does not verify.
    Accepted,
    /// The provider had already given up.
    Late,
    /// The sender waits for a decision, and there is none.
    NoDecision,
    /// The body of the response says that the request failed.
    SaysFailed,
}

/// What may be wrong with how a delivery ended, whatever the verdict on its event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// The app accepted the request as it was received. That is wrong if the request does not verify.
    accepted_as_received: bool,
    other: Option<Doubt>,
}

impl Doubts {
    /// `event_type` tells an interceptor's trigger point from an event.
    pub fn of(delivery: &Delivery, event_type: &str) -> Self {
        let is_as_received = delivery.manner == Manner::AsReceived;
        let doubts = Self::of_ending(delivery.ending(), delivery.timing.total_us, event_type, is_as_received);
        let is_undecided = is_trigger_point(event_type)
            && delivery.ending().is_delivered()
            && delivery.outcome.as_ref().is_ok_and(Response::lacks_decision);
        let says_failed = || delivery.ending().is_delivered() && delivery.outcome.as_ref().is_ok_and(says_failed);
        let other = match doubts.other {
            Some(doubt) => Some(doubt),
            None if is_undecided => Some(Doubt::NoDecision),
            None => says_failed().then_some(Doubt::SaysFailed),
        };
        Self { other, ..doubts }
    }

    /// As [`Doubts::of`], for a delivery of which only the ending is known.
    pub fn of_ending(ending: Ending, total_us: u64, event_type: &str, is_as_received: bool) -> Self {
        let is_late = Duration::from_micros(total_us) >= time_limit(is_trigger_point(event_type));
        Self {
            accepted_as_received: is_as_received && ending.is_delivered(),
            other: (ending.is_delivered() && is_late).then_some(Doubt::Late),
        }
    }

    /// What is wrong while the event has `verdict`. Without a verdict nobody knows whether the app was wrong to accept it.
    pub fn given(self, verdict: Verdict) -> Option<Doubt> {
        let is_forged = matches!(verdict, Verdict::Invalid | Verdict::Unsigned);
        if self.accepted_as_received && is_forged { Some(Doubt::Accepted) } else { self.other }
    }

    /// Whether no later verdict of an event that now has `verdict` would make anything of it.
    pub(crate) fn is_nothing(self, verdict: Verdict) -> bool {
        self.other.is_none() && (!self.accepted_as_received || verdict == Verdict::Verified)
    }
}

impl Doubt {
    /// Whether it is a fault of the app, and not only a warning.
    pub(crate) fn is_fault(self) -> bool {
        self == Self::Accepted
    }

    pub fn sentence(self, verdict: Verdict) -> &'static str {
        match (self, verdict) {
            (Self::Accepted, Verdict::Unsigned) => "your app accepted an event that is not signed",
            (Self::Accepted, _) => "your app accepted an event whose signature is not valid",
            (Self::Late, _) => "your app responded after the provider's time limit",
            (Self::SaysFailed, _) => "your app responded 2xx, but the body says that it failed",
            (Self::NoDecision, _) => "your app responded without a decision, so the flow that waits for it is blocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{Completeness, Origin, Response, Timing};
    use bytes::Bytes;
    use jiff::Timestamp;

    fn delivery(manner: Manner, status: u16, seconds: u64, body: &'static str) -> Delivery {
        let body = Bytes::from_static(body.as_bytes());
        Delivery {
            event: 1,
            origin: Origin::Forwarded,
            manner,
            target: String::new(),
            peer: None,
            started_at: Timestamp::UNIX_EPOCH,
            timing: Timing { total_us: seconds * 1_000_000, ..Timing::default() },
            sent_headers: Vec::new(),
            sent_body: None,
            outcome: Ok(Response { status, headers: Vec::new(), body, completeness: Completeness::Whole }),
        }
    }

    #[test]
    fn a_response_is_doubted_when_it_accepts_what_it_must_not_or_comes_too_late() {
        use Manner::{AsReceived, Resigned};
        use Verdict::{Invalid, Unchecked, Unsigned, Verified};
        let login = "user.login";
        let allow = r#"{"decision":"ALLOW"}"#;
        for (manner, status, seconds, body, verdict, event_type, expected) in [
            (AsReceived, 200, 1, "", Verified, login, None),
            (AsReceived, 200, 1, "", Invalid, login, Some(Doubt::Accepted)),
            (AsReceived, 200, 1, "", Unsigned, login, Some(Doubt::Accepted)),
            (AsReceived, 200, 11, "", Invalid, login, Some(Doubt::Accepted)),
            (AsReceived, 401, 1, "", Invalid, login, None),
            (Resigned, 200, 1, "", Invalid, login, None),
            (Resigned, 200, 10, "", Verified, login, Some(Doubt::Late)),
            (Resigned, 500, 10, "", Verified, login, None),
            (Resigned, 200, 1, r#"{"error":"Invalid signature"}"#, Verified, login, Some(Doubt::SaysFailed)),
            (AsReceived, 200, 1, r#"[{"detail":"no"},401]"#, Invalid, login, Some(Doubt::Accepted)),
            (Resigned, 500, 1, r#"{"error":"Invalid signature"}"#, Verified, login, None),
            (AsReceived, 200, 4, allow, Verified, "PRE_SIGNUP", Some(Doubt::Late)),
            (AsReceived, 200, 1, allow, Verified, "PRE_SIGNUP", None),
            (AsReceived, 201, 1, allow, Verified, "PRE_SIGNUP", Some(Doubt::NoDecision)),
            (AsReceived, 200, 1, "ok", Verified, "PRE_SIGNUP", Some(Doubt::NoDecision)),
            // Without a secret nobody knows whether the app was wrong to accept it; that it was late is known.
            (AsReceived, 200, 1, "", Unchecked, login, None),
            (AsReceived, 200, 11, "", Unchecked, login, Some(Doubt::Late)),
            (AsReceived, 200, 1, "ok", Unchecked, "PRE_SIGNUP", Some(Doubt::NoDecision)),
        ] {
            let delivery = delivery(manner, status, seconds, body);
            for delivery in [delivery.without_contents(), delivery] {
                let doubt = Doubts::of(&delivery, event_type).given(verdict);
                assert_eq!(doubt, expected, "{manner:?} {status} {seconds} {body} {verdict} {event_type}");
            }
        }
    }

    #[test]
    fn a_decision_that_cannot_be_seen_is_not_missing() {
        let mut coded = delivery(Manner::AsReceived, 200, 1, "\u{1f}\u{8b}");
        let long = format!(r#"{{"decision":"ALLOW","response":{{"claims":{{"a":"{}"}}}}}}"#, "x".repeat(10_000));
        let mut cut = delivery(Manner::AsReceived, 200, 1, "");
        if let (Ok(coded), Ok(cut)) = (&mut coded.outcome, &mut cut.outcome) {
            coded.headers.push((b"Content-Encoding".to_vec(), b"gzip".to_vec()));
            cut.body = long.into();
        }
        for delivery in [coded.without_contents(), coded, cut.without_contents(), cut] {
            assert_eq!(Doubts::of(&delivery, "PRE_SIGNUP").given(Verdict::Verified), None);
        }
    }
}
