//! What `s` saves to the folder of fixtures.

use crate::support::sandbox::{Sandbox, Screen};
use crate::support::webhook::Webhook;
use hookglass::core::export::Fixture;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const NAME: &str = "user.signup-23456789.json";

fn screen_with(sandbox: &Sandbox, arguments: &[&str]) -> Screen {
    let screen = sandbox.open(arguments);
    Webhook::default().send(screen.address);
    screen.wait_for("1 event ");
    screen
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn s_saves_the_selected_event_once() {
    let sandbox = Sandbox::new();
    let screen = screen_with(&sandbox, &[]);
    screen.type_keys("s");
    screen.wait_for(&format!("saved `fixtures/{NAME}`"));
    let path = sandbox.folder().join("fixtures").join(NAME);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.as_bytes(), sandbox.run(&["events", "show", "1", "--fixture"]).stdout);
    assert_eq!(text.as_bytes(), screen.copy("yf"));
    Fixture::read(&text).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let as_umask = std::fs::metadata(sandbox.file("other", "")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, as_umask);
    screen.type_keys("s");
    screen.wait_for(&format!("already there: `fixtures/{NAME}`"));
    assert_eq!(names(&sandbox.folder().join("fixtures")), [NAME]);
    screen.quit();
}

#[test]
fn another_file_of_the_name_is_never_replaced() {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder().join("tests/events");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(NAME), "mine").unwrap();
    // A link to nowhere, which a plain write would follow.
    let second = "user.signup-23456789-2.json";
    std::os::unix::fs::symlink(sandbox.folder().join("elsewhere"), folder.join(second)).unwrap();
    let screen = screen_with(&sandbox, &["--fixtures", "tests/events"]);
    screen.type_keys("s");
    let third = "user.signup-23456789-3.json";
    screen.wait_for(&format!("saved `tests/events/{third}`"));
    assert_eq!(std::fs::read(folder.join(NAME)).unwrap(), b"mine");
    assert_eq!(names(&folder), [second, third, NAME]);
    assert!(!sandbox.folder().join("elsewhere").exists());
    screen.quit();
}

#[test]
fn nothing_is_saved_through_a_linked_folder() {
    let sandbox = Sandbox::new();
    let elsewhere = sandbox.folder().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.folder().join("fixtures")).unwrap();
    let screen = screen_with(&sandbox, &[]);
    screen.type_keys("s");
    screen.wait_for("cannot save event 1: `fixtures` is a symbolic link");
    assert!(names(&elsewhere).is_empty());
    screen.quit();
}

#[test]
fn s_saves_the_marked_events_and_names_their_count() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    for (id, body) in [("msg_1", r#"{"id":"evt_1","type":"a"}"#), ("msg_2", r#"{"id":"evt_2","type":"b"}"#)] {
        Webhook { id, body: body.as_bytes(), ..Webhook::default() }.send(screen.address);
    }
    screen.wait_for("2 events ");
    screen.type_keys(" k s");
    screen.wait_for("saved 2 fixtures in `fixtures`: a-evt1.json, b-evt2.json");
    screen.quit();
}
