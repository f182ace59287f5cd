//! Rehearsals, retries and bulk re-delivery, started with keys, against a real app.

use crate::support::http::ask;
use crate::support::recorder::Recorder;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;

#[test]
fn an_app_that_accepts_everything_fails_its_rehearsals() {
    let app = Recorder::start(201, "");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("da");
    screen.wait_for("Send 70 requests (30 rehearsals) to http://localhost:");
    screen.type_keys("y");
    screen.wait_for("30 of 30");
    screen.wait_for("Esc closes");
    screen.wait_for("✗ your handler ignores the result of verification");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.type_keys("4");
    screen.wait_for("70 deliveries");
    let row = screen.text().lines().find(|line| line.starts_with('▌')).unwrap().to_owned();
    let list = row.split('│').next().unwrap().trim_end();
    assert!(list.ends_with(" ·"), "a rehearsal does not change the row: {row}");
    screen.quit();
}

#[test]
fn a_single_rehearsal_runs_after_the_control_if_the_event_supports_it() {
    let (app, sandbox) = (Recorder::start(200, r#"{"decision":"ALLOW"}"#), Sandbox::new());
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    let interceptor =
        String::from_utf8(Webhook { body: br#"{"trigger_point":"PRE_SIGNUP"}"#, ..Webhook::default() }.bytes());
    assert_eq!(
        ask(screen.address, interceptor.unwrap().replace("\nwebhook-", "\ninterceptor-").as_bytes()).status,
        200
    );
    screen.wait_for("1 Payload");
    screen.type_keys("d2");
    screen.wait_for("2 rehearsals: 2 passed");
    screen.wait_for("Esc closes");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.type_keys("do");
    screen.wait_for("none of these rehearsals works with an interceptor's event");
    assert_eq!(app.all().len(), 3, "no other request is sent instead");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.quit();
}

#[test]
fn marked_events_are_sent_in_the_order_received() {
    let app = Recorder::start(201, "");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    for id in ["msg_1", "msg_2", "msg_3"] {
        assert_eq!(Webhook { id, ..Webhook::default() }.send(screen.address).status, 201);
    }
    screen.wait_for("3 events");
    screen.type_keys("g ");
    screen.type_keys("j ");
    screen.type_keys("dm");
    screen.wait_for("Re-deliver 2 events");
    screen.type_keys("\r");
    screen.wait_for("2 of 2");
    screen.wait_for("2  delivered");
    let ids = [app.next(), app.next()].map(|request| request.value("webhook-id").unwrap());
    assert_eq!(ids, ["msg_1", "msg_3"]);
    screen.wait_for("Esc closes");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.quit();
}

#[test]
fn retries_follow_the_schedule_and_can_be_stopped() {
    let app = Recorder::start(503, "");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("1 Payload");
    screen.type_keys("dr\x15minutes 1000000\r");
    screen.wait_for("4 of 4");
    screen.wait_for("the provider would give up after 4 attempts");
    let requests = [app.next(), app.next(), app.next(), app.next()];
    for request in &requests {
        assert_eq!(request.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"));
    }
    screen.wait_for("Esc closes");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.type_keys("dr\x15engine 1\r");
    screen.wait_for("at once  503");
    screen.type_keys("x");
    screen.wait_for("stopped after attempt 1 of 8");
    screen.type_keys("\x1b");
    screen.wait_until_gone("Esc closes");
    screen.quit();
}
