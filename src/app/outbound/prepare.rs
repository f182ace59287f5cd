//! Makes of an event the request that is sent, signed where that is asked for, and carries it to a target. It keeps nothing.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::send::SendError;
use crate::client::Client;
use crate::core::delivery::{Delivery, Fresh, Manner, Origin, Outgoing, Target, compose};
use crate::core::envelope::family_of;
use crate::core::event::{Event, Seq};
use crate::core::request::{Head, values};
use crate::core::signature::Reason;
use crate::core::signature::{Part, Scheme, Secret, Verdict, sign};
use bytes::Bytes;
use jiff::Timestamp;
use std::time::Duration;

/// Which events may be signed by us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// Those that were verified: with the secret that verified them they are what the provider would send.
    #[default]
    Verified,
    /// Every event, by an explicit act of the operator: it vouches for what nobody else has signed.
    Any,
}

/// A request that can be sent any number of times, each with the time and the signature of its moment.
#[derive(Clone, Debug)]
pub struct Prepared {
    head: Head,
    body: Bytes,
    manner: Manner,
    seal: Option<Seal>,
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
    /// The bytes that are signed; the header stays as it is.
    Stored(Vec<u8>),
    New(String),
}

impl Prepared {
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// The request as it is sent at `now`: with the same id each time.
    pub fn at(&self, now: Timestamp) -> Outgoing {
        let Some(Seal { family, id, secret }) = &self.seal else {
            return compose(&self.head, &self.body, self.manner, None);
        };
        let timestamp_s = now.as_second();
        let (signed_id, id) = match id {
            Id::Stored(id) => (&id[..], None),
            Id::New(id) => (id.as_bytes(), Some(id.clone())),
        };
        let signature = sign(secret, signed_id, timestamp_s, &self.body);
        let signature = signature.expect("only a secret that has a key is chosen");
        compose(&self.head, &self.body, self.manner, Some(Fresh { id, timestamp_s, signature, family: *family }))
    }
}

/// How long a delivery may take, and what calls it off before.
pub struct Bounds<F> {
    pub whole: Duration,
    pub cancelled: F,
}

#[derive(Clone)]
pub struct Courier {
    pub client: Client,
    pub keyring: SharedKeyring,
}

impl Courier {
    /// Byte for byte as received.
    ///
    /// # Errors
    /// When the event's body is not kept.
    pub fn as_received(&self, event: &Event) -> Result<Prepared, SendError> {
        whole(event)?;
        Ok(Prepared { head: event.head.clone(), body: event.body.clone(), manner: Manner::AsReceived, seal: None })
    }

    /// As the provider's retry: the same id, and at each sending a fresh time and signature. An event that `signing` does not allow
    /// to be signed goes byte for byte. One without an id gets a new one.
    ///
    /// # Errors
    /// When it is to be signed and no secret is known, or its body is not kept.
    pub fn resigned(&self, event: &Event, signing: Signing) -> Result<Prepared, SendError> {
        if !may_sign(event, signing) {
            return self.as_received(event);
        }
        whole(event)?;
        let family = family_of(event.verification.scheme, &event.body);
        let headers = event.head.headers();
        // A repeated header is sent again as it came, and receivers join its values.
        let name = family.header(Part::Id).expect("a family has a header for the id");
        let id = values(&headers, name).collect::<Vec<_>>().join(&b", "[..]);
        let id = if id.is_empty() { Id::New(new_id()) } else { Id::Stored(id) };
        let seal = Some(Seal { family, id, secret: self.secret_for(event)? });
        Ok(Prepared { head: event.head.clone(), body: event.body.clone(), manner: Manner::Resigned, seal })
    }

    /// A new event made of `event`: with `body`, a new id, and at each sending a fresh time and signature.
    ///
    /// # Errors
    /// When `signing` does not allow it, no secret is known, or the event's own body is not kept.
    pub fn edited(&self, event: &Event, body: Bytes, signing: Signing) -> Result<Prepared, SendError> {
        if !may_sign(event, signing) {
            return Err(SendError::Unverified);
        }
        whole(event)?;
        let family = family_of(event.verification.scheme, &event.body);
        let seal = Some(Seal { family, id: Id::New(new_id()), secret: self.secret_for(event)? });
        let manner = if body == event.body { Manner::New } else { Manner::Edited };
        Ok(Prepared { head: event.head.clone(), body, manner, seal })
    }

