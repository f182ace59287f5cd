//! One delivery from end to end: the event's bytes, signed anew where that is asked for, sent, and kept with its answer.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::prepare::{Bounds, Courier, Prepared, Signing};
use crate::app::outbound::runtime::{Deliveries, InFlight};
use crate::client::Client;
use crate::core::delivery::{Delivery, Manner, Origin, Outgoing, Sending, Target};
use crate::core::event::Event;
use crate::store::{AppendError, Writer};
use bytes::Bytes;
use jiff::Timestamp;
use std::time::Duration;

#[derive(Clone)]
pub struct Sender {
    pub client: Client,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// Where deliveries run: nothing is sent from the listener's thread or the screen's.
    pub deliveries: Deliveries,
}

/// Why an event was not sent at all, or its delivery not kept.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("no signing secret is known to sign it with; `K` adds one, `R` sends it byte for byte")]
    NoSecret,
    #[error("it was never verified, and only a verified event is signed without being told to")]
    Unverified,
    #[error("its body was over the limit and is not kept")]
    NoBody,
    #[error("it has already been through a hookglass: sending it on could go round for ever")]
    Loop,
    #[error("`{0}` leads back to hookglass itself")]
    LoopFound(String),
    #[error("the delivery is not in the history: {0}")]
    NotStored(#[from] AppendError),
}

/// A delivery that ended.
#[derive(Clone, Debug)]
pub struct Sent {
    pub delivery: Delivery,
    /// Why it is not in the history, though it should be.
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
}

impl Sender {
    /// Sends `outgoing`, which was made of `event`, and keeps what came of it. A target that does not answer is no error: that is an outcome.
    ///
    /// What is on its way when the program ends is kept as called off. What would begin after that never does.
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
        let Sent { delivery, not_stored } = self.deliver_once(event, outgoing, target, origin).await;
        not_stored.map_or(Ok(delivery), Err)
    }

    /// As [`Sender::deliver`]; what came of it is told whether it is kept or not.
    pub async fn deliver_once(&self, event: &Event, outgoing: Outgoing, target: &Target, origin: Origin) -> Sent {
        let in_flight = self.deliveries.begin().await;
        let delivery = self.exchange(event, outgoing, target, origin, self.client.limits().whole, &in_flight).await;
        let not_stored = self.writer.record_delivery(delivery.clone()).await.err();
        Sent { delivery, not_stored }
    }

    /// The part of [`Sender::deliver`] that ends with the answer, for no longer than `whole`; keeping it is the caller's.
    pub async fn exchange(
        &self,
        event: &Event,
        outgoing: Outgoing,
        target: &Target,
        origin: Origin,
        whole: Duration,
        in_flight: &InFlight,
    ) -> Delivery {
        let bounds = Bounds { whole, cancelled: in_flight.cancelled() };
        self.courier().carry(event.summary.seq, &event.body, outgoing, target, origin, bounds).await
    }

    /// The request as it will be sent. As the provider's retry does, [`Manner::Resigned`] keeps the id and has a fresh time and signature; an
    /// event that was not verified goes byte for byte, for nobody but its sender could sign it.
    ///
    /// # Errors
    /// When it is to be signed and no secret is known, or the event's body is not kept.
    pub fn outgoing(&self, event: &Event, manner: Manner, now: Timestamp) -> Result<Outgoing, SendError> {
        let courier = self.courier();
        let prepared = match manner {
            Manner::Resigned => courier.resigned(event, Signing::Verified)?,
            _ => courier.as_received(event)?,
        };
        Ok(prepared.at(now))
    }

    /// See [`Courier::resigned`].
    ///
    /// # Errors
    /// As there.
    pub fn resigned(&self, event: &Event, signing: Signing) -> Result<Prepared, SendError> {
        self.courier().resigned(event, signing)
    }

    /// See [`Courier::edited`].
    ///
    /// # Errors
    /// As there.
    pub fn edited(&self, event: &Event, body: Bytes, signing: Signing) -> Result<Prepared, SendError> {
        self.courier().edited(event, body, signing)
    }

    pub fn courier(&self) -> Courier {
        Courier { client: self.client.clone(), keyring: self.keyring.clone() }
    }
}
