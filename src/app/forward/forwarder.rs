//! Sends events on as they come. Each target has a lane of its own that follows the store, so that no target waits for another and
//! none misses anything; in a lane the events take their turns in the order of arrival.

use crate::app::forward::backlog::Backlog;
use crate::app::forward::loop_guard::LoopGuard;
use crate::app::forward::relay::{Relays, Waiting, held_up};
use crate::app::history::follower::Follower;
use crate::app::outbound::runtime::{Deliveries, InFlight};
use crate::app::outbound::send::{SendError, Sender};
use crate::core::delivery::{
    Delivery, Ending, Failure, FailureKind, ForwardMode, Forwarding, Manner, Origin, Target, Timing, advice, is_own,
    line, reply_of,
};
use crate::core::event::{Event, Seq, Summary};
use crate::store::{Reader, StoreError, Writer};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

/// Ended deliveries that wait to be told.
const REPORTS: usize = 1024;
/// Deliveries of a lane that have ended and are being written to the history while the next is on its way.
const BEING_KEPT: usize = 32;

/// What forwarding has to say.
#[derive(Debug)]
pub enum Report {
    /// A delivery ended and is kept; its headers and bodies are in the history alone, so that reports which wait stay small.
    Delivered {
        delivery: Box<Delivery>,
        /// What its answer calls for.
        advice: Option<String>,
    },
    NotSent {
        seq: Seq,
        why: String,
    },
    /// Nothing more is sent to this target, which leads back.
    LoopFound(String),
    /// The history cannot be read; the next event is another occasion.
    Unreadable(String),
    /// What came of an event is not in the history.
    NotStored {
        seq: Seq,
        why: String,
    },
    /// The sender of an event has been answered, which is kept.
    Responded {
        seq: Seq,
        status: u16,
    },
    /// So many reports were lost, as nobody took them.
    Missed(u64),
}

/// The way to whoever shows what forwarding does. Telling never waits: what is not told is in the history.
#[derive(Clone)]
pub struct Reports {
    sender: mpsc::Sender<Report>,
    missed: Arc<AtomicU64>,
}

impl Reports {
    pub(super) fn new() -> (Self, mpsc::Receiver<Report>) {
        let (sender, receiver) = mpsc::channel(REPORTS);
        (Self { sender, missed: Arc::default() }, receiver)
    }

    pub(super) fn tell(&self, report: Report) {
        let missed = self.missed.swap(0, Ordering::Relaxed);
        let is_told = missed == 0 || self.sender.try_send(Report::Missed(missed)).is_ok();
        if !is_told || self.sender.try_send(report).is_err() {
            self.missed.fetch_add(if is_told { 1 } else { missed + 1 }, Ordering::Relaxed);
        }
    }
}

/// Forwarding as a whole, before and while it runs.
pub struct Forwarder {
    forwarding: Arc<Forwarding>,
    waiting: Arc<Waiting>,
    /// One for each route: there may be something for its lane.
    wakes: Vec<Arc<Notify>>,
    backlog: Backlog,
    returning: Arc<LoopGuard>,
    deliveries: Deliveries,
    reports: Reports,
    /// From an event's arrival until its sender is answered by the app.
    limit: Duration,
}

impl Forwarder {
    /// `limit` is what an app may take to answer a sender. Nothing is sent before [`Forwarder::start`].
    pub fn new(forwarding: Forwarding, deliveries: Deliveries, limit: Duration) -> (Self, mpsc::Receiver<Report>) {
        let (reports, receiver) = Reports::new();
        let wakes = forwarding.routes.iter().map(|_| Arc::default()).collect();
        let (forwarding, waiting) = (Arc::new(forwarding), Arc::default());
        let backlog = Backlog::new(Arc::clone(&forwarding));
        let returning = Arc::new(LoopGuard::new(forwarding.routes.len()));
        (Self { forwarding, waiting, wakes, backlog, returning, deliveries, reports, limit }, receiver)
    }

    pub fn backlog(&self) -> Backlog {
        self.backlog.clone()
    }

    /// What the listener's answers are to say in [`RUN_HEADER`](crate::core::delivery::RUN_HEADER).
    pub fn run(&self) -> Option<Arc<str>> {
        self.returning.run()
    }

    /// What the listener asks about answers.
    pub fn relays(&self, writer: Writer) -> Relays {
        Relays {
            forwarding: Arc::clone(&self.forwarding),
            waiting: Arc::clone(&self.waiting),
            deliveries: self.deliveries.clone(),
            reports: self.reports.clone(),
            writer,
            limit: self.limit,
        }
    }

