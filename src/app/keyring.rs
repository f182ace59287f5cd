//! The secrets known now, shared by the listener and whoever signs; it grows while the program runs.

use crate::core::signature::{Keyring, Secret};
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone)]
pub struct SharedKeyring(Arc<RwLock<Arc<Keyring>>>);

impl SharedKeyring {
    pub fn new(keyring: Keyring) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keyring))))
    }

    pub fn get(&self) -> Arc<Keyring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a secret that verifies from now on. It is labelled `name`, or `name#2` and so on where that is taken.
    pub fn add(&self, name: &str, text: String) -> Secret {
        let mut keyring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_free = |label: &String| keyring.verifying.iter().all(|secret| secret.label() != label);
        let labels = std::iter::once(name.to_owned()).chain((2..).map(|place| format!("{name}#{place}")));
        let label = labels.into_iter().find(is_free).expect("numbers do not end");
        let secret = Secret::new(label, text);
        Arc::make_mut(&mut keyring).verifying.push(secret.clone());
        secret
    }

    pub fn labels(&self) -> Vec<String> {
        self.get().verifying.iter().map(|secret| secret.label().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_one_name_are_told_apart() {
        let keyring = SharedKeyring::new(Keyring::default());
        for text in ["whsec_a", "whsec_b", "whsec_c"] {
            keyring.add("pasted 14:02", text.to_owned());
        }
        assert_eq!(keyring.labels(), ["pasted 14:02", "pasted 14:02#2", "pasted 14:02#3"]);
    }
}
