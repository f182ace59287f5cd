//! Editing a body in the user's editor and sending it.

use crate::support::recorder::Recorder;
use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{BODY, Webhook};
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use jiff::Timestamp;
use rustix::process::Signal;

/// A sandbox whose editor is this shell script; the file is its first argument.
fn with_editor(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let path = sandbox.file("editor.sh", script);
    sandbox.with("EDITOR", &format!("sh {path}"))
}

#[test]
fn an_edited_event_is_signed_and_sent_as_a_new_one() {
    let app = Recorder::start(201, "");
    let sandbox = with_editor("sed -i 's/user.signup/user.edited/' \"$1\"\n");
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("e");
    screen.wait_for("What changed");
    screen.wait_for("user.edited");
    screen.type_keys("\r");
    let arrived = app.next();
    let expected = String::from_utf8(BODY.to_vec()).unwrap().replace("user.signup", "user.edited");
    assert_eq!(String::from_utf8(arrived.body.clone()).unwrap(), expected);
    assert_ne!(arrived.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"), "a new event needs its own id");
    assert_eq!(arrived.value("hookglass-delivery").as_deref(), Some("edited"));
    let keyring = Keyring { verifying: vec![Secret::new("test", SECRET)], known_only: Vec::new() };
    let now_ms = Timestamp::now().as_millisecond();
    assert_eq!(verify_request(&arrived.head.headers(), &arrived.body, now_ms, &keyring).verdict, Verdict::Verified);
    screen.wait_for("responded 201");
    screen.type_keys("4");
    screen.wait_for("edited, as a new signed event");
    screen.quit();
}

#[test]
fn the_editor_has_the_terminal_to_itself() {
    let sandbox = with_editor("echo in the editor; read answer; sed -i \"s/user.signup/$answer/\" \"$1\"\n");
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("e");
    screen.wait_for("in the editor");
    assert!(!screen.is_raw());
    // Events are received meanwhile.
    assert_eq!(Webhook { id: "msg_other", ..Webhook::default() }.send(screen.address).status, 201);
    screen.type_keys("quit.all\r");
    screen.wait_for("quit.all");
    screen.wait_for("What changed");
    screen.type_keys("\x1b");
    screen.wait_for("edit discarded");
    screen.wait_for("2 events");
    screen.quit();
}

#[test]
fn interrupting_the_editor_does_not_end_the_program() {
    let sandbox = with_editor("echo in the editor; read answer\n");
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    for count in 1..=2 {
        screen.type_keys("e");
        screen.wait_until("the editor", |seen| seen.text().matches("in the editor").count() == count);
        screen.type_keys("\x03");
        screen.wait_for("nothing was sent");
    }
    // The notice stays for longer than an interrupted program takes to exit.
    screen.wait_until_gone("nothing was sent");
    screen.quit();
}

#[test]
fn an_interrupt_that_arrives_after_the_editor_has_closed_does_not_end_the_program() {
    let sandbox = with_editor("exit 130\n");
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("e");
    screen.wait_for("nothing was sent");
    screen.signal_number(Signal::INT.as_raw());
    screen.signal_number(Signal::QUIT.as_raw());
    screen.wait_until_gone("nothing was sent");
    screen.quit();
}

#[test]
fn nothing_is_sent_when_the_editor_fails_or_changes_nothing() {
    for (script, notice) in
        [("exit 3\n", "failed (exit status: 3); nothing was sent"), ("true\n", "no changes; nothing was sent")]
    {
        let sandbox = with_editor(script);
        let screen = sandbox.open(&["--target", "1"]);
        assert_eq!(Webhook::default().send(screen.address).status, 201);
        screen.wait_for("1 Payload");
        screen.type_keys("e");
        screen.wait_for(notice);
        screen.quit();
    }
}

#[test]
fn an_editor_does_not_get_the_secret() {
    let sandbox = with_editor("env > \"$OUT\"; exit 1\n");
    let out = sandbox.folder().join("environment");
    let sandbox = sandbox.with("OUT", out.to_str().unwrap()).with("SCALEKIT_CLIENT_SECRET", "another");
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("e");
    screen.wait_for("nothing was sent");
    let environment = std::fs::read_to_string(out).unwrap();
    assert!(environment.contains("TERM=xterm-256color") && !environment.contains("SCALEKIT"), "{environment}");
    screen.quit();
}
