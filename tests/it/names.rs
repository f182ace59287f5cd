//! One history under several names, and who may read it.

use crate::store::{append, folder};
use crate::support::patience::PATIENCE;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use hookglass::store::{Reader, Store, StoreError};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_symbolic_link_leads_to_the_history_and_to_its_lock() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let link = path.parent().unwrap().with_file_name("link.db");
    symlink(&path, &link).unwrap();
    let store = Store::open(&link).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Locked { .. })));
    assert_eq!(append(store, &[b"{}"])[0].seq, 2);
    assert_eq!(Reader::open(&link).unwrap().last_seq().unwrap(), 2);
}

#[test]
fn a_dangling_link_creates_a_private_target() {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let link = path.with_file_name("link.db");
    symlink("history.db", &link).unwrap();
    append(Store::open(&link).unwrap(), &[b"{}"]);
    assert_eq!((mode(&path), Reader::open(&path).unwrap().last_seq().unwrap()), (0o600, 1));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_loop_of_links_is_reported() {
    let sandbox = Sandbox::new();
    symlink("loop.db", sandbox.folder().join("loop.db")).unwrap();
    let ran = sandbox.run(&["--headless", "--port", "0", "--db", "loop.db"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`loop.db`: ") && ran.stderr.contains("symbolic links"), "{}", ran.stderr);
}

#[test]
fn a_second_listener_is_refused_under_any_name_of_the_file() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&["--db", "history.db"]);
    fs::hard_link(sandbox.folder().join("history.db"), sandbox.folder().join("hard.db")).unwrap();
    symlink("history.db", sandbox.folder().join("soft.db")).unwrap();
    for (name, said) in
        [("history.db", "another hookglass has"), ("soft.db", "another hookglass has"), ("hard.db", "is a hard link")]
    {
        let ran = sandbox.run(&["--headless", "--port", "0", "--db", name]);
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.stderr.contains(said) && ran.stderr.contains("history.db") | (name == "hard.db"), "{}", ran.stderr);
    }
    let ran = sandbox.run(&["replay", "1", "--to", "1", "--db", "hard.db"]);
    assert_eq!(ran.code, Some(2), "the events are in the log under the other name: {ran:?}");
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    let again = sandbox.listen(&["--db", "hard.db"]);
    assert_eq!(Webhook::default().send(again.address).status, 201);
}

#[test]
fn a_new_listener_waits_for_one_that_is_shutting_down() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let (opening, opened) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            opening.send(()).unwrap();
            // It gets the lock, whether it has to wait or starts late.
            assert!(Store::open(&path).is_ok());
        });
        opened.recv_timeout(PATIENCE).unwrap();
        drop(store);
    });
}

#[test]
fn a_history_that_others_can_read_becomes_private() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let parent = path.parent().unwrap();
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    set(&path, 0o644);
    set(&path.with_file_name("history.db.lock"), 0o666);
    set(parent, 0o755);
    let store = Store::open(&path).unwrap();
    for name in ["history.db", "history.db-wal", "history.db-shm", "history.db.lock"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    assert_eq!(mode(parent), 0o755, "an existing folder keeps its mode");
    drop(store);
}
