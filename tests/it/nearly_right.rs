//! Requests whose headers are nearly right, or somebody else's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookglass::core::diagnosis::{Diagnosis, Evidence, History, diagnose};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Secret, Verdict, sign};

const NOW_S: i64 = 1_752_556_707;
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const BODY: &[u8] = br#"{"id":"evt_1","environment_id":"env_1"}"#;

fn keyring() -> Keyring {
    Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() }
}

fn signature() -> String {
    sign(&Secret::new("", SECRET), b"msg_1", NOW_S, BODY).unwrap()
}

fn of(headers: &[(&str, &str)], body: &[u8]) -> Diagnosis {
    let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
    diagnose(&headers, body, NOW_S * 1000, &keyring())
}

fn reasons(diagnosis: &Diagnosis) -> Vec<String> {
    diagnosis.reason.iter().chain(&diagnosis.also).map(ToString::to_string).collect()
}

#[test]
fn renamed_headers_are_named_and_verified_under_their_right_names() {
    let (signature, timestamp) = (signature(), NOW_S.to_string());
    for names in [
        ["webhook_id", "webhook_timestamp", "webhook_signature"],
        ["HTTP_WEBHOOK_ID", "HTTP_WEBHOOK_TIMESTAMP", "HTTP_WEBHOOK_SIGNATURE"],
        ["x-webhook-id", "x-webhook-timestamp", "x-webhook-signature"],
        ["WebhookId", "WebhookTimestamp", "WebhookSignature"],
    ] {
        let headers = [(names[0], "msg_1"), (names[1], &*timestamp), (names[2], &*signature)];
        let diagnosis = of(&headers, BODY);
        assert_eq!(
            (diagnosis.verdict, reasons(&diagnosis)),
            (Verdict::Unsigned, vec!["header-renamed:webhook-id".into()])
        );
        let found = names[0].as_bytes().to_vec();
        assert!(diagnosis.evidence.contains(&Evidence::Renamed { name: "webhook-id", found }));
        assert!(diagnosis.evidence.contains(&Evidence::OtherwiseVerified));
        let newline = of(&headers, &[BODY, b"\n"].concat());
        assert_eq!(reasons(&newline), ["header-renamed:webhook-id", "body-altered:trailing-newline"]);
    }
    let by_provider =
        [("scalekit-id", "msg_1"), ("Scalekit-Timestamp", &*timestamp), ("scalekit-signature", &*signature)];
    let diagnosis = of(&by_provider, BODY);
    assert_eq!((diagnosis.verdict, reasons(&diagnosis)), (Verdict::Invalid, vec!["header-renamed:webhook-id".into()]));
    assert_eq!(reasons(&of(&by_provider, b"{}")), ["signature-malformed"], "only if that verifies");
    let one = [("webhook-id", "msg_1"), ("webhook-timestamp", &*timestamp), ("webhook_signature", &*signature)];
    assert_eq!(reasons(&of(&one, BODY)), ["header-renamed:webhook-signature"]);
    assert_eq!(of(&one, BODY).verdict, Verdict::Invalid);
}

#[test]
fn a_right_digest_in_another_form_is_recognised() {
    let right = signature();
    let base64 = right.strip_prefix("v1,").unwrap();
    let hex: String = STANDARD.decode(base64).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    let timestamp = NOW_S.to_string();
    for (value, expected) in [
        (format!("sha256={hex}"), "signature-encoding"),
        (format!("sha256= {base64}"), "signature-encoding"),
        (hex.to_uppercase(), "signature-encoding"),
        (base64.to_owned(), "signature-encoding"),
        (format!("v1,{}", STANDARD.encode(&hex)), "signature-encoding"),
        (STANDARD.encode(&right), "signature-encoding"),
        (format!("v1={base64}"), "signature-encoding"),
        (format!("\"{right}\""), "signature-encoding"),
        (format!("['{right}']"), "signature-encoding"),
        (format!("v1, {base64}"), "signature-encoding"),
        (right.replace('=', "%3D").replace('+', "%2B").replace(',', "%2C"), "signature-encoding"),
        (right.to_lowercase(), "header-altered:webhook-signature"),
        (format!("v1,QUJD {right}"), "signature-malformed"),
        (format!("sha256={}", hex.replace('a', "b")), "signature-malformed"),
    ] {
        let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", &*timestamp), ("webhook-signature", &*value)];
        assert_eq!(reasons(&of(&headers, BODY)), [expected], "{value}");
    }
}

