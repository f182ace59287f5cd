//! What proves or illustrates a diagnosis, for a screen to show.

use super::BodyVariant;
use crate::core::signature::{Scheme, SecretForm};
use std::fmt;

/// One fact behind a diagnosis. Bytes are as received: a screen must make them printable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The timestamp header, and its age in seconds at arrival (negative: in the future). `None` if it is not a time.
    Timestamp { sent: Vec<u8>, age_s: Option<i64> },
    /// The token of a back-channel logout, which is in the body.
    LogoutToken,
    /// A repeated header. The request verifies with the first value of each header, or with the last one.
    Repeated { name: &'static str, values: Vec<Vec<u8>>, with_first: bool },
    /// The label of another known secret, with which the request verifies.
    KnownSecret { label: String },
    /// The label of a secret that is not one as the dashboard shows it, and with which the request verifies once it is.
    RepairedSecret { label: String, form: SecretForm },
    /// The label of the secret that verified the request when it arrived, if it is known.
    FormerSecret { label: Option<String> },
    /// The label of a secret with which the request verifies once the missing prefix is added.
    PrefixedSecret { label: String },
    /// The request verifies once the reason is fixed: nothing else is wrong.
    OtherwiseVerified,
    /// The body that was signed, and the offset of the first byte at which the received body differs from it.
    Body { variant: BodyVariant, first_difference: Option<usize> },
    /// A header as it was called on arrival, and the name that the SDKs read.
    Renamed { name: &'static str, found: Vec<u8> },
    /// A header value with which the request does not verify, and what it should have been, in words.
    Rewritten { name: &'static str, found: Vec<u8>, meant: String },
    /// What suggests a likely reason.
    Seen { because: Vec<u8> },
    /// How many other events verify with the same secrets, each of which verifies some. Of a sample, at least as many.
    OthersVerify { count: u64, is_sample: bool },
    /// How many other events verify, and the labels of the secrets that verify none.
    SomeVerify { count: u64, idle: Vec<String> },
    /// No event verifies with these secrets, and as many others do not match either.
    NoneVerifies { mismatched: u64, is_sample: bool },
    /// The search for a changed body ended before everything was tried.
    SearchEnded,
    /// A signature that is valid, but that no SDK verifies.
    SignedAs { scheme: Scheme, key: KeyForm, content: ContentForm },
    /// The signature header as received, and the one that would verify. Keep it out of logs.
    Signature { name: &'static str, sent: Vec<u8>, expected: String },
}

/// Which part of the secret is the HMAC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyForm {
    /// The base64 after the prefix, decoded: what Standard Webhooks specifies.
    Decoded,
    /// The secret's whole text, prefix included.
    Text,
    /// The text after the prefix, not decoded.
    TextAfterPrefix,
}

/// The content that the HMAC covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentForm {
    /// `id.timestamp.body`: what Standard Webhooks specifies.
    IdTimestampBody,
    TimestampBody,
    Body,
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Decoded => "the decoded secret",
            Self::Text => "the whole secret as text; expected the base64-decoded part after `whsec_`",
            Self::TextAfterPrefix => "the part after `whsec_` as text; expected it base64-decoded",
        })
    }
}

impl fmt::Display for ContentForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdTimestampBody => "id.timestamp.body",
            Self::TimestampBody => "timestamp.body",
            Self::Body => "body only",
        })
    }
}
