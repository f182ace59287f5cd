//! Overrides set with keys reach the senders.

use crate::support::http::{ask, post};
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;

#[test]
fn the_next_senders_get_the_override_and_the_header_counts_down() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.type_keys("a");
    screen.wait_for("503 Service Unavailable");
    screen.type_keys("2b");
    screen.wait_for("override 503 ×2");
    assert_eq!(Webhook::default().send(screen.address).status, 503);
    screen.wait_for("override 503 ×1");
    assert_eq!(Webhook::default().send(screen.address).status, 503);
    screen.wait_for("override used up; back to the default responses");
    screen.wait_until_gone("override 503");
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.type_keys("<2");
    screen.wait_for("responded 503");
    screen.quit();
}

#[test]
fn an_interceptor_is_denied_with_the_typed_message() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--override", "drop type:role.*"]);
    screen.wait_for("override drop role.*");
    screen.type_keys("an");
    screen.wait_for("expected a message");
    screen.type_keys("only \\\"staff\\\"\r");
    screen.wait_for("role.* · DENY");
    let denied = ask(screen.address, &post("", b"{\"trigger_point\":\"PRE_SIGNUP\"}"));
    assert_eq!(denied.body, r#"{"decision":"DENY","error":{"message":"only \"staff\""}}"#);
    screen.type_keys("2");
    screen.wait_for("responded 200 (override `deny:\"only \\\"staff\\\"\"`)");
    screen.type_keys("4");
    screen.wait_for("received ");
    screen.wait_for(", responded 200 (override `deny:");
    assert!(sandbox.run(&["events", "show", "1"]).text().contains("(override `deny:"));
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.type_keys("ar");
    screen.wait_until_gone("DENY");
    assert_eq!(ask(screen.address, &post("", b"{\"trigger_point\":\"PRE_SIGNUP\"}")).status, 401);
    screen.quit();
}

#[test]
fn a_sender_that_disconnects_early_is_reported() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.type_keys("a1l\x7f\x7f\x7f60s\r");
    screen.wait_for("override default +60s ×1");
    let mut client = crate::support::http::Client::connect(screen.address);
    client.send(&Webhook::default().bytes());
    screen.wait_for("✓ user.signup");
    screen.type_keys("2");
    screen.wait_for("responded 201");
    drop(client);
    screen.wait_for("the sender of event 1 disconnected before its delayed response");
    screen.wait_for("no response: the sender disconnected first");
    let shown = sandbox.run(&["events", "show", "1"]);
    assert!(
        shown.text().contains(", no response: the sender disconnected first (override `default delay:60s`)"),
        "{}",
        shown.text()
    );
    screen.quit();
}
