//! Verifies trigger events as the SDKs will. The rules are those of the SDKs' sources of October 2026, which are in no release yet.

use super::dialect::trigger;
use super::headers::{Family, Views};
use super::secret::Secret;
use super::verify::{Window, verify};
use crate::core::request::Header;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether the SDKs' verifier of trigger events accepts the request with this secret. It looks at the signature alone, not at the fields
/// of the body.
pub fn verifies_as_trigger(headers: &[Header<'_>], body: &[u8], now_ms: i64, secret: &Secret) -> bool {
    let claim = trigger().claim(&Views::gather(headers), Family::Webhook);
    // The SDKs cannot parse a body that begins with a byte order mark.
    !body.starts_with(BYTE_ORDER_MARK) && verify(trigger(), &claim, body, now_ms, Window::Checked, secret).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::{Keyring, Verdict, sign, verify_request};

    const NOW_S: i64 = 1_700_000_000;
    const BODY: &str = r#"{"trigger_type":"a.b","dedupe_key":"dk_1"}"#;
    const SECRET: &str = "whsec_c2VjcmV0";

    /// Whether the verifiers of trigger events and of webhooks accept the request.
    fn accepted(secret: &str, headers: &[(&str, &str)], body: &[u8]) -> (bool, bool) {
        let secret = Secret::new("main", secret);
        let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
        let keyring = Keyring { verifying: vec![secret.clone()], ..Keyring::default() };
        let webhook = verify_request(&headers, body, NOW_S * 1000, &keyring).verdict == Verdict::Verified;
        (verifies_as_trigger(&headers, body, NOW_S * 1000, &secret), webhook)
    }

    #[test]
    fn the_verifier_of_trigger_events_is_stricter_and_more_lenient_than_that_of_webhooks() {
        let time = NOW_S.to_string();
        let right = sign(&Secret::new("", SECRET), b"m", NOW_S, BODY.as_bytes()).unwrap();
        let (unpadded, several) = (right.trim_end_matches('='), format!("v1,!!! v2,x {right}"));
        let with = |id: &'static str, time: &str, signature: &str| {
            [
                ("webhook-id", id.to_owned()),
                ("Webhook-Timestamp", time.to_owned()),
                ("WEBHOOK-SIGNATURE", signature.to_owned()),
            ]
        };
        for (what, headers, is_trigger, is_webhook) in [
            ("as usual", with("m", &time, &right).to_vec(), true, true),
            ("malformed entries before", with("m", &time, &several).to_vec(), true, false),
            ("no padding", with("m", &time, unpadded).to_vec(), false, true),
            ("a sign", with("m", &format!("+{time}"), &right).to_vec(), false, true),
            ("letters after", with("m", &format!("{time}s"), &right).to_vec(), false, true),
            (
                "repeated with one value",
                [&with("m", &time, &right)[..], &with("m", &time, &right)].concat(),
                true,
                false,
            ),
            ("joined with one value", with("m, m", &format!("{time}, {time}"), &right).to_vec(), true, false),
            ("several ids", [&with("m", &time, &right)[..], &with("n", &time, &right)].concat(), false, false),
            ("several signatures", [&with("m", &time, "v1,x")[..], &with("m", &time, &right)].concat(), true, false),
            ("another id", with("n", &time, &right).to_vec(), false, false),
            ("too old", with("m", &(NOW_S - 301).to_string(), &right).to_vec(), false, false),
            ("no signature", with("m", &time, "").to_vec(), false, false),
        ] {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(accepted(SECRET, &headers, BODY.as_bytes()), (is_trigger, is_webhook), "{what}");
        }
    }

    #[test]
    fn secrets_and_bodies_must_be_in_strict_forms() {
        let signed = |secret: &str, body: &[u8]| {
            let signature = sign(&Secret::new("", secret), b"m", NOW_S, body).unwrap();
            let time = NOW_S.to_string();
            accepted(
                secret,
                &[("webhook-id", "m"), ("webhook-timestamp", &time), ("webhook-signature", &signature)],
                body,
            )
        };
        for (secret, is_trigger) in [
            (SECRET, true),
            ("whsec_c2VjcmV0LTE=", true),
            ("whsec_c2VjcmV0LTE", false),
            ("whsec_c2VjcmV0\n", false),
            ("whsec_c2Vj_cmV0", false),
            ("whsec_", false),
            ("other_c2VjcmV0", false),
        ] {
            assert_eq!(signed(secret, BODY.as_bytes()), (is_trigger, true), "{secret:?}");
        }
        let marked = [BYTE_ORDER_MARK, BODY.as_bytes()].concat();
        assert_eq!(signed(SECRET, &marked), (false, true));
        assert!(!signed(SECRET, b"{\"dedupe_key\":\"\xff\"}").0);
    }
}
