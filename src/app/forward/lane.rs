//! A lane: sends events to one target in the order of arrival, and stores the results.

use crate::app::forward::backlog::Backlog;
use crate::app::forward::loop_guard::{Loop, LoopGuard};
use crate::app::forward::relay::{Waiting, held_up, not_recorded};
use crate::app::forward::reports::{Report, Reports};
use crate::app::history::follower::Follower;
use crate::app::outbound::runtime::InFlight;
use crate::app::outbound::send::{BEING_STORED, NotStored, Sender};
use crate::core::delivery::{
    Delivery, Ending, Failure, FailureKind, Form, Forward, ForwardState, Forwarded as Which, Forwarding, Learned,
    LeftForward, Manner, Origin, Received, SigningPolicy, Target, Timing, causes, is_own, line, reply_of,
};
use crate::core::event::{Event, Seq, Summary};
use crate::core::reply::Reply;
use crate::core::response::ResponseState;
use crate::core::signature::{Keyring, Verdict};
use crate::core::times::in_words;
use crate::store::{AppendError, Forwarded, Writer};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Forwards to one target.
pub(super) struct Lane {
    shared: Arc<Shared>,
    follower: Follower,
    resumed: mpsc::UnboundedReceiver<Vec<LeftForward>>,
    /// Limits the deliveries in flight.
    turns: Arc<Semaphore>,
    /// Limits the deliveries that are in flight or being stored.
    room: Arc<Semaphore>,
    /// When the lane was last full and then free again. An event that arrived before waited behind others.
    held_up_until: Option<Timestamp>,
}

/// A forward to send.
#[derive(Clone, Copy)]
struct Job {
    seq: Seq,
    /// The place of the forward in the history. That of an earlier run may differ from the lane's.
    place: usize,
    /// Whether the sender of the event waits for this target's response.
    is_awaited: bool,
    /// Whether an earlier run left it, so that the signature of the event may be too old.
    is_resumed: bool,
    /// Whether that run may have sent it.
    is_unknown: bool,
}

/// The permit to send one event.
struct Turn {
    permit: OwnedSemaphorePermit,
    /// See [`Lane::held_up_until`].
    held_up_until: Option<Timestamp>,
}

impl Lane {
    /// A lane that begins at the place of `follower`, with what `resumed` brings before that.
    pub fn new(shared: Shared, follower: Follower, resumed: mpsc::UnboundedReceiver<Vec<LeftForward>>) -> Self {
        let parallel = shared.forwarding.parallel.get();
        Self {
            shared: Arc::new(shared),
            follower,
            resumed,
            turns: Arc::new(Semaphore::new(parallel)),
            room: Arc::new(Semaphore::new(parallel + BEING_STORED)),
            held_up_until: None,
        }
    }

