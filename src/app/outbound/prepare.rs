//! Makes the request to send from an event, and signs it if that is asked for and allowed. Sends nothing.

use crate::core::delivery::{Form, Fresh, Manner, Outgoing, SigningPolicy, compose};
use crate::core::event::{Event, Seq};
use crate::core::random::Random;
use crate::core::request::{Head, values};
use crate::core::signature::{Keyring, Part, Reason, Scheme, Secret, family_of, no_secret, sign};
use crate::entropy::SystemRandom;
use bytes::Bytes;
use jiff::Timestamp;

/// Why an event cannot be sent as asked.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("{}", no_secret("it cannot be signed; it can be sent byte for byte"))]
    NoSecret,
    #[error("no usable signing secret, so it cannot be signed; it can be sent byte for byte")]
    UnusableSecret,
    #[error("it was never verified, so hookglass does not sign it")]
    Unverified,
    #[error("hookglass does not have its whole body")]
    NoBody,
}

/// A request that can be sent any number of times, each time with a fresh timestamp and signature if it is signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    event: Option<Seq>,
    received: Bytes,
    request: Request,
    is_marked: bool,
}

#[derive(Clone, Debug)]
enum Request {
    /// The same bytes each time.
    Fixed(Outgoing),
    Signed {
        head: Head,
        body: Bytes,
        manner: Manner,
        seal: Seal,
    },
}

/// How a request is signed.
#[derive(Clone, Debug)]
struct Seal {
    family: Scheme,
    id: Id,
    secret: Secret,
}

#[derive(Clone, Debug)]
enum Id {
    /// The id of the received request, whose header stays as it is.
    Received(Vec<u8>),
    New(String),
}

/// Makes the request for `event` in `form`. It has the same id each time it is sent.
///
/// An event that `policy` does not allow to sign is sent as received. A signed event without an id gets a new one.
///
/// # Errors
/// When the body of the event is not stored, when `policy` forbids signing an edited body, or when `keyring` has no secret that can sign.
pub fn prepare(event: &Event, form: &Form, policy: SigningPolicy, keyring: &Keyring) -> Result<Prepared, PrepareError> {
    let may_sign = policy.allows(event.verification.verdict);
    if matches!(form, Form::Edited(_)) && !may_sign {
        return Err(PrepareError::Unverified);
    }
    if event.verification.reason.as_ref().is_some_and(Reason::lacks_body) {
        return Err(PrepareError::NoBody);
    }
    let family = family_of(event.verification.scheme, &event.body);
    let (manner, id, body) = match form {
        Form::Resigned if may_sign => (Manner::Resigned, received_id(event, family), &event.body),
        Form::New if may_sign => (Manner::New, Id::New(SystemRandom.event_id()), &event.body),
        Form::Edited(body) if *body == event.body => (Manner::New, Id::New(SystemRandom.event_id()), body),
        Form::Edited(body) => (Manner::Edited, Id::New(SystemRandom.event_id()), body),
        Form::AsReceived | Form::Resigned | Form::New => {
            return Ok(Prepared::fixed(event, compose(&event.head, &event.body, Manner::AsReceived, None)));
        }
    };
    let secret = event.signer(keyring).ok_or(if keyring.is_empty() {
        PrepareError::NoSecret
    } else {
        PrepareError::UnusableSecret
    })?;
    let seal = Seal { family, id, secret };
    let request = Request::Signed { head: event.head.clone(), body: body.clone(), manner, seal };
    Ok(Prepared::of(event, request))
}

impl Prepared {
    /// A request that the caller composed from `event`.
    pub fn fixed(event: &Event, outgoing: Outgoing) -> Self {
        Self::of(event, Request::Fixed(outgoing))
    }

    fn of(event: &Event, request: Request) -> Self {
        Self { event: event.stored_seq(), received: event.body.clone(), request, is_marked: true }
    }

    /// See [`Outgoing::unmark`].
    pub(crate) fn unmarked(self) -> Self {
        Self { is_marked: false, ..self }
    }

    /// The same request as a new event with this id. A request that is sent as received keeps its own.
    pub(crate) fn with_id(mut self, id: String) -> Self {
        if let Request::Signed { seal, .. } = &mut self.request {
            seal.id = Id::New(id);
        }
        self
    }

    /// The event it was made from, if that is in the history.
    pub fn event(&self) -> Option<Seq> {
        self.event
    }

    /// The body of the event it was made from.
    pub fn received(&self) -> &Bytes {
        &self.received
    }

    pub fn manner(&self) -> Manner {
        match &self.request {
            Request::Fixed(outgoing) => outgoing.manner,
            Request::Signed { manner, .. } => *manner,
        }
    }