    /// Sends `outgoing` and gives what came of it. `received` is the body of the event it was made of.
    pub async fn carry(
        &self,
        event: Seq,
        received: &Bytes,
        outgoing: Outgoing,
        target: &Target,
        origin: Origin,
        bounds: Bounds<impl Future<Output = ()>>,
    ) -> Delivery {
        let started_at = Timestamp::now();
        let exchange = self.client.deliver_within(bounds.whole, target, &outgoing, bounds.cancelled).await;
        Delivery {
            event,
            origin,
            manner: outgoing.manner,
            target: target.to_string(),
            peer: exchange.peer.map(|peer| peer.to_string()),
            started_at,
            timing: exchange.timing,
            sent_headers: exchange.sent_headers,
            sent_body: (outgoing.body != *received).then_some(outgoing.body),
            outcome: exchange.outcome,
        }
    }

    fn secret_for(&self, event: &Event) -> Result<Secret, SendError> {
        event.signer(&self.keyring.get()).cloned().ok_or(SendError::NoSecret)
    }
}

/// An id such as the provider gives.
pub fn new_id() -> String {
    format!("msg_{}", std::iter::repeat_with(fastrand::alphanumeric).take(27).collect::<String>())
}

fn may_sign(event: &Event, signing: Signing) -> bool {
    signing == Signing::Any || event.verification.verdict == Verdict::Verified
}

