//! A limit on the memory for all request bodies together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes that are still free.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU64,
}

impl Budget {
    pub(super) fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(bytes) })
    }

    /// An empty share.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), taken: 0 }
    }
}

/// The bytes that one body uses; freed on drop.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    taken: u64,
}

impl Share {
    /// Takes `bytes` more if that many are free; returns whether it did.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let take = |left: u64| left.checked_sub(bytes);
        let has_taken = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if has_taken {
            self.taken += bytes;
        }
        has_taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_share_frees_its_bytes() {
        let budget = Budget::new(10);
        let (mut one, mut other) = (budget.share(), budget.share());
        assert!(one.grow(4) && one.grow(4) && !other.grow(3) && other.grow(2));
        drop(one);
        assert!(other.grow(8) && !other.grow(1));
    }
}
