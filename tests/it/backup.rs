//! `hookglass history backup` writes a complete copy or nothing.

use crate::store::{append, folder};
use crate::support::http::{Client, post};
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use hookglass::store::{Backup, BackupError, Reader, Store};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

/// The names of the files in the working folder.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.folder()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_beside_a_busy_listener_has_every_event_acknowledged_before_it() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    for _ in 0..50 {
        assert_eq!(Webhook::default().send(listening.address).status, 201);
    }
    let (address, is_done) = (listening.address, AtomicBool::new(false));
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Client::connect(address);
            while !is_done.load(Ordering::Relaxed) {
                client.send(&post("", b"{}"));
                client.answer();
            }
        });
        let ran = sandbox.run(&["history", "backup", "copy.db"]);
        is_done.store(true, Ordering::Relaxed);
        ran
    });
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let copy = sandbox.folder().join("copy.db");
    let (events, length) = (Reader::open(&copy).unwrap().last_seq().unwrap(), fs::metadata(&copy).unwrap().len());
    assert!(events >= 50, "{events}");
    assert_eq!(ran.text(), format!("backed up {events} events, {length} bytes, to `copy.db`\n"));
    assert_eq!(names(&sandbox), ["copy.db"]);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(listening.stop().success());

    let listed = sandbox.run(&["events", "--db", "copy.db", "--limit", "1000000"]);
    assert_eq!((listed.code, listed.text().lines().count() as u64), (Some(0), events));
    assert_eq!(names(&sandbox), ["copy.db"], "reading the copy leaves no other file");
    assert_eq!(append(Store::open(&copy).unwrap(), &[b"{}"])[0].seq, events + 1, "the copy can receive events");
}

#[test]
fn a_backup_refuses_existing_files_links_and_reserved_names() {
    let sandbox = Sandbox::new();
    assert!(sandbox.listen(&["--db", "history.db"]).stop().success());
    sandbox.file("taken.db", b"mine");
    sandbox.file("logged.db-wal", b"mine");
    symlink("elsewhere.db", sandbox.folder().join("dangling.db")).unwrap();
    let before = names(&sandbox);
    for (name, message) in [
        ("taken.db", "`taken.db` already exists"),
        ("dangling.db", "`dangling.db` already exists"),
        ("logged.db", "`logged.db-wal` already exists"),
        ("history.db", "`history.db` already exists"),
        ("history.db-wal", "`history.db-wal` is reserved for the log or the lock of the history"),
        ("nowhere/copy.db", "cannot create a file in `nowhere`"),
        ("-", "cannot write a backup to stdout"),
        ("..", "cannot create a file in"),
    ] {
        let ran = sandbox.run(&["history", "backup", "--db", "history.db", name]);
        assert_eq!((ran.code, ran.text()), (Some(2), ""), "{name}");
        assert!(ran.stderr.contains(message) && ran.stderr.contains("\nhint: "), "{name}: {}", ran.stderr);
    }
    let ran = sandbox.run(&["history", "backup", "--db", "missing.db", "copy.db"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("there is no history at `missing.db`"), "{}", ran.stderr);
    assert_eq!(names(&sandbox), before);
    assert_eq!(fs::read(sandbox.folder().join("taken.db")).unwrap(), b"mine");
}

#[test]
fn a_file_created_during_the_backup_is_not_replaced() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let copy = path.with_file_name("copy.db");
    let backup = Backup::prepare(&path, &copy).unwrap();
    symlink("elsewhere.db", &copy).unwrap();
    assert!(matches!(backup.run(), Err(BackupError::Exists { .. })));
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    assert_eq!(names, ["copy.db", "history.db", "history.db.lock"]);
}

#[test]
fn an_interrupted_backup_leaves_no_file() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &vec![&[b'{'; 100_000][..]; 100]);
    let backup = Backup::prepare(&path, &path.with_file_name("copy.db")).unwrap();
    let interrupt = backup.interrupt();
    interrupt.ask();
    assert!(matches!(backup.run(), Err(BackupError::Interrupted)));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "the history and its lock");
}
