//! The differences between Scalekit's four SDKs in one table: a row per SDK, a column per step of a verification.

use super::base64_reading::Base64Reading;
use super::content::Text;
use super::headers::{Claim, Family, Part, Pick, Views};
use super::secret::{Keyed, Secret, key_text, keyed_with, low_bytes};
use super::timestamp::TimestampReading;
use std::borrow::Cow;
use std::fmt;

/// One of Scalekit's SDKs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sdk {
    Node,
    Python,
    Go,
    Java,
}

impl Sdk {
    pub const ALL: [Self; 4] = [Self::Node, Self::Python, Self::Go, Self::Java];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Go => "go",
            Self::Java => "java",
        }
    }

    /// The name for the user to read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Java => "Java",
        }
    }

    /// `Node, Go and Java`.
    pub(crate) fn list(sdks: &[Self]) -> String {
        let names: Vec<_> = sdks.iter().map(|sdk| sdk.name()).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.concat(),
        }
    }

    pub(crate) fn dialect(self) -> &'static Dialect {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which headers an SDK's interceptor method reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InterceptorHeaders {
    /// The interceptor headers.
    Own,
    /// The interceptor headers, and the webhook header in place of each that is missing.
    OwnElseWebhook,
    /// The webhook headers, so no interceptor request ever verifies.
    Webhook,
}

/// When a header counts as missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    AbsentOrEmpty,
    Absent,
}

/// How the secret is split at its underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    KeepsEmpty,
    /// Takes what follows `whsec_`, and rejects an empty key.
    AfterPrefix,
    /// Drops empty parts at the end, and rejects an empty key.
    DropsTrailingEmpty,
}

/// How the list of signatures is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Decodes each `v1` token. The first malformed one ends the check.
    Node,
    /// Decodes every token with a comma, whatever its version. An error ends the check.
    Python,
    /// Compares each `v1` token with the canonical base64. Malformed tokens are skipped.
    Text,
    /// Decodes each `v1` token strictly. Malformed tokens are skipped.
    Skipping,
}

/// How one SDK verifies webhooks, or all of them trigger events.
#[derive(Debug)]
pub(crate) struct Dialect {
    pick: Pick,
    missing: Missing,
    interceptor: InterceptorHeaders,
    split: Split,
    key: Base64Reading,
    pub(crate) timestamp: TimestampReading,
    pub(crate) id: Text,
    pub(crate) body: Text,
    pub(crate) list: List,
}

/// Verifies trigger events. The SDKs share the rules: their sources of October 2026, which are in no release yet.
pub(crate) fn trigger() -> &'static Dialect {
    &TABLE[Sdk::ALL.len()]
}

static TABLE: [Dialect; 5] = [
    Dialect {
        pick: Pick::Joined,
        missing: Missing::AbsentOrEmpty,
        interceptor: InterceptorHeaders::Own,
        split: Split::KeepsEmpty,
        key: Base64Reading::Node,
        timestamp: TimestampReading::Node,
        id: Text::Latin1,
        body: Text::LossyUtf8,
        list: List::Node,
    },
    Dialect {
        pick: Pick::First,
        missing: Missing::AbsentOrEmpty,
        interceptor: InterceptorHeaders::OwnElseWebhook,
        split: Split::KeepsEmpty,
        key: Base64Reading::Python,
        timestamp: TimestampReading::Python,
        id: Text::Latin1,
        body: Text::StrictUtf8,
        list: List::Python,
    },
    Dialect {
        pick: Pick::First,
        missing: Missing::AbsentOrEmpty,
        interceptor: InterceptorHeaders::Webhook,
        split: Split::KeepsEmpty,
        key: Base64Reading::Go,
        timestamp: TimestampReading::Go,
        id: Text::Bytes,
        body: Text::Bytes,
        list: List::Text,
    },
    Dialect {
        pick: Pick::First,
        missing: Missing::Absent,
        interceptor: InterceptorHeaders::Own,
        split: Split::DropsTrailingEmpty,
        key: Base64Reading::Java,
        timestamp: TimestampReading::Java,
        id: Text::Latin1,
        body: Text::JavaUtf8,
        list: List::Text,
    },
    Dialect {
        pick: Pick::Agreeing,
        missing: Missing::AbsentOrEmpty,
        interceptor: InterceptorHeaders::Webhook,
        split: Split::AfterPrefix,
        key: Base64Reading::Padded,
        timestamp: TimestampReading::Digits,
        id: Text::Latin1,
        body: Text::StrictUtf8,
        list: List::Skipping,
    },
];

impl Dialect {
    /// The headers that this SDK reads to verify a request of `family`.
    pub(crate) fn claim<'h>(&self, views: &Views<'h>, family: Family) -> Claim<'h> {
        let family = match (family, self.interceptor) {
            (Family::Interceptor, InterceptorHeaders::Webhook) => Family::Webhook,
            _ => family,
        };
        let mut claim = views.claim(family, self.pick);
        if family == Family::Interceptor && self.interceptor == InterceptorHeaders::OwnElseWebhook {
            let webhook = views.claim(Family::Webhook, self.pick);
            let present = |value: &Cow<'h, [u8]>| !value.is_empty();
            claim.id = claim.id.filter(present).or(webhook.id);
            claim.timestamp = claim.timestamp.filter(present).or(webhook.timestamp);
            claim.signature = claim.signature.filter(present).or(webhook.signature);
        }
        claim
    }

    pub(crate) fn is_missing(&self, claim: &Claim<'_>, part: Part) -> bool {
        match (claim.part(part), self.missing) {
            (None, _) => true,
            (Some(value), Missing::AbsentOrEmpty) => value.is_empty(),
            (Some(_), Missing::Absent) => false,
        }
    }

    /// The HMAC that this SDK derives from the secret. `None` if it rejects the secret.
    pub(crate) fn keyed<'s>(&self, secret: &'s Secret) -> Option<Cow<'s, Keyed>> {
        if self.key == Base64Reading::Node {
            return secret.keyed().map(Cow::Borrowed);
        }
        self.key_of(secret.text()).map(|key| Cow::Owned(keyed_with(&key)))
    }

    /// The HMAC key that this SDK derives from the secret's text. `None` if it rejects the secret.
    pub(crate) fn key_of(&self, secret: &str) -> Option<Vec<u8>> {
        let text = if self.split == Split::AfterPrefix { secret.strip_prefix("whsec_")? } else { key_text(secret)? };
        let key = match self.key {
            Base64Reading::Node => self.key.decode(&low_bytes(text)),
            _ => self.key.decode(text.as_bytes()),
        }?;
        let is_rejected = self.split != Split::KeepsEmpty && key.is_empty();
        (!is_rejected).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_the_order_of_the_sdks() {
        let readings = Sdk::ALL.map(|sdk| sdk.dialect().key);
        assert_eq!(trigger().key, Base64Reading::Padded);
        assert_eq!(readings, [Base64Reading::Node, Base64Reading::Python, Base64Reading::Go, Base64Reading::Java]);
    }
}
