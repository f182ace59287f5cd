//! Events arrive, are shown with their verdict, and survive a restart.

use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{Webhook, body_of};

const VERIFIED: &str = "✓ user.signup";

#[test]
fn a_signed_event_is_shown_as_verified() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.wait_for("Waiting for the first webhook");
    screen.wait_for(&format!("ngrok http {}", screen.address.port()));
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for(VERIFIED);
    screen.wait_for("✓ verified");
    screen.wait_for("\"email\": \"jane@example.com\"");
    screen.wait_for("123456789012345678901234567890");
    screen.quit();
}

#[test]
fn an_invalid_event_shows_the_reason() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    let old = Webhook { age_s: 3600, id: "msg_old", ..Webhook::default() };
    assert_eq!(old.send(screen.address).status, 401);
    screen.wait_for("user.signup too old");
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_forged", ..Webhook::default() };
    assert_eq!(forged.send(screen.address).status, 401);
    screen.wait_for("user.signup mismatch");
    screen.type_keys("3");
    screen.wait_for("no entry matches");
    screen.quit();
}

#[test]
fn t_sends_a_sample() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.type_keys("T");
    screen.wait_for("Send a sample");
    screen.type_keys("signup\r");
    screen.wait_for("responded 201");
    screen.wait_for("✓ user.signup sample");
    screen.quit();
    // The last one is selected at the next start.
    let screen = sandbox.open(&[]);
    screen.wait_for("✓ user.signup sample");
    screen.type_keys("T\r");
    screen.wait_for("2 events");
    screen.quit();
}

#[test]
fn the_filter_limits_the_list() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    for (event_type, id) in [("user.signup", "evt_1"), ("role.created", "evt_2"), ("user.login", "evt_3")] {
        let webhook = Webhook { id, body: &body_of(event_type, id), ..Webhook::default() };
        assert_eq!(webhook.send(screen.address).status, 201);
    }
    screen.wait_for("✓ user.login");
    screen.type_keys("/type:user.*");
    screen.wait_until_gone("✓ role.created");
    screen.type_keys("\r");
    screen.wait_for("Events ─ type:user.*");
    screen.wait_for("1–2 of 2 · 3 in all");
    screen.type_keys("\x1b");
    screen.wait_for("✓ role.created");
    screen.type_keys("/(q");
    screen.wait_until("the filter field", |seen| seen.text().contains("/ (q"));
    screen.type_keys("\x1b");
    screen.wait_until_gone("/ (q");
    screen.quit();
}

#[test]
fn the_history_survives_a_restart() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for(VERIFIED);
    screen.quit();

    let screen = sandbox.open(&[]);
    screen.wait_for(VERIFIED);
    screen.wait_for("1 event  1 ✓");
    assert_eq!(Webhook { id: "msg_second", ..Webhook::default() }.send(screen.address).status, 201);
    screen.wait_for("2 events  2 ✓");
    screen.quit();
}

#[test]
fn an_ephemeral_history_does_not_survive_the_program() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&["--ephemeral"]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for(VERIFIED);
    screen.quit();
    assert!(!sandbox.data().exists());
    let screen = sandbox.open(&["--ephemeral"]);
    screen.wait_for("Waiting for the first webhook");
    screen.quit();
}

#[test]
fn a_suspicious_pasted_secret_is_a_problem() {
    let sandbox = Sandbox::bare();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("· user.signup");
    screen.type_keys("K");
    screen.wait_for("Signing secret");
    screen.paste("test_QUJDQUJDQUJDQUJDQUJDQUJD");
    screen.type_keys("\r");
    screen.wait_for("re-verified 1 stored event");
    screen.wait_for("looks like a client secret, not a signing secret");
    screen.wait_for("✗ user.signup");
    screen.type_keys("K");
    screen.wait_for("Ctrl-x forgets `pasted");
    screen.type_keys("\x18");
    screen.wait_until_gone("looks like a client secret");
    screen.wait_for("· user.signup");
    screen.wait_for("no signing secret, so");
    screen.quit();
}

#[test]
fn samples_are_signed_with_a_throwaway_secret_until_one_is_added() {
    let sandbox = Sandbox::bare();
    let screen = sandbox.open(&[]);
    screen.type_keys("T\r");
    screen.wait_for("responded 201");
    for (pasted, notice) in [
        ("whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVy", "re-verified 1 stored event"),
        (SECRET, "re-verified 2 stored events"),
    ] {
        screen.type_keys("K");
        screen.wait_for("Signing secret");
        screen.paste(pasted);
        screen.type_keys("\r");
        screen.wait_for(notice);
        screen.type_keys("T\r");
        screen.wait_for("verified");
        screen.wait_for(if pasted == SECRET { "3 events" } else { "2 events" });
    }
    let right = sandbox.file("right", SECRET);
    let codes = ["2", "3"].map(|seq| sandbox.run(&["verify", seq, "--secret-file", &right]).code);
    assert_eq!(codes, [Some(1), Some(0)]);
    // The first is known as a sample, so no other secret makes it invalid.
    screen.wait_for("3 events  2 ✓ ");
    screen.wait_until_gone("✗");
    screen.type_keys("/is:sample\r");
    screen.wait_for("Events ─ is:sample");
    screen.wait_for("1–3 of 3");
    screen.quit();
}

#[test]
fn stored_events_are_verified_again_when_the_next_start_has_another_secret() {
    let sandbox = Sandbox::bare();
    let (wrong, right) = (sandbox.file("wrong", "whsec_b3RoZXI="), sandbox.file("right", SECRET));
    let screen = sandbox.open(&["--secret-file", &wrong]);
    assert_eq!(Webhook::default().send(screen.address).status, 401);
    screen.wait_for("✗ user.signup");
    screen.quit();
    let screen = sandbox.open(&["--secret-file", &right]);
    screen.wait_for("re-verified 1 stored event");
    screen.wait_for("✓ user.signup");
    screen.wait_for(VERIFIED);
    screen.quit();
}

#[test]
fn a_pasted_secret_re_verifies_stored_events_and_is_never_shown() {
    let sandbox = Sandbox::bare();
    let screen = sandbox.open(&[]);
    screen.wait_for("no signing secret, so");
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("· user.signup");
    screen.wait_for("unchecked");
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_forged", ..Webhook::default() };
    assert_eq!(forged.send(screen.address).status, 201);
    screen.type_keys("K");
    screen.wait_for("Signing secret");
    screen.paste(SECRET);
    screen.wait_for(&format!("{} characters", SECRET.len()));
    screen.type_keys("\r");
    screen.wait_for("re-verified 2 stored events");
    screen.wait_for(VERIFIED);
    screen.wait_for("user.signup mismatch");
    screen.wait_until_gone("no signing secret, so");
    assert_eq!(forged.send(screen.address).status, 401);
    screen.wait_for("3 events");
    let key = SECRET.strip_prefix("whsec_").unwrap();
    assert_eq!(memchr::memmem::find(&screen.quit(), &key.as_bytes()[..8]), None);
}
