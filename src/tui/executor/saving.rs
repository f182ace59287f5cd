//! Saves events as fixtures, what the user typed last, and which differences from the documentation are accepted.

use super::Executor;
use crate::app::accepted::AcceptedError;
use crate::app::fixtures::folder::Saved;
use crate::core::check::Acceptance;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::recent::Recent;
use crate::tui::fixtures::SavedFixtures;
use crate::tui::message::Message;

/// After so many events the screen hears how far the work is.
const STEP: usize = 64;

impl Executor {
    /// Stores what the user typed last. Without it the next start only offers less.
    pub(super) fn remember(&self, recent: Recent) {
        let file = self.recent.clone();
        tokio::task::spawn_blocking(move || {
            let _ = file.write(&recent);
        });
    }

    pub(super) fn accept(&self, acceptances: &[Acceptance], is_accepted: bool) -> Message {
        let changed = self.accepted.change(acceptances, is_accepted);
        let failed = |error: AcceptedError| format!("{}; {}", with_causes(&error), error.hint());
        let result = changed.map(|()| (acceptances.len(), is_accepted)).map_err(failed);
        Message::AcceptedChanged { result, is_stored: self.accepted.is_stored() }
    }

    pub(super) fn save_fixtures(&self, seqs: &[Seq]) -> Message {
        let mut saved =
            SavedFixtures { folder: self.fixtures.path().display().to_string(), ..SavedFixtures::default() };
        for (done, seq) in seqs.iter().enumerate() {
            if done > 0 && done % STEP == 0 {
                // The screen may have ended.
                let _ = self.messages.blocking_send(Message::FixturesProgressed { done, all: seqs.len() });
            }
            let one =
                self.event(*seq).and_then(|event| self.fixtures.save(&event).map_err(|error| with_causes(&error)));
            match one {
                Ok(Saved::New { name, .. }) => saved.new.push(name),
                Ok(Saved::There { name }) => saved.there.push(name),
                Err(why) => saved.failed.push((*seq, why)),
            }
        }
        Message::FixturesSaved(saved)
    }
}
