//! The reasons why a request is not verified, in the words that users and scripts see.

use super::alteration::Alteration;
use super::secret_form::SecretForm;
use super::sender::Sender;
use std::fmt;

/// Why a request is not verified. `Display` writes the word for it, and `parse` reads it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    Unsigned,
    /// The provider posts a token that logs a user out, in no header that hookglass could verify.
    BackChannelLogout,
    /// Somebody posted it with curl or a similar tool, and did not sign it.
    HandMade,
    /// Another service sent it.
    ForeignSender(Sender),
    /// hookglass has no secret.
    NoSecret,
    /// The body was over the size limit and is not stored, so it could not be verified.
    BodyTooLarge,
    /// The body ended early, so it could not be verified. What came of it is stored.
    BodyIncomplete,
    /// The full lower-case header name, such as `webhook-id`.
    MissingHeader(String),
    /// The full lower-case header name. The request has the header under another name.
    HeaderRenamed(String),
    /// The full lower-case header name. The value was rewritten on the way.
    HeaderAltered(String),
    /// The full lower-case header name.
    DuplicateHeader(String),
    TimestampMalformed,
    TimestampTooOld,
    TimestampInFuture,
    SecretMissingPrefix,
    SecretNotBase64,
    /// The secret at hand is not a signing secret as the dashboard shows it.
    SecretAltered(SecretForm),
    /// The request verified when it arrived, with a secret that hookglass no longer has.
    FormerSecret,
    SignatureMalformed,
    /// The digest is right, but written in another form.
    SignatureEncoding,
    UnsupportedVersion,
    WrongSecret,
    BodyAltered(Alteration),
    /// The request has no body.
    BodyLost,
    /// The body belongs to another event than the headers.
    BodySwapped,
    SignedWithOtherScheme,
    /// The event is from another environment than those that verify.
    OtherEnvironment,
    SignatureMismatch,
    /// Nothing matches, and nobody has looked for the reason yet.
    NotExamined,
}

const PLAIN: [(&str, Reason); 22] = [
    ("unsigned", Reason::Unsigned),
    ("back-channel-logout", Reason::BackChannelLogout),
    ("hand-made", Reason::HandMade),
    ("no-secret", Reason::NoSecret),
    ("body-too-large", Reason::BodyTooLarge),
    ("body-incomplete", Reason::BodyIncomplete),
    ("timestamp-malformed", Reason::TimestampMalformed),
    ("timestamp-too-old", Reason::TimestampTooOld),
    ("timestamp-in-future", Reason::TimestampInFuture),
    ("secret-missing-prefix", Reason::SecretMissingPrefix),
    ("secret-not-base64", Reason::SecretNotBase64),
    ("former-secret", Reason::FormerSecret),
    ("signature-malformed", Reason::SignatureMalformed),
    ("signature-encoding", Reason::SignatureEncoding),
    ("unsupported-version", Reason::UnsupportedVersion),
    ("wrong-secret", Reason::WrongSecret),
    ("body-lost", Reason::BodyLost),
    ("body-swapped", Reason::BodySwapped),
    ("signed-with-other-scheme", Reason::SignedWithOtherScheme),
    ("other-environment", Reason::OtherEnvironment),
    ("signature-mismatch", Reason::SignatureMismatch),
    ("not-examined", Reason::NotExamined),
];

impl Reason {
    pub fn parse(text: &str) -> Option<Self> {
        let Some((kind, rest)) = text.split_once(':') else {
            let plain = PLAIN.iter().find(|(word, _)| *word == text).map(|(_, reason)| reason.clone());
            return plain.or_else(|| SecretForm::parse(text).map(Self::SecretAltered));
        };
        match kind {
            "missing-header" => Some(Self::MissingHeader(rest.to_owned())),
            "header-renamed" => Some(Self::HeaderRenamed(rest.to_owned())),
            "header-altered" => Some(Self::HeaderAltered(rest.to_owned())),
            "duplicate-header" => Some(Self::DuplicateHeader(rest.to_owned())),
            "body-altered" => Alteration::parse(rest).map(Self::BodyAltered),
            "foreign-sender" => Sender::parse(rest).map(Self::ForeignSender),
            _ => None,
        }
    }