fn whole(event: &Event) -> Result<(), SendError> {
    if event.verification.reason == Some(Reason::BodyTooLarge) { Err(SendError::NoBody) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Limits;
    use crate::core::index::tests::summary;
    use crate::core::request::Header;
    use crate::core::signature::{Keyring, Verification, verify_request};

    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

    fn keyring() -> Keyring {
        Keyring { verifying: vec![Secret::new("main", "whsec_QUJD")], known_only: Vec::new() }
    }

    fn courier(keyring: Keyring) -> Courier {
        Courier { client: Client::new(Limits::default()), keyring: SharedKeyring::new(keyring) }
    }

    fn event(headers: &str, verdict: Verdict, scheme: Scheme) -> Event {
        let secret = (verdict == Verdict::Verified).then(|| "main".into());
        Event {
            summary: summary(1, "user.login", verdict),
            verification: Verification { verdict, scheme, reason: None, secret },
            head: Head::parse(format!("POST / HTTP/1.1\r\n{headers}\r\n").as_bytes()).unwrap(),
            body: Bytes::from_static(BODY),
            override_text: None,
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

    fn judged(outgoing: &Outgoing, now: Timestamp) -> Verification {
        let headers: Vec<_> = outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        verify_request(&headers, &outgoing.body, now.as_millisecond(), &keyring())
    }

    fn value(outgoing: &Outgoing, name: &str) -> String {
        let (_, value) = outgoing.headers.iter().find(|(other, _)| other == name.as_bytes()).unwrap();
        String::from_utf8(value.clone()).unwrap()
    }

    #[test]
    fn each_sending_of_a_retry_has_its_own_time_and_signature_and_the_same_id() {
        let prepared = courier(keyring()).resigned(&verified(), Signing::Verified).unwrap();
        let [first, second] = [1_700_000_000, 1_700_009_000].map(|second| (at(second), prepared.at(at(second))));
        for (now, outgoing) in [&first, &second] {
            assert_eq!((judged(outgoing, *now).verdict, outgoing.manner), (Verdict::Verified, Manner::Resigned));
            assert_eq!((value(outgoing, "webhook-id").as_str(), &outgoing.body[..]), ("msg_1", BODY));
            assert_eq!(value(outgoing, "webhook-timestamp"), now.as_second().to_string());
        }
        assert_ne!(value(&first.1, "webhook-signature"), value(&second.1, "webhook-signature"));
    }

    #[test]
    fn the_secret_that_verifies_it_signs_whatever_it_is_called_now() {
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
        // Its secret is not known any more.
        assert_eq!(signed_with(&received("v1,x", "moved/second")), "moved/second");
        assert_eq!(signed_with(&received("v1,x", "gone")), "first");
        assert_eq!(signed_with(&received("v1,x", "unusable")), "first");
        assert!(verified().signer(&Keyring::default()).is_none());
    }

    #[test]
    fn an_edited_event_is_a_new_one_signed_after_the_change() {
        let body = Bytes::from_static(b"{\"id\":2}");
        for (event, family) in [
            (verified(), "webhook"),
            (event("interceptor-id: a\r\n", Verdict::Verified, Scheme::Interceptor), "interceptor"),
        ] {
            let prepared = courier(keyring()).edited(&event, body.clone(), Signing::Verified).unwrap();
            let outgoing = prepared.at(at(5));
            assert_eq!((judged(&outgoing, at(5)).verdict, outgoing.manner), (Verdict::Verified, Manner::Edited));
            assert_eq!(outgoing.body, body);
            let id = value(&outgoing, &format!("{family}-id"));
            assert!(id.starts_with("msg_") && id.len() == 31, "{id}");
            assert_eq!(value(&prepared.at(at(6)), &format!("{family}-id")), id);
        }
        let other = courier(keyring()).edited(&verified(), body.clone(), Signing::Verified).unwrap();
        let again = courier(keyring()).edited(&verified(), body, Signing::Verified).unwrap();
        assert_ne!(value(&other.at(at(5)), "webhook-id"), value(&again.at(at(5)), "webhook-id"));
    }

    #[test]
    fn what_was_never_verified_is_signed_by_an_explicit_act_alone() {
        let courier = courier(keyring());
        for verdict in [Verdict::Invalid, Verdict::Unsigned, Verdict::Unchecked] {
            let event = event("a: 1\r\n", verdict, Scheme::None);
            let unsigned = courier.resigned(&event, Signing::Verified).unwrap().at(at(5));
            assert_eq!((unsigned.manner, unsigned.headers.len()), (Manner::AsReceived, 2));
            let edited = courier.edited(&event, event.body.clone(), Signing::Verified);
            assert!(matches!(edited, Err(SendError::Unverified)));

            let signed = courier.resigned(&event, Signing::Any).unwrap().at(at(5));
            assert_eq!((signed.manner, judged(&signed, at(5)).verdict), (Manner::Resigned, Verdict::Verified));
            let edited = courier.edited(&event, event.body.clone(), Signing::Any).unwrap().at(at(5));
            assert_eq!((edited.manner, judged(&edited, at(5)).verdict), (Manner::New, Verdict::Verified));
        }
    }

    #[test]
    fn without_a_secret_that_signs_nothing_is_signed() {
        let unusable = Keyring { verifying: vec![Secret::new("main", "none")], known_only: Vec::new() };
        for keyring in [Keyring::default(), unusable] {
            let courier = courier(keyring);
            let refused = courier.resigned(&verified(), Signing::Verified);
            assert!(matches!(refused, Err(SendError::NoSecret)));
            assert!(matches!(courier.edited(&verified(), Bytes::new(), Signing::Verified), Err(SendError::NoSecret)));
            assert!(courier.as_received(&verified()).is_ok());
        }
    }

    #[test]
    fn an_event_whose_body_is_not_kept_is_not_sent() {
        let mut event = verified();
        event.verification.reason = Some(Reason::BodyTooLarge);
        let courier = courier(keyring());
        assert!(matches!(courier.as_received(&event), Err(SendError::NoBody)));
        assert!(matches!(courier.resigned(&event, Signing::Any), Err(SendError::NoBody)));
        assert!(matches!(courier.edited(&event, Bytes::new(), Signing::Any), Err(SendError::NoBody)));
    }
}
