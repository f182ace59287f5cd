//! The reasons why a request is not verified, in the words that users and scripts see.

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

/// Why a request is not verified. `Display` writes the word for it, and `parse` reads it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    Unsigned,
    /// hookglass has no secret.
    NoSecret,
    /// The body was over the size limit and is not stored, so it could not be verified.
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

const PLAIN: [(&str, Reason); 18] = [
    ("unsigned", Reason::Unsigned),
    ("no-secret", Reason::NoSecret),
    ("body-too-large", Reason::BodyTooLarge),
    ("timestamp-malformed", Reason::TimestampMalformed),
    ("timestamp-too-old", Reason::TimestampTooOld),
    ("timestamp-in-future", Reason::TimestampInFuture),
    ("secret-missing-prefix", Reason::SecretMissingPrefix),
    ("secret-not-base64", Reason::SecretNotBase64),
    ("signature-malformed", Reason::SignatureMalformed),
    ("unsupported-version", Reason::UnsupportedVersion),
    ("wrong-secret", Reason::WrongSecret),
    ("body-altered:reserialised", Reason::BodyAltered(Alteration::Reserialised)),
    ("body-altered:trailing-newline", Reason::BodyAltered(Alteration::TrailingNewline)),
    ("body-altered:line-endings", Reason::BodyAltered(Alteration::LineEndings)),
    ("body-altered:bom", Reason::BodyAltered(Alteration::Bom)),
    ("body-altered:invalid-utf8", Reason::BodyAltered(Alteration::InvalidUtf8)),
    ("signed-with-other-scheme", Reason::SignedWithOtherScheme),
    ("signature-mismatch", Reason::SignatureMismatch),
];

impl Reason {
    /// Every reason, in the order of the checks. Those about a header are there once, about `webhook-id`.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_headers = [Self::MissingHeader, Self::DuplicateHeader].map(|reason| reason("webhook-id".to_owned()));
        let (first, rest) = PLAIN.split_at(3);
        let plain = |(_, reason): &(&str, Self)| reason.clone();
        first.iter().map(plain).chain(of_headers).chain(rest.iter().map(plain))
    }

    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("missing-header:") {
            return Some(Self::MissingHeader(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix("duplicate-header:") {
            return Some(Self::DuplicateHeader(name.to_owned()));
        }
        PLAIN.iter().find(|(word, _)| *word == text).map(|(_, reason)| reason.clone())
    }

    /// A name for lists, of at most 16 columns.
    pub fn short_name(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::NoSecret => "no secret",
            Self::BodyTooLarge => "body too large",
            Self::MissingHeader(name) if name.ends_with("-signature") => "no signature",
            Self::MissingHeader(name) if name.ends_with("-timestamp") => "no timestamp",
            Self::MissingHeader(name) if name.ends_with("-id") => "no id",
            Self::MissingHeader(_) => "header missing",
            Self::DuplicateHeader(_) => "header repeated",
            Self::TimestampMalformed => "timestamp format",
            Self::TimestampTooOld => "too old",
            Self::TimestampInFuture => "in the future",
            Self::SecretMissingPrefix => "no whsec_ prefix",
            Self::SecretNotBase64 => "secret format",
            Self::SignatureMalformed => "signature format",
            Self::UnsupportedVersion => "no v1 signature",
            Self::WrongSecret => "wrong secret",
            Self::BodyAltered(alteration) => alteration.short_name(),
            Self::SignedWithOtherScheme => "other scheme",
            Self::SignatureMismatch => "mismatch",
        }
    }
}

impl Alteration {
    fn short_name(self) -> &'static str {
        match self {
            Self::Reserialised => "JSON rewritten",
            Self::TrailingNewline => "newline at end",
            Self::LineEndings => "line endings",
            Self::Bom => "byte order mark",
            Self::InvalidUtf8 => "invalid UTF-8",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "missing-header:{name}"),
            Self::DuplicateHeader(name) => write!(f, "duplicate-header:{name}"),
            plain => f.write_str(PLAIN.iter().find(|(_, reason)| reason == plain).map_or("", |(word, _)| word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_parsed_from_its_own_word() {
        assert_eq!(Reason::all().count(), PLAIN.len() + 2);
        for reason in Reason::all() {
            assert_eq!(Reason::parse(&reason.to_string()), Some(reason));
        }
        assert_eq!(Reason::parse("nonsense"), None);
    }

    #[test]
    fn short_names_fit_in_a_list_and_differ() {
        let mut names: Vec<_> = PLAIN.iter().map(|(_, reason)| reason.short_name()).collect();
        for part in ["id", "timestamp", "signature", "other"] {
            names.push(Reason::MissingHeader(format!("webhook-{part}")).short_name());
        }
        names.push(Reason::DuplicateHeader("webhook-id".into()).short_name());
        assert!(names.iter().all(|name| (1..=16).contains(&name.len())), "{names:?}");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
