//! Sends events and samples, and counts what is still to be forwarded.

use super::Executor;
use crate::core::catalog::EventType;
use crate::core::delivery::{Delivery, Form, Origin, SigningPolicy, Target};
use crate::core::event::Seq;
use crate::tui::effect::Order;
use crate::tui::message::Message;
use jiff::Timestamp;

impl Executor {
    pub(super) fn send(&self, order: Order, target: Target) {
        match order {
            Order::Many { seqs, form, pace } => self.send_many(seqs, form, pace, target),
            Order::Retries { seq, plan } => self.retry(seq, plan, target),
            Order::Rehearsals { seq, rehearsals } => self.rehearse(seq, rehearsals, target),
            Order::Event { seq, form, policy } => {
                let this = self.clone();
                self.sender.deliveries.spawn(async move {
                    let message = match this.send_one(seq, &form, policy, &target).await {
                        Ok(delivery) => Message::DeliveryFinished(Box::new(delivery)),
                        Err(why) => Message::DeliveryFailed { seq, why },
                    };
                    let _ = this.messages.send(message).await;
                });
            }
        }
    }

    async fn send_one(
        &self,
        seq: Seq,
        form: &Form,
        policy: SigningPolicy,
        target: &Target,
    ) -> Result<Delivery, String> {
        let event = self.read_event(seq).await?;
        let prepared = self.sender.prepare(&event, form, policy).map_err(|error| error.to_string())?;
        let sent = self.sender.send(&prepared, Timestamp::now(), target, Origin::Asked).await;
        sent.stored().map_err(|error| error.to_string())
    }

    pub(super) fn send_sample(&self, event_type: &'static EventType, target: Option<Target>) {
        let this = self.clone();
        tokio::spawn(async move {
            let message = match this.samples.send(event_type, target.as_ref()).await {
                Ok(status) => Message::SampleSent { event_type: &event_type.name, target, status },
                Err(why) => Message::SampleFailed(why),
            };
            let _ = this.messages.send(message).await;
        });
    }

    pub(super) fn count_forwards(&self) {
        let (count, messages) = (self.backlog.count(), self.messages.clone());
        tokio::spawn(async move {
            // The screen may be gone.
            let _ = messages.send(Message::ForwardsCounted(count)).await;
        });
    }
}
