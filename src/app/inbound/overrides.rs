//! The user's overrides. The listener takes them; the command line and the screen set and show them.

use crate::core::envelope::Envelope;
use crate::core::event::Seq;
use crate::core::overrides::{Directive, Override, Overrides};
use crate::core::signature::Verification;
use tokio::sync::watch;

/// The overrides that are on. Clones share them.
#[derive(Clone, Debug)]
pub struct SharedOverrides(watch::Sender<Overrides>);

impl SharedOverrides {
    /// Starts with `settings`. Of two of the same kind, the later one wins.
    pub fn new(settings: impl IntoIterator<Item = Override>) -> Self {
        let mut overrides = Overrides::default();
        settings.into_iter().for_each(|setting| overrides.set(setting));
        Self(watch::Sender::new(overrides))
    }

    pub fn get(&self) -> Overrides {
        self.0.borrow().clone()
    }

    /// Replaces the override of the same kind, from the next event on.
    pub fn set(&self, setting: Override) {
        self.0.send_modify(|overrides| overrides.set(setting));
    }

    /// The directive for an event. Call it once per event, because it counts: of events that arrive at the same time, exactly as many
    /// get an override as the user asked for.
    pub fn take(&self, verification: &Verification, envelope: &Envelope) -> Option<Directive> {
        if self.0.borrow().is_off() {
            return None;
        }
        let mut directive = None;
        self.0.send_if_modified(|overrides| {
            let (taken, is_changed) = overrides.take(verification, envelope);
            directive = taken;
            is_changed
        });
        directive
    }

    /// Notes that the sender of `seq` disconnected before its response was sent.
    pub fn left(&self, seq: Seq) {
        self.0.send_modify(|overrides| overrides.leave(seq));
    }

    /// Receives the changes from now on. Of several in quick succession, it may see only the last.
    pub fn changes(&self) -> watch::Receiver<Overrides> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::{Scheme, Verdict};

    #[test]
    fn concurrent_events_never_exceed_the_number_of_an_override() {
        const THREADS: u32 = 4;
        const EACH: u32 = 500;
        let overrides = SharedOverrides::new(["503 next:700".parse().unwrap()]);
        let verification =
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: None };
        let take = || (0..EACH).filter(|_| overrides.take(&verification, &Envelope::default()).is_some()).count();
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((taken, overrides.get().used_up), (700, 1));
    }

    #[test]
    fn receivers_are_woken_only_by_changes() {
        let overrides = SharedOverrides::new(["503".parse().unwrap()]);
        let changes = overrides.changes();
        let verification =
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: None };
        assert!(overrides.take(&verification, &Envelope::default()).is_some());
        assert!(!changes.has_changed().unwrap());
        overrides.set("drop next:1".parse().unwrap());
        assert!(changes.has_changed().unwrap());
    }
}
