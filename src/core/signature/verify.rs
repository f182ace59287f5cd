//! The one verifier: what every SDK does, step by step, with the differences taken from a [`Dialect`].

use super::base64_reading::{Base64Reading, node_digest};
use super::dialect::{Dialect, List};
use super::headers::{Claim, Part};
use super::secret::{Keyed, Secret};
use super::timestamp::{Position, Stamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use hmac::digest::CtOutput;

/// Whether the timestamp must lie in the window of tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Checked,
    Ignored,
}

/// Why a claim is refused, in the order of the steps: the greater, the further it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    HeaderMissing,
    SecretUnusable,
    TimestampUnreadable,
    TooOld,
    InFuture,
    /// The body is not the text that the SDK wants it to be.
    BodyUnreadable,
    /// No token has the version `v1`.
    NoVersion,
    /// A malformed token ended the check.
    SignatureMalformed,
    Mismatch,
}

/// Verifies `claim` over `body` with `secret` as the dialect's SDK does at `now_ms`, the Unix time in milliseconds.
pub(crate) fn verify(
    dialect: &Dialect,
    claim: &Claim<'_>,
    body: &[u8],
    now_ms: i64,
    window: Window,
    secret: &Secret,
) -> Result<(), Refusal> {
    if Part::ALL.iter().any(|part| dialect.is_missing(claim, *part)) {
        return Err(Refusal::HeaderMissing);
    }
    let text = |part| claim.part(part).unwrap_or_default();
    let mac = dialect.keyed(secret).ok_or(Refusal::SecretUnusable)?;
    let stamp = dialect.timestamp.read(text(Part::Timestamp), now_ms).ok_or(Refusal::TimestampUnreadable)?;
    match stamp.position {
        Position::TooOld if window == Window::Checked => return Err(Refusal::TooOld),
        Position::InFuture if window == Window::Checked => return Err(Refusal::InFuture),
        _ => {}
    }
    let expected = sign(dialect, &mac, text(Part::Id), &stamp, body).ok_or(Refusal::BodyUnreadable)?;
    dialect.list.find(text(Part::Signature), &expected)
}

/// The HMAC over `id "." timestamp "." body`; `None` if the SDK cannot read the body.
pub(crate) fn sign(
    dialect: &Dialect,
    mac: &Keyed,
    id: &[u8],
    stamp: &Stamp<'_>,
    body: &[u8],
) -> Option<CtOutput<Keyed>> {
    let mut mac = mac.clone();
    let [sign, digits] = stamp.text();
    // All in one piece is faster; ASCII is the same text to every dialect.
    let mut prefix = [0; 128];
    match join(&mut prefix, &[id, b".", sign, digits, b"."]) {
        Some(prefix) if id.is_ascii() => mac.update(prefix),
        _ => {
            dialect.id.feed(&mut mac, id);
            [b".", sign, digits, b"."].into_iter().for_each(|part| mac.update(part));
        }
    }
    dialect.body.feed(&mut mac, body).then(|| mac.finalize())
}

/// The parts one after the other in `room`; `None` if they do not fit.
fn join<'r>(room: &'r mut [u8], parts: &[&[u8]]) -> Option<&'r [u8]> {
    let mut length = 0;
    for part in parts {
        room.get_mut(length..length + part.len())?.copy_from_slice(part);
        length += part.len();
    }
    room.get(..length)
}

/// The tokens of a signature header, each cut at its commas: the version and, if there is a comma, the signature.
pub(crate) fn tokens(list: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    list.split(|byte| *byte == b' ').map(|token| {
        let mut fields = token.split(|byte| *byte == b',');
        (fields.next().unwrap_or_default(), fields.next())
    })
}

impl List {
    fn find(self, list: &[u8], expected: &CtOutput<Keyed>) -> Result<(), Refusal> {
        let canonical = if self == Self::Text { STANDARD.encode(expected.as_bytes()) } else { String::new() };
        let mut has_version = false;
        for (version, signature) in tokens(list) {
            has_version |= version == b"v1";
            let is_match = match (self, signature) {
                (Self::Node, _) if version != b"v1" => false,
                (Self::Node, signature) => {
                    let digest = signature.and_then(node_digest).ok_or(Refusal::SignatureMalformed)?;
                    *expected == CtOutput::new(digest.into())
                }
                (Self::Python | Self::Text, None) => false,
                (Self::Python, Some(signature)) => {
                    let bytes = Base64Reading::Python.decode(signature).ok_or(Refusal::SignatureMalformed)?;
                    let digest = <[u8; 32]>::try_from(bytes);
                    version == b"v1" && digest.is_ok_and(|digest| *expected == CtOutput::new(digest.into()))
                }
                (Self::Text, Some(signature)) => version == b"v1" && signature == canonical.as_bytes(),
            };
            if is_match {
                return Ok(());
            }
        }
        Err(if has_version { Refusal::Mismatch } else { Refusal::NoVersion })
    }
}
