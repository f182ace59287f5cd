//! One delivery from end to end: the event's bytes, signed anew where that is asked for, sent, and kept with its answer.

use super::keyring::SharedKeyring;
use crate::core::delivery::{Delivery, Fresh, Manner, Origin, Outgoing, Target, compose, is_own};
use crate::core::event::Event;
use crate::core::request::values;
use crate::core::signature::{Scheme, Verdict, sign};
use crate::delivery::Client;
use crate::store::{AppendError, Writer};
use jiff::Timestamp;

#[derive(Clone)]
pub struct Sender {
    pub client: Client,
    pub keyring: SharedKeyring,
    pub writer: Writer,
}

/// Why an event was not sent at all, or its delivery not kept.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("no signing secret is known to sign it with; `K` adds one, `R` sends it byte for byte")]
    NoSecret,
    #[error("it has already been through a hookglass: sending it on could go round for ever")]
    Loop,
    #[error("the delivery is not in the history: {0}")]
    NotKept(#[from] AppendError),
}

impl Sender {
    /// Sends `event` and keeps what came of it. As the provider's retry does, [`Manner::Resigned`] keeps the id and has a fresh time
    /// and signature; an event that was not verified goes byte for byte, for nobody but its sender could sign it.
    ///
    /// # Errors
    /// When it is not sent, or sent and not kept. A target that does not answer is no error: that is an outcome.
    pub async fn send(
        &self,
        event: &Event,
        target: &Target,
        manner: Manner,
        origin: Origin,
    ) -> Result<Delivery, SendError> {
        if origin == Origin::Forwarded && is_own(&event.head) {
            return Err(SendError::Loop);
        }
        let outgoing = self.outgoing(event, manner, Timestamp::now())?;
        Ok(self.deliver(event, outgoing, target, origin).await?)
    }

    /// Sends `outgoing`, which was made of `event`, and keeps what came of it.
    ///
    /// # Errors
    /// When it was sent and is not kept.
    pub async fn deliver(
        &self,
        event: &Event,
        outgoing: Outgoing,
        target: &Target,
        origin: Origin,
    ) -> Result<Delivery, AppendError> {
        let started_at = Timestamp::now();
        let exchange = self.client.deliver(target, &outgoing).await;
        let delivery = Delivery {
            event: event.summary.seq,
            origin,
            manner: outgoing.manner,
            target: target.to_string(),
            peer: exchange.peer.map(|peer| peer.to_string()),
            started_at,
            timing: exchange.timing,
            sent_headers: exchange.sent_headers,
            sent_body: (outgoing.body != event.body).then_some(outgoing.body),
            outcome: exchange.outcome,
        };
        self.writer.record_delivery(delivery.clone()).await?;
        Ok(delivery)
    }

    /// The request as it will be sent.
    ///
    /// # Errors
    /// When it is to be signed and no secret is known.
    pub fn outgoing(&self, event: &Event, manner: Manner, now: Timestamp) -> Result<Outgoing, SendError> {
        let is_signed_again = manner == Manner::Resigned && event.judgement.verdict == Verdict::Verified;
        if !is_signed_again {
            return Ok(compose(&event.head, &event.body, Manner::AsReceived, None));
        }
        let family = event.judgement.scheme;
        let timestamp_s = now.as_second();
        let signature = self.signature(event, family, timestamp_s).ok_or(SendError::NoSecret)?;
        let fresh = Fresh { timestamp_s, signature, family };
        Ok(compose(&event.head, &event.body, Manner::Resigned, Some(fresh)))
    }

    /// Signed with the secret that verified the event, or, when that is no longer known, with the first that is.
    fn signature(&self, event: &Event, family: Scheme, timestamp_s: i64) -> Option<String> {
        let keyring = self.keyring.get();
        let verified_by = event.judgement.secret.as_deref();
        let secret = keyring
            .verifying
            .iter()
            .find(|secret| Some(secret.label()) == verified_by)
            .or_else(|| keyring.verifying.first())?;
        let headers = event.head.headers();
        // A repeated header is sent again as it came, and receivers join its values.
        let id = values(&headers, &format!("{family}-id")).collect::<Vec<_>>().join(&b", "[..]);
        sign(secret, &id, timestamp_s, &event.body)
    }
}
