//! The secrets known now, shared by the listener and whoever signs; some are added while the program runs.

use crate::core::signature::{Keyring, Secret};
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone)]
pub struct SharedKeyring {
    keyring: Arc<RwLock<Arc<Keyring>>>,
    /// How many secrets verified from the start on.
    from_the_start: usize,
}

impl SharedKeyring {
    pub fn new(keyring: Keyring) -> Self {
        let from_the_start = keyring.verifying.len();
        Self { keyring: Arc::new(RwLock::new(Arc::new(keyring))), from_the_start }
    }

    pub fn get(&self) -> Arc<Keyring> {
        self.keyring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a secret that verifies from now on, and goes before all others: whoever adds one means it. It is labelled `name`, or
    /// `name#2` and so on where that is taken.
    pub fn add(&self, name: &str, text: String) {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let is_free = |label: &String| keyring.verifying.iter().all(|secret| secret.label() != label);
        let labels = std::iter::once(name.to_owned()).chain((2..).map(|place| format!("{name}#{place}")));
        let label = labels.into_iter().find(is_free).expect("numbers do not end");
        Arc::make_mut(&mut keyring).verifying.insert(0, Secret::new(label, text));
    }

    /// Adds a secret that verifies nothing, but is named where a request was signed with it.
    pub fn add_known_only(&self, secret: Secret) {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut keyring).known_only.push(secret);
    }

    /// The label of the secret that was added last and is not forgotten.
    pub fn last_added(&self) -> Option<String> {
        let keyring = self.get();
        let added = keyring.verifying.len() - self.from_the_start;
        keyring.verifying[..added].first().map(|secret| secret.label().to_owned())
    }

    /// Forgets that secret; whether there was one.
    pub fn forget_last_added(&self) -> bool {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        let is_added = keyring.verifying.len() > self.from_the_start;
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
    fn secrets_of_one_name_are_told_apart() {
        let keyring = SharedKeyring::new(Keyring::default());
        for text in ["whsec_a", "whsec_b", "whsec_c"] {
            keyring.add("pasted 14:02", text.to_owned());
        }
        assert_eq!(labels(&keyring), ["pasted 14:02#3", "pasted 14:02#2", "pasted 14:02"]);
    }

    #[test]
    fn what_was_added_is_forgotten_last_first_and_nothing_else_is() {
        let first = Secret::new("SCALEKIT_WEBHOOK_SECRET".to_owned(), "whsec_a".to_owned());
        let keyring = SharedKeyring::new(Keyring { verifying: vec![first], known_only: Vec::new() });
        assert!(keyring.last_added().is_none() && !keyring.forget_last_added());
        for text in ["whsec_b", "whsec_c"] {
            keyring.add("pasted", text.to_owned());
        }
        assert_eq!(keyring.last_added().unwrap(), "pasted#2");
        assert!(keyring.clone().forget_last_added());
        assert_eq!(labels(&keyring), ["pasted", "SCALEKIT_WEBHOOK_SECRET"]);
        assert!(keyring.forget_last_added() && !keyring.forget_last_added());
        assert_eq!(labels(&keyring), ["SCALEKIT_WEBHOOK_SECRET"]);
    }
}
