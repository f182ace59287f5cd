//! One delivery from end to end: sends a prepared request, and stores it with its response if there is a history.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::prepare::{PrepareError, Prepared, prepare};
use crate::app::outbound::runtime::{Deliveries, InFlight};
use crate::client::Client;
use crate::core::delivery::{Delivery, Form, Origin, Sending, SigningPolicy, Target};
use crate::core::event::Event;
use crate::log::DELIVERY;
use crate::store::{AppendError, Writer};
use jiff::Timestamp;
use std::time::Duration;

/// The most deliveries that are being stored while the next ones are in flight.
pub(crate) const BEING_STORED: usize = 128;

#[derive(Clone)]
pub struct Sender {
    pub client: Client,
    pub keyring: SharedKeyring,
    /// The history, if deliveries of stored events are stored.
    pub writer: Option<Writer>,
    /// Where deliveries run: nothing is sent from the listener's thread or the screen's.
    pub deliveries: Deliveries,
}

/// A delivery that ended but could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("the delivery is not in the history: {0}")]
pub struct NotStored(pub AppendError);

/// A delivery that ended.
#[derive(Clone, Debug)]
pub struct Sent {
    pub delivery: Delivery,
    /// Why it could not be stored, if it should have been.
    pub not_stored: Option<AppendError>,
}

impl Sent {
    pub fn in_short(&self) -> Sending {
        match Sending::of(&self.delivery) {
            Sending::Ended { ending, total_us, .. } => {
                Sending::Ended { ending, total_us, not_stored: self.not_stored.as_ref().map(ToString::to_string) }
            }
            not_sent @ Sending::NotSent(_) => not_sent,
        }
    }

    /// The delivery, for callers that need it to be stored.
    ///
    /// # Errors
    /// When it should be in the history but could not be stored.
    pub fn stored(self) -> Result<Delivery, NotStored> {
        self.not_stored.map_or(Ok(self.delivery), |error| Err(NotStored(error)))
    }
}

impl Sender {
    /// See [`prepare`].
    ///
    /// # Errors
    /// As there.
    pub fn prepare(&self, event: &Event, form: &Form, policy: SigningPolicy) -> Result<Prepared, PrepareError> {
        prepare(event, form, self.policy_for(event, policy), &self.keyring.get())
    }

    /// A sample may always be signed: it is our own event.
    pub(crate) fn policy_for(&self, event: &Event, policy: SigningPolicy) -> SigningPolicy {
        let is_sample = event.summary.webhook_id.as_ref().is_some_and(|id| self.keyring.is_sample(id.as_bytes()));
        if is_sample { SigningPolicy::Any } else { policy }
    }

    /// Sends `prepared`, signed at `signed_at`, and stores the delivery if its event is in the history. A target that does not respond is
    /// an outcome, not an error.
    ///
    /// A delivery in flight when the program exits is stored as cancelled. No delivery begins after that.
    pub async fn send(&self, prepared: &Prepared, signed_at: Timestamp, target: &Target, origin: Origin) -> Sent {
        self.send_in((), prepared, signed_at, target, origin).await
    }

    /// As [`Sender::send`]. Drops `slot` as soon as the request has ended, before the delivery is stored.
    pub(crate) async fn send_in<S>(
        &self,
        slot: S,
        prepared: &Prepared,
        signed_at: Timestamp,
        target: &Target,
        origin: Origin,
    ) -> Sent {
        let in_flight = self.deliveries.begin().await;
        let limit = self.client.limits().whole;
        let delivery = self.exchange(prepared, signed_at, target, origin, limit, &in_flight).await;
        drop(slot);
        let not_stored = match (&self.writer, prepared.event()) {
            (Some(writer), Some(_)) => writer.record_delivery(delivery.clone()).await.err(),
            _ => None,
        };
        Sent { delivery, not_stored }
    }

    /// As [`Sender::send`], within `limit`, but the caller stores the delivery.
    pub(crate) async fn exchange(
        &self,
        prepared: &Prepared,
        signed_at: Timestamp,
        target: &Target,
        origin: Origin,
        limit: Duration,
        in_flight: &InFlight,
    ) -> Delivery {
        let outgoing = prepared.at(signed_at);
        let started_at = Timestamp::now();
        let exchange = self.client.deliver_within(limit, target, &outgoing, in_flight.cancelled()).await;
        let delivery = Delivery {
            event: prepared.event().unwrap_or_default(),
            origin,
            manner: outgoing.manner,
            target: target.to_string(),
            peer: exchange.peer.map(|peer| peer.to_string()),
            started_at,
            timing: exchange.timing,
            sent_headers: exchange.sent_headers,
            sent_body: (outgoing.body != *prepared.received()).then_some(outgoing.body),
            outcome: exchange.outcome,
        };
        tracing::info!(
            target: DELIVERY,
            // A sample has no number.
            event = prepared.event(),
            origin = origin.as_str(),
            form = delivery.manner.as_str(),
            to = target.address(),
            status = delivery.status(),
            failure = delivery.failure().map(|failure| failure.kind.as_str()),
            total_us = delivery.timing.total_us,
            "ended"
        );
        delivery
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::errors::with_causes;

    #[test]
    fn the_cause_is_named_once() {
        let said = with_causes(&NotStored(AppendError::DiskFull));
        assert_eq!(said, format!("the delivery is not in the history: {}", AppendError::DiskFull));
    }
}