    /// To be told of each event once it is kept, in order. Does not block.
    pub fn kept(&self, summary: &Summary) {
        let targets = self.forwarding.places(summary.verdict, summary.event_type.as_deref()).count();
        let is_through = self.forwarding.mode == ForwardMode::Through;
        // Only where a lane takes it back: an answer that is dropped by order has no status either.
        if is_through && targets > 0 && summary.status.is_none() {
            self.waiting.expect(summary.seq);
        }
        self.backlog.add(targets);
        // Each of them: one that falls behind would go by a verdict that a secret known since then has changed.
        self.wakes.iter().for_each(|wake| wake.notify_one());
    }

    /// Starts a lane for each route, for the events after `seq`.
    ///
    /// # Errors
    /// When `open` cannot open another reader on the history.
    pub fn start(
        &self,
        sender: &Sender,
        seq: Seq,
        open: impl Fn() -> Result<Reader, StoreError>,
    ) -> Result<(), StoreError> {
        for (place, wake) in self.wakes.iter().enumerate() {
            let parallel = self.forwarding.parallel.get();
            self.backlog.pass(place, seq);
            let lane = Lane {
                shared: Arc::new(Shared {
                    place,
                    forwarding: Arc::clone(&self.forwarding),
                    waiting: Arc::clone(&self.waiting),
                    returning: Arc::clone(&self.returning),
                    reports: self.reports.clone(),
                    sender: sender.clone(),
                    limit: self.limit,
                }),
                follower: Follower::new(open()?, seq, Arc::clone(wake)),
                backlog: self.backlog.clone(),
                turns: Arc::new(Semaphore::new(parallel)),
                room: Arc::new(Semaphore::new(parallel + BEING_KEPT)),
                held_up_until: None,
            };
            self.deliveries.spawn(lane.run(self.deliveries.in_flight()));
        }
        Ok(())
    }
}

/// The way to one target.
struct Lane {
    shared: Arc<Shared>,
    follower: Follower,
    backlog: Backlog,
    /// For those on their way to the target.
    turns: Arc<Semaphore>,
    /// For those that are not all kept yet.
    room: Arc<Semaphore>,
    /// When a turn that was not free last became so: what came before that stood behind other events.
    held_up_until: Option<Timestamp>,
}

/// An event's turn to be sent.
struct Turn {
    permit: OwnedSemaphorePermit,
    /// See [`Shared::is_waited_for`].
    is_waited_for: bool,
    /// Whether it stood behind earlier events.
    was_held_up: bool,
}

impl Lane {
    /// Goes on until the program ends.
    async fn run(mut self, in_flight: InFlight) {
        tokio::select! {
            () = in_flight.cancelled() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&mut self) {
        loop {
            match self.follower.next().await {
                Ok(summaries) => {
                    for summary in &summaries {
                        if self.shared.is_mine(summary) {
                            self.send(summary).await;
                        } else {
                            self.backlog.pass(self.shared.place, summary.seq);
                        }
                    }
                }
                Err(error) => self.shared.reports.tell(Report::Unreadable(crate::core::errors::with_causes(&error))),
            }
        }
    }

    /// Waits for the event's turn and begins to send it.
    async fn send(&mut self, summary: &Summary) {
        let is_free = self.room.available_permits() > 0 && self.turns.available_permits() > 0;
        let (Ok(room), Ok(permit)) =
            (Arc::clone(&self.room).acquire_owned().await, Arc::clone(&self.turns).acquire_owned().await)
        else {
            return;
        };
        if !is_free {
            self.held_up_until = Some(Timestamp::now());
        }
        let was_held_up = self.held_up_until.is_some_and(|until| summary.received_at < until);
        let (seq, place) = (summary.seq, self.shared.place);
        self.backlog.begin(place, seq);
        let is_waited_for = self.shared.is_waited_for(summary);
        let turn = Turn { permit, is_waited_for, was_held_up };
        let event = self.follower.event(seq);
        let (shared, backlog) = (Arc::clone(&self.shared), self.backlog.clone());
        self.shared.sender.deliveries.spawn(async move {
            // Before anything is held that the program's end would wait for.
            let in_flight = shared.sender.deliveries.begin().await;
            let report = match event {
                Ok(event) => shared.send(event, turn, in_flight).await,
                Err(why) => shared.give_up(seq, why, is_waited_for),
            };
            drop(room);
            // Whoever is told looks whether anything is yet to come.
            backlog.end(place, seq);
            shared.reports.tell(report);
        });
    }
}

/// What the deliveries of a lane have in common.
struct Shared {
    /// Of the route.
    place: usize,
    forwarding: Arc<Forwarding>,
    waiting: Arc<Waiting>,
    returning: Arc<LoopGuard>,
    reports: Reports,
    sender: Sender,
    limit: Duration,
}

impl Shared {
    fn is_mine(&self, summary: &Summary) -> bool {
        let mut places = self.forwarding.places(summary.verdict, summary.event_type.as_deref());
        places.any(|place| place == self.place)
    }

