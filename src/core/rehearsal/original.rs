//! The event that rehearsals are based on: a sample, or a request that the user chose.

use super::kind::Rehearsal;
use super::signer::Signer;
use crate::core::catalog::{EventType, Family, SampleFacts};
use crate::core::delivery::is_dropped;
use crate::core::envelope;
use crate::core::event::Event;
use crate::core::request::Header;
use crate::core::signature::{Keyring, SIGNATURE_HEADERS, Scheme, Verdict, family_of, verify_request};
use bytes::Bytes;
use jiff::Timestamp;

/// The event that rehearsals are based on.
#[derive(Clone, Debug)]
pub struct Original {
    method: String,
    /// As sent, without the headers that each rehearsal makes anew.
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Body,
    family: Family,
}

#[derive(Clone, Debug)]
enum Body {
    /// Filled in for each rehearsal, so that every rehearsal is new to an app that remembers ids.
    Sample(&'static EventType),
    Exact(Bytes),
}

impl Original {
    pub fn of_sample(sample: &'static EventType) -> Self {
        let headers =
            [("content-type", "application/json"), ("user-agent", concat!("hookglass/", env!("CARGO_PKG_VERSION")))];
        Self {
            method: "POST".to_owned(),
            headers: headers.map(|(name, value)| (name.into(), value.into())).to_vec(),
            body: Body::Sample(sample),
            family: sample.family,
        }
    }

    /// A stored event. `None` unless it was verified: hookglass does not sign what a stranger wrote.
    pub fn of_event(event: &Event) -> Option<Self> {
        let is_verified = event.verification.verdict == Verdict::Verified;
        is_verified.then(|| Self::of_request(event.head.method(), &event.head.headers(), event.body.clone()))
    }

    /// A request whose content the caller vouches for, as hookglass will sign it. Its headers and its body decide
    /// of which family it is.
    pub(crate) fn of_request(method: &[u8], headers: &[Header<'_>], body: Bytes) -> Self {
        let scheme = verify_request(headers, &body, 0, &Keyring::default()).scheme;
        let is_trigger = || envelope::read(&body).is_some_and(|envelope| envelope.is_trigger);
        let family = match family_of(scheme, &body) {
            Scheme::Interceptor => Family::Interceptor,
            _ if is_trigger() => Family::Trigger,
            _ => Family::Webhook,
        };
        let is_copied = |header: &&Header<'_>| {
            // A compressed response could not be assessed.
            let is_end_to_end = !is_dropped(header, headers) && !header.is("accept-encoding");
            is_end_to_end && !SIGNATURE_HEADERS.iter().any(|name| header.is(name))
        };
        let copied = headers.iter().filter(is_copied);
        Self {
            method: String::from_utf8_lossy(method).into_owned(),
            headers: copied.map(|header| (header.name.to_vec(), header.value.to_vec())).collect(),
            body: Body::Exact(body),
            family,
        }
    }

    /// The family of events that the endpoint is for.
    pub(super) fn family(&self) -> Family {
        self.family
    }

    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub fn scheme(&self) -> Scheme {
        self.family.scheme()
    }

    /// The event type in the body.
    pub fn event_type(&self) -> Option<String> {
        match &self.body {
            Body::Sample(sample) => Some(sample.name.clone()),
            Body::Exact(body) => envelope::read(body)?.event_type,
        }
    }

    /// The rehearsal of the trigger point that this event is about, if it is an interceptor's.
    pub fn trigger_point(&self) -> Option<Rehearsal> {
        let event_type = self.event_type()?;
        Rehearsal::ALL.into_iter().find(|rehearsal| rehearsal.trigger_point() == Some(&event_type))
    }

    /// The rehearsals that fit this event, signed by `signer`.
    pub fn rehearsals(&self, signer: &Signer) -> Vec<Rehearsal> {
        let has_secrets = |rehearsal: &Rehearsal| *rehearsal != Rehearsal::OtherSecret || signer.has_other();
        Rehearsal::ALL.into_iter().filter(|rehearsal| rehearsal.fits(self.family)).filter(has_secrets).collect()
    }

    /// How many rehearsals fit `event`, and how many requests they send. `None` if it cannot be rehearsed.
    pub(crate) fn extent(event: &Event, keyring: &Keyring) -> Option<(usize, usize)> {
        let rehearsals = Self::of_event(event)?.rehearsals(&Signer::of(keyring, Some(event))?);
        Some((rehearsals.len(), rehearsals.into_iter().map(Rehearsal::requests).sum()))
    }

    /// The rehearsals in `asked` that fit this event, preceded by the control, without which a rejection means nothing. `None` if
    /// none fits.
    pub fn plan(&self, asked: &[Rehearsal], signer: &Signer) -> Option<Vec<Rehearsal>> {
        let mut rehearsals = self.rehearsals(signer);
        let is_any = rehearsals.iter().any(|rehearsal| asked.contains(rehearsal));
        rehearsals.retain(|rehearsal| *rehearsal == Rehearsal::Control || asked.contains(rehearsal));
        is_any.then_some(rehearsals)
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn headers(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.headers
    }

    /// The body; a sample fills it in with `number` and `now`.
    pub(super) fn body(&self, now: Timestamp, number: u64) -> Bytes {
        match &self.body {
            Body::Sample(sample) => sample.sample(SampleFacts { occurred_at: now, number }).into(),
            Body::Exact(body) => body.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(headers: &[(&str, &str)], body: &'static str) -> Original {
        let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
        Original::of_request(b"PUT", &headers, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn signature_and_hop_by_hop_headers_are_left_out() {
        let lines = [
            ("Host", "x"),
            ("B", "1"),
            ("Webhook-Id", "m"),
            ("svix-signature", "v1,"),
            ("Connection", "c"),
            ("C", "2"),
            ("b", "3"),
            ("hookglass-delivery", "resigned"),
        ];
        let original = original(&lines, "{}");
        let copied: Vec<_> = original.headers().iter().map(|(name, value)| (&name[..], &value[..])).collect();
        assert_eq!(copied, [(&b"B"[..], &b"1"[..]), (b"b", b"3")]);
        assert_eq!(original.method(), "PUT");
    }

    #[test]
    fn headers_and_body_decide_the_family() {
        let decision = r#"{"trigger_point":"PRE_SIGNUP"}"#;
        let signed =
            |family: &str| ["id", "timestamp", "signature"].map(|part| (format!("{family}-{part}"), "1".to_owned()));
        for (headers, body, family) in [
            (vec![], "{}", Family::Webhook),
            (vec![], decision, Family::Interceptor),
            (signed("interceptor").to_vec(), "{}", Family::Interceptor),
            (signed("webhook").to_vec(), decision, Family::Webhook),
            (signed("webhook").to_vec(), r#"{"trigger_type":"a.b","dedupe_key":"dk_1"}"#, Family::Trigger),
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(original(&headers, body).family(), family, "{headers:?} {body}");
        }
    }

    #[test]
    fn the_type_comes_from_the_body() {
        assert_eq!(original(&[], r#"{"type":"role.created"}"#).event_type().as_deref(), Some("role.created"));
        assert_eq!(original(&[], "no JSON").event_type(), None);
        let sample = crate::core::catalog::catalog().find("user.signup").unwrap();
        assert_eq!(Original::of_sample(sample).event_type().as_deref(), Some("user.signup"));
    }
}