    /// The request to send at `now`.
    pub fn at(&self, now: Timestamp) -> Outgoing {
        let mut outgoing = match &self.request {
            Request::Fixed(outgoing) => outgoing.clone(),
            Request::Signed { head, body, manner, seal } => compose(head, body, *manner, Some(seal.fresh(body, now))),
        };
        if !self.is_marked {
            outgoing.unmark();
        }
        outgoing
    }
}

impl Seal {
    fn fresh(&self, body: &[u8], now: Timestamp) -> Fresh {
        let (signed_id, id) = match &self.id {
            Id::Received(id) => (&id[..], None),
            Id::New(id) => (id.as_bytes(), Some(id.clone())),
        };
        let timestamp_s = now.as_second();
        let signature = sign(&self.secret, signed_id, timestamp_s, body);
        let signature = signature.expect("only a secret that has a key is chosen");
        Fresh { id, timestamp_s, signature, family: self.family }
    }
}

fn received_id(event: &Event, family: Scheme) -> Id {
    let name = family.header(Part::Id).expect("a family has a header for the id");
    // A repeated header is sent as received, and receivers join its values.
    let id = values(&event.head.headers(), name).collect::<Vec<_>>().join(&b", "[..]);
    if id.is_empty() { Id::New(SystemRandom.event_id()) } else { Id::Received(id) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::index::tests::summary;
    use crate::core::request::Header;
    use crate::core::signature::{Verdict, Verification, verify_request};

    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

    fn keyring() -> Keyring {
        Keyring { verifying: vec![Secret::new("main", "whsec_QUJD")], known_only: Vec::new() }
    }

    fn prepared(event: &Event, form: Form, policy: SigningPolicy) -> Result<Prepared, PrepareError> {
        prepare(event, &form, policy, &keyring())
    }

    fn event(headers: &str, verdict: Verdict, scheme: Scheme) -> Event {
        let secret = (verdict == Verdict::Verified).then(|| "main".into());
        Event {
            summary: summary(1, "user.login", verdict),
            verification: Verification { verdict, scheme, reason: None, secret },
            head: Head::parse(format!("POST / HTTP/1.1\r\n{headers}\r\n").as_bytes()).unwrap(),
            body: Bytes::from_static(BODY),
            override_text: None,
            annotation: Default::default(),
        }
    }

    fn verified() -> Event {
        event(
            "webhook-id: msg_1\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,x\r\n",
            Verdict::Verified,
            Scheme::Webhook,
        )
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn verification(outgoing: &Outgoing, now: Timestamp) -> Verification {
        let headers: Vec<_> = outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        verify_request(&headers, &outgoing.body, now.as_millisecond(), &keyring())
    }

    fn value(outgoing: &Outgoing, name: &str) -> String {
        let (_, value) = outgoing.headers.iter().find(|(other, _)| other == name.as_bytes()).unwrap();
        String::from_utf8(value.clone()).unwrap()
    }

    #[test]
    fn each_attempt_has_a_fresh_timestamp_and_signature_and_the_same_id() {
        let prepared = prepared(&verified(), Form::Resigned, SigningPolicy::Verified).unwrap();
        let [first, second] = [1_700_000_000, 1_700_009_000].map(|second| (at(second), prepared.at(at(second))));
        for (now, outgoing) in [&first, &second] {
            assert_eq!((verification(outgoing, *now).verdict, outgoing.manner), (Verdict::Verified, Manner::Resigned));
            assert_eq!((value(outgoing, "webhook-id").as_str(), &outgoing.body[..]), ("msg_1", BODY));
            assert_eq!(value(outgoing, "webhook-timestamp"), now.as_second().to_string());
        }
        assert_ne!(value(&first.1, "webhook-signature"), value(&second.1, "webhook-signature"));
    }

    #[test]
    fn the_secret_that_verifies_an_event_signs_it_even_under_another_label() {
        let texts = [("unusable", "none"), ("first", "whsec_QUJD"), ("moved/second", "whsec_REVG")];
        let secrets = texts.map(|(label, text)| Secret::new(label, text));
        let keyring = Keyring { verifying: secrets.to_vec(), known_only: Vec::new() };
        let signed_with = |event: &Event| event.signer(&keyring).unwrap().label().to_owned();
        let received = |signature: &str, label: &str| {
            let headers = format!("webhook-id: msg_1\r\nwebhook-timestamp: 5\r\nwebhook-signature: {signature}\r\n");
            let mut event = event(&headers, Verdict::Verified, Scheme::Webhook);
            event.summary.received_at = at(5);
            event.verification.secret = Some(label.into());
            event
        };
        let signature = sign(&secrets[2], b"msg_1", 5, BODY).unwrap();
        assert_eq!(signed_with(&received(&signature, "second")), "moved/second");
        assert_eq!(signed_with(&received(&signature, "first")), "moved/second");
        // The secret that verified it is gone.
        assert_eq!(signed_with(&received("v1,x", "moved/second")), "moved/second");
        assert_eq!(signed_with(&received("v1,x", "gone")), "first");
        assert_eq!(signed_with(&received("v1,x", "unusable")), "first");
        assert!(verified().signer(&Keyring::default()).is_none());
    }

    #[test]
    fn an_edited_event_gets_a_new_id_and_a_signature_over_the_new_body() {
        let body = Bytes::from_static(b"{\"id\":2}");
        for (event, family) in [
            (verified(), "webhook"),
            (event("interceptor-id: a\r\n", Verdict::Verified, Scheme::Interceptor), "interceptor"),
        ] {
            let prepared = prepared(&event, Form::Edited(body.clone()), SigningPolicy::Verified).unwrap();
            let outgoing = prepared.at(at(5));
            assert_eq!((verification(&outgoing, at(5)).verdict, outgoing.manner), (Verdict::Verified, Manner::Edited));
            assert_eq!(outgoing.body, body);
            let id = value(&outgoing, &format!("{family}-id"));
            assert!(id.starts_with("msg_") && id.len() == 31, "{id}");
            assert_eq!(value(&prepared.at(at(6)), &format!("{family}-id")), id);
        }
        let other = prepared(&verified(), Form::Edited(body.clone()), SigningPolicy::Verified).unwrap();
        let again = prepared(&verified(), Form::Edited(body), SigningPolicy::Verified).unwrap();
        assert_ne!(value(&other.at(at(5)), "webhook-id"), value(&again.at(at(5)), "webhook-id"));
    }

    #[test]
    fn an_event_that_was_never_verified_is_signed_only_under_the_policy_any() {
        for verdict in [Verdict::Invalid, Verdict::Unsigned, Verdict::Unchecked] {
            let event = event("a: 1\r\n", verdict, Scheme::None);
            for form in [Form::Resigned, Form::New] {
                let unsigned = prepared(&event, form, SigningPolicy::Verified).unwrap().at(at(5));
                assert_eq!((unsigned.manner, unsigned.headers.len()), (Manner::AsReceived, 2));
            }
            let edited = prepared(&event, Form::Edited(event.body.clone()), SigningPolicy::Verified);
            assert!(matches!(edited, Err(PrepareError::Unverified)));

            for (form, manner) in [
                (Form::Resigned, Manner::Resigned),
                (Form::New, Manner::New),
                (Form::Edited(event.body.clone()), Manner::New),
            ] {
                let signed = prepared(&event, form, SigningPolicy::Any).unwrap().at(at(5));
                assert_eq!((signed.manner, verification(&signed, at(5)).verdict), (manner, Verdict::Verified));
            }
        }
    }

    #[test]
    fn without_a_usable_secret_nothing_is_signed() {
        let unusable = Keyring { verifying: vec![Secret::new("main", "none")], known_only: Vec::new() };
        for keyring in [Keyring::default(), unusable] {
            let prepared = |form| prepare(&verified(), &form, SigningPolicy::Verified, &keyring);
            for form in [Form::Resigned, Form::New, Form::Edited(Bytes::new())] {
                let refused = prepared(form).unwrap_err();
                let is_expected = match refused {
                    PrepareError::NoSecret => keyring.is_empty(),
                    PrepareError::UnusableSecret => !keyring.is_empty(),
                    _ => false,
                };
                assert!(is_expected, "{refused}");
            }
            assert!(prepared(Form::AsReceived).is_ok());
        }
    }

    #[test]
    fn an_event_without_its_body_is_not_sent() {
        let mut event = verified();
        event.verification.reason = Some(Reason::BodyTooLarge);
        for form in [Form::AsReceived, Form::Resigned, Form::New, Form::Edited(Bytes::new())] {
            assert!(matches!(prepared(&event, form, SigningPolicy::Any), Err(PrepareError::NoBody)));
        }
    }

    #[test]
    fn a_delivery_is_marked_unless_it_stands_in_for_the_provider() {
        for form in [Form::AsReceived, Form::Resigned, Form::New] {
            let prepared = prepared(&verified(), form, SigningPolicy::Verified).unwrap();
            let is_marked = |prepared: &Prepared| {
                let headers = prepared.at(at(5)).headers;
                headers.iter().any(|(name, _)| name == crate::core::delivery::DELIVERY_HEADER.as_bytes())
            };
            assert!(is_marked(&prepared));
            assert!(!is_marked(&prepared.unmarked()));
        }
    }
}
