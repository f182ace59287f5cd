//! `hookglass history`: how large it is, deleting the oldest events, and making the file smaller.

use crate::store::{append, folder, write};
use crate::support::new_event;
use crate::support::sandbox::Sandbox;
use hookglass::app::retention::Pruner;
use hookglass::core::annotation::Annotation;
use hookglass::core::delivery::Forward;
use hookglass::core::event::{NewEvent, Seq};
use hookglass::core::response::ResponseState;
use hookglass::core::retention::{Keep, Retention};
use hookglass::store::{Reader, Store, Writer};
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

/// Events of 10 kB. The first is pinned, the second has a pending forward, the third a pending response.
fn fill(path: &Path, count: usize) {
    let body = vec![b'x'; 10_000];
    write(Store::open(path).unwrap(), |writer| async move {
        for number in 1..=count {
            let mut event = new_event(&body);
            match number {
                1 => event.annotation = Annotation { is_pinned: true, ..Annotation::NOTHING },
                2 => event.forwards = vec![Forward { place: 0, target: "http://x/".into(), is_awaited: false }],
                3 => event = NewEvent { response: ResponseState::Pending, ..event },
                _ => {}
            }
            writer.append(event).await.unwrap();
        }
    });
}

#[test]
fn limits_leave_pinned_and_pending_events_and_choose_the_oldest() {
    let (_folder, path) = folder();
    fill(&path, 40);
    let reader = Reader::open(&path).unwrap();
    let received = Timestamp::from_microsecond(1_700_000_000_123_456).unwrap();
    let beyond = |keep, most, now| reader.beyond(Retention { keep, max_size: most }, now).unwrap();
    // An unfinished response of a run that is over is no longer pending once the next run has opened the history.
    assert_eq!(beyond(Some(Keep::Newest(35)), None, received), [4, 5]);
    assert_eq!(beyond(Some(Keep::Newest(40)), None, received), [] as [u64; 0]);
    assert_eq!(beyond(Some(Keep::Newest(0)), None, received), (4..=40).collect::<Vec<_>>());
    let hour = SignedDuration::from_hours(1);
    assert_eq!(beyond(Some(Keep::For(hour)), None, received + hour), [] as [u64; 0]);
    let later = received + hour + SignedDuration::from_secs(1);
    assert_eq!(beyond(Some(Keep::For(hour)), None, later).len(), 37);
    assert_eq!(beyond(None, None, later), [] as [u64; 0]);
    let used = reader.extent().unwrap().used;
    let half = beyond(None, Some(used / 2), later);
    assert!((18..=22).contains(&half.len()) && half[0] == 4 && half.is_sorted(), "{half:?}");
    let extent = reader.extent().unwrap();
    assert_eq!((extent.events, extent.pinned, extent.pending, extent.can_shrink), (40, 1, 2, true));
}

#[test]
fn a_new_file_gives_deleted_space_back_and_an_older_one_is_rewritten_on_request() {
    let (_folder, path) = folder();
    fill(&path, 300);
    let size = || fs::metadata(&path).unwrap().len();
    let before = size();
    let prune = |from: u64, to: u64| {
        let store = Store::open_beside(&path).unwrap();
        store.delete(&(from..=to).collect::<Vec<_>>(), |_| ()).unwrap();
        store.give_back(|| std::ops::ControlFlow::Continue(())).unwrap();
    };
    prune(4, 200);
    assert!(size() < before / 2, "{} of {before}", size());
    // As a file of an earlier build.
    let connection = rusqlite::Connection::open(&path).unwrap();
    let older = "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA journal_mode = WAL;";
    connection.execute_batch(older).unwrap();
    drop(connection);
    let (before, reader) = (size(), Reader::open(&path).unwrap());
    assert!(!reader.extent().unwrap().can_shrink);
    drop(reader);
    prune(201, 299);
    assert_eq!(size(), before);
    Store::open(&path).unwrap().vacuum().unwrap();
    assert!(size() < before / 2, "{} of {before}", size());
    let extent = Reader::open(&path).unwrap().extent().unwrap();
    assert_eq!((extent.events, extent.free, extent.can_shrink), (4, 0, true));
    append(Store::open(&path).unwrap(), &[b"{}"]);
}

#[test]
fn an_event_that_the_next_start_offers_to_forward_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    fill(&path, 3);
    // The next run begins, so the forward of event 2 is no longer pending.
    drop(Store::open(&path).unwrap());
    let reader = Reader::open(&path).unwrap();
    let received_at = reader.newest(1).unwrap()[0].received_at;
    let beyond = |hours| {
        let now = received_at + SignedDuration::from_hours(hours);
        reader.beyond(Retention { keep: Some(Keep::Newest(0)), max_size: None }, now).unwrap()
    };
    assert_eq!((beyond(71), beyond(73)), (vec![3], vec![2, 3]));
}

