//! Signing secrets, and which of them can verify a request.

use super::base64_reading::Base64Reading;
use crate::core::envelope;
use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// An HMAC-SHA256 state with its key, ready for the message.
pub(crate) type Keyed = Hmac<Sha256>;

/// A signing secret exactly as configured, with the key that the Node SDK derives from it.
#[derive(Clone)]
pub struct Secret {
    /// Names the secret to the user. Shared with every verification that names it.
    pub(crate) label: Arc<str>,
    text: String,
    keyed: Option<Box<Keyed>>,
    /// Whether the label is the name of a file.
    is_in_file: bool,
    is_for_triggers: bool,
}

impl Secret {
    /// `label` names the secret to the user. `text` is neither trimmed nor checked, because the SDKs do neither.
    pub fn new(label: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        let text = text.into();
        let keyed = key_text(&text).and_then(|key| Base64Reading::Node.decode(&low_bytes(key)));
        Self {
            label: label.into(),
            keyed: keyed.map(|key| Box::new(keyed_with(&key))),
            text,
            is_in_file: false,
            is_for_triggers: false,
        }
    }

    /// The secret in the file that `label` names.
    pub fn in_file(label: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        Self { is_in_file: true, ..Self::new(label, text) }
    }

    /// A secret that verifies trigger events and nothing else.
    pub fn for_triggers(self) -> Self {
        Self { is_for_triggers: true, ..self }
    }

    /// See [`Secret::for_triggers`].
    pub(crate) fn is_for_triggers(&self) -> bool {
        self.is_for_triggers
    }

    /// The secret in a message, such as "the secret in the file `FILE`".
    pub fn subject(&self) -> String {
        format!("the secret {}`{}`", if self.is_in_file { "in the file " } else { "" }, self.label)
    }

    pub fn label(&self) -> &str {
        &self.label
    }

    /// The secret itself. Never put it in a log, on a screen or in an error.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// An HMAC with the key as Node decodes it. `None` if the secret has no underscore.
    pub(crate) fn keyed(&self) -> Option<&Keyed> {
        self.keyed.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("label", &self.label).field("text", &"***").finish_non_exhaustive()
    }
}

/// The text between the first and the second underscore, which every SDK decodes as the key.
pub(crate) fn key_text(secret: &str) -> Option<&str> {
    secret.split('_').nth(1)
}

/// The bytes that Node decodes as base64: the low byte of each UTF-16 unit. It reads `Ł` (U+0141) as `A`.
pub(crate) fn low_bytes(text: &str) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    text.encode_utf16().map(|unit| unit.to_le_bytes()[0]).collect()
}

pub(crate) fn keyed_with(key: &[u8]) -> Keyed {
    Keyed::new_from_slice(key).expect("HMAC accepts keys of any length")
}

/// The secrets of one run. Every request reads them, so share the keyring instead of copying it.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// A request that any of these verifies is verified: a trigger event by any, other requests by those for them.
    pub verifying: Vec<Secret>,
    /// These never verify a request. They only explain one that is signed with an old secret or another endpoint's.
    pub known_only: Vec<Secret>,
}

impl Keyring {
    /// Whether there is nothing to verify with.
    pub fn is_empty(&self) -> bool {
        self.verifying.is_empty()
    }

    /// The verifying secrets that can also sign, without those for trigger events: see [`Keyring::for_body`].
    pub fn signing(&self) -> impl Iterator<Item = &Secret> {
        self.verifying.iter().filter(|secret| secret.keyed().is_some() && !secret.is_for_triggers)
    }

