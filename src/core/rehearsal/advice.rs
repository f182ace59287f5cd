//! The next step after a response that is not the right one, and what the app probably does wrong.

use super::kind::{Group, Rehearsal};
use super::reaction::{Reaction, Terms};
use super::table::Expectation;
use crate::core::delivery::{FailureKind, exemption};
use crate::core::provider::{decision_time_limit_text, time_limit_text};

/// The next step; `None` if nothing is wrong, or if the next step is that of the control.
pub(super) fn next_step(rehearsal: Rehearsal, terms: Terms, reaction: Reaction) -> Option<&'static str> {
    match rehearsal.expectation(terms.family) {
        Expectation::Rejected => to_reject(rehearsal, reaction),
        expectation => to_accept(rehearsal, expectation, reaction),
    }
}

/// What the app probably does if it does not accept this valid event, although it accepts a plain one. It follows a colon.
pub(super) fn suspicion(rehearsal: Rehearsal) -> Option<&'static str> {
    Some(match rehearsal {
        Rehearsal::NonAscii => {
            "the handler probably decodes the body in another charset than UTF-8 before it verifies it"
        }
        Rehearsal::Escapes | Rehearsal::Numbers | Rehearsal::Layout => {
            "the handler probably verifies JSON that it parsed and wrote again, instead of the bytes as received"
        }
        Rehearsal::Padded => "the handler probably trims the body before it verifies it",
        Rehearsal::Large => "something limits the size of the body, such as a parser's or a proxy's default",
        Rehearsal::UnknownType => "the handler rejects types that it does not know",
        Rehearsal::NullFields => "the handler, or its schema, does not expect `null` or a new field",
        Rehearsal::V1aBeside => "the handler expects a single entry of version `v1`",
        Rehearsal::HeaderCase => "the handler looks up the headers by names in one case only",
        Rehearsal::TwoSignatures => "the handler checks only one of the signatures",
        _ => return None,
    })
}

/// What to do about that.
fn step_for(rehearsal: Rehearsal) -> Option<&'static str> {
    Some(match rehearsal {
        Rehearsal::NonAscii => "pass the raw bytes of the body to the SDK, or decode them as UTF-8 only",
        Rehearsal::Escapes | Rehearsal::Numbers | Rehearsal::Layout => RAW_BODY,
        Rehearsal::Padded => "pass the raw body to the SDK, with the white space around it",
        Rehearsal::Large => {
            "raise the limit for this path, e.g. `express.raw({ type: () => true, limit: '10mb' })` or nginx's `client_max_body_size`"
        }
        Rehearsal::UnknownType => "respond 2xx to every verified event, and ignore types that you do not handle",
        Rehearsal::NullFields => "treat `null` like a missing field, and ignore fields that you do not know",
        Rehearsal::HeaderCase => {
            "look up the headers in any case, or lower-case all names before you pass them to the SDK"
        }
        // One mistake, so one step.
        Rehearsal::V1aBeside | Rehearsal::TwoSignatures => {
            "verify with the SDK, or split the header at spaces and accept the event if any `v1` entry is right; skip other versions"
        }
        _ => return None,
    })
}

fn to_reject(rehearsal: Rehearsal, reaction: Reaction) -> Option<&'static str> {
    Some(match (reaction, rehearsal) {
        (Reaction::Rejected | Reaction::RejectedAnyway, _) => return None,
        (Reaction::NoResponse(kind), _) => connecting(kind),
        (Reaction::BrokenOff(_), _) => {
            "respond 401 when verification fails, and check the app's log for why its response is incomplete"
        }
        (Reaction::Died, _) => RESTART,
        (Reaction::Throttled, _) => MORE_SLOWLY,
        (Reaction::Unavailable, _) => LOGS,
        (Reaction::Crashed, _) => {
            "catch what the SDK throws and respond 401: a 5xx looks like an outage, and the provider retries it"
        }
        (Reaction::Accepted, Rehearsal::Expired | Rehearsal::Future) => {
            "verify with the SDK, which rejects timestamps more than 300 s off, or compare the timestamp with the clock yourself"
        }
        (Reaction::Accepted, Rehearsal::MissingHeader) => {
            "verify with the SDK, which rejects a request that lacks one of the three headers, and respond 401 when it does"
        }
        (Reaction::Accepted, _) => {
            "verify the raw body with the SDK before anything else, and respond 401 when the SDK rejects it"
        }
        _ => "respond 401 when verification fails",
    })
}