    /// One of each kind of reason: those about a header are there once, about `webhook-id`. Senders that their headers
    /// name are there once, as GitHub.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_headers = [Self::MissingHeader, Self::HeaderRenamed, Self::HeaderAltered, Self::DuplicateHeader];
        let mut reasons: Vec<_> = PLAIN.iter().map(|(_, reason)| reason.clone()).collect();
        reasons.extend(of_headers.map(|reason| reason("webhook-id".to_owned())));
        reasons.extend(SecretForm::ALL.map(Self::SecretAltered));
        reasons.extend(Alteration::ALL.map(Self::BodyAltered));
        reasons.extend([Sender::GitHub, Sender::StandardWebhooks].map(Self::ForeignSender));
        reasons.sort();
        reasons.into_iter()
    }

    /// A name for lists, of at most 16 columns.
    pub fn short_name(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::BackChannelLogout => "logout token",
            Self::HandMade => "hand-made",
            Self::ForeignSender(Sender::StandardWebhooks) => "unknown sender",
            Self::ForeignSender(_) => "other sender",
            Self::NoSecret => "no secret",
            Self::BodyTooLarge => "body too large",
            Self::BodyIncomplete => "incomplete body",
            Self::MissingHeader(name) if name.ends_with("-signature") => "no signature",
            Self::MissingHeader(name) if name.ends_with("-timestamp") => "no timestamp",
            Self::MissingHeader(name) if name.ends_with("-id") => "no id",
            Self::MissingHeader(_) => "header missing",
            Self::HeaderRenamed(_) => "header renamed",
            Self::HeaderAltered(_) => "header altered",
            Self::DuplicateHeader(_) => "header repeated",
            Self::TimestampMalformed => "timestamp format",
            Self::TimestampTooOld => "too old",
            Self::TimestampInFuture => "in the future",
            Self::SecretMissingPrefix => "no whsec_ prefix",
            Self::SecretNotBase64 => "secret format",
            Self::SecretAltered(form) => form.short_name(),
            Self::FormerSecret => "former secret",
            Self::SignatureMalformed => "signature format",
            Self::SignatureEncoding => "digest encoding",
            Self::UnsupportedVersion => "no v1 signature",
            Self::WrongSecret => "wrong secret",
            Self::BodyAltered(alteration) => alteration.short_name(),
            Self::BodyLost => "body lost",
            Self::BodySwapped => "other body",
            Self::SignedWithOtherScheme => "other scheme",
            Self::OtherEnvironment => "other env.",
            Self::SignatureMismatch => "mismatch",
            Self::NotExamined => "not examined",
        }
    }

    /// Whether hookglass does not have the whole body, so that nothing can be verified, signed or made of it.
    pub(crate) fn lacks_body(&self) -> bool {
        matches!(self, Self::BodyTooLarge | Self::BodyIncomplete)
    }

    /// Whether this reason stands only after everything was tried.
    pub(crate) fn claims_search(&self) -> bool {
        matches!(self, Self::SignatureMalformed | Self::SignatureMismatch)
    }

    /// Whether a diagnosis may find a more exact reason than this one, which the verifier gave.
    pub fn is_provisional(&self) -> bool {
        matches!(
            self,
            Self::Unsigned
                | Self::MissingHeader(_)
                | Self::SecretMissingPrefix
                | Self::SignatureMalformed
                | Self::SignatureMismatch
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "missing-header:{name}"),
            Self::HeaderRenamed(name) => write!(f, "header-renamed:{name}"),
            Self::HeaderAltered(name) => write!(f, "header-altered:{name}"),
            Self::DuplicateHeader(name) => write!(f, "duplicate-header:{name}"),
            Self::BodyAltered(alteration) => write!(f, "body-altered:{}", alteration.as_str()),
            Self::ForeignSender(sender) => write!(f, "foreign-sender:{sender}"),
            Self::SecretAltered(form) => f.write_str(form.as_str()),
            plain => f.write_str(PLAIN.iter().find(|(_, reason)| reason == plain).map_or("", |(word, _)| word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_parsed_from_its_own_word() {
        for reason in Reason::all() {
            assert_eq!(Reason::parse(&reason.to_string()), Some(reason));
        }
        for other in ["nonsense", "body-altered:nonsense", "foreign-sender:", "unsigned:x"] {
            assert_eq!(Reason::parse(other), None, "{other}");
        }
    }

    #[test]
    fn short_names_fit_in_a_list_and_differ() {
        let mut names: Vec<_> = Reason::all().map(|reason| reason.short_name()).collect();
        for part in ["timestamp", "signature", "other"] {
            names.push(Reason::MissingHeader(format!("webhook-{part}")).short_name());
        }
        assert!(names.iter().all(|name| (1..=16).contains(&name.len())), "{names:?}");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