    /// Whether the sender of the event waits for what this lane's target answers, or has waited for too long.
    fn is_waited_for(&self, summary: &Summary) -> bool {
        let first = self.forwarding.places(summary.verdict, summary.event_type.as_deref()).next();
        self.forwarding.mode == ForwardMode::Through
            && first == Some(self.place)
            // The store may know of it before those who are told, and of its end before its turn comes.
            && (summary.status.is_none() || self.waiting.is_expected(summary.seq))
    }

    /// Gives what is to be said of it.
    async fn send(&self, event: Event, turn: Turn, in_flight: InFlight) -> Report {
        let Summary { seq, received_at, .. } = event.summary;
        let Turn { permit, is_waited_for, was_held_up } = turn;
        let mut delivery = match self.exchange(&event, is_waited_for, &in_flight).await {
            Ok(ended) => ended,
            Err(why) => return self.give_up(seq, why, is_waited_for),
        };
        let advice = advice(&delivery, Some(event.head.target()));
        // Before the next one's turn.
        if self.returning.note(self.place, &delivery) {
            self.reports.tell(Report::LoopFound(delivery.target.clone()));
        }
        drop((event, permit));
        if is_waited_for {
            let is_late = delivery.ending() == Ending::Failed(FailureKind::TimedOut);
            let waited = between(received_at, delivery.started_at);
            let remark = if is_late && was_held_up { held_up(waited, self.limit) } else { String::new() };
            self.waiting.give(seq, reply_of(&delivery.outcome, &remark), self.limit);
            if let Err(failure) = &mut delivery.outcome {
                failure.text += &remark;
            }
        }
        let told = delivery.without_contents();
        match self.sender.writer.record_delivery(delivery).await {
            Ok(_) => Report::Delivered { delivery: Box::new(told), advice },
            Err(error) => Report::NotStored { seq, why: SendError::NotStored(error).to_string() },
        }
    }

    /// The delivery, not kept yet; or why there is none.
    async fn exchange(&self, event: &Event, is_waited_for: bool, in_flight: &InFlight) -> Result<Delivery, String> {
        if is_own(&event.head) {
            return Err(SendError::Loop.to_string());
        }
        let target = self.forwarding.target(self.place, event.head.target()).map_err(|error| error.to_string())?;
        if self.returning.has_led_back(self.place) {
            return Err(SendError::LoopFound(target.to_string()).to_string());
        }
        let now = Timestamp::now();
        // Its sender is to be answered within the limit.
        let waited = if is_waited_for { between(event.summary.received_at, now) } else { Duration::ZERO };
        if is_waited_for && waited >= self.latest() {
            return Ok(self.too_late(event, &target, now));
        }
        let left = self.limit.saturating_sub(waited);
        // It has just come: the sender's own timestamp and signature are fresh.
        let outgoing = self.sender.outgoing(event, Manner::AsReceived, now).map_err(|error| error.to_string())?;
        Ok(self.sender.exchange(event, outgoing, &target, Origin::Forwarded, left, in_flight).await)
    }

    /// When an event's turn must have come. What the app gets later its sender would be told had failed, and send again.
    fn latest(&self) -> Duration {
        self.limit - self.limit / 10
    }

    fn too_late(&self, event: &Event, target: &Target, now: Timestamp) -> Delivery {
        let seconds = self.latest().as_secs_f64();
        let text =
            format!("not sent to `{}`: its turn did not come within {seconds} s of its arrival", target.address());
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

    fn give_up(&self, seq: Seq, why: String, is_waited_for: bool) -> Report {
        if is_waited_for {
            self.waiting.give(seq, line(502, &why), self.limit);
        }
        Report::NotSent { seq, why }
    }
}

/// The time that went by; none where the clock was set back.
fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Route;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn every_lane_hears_of_every_event_and_those_that_go_somewhere_are_counted() {
        let routes = ["user.*=1", "2"].map(|text| Route::parse(text).unwrap()).into();
        let forwarding = Forwarding { routes, ..Forwarding::default() };
        let deliveries = Deliveries::on(tokio::runtime::Handle::current());
        let (forwarder, _reports) = Forwarder::new(forwarding, deliveries, Duration::from_secs(1));
        for (seq, event_type, verdict, count) in [
            (1, "user.login", Verdict::Unchecked, 0),
            (2, "user.login", Verdict::Verified, 2),
            (3, "role.created", Verdict::Verified, 3),
        ] {
            forwarder.kept(&summary(seq, event_type, verdict));
            assert_eq!(forwarder.backlog().count(), count);
            for wake in &forwarder.wakes {
                assert!(wake.notified().now_or_never().is_some(), "{seq}");
            }
        }
    }
}
