//! An ephemeral history ends with the program, whatever ends the program.

use crate::support::sandbox::{Listening, PROGRAM, Sandbox};
use crate::support::webhook::Webhook;
use rustix::process::Signal;
use std::fs;
use std::path::Path;

/// A sandbox with a temporary folder of its own, which the programs of other tests do not clean up.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder();
    sandbox.with("TMPDIR", folder.to_str().unwrap())
}

/// Listens with an ephemeral history that holds one event.
fn listening(sandbox: &Sandbox) -> Listening {
    // The test runner may ignore signals, and the program would inherit that.
    let arguments = ["--default-signal", PROGRAM, "--headless", "--port", "0", "--ephemeral"];
    let listening = Listening::start(sandbox.command_of("/usr/bin/env", &arguments));
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    listening
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn every_signal_that_ends_the_program_removes_the_history() {
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
fn the_next_start_removes_the_folder_of_a_killed_program_and_no_folder_in_use() {
    let sandbox = sandbox();
    let mut killed = listening(&sandbox);
    killed.signal(Signal::KILL);
    killed.wait();
    let leftover = fs::read_dir(sandbox.folder()).unwrap().next().unwrap().unwrap().path();
    let running = listening(&sandbox);
    assert!(!leftover.exists());
    assert_eq!(count(&sandbox.folder()), 1);
    let mut another = sandbox.listen(&[]);
    assert_eq!(count(&sandbox.folder()), 1, "the folder of the running program stays");
    assert!(another.stop().success());
    assert_eq!(Webhook::default().send(running.address).status, 201);
}

#[test]
fn a_users_own_history_in_the_temporary_folder_stays() {
    let sandbox = sandbox();
    let database = sandbox.folder().join("hookglass-mine/history.db");
    let arguments = ["--db", database.to_str().unwrap()];
    let mut listening = sandbox.listen(&arguments);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    assert!(sandbox.listen(&["--ephemeral"]).stop().success());
    assert_eq!(sandbox.run(&["events", arguments[0], arguments[1]]).text().lines().count(), 1);
}
