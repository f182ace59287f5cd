//! What the history says about the secrets: facts that a diagnosis takes as data.

use super::Evidence;

/// Facts about the other events in the history. The default says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How many other events verify with the present secrets.
    pub verified: u64,
    /// How many other events carry a signature that does not match.
    pub mismatched: u64,
    /// The `environment_id` values of events that verify: a few, each once.
    pub environments: Vec<String>,
    /// The number of an event that verifies and has exactly the same body, under another `webhook-id`.
    pub same_body: Option<u64>,
}

impl History {
    /// What the history says about a mismatch.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        match (self.verified, self.mismatched) {
            (0, 0) => None,
            (0, mismatched) => Some(Evidence::NoneVerifies { mismatched }),
            (count, _) => Some(Evidence::OthersVerify { count }),
        }
    }
}
