//! The stored forwards of an event and their states.

use crate::store::{folder, write};
use crate::support::new_event;
use hookglass::core::delivery::{Delivery, Failure, FailureKind, Forward, ForwardState, Manner, Origin, Timing};
use hookglass::core::event::{NewEvent, Seq};
use hookglass::core::reply::AppendError;
use hookglass::core::response::ResponseState::{Pending, Sent};
use hookglass::store::{Forwarded, Reader, Store};
use jiff::Timestamp;

fn forward(place: usize, is_awaited: bool) -> Forward {
    Forward { place, target: format!("http://app:{place}/"), is_awaited }
}

fn forwarded(event: Seq, place: usize) -> Forwarded {
    let delivery = Delivery {
        event,
        origin: Origin::Forwarded,
        manner: Manner::AsReceived,
        target: format!("http://app:{place}/"),
        peer: None,
        started_at: Timestamp::from_second(1_700_000_003).unwrap(),
        timing: Timing::default(),
        sent_headers: Vec::new(),
        sent_body: None,
        outcome: Err(Failure { kind: FailureKind::Refused, text: "nobody listens".into() }),
    };
    Forwarded { event, place, state: ForwardState::Ended, delivery: Some(delivery), response: Some(Sent(502)) }
}

#[test]
fn forwards_are_read_in_order_from_any_position() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    let all = [vec![forward(0, true), forward(2, false)], Vec::new(), vec![forward(1, true)]];
    let events = all.clone().map(|forwards| NewEvent { forwards, ..new_event(b"{}") });
    write(store, |writer| async move {
        for event in events {
            writer.append(event).await.unwrap();
        }
    });
    assert_eq!([1, 2, 3].map(|seq| reader.forwards(seq).unwrap()), all);
    let flat = [(1, forward(0, true)), (1, forward(2, false)), (3, forward(1, true))];
    assert_eq!(reader.forwards_after(0, usize::MAX, 9).unwrap(), flat);
    assert_eq!(reader.forwards_after(1, 0, 1).unwrap(), flat[1..2]);
    assert_eq!(reader.forwards_after(1, usize::MAX, 9).unwrap(), flat[2..]);
}

#[test]
fn a_delivery_and_the_response_of_its_event_are_stored_together_or_not_at_all() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let reader = store.reader().unwrap();
    let event = NewEvent { response: Pending, forwards: vec![forward(0, true)], ..new_event(b"{}") };
    let seen = |reader: &Reader| {
        (reader.event(1).unwrap().unwrap().summary.response, reader.deliveries(1, usize::MAX).unwrap().len())
    };
    write(store, |writer| async {
        writer.append(event).await.unwrap();
        // The delivery is of an event that does not exist.
        let wrong = forwarded(2, 0).delivery;
        let refused = writer.record_forwarded(Forwarded { delivery: wrong, ..forwarded(1, 0) }).await;
        assert!(matches!(refused, Err(AppendError::Failed(_))), "{refused:?}");
        assert_eq!(seen(&reader), (Pending, 0));
        writer.record_forwarded(forwarded(1, 0)).await.unwrap();
        assert_eq!(seen(&reader), (Sent(502), 1));
        drop(writer);
    });
}

#[test]
fn the_query_for_pending_forwards_reads_only_pending_ones() {
    let (_folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let history = rusqlite::Connection::open(&path).unwrap();
    for (query, index) in [
        ("UPDATE event SET status = 3 WHERE status = 1", "event_pending"),
        ("SELECT EXISTS (SELECT 1 FROM event WHERE status = 1)", "event_pending"),
        ("SELECT event FROM forward WHERE state = 'pending'", "forward_pending"),
        ("SELECT * FROM forward WHERE (event, place) > (1, 2) ORDER BY event, place LIMIT 3", "PRIMARY KEY"),
    ] {
        let mut statement = history.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{query}: {plan:?}");
    }
}
