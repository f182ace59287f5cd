//! Why a well-formed signature does not match: the first reason that a signature proves, or that the secret's form
//! suggests.

use super::change::Change;
use super::probe::Probe;
use super::rewritten::rewritten;
use super::search::search;
use super::steps::{Case, Conclusion};
use super::{BodyVariant, Evidence, other_schemes, seen};
use crate::core::signature::Reason;
use crate::core::signature::base64_reading::node_digest;
use crate::core::signature::content::Text;
use crate::core::signature::headers::{Claim, Family, Part, Pick};
use crate::core::signature::secret::Keyed;
use crate::core::signature::timestamp::{Stamp, TimestampReading, is_plain};
use crate::core::signature::verify::{Window, tokens};
use crate::core::signature::{Secret, SecretForm, sign_stamped};
use hmac::Mac;

/// Explains why no `v1` signature in `claim` matches the content.
pub(super) fn mismatch(case: &Case<'_>, family: Family, claim: &Claim<'_>, window: Window) -> Conclusion {
    let known = case.keyring.known_only.iter().find(|secret| case.verify(claim, window, secret).is_ok());
    if let Some(secret) = known {
        return Conclusion::of(Reason::WrongSecret, [Evidence::KnownSecret { label: secret.label().to_owned() }]);
    }
    if let Some(conclusion) = case.repaired(claim, window) {
        return conclusion;
    }
    if let Some(proof) = case.lacking_prefix(claim, window) {
        return Conclusion::of(Reason::SecretMissingPrefix, [proof]);
    }
    let text = |part| claim.part(part).unwrap_or_default();
    let Some(stamp) = TimestampReading::Node.read(text(Part::Timestamp), case.now_ms) else {
        return Conclusion::of(Reason::TimestampMalformed, []);
    };
    let content = Content {
        id: text(Part::Id),
        stamp,
        header: text(Part::Timestamp),
        digests: digests(text(Part::Signature)),
        secrets: &case.keyring.verifying,
    };
    let before = suspicion(&case.keyring.verifying)
        .or_else(|| duplicate(case, family, window))
        .or_else(|| rewritten(case, family, claim, window))
        .or_else(|| content.header_text(case.body));
    if let Some(conclusion) = before {
        return conclusion;
    }
    let is_complete = match content.altered(case.body) {
        Ok(conclusion) => return conclusion,
        Err(is_complete) => is_complete,
    };
    let mut conclusion = other_schemes::beside(case, family, window)
        .or_else(|| other_schemes::other_key(case, family, &content))
        .or_else(|| seen::mismatch(case))
        .unwrap_or_else(|| {
            Conclusion::of(Reason::SignatureMismatch, content.expected(case, family, text(Part::Signature)))
        });
    if conclusion.reason == Some(Reason::SignatureMismatch) {
        conclusion.evidence.extend((!is_complete).then_some(Evidence::SearchEnded));
    }
    conclusion
}

/// The signed parts besides the body, and the digests that the request carries.
pub(super) struct Content<'a> {
    pub(super) id: &'a [u8],
    pub(super) stamp: Stamp<'a>,
    /// The timestamp header as received.
    header: &'a [u8],
    pub(super) digests: Vec<[u8; 32]>,
    secrets: &'a [Secret],
}

impl Content<'_> {
    /// A probe with every key, after `feed` has fed what comes before the body.
    fn probe(&self, feed: impl Fn(&mut Keyed)) -> Probe {
        let prefixed = self.secrets.iter().filter_map(Secret::keyed).cloned().map(|mut mac| {
            feed(&mut mac);
            mac
        });
        Probe::new(self.digests.clone(), prefixed.collect())
    }

    /// Feeds `id "." timestamp "."`.
    pub(super) fn feed_prefix(&self, mac: &mut Keyed) {
        Text::Latin1.feed(mac, self.id);
        mac.update(b".");
        self.feed_stamp(mac);
    }

    /// Feeds `timestamp "."`.
    pub(super) fn feed_stamp(&self, mac: &mut Keyed) {
        mac.update(self.stamp.text());
        mac.update(b".");
    }

    /// Whether the sender signed the timestamp header literally, although the SDK reads a different number from it.
    fn header_text(&self, body: &[u8]) -> Option<Conclusion> {
        if is_plain(self.header) {
            return None;
        }
        let probe = self.probe(|mac| {
            Text::Latin1.feed(mac, self.id);
            mac.update(b".");
            Text::Latin1.feed(mac, self.header);
            mac.update(b".");
        });
        let evidence = Evidence::Timestamp { sent: self.header.to_vec(), age_s: None };
        probe.signs(body, Text::LossyUtf8).then(|| Conclusion::of(Reason::TimestampMalformed, [evidence]))
    }

    /// Which change to the body explains the mismatch. Without one, whether every change was tried.
    fn altered(&self, body: &[u8]) -> Result<Conclusion, bool> {
        let probe = self.probe(|mac| self.feed_prefix(mac));
        let is_invalid_utf8 = std::str::from_utf8(body).is_err();
        if is_invalid_utf8 && probe.signs(body, Text::Bytes) {
            return Ok(altered(Change::RawBytes.into(), body));
        }
        let outcome = search(&probe, body);
        outcome.found.map(|variant| altered(variant, body)).ok_or(outcome.is_complete)
    }

    fn expected(&self, case: &Case<'_>, family: Family, sent: &[u8]) -> Option<Evidence> {
        let secret = self.secrets.iter().find(|secret| secret.keyed().is_some())?;
        let expected = sign_stamped(secret, self.id, &self.stamp, case.body)?;
        Some(Evidence::Signature { name: family.name(Part::Signature), sent: sent.to_vec(), expected })
    }
}

