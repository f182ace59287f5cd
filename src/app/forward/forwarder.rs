//! Forwards events as they arrive. Each target has its own lane that reads from the store, so no target waits for another and none
//! misses an event.

pub use crate::app::forward::reports::Report;
pub(crate) use crate::app::forward::reports::Reports;

use crate::app::forward::backlog::Backlog;
use crate::app::forward::lane::{Lane, Shared};
use crate::app::forward::loop_guard::LoopGuard;
use crate::app::forward::relay::{Relays, Waiting};
use crate::app::history::follower::Follower;
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::send::Sender;
use crate::core::delivery::{Forward, Forwarding, LeftForward};
use crate::core::event::Seq;
use crate::store::{Reader, StoreError, Writer};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// The lanes, and what the listener and the screen need of them.
pub struct Forwarder {
    forwarding: Arc<Forwarding>,
    waiting: Arc<Waiting>,
    /// One for each route: wakes its lane.
    wakes: Vec<Arc<Notify>>,
    backlog: Backlog,
    loop_guard: Arc<LoopGuard>,
    /// One for each route, once its lane runs: what earlier runs left for it.
    resumed: OnceLock<Vec<mpsc::UnboundedSender<Vec<LeftForward>>>>,
    deliveries: Deliveries,
    reports: Reports,
    /// In `through` mode, the time from an event's arrival to its response.
    limit: Duration,
}

impl Forwarder {
    /// `limit` is the time from an arrival to the response in `through` mode. Nothing is sent before
    /// [`Forwarder::start`].
    pub fn new(forwarding: Forwarding, deliveries: Deliveries, limit: Duration) -> (Self, mpsc::Receiver<Report>) {
        let (reports, receiver) = Reports::new();
        let wakes = forwarding.routes.iter().map(|_| Arc::default()).collect();
        let (forwarding, waiting) = (Arc::new(forwarding), Arc::default());
        let backlog = Backlog::new(Arc::clone(&forwarding));
        let loop_guard = Arc::new(LoopGuard::new(forwarding.routes.len()));
        let resumed = OnceLock::new();
        (Self { forwarding, waiting, wakes, backlog, loop_guard, resumed, deliveries, reports, limit }, receiver)
    }

    pub fn backlog(&self) -> Backlog {
        self.backlog.clone()
    }

    /// Decides for the listener where an event goes and what its sender gets.
    pub fn relays(&self, writer: Writer) -> Relays {
        Relays {
            forwarding: Arc::clone(&self.forwarding),
            waiting: Arc::clone(&self.waiting),
            deliveries: self.deliveries.clone(),
            reports: self.reports.clone(),
            writer,
            run: self.loop_guard.run(),
            limit: self.limit,
        }
    }

    /// Counts and wakes the lanes of a stored event. Does not block.
    pub fn stored(&self, forwards: &[Forward]) {
        self.backlog.add(forwards.len());
        for forward in forwards {
            self.wakes[forward.place].notify_one();
        }
    }

    /// Forwards to the target of the route at `place` what earlier runs left for it, in order, before what arrives from now on. Each is
    /// signed again, as the provider's retries are. Does not block.
    ///
    /// # Panics
    /// Before [`Forwarder::start`].
    pub(crate) fn resume(&self, place: usize, left: Vec<LeftForward>) {
        self.backlog.add(left.len());
        let lanes = self.resumed.get().expect("the lanes run");
        // A lane ends with the program.
        let _ = lanes[place].send(left);
    }

    pub(crate) fn forwarding(&self) -> &Forwarding {
        &self.forwarding
    }

    /// Starts one lane for each route. The lanes deliver the events after `seq`, and `writer` stores the results.
    ///
    /// # Errors
    /// When `open` cannot open another reader on the history.
    pub fn start(
        &self,
        sender: &Sender,
        writer: &Writer,
        seq: Seq,
        open: impl Fn() -> Result<Reader, StoreError>,
    ) -> Result<(), StoreError> {
        let (senders, receivers): (Vec<_>, Vec<_>) = self.wakes.iter().map(|_| mpsc::unbounded_channel()).unzip();
        for ((place, wake), resumed) in self.wakes.iter().enumerate().zip(receivers) {
            self.backlog.start(place, seq);
            let shared = Shared {
                place,
                forwarding: Arc::clone(&self.forwarding),
                waiting: Arc::clone(&self.waiting),
                loop_guard: Arc::clone(&self.loop_guard),
                reports: self.reports.clone(),
                sender: sender.clone(),
                writer: writer.clone(),
                limit: self.limit,
                backlog: self.backlog.clone(),
            };
            let lane = Lane::new(shared, Follower::new(open()?, seq, Arc::clone(wake)), resumed);
            self.deliveries.spawn(lane.run(self.deliveries.in_flight()));
        }
        // Started once.
        let _ = self.resumed.set(senders);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Route;
    use crate::core::signature::Verdict;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn an_event_wakes_its_lanes_and_its_forwards_are_counted() {
        let routes = ["user.*=1", "2"].map(|text| Route::parse(text).unwrap()).into();
        let forwarding = Forwarding { routes, ..Forwarding::default() };
        let deliveries = Deliveries::on(tokio::runtime::Handle::current());
        let (forwarder, _reports) = Forwarder::new(forwarding, deliveries, Duration::from_secs(1));
        for (event_type, verdict, count, lanes) in [
            ("user.login", Verdict::Unchecked, 0, [false, false]),
            ("user.login", Verdict::Verified, 2, [true, true]),
            ("role.created", Verdict::Verified, 3, [false, true]),
        ] {
            forwarder.stored(&forwarder.forwarding.decide(verdict, Some(event_type)));
            assert_eq!(forwarder.backlog().count(), count);
            for (wake, is_woken) in forwarder.wakes.iter().zip(lanes) {
                assert_eq!(wake.notified().now_or_never().is_some(), is_woken, "{event_type} {verdict}");
            }
        }
    }
}
