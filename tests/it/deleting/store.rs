//! What the history does with deleted events.

use crate::store::{append, block_on, folder, write};
use crate::support::{new_event, new_event_from};
use futures_util::future::join_all;
use hookglass::core::delivery::{Completeness, Delivery, Forward, Manner, Origin, Response, Timing};
use hookglass::core::event::{Event, NewEvent, Seq};
use hookglass::core::response::ResponseState;
use hookglass::store::{Backup, Queue, Reader, Store};
use jiff::Timestamp;
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const PAGE: usize = 16_384;

/// What only event `seq` has: in its body, its headers, its summary and its delivery.
fn token(seq: Seq) -> String {
    format!("token-of-{seq:05}-")
}

fn numbered(seq: Seq) -> NewEvent {
    let token = token(seq);
    // Some bodies need overflow pages.
    let filling = "x".repeat(if seq.is_multiple_of(7) { 30_000 } else { 300 + seq as usize % 700 });
    let mut event = new_event(format!("{{\"id\":\"{token}body\",\"text\":\"{filling}{token}end\"}}").as_bytes());
    event.envelope.event_id = Some(format!("{token}id"));
    event.envelope.subject = Some(format!("{token}subject"));
    event.directive = Some("503 delay:1s".parse::<hookglass::core::overrides::Override>().unwrap().directive);
    event
}

fn delivery(event: Seq) -> Delivery {
    Delivery {
        event,
        origin: Origin::Asked,
        manner: Manner::AsReceived,
        target: format!("http://localhost:3000/{}target", token(event)),
        started_at: Timestamp::from_second(1_700_000_100).unwrap(),
        timing: Timing { connected_us: Some(5), first_byte_us: Some(9), total_us: 77 },
        peer: None,
        sent_headers: vec![(b"x".to_vec(), token(event).into_bytes())],
        sent_body: None,
        outcome: Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: format!("{}response", token(event)).into_bytes().into(),
            completeness: Completeness::Whole,
        }),
    }
}

/// Runs hookglass's part of a history: stores `count` events with deliveries, deletes `seqs`, and exits.
fn run(path: &Path, count: u64, seqs: &[Seq]) {
    let store = Store::open(path).unwrap();
    let closing = store.closing();
    let next = store.reader().unwrap().last_seq().unwrap() + 1;
    let seqs = seqs.to_vec();
    write(store, |writer| async move {
        let seqs_stored = join_all((next..next + count).map(|seq| writer.append(numbered(seq)))).await;
        assert!(seqs_stored.into_iter().eq((next..next + count).map(Ok)));
        let delivered = join_all((next..next + count).map(|seq| writer.record_delivery(delivery(seq)))).await;
        assert!(delivered.iter().all(Result::is_ok));
        writer.delete(seqs).await.unwrap();
    });
    drop(closing);
}

/// Which of the tokens of events up to `last` are in any file beside the history at `path`.
fn found(path: &Path, last: Seq) -> Vec<Seq> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    (1..=last).filter(|seq| text.contains(&token(*seq))).collect()
}

fn stored(path: &Path) -> Vec<Seq> {
    Reader::open(path).unwrap().newest(usize::MAX).unwrap().iter().map(|summary| summary.seq).collect()
}

#[test]
fn a_deleted_event_is_hidden_from_every_reader_and_can_be_restored() {
    let (_folder, path) = folder();
    run(&path, 3, &[]);
    let store = Store::open(&path).unwrap();
    let reader = store.reader().unwrap();
    let before: Vec<Option<Event>> = (1..=3).map(|seq| reader.event(seq).unwrap()).collect();
    write(store, |writer| async move {
        writer.delete(vec![2, 3, 9]).await.unwrap();
        let other = Reader::open(&path).unwrap();
        for reader in [&reader, &other] {
            assert_eq!(reader.newest(9).unwrap().iter().map(|summary| summary.seq).collect::<Vec<_>>(), [1]);
            assert_eq!((reader.event(2).unwrap(), reader.after(1, 9).unwrap()), (None, Vec::new()));
            let overview = reader.overview().unwrap();
            assert_eq!((overview.events, overview.deliveries), (1, 1));
            assert_eq!(reader.deleted_among(&[1, 2, 3, 9]).unwrap(), [2, 3]);
            assert_eq!(reader.last_seq().unwrap(), 3, "the number stays taken");
        }
        writer.restore(vec![2, 3]).await.unwrap();
        for (seq, event) in (1..).zip(&before) {
            assert_eq!(reader.event(seq).unwrap(), *event);
            assert_eq!(reader.deliveries(seq, 9).unwrap(), [delivery(seq)]);
        }
    });
}

