//! The pending forwards: how many there are, and to which targets an event is still to be sent.

use crate::core::delivery::{Forward, Forwarding, Target};
use crate::core::event::{Event, Seq};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The forwards that are queued or in flight. Clones share it.
#[derive(Clone, Debug)]
pub struct Backlog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    forwarding: Arc<Forwarding>,
    count: AtomicIsize,
    /// One for each route.
    lanes: Vec<Mutex<Progress>>,
    /// Whether the history may not know of something that was sent.
    is_uncertain: AtomicBool,
}

/// How far a lane is.
#[derive(Debug, Default)]
struct Progress {
    /// The last event that was started; `None` before the lane runs.
    reached: Option<Seq>,
    /// Events in flight; at most as many as a lane sends at once.
    begun: Vec<Seq>,
}

impl Backlog {
    pub(super) fn new(forwarding: Arc<Forwarding>) -> Self {
        let lanes = forwarding.routes.iter().map(|_| Mutex::default()).collect();
        Self(Arc::new(Shared { forwarding, count: AtomicIsize::new(0), lanes, is_uncertain: AtomicBool::new(false) }))
    }

    pub fn count(&self) -> usize {
        // A lane may finish an event before it is counted.
        usize::try_from(self.0.count.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Of the targets in `forwards`, those to which `event` is queued or in flight.
    pub(crate) fn targets_of(&self, event: &Event, forwards: &[Forward]) -> Vec<Target> {
        let Shared { forwarding, lanes, .. } = &*self.0;
        let seq = event.summary.seq;
        // An event of an earlier run may have had more routes.
        let places = forwards.iter().map(|forward| forward.place).filter(|place| *place < lanes.len());
        let ahead = places.filter(|place| {
            let lane = self.lane(*place);
            lane.reached.is_some_and(|reached| seq > reached) || lane.begun.contains(&seq)
        });
        ahead.filter_map(|place| forwarding.target(place, event.head.target()).ok()).collect()
    }

    /// Counts a stored event that goes to this many targets.
    pub(super) fn add(&self, targets: usize) {
        self.0.count.fetch_add(isize::try_from(targets).unwrap_or(isize::MAX), Ordering::Relaxed);
    }

    /// No longer counts this many forwards, none of which has begun.
    pub(super) fn give_up(&self, forwards: usize) {
        self.0.count.fetch_sub(isize::try_from(forwards).unwrap_or(isize::MAX), Ordering::Relaxed);
    }

    /// Notes that the lane of the route at `place` starts after event `seq`.
    pub(super) fn start(&self, place: usize, seq: Seq) {
        self.lane(place).reached = Some(seq);
    }

    /// Notes that the lane of the route at `place` starts to send event `seq`.
    pub(super) fn begin(&self, place: usize, seq: Seq) {
        let mut lane = self.lane(place);
        lane.begun.push(seq);
        // An event of an earlier run does not set it back.
        lane.reached = lane.reached.max(Some(seq));
    }

    /// Notes that the result of a started event is stored, or that the event was given up.
    pub(super) fn end(&self, place: usize, seq: Seq) {
        self.lane(place).begun.retain(|begun| *begun != seq);
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that the result of a delivery could not be stored.
    pub(super) fn set_uncertain(&self) {
        self.0.is_uncertain.store(true, Ordering::Relaxed);
    }

    /// Whether the history knows of all that was sent.
    pub(crate) fn is_certain(&self) -> bool {
        !self.0.is_uncertain.load(Ordering::Relaxed)
    }

    fn lane(&self, place: usize) -> MutexGuard<'_, Progress> {
        self.0.lanes[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Route;
    use crate::core::index::tests::summary;
    use crate::core::request::Head;
    use crate::core::signature::{Scheme, Verdict, Verification};
    use bytes::Bytes;

    fn event(seq: Seq) -> Event {
        let verdict = Verdict::Verified;
        Event {
            summary: summary(seq, "user.login", verdict),
            verification: Verification { verdict, scheme: Scheme::Webhook, reason: None, secret: None },
            head: Head::parse(b"POST /hooks HTTP/1.1\r\n\r\n").unwrap(),
            body: Bytes::new(),
            override_text: None,
            annotation: Default::default(),
        }
    }

    #[test]
    fn an_event_is_pending_until_each_of_its_lanes_has_finished_it() {
        let routes = ["app:1", "user.*=app:2"].map(|text| Route::parse(text).unwrap()).into();
        let forwarding = Forwarding { routes, ..Forwarding::default() };
        let (login, role) = ("user.login", "role.created");
        let [both, first] = [login, role].map(|name| forwarding.decide(Verdict::Verified, Some(name)));
        let backlog = Backlog::new(Arc::new(forwarding));
        let targets = |seq, forwards: &[Forward]| {
            let targets = backlog.targets_of(&event(seq), forwards);
            targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(targets(5, &both), "", "no lane runs");
        backlog.start(0, 4);
        backlog.start(1, 4);
        assert_eq!(targets(5, &both), "http://app:1/ http://app:2/");
        assert_eq!(targets(5, &first), "http://app:1/");
        assert_eq!(targets(5, &[]), "", "it is not forwarded");
        assert_eq!(targets(4, &both), "", "it came before");
        let third = Forward { place: 2, ..both[0].clone() };
        assert_eq!(targets(5, &[third]), "", "there is no such route in this run");

        backlog.add(2);
        backlog.begin(0, 5);
        backlog.begin(0, 6);
        assert_eq!(targets(5, &both), "http://app:1/ http://app:2/");
        backlog.end(0, 5);
        assert_eq!((targets(5, &both).as_str(), backlog.count()), ("http://app:2/", 1));
        backlog.begin(1, 5);
        assert_eq!(targets(5, &both), "http://app:2/");
        backlog.end(1, 5);
        assert_eq!((targets(5, &both).as_str(), backlog.count()), ("", 0));
        assert_eq!(targets(6, &first), "http://app:1/");
    }
}