    /// The secrets for a request with this body. Those for trigger events come first for a trigger event; for any other
    /// request they only explain.
    pub fn for_body(&self, body: &[u8]) -> Cow<'_, Self> {
        if self.verifying.iter().all(|secret| !secret.is_for_triggers) {
            return Cow::Borrowed(self);
        }
        let is_trigger = envelope::read(body).is_some_and(|envelope| envelope.is_trigger);
        let (own, others): (Vec<_>, Vec<_>) = self.verifying.iter().cloned().partition(|secret| secret.is_for_triggers);
        let own = own.into_iter().map(|secret| Secret { is_for_triggers: false, ..secret });
        let known_only = self.known_only.iter().cloned();
        Cow::Owned(if is_trigger {
            Self { verifying: own.chain(others).collect(), known_only: known_only.collect() }
        } else {
            Self { verifying: others, known_only: known_only.chain(own).collect() }
        })
    }

    /// The SHA-256 of all secrets and their labels. It changes whenever a verdict might. Someone who has it and a
    /// signed request learns no more about the secrets than the signature tells.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for secrets in [&self.verifying, &self.known_only] {
            hash.update(secrets.len().to_le_bytes());
            for secret in secrets {
                for text in [&*secret.label, secret.text()] {
                    hash.update(text.len().to_le_bytes());
                    hash.update(text);
                }
                if secret.is_for_triggers {
                    hash.update(b"triggers");
                }
            }
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    #[test]
    fn a_secret_is_masked_when_debugged() {
        let keyring = Keyring { verifying: vec![Secret::new("main", "whsec_c2VjcmV0")], known_only: Vec::new() };
        let shown = format!("{keyring:?}");
        assert!(shown.contains("main") && !shown.contains("c2Vj"), "{shown}");
    }

    #[test]
    fn the_fingerprint_covers_all_secrets_labels_and_roles() {
        let secret = |label: &str, text: &str| Secret::new(label, text);
        let keyring = |verifying: &[Secret], known_only: &[Secret]| Keyring {
            verifying: verifying.to_vec(),
            known_only: known_only.to_vec(),
        };
        let (a, b) = (secret("a", "whsec_QQ=="), secret("b", "whsec_Qg=="));
        let rings = [
            keyring(&[], &[]),
            keyring(from_ref(&a), &[]),
            keyring(&[], from_ref(&a)),
            keyring(&[a.clone(), b.clone()], &[]),
            keyring(&[b.clone(), a.clone()], &[]),
            keyring(from_ref(&a), from_ref(&b)),
            keyring(&[secret("aw", "hsec_QQ==")], &[]),
        ];
        for (place, ring) in rings.iter().enumerate() {
            assert_eq!(ring.fingerprint(), ring.clone().fingerprint());
            assert!(rings[..place].iter().all(|other| other.fingerprint() != ring.fingerprint()), "{ring:?}");
        }
    }

    #[test]
    fn a_secret_for_triggers_verifies_trigger_events_first_and_explains_the_rest() {
        let labels = |secrets: &[Secret]| secrets.iter().map(|secret| secret.label().to_owned()).collect::<Vec<_>>();
        let own = Secret::new("own", "whsec_QQ==").for_triggers();
        let keyring = Keyring { verifying: vec![Secret::new("main", "whsec_Qg=="), own], known_only: Vec::new() };
        let webhook = keyring.for_body(b"{\"type\":\"user.signup\"}");
        assert_eq!(
            (labels(&webhook.verifying), labels(&webhook.known_only)),
            (vec!["main".into()], vec!["own".into()])
        );
        let trigger = keyring.for_body(b"{\"trigger_type\":\"a\"}");
        assert_eq!((labels(&trigger.verifying), trigger.known_only.len()), (vec!["own".into(), "main".into()], 0));
        assert_eq!(labels(&trigger.signing().cloned().collect::<Vec<_>>()), ["own", "main"]);
        assert_eq!(labels(&keyring.signing().cloned().collect::<Vec<_>>()), ["main"]);
        assert!(matches!(Keyring::default().for_body(b"{}"), Cow::Borrowed(_)));
    }

    #[test]
    fn characters_above_latin1_are_read_by_their_low_byte() {
        // Results of `Buffer.from(text, 'base64')` in Node 20.
        let cases = [
            ("QUJ\u{141}", &b"AB@"[..]),
            ("\u{201c}QUJD\u{201d}", b"ABC"),
            ("QUJD\u{1f600}QUJD", b"ABC"),
            ("QUJDé", b"ABC"),
        ];
        for (text, key) in cases {
            assert_eq!(Base64Reading::Node.decode(&low_bytes(text)).unwrap(), key, "{text}");
        }
    }

    #[test]
    fn the_key_is_between_the_first_two_underscores() {
        let cases =
            [("a_b_c", Some("b")), ("_b", Some("b")), ("a_", Some("")), ("a__b", Some("")), ("ab", None), ("", None)];
        for (secret, key) in cases {
            assert_eq!(key_text(secret), key, "{secret}");
            assert_eq!(Secret::new("", secret).keyed().is_some(), key.is_some());
        }
    }
}