#[test]
fn an_event_with_a_pending_response_or_forward_is_not_deleted() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let forward = || Forward { place: 0, target: "http://localhost:1/".into(), is_awaited: false };
    let waiting = NewEvent { response: ResponseState::Pending, ..numbered(1) };
    let forwarded = NewEvent { forwards: vec![forward()], ..numbered(2) };
    let closing = store.closing();
    let reader = store.reader().unwrap();
    write(store, |writer| async move {
        for event in [waiting, forwarded, numbered(3)] {
            writer.append(event).await.unwrap();
        }
        writer.delete(vec![1, 2, 3]).await.unwrap();
        assert_eq!(reader.deleted_among(&[1, 2, 3]).unwrap(), [3]);
    });
    drop(closing);
    assert_eq!(stored(&path), [1, 2]);
    // The next run does not take up the forwards and the responses of an earlier one.
    run(&path, 0, &[1, 2]);
    assert_eq!(stored(&path), [] as [Seq; 0]);
}

#[test]
fn deleted_events_are_gone_from_the_files_after_the_end() {
    let mut random = fastrand::Rng::with_seed(5);
    for pattern in ["random", "oldest", "newest", "middle", "every second"] {
        let (_folder, path) = folder();
        let (mut last, mut gone) = (0, Vec::new());
        for _ in 0..5 {
            let mut left: Vec<Seq> = (1..=last).filter(|seq| !gone.contains(seq)).collect();
            match pattern {
                "random" => random.shuffle(&mut left),
                "newest" => left.reverse(),
                "middle" => drop(left.drain(..left.len() / 4)),
                "every second" => left.sort_by_key(|seq| (seq % 2, *seq)),
                _ => {}
            }
            left.truncate(left.len() / 2);
            run(&path, 60, &left);
            gone.extend(left);
            last += 60;
            let names = fs::read_dir(path.parent().unwrap()).unwrap().count();
            assert_eq!(names, 2, "the database and its lock");
            let kept: Vec<Seq> = (1..=last).filter(|seq| !gone.contains(seq)).collect();
            assert_eq!(found(&path, last), kept, "{pattern}");
            assert_eq!(stored(&path), kept, "{pattern}");
        }
    }
}

