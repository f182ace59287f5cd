//! The steps of a verification in the order of the SDKs, each with what was found and what was expected.

use super::super::Diagnosis;
use super::Examined;
use super::proof::{age_text, shortened, written};
use crate::core::request::values;
use crate::core::signature::Reason;
use crate::core::signature::base64_reading::node_digest;
use crate::core::signature::headers::{Claim, Family, Part, Views};
use crate::core::signature::timestamp::TimestampReading;
use crate::core::signature::verify::{Refusal, Window, tokens, verify};
use crate::core::signature::verify_request::try_each;
use crate::core::signature::{Scheme, Sdk, Secret, Verdict, sign_stamped};
use jiff::Timestamp;
use jiff::tz::TimeZone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Passed,
    Failed,
    /// An earlier check failed, where the SDKs stop.
    NotReached,
    /// For information: neither passed nor failed.
    Info,
}

/// What a check found that had nothing to look at.
const NOT_CHECKED: &str = "not checked";

/// One step of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub state: State,
    pub name: &'static str,
    /// As received: a screen must make it printable.
    pub found: Vec<u8>,
    pub expected: String,
}

fn check(state: State, name: &'static str, found: impl Into<Vec<u8>>, expected: impl Into<String>) -> Check {
    Check { state, name, found: shortened(found.into()), expected: expected.into() }
}

pub(super) fn checks(
    examined: &Examined<'_>,
    diagnosis: &Diagnosis,
    tested: Option<&Secret>,
    zone: &TimeZone,
) -> Vec<Check> {
    let scheme = diagnosis.scheme;
    let Some(family) = Family::of(scheme) else { return foreign(examined, scheme) };
    let views = Views::gather(examined.headers);
    let claim = Sdk::Node.dialect().claim(&views, family);
    let progress = Progress::of(examined, diagnosis, &claim);
    let mut checks = Vec::new();
    let state = if family == Family::Svix { State::Failed } else { State::Passed };
    let found = format!("{scheme}-* headers");
    checks.push(check(state, "scheme", found, "webhook-* or interceptor-*, the only headers that the SDKs read"));
    for part in Part::ALL {
        let name = family.name(part);
        let found = claim.part(part).filter(|value| !value.is_empty());
        let is_repeated = diagnosis.reason == Some(Reason::DuplicateHeader(name.to_owned()));
        let state = if found.is_some() && !is_repeated { State::Passed } else { State::Failed };
        let expected = format!("{} in {name}", if is_repeated { "one value" } else { "a value" });
        checks.push(check(state, part.as_str(), found.unwrap_or(b"missing"), expected));
    }
    checks.push(secret(examined, diagnosis, &progress));
    checks.extend(time(examined, diagnosis, &claim, &progress, zone));
    checks.push(check(
        progress.state(Refusal::NoVersion, Refusal::SignatureMalformed),
        "format",
        entries(claim.part(Part::Signature).unwrap_or_default()),
        "`v1,` and 44 characters, the base64 of 32 bytes; entries are separated by spaces",
    ));
    checks.push(mac(examined, tested, &claim, &progress));
    checks
}

/// The checks of a request without a family of headers: there is nothing that an SDK reads.
fn foreign(examined: &Examined<'_>, scheme: Scheme) -> Vec<Check> {
    let [id, timestamp, signature] = Part::ALL.map(|part| Family::Webhook.name(part));
    let expected = format!("{id}, {timestamp} and {signature}");
    if scheme == Scheme::None {
        return vec![check(State::Failed, "headers", "no signature header", expected)];
    }
    let header = check(State::Failed, "scheme", format!("the header {scheme}, which no SDK reads"), expected);
    let found = values(examined.headers, scheme.as_str()).map(|value| check(State::Info, "signature", value, ""));
    std::iter::once(header).chain(found).collect()
}

/// How far the verification got.
struct Progress {
    /// `None` if it succeeded.
    refusal: Option<Refusal>,
}

impl Progress {
    fn of(examined: &Examined<'_>, diagnosis: &Diagnosis, claim: &Claim<'_>) -> Self {
        let with = |secret: &Secret| {
            verify(Sdk::Node.dialect(), claim, examined.body, examined.now_ms, Window::Checked, secret)
        };
        // Without a secret, the steps that need none are still worth showing.
        let stand_in = [Secret::new("", "whsec_")];
        let secrets = if examined.keyring.is_empty() { &stand_in[..] } else { &examined.keyring.verifying };
        let refusal = if diagnosis.verdict == Verdict::Verified { None } else { try_each(secrets, with).err() };
        Self { refusal }
    }

