//! A closed history is one file, and the file is complete.

use crate::store::{append, folder};
use crate::support::http::{Client, post};
use crate::support::recorder::Recorder;
use crate::support::sandbox::{Sandbox, Screen};
use crate::support::webhook::Webhook;
use hookglass::store::{Reader, Store};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::sync::mpsc;

/// The names of the files in the folder of `database`, without the lock.
fn names(database: &Path) -> Vec<String> {
    let entries = fs::read_dir(database.parent().unwrap()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    names
}

/// Copies the database, which must be the only file, and counts the events in the copy.
#[track_caller]
fn events_in_copy(database: &Path) -> u64 {
    assert_eq!(names(database), [database.file_name().unwrap().to_str().unwrap()]);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(database, &copy).unwrap();
    Reader::open(&copy).unwrap().last_seq().unwrap()
}

/// Whether the programs that the tests start inherit that `signal` is ignored.
fn is_ignored_here(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    ignored >> (signal.as_raw() - 1) & 1 == 1
}

fn post_events(address: std::net::SocketAddr, count: usize) {
    let mut client = Client::connect(address);
    for _ in 0..count {
        client.send(&post("", b"{}"));
        assert_eq!(client.answer().status, 401);
    }
}

#[test]
fn every_signal_that_ends_the_listener_leaves_one_file() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        // `nohup` does so, and programs respect it.
        if is_ignored_here(signal) {
            eprintln!("skipped: signal {} is ignored where the tests run", signal.as_raw());
            continue;
        }
        let sandbox = Sandbox::new();
        let mut listening = sandbox.listen(&[]);
        post_events(listening.address, 300);
        listening.signal(signal);
        assert!(listening.wait().success());
        assert_eq!(events_in_copy(&sandbox.data().join("events.db")), 300, "{signal:?}");
    }
}

#[test]
fn the_screen_leaves_one_file() {
    let sandbox = Sandbox::new();
    let screen: Screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.quit();
    assert_eq!(events_in_copy(&sandbox.data().join("events.db")), 1);
}

#[test]
fn commands_leave_one_file() {
    let app = Recorder::start(200, "");
    let sandbox = Sandbox::new();
    let database = sandbox.data().join("events.db");
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    let to = app.address.to_string();
    for arguments in
        [&["events"][..], &["verify", "1"], &["replay", "1", "--to", &to], &["rehearse", "--event", "1", "--to", &to]]
    {
        let ran = sandbox.run(arguments);
        assert!(ran.code < Some(2), "{arguments:?} {ran:?}");
        assert_eq!(events_in_copy(&database), 1, "{arguments:?}");
    }
    assert!(Reader::open(&database).unwrap().delivery_count(1).unwrap() > 1);
}

#[test]
fn the_next_command_copies_the_log_of_a_killed_listener_into_the_database() {
    let sandbox = Sandbox::new();
    let database = sandbox.data().join("events.db");
    let listening = sandbox.listen(&[]);
    post_events(listening.address, 20);
    drop(listening);
    assert_eq!(names(&database), ["events.db", "events.db-shm", "events.db-wal"], "a killed listener leaves its log");
    assert_eq!(sandbox.run(&["events"]).code, Some(0));
    assert_eq!(events_in_copy(&database), 20);
}

#[test]
fn no_file_is_removed_while_another_connection_is_open() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let closing = store.closing();
    append(store, &[&b"{}"[..]; 20]);
    // Stands for a thread that hangs and never closes its connection.
    let reader = Reader::open(&path).unwrap();
    drop(closing);
    assert_eq!(names(&path), ["history.db", "history.db-shm", "history.db-wal"]);
    assert_eq!(
        fs::metadata(path.with_file_name("history.db-wal")).unwrap().len(),
        0,
        "the log was copied into the database"
    );
    assert_eq!(reader.last_seq().unwrap(), 20);
}

#[test]
fn the_end_interrupts_a_check_of_the_whole_file() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &vec![&[b'{'; 3000][..]; 2000]);
    let store = Store::open(&path).unwrap();
    let closing = store.closing();
    let (end, ended) = mpsc::channel();
    store.check().start(move |found| end.send(found).unwrap());
    drop(store);
    drop(closing);
    assert_eq!(ended.recv(), Ok(None), "an interrupted check finds nothing");
    assert_eq!(events_in_copy(&path), 2000);
}
