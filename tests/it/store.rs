//! The history: every acknowledged event can be read back.

use crate::support::{arrival, new_event, new_event_from};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use hookglass::core::delivery::{
    Completeness, Delivery, Ending, Failure, FailureKind, Manner, Origin, Response, Timing,
};
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{NewEvent, Seq, Summary};
use hookglass::core::overrides::Override;
use hookglass::core::reply::AppendError;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState::Sent;
use hookglass::core::signature::{Reason, Scheme, Verdict, Verification};
use hookglass::store::{Queue, Reader, Store, StoreError, Writer};
use jiff::Timestamp;
use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

pub fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join("history.db");
    (folder, path)
}

/// Runs `work` with a writer on `store`, then closes it. Returns the result of `work`, and the summaries that `on_stored` received.
pub fn write<T, F: Future<Output = T>>(store: Store, work: impl FnOnce(Writer) -> F) -> (T, Vec<Summary>) {
    let stored = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&stored);
    let (writer, task) =
        store.into_writer(Queue::default(), Arc::new(move |summary, _: &_| sink.lock().unwrap().push(summary)));
    let result = block_on(async {
        let writing = tokio::spawn(task.run());
        let result = work(writer).await;
        writing.await.unwrap();
        result
    });
    let stored = std::mem::take(&mut *stored.lock().unwrap());
    (result, stored)
}

/// Runs `work` on a runtime of its own.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub fn append(store: Store, bodies: &[&[u8]]) -> Vec<Summary> {
    let events: Vec<_> = bodies.iter().map(|body| new_event(body)).collect();
    let (results, stored) =
        write(store, |writer| async move { join_all(events.into_iter().map(|event| writer.append(event))).await });
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    stored
}

fn full_event() -> NewEvent {
    let mut event = new_event(b"{\"a\":1}\0\xff");
    event.envelope = Envelope {
        event_id: Some("evt_1".into()),
        event_type: Some("user.created".into()),
        object: Some("User".into()),
        organization_id: Some("org_1".into()),
        subject: Some("ada@example.com".into()),
        is_interceptor: false,
        ..Envelope::default()
    };
    event.verification = Verification {
        verdict: Verdict::Invalid,
        scheme: Scheme::Webhook,
        reason: Some(Reason::MissingHeader("webhook-signature".into())),
        secret: Some("main".into()),
    };
    event.response = Sent(401);
    event.directive = Some("401 delay:3s next:2".parse::<Override>().unwrap().directive);
    event
}

#[test]
fn events_survive_a_restart() {
    let (_folder, path) = folder();
    let event = full_event();
    let appended = event.clone();
    let (seq, stored) =
        write(Store::open(&path).unwrap(), |writer| async move { writer.append(appended).await.unwrap() });

    let store = Store::open(&path).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!((seq, store.notice()), (1, None));
    assert_eq!(reader.newest(10).unwrap(), stored);
    let back = reader.event(seq).unwrap().unwrap();
    assert_eq!((&back.summary, &back.verification), (&stored[0], &event.verification));
    assert_eq!((back.head, &back.body), (event.arrival.head, &event.arrival.body));
    assert_eq!(back.override_text.as_deref(), Some("401 delay:3s"));
    let summary = &back.summary;
    assert_eq!((summary.method.as_str(), summary.path.as_str()), ("POST", "/hook?a=1"));
    assert_eq!((summary.webhook_id.as_deref(), summary.response, summary.size), (Some("msg_1"), Sent(401), 9));
    assert_eq!(summary.received_at, event.arrival.received_at);
    assert_eq!(append(store, &[b"{}"])[0].seq, 2, "the numbers continue");
    assert!(reader.event(3).unwrap().is_none());
}

#[test]
fn readers_return_events_in_order() {
    let (_folder, path) = folder();
    let stored = append(Store::open(&path).unwrap(), &[b"1", b"22", b"333", b"4444"]);
    assert_eq!(stored.iter().map(|summary| summary.size).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let reader = Reader::open(&path).unwrap();
    let seqs = |summaries: Vec<Summary>| summaries.iter().map(|summary| summary.seq).collect::<Vec<Seq>>();
    assert_eq!(seqs(reader.newest(2).unwrap()), [3, 4]);
    assert_eq!(seqs(reader.after(1, 2).unwrap()), [2, 3]);
    assert_eq!(seqs(reader.after(4, 2).unwrap()), [] as [Seq; 0]);
    let mut streamed = Vec::new();
    reader.for_each_listed(1, 3, |event| streamed.push(format!("{event:?}"))).unwrap();
    let expected = stored[1..3].iter().map(|summary| {
        let reason = summary.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{:?}", summary.listed(&reason))
    });
    assert_eq!(streamed, expected.collect::<Vec<_>>());
    let requests = reader.requests_to_reverify(2, 1).unwrap();
    assert_eq!((requests[0].0, &requests[0].1.body[..]), (3, &b"333"[..]));
    assert_eq!(requests[0].1.received_at, arrival(b"").received_at);
    assert_eq!(reader.last_seq().unwrap(), 4);
}

#[test]
fn a_reader_sees_each_commit_of_the_writer() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.last_seq().unwrap(), 0);
    write(store, |writer| async move {
        for expected in 1..=3 {
            assert_eq!(writer.append(new_event(b"{}")).await, Ok(expected));
            assert_eq!(reader.last_seq().unwrap(), expected);
        }
    });
}

