//! Stored events sent in bulk, and one retried, with every delivery stored.

use crate::support::recorder::Recorder;
use crate::support::sandbox::SECRET;
use crate::support::webhook::Webhook;
use bytes::Bytes;
use hookglass::app::history::shared_reader::{EventError, SharedReader};
use hookglass::app::inbound::intake::verification_of;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::bulk::{Bulk, BulkError};
use hookglass::app::outbound::retry::{RetryEnd, Retrying};
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::delivery::{
    Form, MAX_SPEED, Manner, Origin, Pace, RetryPlan, Schedule, SigningPolicy, Tally, Target,
};
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{Arrival, NewEvent};
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, Secret};
use hookglass::store::{Queue, Store};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Runs `test` with a history of `count` verified events: `msg_1`, `msg_2` and so on.
fn with_events<F: Future>(count: u64, test: impl FnOnce(Sender, SharedReader) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::ephemeral().unwrap();
        let reader = SharedReader::new(store.reader().unwrap());
        let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
        tokio::spawn(task.run());
        let keyring = Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() };
        let keyring = SharedKeyring::new(keyring);
        for number in 1..=count {
            let bytes = Webhook { id: &format!("msg_{number}"), ..Webhook::default() }.bytes();
            let head = Head::parse(&bytes).unwrap();
            let body = Bytes::copy_from_slice(&bytes[head.bytes().len()..]);
            let arrival = Arrival { received_at: Timestamp::now(), head, body };
            let verification = verification_of(&arrival, &keyring);
            let event = NewEvent::new(arrival, Envelope::default(), verification, 201);
            assert_eq!(writer.append(event).await, Ok(number));
        }
        let deliveries = Deliveries::on(Handle::current());
        test(Sender { client: Client::new(Limits::default()), keyring, writer: Some(writer), deliveries }, reader).await
    })
}

fn target(app: &Recorder) -> Target {
    Target::parse(&app.port()).unwrap()
}

#[test]
fn events_are_sent_in_the_given_order_and_each_delivery_is_stored() {
    let app = Recorder::answering(vec![201, 500, 201], "");
    with_events(3, async |sender, reader| {
        let (form, policy) = (Form::Resigned, SigningPolicy::Verified);
        let bulk = Bulk { reader: reader.clone(), sender, target: target(&app), form, policy };
        let (mut seqs, mut tally) = (Vec::new(), Tally::new(4));
        let ended = |ended: hookglass::app::outbound::bulk::Ended| {
            tally.add(&ended.in_short());
            match ended.result {
                Ok(sent) => assert!(sent.delivery.event == ended.seq && sent.not_stored.is_none()),
                Err(why) => assert!(matches!(why, BulkError::Event(EventError::Deleted))),
            }
            seqs.push(ended.seq);
        };
        bulk.run(vec![2, 9, 1, 3], Pace::default(), CancellationToken::new(), ended).await;
        assert_eq!(seqs, [2, 9, 1, 3]);
        let rows: Vec<_> = tally.rows().into_iter().map(|row| (row.count, row.text)).collect();
        let expected = [(2, "delivered"), (1, "responded 500"), (1, "not sent: it is no longer in the history")];
        assert_eq!(rows, expected.map(|(count, text)| (count, text.to_owned())));
        let ids: Vec<_> = app.all().iter().map(|request| request.value("webhook-id").unwrap()).collect();
        assert_eq!(ids, ["msg_2", "msg_1", "msg_3"]);
        for seq in 1..=3 {
            let deliveries = reader.with(|reader| reader.deliveries(seq, usize::MAX)).unwrap();
            assert_eq!((deliveries.len(), deliveries[0].manner), (1, Manner::Resigned));
        }
    });
}

#[test]
fn each_attempt_of_a_retried_event_is_stored() {
    let app = Recorder::answering(vec![500, 500, 200], "");
    with_events(1, async |sender, reader| {
        let event = reader.event(1).unwrap();
        let (form, policy) = (Form::Resigned, SigningPolicy::Verified);
        let retrying = Retrying { sender, event, target: target(&app), form, policy };
        let plan = RetryPlan { schedule: Schedule::find("engine").unwrap(), speed: MAX_SPEED };
        let mut attempts = Vec::new();
        let told =
            |step: hookglass::core::delivery::RetryStep, _| attempts.push((step.attempt, step.next_in.is_some()));
        let end = retrying.run(plan, 2, CancellationToken::new(), told).await;
        assert_eq!(end.unwrap(), RetryEnd::Delivered(4));
        assert_eq!(attempts, [(2, true), (3, true), (4, false)]);
        let kept = reader.with(|reader| reader.deliveries(1, usize::MAX)).unwrap();
        assert!(kept.len() == 3 && kept.iter().all(|delivery| delivery.origin == Origin::Retried));
        let requests = app.all();
        assert!(requests.len() == 3 && requests.iter().all(|request| request.is_verified()));
    });
}
