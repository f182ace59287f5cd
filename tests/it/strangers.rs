//! A user's file that is no history: hookglass leaves it alone, whatever command names it.

use crate::store::{append, folder};
use crate::support::sandbox::Sandbox;
use hookglass::store::{Reader, Store};
use std::fs;
use std::path::Path;

const PAGE: usize = 16_384;

/// A database of another program, with a table.
fn their_database() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    fs::read(path).unwrap()
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

#[test]
fn a_file_that_is_no_history_is_refused_and_stays_as_it_is() {
    let mut random = fastrand::Rng::with_seed(3);
    let image: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain((0..9 * PAGE).map(|_| random.u8(..))).collect();
    let mut their_damaged = their_database();
    their_damaged.truncate(5000);
    for (name, bytes) in [
        ("notes.txt", b"remember the milk\n".to_vec()),
        ("long.txt", b"remember the milk\n".repeat(4000)),
        ("picture.png", image),
        ("zeros", vec![0; 3 * PAGE]),
        ("theirs.db", their_database()),
        ("their-damaged.db", their_damaged),
    ] {
        for has_lock in [false, true] {
            let sandbox = Sandbox::new();
            sandbox.file(name, &bytes);
            if has_lock {
                // As an older version left it.
                sandbox.file(&format!("{name}.lock"), "");
            }
            let before = state(&sandbox.folder());
            for arguments in [
                &["--headless", "--port", "0"][..],
                &["events"],
                &["events", "show", "1"],
                &["history", "backup", "copy.db"],
                &["replay", "1", "--to", "http://127.0.0.1:1"],
            ] {
                let ran = sandbox.run(&[arguments, &["--db", name]].concat());
                assert_eq!((ran.code, ran.text()), (Some(2), ""), "{name} {arguments:?}");
                let is_named = |what: &str| ran.stderr.contains(&format!("{name}` is {what}"));
                let is_explained = is_named("not a hookglass history") || is_named("a database of another program");
                assert!(is_explained && ran.stderr.contains("hint: choose another file"), "{}", ran.stderr);
            }
            assert!(state(&sandbox.folder()) == before, "{name} changed");
        }
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
fn a_history_of_one_event_is_known_without_its_first_page() {
    let (_folder, path) = folder();
    let told = append(Store::open(&path).unwrap(), &[b"{}"]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..PAGE].fill(b'x');
    fs::write(&path, bytes).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(store.notice().unwrap().contains("saved the only event"), "{:?}", store.notice());
    drop(store);
    assert_eq!(Reader::open(&path).unwrap().newest(9).unwrap().len(), told.len());
}