#[test]
fn the_message_id_comes_from_the_headers_of_the_scheme() {
    let (_folder, path) = folder();
    let events =
        [("", None), ("Svix-Id: s\r\nwebhook-id: w\r\nx-scheme: svix\r\n", Some("s")), ("svix-id: s\r\n", Some("s"))];
    for (headers, expected) in events {
        let mut event = arrival(b"{}");
        event.head = Head::parse(format!("POST / HTTP/1.1\r\n{headers}\r\n").as_bytes()).unwrap();
        let ((), stored) =
            write(
                Store::open(&path).unwrap(),
                |writer| async move { drop(writer.append(new_event_from(event)).await) },
            );
        assert_eq!(stored[0].webhook_id.as_deref(), expected, "{headers:?}");
    }
}

#[test]
fn deliveries_read_back_as_stored() {
    let (_folder, path) = folder();
    let pair = |name: &[u8], value: &[u8]| (name.to_vec(), value.to_vec());
    let answered = Delivery {
        event: 1,
        origin: Origin::Forwarded,
        manner: Manner::Resigned,
        target: "http://localhost:3000/hook".into(),
        started_at: Timestamp::from_nanosecond(1_700_000_000_123_456_789).unwrap(),
        timing: Timing { connected_us: Some(5), first_byte_us: None, total_us: 77 },
        peer: Some("[::1]:3000".into()),
        sent_headers: vec![pair(b"Webhook-Id", b"a"), pair(b"x", b"\xff"), pair(b"x", b"")],
        sent_body: Some(Bytes::from_static(b"\0edited")),
        outcome: Ok(Response {
            status: 201,
            headers: Vec::new(),
            body: Bytes::from_static(b"\0ok"),
            completeness: Completeness::TooLong,
        }),
    };
    let failed = Delivery {
        origin: Origin::Asked,
        manner: Manner::AsReceived,
        peer: None,
        sent_body: None,
        outcome: Err(Failure { kind: FailureKind::Refused, text: "connection refused".into() }),
        ..answered.clone()
    };
    let deliveries = vec![answered.clone(), failed.clone()];
    let ((), _) = write(Store::open(&path).unwrap(), |writer| async move {
        writer.append(new_event(b"{}")).await.unwrap();
        assert_eq!(writer.record_delivery(answered.clone()).await, Ok(1));
        assert_eq!(writer.record_delivery(failed).await, Ok(2));
        let orphan = writer.record_delivery(Delivery { event: 9, ..answered }).await;
        assert!(matches!(orphan, Err(AppendError::Failed(_))), "{orphan:?}");
    });
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.deliveries(1, usize::MAX).unwrap(), deliveries);
    assert_eq!(reader.deliveries(1, 1).unwrap(), deliveries[1..], "the newest");
    assert_eq!(reader.delivery_count(1).unwrap(), deliveries.len() as u64);
    assert_eq!(reader.deliveries(2, usize::MAX).unwrap(), []);
    assert_eq!(reader.delivery_count(2).unwrap(), 0);
}

#[test]
fn the_completeness_of_a_response_is_stored_and_decides_its_ending() {
    let (_folder, path) = folder();
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let answered = |completeness| Delivery {
        event: 1,
        origin: Origin::Asked,
        manner: Manner::AsReceived,
        target: "http://localhost:3000/".into(),
        started_at: at,
        timing: Timing { connected_us: None, first_byte_us: None, total_us: 9 },
        peer: None,
        sent_headers: Vec::new(),
        sent_body: None,
        outcome: Ok(Response { status: 200, headers: Vec::new(), body: Bytes::from_static(b"a"), completeness }),
    };
    let ((), _) = write(Store::open(&path).unwrap(), |writer| async move {
        writer.append(new_event(b"{}")).await.unwrap();
        for completeness in Completeness::ALL {
            writer.record_delivery(answered(completeness)).await.unwrap();
        }
    });
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.deliveries(1, usize::MAX).unwrap(), Completeness::ALL.map(answered));
    let mut endings = Vec::new();
    reader.for_each_ending(u64::MAX, |_, _, ending, _| endings.push(ending)).unwrap();
    let [reset, late] = [FailureKind::Reset, FailureKind::TimedOut].map(Ending::Failed);
    assert_eq!(endings, [Ending::Responded(200), Ending::Responded(200), reset, late]);

    let connection = rusqlite::Connection::open(&path).unwrap();
    for unknown in [4, -1, 256] {
        connection.execute("UPDATE delivery SET is_cut = ?1 WHERE id = 2", [unknown]).unwrap();
        assert!(reader.deliveries(1, usize::MAX).is_err() && reader.for_each_ending(2, |_, _, _, _| ()).is_err());
        assert!(reader.for_each_ending(1, |_, _, _, _| ()).is_ok());
    }
}

