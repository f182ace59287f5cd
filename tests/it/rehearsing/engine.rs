//! The rehearsal engine with a history.

use super::COUNT;
use crate::support::app::{App, Correct};
use crate::support::sandbox::SECRET;
use crate::support::webhook::{BODY, Webhook};
use bytes::Bytes;
use hookglass::app::inbound::intake::verification_of;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::rehearse::{RehearseError, Rehearsing};
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::app::outbound::samples::sample_event;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::catalog::catalog;
use hookglass::core::delivery::{Delivery, Manner, Origin, SigningPolicy, Target};
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{Arrival, Event, NewEvent};
use hookglass::core::rehearsal::{Grade, Matrix, Original, Rehearsal, Step};
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, Reason, Secret};
use hookglass::store::{Queue, Reader, Store};
use jiff::Timestamp;
use std::cell::Cell;
use std::sync::{Arc, Barrier};
use tokio::runtime::Handle;

/// An engine with a history of one verified event.
struct Engine {
    reader: Reader,
    sender: Sender,
    event: Event,
}

impl Engine {
    async fn start() -> Self {
        let keyring = Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() };
        let store = Store::ephemeral().unwrap();
        let reader = store.reader().unwrap();
        let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
        tokio::spawn(task.run());
        let (client, keyring) = (Client::new(Limits::default()), SharedKeyring::new(keyring));
        let (appending, deliveries) = (writer.clone(), Deliveries::on(Handle::current()));
        let sender = Sender { client, keyring, writer: Some(writer), deliveries };
        let request = Webhook::default().bytes();
        let arrival = Arrival {
            received_at: Timestamp::now(),
            head: Head::parse(&request).unwrap(),
            body: Bytes::from_static(BODY),
        };
        let verification = verification_of(&arrival, &sender.keyring);
        let event = NewEvent::new(arrival, Envelope::default(), verification, 201);
        let seq = appending.append(event).await.unwrap();
        let event = reader.event(seq).unwrap().unwrap();
        Self { reader, sender, event }
    }

    fn rehearsing(&self, app: &App) -> Rehearsing {
        let target = Target::parse(&app.url()).unwrap();
        Rehearsing::of_event(self.event.clone(), SigningPolicy::Verified, self.sender.clone(), target).unwrap()
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.reader.deliveries(self.event.summary.seq, usize::MAX).unwrap()
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn every_request_is_stored_as_a_delivery_of_the_event() {
    block_on(async {
        let kept = Engine::start().await;
        let correct = Correct::default();
        let app = App::start(move |request| Some(correct.status(request)));
        let mut steps = Vec::new();
        let rehearsing = kept.rehearsing(&app);
        let planned = rehearsing.plan(&Rehearsal::ALL).unwrap();
        let run = rehearsing.run(&planned, || false, |step| steps.push(step)).await;
        let matrix = run.unwrap();
        assert!(matrix.is_passed(), "{matrix:?}");

        let deliveries = kept.deliveries();
        let sent: usize = matrix.rows.iter().map(|row| row.outcomes.len()).sum();
        assert_eq!((deliveries.len(), sent), (70, 70));
        let rehearsed = matrix.rows.iter().flat_map(|row| row.outcomes.iter().map(|_| row.rehearsal));
        for (each, rehearsal) in deliveries.iter().zip(rehearsed) {
            assert_eq!((each.origin, each.manner), (Origin::Rehearsed(Some(rehearsal)), Manner::Rehearsed));
        }
        let changed = deliveries.iter().filter(|each| each.sent_body.is_some()).count();
        assert_eq!(changed, 39, "the tampered one, those with unusual content, out of order or late, and the bursts");

        assert_eq!(steps.len(), 2 * COUNT);
        for (place, (rehearsal, pair)) in (1..).zip(planned.into_iter().zip(steps.chunks(2))) {
            assert_eq!(pair[0], Step::Began { rehearsal, place, count: COUNT });
            assert_eq!(pair[1], Step::Ended(matrix.rows[place - 1].clone()));
        }
    });
}

#[test]
fn twice_at_once_sends_both_requests_simultaneously() {
    block_on(async {
        let kept = Engine::start().await;
        let both = Barrier::new(2);
        // Neither gets a response before both have arrived.
        let app = App::start(move |_| {
            both.wait();
            Some(200)
        });
        let matrix = kept.rehearsing(&app).run(&[Rehearsal::TwiceAtOnce], || false, |_| ()).await.unwrap();
        assert_eq!((matrix.rows[0].finding.grade, matrix.rows[0].got().as_str()), (Grade::Passed, "2 × 200"));
    });
}

#[test]
fn a_cancelled_run_sends_nothing_more() {
    block_on(async {
        let kept = Engine::start().await;
        let app = App::answering(200);
        let asked = Cell::new(0);
        // Called before the first and the second rehearsal, then after each of the ten deliveries.
        let is_cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > 4
        };
        let rehearsals = [Rehearsal::Control, Rehearsal::TenTimes, Rehearsal::Expired];
        let matrix = kept.rehearsing(&app).run(&rehearsals, is_cancelled, |_| ()).await.unwrap();
        let run: Vec<_> = matrix.rows.iter().map(|row| row.rehearsal).collect();
        assert_eq!((run, matrix.planned), (vec![Rehearsal::Control], 3));
        assert!(matrix.is_cut_short() && !matrix.is_passed());
        assert_eq!(kept.deliveries().len(), 4);
    });
}

