//! The captured request and what is known of it at a glance.

use super::delivery::Forward;
use super::request::Head;
use super::response::ResponseState;
use super::signature::{Keyring, Secret, Verdict, Verification, judge};
use crate::core::overrides::Directive;
use crate::core::signature::Reason;
use bytes::Bytes;
use jiff::Timestamp;

/// The place of an event in the store, from 1, in the order of arrival.
pub type Seq = u64;

/// Longest text, in bytes, that a summary keeps of a field; the whole is in the body or the head.
pub const MAX_SUMMARY_TEXT: usize = 256;

/// A request as it arrived, before it is kept.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When the whole request was here, to the microsecond.
    pub received_at: Timestamp,
    pub head: Head,
    pub body: Bytes,
}

/// What the body says of itself: the provider's envelope, each field cut to [`MAX_SUMMARY_TEXT`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// `id` of the body, `evt_…`; not the `webhook-id` header.
    pub event_id: Option<String>,
    /// `type`, or the `trigger_point` of an interceptor.
    pub event_type: Option<String>,
    pub object: Option<String>,
    pub organization_id: Option<String>,
    /// The fact that tells events of one type apart: an email, a name, an identifier.
    pub subject: Option<String>,
    /// Whether the body has a `trigger_point`, and so waits for a decision.
    pub is_interceptor: bool,
}

/// Everything that the list and the counters need of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    pub webhook_id: Option<String>,
    pub event_id: Option<String>,
    pub event_type: Option<String>,
    pub organization_id: Option<String>,
    pub subject: Option<String>,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// Bytes in the body as received; of a body over the limit, its declared length.
    pub size: u64,
    /// What the sender got.
    pub response: ResponseState,
}

/// An arrival with what was found in it and what it was answered: what the store takes.
#[derive(Clone, Debug)]
pub struct Judged {
    pub arrival: Arrival,
    pub envelope: Envelope,
    pub verification: Verification,
    /// See [`Summary::size`].
    pub size: u64,
    /// See [`Summary::response`].
    pub response: ResponseState,
    /// Where it goes, by the verdict of its arrival, in the order of the routes.
    pub forwards: Vec<Forward>,
    /// The order of the operator that it was answered by, if any.
    pub override_text: Option<Directive>,
}

/// One event as the store gives it back.
#[derive(Clone, Debug)]
pub struct Event {
    pub summary: Summary,
    pub verification: Verification,
    pub head: Head,
    pub body: Bytes,
    /// The order of the operator that the sender was answered by, if any, as it is written in a setting.
    pub override_text: Option<String>,
}

impl Event {
    /// The secret to sign it with once more: the one that verifies it as it came, whatever that is called now, else the one with the
    /// label of the one that did, else the first. Of those that can sign.
    pub fn signer<'k>(&self, keyring: &'k Keyring) -> Option<&'k Secret> {
        let again = judge(&self.head.headers(), &self.body, self.summary.received_at.as_millisecond(), keyring);
        let label = again.secret.as_deref().or(self.verification.secret.as_deref());
        keyring.signing().find(|secret| Some(secret.label()) == label).or_else(|| keyring.signing().next())
    }
}