#[test]
fn verifications_can_be_replaced() {
    let (_folder, path) = folder();
    let verified =
        Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: Some("old".into()) };
    let replaced = verified.clone();
    let ((), stored) = write(Store::open(&path).unwrap(), |writer| async move {
        writer.append(new_event(b"{}")).await.unwrap();
        writer.append(new_event(b"{}")).await.unwrap();
        writer.reverify(vec![(2, replaced)]).await.unwrap();
    });
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.event(1).unwrap().unwrap().summary, stored[0]);
    let event = reader.event(2).unwrap().unwrap();
    assert_eq!((event.verification, event.summary.response), (verified, stored[1].response));
}

#[test]
fn a_second_writer_is_refused_but_not_a_reader() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }));
    assert!(error.hint().contains("`--db`") && error.hint().contains("`--ephemeral`"), "{}", error.hint());
    assert!(Reader::open(&path).is_ok());
    drop(store);
    assert!(Store::open(&path).is_ok());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_history() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert_eq!(mode(&name), 0o600, "{}", name.display());
    }
    drop(store);
}

#[test]
fn files_of_other_programs_and_newer_versions_are_refused_unchanged() {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign { .. })));
    assert!(matches!(Reader::open(&path), Err(StoreError::Foreign { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);

    let newer = path.with_file_name("newer.db");
    drop(Store::open(&newer).unwrap());
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Store::open(&newer), Err(StoreError::Newer { found: 99, .. })));
    assert!(matches!(Reader::open(&newer), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn reading_before_the_first_writer_fails() {
    let (_folder, path) = folder();
    assert!(matches!(Reader::open(&path), Err(StoreError::Missing { .. })));
    assert!(!path.exists());
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, b"").unwrap();
    assert!(matches!(Reader::open(&path), Err(StoreError::Missing { .. })));
}

#[test]
fn a_row_that_cannot_be_stored_fails_alone() {
    let (_folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let trigger = "CREATE TRIGGER reject BEFORE INSERT ON request WHEN length(NEW.body) = 6 \
                   BEGIN SELECT RAISE(ABORT, 'rejected'); END";
    rusqlite::Connection::open(&path).unwrap().execute_batch(trigger).unwrap();
    let bodies: [&[u8]; 5] = [b"1", b"22", b"reject", b"4444", b"reject"];
    let (results, stored) = write(Store::open(&path).unwrap(), |writer| async move {
        join_all(bodies.map(|body| writer.append(new_event(body)))).await
    });
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true, false]);
    assert_eq!(stored.iter().map(|summary| summary.size).collect::<Vec<_>>(), [1, 2, 4]);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.newest(10).unwrap(), stored, "nothing of a rejected row is left");
}

#[test]
fn nothing_is_acknowledged_after_the_file_was_removed() {
    for name in ["history.db", "history.db-wal"] {
        for is_replaced in [false, true] {
            let (_folder, path) = folder();
            let store = Store::open(&path).unwrap();
            let victim = path.with_file_name(name);
            let (results, stored) = write(store, |writer| async move {
                let before = writer.append(new_event(b"{}")).await;
                fs::remove_file(&victim).unwrap();
                if is_replaced {
                    fs::write(&victim, b"").unwrap();
                }
                (before, writer.append(new_event(b"{}")).await)
            });
            assert_eq!(results, (Ok(1), Err(AppendError::FileGone)), "{name} {is_replaced}");
            assert_eq!(stored.len(), 1);
        }
    }
}

#[test]
fn the_wait_for_a_full_queue_is_limited() {
    let store = Store::ephemeral().unwrap();
    let queue = Queue { capacity: 1, ..Queue::default() };
    let (writer, task) = store.into_writer(queue, Arc::new(()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut first = Box::pin(writer.append(new_event(b"{}")));
        assert_eq!(first.as_mut().now_or_never(), None, "it waits in the queue");
        assert_eq!(writer.append(new_event(b"{}")).await, Err(AppendError::Busy));
        tokio::time::resume();
        let writing = tokio::spawn(task.run());
        assert_eq!(first.await, Ok(1));
        assert_eq!(writer.append(new_event(b"{}")).await, Ok(2));
        drop(writer);
        writing.await.unwrap();
    });
}

#[test]
fn a_weak_handle_writes_only_while_a_strong_one_exists() {
    let ((weak, result), stored) = write(Store::ephemeral().unwrap(), |writer| async move {
        let weak = writer.downgrade();
        let result = weak.upgrade().unwrap().append(new_event(b"{}")).await;
        (weak, result)
    });
    assert_eq!((result, stored.len()), (Ok(1), 1));
    assert!(weak.upgrade().is_none());
}

#[test]
fn an_ephemeral_history_leaves_no_files() {
    let store = Store::ephemeral().unwrap();
    let path = store.path().to_owned();
    let reader = store.reader().unwrap();
    append(store, &[b"{}"]);
    assert_eq!(reader.last_seq().unwrap(), 1, "an open reader still works");
    assert!(!path.parent().unwrap().exists());
}
