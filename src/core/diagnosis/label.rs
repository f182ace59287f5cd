//! The vocabulary of causes, as people and scripts see it.

use std::fmt;

/// How a body differs from the one that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Alteration {
    Reserialised,
    TrailingNewline,
    LineEndings,
    Bom,
    InvalidUtf8,
}

/// Why a request is not verified. `Display` and `parse` give and take the words of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    Unsigned,
    /// No secret is known.
    NoSecret,
    /// The body was over the limit and is not kept, so nothing could be checked.
    BodyTooLarge,
    /// The full lower-case header name, such as `webhook-id`.
    MissingHeader(String),
    /// The full lower-case header name.
    DuplicateHeader(String),
    TimestampMalformed,
    TimestampTooOld,
    TimestampInFuture,
    SecretMissingPrefix,
    SecretNotBase64,
    SignatureMalformed,
    UnsupportedVersion,
    WrongSecret,
    BodyAltered(Alteration),
    SignedWithOtherScheme,
    SignatureMismatch,
}

const PLAIN: [(&str, Label); 18] = [
    ("unsigned", Label::Unsigned),
    ("no-secret", Label::NoSecret),
    ("body-too-large", Label::BodyTooLarge),
    ("timestamp-malformed", Label::TimestampMalformed),
    ("timestamp-too-old", Label::TimestampTooOld),
    ("timestamp-in-future", Label::TimestampInFuture),
    ("secret-missing-prefix", Label::SecretMissingPrefix),
    ("secret-not-base64", Label::SecretNotBase64),
    ("signature-malformed", Label::SignatureMalformed),
    ("unsupported-version", Label::UnsupportedVersion),
    ("wrong-secret", Label::WrongSecret),
    ("body-altered:reserialised", Label::BodyAltered(Alteration::Reserialised)),
    ("body-altered:trailing-newline", Label::BodyAltered(Alteration::TrailingNewline)),
    ("body-altered:line-endings", Label::BodyAltered(Alteration::LineEndings)),
    ("body-altered:bom", Label::BodyAltered(Alteration::Bom)),
    ("body-altered:invalid-utf8", Label::BodyAltered(Alteration::InvalidUtf8)),
    ("signed-with-other-scheme", Label::SignedWithOtherScheme),
    ("signature-mismatch", Label::SignatureMismatch),
];

impl Label {
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("missing-header:") {
            return Some(Self::MissingHeader(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix("duplicate-header:") {
            return Some(Self::DuplicateHeader(name.to_owned()));
        }
        PLAIN.iter().find(|(word, _)| *word == text).map(|(_, label)| label.clone())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "missing-header:{name}"),
            Self::DuplicateHeader(name) => write!(f, "duplicate-header:{name}"),
            plain => f.write_str(PLAIN.iter().find(|(_, label)| label == plain).map_or("", |(word, _)| word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_reads_back() {
        let named = [Label::MissingHeader("webhook-id".into()), Label::DuplicateHeader("svix-id".into())];
        for label in PLAIN.iter().map(|(_, label)| label.clone()).chain(named) {
            assert_eq!(Label::parse(&label.to_string()), Some(label));
        }
        assert_eq!(Label::parse("nonsense"), None);
    }
}
