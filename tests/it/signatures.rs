//! The conformance corpus: generated requests, the results of real verifiers, and the expected diagnoses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookglass::core::diagnosis::{Warning, diagnose};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Scheme, Secret, Verdict, sdk_verdicts, verify_request};
use std::collections::HashMap;

#[derive(serde::Deserialize)]
pub struct Case {
    pub name: String,
    pub secret: String,
    pub other_secrets: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub body_b64: String,
    pub now_ms: i64,
    pub scheme: String,
    pub oracles: HashMap<String, String>,
    pub expected: String,
    pub sdks_disagree: bool,
    pub diagnosis: Option<String>,
    pub also: Vec<String>,
    pub note: String,
}

impl Case {
    fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| Header::new(name, value)).collect()
    }

    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body_b64).unwrap()
    }

    fn keyring(&self) -> Keyring {
        let known_only = self.other_secrets.iter().enumerate().map(|(n, text)| Secret::new(format!("other {n}"), text));
        Keyring { verifying: vec![Secret::new("main", &self.secret)], known_only: known_only.collect() }
    }

    /// The reason of the corpus, or the more exact one that hookglass knows.
    pub fn reason(&self) -> Option<String> {
        let refined = REFINED.iter().find(|(name, _)| *name == self.name);
        assert!(refined.is_none() || self.diagnosis.as_deref().is_some_and(may_be_refined), "{}", self.name);
        refined.map(|(_, reason)| (*reason).to_owned()).or_else(|| self.diagnosis.clone())
    }

    pub fn accepts(&self, oracle: &str) -> bool {
        self.oracles[oracle] == "accept"
    }
}

pub fn cases() -> Vec<Case> {
    let text = include_str!("cases/signatures.jsonl");
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 324);
    cases
}

/// Runs `check` on every case, and fails with a list of those that differ.
fn each_case(check: impl Fn(&Case) -> Result<(), String>) {
    let failures: Vec<_> = cases()
        .iter()
        .filter_map(|case| Some(format!("{}: {} ({})", case.name, check(case).err()?, case.note)))
        .collect();
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}")) }
}

#[test]
fn every_case_gets_its_scheme_and_verdict() {
    each_case(|case| {
        let verification = verify_request(&case.headers(), &case.body(), case.now_ms, &case.keyring());
        let expected = match (case.expected.as_str(), case.scheme.as_str()) {
            ("valid", _) => Verdict::Verified,
            (_, "none") => Verdict::Unsigned,
            _ => Verdict::Invalid,
        };
        same(verification.scheme, Scheme::parse(&case.scheme).unwrap())?;
        same(verification.verdict, expected)?;
        same(verification.secret.as_deref(), (expected == Verdict::Verified).then_some("main"))
    });
}

#[test]
fn the_reason_is_exact_if_it_needs_no_search() {
    const SEARCHED: [&str; 6] = [
        "timestamp-malformed",
        "body-altered",
        "duplicate-header",
        "secret-not-base64",
        "secret-missing-prefix",
        "signed-with",
    ];
    each_case(|case| {
        let reason = verify_request(&case.headers(), &case.body(), case.now_ms, &case.keyring())
            .reason
            .map(|reason| reason.to_string());
        let is_searched = |reason: &String| SEARCHED.iter().any(|prefix| reason.starts_with(prefix));
        if reason.as_deref() == Some("signature-mismatch") && case.diagnosis.as_ref().is_some_and(is_searched) {
            return Ok(());
        }
        same(reason, case.diagnosis.clone()).map_err(|error| format!("{error} {:?}", case.also))
    });
}

#[test]
fn every_sdk_verdict_matches_the_real_sdk() {
    each_case(|case| {
        for (sdk, accepts) in sdk_verdicts(&case.headers(), &case.body(), case.now_ms, &case.keyring().verifying[0]) {
            same(accepts, case.accepts(&format!("scalekit_{sdk}"))).map_err(|error| format!("{sdk}: {error}"))?;
        }
        Ok(())
    });
}

