//! hookglass verifies what it signs, and nothing else.

use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Scheme, Secret, Verdict, Verification, sdk_verdicts, sign, verify_request};
use proptest::prelude::*;

const NOW_S: i64 = 1_752_556_707;

fn keyring(secret: &str) -> Keyring {
    Keyring { verifying: vec![Secret::new("main", secret)], known_only: Vec::new() }
}

fn verified(id: &[u8], timestamp: &str, signature: &str, body: &[u8], keyring: &Keyring) -> Verification {
    let headers = [
        Header::new("Webhook-Id", id),
        Header::new("webhook-timestamp", timestamp),
        Header::new("WEBHOOK-SIGNATURE", signature),
    ];
    verify_request(&headers, body, NOW_S * 1000 + 999, keyring)
}

/// A header value that HTTP does not change: not empty, no control characters, no white space around it.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![0x21_u8..0x7f, 0x80_u8..=0xff], 1..40)
}

fn secret() -> impl Strategy<Value = String> {
    "(whsec|insec|x| \"whsec)_[A-Za-z0-9+/=*\n-]{0,60}(_.{0,5})?"
}

proptest! {
    #[test]
    fn a_signed_request_is_verified(
        secret in secret(),
        id in header_value(),
        body in prop::collection::vec(any::<u8>(), 0..300),
        age in -300..=300_i64,
    ) {
        let keyring = keyring(&secret);
        let signature = sign(&keyring.verifying[0], &id, NOW_S - age, &body).unwrap();
        let verification = verified(&id, &(NOW_S - age).to_string(), &signature, &body, &keyring);
        prop_assert_eq!(verification.verdict, Verdict::Verified);
        prop_assert_eq!(verification.secret.as_deref(), Some("main"));
    }

    #[test]
    fn a_request_with_a_changed_byte_is_never_verified(
        id in "[ -~]{0,10}[!-~]",
        // Node reads invalid UTF-8 as U+FFFD, so several bodies read like one that contains it.
        body in "[^\u{fffd}]{1,300}",
        place in any::<prop::sample::Index>(),
        change in 1..=0x7f_u8,
    ) {
        let keyring = keyring("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        let id = id.trim_start();
        let timestamp = NOW_S.to_string();
        let signature = sign(&keyring.verifying[0], id.as_bytes(), NOW_S, body.as_bytes()).unwrap();

        let mut other = body.clone().into_bytes();
        let place_in_body = place.index(other.len());
        other[place_in_body] ^= change;
        prop_assert_eq!(verified(id.as_bytes(), &timestamp, &signature, &other, &keyring).verdict, Verdict::Invalid);

        let mut other = id.as_bytes().to_vec();
        let place = place.index(other.len());
        other[place] ^= change;
        prop_assert_eq!(verified(&other, &timestamp, &signature, body.as_bytes(), &keyring).verdict, Verdict::Invalid);
    }

    #[test]
    fn no_request_causes_a_panic(
        headers in prop::collection::vec((0..12_usize, prop::collection::vec(any::<u8>(), 0..60)), 0..12),
        secret in ".{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..60),
        now_ms in any::<i64>(),
    ) {
        const NAMES: [&str; 12] = [
            "webhook-id", "webhook-timestamp", "webhook-signature", "interceptor-id", "interceptor-timestamp",
            "interceptor-signature", "svix-id", "svix-timestamp", "svix-signature", "scalekit-signature",
            "x-scalekit-signature", "",
        ];
        let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(NAMES[*name], value)).collect();
        let keyring = Keyring { known_only: vec![Secret::new("other", "whsec_QUJD")], ..keyring(&secret) };
        let verification = verify_request(&headers, &body, now_ms, &keyring);
        let diagnosis = hookglass::core::diagnosis::diagnose(&headers, &body, now_ms, &keyring);
        prop_assert_eq!(verification.verdict, diagnosis.verdict);
        prop_assert_eq!(verification.verdict == Verdict::Verified, diagnosis.reason.is_none());
    }
}

#[test]
fn a_secret_without_an_underscore_signs_nothing() {
    assert_eq!(sign(&Secret::new("", "QUJD"), b"id", NOW_S, b""), None);
    assert!(sign(&Secret::new("", "whsec_"), b"id", NOW_S, b"").is_some());
}

#[test]
fn the_signature_of_the_reference_libraries_is_reproduced() {
    // The example of the Standard Webhooks specification's reference libraries.
    let secret = Secret::new("", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let signature = sign(&secret, b"msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

#[test]
fn without_a_verifying_secret_a_request_is_unchecked() {
    let known = Keyring { verifying: Vec::new(), known_only: vec![Secret::new("other", "whsec_QUJD")] };
    for keyring in [Keyring::default(), known] {
        let verification = verify_request(&[], b"", 0, &keyring);
        assert_eq!((verification.verdict, verification.scheme), (Verdict::Unchecked, Scheme::None));
        assert_eq!(verification.reason.unwrap().to_string(), "no-secret");
        assert_eq!(verified(b"id", "1", "v1,", b"", &keyring).verdict, Verdict::Unchecked);
    }
}

#[test]
fn any_verifying_secret_verifies_and_is_named() {
    let [old, new, other] = ["b2xk", "bmV3", "b3RoZXI="].map(|key| format!("whsec_{key}"));
    let signed_by = |text: &str| sign(&Secret::new("", text), b"id", NOW_S, b"{}").unwrap();
    let keyring = Keyring {
        verifying: vec![Secret::new("none", "no prefix"), Secret::new("old", &old), Secret::new("new", &new)],
        known_only: vec![Secret::new("other", &other)],
    };
    let verified = |signature: &str| verified(b"id", &NOW_S.to_string(), signature, b"{}", &keyring);
    assert_eq!(verified(&signed_by(&new)).secret.as_deref(), Some("new"));
    assert_eq!(verified(&signed_by(&old)).secret.as_deref(), Some("old"));
    let wrong = verified(&signed_by(&other));
    assert_eq!((wrong.verdict, wrong.reason.unwrap().to_string().as_str()), (Verdict::Invalid, "wrong-secret"));
    assert_eq!(verified("v1,QUJD").reason.unwrap().to_string(), "signature-malformed");
}

#[test]
fn only_python_replaces_a_missing_interceptor_header() {
    let secret = Secret::new("", "whsec_QUJD");
    let signature = sign(&secret, b"id", NOW_S, b"").unwrap();
    let timestamp = NOW_S.to_string();
    let headers = [
        Header::new("interceptor-id", "id"),
        Header::new("interceptor-timestamp", &timestamp),
        Header::new("interceptor-signature", ""),
        Header::new("svix-id", "id"),
        Header::new("webhook-signature", &signature),
    ];
    // Both families are incomplete: the SDKs verify the webhook headers, and nothing falls back.
    assert_eq!(sdk_verdicts(&headers, b"", NOW_S * 1000, &secret).map(|(_, accepts)| accepts), [false; 4]);
    let headers = [
        Header::new("interceptor-id", "id"),
        Header::new("interceptor-timestamp", &timestamp),
        Header::new("interceptor-signature", ""),
        Header::new("interceptor-signature", &signature),
        Header::new("webhook-signature", &signature),
    ];
    let accepted = sdk_verdicts(&headers, b"", NOW_S * 1000, &secret).map(|(_, accepts)| accepts);
    assert_eq!(accepted, [true, true, false, false]);
}
