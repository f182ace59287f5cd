//! Tries contents against the signatures of a request, with several keys at once.

use super::alterations::{BodyVariant, reserialised};
use super::reserialise::write;
use crate::core::diagnosis::json_style::Style;
use crate::core::signature::content::Text;
use crate::core::signature::secret::Keyed;
use hmac::Mac;
use std::ops::ControlFlow;

/// A re-serialised body may have up to `GROWTH` times the body's length plus [`GROWTH_FLOOR`] bytes.
const GROWTH: usize = 16;
const GROWTH_FLOOR: usize = 1 << 20;

/// Most bytes to hash for all re-serialised bodies together, counted once per key: about a second's work.
const HASHING_BUDGET: usize = 512 << 20;

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

    /// The first variant of `body` that was signed. Cheap variants come first.
    pub(super) fn find(&self, body: &[u8]) -> Option<BodyVariant> {
        let is_signed = |variant: &BodyVariant| {
            let mut macs = self.prefixed.clone();
            let written = variant.write(body, &mut |piece: &[u8]| {
                macs.iter_mut().for_each(|mac| _ = Text::LossyUtf8.feed(mac, piece));
                ControlFlow::Continue(())
            });
            written.is_some() && macs.into_iter().any(|mac| self.is_received(mac))
        };
        BodyVariant::PLAIN.into_iter().find(is_signed).or_else(|| self.find_reserialised(body))
    }

    fn find_reserialised(&self, body: &[u8]) -> Option<BodyVariant> {
        let limit = body.len().saturating_mul(GROWTH).saturating_add(GROWTH_FLOOR);
        let mut budget = HASHING_BUDGET / self.prefixed.len().max(1);
        reserialised(body, |document, styles| {
            styles.iter().find_map(|&style: &Style| {
                let mut macs = self.prefixed.clone();
                let mut left = limit.min(budget);
                let flow = write(document, style, &mut |piece: &[u8]| match left.checked_sub(piece.len()) {
                    Some(rest) => {
                        left = rest;
                        macs.iter_mut().for_each(|mac| mac.update(piece));
                        ControlFlow::Continue(())
                    }
                    None => ControlFlow::Break(()),
                });
                budget = budget.saturating_sub(limit.min(budget) - left);
                if flow.is_break() {
                    return None;
                }
                let has_final_newline = [false, true].into_iter().find(|has_final_newline| {
                    macs.iter().any(|mac| {
                        let mut mac = mac.clone();
                        mac.update(if *has_final_newline { b"\n" } else { b"" });
                        self.is_received(mac)
                    })
                })?;
                Some(BodyVariant::Reserialised { style, has_final_newline })
            })
        })
    }

    fn is_received(&self, mac: Keyed) -> bool {
        self.digests.binary_search(&mac.finalize().into_bytes().into()).is_ok()
    }
}
