//! What the listener does with a request: it verifies it with the current secrets, decides where it goes, stores it and chooses the
//! response.

use crate::app::forward::relay::Relays;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::core::annotation::Annotation;
use crate::core::event::{Arrival, NewEvent, Seq, envelope_of};
use crate::core::overrides::What;
use crate::core::reply::{AppendError, Reply, reply_for};
use crate::core::request;
use crate::core::response::ResponseState;
use crate::core::signature::{self, Reason, Verdict, Verification};
use crate::listener::{Intake, Responding};
use crate::store::Writer;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// The headers with the id of an event or of an interceptor call.
const ID_HEADERS: [&str; 2] = ["webhook-id", "interceptor-id"];

pub struct Inbound {
    pub keyring: SharedKeyring,
    pub overrides: SharedOverrides,
    pub relays: Relays,
    pub writer: Writer,
}

impl Intake for Inbound {
    /// The response is the user's override, else the app's response, else the default for the verdict.
    fn decide(&self, arrival: Arrival) -> (NewEvent, Responding) {
        let verification = verification_of(&arrival, &self.keyring);
        let envelope = envelope_of(verification.scheme, &arrival.body);
        let is_json = envelope.is_some();
        let envelope = envelope.unwrap_or_default();
        let (mut forwards, relayed) = self.relays.route(&arrival, &verification, &envelope);
        let with_status = |fixed| Responding::With(reply_for(&verification, &envelope, is_json, fixed));
        let by_default = || relayed.unwrap_or_else(|| with_status(None));
        let directive = self.overrides.take(&verification, &envelope);
        let responding = match &directive {
            None => by_default(),
            Some(directive) => {
                let responding = match &directive.what {
                    What::Default => by_default(),
                    What::Status(status) => with_status(Some(*status)),
                    What::Drop => Responding::Dropped,
                    What::Decision(decision) => Responding::With(decision.reply()),
                };
                let delays = directive.delays;
                if delays.is_immediate() {
                    responding
                } else {
                    Responding::Delayed { responding: Box::new(responding), delays }
                }
            }
        };
        let size = arrival.body.len() as u64;
        let response = responding.response();
        if let Some(first) = forwards.first_mut() {
            first.is_awaited = response == ResponseState::Pending;
        }
        let annotation = Annotation::NOTHING;
        (NewEvent { arrival, envelope, verification, size, response, forwards, directive, annotation }, responding)
    }

    fn store(&self, event: NewEvent) -> BoxFuture<'_, Result<Seq, AppendError>> {
        Box::pin(self.writer.append(event))
    }

    fn relay(&self, seq: Seq, until: Instant) -> BoxFuture<'_, Reply> {
        Box::pin(self.relays.relay(seq, until))
    }

    /// Stores that the sender left.
    fn sender_left(&self, seq: Seq) {
        let (overrides, writer) = (self.overrides.clone(), self.writer.clone());
        tokio::spawn(async move {
            // If this cannot be stored, the history still shows the response that the sender was to get.
            let _ = writer.record_response(seq, ResponseState::SenderLeft).await;
            overrides.left(seq);
        });
    }

    fn is_forwarding(&self) -> bool {
        self.relays.is_forwarding()
    }

    fn run(&self) -> &str {
        self.relays.run()
    }
}

/// Verifies a request as of its arrival, with the current secrets.
pub fn verification_of(arrival: &Arrival, keyring: &SharedKeyring) -> Verification {
    let now_ms = arrival.received_at.as_millisecond();
    let headers = arrival.head.headers();
    let verification = signature::verify_request(&headers, &arrival.body, now_ms, &keyring.get());
    // A sample that was signed with another secret, such as a throwaway one, is no forgery.
    let is_mismatch = matches!(verification.reason, Some(Reason::SignatureMismatch | Reason::WrongSecret));
    if is_mismatch && ID_HEADERS.iter().any(|name| request::values(&headers, name).any(|id| keyring.is_sample(id))) {
        return Verification { verdict: Verdict::Unchecked, reason: None, secret: None, ..verification };
    }
    verification
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::request::Head;
    use crate::core::sample_mark::SampleKey;
    use crate::core::signature::{Keyring, Secret, sign};

    #[test]
    fn a_sample_that_another_secret_signed_is_not_invalid() {
        let secrets = [Secret::new("now", "whsec_QUJD"), Secret::new("throwaway", "whsec_REVG")];
        let key = SampleKey::new([1; 32]);
        let keyring = Keyring { verifying: vec![secrets[0].clone()], known_only: Vec::new() };
        let keyring = SharedKeyring::new(keyring).with_samples(key.clone());
        let verdict = |id: &str, secret: &Secret, age_s: i64| {
            let signature = sign(secret, id.as_bytes(), 1_700_000_000 - age_s, b"{}").unwrap();
            let head = format!(
                "POST / HTTP/1.1\r\nwebhook-id: {id}\r\nwebhook-timestamp: {}\r\nwebhook-signature: {signature}\r\n\r\n",
                1_700_000_000 - age_s
            );
            let received_at = "2023-11-14T22:13:20Z".parse().unwrap();
            let arrival =
                Arrival { received_at, head: Head::parse(head.as_bytes()).unwrap(), body: (&b"{}"[..]).into() };
            verification_of(&arrival, &keyring).verdict
        };
        let sample = key.id(1);
        assert_eq!(verdict(&sample, &secrets[0], 0), Verdict::Verified);
        assert_eq!(verdict(&sample, &secrets[1], 0), Verdict::Unchecked);
        assert_eq!(verdict(&sample, &secrets[0], 3600), Verdict::Invalid, "it is still too old");
        let forged = SampleKey::new([2; 32]).id(1);
        assert_eq!(verdict(&forged, &secrets[1], 0), Verdict::Invalid, "nobody else can make the id of a sample");
    }
}