    /// Runs until hookglass exits.
    pub async fn run(mut self, in_flight: InFlight) {
        tokio::select! {
            biased;
            () = in_flight.cancelled() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&mut self) {
        loop {
            let forwards = tokio::select! {
                biased;
                Some(left) = self.resumed.recv() => {
                    self.resume(left).await;
                    continue;
                }
                forwards = self.follower.next_forwards() => forwards,
            };
            match forwards {
                Ok(forwards) => {
                    for (seq, Forward { place, is_awaited, .. }) in forwards {
                        if place == self.shared.place {
                            self.send(Job { seq, place, is_awaited, is_resumed: false, is_unknown: false }).await;
                        }
                    }
                }
                Err(error) => self.shared.reports.tell(Report::Unreadable(crate::core::errors::with_causes(&error))),
            }
        }
    }

    /// Sends what earlier runs left. Nothing else is in flight meanwhile: if hookglass ends, those that were begun are the first ones.
    async fn resume(&mut self, left: Vec<LeftForward>) {
        self.all_stored().await;
        // Those that may have arrived stay unknown until they are delivered: if hookglass ends before, they may still have arrived.
        let queued: Vec<_> = left.iter().filter(|forward| !forward.is_unknown).cloned().collect();
        // Not earlier: what the history calls pending must be what the lane does next.
        if let Err(error) = self.shared.writer.set_left(&queued, ForwardState::Pending).await {
            self.shared.backlog.give_up(left.len());
            return self.shared.reports.tell(Report::NotResumed { count: left.len(), why: error.to_string() });
        }
        for LeftForward { seq, place, is_unknown, .. } in left {
            self.send(Job { seq, place, is_awaited: false, is_resumed: true, is_unknown }).await;
        }
        self.all_stored().await;
    }

    /// Waits until nothing is in flight or being stored.
    async fn all_stored(&self) {
        let all = u32::try_from(self.shared.forwarding.parallel.get() + BEING_STORED).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let _ = self.room.acquire_many(all).await;
    }

    /// Waits for a permit, then starts the delivery.
    async fn send(&mut self, job: Job) {
        let seq = job.seq;
        // Read while the previous delivery is in flight.
        let event = self.follower.event(seq);
        let is_free = self.room.available_permits() > 0 && self.turns.available_permits() > 0;
        let (Ok(room), Ok(permit)) =
            (Arc::clone(&self.room).acquire_owned().await, Arc::clone(&self.turns).acquire_owned().await)
        else {
            return;
        };
        if !is_free {
            self.held_up_until = Some(Timestamp::now());
        }
        let place = self.shared.place;
        self.shared.backlog.begin(place, seq);
        let turn = Turn { permit, held_up_until: self.held_up_until };
        let (shared, backlog) = (Arc::clone(&self.shared), self.shared.backlog.clone());
        self.shared.sender.deliveries.spawn(async move {
            // First, because no delivery begins once the program is exiting.
            let in_flight = shared.sender.deliveries.begin().await;
            let report = match event {
                Ok(event) => shared.send(job, event, turn, in_flight).await,
                Err(error) => shared.give_up(job, error.to_string()).await,
            };
            drop(room);
            // Before the report, because its reader asks for the pending count.
            backlog.end(place, seq);
            shared.reports.tell(report);
        });
    }
}

/// What all deliveries of a lane need.
pub(super) struct Shared {
    /// The position of the route.
    pub place: usize,
    pub forwarding: Arc<Forwarding>,
    pub waiting: Arc<Waiting>,
    pub loop_guard: Arc<LoopGuard>,
    pub reports: Reports,
    pub sender: Sender,
    pub writer: Writer,
    pub limit: Duration,
    pub backlog: Backlog,
}

impl Shared {
    /// Delivers an event, stores the result and returns the report.
    async fn send(&self, job: Job, event: Event, turn: Turn, in_flight: InFlight) -> Report {
        let Summary { received_at, .. } = event.summary;
        let (Job { seq, is_awaited, .. }, Turn { permit, held_up_until }) = (job, turn);
        let mut delivery = match self.exchange(job, &event, &in_flight).await {
            Ok(ended) => ended,
            Err(why) => return self.give_up(job, why).await,
        };
        let advice = advice(&delivery, &event);
        // Checked before the permit goes to the next event.
        if self.loop_guard.note(self.place, &delivery) {
            self.reports.tell(Report::LoopFound(delivery.target.clone()));
        }
        drop((event, permit));
        let reply = is_awaited.then(|| {
            let is_late = delivery.ending() == Ending::Failed(FailureKind::TimedOut);
            let was_held_up = held_up_until.is_some_and(|until| received_at < until);
            let waited = between(received_at, delivery.started_at);
            let remark = if is_late && was_held_up { held_up(waited, self.limit) } else { String::new() };
            let reply = reply_of(&delivery.outcome, &remark);
            if let Err(failure) = &mut delivery.outcome {
                failure.text += &remark;
            }
            reply
        });
        let told = delivery.without_contents();
        let is_cancelled = delivery.ending() == Ending::Failed(FailureKind::Cancelled);
        let state = match delivery.timing.connected_us {
            _ if !is_cancelled => ForwardState::Ended,
            // Nothing was sent before hookglass exited.
            None if !job.is_unknown => ForwardState::Queued,
            _ => ForwardState::Unknown,
        };
        match self.conclude(job, state, Some(delivery), reply).await {
            Ok(()) => Report::Delivered { delivery: Box::new(told), advice },
            Err(error) => Report::NotStored { seq, why: NotStored(error).to_string() },
        }
    }

    async fn give_up(&self, job: Job, why: String) -> Report {
        let seq = job.seq;
        let reply = job.is_awaited.then(|| line(502, &why));
        match self.conclude(job, ForwardState::GivenUp, None, reply).await {
            Ok(()) => Report::NotSent { seq, why },
            Err(error) => {
                Report::NotStored { seq, why: format!("not forwarded: {why}; that is not in the history: {error}") }
            }
        }
    }

