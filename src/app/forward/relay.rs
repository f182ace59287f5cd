//! Senders that wait for the app's answer (`--forward-mode through`): the listener keeps the event and asks, a lane of the forwarder
//! delivers it in its turn and gives the answer.

use crate::app::forward::forwarder::{Report, Reports};
use crate::app::outbound::runtime::Deliveries;
use crate::core::delivery::{ForwardMode, Forwarding, is_own, line};
use crate::core::event::{Arrival, Envelope, Seq};
use crate::core::overrides::Reply;
use crate::core::signature::Verification;
use crate::core::times::duration;
use crate::listener::Responding;
use crate::store::Writer;
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

/// The events whose senders wait, from when they are kept until their lane has dealt with them.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<Seq, Slot>>);

enum Slot {
    /// The event is kept.
    Open,
    /// Its sender waits.
    Asked(oneshot::Sender<Reply>),
    /// The answer came before it was asked for. Nobody asks when the sender has gone.
    Given { reply: Reply, at: Instant },
}

impl Waiting {
    /// The sender of an event that was just kept is going to ask.
    pub fn expect(&self, seq: Seq) {
        self.slots().entry(seq).or_insert(Slot::Open);
    }

    /// Whether that was said of `seq` and its answer is not given yet.
    pub fn is_expected(&self, seq: Seq) -> bool {
        self.slots().contains_key(&seq)
    }

    /// Gets the answer.
    fn ask(&self, seq: Seq) -> oneshot::Receiver<Reply> {
        let (sender, receiver) = oneshot::channel();
        match self.slots().entry(seq) {
            Entry::Occupied(slot) if matches!(slot.get(), Slot::Given { .. }) => {
                if let Slot::Given { reply, .. } = slot.remove() {
                    // The receiver is right here.
                    let _ = sender.send(reply);
                }
            }
            entry => drop(entry.insert_entry(Slot::Asked(sender))),
        }
        receiver
    }

    /// Gives the answer to whoever asks within `limit`.
    pub fn give(&self, seq: Seq, reply: Reply, limit: Duration) {
        let now = Instant::now();
        let mut slots = self.slots();
        if let Some(Slot::Asked(sender)) = slots.remove(&seq) {
            // A sender that gave up has been answered otherwise, or has gone.
            let _ = sender.send(reply);
            return;
        }
        slots.retain(|_, slot| !matches!(slot, Slot::Given { at, .. } if now.duration_since(*at) > limit));
        slots.insert(seq, Slot::Given { reply, at: now });
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Seq, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides for the listener whose answer is the app's.
pub struct Relays {
    pub(super) forwarding: Arc<Forwarding>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) deliveries: Deliveries,
    pub(super) reports: Reports,
    pub(super) writer: Writer,
    /// From the arrival until the answer.
    pub(super) limit: Duration,
}

impl Relays {
    /// The answer to a request that a target takes; `None` where the usual rules decide.
    pub fn answering(
        self: &Arc<Self>,
        arrival: &Arrival,
        verification: &Verification,
        envelope: &Envelope,
    ) -> Option<Responding> {
        let is_through = self.forwarding.mode == ForwardMode::Through;
        let event_type = envelope.event_type.as_deref();
        self.forwarding.places(verification.verdict, event_type).next().filter(|_| is_through)?;
        if is_own(&arrival.head) {
            return Some(Responding::With(line(
                508,
                "it has already been through a hookglass and would go round for ever",
            )));
        }
        let (this, deadline) = (Arc::clone(self), Instant::now() + self.limit + GRACE);
        Some(Responding::By(Box::new(move |seq| Box::pin(this.relay(seq, deadline)))))
    }

    /// Waits for the answer and notes what the sender gets; runs on the listener's thread.
    async fn relay(self: Arc<Self>, seq: Seq, deadline: Instant) -> Reply {
        let in_flight = self.deliveries.in_flight();
        let reply = tokio::select! {
            biased;
            Ok(reply) = self.waiting.ask(seq) => reply,
            () = in_flight.cancelled() => line(503, "hookglass ended before the app had answered"),
            () = sleep_until(deadline) => line(504, "the app has not answered in time"),
        };
        let status = reply.status;
        // The sender does not wait for this; the end of the program does.
        tokio::spawn(async move {
            match self.writer.record_answer(seq, status).await {
                Ok(()) => self.reports.tell(Report::Responded { seq, status }),
                Err(error) => {
                    let why = format!("its answer {status} is not in the history: {error}");
                    self.reports.tell(Report::NotStored { seq, why });
                }
            }
            drop(in_flight);
        });
        reply
    }
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
    async fn an_answer_reaches_its_sender_whoever_comes_first() {
        let waiting = Waiting::default();
        waiting.expect(1);
        let asked = waiting.ask(1);
        waiting.give(1, Reply::bare(201), LIMIT);
        assert_eq!(asked.await.unwrap().status, 201);

        waiting.give(2, Reply::bare(202), LIMIT);
        // The lane may be faster than the one who says that the event is kept.
        waiting.expect(2);
        assert_eq!(waiting.ask(2).await.unwrap().status, 202);
        assert!(!waiting.is_expected(1) && !waiting.is_expected(2));
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_nobody_asks_for_do_not_pile_up() {
        let waiting = Waiting::default();
        for seq in 1..=3 {
            waiting.expect(seq);
            waiting.give(seq, Reply::bare(201), LIMIT);
        }
        drop(waiting.ask(4));
        waiting.give(4, Reply::bare(201), LIMIT);
        assert_eq!(waiting.slots().len(), 3);
        tokio::time::advance(LIMIT * 2).await;
        waiting.give(5, Reply::bare(201), LIMIT);
        assert_eq!(waiting.slots().len(), 1);
    }
}
