//! The form in which an event is to be sent, and which events hookglass may sign. How it was sent is its [`Manner`](super::Manner).

use crate::core::signature::Verdict;
use bytes::Bytes;

/// The form that was asked for. [`SigningPolicy`] may rule it out.
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
    /// Verified ones. Signed with the secret that verified them, they are what the provider would send.
    #[default]
    Verified,
    /// Every event. The user asked for it explicitly, and vouches for what nobody else signed.
    Any,
}

impl SigningPolicy {
    pub fn allows(self, verdict: Verdict) -> bool {
        self == Self::Any || verdict == Verdict::Verified
    }
}
