//! Requests that are signed in a way no SDK verifies: other headers, other keys or other contents.

use super::change::Change;
use super::explain::{Content, altered};
use super::probe::Probe;
use super::renamed::renamed;
use super::search::search;
use super::steps::{Case, Conclusion, timestamp};
use super::{ContentForm, Evidence, KeyForm};
use crate::core::signature::Reason;
use crate::core::signature::content::Text;
use crate::core::signature::documented::Documented;
use crate::core::signature::headers::{Family, Lone, Pick};
use crate::core::signature::secret::{Keyed, key_text, keyed_with};
use crate::core::signature::timestamp::TimestampReading;
use crate::core::signature::verify::{Refusal, Window};
use crate::core::signature::verify_request::{documented_reason, try_each};
use crate::core::signature::{Scheme, Secret};

/// Whether other headers of the request verify: another complete family, or a header from Scalekit's documentation.
pub(super) fn beside(case: &Case<'_>, family: Family, window: Window) -> Option<Conclusion> {
    let secrets = &case.keyring.verifying;
    let others = Family::ALL.into_iter().filter(|other| *other != family && case.views.is_complete(*other));
    let verifying = others.into_iter().find(|other| {
        let claim = case.views.claim(*other, Pick::Joined);
        secrets.iter().any(|secret| case.verify(&claim, window, secret).is_ok())
    });
    if let Some(other) = verifying {
        return Some(signed_as(other.scheme(), KeyForm::Decoded, ContentForm::IdTimestampBody));
    }
    Lone::ALL.into_iter().find_map(|lone| {
        let value = case.views.lone(lone)?;
        let documented = Documented::read(lone, &value)?;
        let verifies = |secret: &Secret| documented.verify(secret.text(), case.body, case.now_ms, window).is_ok();
        secrets.iter().any(verifies).then(|| signed_as(lone.scheme(), KeyForm::Text, content_form(lone)))
    })
}

/// Whether the signature covers another content, or uses another key derived from the secret.
pub(super) fn other_key(case: &Case<'_>, family: Family, content: &Content<'_>) -> Option<Conclusion> {
    const CONTENTS: [ContentForm; 3] = [ContentForm::IdTimestampBody, ContentForm::TimestampBody, ContentForm::Body];
    let mut forms = Vec::new();
    let mut prefixed = Vec::new();
    for (key, mac) in case.keyring.verifying.iter().flat_map(keys) {
        for form in CONTENTS {
            let mut mac = mac.clone();
            match form {
                ContentForm::IdTimestampBody => content.feed_prefix(&mut mac),
                ContentForm::TimestampBody => content.feed_stamp(&mut mac),
                ContentForm::Body => {}
            }
            forms.push((key, form));
            prefixed.push(mac);
        }
    }
    let found = Probe::new(content.digests.clone(), prefixed).position(case.body, Text::LossyUtf8)?;
    let (key, form) = forms[found];
    Some(signed_as(family.scheme(), key, form))
}

/// Examines a request whose only signature is a header from Scalekit's documentation.
pub(super) fn documented(case: &Case<'_>, lone: Lone, value: &[u8], window: Window) -> Conclusion {
    let Some(documented) = Documented::read(lone, value) else {
        // Some name the headers of a webhook after the provider.
        let is_right = |conclusion: &Conclusion| conclusion.evidence.contains(&Evidence::OtherwiseVerified);
        let meant = renamed(case, window).filter(is_right);
        return meant.unwrap_or_else(|| Conclusion::of(Reason::SignatureMalformed, []));
    };
    let verify = |secret: &Secret| documented.verify(secret.text(), case.body, case.now_ms, window);
    let refusal = match try_each(&case.keyring.verifying, verify) {
        Ok(secret) => return Conclusion::verified(secret),
        Err(refusal) => refusal,
    };
    let sent = documented.timestamp.unwrap_or_default();
    let conclusion = Conclusion::of(documented_reason(refusal), []);
    match refusal {
        Refusal::Mismatch => documented_mismatch(case, lone, &documented),
        Refusal::TimestampUnreadable if TimestampReading::Node.read(sent, case.now_ms).is_none() => {
            Conclusion { evidence: vec![timestamp(sent, case.now_ms)], ..conclusion }
        }
        Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture => {
            Conclusion { evidence: vec![timestamp(sent, case.now_ms)], ..conclusion }.leaving(self::documented(
                case,
                lone,
                value,
                Window::Ignored,
            ))
        }
        _ => conclusion,
    }
}

fn documented_mismatch(case: &Case<'_>, lone: Lone, documented: &Documented<'_>) -> Conclusion {
    let probe = |macs: Vec<Keyed>| {
        let prefixed = macs.into_iter().map(|mut mac| {
            documented.feed_start(&mut mac);
            mac
        });
        Probe::new(vec![documented.digest], prefixed.collect())
    };
    let (forms, macs): (Vec<_>, Vec<_>) = case.keyring.verifying.iter().flat_map(keys).unzip();
    if let Some(found) = probe(macs).position(case.body, Text::Bytes) {
        return signed_as(lone.scheme(), forms[found], content_form(lone));
    }
    let known = |secret: &&Secret| documented.is_digest_of(secret.text().as_bytes(), case.body);
    if let Some(secret) = case.keyring.known_only.iter().find(known) {
        return Conclusion::of(Reason::WrongSecret, [Evidence::KnownSecret { label: secret.label().to_owned() }]);
    }
    let texts = case.keyring.verifying.iter().map(|secret| keyed_with(secret.text().as_bytes())).collect();
    let probe = probe(texts);
    let is_invalid_utf8 = std::str::from_utf8(case.body).is_err();
    let replaced = is_invalid_utf8 && probe.signs(case.body, Text::LossyUtf8);
    if replaced {
        return altered(Change::ReplacedText.into(), case.body);
    }
    let outcome = search(&probe, case.body);
    match outcome.found {
        Some(variant) => altered(variant, case.body),
        None => Conclusion::of(Reason::SignatureMismatch, (!outcome.is_complete).then_some(Evidence::SearchEnded)),
    }
}

/// The keys that a sender may have derived from a secret.
fn keys(secret: &Secret) -> impl Iterator<Item = (KeyForm, Keyed)> {
    let text = secret.text();
    let after_prefix = [text.split_once('_').map(|(_, rest)| rest), key_text(text)];
    let after_prefix =
        after_prefix.into_iter().flatten().map(|rest| (KeyForm::TextAfterPrefix, keyed_with(rest.as_bytes())));
    let decoded = secret.keyed().cloned().map(|mac| (KeyForm::Decoded, mac));
    decoded.into_iter().chain([(KeyForm::Text, keyed_with(text.as_bytes()))]).chain(after_prefix)
}

pub(super) fn signed_as(scheme: Scheme, key: KeyForm, content: ContentForm) -> Conclusion {
    Conclusion::of(Reason::SignedWithOtherScheme, [Evidence::SignedAs { scheme, key, content }])
}

fn content_form(lone: Lone) -> ContentForm {
    match lone {
        Lone::ScalekitSignature => ContentForm::TimestampBody,
        Lone::XScalekitSignature => ContentForm::Body,
    }
}

/// The conclusion about a request that verifies under a scheme no SDK reads.
pub(super) fn own_scheme(scheme: Scheme) -> Conclusion {
    match Lone::of(scheme) {
        Some(lone) => signed_as(scheme, KeyForm::Text, content_form(lone)),
        None => signed_as(scheme, KeyForm::Decoded, ContentForm::IdTimestampBody),
    }
}
