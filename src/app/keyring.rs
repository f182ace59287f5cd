//! The current secrets, shared by the listener and everything that signs. The user may add some while the program runs.

use crate::core::sample_mark::SampleKey;
use crate::core::signature::{Keyring, Secret};
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone)]
pub struct SharedKeyring {
    keyring: Arc<RwLock<Arc<Keyring>>>,
    /// How many of the verifying secrets were configured, not added.
    configured: usize,
    /// Marks the samples of this history.
    samples: Option<SampleKey>,
}

impl SharedKeyring {
    pub fn new(keyring: Keyring) -> Self {
        let configured = keyring.verifying.len();
        Self { keyring: Arc::new(RwLock::new(Arc::new(keyring))), configured, samples: None }
    }

    #[must_use]
    pub(crate) fn with_samples(self, key: SampleKey) -> Self {
        Self { samples: Some(key), ..self }
    }

    /// The id of a new sample; `None` if samples are not marked.
    pub(crate) fn sample_id(&self, random: u64) -> Option<String> {
        Some(self.samples.as_ref()?.id(random))
    }

    /// Whether the request with this `webhook-id` is a sample of this history.
    pub(crate) fn is_sample(&self, id: &[u8]) -> bool {
        self.samples.as_ref().is_some_and(|key| key.has_made(id))
    }

    pub fn get(&self) -> Arc<Keyring> {
        self.keyring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a verifying secret. It comes before all others, because the user wants this one to sign. Its label is `name`, or `name#2`
    /// and so on if that label is taken.
    pub fn add(&self, name: &str, text: String) {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let is_free = |label: &String| keyring.verifying.iter().all(|secret| secret.label() != label);
        let labels = std::iter::once(name.to_owned()).chain((2..).map(|place| format!("{name}#{place}")));
        let label = labels.into_iter().find(is_free).expect("there are infinitely many labels");
        Arc::make_mut(&mut keyring).verifying.insert(0, Secret::new(label, text));
    }

    /// Adds a secret that never verifies a request, but explains one that is signed with it.
    pub(crate) fn add_known_only(&self, secret: Secret) {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut keyring).known_only.push(secret);
    }

    /// The newest added secret that is not forgotten.
    pub fn last_added(&self) -> Option<Secret> {
        let keyring = self.get();
        let added = keyring.verifying.len() - self.configured;
        keyring.verifying[..added].first().cloned()
    }

    /// Forgets the newest added secret. Returns whether there was one.
    pub fn forget_last_added(&self) -> bool {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let is_added = keyring.verifying.len() > self.configured;
        if is_added {
            Arc::make_mut(&mut keyring).verifying.remove(0);
        }
        is_added
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(keyring: &SharedKeyring) -> Vec<String> {
        keyring.get().verifying.iter().map(|secret| secret.label().to_owned()).collect()
    }

    #[test]
    fn secrets_with_the_same_name_get_different_labels() {
        let keyring = SharedKeyring::new(Keyring::default());
        for text in ["whsec_a", "whsec_b", "whsec_c"] {
            keyring.add("pasted 14:02", text.to_owned());
        }
        assert_eq!(labels(&keyring), ["pasted 14:02#3", "pasted 14:02#2", "pasted 14:02"]);
    }

    #[test]
    fn added_secrets_are_forgotten_newest_first_and_configured_ones_never() {
        let first = Secret::new("SCALEKIT_WEBHOOK_SECRET".to_owned(), "whsec_a".to_owned());
        let keyring = SharedKeyring::new(Keyring { verifying: vec![first], known_only: Vec::new() });
        assert!(keyring.last_added().is_none() && !keyring.forget_last_added());
        for text in ["whsec_b", "whsec_c"] {
            keyring.add("pasted", text.to_owned());
        }
        assert_eq!(keyring.last_added().unwrap().label(), "pasted#2");
        assert!(keyring.clone().forget_last_added());
        assert_eq!(labels(&keyring), ["pasted", "SCALEKIT_WEBHOOK_SECRET"]);
        assert!(keyring.forget_last_added() && !keyring.forget_last_added());
        assert_eq!(labels(&keyring), ["SCALEKIT_WEBHOOK_SECRET"]);
    }
}
