//! A captured request, and what hookglass knows about it.

use super::annotation::Annotation;
use super::delivery::Forward;
use super::envelope::{self, Envelope};
use super::provider::INTERCEPTOR_TYPE;
use super::request::{Head, part_received};
use super::response::ResponseState;
use super::signature::{Keyring, Scheme, Secret, Verdict, Verification, verify_request};
use crate::core::overrides::Directive;
use crate::core::signature::Reason;
use bytes::Bytes;
use jiff::Timestamp;

/// The number of an event in the history, from 1, in the order of arrival.
pub type Seq = u64;

/// A request as received, before it is stored.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When the request was complete, to the microsecond.
    pub received_at: Timestamp,
    pub head: Head,
    pub body: Bytes,
}

/// What the list and the counters need to know about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub method: String,
    /// Path and query as received.
    pub path: String,
    pub webhook_id: Option<String>,
    pub event_id: Option<String>,
    pub event_type: Option<String>,
    pub organization_id: Option<String>,
    pub subject: Option<String>,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// The length of the body in bytes. If it is over the size limit, its declared length.
    pub size: u64,
    /// What the sender got.
    pub response: ResponseState,
}

/// A [`Summary`] that borrows its texts; an absent one is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    pub seq: Seq,
    pub received_at_us: i64,
    pub method: &'a str,
    pub path: &'a str,
    pub webhook_id: &'a str,
    pub event_id: &'a str,
    pub event_type: &'a str,
    pub organization_id: &'a str,
    pub subject: &'a str,
    pub verdict: Verdict,
    pub reason: &'a str,
    pub size: u64,
    pub response: ResponseState,
}

/// What the store takes: a request with its envelope, its verification and the response to it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub arrival: Arrival,
    pub envelope: Envelope,
    pub verification: Verification,
    /// See [`Summary::size`].
    pub size: u64,
    /// See [`Summary::response`].
    pub response: ResponseState,
    /// The targets that get it, decided by its verdict at arrival, in the order of the routes.
    pub forwards: Vec<Forward>,
    /// The override that chose the response, if any.
    pub directive: Option<Directive>,
    pub annotation: Annotation,
}

impl Summary {
    /// Whether its body ended early.
    pub fn is_incomplete(&self) -> bool {
        self.reason == Some(Reason::BodyIncomplete)
    }

    /// `reason`: the text of its reason, or an empty one.
    pub fn listed<'a>(&'a self, reason: &'a str) -> Listed<'a> {
        Listed {
            seq: self.seq,
            received_at_us: self.received_at.as_microsecond(),
            method: &self.method,
            path: &self.path,
            webhook_id: self.webhook_id.as_deref().unwrap_or_default(),
            event_id: self.event_id.as_deref().unwrap_or_default(),
            event_type: self.event_type.as_deref().unwrap_or_default(),
            organization_id: self.organization_id.as_deref().unwrap_or_default(),
            subject: self.subject.as_deref().unwrap_or_default(),
            verdict: self.verdict,
            reason,
            size: self.size,
            response: self.response,
        }
    }

    /// Whether it may have got 400 because its body is not JSON. [`Event::response_note`] looks at the body.
    pub fn may_be_malformed(&self) -> bool {
        let is_accepted = matches!(self.verdict, Verdict::Verified | Verdict::Unchecked);
        !self.is_incomplete() && is_accepted && self.response == ResponseState::Sent(400) && self.event_type.is_none()
    }
}

impl NewEvent {
    /// An event whose sender gets `status` at once, by no override, and that is not forwarded.
    pub fn new(arrival: Arrival, envelope: Envelope, verification: Verification, status: u16) -> Self {
        let (size, response) = (arrival.body.len() as u64, ResponseState::Sent(status));
        Self {
            arrival,
            envelope,
            verification,
            size,
            response,
            forwards: Vec::new(),
            directive: None,
            annotation: Annotation::NOTHING,
        }
    }
}

/// One event as read from the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub summary: Summary,
    pub verification: Verification,
    pub head: Head,
    pub body: Bytes,
    /// The override that chose the response, if any, in its own syntax.
    pub override_text: Option<String>,
    pub annotation: Annotation,
}

/// The envelope of a request that carries its signature as `scheme` says; see [`envelope::read`]. Headers make an interceptor of a body
/// that a template shaped.
pub fn envelope_of(scheme: Scheme, body: &[u8]) -> Option<Envelope> {
    let mut envelope = envelope::read(body)?;
    if scheme == Scheme::Interceptor && envelope.event_type.is_none() {
        envelope.event_type = Some(INTERCEPTOR_TYPE.to_owned());
    }
    Some(envelope)
}

impl Event {
    /// ` (body is not JSON)` if hookglass refused the event for that, ` (267 of 999 bytes)` if its body ended early; otherwise empty.
    pub fn response_note(&self) -> String {
        if self.summary.is_incomplete() {
            return format!(" ({})", part_received(&self.head.headers(), &self.body));
        }
        let is_refused = self.summary.may_be_malformed() && self.override_text.is_none();
        let is_malformed = is_refused && envelope::read(&self.body).is_none();
        if is_malformed { " (body is not JSON)".to_owned() } else { String::new() }
    }

    /// An event that is not in the history, so its number is 0.
    pub(crate) fn unstored(arrival: Arrival, verification: Verification) -> Self {
        let Arrival { received_at, head, body } = arrival;
        let Envelope { event_id, event_type, organization_id, subject, .. } =
            envelope_of(verification.scheme, &body).unwrap_or_default();
        let summary = Summary {
            seq: 0,
            received_at,
            method: String::from_utf8_lossy(head.method()).into_owned(),
            path: String::from_utf8_lossy(head.target()).into_owned(),
            webhook_id: None,
            event_id,
            event_type,
            organization_id,
            subject,
            verdict: verification.verdict,
            reason: verification.reason.clone(),
            size: u64::try_from(body.len()).unwrap_or(u64::MAX),
            response: ResponseState::None,
        };
        Self { summary, verification, head, body, override_text: None, annotation: Annotation::NOTHING }
    }

    /// Its number in the history; `None` if it is not there.
    pub(crate) fn stored_seq(&self) -> Option<Seq> {
        (self.summary.seq != 0).then_some(self.summary.seq)
    }

    /// The secret to sign the event with again: the one that verifies it at the time of its arrival, otherwise the one with the
    /// label of the secret that verified it then, otherwise the first. `None` if no secret can sign.
    pub(crate) fn signer(&self, keyring: &Keyring) -> Option<Secret> {
        let keyring = &*keyring.for_body(&self.body);
        let verification =
            verify_request(&self.head.headers(), &self.body, self.summary.received_at.as_millisecond(), keyring);
        let label = verification.secret.as_deref().or(self.verification.secret.as_deref());
        keyring.signing().find(|secret| Some(secret.label()) == label).or_else(|| keyring.signing().next()).cloned()
    }
}
