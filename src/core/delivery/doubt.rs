//! Responses that say "delivered" although something is wrong.

use super::{Delivery, Ending, Manner};
use crate::core::provider::{decision_in, is_trigger_point, time_limit};
use crate::core::signature::Verdict;
use std::time::Duration;

/// What is wrong with a 2xx response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The app accepted a request that does not verify.
    Accepted,
    /// The provider had given up before.
    Late,
    /// The sender waits for a decision, and there is none.
    NoDecision,
}

impl Doubt {
    /// What is wrong with how `delivery` ended, for an event of this type that got `verdict` on arrival.
    pub fn of(delivery: &Delivery, verdict: Verdict, event_type: &str) -> Option<Self> {
        let ending = delivery.ending();
        let accepted = delivery.manner == Manner::AsReceived && ending.is_delivered() && verdict != Verdict::Verified;
        let is_undecided = || {
            let body = delivery.outcome.as_ref().map(|response| response.body.as_ref()).unwrap_or_default();
            is_trigger_point(event_type) && decision_in(body).is_none()
        };
        match Self::of_ending(ending, delivery.timing.total_us, event_type) {
            _ if accepted => Some(Self::Accepted),
            None if ending.is_delivered() && is_undecided() => Some(Self::NoDecision),
            doubt => doubt,
        }
    }

    /// Like [`Doubt::of`], for a delivery whose bytes and response are not known.
    pub(crate) fn of_ending(ending: Ending, total_us: u64, event_type: &str) -> Option<Self> {
        let is_late = Duration::from_micros(total_us) >= time_limit(is_trigger_point(event_type));
        (ending.is_delivered() && is_late).then_some(Self::Late)
    }

    /// The doubt while the event has `verdict`: whether a request was to be rejected depends on it.
    pub fn given(self, verdict: Verdict) -> Option<Self> {
        match (self, verdict) {
            (Self::Accepted, Verdict::Verified | Verdict::Unchecked) => None,
            _ => Some(self),
        }
    }

    /// Whether it is a fault of the app, and not only a warning.
    pub(crate) fn is_fault(self) -> bool {
        self == Self::Accepted
    }

    pub fn sentence(self, verdict: Verdict) -> &'static str {
        match (self, verdict) {
            (Self::Accepted, Verdict::Unsigned) => "your app accepted an event that is not signed",
            (Self::Accepted, _) => "your app accepted an event whose signature is not valid",
            (Self::Late, _) => "your app responded after the provider's time limit",
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
        use Verdict::{Invalid, Unchecked, Verified};
        let login = "user.login";
        for (manner, status, seconds, body, verdict, event_type, expected) in [
            (AsReceived, 200, 1, "", Verified, login, None),
            (AsReceived, 200, 1, "", Invalid, login, Some(Doubt::Accepted)),
            (AsReceived, 200, 11, "", Invalid, login, Some(Doubt::Accepted)),
            (AsReceived, 401, 1, "", Invalid, login, None),
            (Resigned, 200, 1, "", Invalid, login, None),
            (Resigned, 200, 10, "", Verified, login, Some(Doubt::Late)),
            (Resigned, 500, 10, "", Verified, login, None),
            (AsReceived, 200, 4, r#"{"decision":"ALLOW"}"#, Verified, "PRE_SIGNUP", Some(Doubt::Late)),
            (AsReceived, 200, 1, r#"{"decision":"ALLOW"}"#, Verified, "PRE_SIGNUP", None),
            (AsReceived, 200, 1, "ok", Verified, "PRE_SIGNUP", Some(Doubt::NoDecision)),
            (AsReceived, 200, 1, "", Unchecked, login, Some(Doubt::Accepted)),
        ] {
            let doubt = Doubt::of(&delivery(manner, status, seconds, body), verdict, event_type);
            assert_eq!(doubt, expected, "{manner:?} {status} {seconds} {body} {verdict} {event_type}");
        }
        // Without a secret nobody knows whether the app was wrong.
        assert_eq!(Doubt::Accepted.given(Unchecked), None);
        assert_eq!(Doubt::Accepted.given(Invalid), Some(Doubt::Accepted));
    }
}
