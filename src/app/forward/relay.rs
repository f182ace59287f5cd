//! Senders that wait for the app's response (`--forward-mode through`). The listener stores the event and asks for the response. A
//! lane of the forwarder delivers the event and gives it.

use crate::app::forward::loop_guard::Loop;
use crate::app::forward::reports::{Report, Reports};
use crate::app::outbound::runtime::Deliveries;
use crate::core::delivery::{Forward, ForwardMode, Forwarding, is_own, line};
use crate::core::envelope::Envelope;
use crate::core::event::{Arrival, Seq};
use crate::core::reply::Reply;
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use crate::core::times::in_words;
use crate::listener::Responding;
use crate::store::{AppendError, Writer};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// Extra time for a delivery that ends at the limit to be reported.
const GRACE: Duration = Duration::from_millis(250);
/// A queueing time below this part of the limit is not mentioned.
const NOTABLE_PART: u32 = 10;

/// The senders that wait. Each response is decided once, by the lane or by the listener, and stored before it is sent.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<Seq, Slot>>);

enum Slot {
    /// The sender waits; nothing is decided.
    Asked(oneshot::Sender<Reply>),
    /// The lane is storing its decision. `None` until the listener asks.
    Deciding(Option<oneshot::Sender<Reply>>),
    /// The response is ready before the listener asks. It never asks if the sender has disconnected.
    Given { reply: Reply, at: Instant },
    /// The listener has decided; the lane does not know yet.
    Settled,
}

impl Waiting {
    /// For the listener: waits for the response.
    fn ask(&self, seq: Seq) -> oneshot::Receiver<Reply> {
        let (sender, receiver) = oneshot::channel();
        let mut slots = self.slots();
        match slots.remove(&seq) {
            Some(Slot::Given { reply, .. }) => {
                // The receiver is still in scope.
                let _ = sender.send(reply);
            }
            Some(Slot::Deciding(_)) => drop(slots.insert(seq, Slot::Deciding(Some(sender)))),
            _ => drop(slots.insert(seq, Slot::Asked(sender))),
        }
        receiver
    }

    /// For the listener: decides instead of the lane. Returns `false` if the lane is already deciding.
    fn settle(&self, seq: Seq) -> bool {
        let mut slots = self.slots();
        let is_open = matches!(slots.get(&seq), Some(Slot::Asked(_)));
        if is_open {
            slots.insert(seq, Slot::Settled);
        }
        is_open
    }

    /// For the lane: claims the decision. Returns `None` if the listener has decided. The lane claims each awaited
    /// event once.
    pub(crate) fn claim(self: &Arc<Self>, seq: Seq) -> Option<Claim> {
        let mut slots = self.slots();
        let sender = match slots.remove(&seq) {
            Some(Slot::Settled) => return None,
            Some(Slot::Asked(sender)) => Some(sender),
            // The lane may be faster than the listener.
            _ => None,
        };
        slots.insert(seq, Slot::Deciding(sender));
        Some(Claim { waiting: Arc::clone(self), seq })
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Seq, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lane's right to decide a response. Dropped without one, it leaves the decision to the listener.
pub(crate) struct Claim {
    waiting: Arc<Waiting>,
    seq: Seq,
}

impl Claim {
    /// Sends the response to the listener, or holds it for `limit` until the listener asks.
    pub fn give(self, reply: Reply, limit: Duration) {
        let now = Instant::now();
        let mut slots = self.waiting.slots();
        if let Some(Slot::Deciding(Some(sender))) = slots.remove(&self.seq) {
            // The sender may disconnect at any time.
            let _ = sender.send(reply);
            return;
        }
        slots.retain(|_, slot| !matches!(slot, Slot::Given { at, .. } if now.duration_since(*at) > limit));
        slots.insert(self.seq, Slot::Given { reply, at: now });
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut slots = self.waiting.slots();
        if let Entry::Occupied(slot) = slots.entry(self.seq)
            && matches!(slot.get(), Slot::Deciding(_))
        {
            slot.remove();
        }
    }
}

/// Decides for the listener where an event goes and whose response its sender gets.
pub struct Relays {
    pub(super) forwarding: Arc<Forwarding>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) deliveries: Deliveries,
    pub(super) reports: Reports,
    pub(super) writer: Writer,
    /// See [`LoopGuard::run`](super::loop_guard::LoopGuard::run).
    pub(super) run: Arc<str>,
    /// From the arrival to the response.
    pub(super) limit: Duration,
}

impl Relays {
    /// Where an event goes, and what its sender gets if that is the app's response; `None` for the default response.
    pub fn route(
        &self,
        arrival: &Arrival,
        verification: &Verification,
        envelope: &Envelope,
    ) -> (Vec<Forward>, Option<Responding>) {
        let forwards = self.forwarding.decide(verification.verdict, envelope.event_type.as_deref());
        if self.forwarding.mode == ForwardMode::After || forwards.is_empty() {
            return (forwards, None);
        }
        if is_own(&arrival.head) {
            let reply = line(508, &Loop::Marked.to_string());
            return (forwards, Some(Responding::With(reply)));
        }
        (forwards, Some(Responding::Relayed { until: Instant::now() + self.limit + GRACE }))
    }