fn to_accept(rehearsal: Rehearsal, expectation: Expectation, reaction: Reaction) -> Option<&'static str> {
    let is_event = expectation != Expectation::Decided;
    let is_control = rehearsal == Rehearsal::Control;
    Some(match (reaction, rehearsal) {
        (Reaction::Accepted | Reaction::FailedAnyway | Reaction::Either | Reaction::OtherPoint, _) => return None,
        (Reaction::Misshapen(flaw), _) => flaw.next_step(),
        (Reaction::Died, _) => RESTART,
        (Reaction::Overrun, _) => {
            "raise the rate limit for the handler's path, or put the events into a queue and respond at once"
        }
        (Reaction::Undecided, _) => DECISION,
        (Reaction::Slow | Reaction::Late | Reaction::BrokenOff(FailureKind::TimedOut), _) if is_event => {
            concat!(
                "respond within ",
                time_limit_text!(),
                ", the sooner the better: acknowledge the event first, then do the work"
            )
        }
        (Reaction::Slow | Reaction::Late | Reaction::BrokenOff(FailureKind::TimedOut), _) => {
            concat!(
                "respond within ",
                decision_time_limit_text!(),
                ", the sooner the better: decide first, and do all other work after the response. \
             FAIL_CLOSED blocks the flow when the time is up, FAIL_OPEN lets it pass"
            )
        }
        (Reaction::BrokenOff(_), _) if !is_control => "check the app's log for why its response ended early",
        (Reaction::BrokenOff(kind) | Reaction::NoResponse(kind), _) => connecting(kind),
        (Reaction::Throttled, _) => MORE_SLOWLY,
        (Reaction::Nowhere, _) => {
            "use the URL with the path of your handler, such as `http://localhost:4000/webhooks/scalekit`"
        }
        (Reaction::Redirected, _) => {
            "use the final URL here and in the dashboard: hookglass and the provider do not follow redirects"
        }
        (Reaction::SentToLogin, _) => exemption(),
        (Reaction::UnknownObject, _) => {
            "respond 2xx even if the object does not exist: create it from an update, and treat a deletion as done"
        }
        (Reaction::Unavailable, _) => LOGS,
        (Reaction::Crashed, Rehearsal::TwiceAtOnce | Rehearsal::TenTimes) if is_event => {
            "store the event id under a unique key, together with the event's changes, and respond 2xx if it is already there"
        }
        (Reaction::Crashed, Rehearsal::OutOfOrder | Rehearsal::LateUpdate) => {
            "expect the object to be missing or deleted: create it from an update, and treat a deletion as done"
        }
        (Reaction::Crashed | Reaction::Rejected | Reaction::RejectedOtherwise, _) if step_for(rehearsal).is_some() => {
            step_for(rehearsal)?
        }
        (Reaction::Crashed, _) if rehearsal.group() == Group::Bursts => {
            "make the handler safe for requests at the same time: put the events into a queue, or check its locks and its pool of connections"
        }
        (Reaction::Crashed, _) => "check the app's log for the exception",
        (_, Rehearsal::Control) => {
            "check that the app uses the secret known here and verifies the raw body, not parsed JSON"
        }
        _ if !is_event => DECISION,
        (_, Rehearsal::OutOfOrder | Rehearsal::LateUpdate | Rehearsal::GroupDeletion | Rehearsal::FirstSync) => {
            "respond 2xx to every verified event, even of a type you do not handle or about an object you do not know"
        }
        _ => "respond 2xx to an id that was already processed: the provider retries everything else",
    })
}

/// The one step for every kind of changed bytes.
pub(super) const RAW_BODY: &str =
    "pass the raw body to the SDK before anything parses it, not JSON that was parsed and written again";
pub(super) const RESTART: &str = "catch every exception of the handler: in Node, one that an async handler throws ends the process (an unhandled \
                       rejection). Use `try` and `catch`, or Express 5, and check the app's log for the exception";
const MORE_SLOWLY: &str = "raise the app's rate limit for webhooks, or rehearse this alone";
const LOGS: &str = "check the log of the app, and of the proxy in front of it if there is one";
const DECISION: &str = "respond 200 with `{\"decision\":\"ALLOW\"}`, or to deny with \
                        `{\"decision\":\"DENY\",\"error\":{\"message\":\"…\"}}`";

/// What to do so that the app can respond.
fn connecting(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Resolve => "check the host in the URL: it has no address",
        FailureKind::Refused => "start the app, and check the port in the URL",
        FailureKind::NoPort => "wait a minute, and rehearse again: too many connections were opened",
        FailureKind::TimedOut => "check the host and the port in the URL, and that the app accepts connections",
        FailureKind::Reset => {
            "check the app's log for why it closed the connection; if the app uses TLS, start the URL with `https://`"
        }
        FailureKind::Tls => {
            "start the URL of a local app with `http://`, or give the app a certificate that this machine trusts"
        }
        FailureKind::Garbled => {
            "check the port in the URL, and whether it needs `http://` or `https://`: what listens there did not respond in HTTP"
        }
        FailureKind::Loop => "use the URL of the app: this one leads back to hookglass",
        FailureKind::Cancelled | FailureKind::Other => "start the app, check the URL, and rehearse again",
    }
}
