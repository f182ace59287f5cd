//! In which form an event is to be sent, and which events hookglass may sign. What a request turned out to be is its [`Manner`](super::Manner).

use crate::core::signature::Verdict;
use bytes::Bytes;

/// What is asked for. [`SigningPolicy`] has the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Byte for byte.
    AsReceived,
    /// As the provider's retry: with the same id, a fresh timestamp and a new signature.
    Resigned,
    /// A new event with the same body: with a new id, a fresh timestamp and a new signature.
    New,
    /// A new event with this body.
    Edited(Bytes),
}

/// Which events hookglass may sign. Any other is sent as received, and never with another body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigningPolicy {
    /// Verified ones: with the secret that verified them they are what the provider would send.
    #[default]
    Verified,
    /// Every event, by an explicit act of the operator, who then vouches for what nobody else has signed.
    Any,
}

impl SigningPolicy {
    pub fn allows(self, verdict: Verdict) -> bool {
        self == Self::Any || verdict == Verdict::Verified
    }
}
