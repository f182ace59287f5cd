//! What the listener does with a request: it verifies it with the current secrets, decides where it goes, stores it and chooses the
//! response.

use crate::app::forward::relay::Relays;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::core::annotation::Annotation;
use crate::core::event::{Arrival, NewEvent, Seq, envelope_of};
use crate::core::overrides::What;
use crate::core::reply::{AppendError, Reply, reply_for};
use crate::core::response::ResponseState;
use crate::core::signature::{self, Verification};
use crate::listener::{Intake, Responding};
use crate::store::Writer;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

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
    signature::verify_request(&arrival.head.headers(), &arrival.body, now_ms, &keyring.get())
}