/// Keeps the history within `limits` until events up to `last` are gone. Returns all that are gone.
async fn prune_up_to(last: Seq, limits: Retention, path: &Path, writer: &Writer) -> Vec<Seq> {
    let (gone, mut pruned) = unbounded_channel();
    let tell = move |seqs| drop(gone.send(seqs));
    let reader = Reader::open(path).unwrap();
    let pruner = Pruner::start(limits, Duration::from_millis(1), reader, writer.downgrade(), tell).unwrap();
    let mut all = Vec::new();
    while all.last().is_none_or(|seq| *seq < last) {
        all.extend(pruned.recv().await.unwrap());
    }
    tokio::task::spawn_blocking(|| pruner.stop()).await.unwrap();
    all
}

#[test]
fn a_running_listener_keeps_within_the_limits_and_gives_space_back() {
    let (_folder, path) = folder();
    fill(&path, 3);
    // 24 MB, of which at most 16 MiB stay for new events.
    let bodies = vec![vec![b'x'; 200_000]; 120];
    let (gone, _) = write(Store::open(&path).unwrap(), |writer| async move {
        for body in &bodies {
            writer.append(new_event(body)).await.unwrap();
        }
        let newest = Retention { keep: Some(Keep::Newest(100)), max_size: None };
        let by_number = prune_up_to(23, newest, &path, &writer).await;
        let smaller = Retention { keep: None, max_size: Some(1_000_000) };
        let by_size = prune_up_to(115, smaller, &path, &writer).await;
        // On this one thread, each turn of the writer without a write gives half a megabyte back.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let reader = Reader::open(&path).unwrap();
        let extent = reader.extent().unwrap();
        assert!(extent.free < 17_000_000 && extent.used < 1_400_000, "{extent:?}");
        let left: Vec<_> = reader.newest(20).unwrap().iter().map(|summary| summary.seq).collect();
        assert!(left.contains(&1) && left.contains(&123), "the pinned event and the newest stay: {left:?}");
        [by_number, by_size].concat()
    });
    assert!(gone.is_sorted() && gone[..22] == (2..=23).collect::<Vec<_>>(), "{gone:?}");
}

#[cfg(unix)]
#[test]
fn the_commands_say_what_they_would_do_and_what_they_did() {
    let sandbox = Sandbox::new();
    let path = sandbox.folder().join("h.db");
    fill(&path, 60);
    let run = |arguments: &[&str]| sandbox.run(&[arguments, &["--db", "h.db"]].concat());
    let shown = run(&["history"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.text().contains("events  60, 1 pinned, 2 with a pending delivery or response\n"), "{shown:?}");
    let shown = run(&["history", "--json"]);
    let value: serde_json::Value = serde_json::from_str(shown.text()).unwrap();
    assert_eq!((&value["events"], &value["oldest"]), (&60.into(), &"2023-11-14T22:13:20.123456Z".into()));
    let planned = run(&["history", "prune", "--keep", "10", "--dry-run"]);
    assert_eq!(planned.text(), "would delete 47 events, from number 4 to 50, and keep 13\n", "{planned:?}");
    let unasked = run(&["history", "prune", "--keep", "10"]);
    assert!(unasked.code == Some(2) && unasked.stderr.contains("pass `--yes`"), "{unasked:?}");
    let mut listening = sandbox.listen(&["--db", "h.db"]);
    let pruned = run(&["history", "prune", "--keep", "10", "--yes"]);
    assert_eq!(pruned.code, Some(0), "{pruned:?}");
    // The response that the earlier run left open is known to be lost now, and its forward is too old to be offered again.
    assert!(pruned.text().starts_with("deleted 49 events; 11 events (1 pinned) are left, "), "{pruned:?}");
    let refused = run(&["history", "vacuum"]);
    assert_eq!(refused.code, Some(2), "a listener must not wait for it: {refused:?}");
    assert!(listening.stop().success());
    let again = run(&["history", "prune", "--keep", "10", "--yes"]);
    assert!(again.code == Some(0) && again.stderr.contains("nothing is beyond the limits"), "{again:?}");
    let vacuumed = run(&["history", "vacuum"]);
    assert!(vacuumed.code == Some(0) && vacuumed.text().starts_with("gave back "), "{vacuumed:?}");
    assert!(vacuumed.stderr.contains("rewriting the history: needs "), "{vacuumed:?}");
    let wrong = run(&["history", "prune", "--max-size", "2"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("500MB or 2GB"), "{wrong:?}");
}