/// Cases for which hookglass knows a more exact reason than the corpus, with that reason.
const REFINED: [(&str, &str); 29] = [
    ("dev-044-tampered", "body-altered:truncated"),
    ("dev-045-tampered", "body-altered:truncated"),
    ("dev-054-tampered", "body-lost"),
    ("dev-055-tampered", "body-lost"),
    ("dev-056-tampered", "body-altered:printed-object"),
    ("dev-057-tampered", "body-altered:printed-object"),
    ("dev-080-reserialised", "body-altered:reserialised"),
    ("dev-081-reserialised", "body-altered:reserialised"),
    ("dev-168-missing-header", "header-renamed:webhook-id"),
    ("dev-169-missing-header", "header-renamed:webhook-id"),
    ("dev-171-unsigned", "hand-made"),
    ("dev-210-multiple-signatures", "signature-encoding"),
    ("dev-211-multiple-signatures", "signature-encoding"),
    ("dev-226-signature-syntax", "signature-encoding"),
    ("dev-227-signature-syntax", "signature-encoding"),
    ("dev-230-signature-syntax", "signature-encoding"),
    ("dev-231-signature-syntax", "signature-encoding"),
    ("dev-232-signature-syntax", "signature-encoding"),
    ("dev-233-signature-syntax", "signature-encoding"),
    ("dev-234-signature-syntax", "signature-encoding"),
    ("dev-235-signature-syntax", "signature-encoding"),
    ("dev-240-signature-syntax", "signature-encoding"),
    ("dev-241-signature-syntax", "signature-encoding"),
    ("dev-244-signature-syntax", "header-altered:webhook-signature"),
    ("dev-245-signature-syntax", "header-altered:webhook-signature"),
    ("dev-282-secret-syntax", "secret-assignment"),
    ("dev-283-secret-syntax", "secret-assignment"),
    ("dev-307-svix", "foreign-sender:svix"),
    ("dev-309-svix", "foreign-sender:svix"),
];

/// Only these reasons of the corpus may have a more exact one.
fn may_be_refined(reason: &str) -> bool {
    const VAGUE: [&str; 5] =
        ["signature-mismatch", "signature-malformed", "unsigned", "secret-missing-prefix", "secret-not-base64"];
    VAGUE.contains(&reason) || reason.starts_with("missing-header:")
}

#[test]
fn every_refined_case_is_in_the_corpus() {
    let names: Vec<_> = cases().into_iter().map(|case| case.name).collect();
    for (name, _) in REFINED {
        assert!(names.iter().any(|each| each == name), "{name}");
    }
}

#[test]
fn every_case_gets_its_diagnosis_or_a_more_exact_one() {
    each_case(|case| {
        let diagnosis = diagnose(&case.headers(), &case.body(), case.now_ms, &case.keyring());
        same(diagnosis.reason.map(|reason| reason.to_string()), case.reason())?;
        same(diagnosis.also.iter().map(ToString::to_string).collect(), case.also.clone())
    });
}

#[test]
fn a_verdict_and_its_diagnosis_agree() {
    each_case(|case| {
        let verification = verify_request(&case.headers(), &case.body(), case.now_ms, &case.keyring());
        let diagnosis = diagnose(&case.headers(), &case.body(), case.now_ms, &case.keyring());
        same(diagnosis.verdict, verification.verdict)?;
        same(diagnosis.secret, verification.secret)
    });
}

#[test]
fn warnings_match_the_other_sdks_and_the_sample_app() {
    each_case(|case| {
        let warnings = diagnose(&case.headers(), &case.body(), case.now_ms, &case.keyring()).warnings;
        let disagree = warnings.iter().any(|warning| matches!(warning, Warning::SdksDisagree { .. }));
        same(disagree, case.sdks_disagree)?;
        if case.expected == "valid" {
            let breaks = warnings.contains(&Warning::LostWhenReserialised);
            same(breaks, !case.accepts("scalekit_node_sampleapp"))?;
        }
        Ok(())
    });
}
