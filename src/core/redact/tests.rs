//! What is masked and, just as important, what is not.

use super::*;

fn hidden(text: &str) -> Masked {
    masked(text, |_| false)
}

#[test]
fn a_secret_is_masked_and_the_text_around_it_stays() {
    for (text, shown) in [
        ("whsec_c2VjcmV0", "whsec_***"),
        ("cannot read `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`: no such file", "cannot read `whsec_***`: no such file"),
        ("invalid value '\"WHSEC_c2Vj+cm/V0==\"' for", "invalid value '\"WHSEC_***\"' for"),
        ("v1,whsec_c2VjcmV0 b", "v1,whsec_*** b"),
        ("xwhsec_c2VjcmV0", "xwhsec_***"),
        ("/home/me/whsec_old.txt", "/home/me/whsec_***.txt"),
        ("\u{200b}whsec_c2\u{200b}VjcmV0", "\u{200b}whsec_***"),
        ("sk_live_51HxYz", "sk_***"),
        ("--port=sk_test_abcdefgh", "--port=sk_***"),
        ("cannot read `skc_100000000000000001`", "cannot read `skc_***`"),
        ("--port=test_Hs7WkQ0pZr3NnVb8Tg5YcXe2", "--port=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP", "eyJ***"),
        ("SCALEKIT_WEBHOOK_SECRET=whsec_c2VjcmV0", "SCALEKIT_WEBHOOK_SECRET=***"),
        ("SCALEKIT_WEBHOOK_SECRET=\"with a space\" b", "SCALEKIT_WEBHOOK_SECRET=\"***\" b"),
        ("http://localhost/a?token=abc&b=c#d", "http://localhost/a?token=***&b=c#d"),
        ("4000/a?b=c&api_key=d", "4000/a?b=c&api_key=***"),
        ("http://me:p@ss@host/a", "http://***@host/a"),
        ("http://me:p/a?s@host/a", "http://***@host/a"),
        ("user.*=https://token@host", "user.*=https://***@host"),
        ("me:password@host:4000", "***@host:4000"),
        ("the file `MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`", "the file `***`"),
        ("C5HTKtiWE0r5SMVEBvi/Gl0Y+O4rJcZTlFEnvbqaQ5M=", "***"),
    ] {
        assert_eq!(hidden(text).text, shown, "{text}");
    }
}

#[test]
fn text_without_secrets_stays_unchanged() {
    for text in [
        "the file holds the text `whsec_…` that the dashboard shows, and nothing else",
        "the secret begins with `whsec_`",
        "set SCALEKIT_WEBHOOK_SECRET=… and start again",
        "--secret-file=/run/secrets/webhook",
        "task_list_with_names and disk_0123456789",
        "test_fixture.json, dev_server and a live_event",
        "test_payload_of_user_login_events.json: no such file",
        "npm_run_build_and_start_the_dev_server",
        "a basic example of the bearer",
        "http://localhost:4000/a?b=c:d@e",
        "localhost:4000/a@b",
        "data.email=a@example.com",
        "[::1]:4000",
        "/tmp/.tmpAb1XyZ/home/data/hookglass/events.db",
        "/Users/Someone/Projects2026/MyWebhookService/FixturesOfMay",
        "550e8400-e29b-41d4-a716-446655440000",
        "unknown field `forward-to`, expected one of `port`, `bind`, `known_secret_files`",
        "",
    ] {
        assert_eq!(hidden(text), Masked { text: text.to_owned(), has_signing_secret: false });
    }
}

#[test]
fn masking_twice_changes_nothing_more() {
    for text in ["whsec_c2Vj", "http://a:b@c/?token=d", "API_TOKEN=\"x y\"", "Bearer abc", "me:pw@host"] {
        let once = hidden(text).text;
        assert_eq!(hidden(&once).text, once, "{text}");
    }
}

#[test]
fn a_known_file_name_is_not_masked() {
    let text = "cannot read `dir/whsec_prod.txt`: denied, as `whsec_c2VjcmV0` is";
    let shown = masked(text, |quoted| quoted == "dir/whsec_prod.txt");
    assert_eq!(shown.text, "cannot read `dir/whsec_prod.txt`: denied, as `whsec_***` is");
    assert!(shown.has_signing_secret);
}

#[test]
fn signing_secrets_are_distinguished_from_other_credentials() {
    for (text, is_signing_secret) in [
        ("whsec_c2VjcmV0", true),
        ("WEBHOOK_SECRET=abc", true),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true),
        ("http://me:pw@host", false),
        ("/a?token=b", false),
        ("Bearer abc", false),
    ] {
        assert_eq!(hidden(text).has_signing_secret, is_signing_secret, "{text}");
    }
}

#[test]
fn random_keys_are_recognised_and_words_are_not() {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let keys =
        (0..500_u32).map(|seed| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(seed.to_le_bytes())));
    for key in keys {
        assert_eq!(hidden(&key).text, "***", "{key}");
    }
}

#[test]
fn any_text_is_masked_without_panicking() {
    for text in
        ["`", "``", "=", "secret=", "secret='", "://", "://@", "@", "whsec_", "é=é", "Bearer ", "`é`", "token=\u{feff}"]
    {
        let _ = hidden(text);
    }
}