    /// The state of the step that can end in the refusals `first` to `last`.
    fn state(&self, first: Refusal, last: Refusal) -> State {
        match self.refusal {
            Some(refusal) if refusal < first => State::NotReached,
            Some(refusal) if refusal <= last => State::Failed,
            _ => State::Passed,
        }
    }
}

fn secret(examined: &Examined<'_>, diagnosis: &Diagnosis, progress: &Progress) -> Check {
    let labels: Vec<_> = examined.keyring.verifying.iter().map(Secret::label).collect();
    let found = match &diagnosis.secret {
        Some(label) => label.to_string(),
        None if labels.is_empty() => "none".to_owned(),
        None => labels.join(", "),
    };
    let is_the_reason = matches!(
        diagnosis.reason,
        Some(
            Reason::SecretMissingPrefix
                | Reason::SecretNotBase64
                | Reason::SecretAltered(_)
                | Reason::FormerSecret
                | Reason::WrongSecret
                | Reason::NoSecret
        )
    );
    let state = match progress.state(Refusal::SecretUnusable, Refusal::SecretUnusable) {
        State::Passed if is_the_reason || labels.is_empty() && diagnosis.secret.is_none() => State::Failed,
        state => state,
    };
    check(state, "secret", found, "the signing secret of this endpoint: `whsec_` followed by base64")
}

/// Whether the timestamp is a number, and within the window.
fn time(
    examined: &Examined<'_>,
    diagnosis: &Diagnosis,
    claim: &Claim<'_>,
    progress: &Progress,
    zone: &TimeZone,
) -> [Check; 2] {
    let text = claim.part(Part::Timestamp).unwrap_or_default();
    let stamp = TimestampReading::Node.read(text, examined.now_ms);
    let signed_at = stamp.as_ref().and_then(|stamp| Timestamp::from_second(stamp.seconds).ok());
    let read = match (&stamp, signed_at) {
        (None, _) if text.is_empty() => NOT_CHECKED.to_owned(),
        (None, _) => "not a number".to_owned(),
        (Some(_), None) => "not a date".to_owned(),
        (Some(_), Some(time)) => written(time, zone),
    };
    let reading = match progress.state(Refusal::TimestampUnreadable, Refusal::TimestampUnreadable) {
        State::Passed if diagnosis.reason == Some(Reason::TimestampMalformed) => State::Failed,
        state => state,
    };
    let age = stamp.map(|stamp| examined.now_ms.div_euclid(1000).saturating_sub(stamp.seconds));
    let aged = if age.is_some() { progress.state(Refusal::TooOld, Refusal::InFuture) } else { State::NotReached };
    [
        check(reading, "time", read, "Unix seconds, digits only"),
        check(aged, "age", age.map_or_else(|| NOT_CHECKED.to_owned(), age_text), "at most 300 s old or ahead"),
    ]
}

/// `2 entries: v1, v1a`, or `1 entry: v1 (3 characters)` if the digest cannot be read.
fn entries(signature: &[u8]) -> Vec<u8> {
    const SHOWN: usize = 8;
    if signature.is_empty() {
        return NOT_CHECKED.into();
    }
    let count = tokens(signature).count();
    let mut text = format!("{count} {}: ", if count == 1 { "entry" } else { "entries" }).into_bytes();
    let entry = |(version, digest): (&[u8], Option<&[u8]>)| match digest {
        None => b"no version".to_vec(),
        Some(digest) if version == b"v1" && node_digest(digest).is_none() => {
            let (count, plural) = (digest.len(), if digest.len() == 1 { "" } else { "s" });
            format!("v1 ({count} character{plural})").into_bytes()
        }
        Some(_) => version.to_vec(),
    };
    let versions: Vec<_> = tokens(signature).take(SHOWN).map(entry).collect();
    text.extend(versions.join(&b", "[..]));
    text
}

fn mac(examined: &Examined<'_>, tested: Option<&Secret>, claim: &Claim<'_>, progress: &Progress) -> Check {
    let state = match progress.state(Refusal::Mismatch, Refusal::Mismatch) {
        State::Failed if examined.keyring.is_empty() => State::NotReached,
        state => state,
    };
    let found = match state {
        State::Passed => "matches",
        State::Failed => "no entry matches",
        _ => NOT_CHECKED,
    };
    let text = |part| claim.part(part).unwrap_or_default();
    let stamp = TimestampReading::Node.read(text(Part::Timestamp), examined.now_ms);
    let expected = tested.zip(stamp).and_then(|(secret, stamp)| {
        let signature = sign_stamped(secret, text(Part::Id), &stamp, examined.body)?;
        Some(format!("{signature} with {}", secret.label()))
    });
    check(state, "HMAC", found, expected.unwrap_or_else(|| "HMAC-SHA256 of id.timestamp.body".to_owned()))
}