#[test]
fn rewritten_values_are_named_if_the_request_verifies_with_the_right_ones() {
    let (right, timestamp) = (signature(), NOW_S.to_string());
    let rows = [
        (r#"["msg_1"]"#, &*timestamp, "header-altered:webhook-id"),
        ("\"msg_1\"", &timestamp, "header-altered:webhook-id"),
        ("msg_1, msg_1", &timestamp, "header-altered:webhook-id"),
        ("msg%5F1", &timestamp, "header-altered:webhook-id"),
        ("msg_2", &timestamp, "signature-mismatch"),
    ];
    for (id, timestamp, expected) in rows {
        let headers = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", &*right)];
        assert_eq!(reasons(&of(&headers, BODY)), [expected], "{id}");
    }
    // The reason stays, and the facts say that nothing else is wrong.
    let milliseconds = format!("{timestamp}123");
    for (id, timestamp, expected) in [
        ("msg_1", &*milliseconds, &["timestamp-in-future"][..]),
        ("msg_1", "2025-07-15T05:18:27Z", &["timestamp-malformed"]),
        (&*timestamp, "msg_1", &["timestamp-malformed", "header-altered:webhook-id"]),
        ("\"msg_1\"", &milliseconds, &["timestamp-in-future", "header-altered:webhook-id"]),
    ] {
        let headers = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", &*right)];
        let diagnosis = of(&headers, BODY);
        assert_eq!(reasons(&diagnosis), expected);
        let is_rewritten = |evidence: &Evidence| matches!(evidence, Evidence::Rewritten { .. });
        assert!(diagnosis.evidence.iter().any(is_rewritten), "{timestamp}");
    }
}

#[test]
fn other_senders_and_tools_are_named() {
    for (headers, expected) in [
        (&[("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", "sha256=00")][..], "foreign-sender:github"),
        (&[("stripe-signature", "t=1,v1=00")], "foreign-sender:stripe"),
        (&[("X-Slack-Signature", "v0=00")], "foreign-sender:slack"),
        (&[("x-shopify-topic", "orders/create")], "foreign-sender:shopify"),
        (&[("svix-id", "msg_1")], "foreign-sender:svix"),
        (&[("user-agent", "curl/8.5.0")], "hand-made"),
        (&[("User-Agent", "PostmanRuntime/7.36.0")], "hand-made"),
        (&[("user-agent", "Go-http-client/2.0")], "unsigned"),
        (&[], "unsigned"),
    ] {
        let diagnosis = of(headers, BODY);
        assert_eq!(reasons(&diagnosis)[0], expected);
        assert_ne!(diagnosis.verdict, Verdict::Verified);
    }
}

#[test]
fn the_history_tells_the_secret_from_the_body() {
    let timestamp = NOW_S.to_string();
    let wrong = sign(&Secret::new("", "whsec_QUJD"), b"msg_1", NOW_S, BODY).unwrap();
    let headers = [
        Header::new("webhook-id", "msg_1"),
        Header::new("webhook-timestamp", &timestamp),
        Header::new("webhook-signature", &wrong),
    ];
    let among = |history: &History| diagnose(&headers, BODY, NOW_S * 1000, &keyring()).amid(history, BODY);
    let verified = |count| History { verified: vec![("main".into(), count)], ..History::default() };
    let others = among(&verified(3));
    assert_eq!(reasons(&others), ["signature-mismatch"]);
    assert!(others.evidence.contains(&Evidence::OthersVerify { count: 3, is_sample: false }));
    let none = among(&History { mismatched: 2, ..verified(0) });
    assert!(none.evidence.contains(&Evidence::NoneVerifies { mismatched: 2, is_sample: false }));
    let one_of_two = History { verified: vec![("main".into(), 3), ("other".into(), 0)], ..History::default() };
    let idle = vec!["other".to_owned()];
    assert!(among(&one_of_two).evidence.contains(&Evidence::SomeVerify { count: 3, idle }));
    let elsewhere = among(&History { environments: vec!["env_2".into()], ..verified(3) });
    assert_eq!(reasons(&elsewhere), ["other-environment"]);
    let here = among(&History { environments: vec!["env_1".into()], ..verified(3) });
    assert_eq!(reasons(&here), ["signature-mismatch"]);
    assert_eq!(reasons(&among(&History { same_body: Some(7), ..History::default() })), ["body-swapped"]);
    // A proof stands.
    let right = signature();
    let right = [headers[0], headers[1], Header::new("webhook-signature", &right)];
    let body = [BODY, b"\n"].concat();
    let diagnosis = diagnose(&right, &body, NOW_S * 1000, &keyring());
    let history = History { same_body: Some(7), ..verified(3) };
    assert_eq!(diagnosis.clone().amid(&history, &body), diagnosis);
}
