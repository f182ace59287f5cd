//! The verdict on a request: whether the Node SDK accepts it, and the reason if it does not, as far as no search is
//! needed. Fast enough to run for every request.

use super::documented::Documented;
use super::headers::{Claim, Family, Lone, Part, Views};
use super::secret::{Keyring, Secret};
use super::timestamp::is_plain;
use super::verify::{Refusal, Window, tokens, verify};
use super::{Scheme, Sdk, Verdict, Verification};
use crate::core::logout::is_logout;
use crate::core::request::Header;
use crate::core::signature::Reason;

/// Verifies a request that arrived at `now_ms`, in Unix milliseconds.
///
/// A request is verified if the Node SDK accepts it with one of the verifying secrets. Otherwise the reason is exact up
/// to the form of the signature. If only the content fails, the reason is `SignatureMismatch`, or `WrongSecret` if a
/// known secret verifies it; `diagnose` searches further.
pub fn verify_request(headers: &[Header<'_>], body: &[u8], now_ms: i64, keyring: &Keyring) -> Verification {
    let views = Views::gather(headers);
    let scheme = views.scheme();
    let result = |verdict, reason| Verification { verdict, scheme, reason, secret: None };
    if scheme == Scheme::None && is_logout(body) {
        return result(Verdict::Unchecked, Some(Reason::BackChannelLogout));
    }
    let keyring = &*keyring.for_body(body);
    if keyring.is_empty() {
        return result(Verdict::Unchecked, Some(Reason::NoSecret));
    }
    if let Some(family) = Family::of(scheme) {
        let claim = Sdk::Node.dialect().claim(&views, family);
        let with = |secret: &Secret| verify(Sdk::Node.dialect(), &claim, body, now_ms, Window::Checked, secret);
        return match try_each(&keyring.verifying, with) {
            Ok(_) if scheme == Scheme::Svix => result(Verdict::Invalid, Some(Reason::SignedWithOtherScheme)),
            Ok(index) => {
                let secret = Some(keyring.verifying[index].label.clone());
                Verification { secret, ..result(Verdict::Verified, None) }
            }
            Err(Refusal::Mismatch) if keyring.known_only.iter().any(|secret| with(secret).is_ok()) => {
                result(Verdict::Invalid, Some(Reason::WrongSecret))
            }
            Err(refusal) => {
                let documented =
                    |text: &[u8]| signs_as_documented(text, body, now_ms, Window::Checked, &keyring.verifying);
                result(Verdict::Invalid, Some(reason(refusal, family, &claim, documented)))
            }
        };
    }
    let Some((lone, value)) = Lone::of(scheme).and_then(|lone| Some((lone, views.lone(lone)?))) else {
        return result(Verdict::Unsigned, Some(Reason::Unsigned));
    };
    let with = |secret: &Secret| match Documented::read(lone, &value) {
        Some(documented) => documented.verify(secret.text(), body, now_ms, Window::Checked),
        None => Err(Refusal::SignatureMalformed),
    };
    let reason = match try_each(&keyring.verifying, with) {
        Ok(_) => Reason::SignedWithOtherScheme,
        Err(Refusal::Mismatch) if keyring.known_only.iter().any(|secret| with(secret).is_ok()) => Reason::WrongSecret,
        Err(refusal) => documented_reason(refusal),
    };
    result(Verdict::Invalid, Some(reason))
}

/// The index of the first secret that verifies, otherwise the refusal that got furthest.
pub(crate) fn try_each(secrets: &[Secret], with: impl Fn(&Secret) -> Result<(), Refusal>) -> Result<usize, Refusal> {
    let mut furthest = Refusal::HeaderMissing;
    for (index, secret) in secrets.iter().enumerate() {
        match with(secret) {
            Ok(()) => return Ok(index),
            Err(refusal) => furthest = furthest.max(refusal),
        }
    }
    Err(furthest)
}

/// The reason for a refusal, as far as the steps before the content tell. `signs_as_documented` is called for a
/// signature header without a `v1` token that has the form of `scalekit-signature`.
pub(crate) fn reason(
    refusal: Refusal,
    family: Family,
    claim: &Claim<'_>,
    signs_as_documented: impl FnOnce(&[u8]) -> bool,
) -> Reason {
    let signature = claim.part(Part::Signature).unwrap_or_default();
    match refusal {
        Refusal::HeaderMissing => missing(family, claim)
            .next()
            .map_or(Reason::SignatureMalformed, |name| Reason::MissingHeader(name.to_owned())),
        Refusal::SecretUnusable => Reason::SecretMissingPrefix,
        Refusal::TimestampUnreadable => Reason::TimestampMalformed,
        Refusal::TooOld | Refusal::InFuture if !is_plain(claim.part(Part::Timestamp).unwrap_or_default()) => {
            Reason::TimestampMalformed
        }
        Refusal::TooOld => Reason::TimestampTooOld,
        Refusal::InFuture => Reason::TimestampInFuture,
        Refusal::NoVersion if has_documented_form(signature) => {
            if signs_as_documented(signature) {
                Reason::SignedWithOtherScheme
            } else {
                Reason::SignatureMalformed
            }
        }
        Refusal::NoVersion if tokens(signature).any(|(version, rest)| rest.is_some() && is_version(version)) => {
            Reason::UnsupportedVersion
        }
        Refusal::NoVersion | Refusal::SignatureMalformed => Reason::SignatureMalformed,
        Refusal::BodyUnreadable | Refusal::Mismatch => Reason::SignatureMismatch,
    }
}

/// The reason why a header from Scalekit's documentation does not verify.
pub(crate) fn documented_reason(refusal: Refusal) -> Reason {
    match refusal {
        Refusal::TimestampUnreadable => Reason::TimestampMalformed,
        Refusal::TooOld => Reason::TimestampTooOld,
        Refusal::InFuture => Reason::TimestampInFuture,
        Refusal::Mismatch => Reason::SignatureMismatch,
        _ => Reason::SignatureMalformed,
    }
}

/// The names of the headers that Node finds missing, in the order in which it reports them.
pub(crate) fn missing(family: Family, claim: &Claim<'_>) -> impl Iterator<Item = &'static str> {
    Part::ALL.into_iter().filter(|part| Sdk::Node.dialect().is_missing(claim, *part)).map(move |part| family.name(part))
}

/// Whether `text`, from another header, is a valid value of `scalekit-signature`.
pub(crate) fn signs_as_documented(text: &[u8], body: &[u8], now_ms: i64, window: Window, secrets: &[Secret]) -> bool {
    Documented::read(Lone::ScalekitSignature, text).is_some_and(|documented| {
        secrets.iter().any(|secret| documented.verify(secret.text(), body, now_ms, window).is_ok())
    })
}

fn has_documented_form(signature: &[u8]) -> bool {
    let has = |name: &[u8]| signature.split(|byte| *byte == b',').any(|element| element.starts_with(name));
    has(b"t=") && has(b"v1=")
}

/// Whether `text` has the form of a version: `v` or `V`, digits, then letters.
fn is_version(text: &[u8]) -> bool {
    let [b'v' | b'V', rest @ ..] = text else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && rest[digits..].iter().all(u8::is_ascii_alphabetic)
}