#[test]
fn nothing_is_left_of_events_when_all_are_deleted() {
    let (_folder, path) = folder();
    let last = 100;
    run(&path, last, &[]);
    let rest: Vec<Seq> = (1..=last).collect();
    run(&path, 0, &rest);
    assert_eq!(found(&path, last), [] as [Seq; 0]);
    let connection = Connection::open(&path).unwrap();
    for table in ["event", "request", "delivery", "answered_by_order", "forward", "deleted"] {
        let count: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

#[test]
fn no_number_is_used_again_after_the_newest_events_were_deleted() {
    let (_folder, path) = folder();
    run(&path, 5, &[4, 5]);
    assert_eq!(append(Store::open(&path).unwrap(), &[b"{}"])[0].seq, 6);
    run(&path, 0, &[1, 2, 3, 6]);
    assert_eq!(append(Store::open(&path).unwrap(), &[b"{}"])[0].seq, 7);
}

#[test]
fn what_a_killed_run_deleted_stays_deleted_and_the_next_run_erases_it() {
    let (_folder, path) = folder();
    run(&path, 200, &[]);
    let store = Store::open(&path).unwrap();
    let seqs: Vec<Seq> = (50..=200).collect();
    // Without its `Closing`, as if it were killed.
    write(store, |writer| async move { writer.delete(seqs).await.unwrap() });
    assert_eq!(stored(&path).len(), 49);
    assert_eq!(found(&path, 200).len(), 200);
    let store = Store::open(&path).unwrap();
    write(store, |writer| async move {
        let count = || {
            let connection = Connection::open(&path).unwrap();
            connection.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(writer.append(numbered(201)).await, Ok(201));
        while count() > 50 {
            tokio::task::yield_now().await;
        }
        assert_eq!(stored(&path).len(), 50);
    });
}

#[test]
fn a_repair_brings_no_deleted_event_back_and_reuses_no_number() {
    for is_erased in [false, true] {
        let (_folder, path) = folder();
        run(&path, 40, if is_erased { &[10, 11, 39, 40] } else { &[] });
        if !is_erased {
            let store = Store::open(&path).unwrap();
            write(store, |writer| async move { writer.delete(vec![10, 11, 39, 40]).await.unwrap() });
        }
        let mut bytes = fs::read(&path).unwrap();
        // Without the schema, SQLite reads nothing, and the rows are found page by page.
        bytes[100..PAGE].fill(0);
        fs::write(&path, bytes).unwrap();
        let store = Store::open(&path).unwrap();
        assert!(store.notice().unwrap().contains("was damaged"), "{:?}", store.notice());
        drop(store);
        let expected: Vec<Seq> = (1..=38).filter(|seq| ![10, 11].contains(seq)).collect();
        assert_eq!(stored(&path), expected, "{is_erased}");
        assert_eq!(append(Store::open(&path).unwrap(), &[b"{}"])[0].seq, 41, "{is_erased}");
        let copy = fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&copy).contains(&token(40)), "{is_erased}");
    }
}

#[test]
fn a_repair_counts_what_is_missing_without_the_deleted_events() {
    let (_folder, path) = folder();
    run(&path, 40, &[39, 40]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..16].fill(0);
    fs::write(&path, bytes).unwrap();
    let store = Store::open(&path).unwrap();
    // The first page is unreadable, and with it the number of erased events.
    assert!(store.notice().unwrap().contains("38 of about 40 events"), "{:?}", store.notice());
}

#[test]
fn a_backup_has_no_deleted_events() {
    let (folder, path) = folder();
    run(&path, 30, &[]);
    let store = Store::open(&path).unwrap();
    let copy = folder.path().join("copy").join("copy.db");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    let to = copy.clone();
    write(store, |writer| async move {
        writer.delete((1..=20).collect()).await.unwrap();
        let backed_up = Backup::prepare(&path, &to).unwrap().run().unwrap();
        assert_eq!(backed_up.events, 10);
    });
    assert_eq!(found(&copy, 30), (21..=30).collect::<Vec<_>>());
    assert_eq!(stored(&copy), (21..=30).collect::<Vec<_>>());
}

#[test]
fn a_command_deletes_for_good_beside_a_listener_while_others_read() {
    let (_folder, path) = folder();
    run(&path, 300, &[]);
    let store = Store::open(&path).unwrap();
    let closing = store.closing();
    let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
    block_on(async {
        let writing = tokio::spawn(task.run());
        writer.delete(vec![1]).await.unwrap();
        let reader = Reader::open(&path).unwrap();
        let mut seen = Vec::new();
        reader
            .for_each_listed(0, 300, |event| {
                if seen.is_empty() {
                    let deleted = Store::open_beside(&path).unwrap().delete(&(2..=250).collect::<Vec<_>>(), |_| ());
                    assert_eq!(deleted.unwrap().deleted.len(), 249);
                }
                seen.push(event.seq);
            })
            .unwrap();
        assert_eq!(seen, (2..=300).collect::<Vec<_>>(), "a read that has begun sees all of it");
        assert_eq!(reader.newest(900).unwrap().len(), 50);
        assert_eq!(writer.append(new_event_from(numbered(301).arrival)).await, Ok(301));
        writer.restore(vec![1]).await.unwrap();
        drop(writer);
        writing.await.unwrap();
    });
    drop(closing);
    let kept: Vec<Seq> = std::iter::once(1).chain(251..=301).collect();
    assert_eq!(stored(&path), kept);
    assert!(found(&path, 300).iter().all(|seq| kept.contains(seq)));
}
