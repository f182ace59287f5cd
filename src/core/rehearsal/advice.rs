//! What to do about an answer that is not right.

use super::reaction::{Reaction, Terms};
use super::table::{Expectation, Rehearsal};
use crate::core::delivery::FailureKind;

/// The next step; `None` where nothing is wrong, or where it is that of the control.
pub(super) fn next_step(rehearsal: Rehearsal, terms: Terms, reaction: Reaction) -> Option<&'static str> {
    match rehearsal.expectation(terms.family) {
        Expectation::Refused => to_refuse(rehearsal, reaction),
        expectation => to_accept(rehearsal, terms, expectation, reaction),
    }
}

fn to_refuse(rehearsal: Rehearsal, reaction: Reaction) -> Option<&'static str> {
    Some(match (reaction, rehearsal) {
        (Reaction::Refused | Reaction::RefusedAnyway, _) => return None,
        (Reaction::NoResponse(kind), _) => connecting(kind),
        (Reaction::BrokenOff(_), _) => {
            "answer 401 where verification fails; the app's log may say why its answer did not come"
        }
        (Reaction::Throttled, _) => MORE_SLOWLY,
        (Reaction::Unavailable, _) => LOGS,
        (Reaction::Crashed, _) => {
            "catch what the SDK throws and answer 401: a 5xx looks like an outage, and is retried"
        }
        (Reaction::Accepted, Rehearsal::Expired | Rehearsal::Future) => {
            "verify with the SDK, which refuses timestamps more than 300 s off, or compare the timestamp with the clock yourself"
        }
        (Reaction::Accepted, Rehearsal::MissingHeader) => {
            "verify with the SDK, which refuses what lacks any of the three, and answer 401 when it refuses"
        }
        (Reaction::Accepted, _) => {
            "before anything else verify with the SDK, over the body's raw bytes, and answer 401 when it refuses"
        }
        _ => "answer 401 where verification fails",
    })
}

fn to_accept(rehearsal: Rehearsal, terms: Terms, expectation: Expectation, reaction: Reaction) -> Option<&'static str> {
    let is_event = expectation == Expectation::Accepted;
    let is_control = rehearsal == Rehearsal::Control;
    Some(match (reaction, rehearsal) {
        (Reaction::Accepted, _) => return None,
        (Reaction::Undecided, _) => DECISION,
        (Reaction::Slow | Reaction::Late | Reaction::BrokenOff(FailureKind::TimedOut), _) if is_event => {
            "answer within 10 s, the sooner the better: answer first, and do the work after that"
        }
        (Reaction::Slow | Reaction::Late | Reaction::BrokenOff(FailureKind::TimedOut), _) => {
            "answer within 3 s, the sooner the better: decide first, and do all other work after the answer"
        }
        (Reaction::BrokenOff(_), _) if !is_control => "look into the app's log for why its answer ended there",
        (Reaction::BrokenOff(kind) | Reaction::NoResponse(kind), _) => connecting(kind),
        (Reaction::Throttled, _) => MORE_SLOWLY,
        (Reaction::Nowhere, _) => {
            "give the URL with the path of the handler, as in `http://localhost:4000/webhooks/scalekit`"
        }
        (Reaction::Redirected, _) => {
            "give the URL that it leads to, to the provider as well; if that is a page to log in, let the handler's path pass without"
        }
        (Reaction::UnknownObject, _) => {
            "answer 2xx also when the object is not there: create it from an update, and take a deletion of it as done"
        }
        (Reaction::Unavailable, _) => LOGS,
        (Reaction::Crashed, Rehearsal::TwiceAtOnce | Rehearsal::TenTimes) if is_event => {
            "record the id, under a unique key, together with what the event changes; where it is there already answer 2xx"
        }
        (Reaction::Crashed, Rehearsal::OutOfOrder) => {
            "expect the object to be missing or gone: create it from an update, and take a deletion of it as done"
        }
        (Reaction::Crashed, _) => "look into the app's log for the exception",
        (_, Rehearsal::Control) => {
            "check that the app has the secret known here and verifies the body's raw bytes, not parsed JSON"
        }
        _ if !terms.is_control_taken => "let the app accept a valid event first, and rehearse again",
        _ if !is_event => DECISION,
        (_, Rehearsal::OutOfOrder) => {
            "answer 2xx to every event that verifies, also to types that are not handled and to objects that are not known"
        }
        _ => "answer 2xx to an id that was dealt with already: the provider sends everything else again",
    })
}

const MORE_SLOWLY: &str = "let the app take webhooks faster, or rehearse this alone";
const LOGS: &str = "look into the log of the app, and of the proxy before it if there is one";
const DECISION: &str = "answer 200 with `{\"decision\":\"ALLOW\"}`, or to say no with \
                        `{\"decision\":\"DENY\",\"error\":{\"message\":\"…\"}}`";

/// What to do so that there is an answer.
fn connecting(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Resolve => "check the host of the URL: it has no address",
        FailureKind::Refused => "start the app, and check the port of the URL",
        FailureKind::TimedOut => "check the host and the port of the URL, and that the app takes connections",
        FailureKind::Reset => {
            "look into the app's log for why it closed the connection, as one that wants `https://` does"
        }
        FailureKind::Tls => {
            "begin the URL of a local app with `http://`, or give the app a certificate that this machine trusts"
        }
        FailureKind::Garbled => {
            "check the port of the URL, and its `http://` or `https://`: what listens there does not answer in HTTP"
        }
        FailureKind::Loop => "give the URL of the app: this one leads back to hookglass",
        FailureKind::Cancelled | FailureKind::Other => "start the app, check the URL, and rehearse again",
    }
}
