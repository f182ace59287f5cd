//! Secrets that are not as the dashboard shows them: named exactly wherever hookglass says why, and never shown.

use crate::support::sandbox::{Ran, SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::Webhook;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The stored event 1, signed with [`SECRET`], verified with another text as the secret.
fn verified_with(sandbox: &Sandbox, name: &str, secret: &str) -> Ran {
    sandbox.run(&["verify", "1", "--secret-file", &sandbox.file(name, secret)])
}

fn with_one_event(sandbox: &Sandbox) {
    let mut listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    listening.line();
    assert!(listening.stop().success());
}

#[test]
fn each_form_is_named_and_whether_the_event_verifies_without_it() {
    let sandbox = Sandbox::bare();
    with_one_event(&sandbox);
    let key = SECRET.strip_prefix("whsec_").unwrap();
    let encoded = STANDARD.encode(SECRET);
    for (text, reason, verifies) in [
        (format!("SCALEKIT_WEBHOOK_SECRET={SECRET}"), "secret-assignment", "the part of"),
        (format!("whsec_QUJD\n{SECRET}\n"), "secret-several-lines", "one line of"),
        (format!("whsec_{SECRET}"), "secret-prefix-twice", "without its second prefix"),
        (encoded.clone(), "secret-encoded-twice", "base64-decoded once"),
        (format!("whsec_{}", STANDARD.encode(key)), "secret-encoded-twice", "base64-decoded once"),
        ("your_webhook_secret".to_owned(), "secret-placeholder", ""),
        ("whsec_••••••••".to_owned(), "secret-masked", ""),
        ("/run/secrets/webhook".to_owned(), "secret-path", ""),
    ] {
        let ran = verified_with(&sandbox, "secret", &text);
        let said = ran.text();
        assert!(said.starts_with(&format!("invalid: {reason}\n")), "{text}: {said}");
        assert_eq!(said.contains("verifies with"), !verifies.is_empty(), "{said}");
        assert!(said.contains(verifies), "{said}");
        let shown = format!("{said}{}", ran.stderr);
        assert!(!shown.contains(key) && !shown.contains(&encoded), "{shown}");
    }
    // A repaired secret that does not verify proves nothing, but stays suspicious.
    let other = verified_with(&sandbox, "secret", "whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert!(other.text().starts_with("invalid: secret-prefix-twice\n") && !other.text().contains("verifies with"));
}

#[test]
fn an_exported_secret_that_hides_the_right_one_in_dot_env_is_named() {
    let sandbox = Sandbox::bare().with(SECRET_VARIABLE, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    sandbox.file(".env", format!("{SECRET_VARIABLE}={SECRET}\n"));
    let listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    assert!(listening.line().contains("invalid (wrong-secret)"));
    let ran = sandbox.run(&["verify", "1"]);
    for words in ["verifies with     SCALEKIT_WEBHOOK_SECRET in .env", "Unset the exported variable"] {
        assert!(ran.text().contains(words), "{words}\n{}", ran.text());
    }
}

#[test]
fn a_secret_given_as_a_path_is_refused_without_showing_it() {
    let sandbox = Sandbox::bare();
    let ran = sandbox.run(&["verify", "1", "--secret-file", SECRET]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("a secret was given where the path"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
}

#[test]
fn an_event_that_verified_is_no_mismatch_after_the_secret_has_changed() {
    let sandbox = Sandbox::new();
    with_one_event(&sandbox);
    let rotated = sandbox.with(SECRET_VARIABLE, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let words = [
        "invalid: former-secret",
        "on arrival        verified with SCALEKIT_WEBHOOK_SECRET",
        "If the secret was rotated",
    ];
    let says = |sandbox: &Sandbox| {
        let ran = sandbox.run(&["verify", "1"]);
        for words in words {
            assert!(ran.text().contains(words), "{words}\n{}", ran.text());
        }
    };
    // Before the stored events are verified again, and after that.
    says(&rotated);
    let screen = rotated.open(&[]);
    screen.wait_for("re-verified 1 stored event");
    screen.wait_for("former secret");
    screen.type_keys("3");
    screen.wait_for("The request verified when it arrived");
    screen.quit();
    says(&rotated);
    let shown = rotated.run(&["events", "show", "1"]);
    assert!(shown.text().contains("invalid (former-secret), responded 201"), "{}", shown.text());
    // With the former secret at hand, it verifies again.
    let former = rotated.file("former", SECRET);
    let screen = rotated.open(&["--secret-file", &former]);
    screen.wait_for("re-verified 1 stored event");
    screen.quit();
    assert!(rotated.run(&["events", "show", "1"]).text().contains("verified with"));
}
