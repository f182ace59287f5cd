//! The diagnosis of requests beyond the corpus. Each row is one request that is wrong in one way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hookglass::core::diagnosis::{Change, ContentForm, Diagnosis, Evidence, KeyForm, diagnose};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Scheme, Secret, Verdict, sign};
use sha2::Sha256;

const NOW_S: i64 = 1_752_556_707;
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const OTHER: &str = "whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=";

fn hmac(key: &[u8], content: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(content);
    mac.finalize().into_bytes().into()
}

fn hexadecimal(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn signed(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    sign(&Secret::new("", secret), b"msg_1", timestamp_s, body).unwrap()
}

struct Sent<'a> {
    secret: &'a str,
    family: &'a str,
    timestamp: String,
    signature: String,
    body: &'a [u8],
    more: &'a [(&'a str, &'a str)],
}

impl Default for Sent<'_> {
    fn default() -> Self {
        let (timestamp, signature) = (NOW_S.to_string(), signed(SECRET, NOW_S, b"{}"));
        Self { secret: SECRET, family: "webhook", timestamp, signature, body: b"{}", more: &[] }
    }
}

impl Sent<'_> {
    fn diagnosis(&self) -> Diagnosis {
        let names = ["id", "timestamp", "signature"].map(|part| format!("{}-{part}", self.family));
        let values = ["msg_1", &self.timestamp, &self.signature];
        let own = names.iter().zip(values).map(|(name, value)| Header::new(name, value));
        let headers: Vec<_> = own.chain(self.more.iter().map(|(name, value)| Header::new(*name, *value))).collect();
        let keyring = Keyring {
            verifying: vec![Secret::new("main", self.secret)],
            known_only: vec![Secret::new("other", OTHER)],
        };
        diagnose(&headers, self.body, NOW_S * 1000, &keyring)
    }

    /// The words for the reason and for what would still be wrong.
    fn reasons(&self) -> Vec<String> {
        let diagnosis = self.diagnosis();
        diagnosis.reason.iter().chain(&diagnosis.also).map(ToString::to_string).collect()
    }
}

#[test]
fn the_secret_is_checked_before_the_timestamp_and_the_timestamp_before_the_signature() {
    let bare = &SECRET["whsec_".len()..];
    let old = (NOW_S - 301).to_string();
    let old_signature = || signed(SECRET, NOW_S - 301, b"{}");
    let rows = [
        (Sent::default(), &[][..]),
        (Sent { secret: bare, ..Sent::default() }, &["secret-missing-prefix"]),
        (
            Sent { secret: bare, timestamp: old.clone(), ..Sent::default() },
            &["secret-missing-prefix", "timestamp-too-old", "signature-mismatch"],
        ),
        (
            Sent { secret: bare, signature: "v1,".into(), ..Sent::default() },
            &["secret-missing-prefix", "signature-malformed"],
        ),
        (Sent { secret: "", ..Sent::default() }, &["secret-missing-prefix"]),
        (Sent { timestamp: old.clone(), signature: old_signature(), ..Sent::default() }, &["timestamp-too-old"]),
        (
            Sent { timestamp: format!("{old}.0"), signature: old_signature(), ..Sent::default() },
            &["timestamp-malformed"],
        ),
        (
            Sent { timestamp: old.clone(), signature: "v2,x".into(), ..Sent::default() },
            &["timestamp-too-old", "unsupported-version"],
        ),
        (
            Sent { timestamp: old.clone(), signature: signed(OTHER, NOW_S - 301, b"{}"), ..Sent::default() },
            &["timestamp-too-old", "wrong-secret"],
        ),
        (
            Sent { timestamp: old, signature: signed(SECRET, NOW_S - 301, b"{}\n"), ..Sent::default() },
            &["timestamp-too-old", "body-altered:trailing-newline"],
        ),
        (Sent { timestamp: "soon".into(), signature: "v2,x".into(), ..Sent::default() }, &["timestamp-malformed"]),
        (Sent { timestamp: "9".repeat(10_000), ..Sent::default() }, &["timestamp-in-future", "signature-mismatch"]),
    ];
    for (sent, expected) in rows {
        assert_eq!(sent.reasons(), expected, "{} {}", sent.secret, sent.timestamp);
    }
}