/// The conclusion that `variant` of `body` was signed. The outermost change is the reason; those beneath remain.
pub(super) fn altered(variant: BodyVariant, body: &[u8]) -> Conclusion {
    let first_difference = variant.first_difference(body);
    let mut reasons = variant.alterations().into_iter().map(Reason::BodyAltered);
    let reason = reasons.next();
    Conclusion {
        reason,
        also: reasons.collect(),
        evidence: vec![Evidence::Body { variant, first_difference }],
        secret: None,
    }
}

fn digests(signature: &[u8]) -> Vec<[u8; 32]> {
    let digests = tokens(signature).filter(|(version, _)| *version == b"v1");
    digests.filter_map(|(_, signature)| node_digest(signature?)).collect()
}

/// The reason that the form of the first secret suggests, if every secret looks wrong.
fn suspicion(secrets: &[Secret]) -> Option<Conclusion> {
    let reasons: Option<Vec<_>> = secrets.iter().map(|secret| suspicious(secret.text())).collect();
    reasons?.into_iter().next().map(|reason| Conclusion::of(reason, []))
}

fn suspicious(secret: &str) -> Option<Reason> {
    if let Some(form) = SecretForm::of(secret) {
        return Some(Reason::SecretAltered(form));
    }
    let trimmed = secret.trim_matches(|each: char| each.is_whitespace() || matches!(each, '"' | '\'' | '\u{feff}'));
    let Some((prefix, rest)) = trimmed.split_at_checked("whsec_".len()) else {
        return Some(Reason::SecretMissingPrefix);
    };
    if !["whsec_", "insec_"].iter().any(|known| prefix.eq_ignore_ascii_case(known)) {
        return Some(Reason::SecretMissingPrefix);
    }
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-');
    let data = rest.bytes().filter(|byte| *byte != b'=').count();
    (rest.is_empty() || !rest.bytes().all(is_base64) || data % 4 == 1).then_some(Reason::SecretNotBase64)
}

/// Whether the request verifies when only the first or only the last value of each repeated header counts.
fn duplicate(case: &Case<'_>, family: Family, window: Window) -> Option<Conclusion> {
    let part = Part::ALL.into_iter().find(|part| !case.views.repeated(family, *part).is_empty())?;
    let pick = [Pick::First, Pick::Last].into_iter().find(|pick| {
        let claim = case.views.claim(family, *pick);
        case.keyring.verifying.iter().any(|secret| case.verify(&claim, window, secret).is_ok())
    })?;
    let name = family.name(part);
    let values = case.views.repeated(family, part).iter().map(|value| value.to_vec()).collect();
    let evidence = Evidence::Repeated { name, values, with_first: pick == Pick::First };
    Some(Conclusion::of(Reason::DuplicateHeader(name.to_owned()), [evidence]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspicious_secret_is_recognised_by_its_form() {
        let prefix = Some(Reason::SecretMissingPrefix);
        let base64 = Some(Reason::SecretNotBase64);
        let cases = [
            ("whsec_QUJD", None),
            ("WhSec_QUJD", None),
            ("insec_QUI=", None),
            (" \"whsec_QUJD\"\n", None),
            ("'whsec_QU-D'", None),
            ("whsec_QQ", None),
            ("foo_QUJD", prefix.clone()),
            ("QUJD", prefix.clone()),
            ("", prefix.clone()),
            ("whsec", prefix.clone()),
            ("whseé_QUJD", prefix.clone()),
            ("KEY=whsec_QUJD", Some(Reason::SecretAltered(SecretForm::Assignment))),
            ("KEY=QUJD", prefix),
            ("whsec_", base64.clone()),
            ("whsec_\" ", base64.clone()),
            ("whsec_QU_D", base64.clone()),
            ("whsec_QU JD", base64.clone()),
            ("whsec_QUJDR", base64.clone()),
            ("whsec_Q===", base64.clone()),
            ("whsec_QUJDé", base64),
        ];
        for (secret, expected) in cases {
            assert_eq!(suspicious(secret), expected, "{secret}");
        }
    }
}
