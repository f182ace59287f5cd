//! What other events say about a mismatch: whether the secrets are right, and whose body this is.

use super::seen;
use super::{Diagnosis, Evidence};
use crate::core::event::{Arrival, Seq};
use crate::core::signature::{Keyring, Reason, Verdict, Verification, verify_request};
use std::sync::Arc;

/// The most environments that are listed.
const MAX_ENVIRONMENTS: usize = 8;

/// Facts about the other events in the history. Without any event, it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How many other events each verifying secret verifies, by its label.
    pub verified: Vec<(Arc<str>, u64)>,
    /// How many other events carry a signature that does not match.
    pub mismatched: u64,
    /// The `environment_id` values of events that verify: a few, each once.
    pub environments: Vec<String>,
    /// The number of an event that verifies and has exactly the same body, under another `webhook-id`.
    pub same_body: Option<Seq>,
    /// Whether there are events that were not looked at.
    pub is_sample: bool,
}

impl History {
    /// A history that knows the secrets, but no event yet.
    pub fn new(keyring: &Keyring) -> Self {
        let verified = keyring.verifying.iter().filter(|secret| !secret.is_for_triggers());
        let verified = verified.map(|secret| (secret.label.clone(), 0)).collect();
        Self { verified, ..Self::default() }
    }

    /// Counts another event, verified with the present secrets as of its arrival.
    pub fn add(&mut self, arrival: &Arrival, keyring: &Keyring) {
        let now_ms = arrival.received_at.as_millisecond();
        let verification = verify_request(&arrival.head.headers(), &arrival.body, now_ms, keyring);
        if let Some(label) = &verification.secret
            && let Some((_, count)) = self.verified.iter_mut().find(|(each, _)| each == label)
        {
            *count += 1;
            let environment = seen::environment(&arrival.body).filter(|environment| {
                !self.environments.contains(environment) && self.environments.len() < MAX_ENVIRONMENTS
            });
            self.environments.extend(environment);
        } else if verification.verdict == Verdict::Invalid && verification.reason == Some(Reason::SignatureMismatch) {
            self.mismatched += 1;
        }
    }

    /// The reason that an event with the same body suggests, and why.
    fn swapped(&self) -> Option<(Reason, String)> {
        let event = self.same_body?;
        Some((Reason::BodySwapped, format!("event {event} has this body and verifies")))
    }

    /// The reason that the environments of verified events suggest, and why.
    fn other_environment(&self, body: &[u8]) -> Option<(Reason, String)> {
        let environment = seen::environment(body)?;
        let is_other = !self.environments.is_empty() && !self.environments.contains(&environment);
        let known = self.environments.join(", ");
        is_other.then(|| {
            let because = format!("environment_id is {environment}; verified events have {known}");
            (Reason::OtherEnvironment, because)
        })
    }

    fn evidence(&self) -> Option<Evidence> {
        let count = self.verified.iter().map(|(_, count)| count).sum();
        let idle: Vec<_> = self.verified.iter().filter(|(_, count)| *count == 0).map(|(label, _)| label).collect();
        match (count, self.mismatched) {
            (0, 0) => None,
            (0, mismatched) => Some(Evidence::NoneVerifies { mismatched, is_sample: self.is_sample }),
            (count, _) if idle.is_empty() => Some(Evidence::OthersVerify { count, is_sample: self.is_sample }),
            (count, _) => {
                let idle = idle.iter().map(|label| label.to_string()).collect();
                Some(Evidence::SomeVerify { count, idle })
            }
        }
    }
}

fn verified_with(stored: &Verification) -> Evidence {
    Evidence::FormerSecret { label: stored.secret.as_deref().map(str::to_owned) }
}

/// What illustrates the stored verification of a request that verified with a former secret.
pub(super) fn former_secret(stored: &Verification) -> Option<Evidence> {
    (stored.reason == Some(Reason::FormerSecret)).then(|| verified_with(stored))
}

impl Diagnosis {
    /// The diagnosis of a request with this stored verification. If it verified when it arrived, it is no mismatch.
    pub fn of_stored(mut self, stored: &Verification) -> Self {
        if stored.was_verified() && self.asks_history() {
            self.reason = Some(Reason::FormerSecret);
            self.evidence = vec![verified_with(stored)];
            self.also = Vec::new();
        }
        self
    }

    /// Whether the history may say more: nothing proves the reason.
    pub fn asks_history(&self) -> bool {
        match self.reason {
            Some(Reason::SignatureMismatch) => true,
            Some(Reason::BodyLost) => self.verdict == Verdict::Invalid,
            Some(Reason::BodyAltered(_) | Reason::ForeignSender(_)) => {
                self.verdict == Verdict::Invalid
                    && self.evidence.iter().any(|evidence| matches!(evidence, Evidence::Seen { .. }))
            }
            _ => false,
        }
    }

    /// The diagnosis of the request with this body, given what the history says.
    pub fn amid(mut self, history: &History, body: &[u8]) -> Self {
        if !self.asks_history() {
            return self;
        }
        let is_mismatch = self.reason == Some(Reason::SignatureMismatch);
        let by_environment = || is_mismatch.then(|| history.other_environment(body)).flatten();
        match history.swapped().or_else(by_environment) {
            Some((reason, because)) => {
                self.reason = Some(reason);
                self.evidence = vec![Evidence::Seen { because: because.into() }];
            }
            None if is_mismatch => self.evidence.extend(history.evidence()),
            None => {}
        }
        self
    }
}
