//! The steps of a diagnosis, in order, up to a signature that is well-formed but does not match.

use super::renamed::renamed;
use super::rewritten::rewritten;
use super::{ContentForm, Evidence, KeyForm, explain, other_schemes, seen};
use crate::core::request::Header;
use crate::core::signature::Reason;
use crate::core::signature::headers::{Claim, Family, Lone, Part, Views};
use crate::core::signature::timestamp::TimestampReading;
use crate::core::signature::verify::{Refusal, Window, verify};
use crate::core::signature::verify_request::{missing, reason, signs_as_documented, try_each};
use crate::core::signature::{Keyring, Scheme, Sdk, Secret, SecretForm};

/// A request under diagnosis.
pub(super) struct Case<'a> {
    pub(super) headers: &'a [Header<'a>],
    pub(super) views: &'a Views<'a>,
    pub(super) scheme: Scheme,
    pub(super) body: &'a [u8],
    pub(super) now_ms: i64,
    pub(super) keyring: &'a Keyring,
}

/// What the examination found. There is no reason if the request verifies under its own scheme.
#[derive(Debug, Default)]
pub(super) struct Conclusion {
    pub(super) reason: Option<Reason>,
    pub(super) also: Vec<Reason>,
    pub(super) evidence: Vec<Evidence>,
    /// The index of the verifying secret with which the request verifies.
    pub(super) secret: Option<usize>,
}

