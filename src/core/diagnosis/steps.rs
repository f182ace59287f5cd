//! The steps of a diagnosis in their order, up to a signature that is well-formed but does not match.

use super::{ContentForm, Evidence, KeyForm, explain, other_schemes};
use crate::core::signature::Reason;
use crate::core::signature::headers::{Claim, Family, Lone, Part, Views};
use crate::core::signature::judge::{missing, reason, signs_as_documented, try_each};
use crate::core::signature::timestamp::TimestampReading;
use crate::core::signature::verify::{Refusal, Window, verify};
use crate::core::signature::{Keyring, Scheme, Sdk, Secret};

/// A request that is being diagnosed.
pub(super) struct Case<'a> {
    pub(super) views: &'a Views<'a>,
    pub(super) scheme: Scheme,
    pub(super) body: &'a [u8],
    pub(super) now_ms: i64,
    pub(super) keyring: &'a Keyring,
}

/// What was found: nothing, if the request verifies under its own scheme.
#[derive(Debug, Default)]
pub(super) struct Finding {
    pub(super) reason: Option<Reason>,
    pub(super) also: Vec<Reason>,
    pub(super) evidence: Vec<Evidence>,
    /// The index of the verifying secret that does.
    pub(super) secret: Option<usize>,
}

impl Finding {
    pub(super) fn of(reason: Reason, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self { reason: Some(reason), evidence: evidence.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn verified(secret: usize) -> Self {
        Self { secret: Some(secret), ..Self::default() }
    }

    /// Adds what would remain if this were put right, with the secret that it is signed with where that is known.
    pub(super) fn leaving(mut self, rest: Self) -> Self {
        if rest.secret.is_some() {
            self.evidence.push(Evidence::OtherwiseVerified);
        }
        self.evidence.extend(rest.evidence.into_iter().filter(|each| matches!(each, Evidence::KnownSecret { .. })));
        self.also.extend(rest.reason.into_iter().chain(rest.also));
        self
    }
}

impl Case<'_> {
    /// Examines the request under the scheme that it was recognised by.
    pub(super) fn examine(&self, window: Window) -> Finding {
        if let Some(family) = Family::of(self.scheme) {
            return self.family(family, window);
        }
        match Lone::of(self.scheme).and_then(|lone| Some((lone, self.views.lone(lone)?))) {
            Some((lone, value)) => other_schemes::documented(self, lone, &value, window),
            None => Finding::of(Reason::Unsigned, []),
        }
    }

    /// Whether the Node SDK would accept `claim` with `secret`.
    pub(super) fn verify(&self, claim: &Claim<'_>, window: Window, secret: &Secret) -> Result<(), Refusal> {
        verify(Sdk::Node.dialect(), claim, self.body, self.now_ms, window, secret)
    }

    fn family(&self, family: Family, window: Window) -> Finding {
        let claim = Sdk::Node.dialect().claim(self.views, family);
        let refusal = match try_each(&self.keyring.verifying, |secret| self.verify(&claim, window, secret)) {
            Ok(secret) => return Finding::verified(secret),
            Err(refusal) => refusal,
        };
        if refusal == Refusal::Mismatch {
            return explain::mismatch(self, family, &claim, window);
        }
        let documented =
            |text: &[u8]| signs_as_documented(text, self.body, self.now_ms, window, &self.keyring.verifying);
        let reason = reason(refusal, family, &claim, documented);
        let finding = Finding::of(reason, self.evidence(refusal, &claim));
        match refusal {
            Refusal::HeaderMissing => {
                let others = missing(family, &claim).skip(1).map(|name| Reason::MissingHeader(name.to_owned()));
                Finding { also: others.collect(), ..finding }
            }
            Refusal::SecretUnusable => {
                let proof = self.lacking_prefix(&claim, Window::Ignored);
                let mut finding = finding.leaving(self.with_prefix(window));
                if let Some(proof) = proof {
                    finding.evidence.retain(|each| *each != Evidence::OtherwiseVerified);
                    finding.evidence.push(proof);
                }
                finding
            }
            Refusal::TooOld | Refusal::InFuture => finding.leaving(self.family(family, Window::Ignored)),
            _ => finding,
        }
    }

    fn evidence(&self, refusal: Refusal, claim: &Claim<'_>) -> Option<Evidence> {
        match refusal {
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture => {
                Some(timestamp(claim.part(Part::Timestamp).unwrap_or_default(), self.now_ms))
            }
            // The only scheme that is recognised without a token of our version.
            Refusal::NoVersion => {
                let signature = claim.part(Part::Signature).unwrap_or_default();
                let window = Window::Ignored;
                signs_as_documented(signature, self.body, self.now_ms, window, &self.keyring.verifying).then_some(
                    Evidence::SignedAs {
                        scheme: Scheme::ScalekitSignature,
                        key: KeyForm::Text,
                        content: ContentForm::TimestampBody,
                    },
                )
            }
            _ => None,
        }
    }

    /// What remains if the secrets get the prefix that they lack.
    fn with_prefix(&self, window: Window) -> Finding {
        let verifying: Vec<_> = self.prefixed().collect();
        if verifying.is_empty() {
            return Finding::default();
        }
        let keyring = Keyring { verifying, known_only: self.keyring.known_only.clone() };
        Case { keyring: &keyring, ..*self }.examine(window)
    }

    /// Those of the secrets from which no SDK takes a key, with a prefix.
    fn prefixed(&self) -> impl Iterator<Item = Secret> {
        let unusable =
            self.keyring.verifying.iter().filter(|secret| secret.keyed().is_none() && !secret.text().is_empty());
        unusable.map(|secret| Secret::new(secret.label(), format!("whsec_{}", secret.text())))
    }

    /// The one of them that verifies `claim`.
    pub(super) fn lacking_prefix(&self, claim: &Claim<'_>, window: Window) -> Option<Evidence> {
        let secret = self.prefixed().find(|secret| self.verify(claim, window, secret).is_ok())?;
        Some(Evidence::PrefixedSecret { label: secret.label().to_owned() })
    }
}

pub(super) fn timestamp(sent: &[u8], now_ms: i64) -> Evidence {
    let stamp = TimestampReading::Node.read(sent, now_ms);
    let age_s = stamp.map(|stamp| now_ms.div_euclid(1000).saturating_sub(stamp.seconds));
    Evidence::Timestamp { sent: sent.to_vec(), age_s }
}
