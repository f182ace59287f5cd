//! Common mistakes of senders that the reason alone does not name.

use super::super::{Diagnosis, Evidence};
use super::Examined;
use super::proof::{Fact, unit_meant};
use crate::core::signature::headers::{Family, Pick, Views};
use crate::core::signature::verify::tokens;
use crate::core::signature::{HIDDEN_SECRET, LOCAL_SECRET, Reason, SECRET_VARIABLE};

/// Characters of a SHA-256 digest in hexadecimal.
const HEX_DIGEST: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The timestamp is in milliseconds or smaller parts of a second.
    OtherUnit,
    /// The digest is written in hexadecimal.
    HexDigest,
}

impl Mistake {
    pub(super) fn next_step(self) -> &'static str {
        match self {
            Self::OtherUnit => {
                "Make the sender sign and send the time in whole seconds since 1970 (Unix time), as Scalekit does."
            }
            Self::HexDigest => {
                "Make the sender encode the digest as base64, not as hexadecimal: 44 characters after `v1,`."
            }
        }
    }

    pub(super) fn fact(self) -> Option<Fact> {
        match self {
            // The evidence already shows the time.
            Self::OtherUnit => None,
            Self::HexDigest => Some(Fact { name: "after `v1,`".to_owned(), found: b"64 hexadecimal digits".to_vec() }),
        }
    }
}

/// The step for a mismatch when the history tells which side to look at.
pub(super) fn step_by_history(diagnosis: &Diagnosis) -> Option<&'static str> {
    diagnosis.evidence.iter().find_map(|evidence| match evidence {
        Evidence::OthersVerify { .. } => Some(
            "Do not change the secret: other events verify with it. Either the body changed on the way, or someone else sent this request. Find the proxy or script that changes it, or ignore it.",
        ),
        Evidence::NoneVerifies { .. } => Some(
            "Suspect the secret first: it has verified no other event. Copy it again from the Scalekit dashboard (Settings > Webhooks > your endpoint).",
        ),
        _ => None,
    })
}

/// The step for a request that verifies with the secret in `.env`, if an exported variable or `.env.local` hides that one.
pub(super) fn step_by_place(examined: &Examined<'_>, diagnosis: &Diagnosis) -> Option<&'static str> {
    let is_in_dot_env =
        |evidence: &Evidence| matches!(evidence, Evidence::KnownSecret { label } if label.starts_with(HIDDEN_SECRET));
    if !diagnosis.evidence.iter().any(is_in_dot_env) {
        return None;
    }
    let is_from = |label: &str| examined.keyring.verifying.iter().any(|secret| secret.label() == label);
    if is_from(SECRET_VARIABLE) {
        return Some(
            "Unset the exported variable `SCALEKIT_WEBHOOK_SECRET`: it hides the one in `.env`, for hookglass and most likely for your app.",
        );
    }
    is_from(LOCAL_SECRET).then_some(
        "Remove `SCALEKIT_WEBHOOK_SECRET` from `.env.local`: it hides the one in `.env`, for hookglass and most likely for your app.",
    )
}

pub(super) fn common(examined: &Examined<'_>, diagnosis: &Diagnosis) -> Option<Mistake> {
    let now_s = examined.now_ms.div_euclid(1000);
    let is_other_unit = |evidence: &Evidence| match evidence {
        Evidence::Timestamp { sent, age_s: Some(_) } => unit_meant(sent, now_s).is_some(),
        _ => false,
    };
    if diagnosis.evidence.iter().any(is_other_unit) {
        return Some(Mistake::OtherUnit);
    }
    let family = Family::of(diagnosis.scheme).filter(|_| diagnosis.reason == Some(Reason::SignatureMalformed))?;
    let claim = Views::gather(examined.headers).claim(family, Pick::Joined);
    let is_hex = |text: &[u8]| text.len() == HEX_DIGEST && text.iter().all(u8::is_ascii_hexdigit);
    let mut tokens = tokens(claim.signature.as_deref()?);
    tokens.any(|(version, text)| version == b"v1" && text.is_some_and(is_hex)).then_some(Mistake::HexDigest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnosis::diagnose;
    use crate::core::request::Header;
    use crate::core::signature::{Keyring, Secret};

    fn found(timestamp: &str, signature: &str) -> Option<Mistake> {
        let keyring = Keyring { verifying: vec![Secret::new("main", "whsec_QUJD")], known_only: Vec::new() };
        let headers = [
            Header::new("webhook-id", "msg_1"),
            Header::new("webhook-timestamp", timestamp),
            Header::new("webhook-signature", signature),
        ];
        let examined = Examined { headers: &headers, body: b"{}", now_ms: 1_700_000_000_000, keyring: &keyring };
        common(&examined, &diagnose(&headers, b"{}", examined.now_ms, &keyring))
    }

    #[test]
    fn milliseconds_and_hexadecimal_digests_are_recognised() {
        let hex = format!("v1,{}", "0f".repeat(32));
        assert_eq!(found("1700000000000", "v1,AAAA"), Some(Mistake::OtherUnit));
        assert_eq!(found("1700000000", &hex), Some(Mistake::HexDigest));
        assert_eq!(found("1700000000", "v1,AAAA"), None);
        assert_eq!(found("1600000000", &hex), None, "the old timestamp comes first");
    }
}