impl Conclusion {
    pub(super) fn of(reason: Reason, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self { reason: Some(reason), evidence: evidence.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn verified(secret: usize) -> Self {
        Self { secret: Some(secret), ..Self::default() }
    }

    /// Adds what would still be wrong after fixing this reason, and the known secret that signed the request, if any.
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
    /// Examines the request under the scheme its headers name.
    pub(super) fn examine(&self, window: Window) -> Conclusion {
        if let Some(family) = Family::of(self.scheme) {
            return self.family(family, window);
        }
        match Lone::of(self.scheme).and_then(|lone| Some((lone, self.views.lone(lone)?))) {
            Some((lone, value)) => other_schemes::documented(self, lone, &value, window),
            None => renamed(self, window)
                .or_else(|| seen::unsigned(self))
                .unwrap_or_else(|| Conclusion::of(Reason::Unsigned, [])),
        }
    }

    /// Whether the Node SDK would accept `claim` with `secret`.
    pub(super) fn verify(&self, claim: &Claim<'_>, window: Window, secret: &Secret) -> Result<(), Refusal> {
        verify(Sdk::Node.dialect(), claim, self.body, self.now_ms, window, secret)
    }

    fn family(&self, family: Family, window: Window) -> Conclusion {
        let claim = Sdk::Node.dialect().claim(self.views, family);
        let refusal = match try_each(&self.keyring.verifying, |secret| self.verify(&claim, window, secret)) {
            Ok(secret) => return Conclusion::verified(secret),
            Err(refusal) => refusal,
        };
        if refusal == Refusal::Mismatch {
            return explain::mismatch(self, family, &claim, window);
        }
        let documented =
            |text: &[u8]| signs_as_documented(text, self.body, self.now_ms, window, &self.keyring.verifying);
        let reason = reason(refusal, family, &claim, documented);
        let mut conclusion = Conclusion::of(reason, self.evidence(refusal, &claim));
        match refusal {
            Refusal::HeaderMissing => {
                if let Some(better) = renamed(self, window).or_else(|| seen::unsigned(self)) {
                    return better;
                }
                let others = missing(family, &claim).skip(1).map(|name| Reason::MissingHeader(name.to_owned()));
                Conclusion { also: others.collect(), ..conclusion }
            }
            Refusal::SecretUnusable => self.unusable(&claim, window, conclusion),
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture
                if let Some(right) = rewritten(self, family, &claim, window) =>
            {
                // The timestamp is the reason already.
                let timestamp = Reason::HeaderAltered(family.name(Part::Timestamp).to_owned());
                let rest = right.reason.into_iter().chain(right.also).filter(|reason| *reason != timestamp);
                conclusion.also.extend(rest);
                conclusion.evidence.extend(right.evidence);
                conclusion
            }
            Refusal::TooOld | Refusal::InFuture => conclusion.leaving(self.family(family, Window::Ignored)),
            Refusal::NoVersion | Refusal::SignatureMalformed
                if conclusion.reason == Some(Reason::SignatureMalformed) =>
            {
                rewritten(self, family, &claim, window).unwrap_or(conclusion)
            }
            _ => conclusion,
        }
    }

    /// Why no secret gives a key, and what is still wrong once one does. `conclusion`: that they lack their prefix.
    fn unusable(&self, claim: &Claim<'_>, window: Window, conclusion: Conclusion) -> Conclusion {
        if let Some(conclusion) = self.repaired(claim, Window::Ignored) {
            let right = self.keyring.verifying.iter().flat_map(meant).map(|(_, secret)| secret).collect();
            return conclusion.leaving(self.with(right, window));
        }
        let mut forms = self.keyring.verifying.iter().map(|secret| SecretForm::of(secret.text()));
        if let Some(form) = forms.next().flatten().filter(|_| forms.all(|form| form.is_some())) {
            return Conclusion::of(Reason::SecretAltered(form), []);
        }
        let proof = self.lacking_prefix(claim, Window::Ignored);
        // Without the prefix, there is no part after it to find fault with.
        let rest = Some(self.with_prefix(window)).filter(|rest| rest.reason != Some(Reason::SecretNotBase64));
        let mut conclusion = conclusion.leaving(rest.unwrap_or_default());
        if let Some(proof) = proof {
            conclusion.evidence.retain(|each| *each != Evidence::OtherwiseVerified);
            conclusion.evidence.push(proof);
        }
        conclusion
    }

    fn evidence(&self, refusal: Refusal, claim: &Claim<'_>) -> Option<Evidence> {
        match refusal {
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture => {
                Some(timestamp(claim.part(Part::Timestamp).unwrap_or_default(), self.now_ms))
            }
            // Without a `v1` token, the form of `scalekit-signature` is the only one that is recognised.
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

    /// What is still wrong once the secrets have the prefix they lack.
    fn with_prefix(&self, window: Window) -> Conclusion {
        self.with(self.prefixed().collect(), window)
    }

    /// What is still wrong with these secrets.
    fn with(&self, verifying: Vec<Secret>, window: Window) -> Conclusion {
        if verifying.is_empty() {
            return Conclusion::default();
        }
        let keyring = Keyring { verifying, known_only: self.keyring.known_only.clone() };
        Case { keyring: &keyring, ..*self }.examine(window)
    }

    /// The secrets that no SDK can read a key from, with the prefix added.
    fn prefixed(&self) -> impl Iterator<Item = Secret> {
        let unusable =
            self.keyring.verifying.iter().filter(|secret| secret.keyed().is_none() && !secret.text().is_empty());
        unusable.map(|secret| Secret::new(secret.label(), format!("whsec_{}", secret.text())))
    }

    /// The conclusion that a secret verifies `claim` once it has the form that the dashboard shows.
    pub(super) fn repaired(&self, claim: &Claim<'_>, window: Window) -> Option<Conclusion> {
        self.keyring.verifying.iter().find_map(|secret| {
            let is_right = |secret: &Secret| self.verify(claim, window, secret).is_ok();
            let (form, _) = meant(secret).into_iter().find(|(_, secret)| is_right(secret))?;
            let evidence = Evidence::RepairedSecret { label: secret.label().to_owned(), form };
            Some(Conclusion::of(Reason::SecretAltered(form), [evidence]))
        })
    }

    /// The secret that verifies `claim` once it has a prefix.
    pub(super) fn lacking_prefix(&self, claim: &Claim<'_>, window: Window) -> Option<Evidence> {
        let secret = self.prefixed().find(|secret| self.verify(claim, window, secret).is_ok())?;
        Some(Evidence::PrefixedSecret { label: secret.label().to_owned() })
    }
}

/// The secrets that this one may have been meant to be.
fn meant(secret: &Secret) -> Vec<(SecretForm, Secret)> {
    let candidates = SecretForm::candidates(secret.text()).into_iter();
    candidates.map(|(form, text)| (form, Secret::new(secret.label(), text))).collect()
}

pub(super) fn timestamp(sent: &[u8], now_ms: i64) -> Evidence {
    let stamp = TimestampReading::Node.read(sent, now_ms);
    let age_s = stamp.map(|stamp| now_ms.div_euclid(1000).saturating_sub(stamp.seconds));
    Evidence::Timestamp { sent: sent.to_vec(), age_s }
}
