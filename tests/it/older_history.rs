//! A history of an older format is readable, and is migrated to the newest format when it is opened. Nothing is lost.

use crate::store::write;
use crate::support::new_event;
use bytes::Bytes;
use hookglass::core::delivery::{Completeness, Delivery, Failure, FailureKind, Manner, Origin, Response, Timing};
use hookglass::core::event::Summary;
use hookglass::core::rehearsal::Rehearsal;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::{Scheme, Verdict, Verification};
use hookglass::store::{Reader, Store};
use jiff::Timestamp;
use std::path::Path;

const FIRST_FORMAT: &str = include_str!("cases/history-1.sql");

/// The parts of an event.
type Parts = (Summary, Verification, Head, Bytes);

fn events() -> [Parts; 2] {
    let summary = Summary {
        seq: 4,
        received_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(),
        method: "POST".into(),
        path: "/webhooks".into(),
        webhook_id: Some("msg_4".into()),
        event_id: Some("evt_4".into()),
        event_type: Some("user.signup".into()),
        organization_id: Some("org_1".into()),
        subject: Some("jane@example.com".into()),
        verdict: Verdict::Verified,
        reason: None,
        size: 10,
        response: ResponseState::Sent(201),
    };
    let bare = Summary {
        seq: 7,
        received_at: Timestamp::from_second(1_700_000_001).unwrap(),
        method: "PUT".into(),
        path: "/?a=1".into(),
        webhook_id: None,
        event_id: None,
        event_type: None,
        organization_id: None,
        subject: None,
        verdict: Verdict::Unsigned,
        reason: None,
        size: 3,
        response: ResponseState::Sent(401),
    };
    let secret = Some("main".into());
    [
        (
            summary,
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret },
            Head::parse(b"POST /webhooks HTTP/1.1\r\nWebhook-Id: msg_4\r\n\r\n").unwrap(),
            Bytes::from_static(b"{\"n\": 1e2}"),
        ),
        (
            bare,
            Verification { verdict: Verdict::Unsigned, scheme: Scheme::None, reason: None, secret: None },
            Head::parse(b"PUT /?a=1 HTTP/1.1\r\n\r\n").unwrap(),
            Bytes::from_static(b"\0\xff\n"),
        ),
    ]
}

fn deliveries() -> [Delivery; 2] {
    let answered = Delivery {
        event: 4,
        origin: Origin::Asked,
        manner: Manner::Resigned,
        target: "http://localhost:4000/".into(),
        started_at: Timestamp::from_nanosecond(1_700_000_002_123_456_789).unwrap(),
        timing: Timing { connected_us: Some(50), first_byte_us: Some(60), total_us: 77 },
        peer: None,
        sent_headers: vec![(b"a".to_vec(), b"1".to_vec()), (b"x".to_vec(), Vec::new())],
        sent_body: None,
        outcome: Ok(Response {
            status: 201,
            headers: Vec::new(),
            body: Bytes::from_static(b"\0ok"),
            completeness: Completeness::TooLong,
        }),
    };
    let failed = Delivery {
        manner: Manner::AsReceived,
        started_at: Timestamp::from_second(1_700_000_003).unwrap(),
        timing: Timing { connected_us: None, first_byte_us: None, total_us: 5 },
        sent_headers: Vec::new(),
        outcome: Err(Failure { kind: FailureKind::Refused, text: "nobody listens".into() }),
        ..answered.clone()
    };
    [answered, failed]
}

/// The events and the deliveries in the history at `path`.
fn contents(path: &Path) -> (Vec<Parts>, Vec<Delivery>) {
    let reader = Reader::open(path).unwrap();
    let summaries = reader.newest(100).unwrap();
    let events = summaries.iter().map(|summary| {
        let event = reader.event(summary.seq).unwrap().unwrap();
        assert_eq!(event.summary, *summary);
        assert_eq!(reader.forwards(summary.seq).unwrap(), []);
        (event.summary, event.verification, event.head, event.body)
    });
    (
        events.collect(),
        summaries.iter().flat_map(|summary| reader.deliveries(summary.seq, usize::MAX).unwrap()).collect(),
    )
}

#[test]
fn a_history_of_the_second_format_is_readable_before_and_after_its_migration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(FIRST_FORMAT).unwrap();
    connection
        .execute_batch(
            "ALTER TABLE delivery ADD COLUMN peer TEXT;
             ALTER TABLE delivery ADD COLUMN sent_body BLOB;
             UPDATE delivery SET peer = '[::1]:1';
             PRAGMA user_version = 2;",
        )
        .unwrap();
    drop(connection);
    let expected = deliveries().map(|delivery| Delivery { peer: Some("[::1]:1".into()), ..delivery }).to_vec();
    assert_eq!(contents(&path), (events().to_vec(), expected.clone()), "before the migration");
    drop(Store::open(&path).unwrap());
    assert_eq!(contents(&path), (events().to_vec(), expected));
}

#[test]
fn a_history_of_the_first_format_is_migrated_without_loss() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(FIRST_FORMAT).unwrap();
    assert_eq!(contents(&path), (events().to_vec(), deliveries().to_vec()), "before the migration");

    let store = Store::open(&path).unwrap();
    assert_eq!(store.notice(), None);
    assert_eq!(contents(&path), (events().to_vec(), deliveries().to_vec()));

    let [answered, _] = deliveries();
    let newer = Delivery {
        origin: Origin::Rehearsed(Some(Rehearsal::Expired)),
        peer: Some("[::1]:4000".into()),
        sent_body: Some(Bytes::from_static(b"\0")),
        ..answered
    };
    let added = newer.clone();
    write(store, |writer| async move {
        assert_eq!(writer.append(new_event(b"{}")).await, Ok(8), "the numbers continue");
        assert_eq!(writer.record_delivery(added).await, Ok(3));
    });
    drop(Store::open(&path).unwrap());
    let (stored, delivered) = contents(&path);
    assert_eq!((&stored[..2], stored.len()), (&events()[..], 3));
    assert_eq!(delivered, [&deliveries()[..], &[newer]].concat());

    let connection = rusqlite::Connection::open(&path).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
