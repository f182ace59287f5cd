//! Events reach an app: re-delivered with a key, or forwarded as they arrive.

use crate::support::closed_address;
use crate::support::forwarding::app;
use crate::support::recorder::{Recorded, Recorder, reply};
use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use jiff::Timestamp;
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// Headers that the HTTP client sets, and the header that marks a delivery.
const CLIENTS: [&str; 3] = ["host", "content-length", "hookglass-delivery"];

fn verdict_of(request: &Recorded) -> Verdict {
    let keyring = Keyring { verifying: vec![Secret::new("test", SECRET)], known_only: Vec::new() };
    verify_request(&request.head.headers(), &request.body, Timestamp::now().as_millisecond(), &keyring).verdict
}

fn timestamp_of(request: &Recorded) -> i64 {
    request.value("webhook-timestamp").unwrap().parse().unwrap()
}

/// A verified event that was signed some minutes ago.
fn aged() -> Webhook<'static> {
    Webhook {
        age_s: 200,
        headers: "X-First: 1\r\nContent-Type: application/json\r\nx-SECOND: 2\r\n",
        ..Webhook::default()
    }
}

#[test]
fn a_redelivery_asks_for_the_target_once_and_is_signed_again() {
    let app = Recorder::start(202, "thank you");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    let before = Timestamp::now().as_second();
    assert_eq!(aged().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("r");
    screen.wait_for("╭ Target ");
    screen.type_keys("ftp://x\r");
    screen.wait_for("╭ Target ");
    screen.type_keys(&format!("\x15http://{}/hooks?x=1\r", app.address));
    let first = app.next();
    assert_eq!(first.head.target(), b"/hooks?x=1");
    assert_eq!(first.body, BODY);
    assert_eq!(first.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"));
    assert!(timestamp_of(&first) >= before, "the timestamp is not new");
    assert_eq!(verdict_of(&first), Verdict::Verified);
    screen.wait_for("responded 202");

    screen.type_keys("r");
    assert_eq!(verdict_of(&app.next()), Verdict::Verified);
    screen.type_keys("4");
    screen.wait_until("both deliveries", |seen| seen.text().matches("re-delivered, signed again").count() == 2);
    screen.wait_for("thank you");
    screen.quit();

    let screen = sandbox.open(&[]);
    screen.type_keys("4");
    screen.wait_until("both deliveries again", |seen| seen.text().matches("re-delivered, signed again").count() == 2);
    screen.quit();
}

#[test]
fn byte_for_byte_keeps_every_header_and_the_timestamp() {
    let app = Recorder::start(200, "");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &app.address.port().to_string()]);
    let sent = aged().bytes();
    assert_eq!(crate::support::http::ask(screen.address, &sent).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("R");
    let arrived = app.next();
    let head = hookglass::core::request::Head::parse(&sent).unwrap();
    let original = Recorded { head, body: BODY.to_vec() };
    assert_eq!(arrived.headers_without(&CLIENTS), original.headers_without(&CLIENTS));
    assert_eq!(arrived.body, BODY);
    screen.wait_for("responded 200");
    screen.quit();
}

#[test]
fn an_unverified_event_is_re_delivered_without_a_new_signature() {
    let app = Recorder::start(401, "no");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &format!("http://{}", app.address)]);
    let forged = Webhook { secret: "whsec_b3RoZXI=", ..Webhook::default() };
    assert_eq!(forged.send(screen.address).status, 401);
    screen.wait_for("✗ user.signup");
    screen.type_keys("r");
    assert_eq!(verdict_of(&app.next()), Verdict::Invalid);
    screen.wait_for("sent as received, since it never verified");
    screen.type_keys("4");
    screen.wait_for("re-delivered, byte for byte");
    screen.quit();
}

#[test]
fn a_delivery_by_a_command_is_shown_at_once() {
    let app = Recorder::start(202, "thank you");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("4");
    let ran = sandbox.run(&["replay", "1", "--to", &app.port()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    screen.wait_for("thank you");
    screen.type_keys("/is:delivered\r");
    screen.wait_for("1 of 1");
    screen.quit();
}

#[test]
fn a_refused_connection_is_shown_and_stored() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--target", &closed_address().port().to_string()]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("r4");
    screen.wait_for("signed again");
    screen.wait_for("refused");
    screen.quit();
}

#[test]
fn only_verified_events_are_forwarded() {
    let app = Recorder::start(200, "");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--forward-to", &format!("http://{}/in", app.address)]);
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_forged", ..Webhook::default() };
    assert_eq!(forged.send(screen.address).status, 401);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    let arrived = app.next();
    assert_eq!(arrived.head.target(), b"/in");
    assert_eq!(arrived.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"));
    assert_eq!(verdict_of(&arrived), Verdict::Verified);
    screen.wait_for("⇒ ");
    screen.type_keys("4");
    screen.wait_for("forwarded, byte for byte");
    screen.quit();
}

#[test]
fn re_delivery_to_hookglass_itself_is_refused() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("=");
    screen.wait_for("╭ Target ");
    screen.type_keys(&format!("{}\r", screen.address.port()));
    screen.wait_until_gone("╭ Target ");
    screen.type_keys("r4");
    screen.wait_for("signed again");
    screen.wait_for("1 event ");
    screen.quit();
}

#[test]
fn a_forwarded_event_without_a_response_is_pending() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let slow = app(move |mut stream, _| {
        // A dropped sender releases it too.
        let _ = released.lock().unwrap().recv();
        reply(&mut stream, 200, "").unwrap();
    });
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--forward-to", &slow.to_string()]);
    screen.type_keys("4");
    // The first is in flight, the second is queued.
    for (event_type, id) in [("user.login", "msg_1"), ("role.created", "msg_2")] {
        let body = body_of(event_type, id);
        assert_eq!(Webhook { body: &body, id, ..Webhook::default() }.send(screen.address).status, 201);
        let (title, said) = (format!(" {event_type} ─"), format!("in flight to http://{slow}/"));
        screen.wait_until(&said, |seen| [&title, &said].iter().all(|text| seen.text().contains(&***text)));
    }
    drop(release);
    screen.wait_for("1 delivery");
    screen.quit();
}
