//! Verdicts on any request with any secret: `cargo fuzz run -s none verify`.
//!
//! A verdict never panics, agrees with what Node would answer, and what is signed here verifies.

#![no_main]

mod input;

use hookglass::core::request::Header;
use hookglass::core::signature::{Scheme, Sdk, Verdict, sdk_verdicts, sign, verify_request};
use input::{Input, NOW_MS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Input { keyring, headers, body } = Input::read(bytes);
    let verification = verify_request(&headers, body, NOW_MS, &keyring);
    let Some(secret) = keyring.verifying.first() else {
        assert_eq!(verification.verdict, Verdict::Unchecked);
        return;
    };
    assert_eq!(verification.reason.is_none(), verification.verdict == Verdict::Verified);
    let answers = sdk_verdicts(&headers, body, NOW_MS, secret);
    if matches!(verification.scheme, Scheme::Webhook | Scheme::Interceptor) {
        assert!(answers.contains(&(Sdk::Node, verification.verdict == Verdict::Verified)));
    } else {
        assert_ne!(verification.verdict, Verdict::Verified);
    }

    let now_s = NOW_MS / 1000;
    let id: Vec<u8> =
        headers.iter().flat_map(|header| header.value.iter().copied()).filter(u8::is_ascii_graphic).collect();
    let (Some(signature), false) = (sign(secret, &id, now_s, body), id.is_empty()) else { return };
    let time = now_s.to_string();
    let signed = [
        Header::new("webhook-signature", &signature),
        Header::new("webhook-id", &id),
        Header::new("webhook-timestamp", &time),
    ];
    assert_eq!(verify_request(&signed, body, NOW_MS, &keyring).verdict, Verdict::Verified);
});
