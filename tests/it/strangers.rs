//! A user's file that is not a history: hookglass leaves it alone, whatever command names it.

use crate::store::{append, folder};
use crate::support::sandbox::Sandbox;
use hookglass::store::{Reader, Store};
use std::fs;
use std::path::Path;
use std::process::Command;

const PAGE: usize = 16_384;

/// The files of a database of another program while it is open: the database, and its log if there is one.
fn their_files(sql: &str) -> [Option<Vec<u8>>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    [path.clone(), path.with_extension("db-wal")].map(|path| fs::read(path).ok())
}

/// A database of another program, with a table.
fn their_database() -> Vec<u8> {
    let [database, log] = their_files("CREATE TABLE theirs (x)");
    assert_eq!(log, None);
    database.unwrap()
}

/// A closed database of another program that writes a log whenever it is open.
fn their_closed_database() -> Vec<u8> {
    let sql = "CREATE TABLE theirs (x); PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)";
    let [database, log] = their_files(sql);
    assert_eq!(log, Some(Vec::new()));
    database.unwrap()
}

/// Everything about the files in `folder` that a careless open would change.
fn state(folder: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime, fs::Permissions)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap(), metadata.modified().unwrap(), metadata.permissions())
        })
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// Runs every command that opens a history on the file `name`, and checks that it says what the file is.
fn assert_refused(sandbox: &Sandbox, name: &str, what: &str) {
    for arguments in [
        &["--headless", "--port", "0"][..],
        &["events"],
        &["events", "show", "1"],
        &["history", "backup", "copy.db"],
        &["replay", "1", "--to", "http://127.0.0.1:1"],
    ] {
        let ran = sandbox.run(&[arguments, &["--db", name]].concat());
        assert_eq!((ran.code, ran.text()), (Some(2), ""), "{name} {arguments:?}");
        let is_explained = ran.stderr.contains(&format!("{name}` is {what}"));
        assert!(is_explained && ran.stderr.contains("hint: choose another file"), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_file_that_is_not_a_history_is_refused_unchanged() {
    let mut random = fastrand::Rng::with_seed(3);
    let image: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain((0..9 * PAGE).map(|_| random.u8(..))).collect();
    let mut their_damaged = their_database();
    their_damaged.truncate(5000);
    let [live, Some(log)] = their_files("PRAGMA journal_mode = WAL; CREATE TABLE theirs (x)") else { unreachable!() };
    let (not_a_history, foreign) = ("not a hookglass history", "a database of another program");
    for (name, bytes, log, what) in [
        ("notes.txt", b"remember the milk\n".to_vec(), None, not_a_history),
        ("long.txt", b"remember the milk\n".repeat(4000), None, not_a_history),
        ("picture.png", image, None, not_a_history),
        ("zeros", vec![0; 3 * PAGE], None, not_a_history),
        ("theirs.db", their_database(), None, foreign),
        ("their-damaged.db", their_damaged, None, foreign),
        ("their-closed.db", their_closed_database(), None, foreign),
        ("their-live.db", live.unwrap(), Some(log), foreign),
    ] {
        for has_lock in [false, true] {
            let sandbox = Sandbox::new();
            sandbox.file(name, &bytes);
            if let Some(log) = &log {
                sandbox.file(&format!("{name}-wal"), log);
            }
            if has_lock {
                // As an older version left it.
                sandbox.file(&format!("{name}.lock"), "");
            }
            let before = state(&sandbox.folder());
            assert_refused(&sandbox, name, what);
            assert!(state(&sandbox.folder()) == before, "{name} changed");
        }
    }
}

#[test]
fn a_path_to_a_pipe_or_a_folder_is_refused_at_once() {
    for has_lock in [false, true] {
        let sandbox = Sandbox::new();
        let path = |name: &str| sandbox.folder().join(name);
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        fs::create_dir(path("folder")).unwrap();
        if has_lock {
            sandbox.file("pipe.lock", "");
            sandbox.file("folder.lock", "");
        }
        let names = || fs::read_dir(sandbox.folder()).unwrap().count();
        let before = names();
        assert_refused(&sandbox, "pipe", "a named pipe, not a hookglass history");
        assert_refused(&sandbox, "folder", "a folder, not a hookglass history");
        assert_eq!(names(), before, "nothing was created");
    }
}

#[test]
fn an_empty_file_may_become_a_history() {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(append(Store::open(&path).unwrap(), &[b"{}"])[0].seq, 1);
}

#[test]
fn a_history_of_one_event_is_recognized_without_its_first_page() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let before = Reader::open(&path).unwrap().event(1).unwrap().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[..PAGE].fill(b'x');
    fs::write(&path, bytes).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(store.notice().unwrap().contains("saved the only event"), "{:?}", store.notice());
    drop(store);
    let reader = Reader::open(&path).unwrap();
    assert_eq!((reader.event(1).unwrap(), reader.last_seq().unwrap()), (Some(before), 1));
}