#[test]
fn the_form_of_a_signature_decides_between_malformed_unsupported_and_other_scheme() {
    let digest = hexadecimal(hmac(SECRET.as_bytes(), format!("{NOW_S}.{{}}").as_bytes()));
    let right = signed(SECRET, NOW_S, b"{}");
    let rows = [
        (format!("t={NOW_S},v1={digest}"), "signed-with-other-scheme"),
        (format!("x,v1={digest},t={NOW_S}"), "signed-with-other-scheme"),
        (format!("t={},v1={digest}", NOW_S - 1), "signature-malformed"),
        (format!("t={NOW_S},v1={}", &digest[1..]), "signature-malformed"),
        ("V1,abc".into(), "unsupported-version"),
        ("x v12ab,".into(), "unsupported-version"),
        ("v1a2,x".into(), "signature-malformed"),
        ("v2".into(), "signature-malformed"),
        ("v,x".into(), "signature-malformed"),
        (",".into(), "signature-malformed"),
        (format!("v2,x v1,QUJD {right}"), "signature-malformed"),
        (format!("v1 {right}"), "signature-malformed"),
        (format!("v1,{}", "A".repeat(43)), "signature-mismatch"),
    ];
    for (signature, expected) in rows {
        assert_eq!(Sent { signature: signature.clone(), ..Sent::default() }.reasons(), [expected], "{signature}");
    }
}

#[test]
fn the_form_of_the_secret_is_suspected_before_the_body() {
    let signature = signed(SECRET, NOW_S, b"{}\n");
    let rows = [
        (SECRET.to_owned(), "body-altered:trailing-newline"),
        (format!("{SECRET}_x"), "secret-not-base64"),
        (format!("foo_{}", &SECRET[6..]), "secret-missing-prefix"),
        (format!(" '{SECRET}' "), "body-altered:trailing-newline"),
    ];
    for (secret, expected) in rows {
        let sent = Sent { secret: &secret, signature: signature.clone(), ..Sent::default() };
        assert_eq!(sent.reasons(), [expected], "{secret}");
    }
}