#[test]
fn a_rehearsal_ends_at_the_first_request_without_a_response() {
    block_on(async {
        let kept = Engine::start().await;
        let app = App::start(|_| None);
        let run = kept.rehearsing(&app).run(&[Rehearsal::TenTimes, Rehearsal::Unsigned], || false, |_| ()).await;
        let Matrix { rows, .. } = run.unwrap();
        assert_eq!(rows.iter().map(|row| row.outcomes.len()).collect::<Vec<_>>(), [1, 1]);
        assert!(rows.iter().all(|row| row.finding.grade == Grade::Failed));
    });
}

#[test]
fn an_app_that_hangs_ends_the_run_after_one_time_limit() {
    block_on(async {
        // The thread lives as long as the test.
        let app = App::start(|_| {
            loop {
                std::thread::park();
            }
        });
        let limits = Limits { whole: std::time::Duration::from_millis(50), ..Limits::default() };
        let keyring = Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() };
        let signup = catalog().find("user.signup").unwrap();
        let (original, target) = (Original::of_sample(signup), Target::parse(&app.url()).unwrap());
        let (client, keyring) = (Client::new(limits), SharedKeyring::new(keyring));
        let sender = Sender { client, keyring, writer: None, deliveries: Deliveries::on(Handle::current()) };
        let rehearsing = Rehearsing::new(original, sample_event(signup), sender, target).unwrap();
        let planned = rehearsing.plan(&Rehearsal::ALL).unwrap();
        let matrix = rehearsing.run(&planned, || false, |_| ()).await.unwrap();
        assert_eq!((matrix.rows[0].got().as_str(), matrix.rows[0].finding.grade), ("timed out", Grade::Failed));
        assert_eq!(matrix.count(Grade::Inconclusive), COUNT - 1);
        assert!(matrix.rows[1..].iter().all(|row| row.outcomes.is_empty()));
    });
}

#[test]
fn a_run_needs_a_secret_and_a_verified_event_with_its_body() {
    block_on(async {
        let Engine { mut sender, mut event, .. } = Engine::start().await;
        let target = || Target::parse("1").unwrap();
        event.verification.verdict = hookglass::core::signature::Verdict::Invalid;
        let refused = Rehearsing::of_event(event.clone(), SigningPolicy::Verified, sender.clone(), target());
        assert!(matches!(refused, Err(RehearseError::NotVerified { .. })));
        assert!(Rehearsing::of_event(event.clone(), SigningPolicy::Any, sender.clone(), target()).is_ok());
        event.verification.reason = Some(Reason::BodyTooLarge);
        let refused = Rehearsing::of_event(event.clone(), SigningPolicy::Any, sender.clone(), target());
        assert!(matches!(refused, Err(RehearseError::NoBody)));
        event.verification.reason = None;
        event.verification.verdict = hookglass::core::signature::Verdict::Verified;
        sender.keyring = SharedKeyring::new(Keyring::default());
        let refused = Rehearsing::of_event(event.clone(), SigningPolicy::Any, sender.clone(), target());
        assert!(matches!(refused, Err(RehearseError::NoSecret)));
        sender.keyring =
            SharedKeyring::new(Keyring { verifying: vec![Secret::new("x", "nothing")], known_only: vec![] });
        let refused = Rehearsing::of_event(event, SigningPolicy::Any, sender, target());
        assert!(matches!(refused, Err(RehearseError::UnusableSecret)));
    });
}