    pub(crate) fn is_forwarding(&self) -> bool {
        !self.forwarding.routes.is_empty()
    }

    /// The value of [`RUN_HEADER`](crate::core::delivery::RUN_HEADER) in the listener's own responses.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Waits for the response, which is stored by then. Runs on the listener's thread.
    pub async fn relay(&self, seq: Seq, until: Instant) -> Reply {
        let in_flight = self.deliveries.in_flight();
        let mut asked = self.waiting.ask(seq);
        let own = tokio::select! {
            biased;
            Ok(reply) = &mut asked => return reply,
            () = in_flight.cancelled() => line(503, "hookglass exited before the app responded"),
            () = sleep_until(until) => line(504, "the app did not respond in time"),
        };
        if self.waiting.settle(seq) {
            let response = ResponseState::Sent(own.status);
            // The response is no 2xx, so it may be sent even if it is not stored.
            self.reports.tell(match self.writer.record_response(seq, response).await {
                Ok(()) => Report::Responded { seq, response },
                Err(error) => Report::NotStored { seq, why: not_recorded(response, &error) },
            });
            return own;
        }
        // The lane was faster. It gives up its claim only when the program ends.
        asked.await.unwrap_or(own)
    }
}

/// The message for a response that could not be stored.
pub(crate) fn not_recorded(response: ResponseState, error: &AppendError) -> String {
    format!("the response to its sender ({response}) is not in the history: {error}")
}

/// The remark for an event that timed out after it was queued behind others for `waited`. Empty if that is less than a tenth of
/// `limit`.
pub fn held_up(waited: Duration, limit: Duration) -> String {
    if waited < limit / NOTABLE_PART {
        return String::new();
    }
    let waited = in_words(waited);
    format!(" (queued for {waited} behind earlier events; raise `--forward-parallel`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[test]
    fn a_long_time_in_the_queue_is_mentioned() {
        assert_eq!(held_up(Duration::from_millis(999), LIMIT), "");
        assert_eq!(
            held_up(Duration::from_millis(9_978), LIMIT),
            " (queued for 9.9 s behind earlier events; raise `--forward-parallel`)"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_reaches_its_sender_whoever_comes_first() {
        let waiting = Arc::new(Waiting::default());
        let asked = waiting.ask(1);
        let claim = waiting.claim(1).unwrap();
        claim.give(Reply::bare(201), LIMIT);
        assert_eq!(asked.await.unwrap().status, 201);

        // The lane may be faster than the listener, by more or less.
        waiting.claim(2).unwrap().give(Reply::bare(202), LIMIT);
        assert_eq!(waiting.ask(2).await.unwrap().status, 202);
        let claim = waiting.claim(3).unwrap();
        let asked = waiting.ask(3);
        claim.give(Reply::bare(203), LIMIT);
        assert_eq!(asked.await.unwrap().status, 203);
        assert!(waiting.slots().is_empty());
    }

    #[tokio::test]
    async fn a_response_is_decided_once() {
        let waiting = Arc::new(Waiting::default());
        let asked = waiting.ask(1);
        let claim = waiting.claim(1).unwrap();
        assert!(!waiting.settle(1), "the lane decides");
        drop(claim);
        assert!(asked.await.is_err(), "the lane is gone");

        let _asked = waiting.ask(2);
        assert!(waiting.settle(2));
        assert!(waiting.claim(2).is_none(), "the listener has decided");
        assert!(waiting.slots().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn responses_that_nobody_asks_for_do_not_pile_up() {
        let waiting = Arc::new(Waiting::default());
        for seq in 1..=3 {
            waiting.claim(seq).unwrap().give(Reply::bare(201), LIMIT);
        }
        drop(waiting.ask(4));
        waiting.claim(4).unwrap().give(Reply::bare(201), LIMIT);
        assert_eq!(waiting.slots().len(), 3);
        tokio::time::advance(LIMIT * 2).await;
        waiting.claim(5).unwrap().give(Reply::bare(201), LIMIT);
        assert_eq!(waiting.slots().len(), 1);
    }
}