#[test]
fn an_altered_body_is_shown_with_its_first_difference() {
    type Row = (&'static [u8], &'static [u8], &'static str, Option<usize>);
    // The received body, the signed body, the reason, and where the bodies differ.
    let rows: [Row; 11] = [
        (b"{}\r\n\n", b"{}", "body-altered:trailing-newline", Some(2)),
        (b"{}\r\n", b"{}\n", "body-altered:trailing-newline", Some(2)),
        (b"{}", b"\xef\xbb\xbf{}", "body-altered:bom", Some(0)),
        (b"\xef\xbb\xbf{}", b"{}", "body-altered:bom", Some(0)),
        (b"[1,\r\n2]", b"[1,\n2]", "body-altered:line-endings", Some(3)),
        (b"[1,\n2]", b"[1,\r\n2]", "body-altered:line-endings", Some(3)),
        (b"\xff\xed\xa0\x80", b"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "", None),
        (br#"{"b": 1.50,"a":"/"}"#, b"{\n\t\"a\": \"\\/\",\n\t\"b\": 1.50\n}\n", "body-altered:reserialised", Some(1)),
        (b"\xef\xbb\xbf{\"a\": 1}", br#"{"a":1}"#, "body-altered:reserialised", Some(0)),
        (br#"{"a":1,"b":2,"a":3}"#, br#"{"a": 3, "b": 2}"#, "body-altered:reserialised", Some(5)),
        (br#"["\u2028<"]"#, b"[\"\xe2\x80\xa8<\"]\n", "body-altered:reserialised", Some(2)),
    ];
    for (body, original, expected, place) in rows {
        let diagnosis = Sent { body, signature: signed(SECRET, NOW_S, original), ..Sent::default() }.diagnosis();
        assert_eq!(diagnosis.reason.map(|reason| reason.to_string()).unwrap_or_default(), expected);
        let found = diagnosis.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Body { variant, first_difference } => Some((variant.of(body).unwrap(), *first_difference)),
            _ => None,
        });
        assert_eq!(found, place.map(|place| (original.to_vec(), Some(place))));
    }
}

#[test]
fn a_signature_over_raw_invalid_utf8_is_recognised() {
    let body = b"{\"name\":\"Andr\xe9\"}";
    let content = [format!("msg_1.{NOW_S}.").as_bytes(), body].concat();
    let key = STANDARD.decode(&SECRET[6..]).unwrap();
    let signature = format!("v1,{}", STANDARD.encode(hmac(&key, &content)));
    let diagnosis = Sent { body, signature, ..Sent::default() }.diagnosis();
    assert_eq!(diagnosis.reason.unwrap().to_string(), "body-altered:invalid-utf8");
    assert_eq!(diagnosis.evidence, [Evidence::Body { variant: Change::RawBytes.into(), first_difference: None }]);
}

#[test]
fn other_keys_and_contents_are_found() {
    let keys = [
        (KeyForm::Decoded, STANDARD.decode(&SECRET[6..]).unwrap()),
        (KeyForm::Text, SECRET.as_bytes().to_vec()),
        (KeyForm::TextAfterPrefix, SECRET.as_bytes()[6..].to_vec()),
    ];
    let contents = [
        (ContentForm::IdTimestampBody, format!("msg_1.{NOW_S}.{{}}")),
        (ContentForm::TimestampBody, format!("{NOW_S}.{{}}")),
        (ContentForm::Body, "{}".to_owned()),
    ];
    for (key_form, key) in &keys {
        for (content_form, content) in &contents {
            let signature = format!("v1,{}", STANDARD.encode(hmac(key, content.as_bytes())));
            let diagnosis = Sent { signature, ..Sent::default() }.diagnosis();
            if (*key_form, *content_form) == (KeyForm::Decoded, ContentForm::IdTimestampBody) {
                assert_eq!(diagnosis.verdict, Verdict::Verified);
                continue;
            }
            let (scheme, key, content) = (Scheme::Webhook, *key_form, *content_form);
            assert_eq!(diagnosis.evidence, [Evidence::SignedAs { scheme, key, content }]);
        }
    }
}

#[test]
fn other_headers_that_verify_are_found_only_within_the_window() {
    let timestamp = NOW_S.to_string();
    let right = signed(SECRET, NOW_S, b"{}");
    let documented = |at: i64| {
        let digest = hmac(SECRET.as_bytes(), format!("{at}.{{}}").as_bytes());
        format!("t={at},v1={}", hexadecimal(digest))
    };
    let (recent, old) = (documented(NOW_S), documented(NOW_S - 301));
    let rows = [
        (
            vec![("svix-id", "msg_1"), ("svix-timestamp", &timestamp), ("svix-signature", &right)],
            "signed-with-other-scheme",
        ),
        (vec![("svix-id", "msg_2"), ("svix-timestamp", &timestamp), ("svix-signature", &right)], "signature-mismatch"),
        (vec![("svix-id", "msg_1"), ("svix-signature", &right)], "signature-mismatch"),
        (vec![("scalekit-signature", recent.as_str())], "signed-with-other-scheme"),
        (vec![("scalekit-signature", old.as_str())], "signature-mismatch"),
    ];
    for (more, expected) in rows {
        let sent = Sent { signature: signed(SECRET, NOW_S, b"no"), more: &more, ..Sent::default() };
        assert_eq!(sent.reasons(), [expected], "{more:?}");
    }
}

#[test]
fn repeated_headers_are_tried_with_their_first_and_last_values() {
    let timestamp = NOW_S.to_string();
    let rows = [
        (vec![("webhook-id", "msg_2")], "duplicate-header:webhook-id"),
        (vec![("webhook-timestamp", timestamp.as_str()), ("webhook-id", "")], "duplicate-header:webhook-id"),
        (vec![("webhook-id", "x"), ("webhook-id", "msg_1")], "duplicate-header:webhook-id"),
    ];
    for (more, expected) in rows {
        assert_eq!(Sent { more: &more, ..Sent::default() }.reasons(), [expected], "{more:?}");
    }
    let body = b"[]";
    assert_eq!(Sent { more: &[("webhook-id", "msg_1")], body, ..Sent::default() }.reasons(), ["signature-mismatch"]);
}

#[test]
fn svix_headers_never_verify_and_name_a_foreign_sender_if_nothing_else_explains_them() {
    let svix = || Sent { family: "svix", ..Sent::default() };
    let old = (NOW_S - 400).to_string();
    let rows = [
        (svix(), &["signed-with-other-scheme"][..]),
        (Sent { secret: OTHER, ..svix() }, &["foreign-sender:svix"]),
        (Sent { signature: signed(OTHER, NOW_S, b"{}"), ..svix() }, &["wrong-secret"]),
        (
            Sent { timestamp: old.clone(), signature: signed(SECRET, NOW_S - 400, b"{}"), ..svix() },
            &["timestamp-too-old"],
        ),
        (Sent { timestamp: String::new(), ..svix() }, &["foreign-sender:svix"]),
        (Sent { signature: "v1a,x".into(), ..svix() }, &["unsupported-version"]),
        (Sent { body: b"{}\n", ..svix() }, &["body-altered:trailing-newline"]),
        (Sent { secret: &SECRET[6..], ..svix() }, &["secret-missing-prefix"]),
        (Sent { more: &[("svix-id", "x")], ..svix() }, &["duplicate-header:svix-id"]),
    ];
    for (sent, expected) in rows {
        assert_eq!(
            (sent.reasons(), sent.diagnosis().verdict),
            (expected.iter().map(ToString::to_string).collect(), Verdict::Invalid)
        );
    }
}

#[test]
fn documented_headers_are_diagnosed_too() {
    let keyring =
        Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: vec![Secret::new("other", OTHER)] };
    let reasons = |name: &str, value: &str, body: &[u8]| -> Vec<String> {
        let diagnosis = diagnose(&[Header::new(name, value)], body, NOW_S * 1000, &keyring);
        assert_eq!(diagnosis.verdict, Verdict::Invalid);
        diagnosis.reason.iter().chain(&diagnosis.also).map(ToString::to_string).collect()
    };
    let t_v1 = |key: &[u8], at: &str, body: &str| {
        format!("t={at},v1={}", hexadecimal(hmac(key, format!("{at}.{body}").as_bytes())))
    };
    let now = NOW_S.to_string();
    let old = (NOW_S - 301).to_string();
    let decoded = STANDARD.decode(&SECRET[6..]).unwrap();
    let rows = [
        (t_v1(SECRET.as_bytes(), &now, "{}"), &["signed-with-other-scheme"][..]),
        (
            t_v1(SECRET.as_bytes(), &now, "{}").to_uppercase().replace("T=", "t=").replace("V1=", "v1="),
            &["signed-with-other-scheme"],
        ),
        (t_v1(SECRET.as_bytes(), &old, "{}"), &["timestamp-too-old"]),
        (t_v1(SECRET.as_bytes(), &old, "[]"), &["timestamp-too-old", "signature-mismatch"]),
        (t_v1(SECRET.as_bytes(), "soon", "{}"), &["timestamp-malformed"]),
        (t_v1(&decoded, &now, "{}"), &["signed-with-other-scheme"]),
        (t_v1(&SECRET.as_bytes()[6..], &now, "{}"), &["signed-with-other-scheme"]),
        (t_v1(OTHER.as_bytes(), &now, "{}"), &["wrong-secret"]),
        (t_v1(SECRET.as_bytes(), &now, "{}\n"), &["body-altered:trailing-newline"]),
        (t_v1(SECRET.as_bytes(), &now, "[]"), &["signature-mismatch"]),
        (format!("t={now},v1=abc"), &["signature-malformed"]),
        (format!("v1={}", "0".repeat(64)), &["signature-malformed"]),
    ];
    for (value, expected) in rows {
        assert_eq!(reasons("Scalekit-Signature", &value, b"{}"), expected, "{value}");
    }
    let lower = hexadecimal(hmac(SECRET.as_bytes(), b"{}"));
    assert_eq!(reasons("x-scalekit-signature", &lower, b"{}"), ["signed-with-other-scheme"]);
    assert_eq!(reasons("x-scalekit-signature", &lower.to_uppercase(), b"{}"), ["signature-malformed"]);
    assert_eq!(reasons("x-scalekit-signature", &lower, b"{}\n"), ["body-altered:trailing-newline"]);
    let other = hexadecimal(hmac(OTHER.as_bytes(), b"{}"));
    assert_eq!(reasons("x-scalekit-signature", &other, b"{}"), ["wrong-secret"]);
}

#[test]
fn the_evidence_shows_what_differs() {
    let sent = Sent { timestamp: (NOW_S + 400).to_string(), ..Sent::default() };
    let evidence = Evidence::Timestamp { sent: sent.timestamp.clone().into_bytes(), age_s: Some(-400) };
    assert_eq!(sent.diagnosis().evidence, [evidence]);

    let known = Sent { signature: signed(OTHER, NOW_S, b"{}"), ..Sent::default() };
    assert_eq!(known.diagnosis().evidence, [Evidence::KnownSecret { label: "other".into() }]);

    let sent = Sent { body: b"[]", ..Sent::default() };
    let name = "webhook-signature";
    let expected =
        Evidence::Signature { name, sent: sent.signature.clone().into_bytes(), expected: signed(SECRET, NOW_S, b"[]") };
    assert_eq!(sent.diagnosis().evidence, [expected]);

    let values = vec![b"msg_1".to_vec(), b"x".to_vec()];
    let repeated = Sent { more: &[("Webhook-ID", "x")], ..Sent::default() };
    assert_eq!(repeated.diagnosis().evidence, [Evidence::Repeated { name: "webhook-id", values, with_first: true }]);
}

#[test]
fn without_a_secret_the_request_is_unchecked() {
    let diagnosis = diagnose(&[Header::new("webhook-id", "x")], b"", 0, &Keyring::default());
    assert_eq!((diagnosis.verdict, diagnosis.scheme), (Verdict::Unchecked, Scheme::Webhook));
    assert_eq!(diagnosis.reason.unwrap().to_string(), "no-secret");
    assert!(diagnosis.sdks.is_empty() && diagnosis.warnings.is_empty());
}

#[test]
fn huge_requests_are_diagnosed() {
    let tokens = format!("v1,{} ", "A".repeat(43)).repeat(5_000);
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let secret = format!("whsec_{}", "QUJD".repeat(250_000));
    let many = vec![("webhook-id", "x"); 5_000];
    let rows = [
        (Sent { signature: tokens, ..Sent::default() }, "signature-mismatch"),
        (Sent { body: deep.as_bytes(), ..Sent::default() }, "signature-mismatch"),
        (Sent { secret: &secret, ..Sent::default() }, "signature-mismatch"),
        (Sent { more: &many, ..Sent::default() }, "duplicate-header:webhook-id"),
        (Sent { timestamp: "-".to_owned() + &"9".repeat(100_000), ..Sent::default() }, "timestamp-malformed"),
    ];
    for (sent, expected) in rows {
        assert_eq!(sent.reasons()[0], expected);
    }
    let indented = Sent {
        body: deep.as_bytes(),
        signature: signed(SECRET, NOW_S, (deep.clone() + "\n").as_bytes()),
        ..Sent::default()
    };
    assert_eq!(indented.reasons(), ["body-altered:trailing-newline"]);
}

#[test]
fn a_secret_without_its_prefix_is_found_among_others() {
    let unprefixed = SECRET.strip_prefix("whsec_").unwrap();
    let signature = signed(SECRET, NOW_S, b"{}");
    let timestamp = NOW_S.to_string();
    let headers = [
        Header::new("webhook-id", "msg_1"),
        Header::new("webhook-timestamp", &timestamp),
        Header::new("webhook-signature", &signature),
    ];
    for texts in [&[unprefixed][..], &[unprefixed, OTHER], &[OTHER, unprefixed]] {
        let verifying =
            texts.iter().map(|text| Secret::new(if *text == OTHER { "other" } else { "odd" }, *text)).collect();
        let diagnosis = diagnose(&headers, b"{}", NOW_S * 1000, &Keyring { verifying, known_only: Vec::new() });
        assert_eq!(diagnosis.reason.unwrap().to_string(), "secret-missing-prefix", "{texts:?}");
        assert_eq!(diagnosis.evidence, [Evidence::PrefixedSecret { label: "odd".to_owned() }]);
    }
}

#[test]
fn a_late_request_that_otherwise_verifies_is_recognised() {
    let old = NOW_S - 1000;
    let late = Sent { timestamp: old.to_string(), signature: signed(SECRET, old, b"{}"), ..Sent::default() };
    assert_eq!(late.reasons(), ["timestamp-too-old"]);
    assert!(late.diagnosis().evidence.contains(&Evidence::OtherwiseVerified));
    let others = Sent { signature: signed(OTHER, old, b"{}"), ..late };
    assert_eq!(others.reasons(), ["timestamp-too-old", "wrong-secret"]);
    let evidence = others.diagnosis().evidence;
    assert!(!evidence.contains(&Evidence::OtherwiseVerified));
    assert!(evidence.contains(&Evidence::KnownSecret { label: "other".to_owned() }));
}
