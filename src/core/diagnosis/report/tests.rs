//! Reports as the user reads them.

use super::*;
use crate::core::diagnosis::diagnose;
use crate::core::signature::{Verification, sign};

const NOW_S: i64 = 1_700_000_000;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn keyring(verifying: &[&str]) -> Keyring {
    let secrets = verifying.iter().enumerate().map(|(place, text)| Secret::new(format!("secret {place}"), *text));
    Keyring {
        verifying: secrets.collect(),
        known_only: vec![Secret::new("the old one", "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk")],
    }
}

/// The text of the report on a request of `family`, signed with `signer` at `signed_s` over `signed`, received as
/// `body`.
fn text(family: &str, signer: &str, signed_s: i64, signed: &[u8], body: &[u8], keyring: &Keyring) -> String {
    let signature = sign(&Secret::new("", signer), b"msg_1", signed_s, signed).unwrap();
    let names = ["id", "timestamp", "signature"].map(|part| format!("{family}-{part}"));
    let time = signed_s.to_string();
    let headers = [Header::new(&names[0], "msg_1"), Header::new(&names[1], &time), Header::new(&names[2], &signature)];
    text_of(&headers, body, keyring)
}

fn text_of(headers: &[Header<'_>], body: &[u8], keyring: &Keyring) -> String {
    let diagnosis = diagnose(headers, body, NOW_S * 1000, keyring);
    let examined = Examined { headers, body, now_ms: NOW_S * 1000, keyring };
    let report = report(&examined, &diagnosis, &TimeZone::UTC);
    assert_eq!(report.explanation.is_none(), report.verdict == Verdict::Verified);
    let line = |line: Vec<(Tone, Vec<u8>)>| line.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>();
    let lines: Vec<_> = lines(&report).into_iter().flat_map(|line| line.rows(80)).map(line).collect();
    let text = String::from_utf8_lossy(&lines.join(&b'\n')).into_owned();
    for secret in keyring.verifying.iter().chain(&keyring.known_only) {
        assert!(secret.text().len() < 8 || !text.contains(secret.text()), "{text}");
    }
    text
}

#[test]
fn a_verified_request_passes_every_check() {
    let text = text("webhook", SECRET, NOW_S - 2, b"{}", b"{}", &keyring(&[SECRET]));
    let expected = "\
✓ scheme     webhook-* headers
✓ id         msg_1
✓ timestamp  1699999998
✓ signature  v1,h7EPFR1ZDbUGpYdtmYTsV8dxDx9lgzhC1UmpNhaqf4A=
✓ secret     secret 0
✓ time       2023-11-14 22:13:18 UTC
✓ age        2 s old on arrival
✓ format     1 entry: v1
✓ HMAC       matches

SDKs  ✓ Node  ✓ Python  ✓ Go  ✓ Java  ";
    let without = |text: &str| text.lines().filter(|line| !line.contains("v1,")).collect::<Vec<_>>().join("\n");
    assert_eq!(without(&text), without(expected));
}

#[test]
fn an_altered_body_is_shown_at_its_first_difference_with_code_that_keeps_it() {
    let text = text("webhook", SECRET, NOW_S, b"{\"a\":1}", b"{\"a\": 1}", &keyring(&[SECRET]));
    for words in [
        "why   The body was parsed and re-serialised",
        "verifies as       JSON compact",
        "first difference  byte 5 of 8",
        "as received       {\"a\": 1} (end)",
        "as signed         {\"a\":1} (end)",
        "✗ HMAC       no entry matches",
        "             expected v1,",
        "express.raw({ type: () => true, limit: '10mb' })",
        "await req.text()",
        "await request.body()",
        "request.get_data()",
        "io.ReadAll(r.Body)",
        "@RequestBody byte[] body",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_replayed_request_shows_both_times_and_the_checks_not_reached() {
    let text = text("webhook", SECRET, NOW_S - 723, b"{}", b"{}", &keyring(&[SECRET]));
    for words in [
        "why   The request arrived more than 300 s after its timestamp.",
        "signed at         2023-11-14 22:01:17 UTC",
        "arrived at        2023-11-14 22:13:20 UTC",
        "age               12 min 3 s old on arrival (limit 300 s)",
        "✓ time ",
        "✗ age ",
        "· format ",
        "· HMAC       not checked",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("code  "));
}

#[test]
fn the_digits_that_node_reads_from_a_longer_timestamp_are_shown() {
    let signed = sign(&Secret::new("", SECRET), b"msg_1", 2026, b"{}").unwrap();
    for (timestamp, part) in [("2026-11-22T08:49:30Z", Some("2026")), ("-17.5", Some("-17")), ("2026", None)] {
        let headers = [
            Header::new("webhook-id", "msg_1"),
            Header::new("webhook-timestamp", timestamp),
            Header::new("webhook-signature", &signed),
        ];
        let text = text_of(&headers, b"{}", &keyring(&[SECRET]));
        let read = text.lines().find_map(|line| line.strip_prefix("  read by Node      "));
        let expected = part.map(|part| format!("{part}, the digits up to the first other character"));
        assert_eq!(read, expected.as_deref(), "{text}");
    }
}

#[test]
fn a_verified_request_shows_code_only_if_an_sdk_needs_it() {
    let keyring = keyring(&[SECRET]);
    let lost = text("webhook", SECRET, NOW_S, b"{\"a\": 1.0}", b"{\"a\": 1.0}", &keyring);
    assert!(lost.contains("note  An app that re-serialises the body") && !lost.contains("code  "), "{lost}");
    let interceptor = text("interceptor", SECRET, NOW_S, b"{}", b"{}", &keyring);
    assert!(interceptor.contains("code  ") && interceptor.contains("Go net/http"), "{interceptor}");
}

#[test]
fn another_known_secret_that_verifies_is_named() {
    let keyring = keyring(&[SECRET]);
    let text = text("webhook", keyring.known_only[0].text(), NOW_S, b"{}", b"{}", &keyring);
    assert!(text.contains("verifies with     the old one") && text.contains("✗ secret "), "{text}");
}

#[test]
fn the_other_checks_are_shown_without_a_secret() {
    let text = text("webhook", SECRET, NOW_S, b"{}", b"{}", &keyring(&[]));
    for words in ["✗ secret     none", "✓ age ", "✓ format ", "· HMAC       not checked"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("SDKs"));
}

#[test]
fn a_disagreement_between_sdks_is_explained() {
    let url_safe = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_";
    let text = text("webhook", url_safe, NOW_S, b"{}", b"{}", &keyring(&[url_safe]));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = "SDKs disagree: Node accepts the request. Python, Go and Java reject it: \
                the secret is URL-safe base64 (with `-` or `_`). Write `+` for `-` and `/` for `_`.";
    assert!(text.contains(note), "{text}");
}

#[test]
fn an_interceptor_shows_the_code_that_go_needs() {
    let text = text("interceptor", SECRET, NOW_S, b"{}", b"{}", &keyring(&[SECRET]));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Go rejects it: its VerifyInterceptorPayload reads the webhook-* headers"), "{text}");
    assert!(text.contains("headers[\"webhook-\"+part]") && !text.contains("Express"), "{text}");
}

#[test]
fn a_check_without_anything_to_look_at_says_so() {
    let keyring = keyring(&[SECRET]);
    let text = text_of(&[Header::new("webhook-id", "msg_1")], b"{}", &keyring);
    for words in ["· time       not checked", "· age        not checked", "· format     not checked"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_digest_of_another_length_is_counted() {
    let timestamp = NOW_S.to_string();
    let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", &timestamp), ("webhook-signature", "v1,abc v2,x")];
    let headers = headers.map(|(name, value)| Header::new(name, value));
    let text = text_of(&headers, b"{}", &keyring(&[SECRET]));
    assert!(text.contains("✗ format     2 entries: v1 (3 characters), v2"), "{text}");
    assert!(text.contains("expected `v1,` and 44 characters"), "{text}");
}

#[test]
fn a_secret_without_its_prefix_has_one_fault() {
    let text = text("webhook", SECRET, NOW_S, b"{}", b"{}", &keyring(&["hello"]));
    assert!(text.contains("does not start with `whsec_`") && !text.contains("then  "), "{text}");
}

#[test]
fn an_old_request_is_signed_again_with_a_command_that_names_it() {
    let keyring = keyring(&[SECRET]);
    let timestamp = (NOW_S - 723).to_string();
    let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", &timestamp), ("webhook-signature", "v1,abc")];
    let headers = headers.map(|(name, value)| Header::new(name, value));
    let diagnosis = diagnose(&headers, b"{}", NOW_S * 1000, &keyring);
    let examined = Examined { headers: &headers, body: b"{}", now_ms: NOW_S * 1000, keyring: &keyring };
    let report = report(&examined, &diagnosis, &TimeZone::UTC);
    let next = |report: &Report| report.explanation.as_ref().unwrap().next_step.clone();
    assert!(next(&report).ends_with("To re-deliver it, sign it again."));
    assert!(next(&report.of_event(4)).ends_with("sign it again with `hookglass replay 4 --sign --to URL`."));
}

#[test]
fn a_scheme_that_no_sdk_reads_fails_its_check() {
    let keyring = keyring(&[SECRET]);
    assert!(text_of(&[], b"{}", &keyring).contains("✗ headers    no signature header"));
    let documented = text_of(&[Header::new("scalekit-signature", "t=1,v1=00")], b"{}", &keyring);
    assert!(documented.contains("the header scalekit-signature, which no SDK reads"), "{documented}");
    let svix = text("svix", SECRET, NOW_S, b"{}", b"{}", &keyring);
    assert!(svix.contains("✗ scheme     svix-* headers") && svix.contains("headers           svix-*"), "{svix}");
}

#[test]
fn an_incomplete_body_says_how_much_came_and_whether_that_verifies() {
    let reported = |body: &[u8]| {
        let signature = sign(&Secret::new("", SECRET), b"msg_1", NOW_S, b"{}").unwrap();
        let time = NOW_S.to_string();
        let headers = [
            Header::new("content-length", "999"),
            Header::new("webhook-id", "msg_1"),
            Header::new("webhook-timestamp", &time),
            Header::new("webhook-signature", &signature),
        ];
        let (verdict, reason) = (Verdict::Unchecked, Some(Reason::BodyIncomplete));
        let stored = Verification { verdict, scheme: Scheme::None, reason, secret: None };
        let examined = Examined { headers: &headers, body, now_ms: NOW_S * 1000, keyring: &keyring(&[SECRET]) };
        let facts = report(&examined, &Diagnosis::from(&stored), &TimeZone::UTC).explanation.unwrap().facts;
        facts.into_iter().map(|fact| String::from_utf8(fact.found).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(reported(b"{"), ["1 of 999 bytes"]);
    assert_eq!(reported(b"{}"), ["2 of 999 bytes", "what came is the whole event, so `Content-Length` is wrong"]);
}
