//! Tries contents against the signatures of a request, with several keys at once.

use super::change::Change;
use crate::core::signature::content::Text;
use crate::core::signature::secret::Keyed;
use hmac::Mac;
use std::ops::ControlFlow;

/// A digest of a body that was tried. Equal bodies have equal fingerprints.
pub(super) type Fingerprint = [u8; 32];

/// The digests of the request, and one HMAC state per key that has taken everything before the body.
pub(super) struct Probe {
    digests: Vec<[u8; 32]>,
    prefixed: Vec<Keyed>,
}

impl Probe {
    pub(super) fn new(mut digests: Vec<[u8; 32]>, prefixed: Vec<Keyed>) -> Self {
        digests.sort_unstable();
        digests.dedup();
        Self { digests, prefixed }
    }

    /// How many keys there are: each hashes every body.
    pub(super) fn keys(&self) -> usize {
        self.prefixed.len()
    }

    /// The states before the body, to feed it in pieces.
    pub(super) fn start(&self) -> Vec<Keyed> {
        self.prefixed.clone()
    }

    /// The index of the first prefixed state whose HMAC of the body, read as `text`, is one of the digests.
    pub(super) fn position(&self, body: &[u8], text: Text) -> Option<usize> {
        self.prefixed.iter().position(|mac| {
            let mut mac = mac.clone();
            text.feed(&mut mac, body) && self.is_received(mac)
        })
    }

    pub(super) fn signs(&self, body: &[u8], text: Text) -> bool {
        self.position(body, text).is_some()
    }

    /// Whether `body`, read as Node reads it, was signed; otherwise its fingerprint, if there is any key.
    pub(super) fn tells(&self, body: &[u8]) -> Result<(), Option<Fingerprint>> {
        let mut first = None;
        for mac in &self.prefixed {
            let mut mac = mac.clone();
            Text::LossyUtf8.feed(&mut mac, body);
            let digest = mac.finalize().into_bytes().into();
            if self.digests.binary_search(&digest).is_ok() {
                return Ok(());
            }
            first = first.or(Some(digest));
        }
        Err(first)
    }

    /// Whether `body` was signed with this change.
    pub(super) fn signs_changed(&self, body: &[u8], change: Change) -> bool {
        let mut macs = self.start();
        let written = change.write(body, &mut |piece: &[u8]| {
            macs.iter_mut().for_each(|mac| _ = Text::LossyUtf8.feed(mac, piece));
            ControlFlow::Continue(())
        });
        written.is_some() && macs.into_iter().any(|mac| self.is_received(mac))
    }

    pub(super) fn is_received(&self, mac: Keyed) -> bool {
        self.digests.binary_search(&mac.finalize().into_bytes().into()).is_ok()
    }
}