    /// Stores the result of a forward, then gives `reply` to the sender if it waits for one.
    async fn conclude(
        &self,
        Job { seq: event, place, .. }: Job,
        state: ForwardState,
        delivery: Option<Delivery>,
        reply: Option<Reply>,
    ) -> Result<(), AppendError> {
        let Some((claim, reply)) = reply.and_then(|reply| Some((self.waiting.claim(event)?, reply))) else {
            let forwarded = Forwarded { event, place, state, delivery, response: None };
            let stored = self.writer.record_forwarded(forwarded).await;
            if stored.is_err() {
                // This write is smaller and may succeed. If it does not, the event must not be taken for one that was not sent.
                let forwarded = Forwarded { event, place, state, delivery: None, response: None };
                self.note(self.writer.record_forwarded(forwarded).await.is_ok());
            }
            return stored;
        };
        let response = ResponseState::Sent(reply.status);
        let forwarded = Forwarded { event, place, state, delivery, response: Some(response) };
        let stored = self.writer.record_forwarded(forwarded).await;
        self.note(stored.is_ok());
        let (reply, response) = match &stored {
            Ok(()) => (reply, response),
            Err(error) => {
                // The result cannot be looked up later, so the sender must retry.
                let reply = error.reply_to_waiting();
                let response = ResponseState::Sent(reply.status);
                // This write is smaller and may succeed. The response is no 2xx, so it may be sent even if it does not.
                if let Err(error) = self.writer.record_response(event, response).await {
                    self.reports.tell(Report::NotStored { seq: event, why: not_recorded(response, &error) });
                }
                (reply, response)
            }
        };
        claim.give(reply, self.limit);
        self.reports.tell(Report::Responded { seq: event, response });
        stored
    }

    fn note(&self, is_stored: bool) {
        if !is_stored {
            self.backlog.set_uncertain();
        }
    }

    /// Delivers the event. Returns the delivery, which is not stored yet, or why there is none.
    async fn exchange(
        &self,
        Job { is_awaited, is_resumed, .. }: Job,
        event: &Event,
        in_flight: &InFlight,
    ) -> Result<Delivery, String> {
        if is_own(&event.head) {
            return Err(Loop::Marked.to_string());
        }
        let target = self.forwarding.target(self.place, event.head.target()).map_err(|error| error.to_string())?;
        let is_refused =
            self.forwarding.forwarded == Which::Verified && event.verification.verdict != Verdict::Verified;
        if is_resumed && is_refused {
            return Err("it is not verified, and only verified events are forwarded now".to_owned());
        }
        if self.loop_guard.has_led_back(self.place) {
            return Err(Loop::Found(target.to_string()).to_string());
        }
        let now = Timestamp::now();
        // A sender that waits must get its response within the limit.
        let waited = if is_awaited { between(event.summary.received_at, now) } else { Duration::ZERO };
        if is_awaited && waited >= self.latest() {
            return Ok(self.too_late(event, &target, now));
        }
        let left = self.limit.saturating_sub(waited);
        // If the event has just arrived, the sender's own timestamp and signature are fresh.
        let form = if is_resumed { Form::Resigned } else { Form::AsReceived };
        let prepared = self.sender.prepare(event, &form, SigningPolicy::Verified);
        let prepared = prepared.map_err(|error| error.to_string())?;
        Ok(self.sender.exchange(&prepared, now, &target, Origin::Forwarded, left, in_flight).await)
    }

    /// How long after its arrival an awaited event may still be sent. Later, the sender would get 504 and retry
    /// although the app has the event.
    fn latest(&self) -> Duration {
        self.limit - self.limit / 10
    }

    fn too_late(&self, event: &Event, target: &Target, now: Timestamp) -> Delivery {
        let latest = in_words(self.latest());
        let text = format!("not sent to `{}`: still queued {latest} after its arrival", target.address());
        Delivery {
            event: event.summary.seq,
            origin: Origin::Forwarded,
            manner: Manner::AsReceived,
            target: target.to_string(),
            peer: None,
            started_at: now,
            timing: Timing::default(),
            sent_headers: Vec::new(),
            sent_body: None,
            outcome: Err(Failure { kind: FailureKind::TimedOut, text }),
        }
    }
}

/// What the response shows of why the app did not accept the event, without guesses.
fn advice(delivery: &Delivery, event: &Event) -> Option<String> {
    let target = Some(event.head.target());
    let received = Received { body: &event.body, target, verification: None, learned: Learned::Nothing };
    let [cause, ..] = &causes(delivery, received, &Keyring::default())[..] else { return None };
    Some(cause.sentence())
}

/// The time between the two; zero if the clock was set back.
fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
