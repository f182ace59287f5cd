//! Replacing a damaged history with its copy, when an earlier run or an earlier repair did not get to the end.

use super::{EVENTS, SOUND, beside, put_damaged, readable, run, start};
use crate::store::write;
use crate::support::{arrival, new_event_from};
use hookglass::store::{Reader, Store};
use std::fs;

#[test]
fn the_next_start_completes_a_replacement() {
    let (_folder, path) = put_damaged();
    let damaged = fs::read(&path).unwrap();
    let name = |suffix: &str| path.with_file_name(format!("history.db{suffix}"));
    fs::write(name(".copied-1"), &SOUND[0].database).unwrap();
    fs::write(name(".copying"), b"half of it").unwrap();
    for is_renamed in [false, true] {
        // The copy of an earlier repair, which failed.
        fs::write(name(".copied-0"), b"an older copy").unwrap();
        let store = Store::open(&path).unwrap();
        assert_eq!(store.reader().unwrap().last_seq().unwrap(), EVENTS, "{is_renamed}");
        let notice = store.notice().unwrap();
        assert!(notice.contains("completed the repair") && notice.contains("history.db.damaged-1`"), "{notice}");
        drop(store);
        assert_eq!(readable(&path).len() as u64, EVENTS);
        assert_eq!(fs::read(name(".damaged-1")).unwrap(), damaged);
        assert_eq!((beside(&path, "copied").len(), beside(&path, "copying").len()), (0, 0));
        fs::rename(&path, name(".copied-1")).unwrap();
    }
}

#[test]
fn a_repair_removes_the_copy_of_an_earlier_one_that_failed() {
    let (_folder, path) = put_damaged();
    let store = Store::open(&path).unwrap();
    fs::write(path.with_file_name("history.db.copied-1"), &SOUND[0].database).unwrap();
    let check = store.check();
    let (seq, _) = write(store, |writer| async move {
        assert!(start(check).await.unwrap().is_some());
        writer.append(new_event_from(arrival(b"{}"))).await.unwrap()
    });
    assert!(beside(&path, "copied").is_empty());
    assert_eq!(run(&path, 0).notice, None);
    assert_eq!(Reader::open(&path).unwrap().last_seq().unwrap(), seq, "the acknowledged event is still there");
}

/// Elsewhere a file name must be valid Unicode.
#[cfg(target_os = "linux")]
#[test]
fn the_next_start_completes_a_replacement_under_any_file_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let (_folder, path) = put_damaged();
    let name = |bytes: &[u8]| path.with_file_name(OsStr::from_bytes(bytes));
    fs::rename(&path, name(b"\xff.db")).unwrap();
    fs::write(name(b"\xff.db.copied-1"), &SOUND[0].database).unwrap();
    drop(Store::open(&name(b"\xff.db")).unwrap());
    assert_eq!(readable(&name(b"\xff.db")).len() as u64, EVENTS);
    assert!(!name(b"\xff.db.copied-1").exists());
}
