//! What other events say about one that does not verify: in lines, in the history, offline and on the screen.

use crate::support::sandbox::{Listening, Ran, SECRET, Sandbox};
use crate::support::webhook::Webhook;

const OTHER_SECRET: &str = "whsec_YW5vdGhlci1rZXktZm9yLXRoZS10ZXN0cw==";
const BODY: &[u8] = br#"{"id":"evt_1","type":"user.signup","environment_id":"env_1","data":{}}"#;
const NEXT_BODY: &[u8] = br#"{"id":"evt_2","type":"user.signup","environment_id":"env_1","data":{}}"#;

/// Sends an event and gives its line.
#[track_caller]
fn line(listening: &Listening, id: &str, secret: &str, body: &[u8]) -> String {
    Webhook { id, secret, body, ..Webhook::default() }.send(listening.address);
    listening.line()
}

#[track_caller]
fn assert_says(ran: &Ran, words: &[&str]) {
    for each in words {
        assert!(ran.text().contains(each), "{each}\n{}", ran.text());
    }
}

#[test]
fn a_secret_that_verifies_others_is_not_suspected_and_one_that_never_did_is() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    assert!(line(&listening, "msg_1", OTHER_SECRET, BODY).contains("signature-mismatch"));
    line(&listening, "msg_2", OTHER_SECRET, NEXT_BODY);
    let none = sandbox.run(&["verify", "1"]);
    assert_says(&none, &["no event verifies with this secret; 1 other does not match", "Suspect the secret first"]);
    line(&listening, "msg_3", SECRET, br#"{"id":"evt_3"}"#);
    let some = sandbox.run(&["verify", "1"]);
    assert_says(&some, &["1 other event verifies with this secret", "Do not change the secret"]);
    assert_says(&sandbox.run(&["verify", "1", "--json"]), &[r#""reason":"signature-mismatch""#, "Do not change"]);
    // The history speaks of the secrets at hand, not of those that it was verified with.
    let other = sandbox.file("other", OTHER_SECRET);
    let two = sandbox.run(&["verify", "3", "--secret-file", &other]);
    assert_says(&two, &["verified with"]);
    let fixture = sandbox.run(&["events", "show", "1", "--fixture"]).stdout;
    let offline = sandbox.run(&["verify", &sandbox.file("event.json", fixture)]);
    assert_says(&offline, &["other event verifies with this secret"]);
}

#[test]
fn an_event_of_another_environment_and_a_body_of_another_event_are_named_everywhere() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--json"]);
    line(&listening, "msg_1", SECRET, BODY);
    let elsewhere = br#"{"id":"evt_3","type":"user.signup","environment_id":"env_2","data":{}}"#;
    assert!(line(&listening, "msg_2", OTHER_SECRET, elsewhere).contains(r#""reason":"other-environment""#));
    assert!(line(&listening, "msg_3", OTHER_SECRET, BODY).contains(r#""reason":"body-swapped""#));
    assert!(line(&listening, "msg_4", OTHER_SECRET, NEXT_BODY).contains(r#""reason":"signature-mismatch""#));
    // Another attempt of the verified event has its body, but is not swapped.
    assert!(line(&listening, "msg_1", OTHER_SECRET, BODY).contains(r#""reason":"signature-mismatch""#));
    assert_says(&sandbox.run(&["events", "show", "2"]), &["invalid (other-environment)"]);
    assert_says(&sandbox.run(&["events", "--filter", "reason:body-swapped"]), &["body-swapped"]);
    let verified = sandbox.run(&["verify", "2"]);
    assert_says(&verified, &["invalid: other-environment", "environment_id is env_2; verified events have env_1"]);
    assert_says(&sandbox.run(&["verify", "3"]), &["invalid: body-swapped", "event 1 has this body and verifies"]);
}

#[test]
fn the_screen_shows_what_the_history_says() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    Webhook { id: "msg_1", body: BODY, ..Webhook::default() }.send(screen.address);
    let forged = Webhook { id: "msg_2", secret: OTHER_SECRET, body: NEXT_BODY, ..Webhook::default() };
    forged.send(screen.address);
    screen.wait_for("mismatch");
    screen.type_keys("3");
    screen.wait_for("1 other event verifies with this secret");
    Webhook { id: "msg_3", body: BODY, ..forged }.send(screen.address);
    screen.wait_for("other body");
    screen.wait_for("event 1 has this body and verifies");
    screen.quit();
}
