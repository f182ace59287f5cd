//! Senders that wait for the app's answer (`--forward-mode through`): the listener keeps the event and asks, a lane of the forwarder
//! delivers it in its turn and gives the answer.

use crate::app::forward::forwarder::{Report, Reports};
use crate::app::outbound::runtime::Deliveries;
use crate::core::delivery::{Forward, ForwardMode, Forwarding, is_own, line};
use crate::core::envelope::Envelope;
use crate::core::event::{Arrival, Seq};
use crate::core::reply::Reply;
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use crate::core::times::duration;
use crate::listener::Responding;
use crate::store::{AppendError, Writer};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// What a delivery that ends with the limit may take to say so.
const GRACE: Duration = Duration::from_millis(250);
/// This part of the time for an answer may go by before an event's turn comes without a word.
const NOTABLE_PART: u32 = 10;

/// The senders that wait. Each response is decided once, by the lane or by the listener, and stored before it is given.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<Seq, Slot>>);

enum Slot {
    /// The sender waits, and nothing is decided.
    Asked(oneshot::Sender<Reply>),
    /// The lane stores its decision. `None` while nobody has asked.
    Deciding(Option<oneshot::Sender<Reply>>),
    /// The response came before it was asked for. Nobody asks when the sender has gone.
    Given { reply: Reply, at: Instant },
    /// The listener has decided; the lane has yet to hear of it.
    Settled,
}

impl Waiting {
    /// Gets the response, for the listener.
    fn ask(&self, seq: Seq) -> oneshot::Receiver<Reply> {
        let (sender, receiver) = oneshot::channel();
        let mut slots = self.slots();
        match slots.remove(&seq) {
            Some(Slot::Given { reply, .. }) => {
                // The receiver is right here.
                let _ = sender.send(reply);
            }
            Some(Slot::Deciding(_)) => drop(slots.insert(seq, Slot::Deciding(Some(sender)))),
            _ => drop(slots.insert(seq, Slot::Asked(sender))),
        }
        receiver
    }

    /// Takes the decision away from the lane; `false` when the lane has it already.
    fn settle(&self, seq: Seq) -> bool {
        let mut slots = self.slots();
        let is_open = matches!(slots.get(&seq), Some(Slot::Asked(_)));
        if is_open {
            slots.insert(seq, Slot::Settled);
        }
        is_open
    }

    /// Lets the lane decide; `None` when the listener did. The lane claims each awaited event once.
    pub fn claim(self: &Arc<Self>, seq: Seq) -> Option<Claim> {
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
pub struct Claim {
    waiting: Arc<Waiting>,
    seq: Seq,
}

impl Claim {
    /// Gives the response to whoever asks within `limit`.
    pub fn give(self, reply: Reply, limit: Duration) {
        let now = Instant::now();
        let mut slots = self.waiting.slots();
        if let Some(Slot::Deciding(Some(sender))) = slots.remove(&self.seq) {
            // A sender may leave at any time.
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
    pub(super) run: Option<Arc<str>>,
    /// From the arrival until the answer.
    pub(super) limit: Duration,
}

impl Relays {
    /// Where an event goes, and its sender's response if a target takes it; `None` where the usual rules decide.
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
            let reply = line(508, "it has already been through a hookglass and would go round for ever");
            return (forwards, Some(Responding::With(reply)));
        }
        (forwards, Some(Responding::Relayed { until: Instant::now() + self.limit + GRACE }))
    }

    /// What the listener's own responses say of this run.
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref()
    }

    /// Waits for the response, which is stored when this gives it; runs on the listener's thread.
    pub async fn relay(&self, seq: Seq, until: Instant) -> Reply {
        let in_flight = self.deliveries.in_flight();
        let mut asked = self.waiting.ask(seq);
        let own = tokio::select! {
            biased;
            Ok(reply) = &mut asked => return reply,
            () = in_flight.cancelled() => line(503, "hookglass ended before the app had answered"),
            () = sleep_until(until) => line(504, "the app has not answered in time"),
        };
        if self.waiting.settle(seq) {
            let response = ResponseState::Sent(own.status);
            // No 2xx: it may be said without being stored.
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

/// In words: what the sender got is not in the history.
pub fn not_recorded(response: ResponseState, error: &AppendError) -> String {
    format!("its response ({response}) is not in the history: {error}")
}

/// What is said where there is no answer in time to an event that stood behind others for `waited` of the `limit`; nothing where
/// that is too little to matter.
pub fn held_up(waited: Duration, limit: Duration) -> String {
    if waited < limit / NOTABLE_PART {
        return String::new();
    }
    let waited = duration(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX));
    format!(", for the event had waited {waited} behind earlier ones; `--forward-parallel N` lets more go at once")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[test]
    fn a_wait_that_took_much_of_the_time_is_said() {
        assert_eq!(held_up(Duration::from_millis(999), LIMIT), "");
        assert_eq!(
            held_up(Duration::from_millis(9_978), LIMIT),
            ", for the event had waited 9.9 s behind earlier ones; `--forward-parallel N` lets more go at once"
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
