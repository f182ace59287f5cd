//! The verifier: the steps that all SDKs share. A [`Dialect`] supplies the differences.

use super::base64_reading::{Base64Reading, node_digest, plain_digest};
use super::dialect::{Dialect, List};
use super::headers::{Claim, Part};
use super::secret::{Keyed, Secret};
use super::timestamp::{Position, Stamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use hmac::digest::CtOutput;
use std::cell::LazyCell;

/// The block size of SHA-256 in bytes.
const BLOCK: usize = 64;

/// Whether the timestamp must be within the tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Checked,
    Ignored,
}

/// Why a claim is refused, in the order of the steps: a greater refusal got further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    HeaderMissing,
    SecretUnusable,
    TimestampUnreadable,
    TooOld,
    InFuture,
    /// The SDK cannot read the body as text.
    BodyUnreadable,
    /// No token has version `v1`.
    NoVersion,
    /// A malformed token ended the check.
    SignatureMalformed,
    Mismatch,
}

/// Verifies `claim` over `body` with `secret`, as the dialect's SDK does at `now_ms` (Unix milliseconds).
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

/// The HMAC of `id "." timestamp "." body`. `None` if the SDK cannot read the body.
pub(crate) fn sign(
    dialect: &Dialect,
    mac: &Keyed,
    id: &[u8],
    stamp: &Stamp<'_>,
    body: &[u8],
) -> Option<CtOutput<Keyed>> {
    let mut mac = mac.clone();
    let rest = feed_start(dialect, &mut mac, id, stamp, body);
    dialect.body.feed(&mut mac, rest).then(|| mac.finalize())
}

/// Feeds what comes before the body, and returns the rest of the body that is still to be fed.
///
/// SHA-256 hashes whole blocks without copying them. So the start takes as much of the body as fills its last block,
/// provided that part is ASCII, which every reading hashes alike. The processor can then look at the rest while it
/// still hashes the start.
fn feed_start<'b>(dialect: &Dialect, mac: &mut Keyed, id: &[u8], stamp: &Stamp<'_>, body: &'b [u8]) -> &'b [u8] {
    let stamp = stamp.text();
    let length = id.len() + stamp.len() + 2;
    let mut start = [0; 2 * BLOCK];
    if length <= start.len()
        && dialect.id.is_unchanged(id)
        && let Some((head, rest)) = body.split_at_checked(length.next_multiple_of(BLOCK) - length)
        && head.is_ascii()
    {
        let whole = length + head.len();
        start[..id.len()].copy_from_slice(id);
        start[id.len()] = b'.';
        start[id.len() + 1..length - 1].copy_from_slice(stamp);
        start[length - 1] = b'.';
        start[length..whole].copy_from_slice(head);
        mac.update(&start[..whole]);
        return rest;
    }
    dialect.id.feed(mac, id);
    [b".", stamp, b"."].into_iter().for_each(|part| mac.update(part));
    body
}

/// The tokens of a signature header, each split at its commas: the version and, if there is a comma, the signature.
pub(crate) fn tokens(list: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let (token, after) = split_once(rest?, b' ');
        rest = after;
        let (version, fields) = split_once(token, b',');
        Some((version, fields.map(|fields| split_once(fields, b',').0)))
    })
}

/// The text before the first `separator`, and the text after it if there is one.
fn split_once(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(separator, text) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    }
}

impl List {
    fn find(self, list: &[u8], expected: &CtOutput<Keyed>) -> Result<(), Refusal> {
        // The usual header with one signature: the same result as the loop, in fewer steps.
        if self == Self::Node
            && let Some(digest) = list.strip_prefix(b"v1,").and_then(plain_digest)
            && *expected == CtOutput::new(digest.into())
        {
            return Ok(());
        }
        let canonical = LazyCell::new(|| STANDARD.encode(expected.as_bytes()));
        let mut has_version = false;
        for (version, signature) in tokens(list) {
            has_version |= version == b"v1";
            let is_match = match (self, signature) {
                (Self::Node, _) if version != b"v1" => false,
                (Self::Node, signature) => {
                    let digest = signature.and_then(node_digest).ok_or(Refusal::SignatureMalformed)?;
                    *expected == CtOutput::new(digest.into())
                }
                (Self::Python | Self::Text | Self::Skipping, None) => false,
                (Self::Python, Some(signature)) => {
                    let bytes = Base64Reading::Python.decode(signature).ok_or(Refusal::SignatureMalformed)?;
                    let digest = <[u8; 32]>::try_from(bytes);
                    version == b"v1" && digest.is_ok_and(|digest| *expected == CtOutput::new(digest.into()))
                }
                (Self::Skipping, Some(signature)) => {
                    let digest =
                        Base64Reading::Padded.decode(signature).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                    version == b"v1" && digest.is_some_and(|digest| *expected == CtOutput::new(digest.into()))
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

#[cfg(test)]
mod tests {
    use super::super::Sdk;
    use super::super::secret::keyed_with;
    use super::*;

    #[test]
    fn the_hash_is_right_for_parts_of_any_length() {
        let stamp = Stamp::of_seconds(-1_700_000_000);
        // Every length up to just over the longest start that is copied, and some far longer.
        for id_length in (0..=140).chain([255, 256, 257, 500]) {
            for body_length in [0, 1, 12, 13, 77, 255, 256, 257, 1000] {
                let id = "i".repeat(id_length);
                let ascii = "b".repeat(body_length);
                for body in
                    [ascii.clone(), format!("é{ascii}"), format!("{ascii}é"), format!("{ascii}\u{feff}é{ascii}")]
                {
                    let mut whole = keyed_with(b"key");
                    whole.update(format!("{id}.-1700000000.{body}").as_bytes());
                    let whole = whole.finalize();
                    for sdk in Sdk::ALL {
                        let signed =
                            sign(sdk.dialect(), &keyed_with(b"key"), id.as_bytes(), &stamp, body.as_bytes()).unwrap();
                        assert!(signed == whole, "{sdk}: id of {id_length}, body of {}", body.len());
                    }
                }
            }
        }
    }
}
