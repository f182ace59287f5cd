//! Finds the reason for each invalid signature. The sender already has its response, because a diagnosis may take seconds.

use crate::app::history::follower::Follower;
use crate::app::inbound::intake::verification_of;
use crate::app::keyring::SharedKeyring;
use crate::core::diagnosis::diagnose;
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::signature::{Reason, Verification};
use crate::store::Writer;
use tokio::sync::mpsc;

/// Whether a diagnosis may find a more exact reason than the quick verification.
pub(crate) fn is_undiagnosed(summary: &Summary) -> bool {
    summary.reason.as_ref().is_some_and(Reason::is_provisional)
}

/// Verifies a request as of its arrival and finds the exact reason if it fails. A body of several megabytes may take seconds, so do not
/// call it on a thread that others wait for.
pub(crate) fn full_verification(arrival: &Arrival, keyring: &SharedKeyring) -> Verification {
    let verification = verification_of(arrival, keyring);
    if !verification.reason.as_ref().is_some_and(Reason::is_provisional) {
        return verification;
    }
    let now_ms = arrival.received_at.as_millisecond();
    let diagnosis = diagnose(&arrival.head.headers(), &arrival.body, now_ms, &keyring.get());
    Verification { reason: diagnosis.reason, ..verification }
}

/// Verifies a stored event with [`full_verification`].
pub(crate) fn verification_of_event(event: Event, keyring: &SharedKeyring) -> Verification {
    let arrival = Arrival { received_at: event.summary.received_at, head: event.head, body: event.body };
    full_verification(&arrival, keyring)
}

pub(crate) struct Diagnoser {
    pub follower: Follower,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// Gets each event whose reason was found, after it is stored.
    pub found: mpsc::Sender<(Seq, Verification)>,
}

impl Diagnoser {
    /// Runs until dropped, or until the receiver of `found` is.
    pub async fn run(mut self) {
        loop {
            // An event that cannot be read now keeps its quick verdict.
            let Ok(summaries) = self.follower.next().await else { continue };
            for summary in summaries.iter().filter(|summary| is_undiagnosed(summary)) {
                let Some(verification) = self.diagnose(summary.seq).await else { continue };
                if self.found.send((summary.seq, verification)).await.is_err() {
                    return;
                }
            }
        }
    }

    /// The new verification, once it is stored. `None` if it is the same as before or cannot be stored.
    async fn diagnose(&self, seq: Seq) -> Option<Verification> {
        let event = self.follower.event(seq).ok()?;
        let known = event.verification.clone();
        let keyring = self.keyring.clone();
        let diagnosing = tokio::task::spawn_blocking(move || verification_of_event(event, &keyring));
        let verification = diagnosing.await.ok()?;
        if verification == known {
            return None;
        }
        self.writer.reverify(vec![(seq, verification.clone())]).await.ok()?;
        Some(verification)
    }
}
