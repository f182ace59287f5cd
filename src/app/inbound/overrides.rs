//! The answers by order of the operator, shared by the listener, which takes them, and whoever changes and shows them.

use crate::core::envelope::Envelope;
use crate::core::event::Seq;
use crate::core::overrides::{Directive, Override, Overrides};
use crate::core::signature::Verification;
use tokio::sync::watch;

/// What is on now; tells of every change.
#[derive(Clone, Debug)]
pub struct SharedOverrides(watch::Sender<Overrides>);

impl SharedOverrides {
    /// With `settings` on, of two of one kind the later.
    pub fn new(settings: impl IntoIterator<Item = Override>) -> Self {
        let mut answers = Overrides::default();
        settings.into_iter().for_each(|setting| answers.set(setting));
        Self(watch::Sender::new(answers))
    }

    pub fn get(&self) -> Overrides {
        self.0.borrow().clone()
    }

    /// Puts a setting in the place of the one of its kind, from the next event on.
    pub fn set(&self, setting: Override) {
        self.0.send_modify(|answers| answers.set(setting));
    }

    /// The directive that concerns an event; asked once for each, before any rule. Of those at once each counts for itself: as many
    /// as a setting is for get it.
    pub fn take(&self, verification: &Verification, envelope: &Envelope) -> Option<Directive> {
        if self.0.borrow().is_off() {
            return None;
        }
        let mut directive = None;
        self.0.send_if_modified(|answers| {
            let (taken, is_changed) = answers.take(verification, envelope);
            directive = taken;
            is_changed
        });
        directive
    }

    /// Notes that the sender of `seq` went away before its answer came.
    pub fn left(&self, seq: Seq) {
        self.0.send_modify(|answers| answers.leave(seq));
    }

    /// Sees every change from now on, of several at once the last.
    pub fn changes(&self) -> watch::Receiver<Overrides> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::{Scheme, Verdict};

    #[test]
    fn as_many_events_at_once_as_it_is_for_get_the_answer() {
        const THREADS: u32 = 4;
        const EACH: u32 = 500;
        let answers = SharedOverrides::new(["503 next:700".parse().unwrap()]);
        let verification =
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: None };
        let take = || (0..EACH).filter(|_| answers.take(&verification, &Envelope::default()).is_some()).count();
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((taken, answers.get().used_up), (700, 1));
    }

    #[test]
    fn only_what_changes_something_is_told() {
        let answers = SharedOverrides::new(["503".parse().unwrap()]);
        let changes = answers.changes();
        let verification =
            Verification { verdict: Verdict::Verified, scheme: Scheme::Webhook, reason: None, secret: None };
        assert!(answers.take(&verification, &Envelope::default()).is_some());
        assert!(!changes.has_changed().unwrap());
        answers.set("drop next:1".parse().unwrap());
        assert!(changes.has_changed().unwrap());
    }
}
