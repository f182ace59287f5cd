//! Diagnoses and reports of any request: `cargo fuzz run -s none diagnose`.
//!
//! A diagnosis never panics and never contradicts the verdict; a report of it never holds the secret.

#![no_main]

mod input;

use hookglass::core::diagnosis::{Examined, diagnose, report};
use hookglass::core::signature::{Verdict, verify_request};
use input::{Input, NOW_MS};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Input { keyring, headers, body } = Input::read(bytes);
    let verification = verify_request(&headers, body, NOW_MS, &keyring);
    let diagnosis = diagnose(&headers, body, NOW_MS, &keyring);
    assert_eq!(
        (diagnosis.verdict, diagnosis.scheme, &diagnosis.secret),
        (verification.verdict, verification.scheme, &verification.secret)
    );
    assert_eq!(diagnosis.reason.is_none(), diagnosis.verdict == Verdict::Verified);
    let examined = Examined { headers: &headers, body, now_ms: NOW_MS, keyring: &keyring };
    let report = report(&examined, &diagnosis, &TimeZone::UTC);
    assert_eq!(report.explanation.is_none(), diagnosis.verdict == Verdict::Verified);
});
