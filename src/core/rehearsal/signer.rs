//! The secrets that sign rehearsals.

use crate::core::event::Event;
use crate::core::signature::{Keyring, Secret};
use std::borrow::Cow;

/// The secrets that sign.
#[derive(Clone, Debug)]
pub struct Signer {
    pub(super) secret: Secret,
    /// Another usable secret of the user, such as the one before a rotation.
    pub(super) other: Option<Secret>,
}

impl Signer {
    /// The signer for rehearsals based on `event`, or on a sample without one. `None` if no secret can sign.
    pub fn of(keyring: &Keyring, event: Option<&Event>) -> Option<Self> {
        let secret = event.map_or_else(|| keyring.signing().next().cloned(), |event| event.signer(keyring))?;
        let is_other = |other: &&Secret| {
            other.label() != secret.label() && other.keyed().is_some() && other.text() != secret.text()
        };
        let verifying = event.map_or_else(|| Cow::Borrowed(keyring), |event| keyring.for_body(&event.body));
        let other = verifying.verifying.iter().chain(&keyring.known_only).find(is_other).cloned();
        Some(Self { secret, other })
    }

    /// The label of the secret.
    pub fn label(&self) -> &str {
        self.secret.label()
    }

    /// Whether the user has another secret that can sign.
    pub(super) fn has_other(&self) -> bool {
        self.other.is_some()
    }
}
