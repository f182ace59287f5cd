//! Another program harms the files of an open history. hookglass acknowledges no event that is lost.

use crate::store::{append, folder, write};
use crate::support::new_event;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use hookglass::core::reply::AppendError;
use hookglass::store::{Reader, Store};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc;

fn truncate(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

#[test]
fn no_event_is_acknowledged_after_a_file_was_truncated_or_overwritten() {
    type Harm = fn(&Path);
    let cases: [(&str, &str, Harm); 6] = [
        ("emptied", "history.db", |path| truncate(path, 0)),
        ("shortened", "history.db", |path| truncate(path, 16_384)),
        ("emptied", "history.db-wal", |path| truncate(path, 0)),
        ("shortened", "history.db-wal", |path| truncate(path, 20_000)),
        ("overwritten", "history.db", |path| {
            let length = usize::try_from(fs::metadata(path).unwrap().len()).unwrap();
            OpenOptions::new().write(true).open(path).unwrap().write_all(&vec![0xAA; length]).unwrap();
        }),
        ("overwritten", "history.db-wal", |path| {
            OpenOptions::new().write(true).open(path).unwrap().write_all(&[0; 64]).unwrap();
        }),
    ];
    for (how, name, harm) in cases {
        let (_folder, path) = folder();
        // So that more than one page is in the database, and not only in the log.
        append(Store::open(&path).unwrap(), &vec![&[b'{'; 3000][..]; 50]);
        let mut store = Store::open(&path).unwrap();
        let (sender, reports) = mpsc::channel();
        store.on_harmed(move |text| sender.send(text).unwrap());
        let victim = path.with_file_name(name);
        let file = victim.clone();
        let (results, events) = write(store, |writer| async move {
            let before = writer.append(new_event(b"{}")).await;
            harm(&file);
            (before, writer.append(new_event(b"{}")).await, writer.append(new_event(b"{}")).await)
        });
        let damaged = || Err(AppendError::FileDamaged);
        assert_eq!(results, (Ok(51), damaged(), damaged()), "{name} {how}");
        assert_eq!(events.len(), 1);
        let reports: Vec<_> = reports.iter().collect();
        assert!(
            reports.len() == 1 && reports[0].contains(&format!("`{}`", victim.canonicalize().unwrap().display())),
            "{reports:?}"
        );
    }
}

#[test]
fn a_truncated_log_is_not_copied_into_the_database() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &vec![&[b'{'; 3000][..]; 50]);
    let before = fs::read(&path).unwrap();
    let store = Store::open(&path).unwrap();
    let closing = store.closing();
    let log = path.with_file_name("history.db-wal");
    write(store, |writer| async move {
        writer.append(new_event(&[b'{'; 100_000])).await.unwrap();
        truncate(&log, 0);
        writer.append(new_event(b"{}")).await.unwrap_err();
    });
    drop(closing);
    assert!(fs::read(&path).unwrap() == before, "the database is unchanged");
}

#[test]
fn a_checkpoint_by_another_program_is_no_harm() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let other = path.clone();
    let (results, _) = write(store, |writer| async move {
        let mut results = Vec::new();
        for mode in ["TRUNCATE", "RESTART", "PASSIVE", "TRUNCATE"] {
            results.push(writer.append(new_event(&[b'{'; 100_000])).await);
            let connection = rusqlite::Connection::open(&other).unwrap();
            connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())).unwrap();
        }
        results.push(writer.append(new_event(b"{}")).await);
        results
    });
    assert_eq!(results, (1..=5).map(Ok).collect::<Vec<_>>());
    assert_eq!(Reader::open(&path).unwrap().last_seq().unwrap(), 5);
}

#[test]
fn a_vacuum_by_another_program_is_no_harm() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &vec![&[b'{'; 30_000][..]; 50]);
    let length = fs::metadata(&path).unwrap().len();
    let (other, file) = (path.clone(), path.clone());
    let (results, _) = write(Store::open(&path).unwrap(), |writer| async move {
        let before = writer.append(new_event(b"{}")).await;
        let connection = rusqlite::Connection::open(&other).unwrap();
        let sql = "DELETE FROM request WHERE seq < 50; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";
        connection.execute_batch(sql).unwrap();
        assert!(fs::metadata(&file).unwrap().len() < length / 2);
        (before, writer.append(new_event(b"{}")).await)
    });
    assert_eq!(results, (Ok(51), Ok(52)));
}

#[test]
fn a_report_of_harm_names_the_cause_and_what_to_do() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("verified"));
    File::create(sandbox.data().join("events.db")).unwrap();
    assert_eq!(Webhook::default().send(listening.address).status, 503);
    // Other lines may come before it: the refusal, and what the check at the start finds.
    let report = loop {
        let line = listening.talk();
        assert!(!line.contains("stdout"), "{line}");
        if line.contains("another program has truncated or overwritten `") {
            break line;
        }
    };
    assert!(report.contains("events.db`") && report.contains("; start hookglass again"), "{report}");
    listening.stop();
}

#[test]
fn the_screen_reports_harm() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    // Every reader has opened the history by then.
    screen.wait_for("user.signup");
    truncate(&sandbox.data().join("events.db-wal"), 0);
    assert_eq!(Webhook::default().send(screen.address).status, 503);
    screen.wait_for("another program has truncated or overwritten");
}
