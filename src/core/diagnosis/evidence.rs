//! What proves or illustrates a diagnosis, for a screen to show.

use super::BodyVariant;
use crate::core::signature::Scheme;
use std::fmt;

/// One fact behind a diagnosis. Bytes are as they arrived: a screen must make them harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// What the timestamp header says, and how many seconds ago that is (negative: ahead); `None` if it is no time.
    Timestamp { sent: Vec<u8>, age_s: Option<i64> },
    /// A header that came more than once; the request verifies with the first or the last value of each header.
    Repeated { name: &'static str, values: Vec<Vec<u8>>, with_first: bool },
    /// The label of another known secret, which verifies.
    KnownSecret { label: String },
    /// The label of a secret that verifies once it has the prefix that it lacks.
    PrefixedSecret { label: String },
    /// With the cause put right it verifies: nothing else is wrong.
    OtherwiseVerified,
    /// The variant of the body that was signed, and the offset of the first byte at which the body received differs from it.
    Body { variant: BodyVariant, first_difference: Option<usize> },
    /// What verifies though no SDK looks at it.
    SignedAs { scheme: Scheme, key: KeyForm, content: ContentForm },
    /// The signature header as it came, and the one that would verify. Not for logs.
    Signature { name: &'static str, sent: Vec<u8>, expected: String },
}

/// What of the secret is the HMAC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyForm {
    /// The bytes that the base64 text after the prefix stands for, as it should be.
    Decoded,
    /// The whole text, prefix included.
    Text,
    /// The text after the prefix, not decoded.
    TextAfterPrefix,
}

/// What is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentForm {
    /// `id.timestamp.body`, as it should be.
    IdTimestampBody,
    TimestampBody,
    Body,
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Decoded => "the decoded secret",
            Self::Text => "the secret's text with its prefix",
            Self::TextAfterPrefix => "the secret's text after its prefix, not decoded",
        })
    }
}

impl fmt::Display for ContentForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdTimestampBody => "id.timestamp.body",
            Self::TimestampBody => "timestamp.body",
            Self::Body => "the body alone",
        })
    }
}
