//! A history that ends with the program, whatever ends the program.

use crate::support::sandbox::{Listening, PROGRAM, Sandbox};
use crate::support::webhook::Webhook;
use rustix::process::Signal;
use std::fs;
use std::path::Path;

/// A sandbox with a temporary folder of its own, so that no other test's program looks there.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder();
    sandbox.with("TMPDIR", folder.to_str().unwrap())
}

/// Listens with an ephemeral history that holds one event.
fn listening(sandbox: &Sandbox) -> Listening {
    // Whoever runs the tests may have been started with signals ignored.
    let arguments = ["--default-signal", PROGRAM, "--headless", "--port", "0", "--ephemeral"];
    let listening = Listening::start(sandbox.command_of("/usr/bin/env", &arguments));
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    listening
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn every_signal_that_ends_the_program_ends_the_history() {
    for signal in [Signal::TERM, Signal::QUIT, Signal::USR1, Signal::ALARM, Signal::ABORT] {
        let sandbox = sandbox();
        let mut listening = listening(&sandbox);
        assert_eq!(count(&sandbox.folder()), 1);
        listening.signal(signal);
        assert!(listening.wait().success(), "{signal:?}");
        assert_eq!(count(&sandbox.folder()), 0, "{signal:?}");
    }
}

#[test]
fn the_next_start_removes_what_a_kill_left_and_nothing_in_use() {
    let sandbox = sandbox();
    let mut killed = listening(&sandbox);
    killed.signal(Signal::KILL);
    killed.wait();
    let left = fs::read_dir(sandbox.folder()).unwrap().next().unwrap().unwrap().path();
    let running = listening(&sandbox);
    assert!(!left.exists());
    assert_eq!(count(&sandbox.folder()), 1);
    let mut further = sandbox.listen(&[]);
    assert_eq!(count(&sandbox.folder()), 1, "the running one's");
    assert!(further.stop().success());
    assert_eq!(Webhook::default().send(running.address).status, 201);
}

#[test]
fn a_history_of_the_users_own_in_the_temporary_folder_stays() {
    let sandbox = sandbox();
    let database = sandbox.folder().join("hookglass-mine/history.db");
    let arguments = ["--db", database.to_str().unwrap()];
    let mut listening = sandbox.listen(&arguments);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    assert!(sandbox.listen(&["--ephemeral"]).stop().success());
    assert_eq!(sandbox.run(&["events", arguments[0], arguments[1]]).text().lines().count(), 1);
}
