//! Finds the reason for each invalid signature. The sender already has its response, because a diagnosis may take seconds.

use crate::app::history::context::amid_history;
use crate::app::history::follower::Follower;
use crate::app::inbound::intake::verification_of;
use crate::app::keyring::SharedKeyring;
use crate::core::diagnosis::diagnose;
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::signature::{Reason, Verification};
use crate::store::{Reader, Writer};
use tokio::sync::mpsc;

/// Whether a diagnosis may find a more exact reason than the quick verification.
pub(crate) fn is_undiagnosed(summary: &Summary) -> bool {
    summary.reason.as_ref().is_some_and(Reason::is_provisional)
}

/// Verifies the stored request `seq` as of its arrival and finds the exact reason if it fails. A body of several megabytes may take seconds, so do not
/// call it on a thread that others wait for.
pub(crate) fn full_verification(seq: Seq, arrival: &Arrival, keyring: &SharedKeyring, reader: &Reader) -> Verification {
    let verification = verification_of(arrival, keyring);
    if !verification.reason.as_ref().is_some_and(Reason::is_provisional) {
        return verification;
    }
    let now_ms = arrival.received_at.as_millisecond();
    let (headers, keyring) = (arrival.head.headers(), keyring.get());
    let diagnosis = diagnose(&headers, &arrival.body, now_ms, &keyring);
    let diagnosis = amid_history(diagnosis, reader, &keyring, Some(seq), &headers, &arrival.body);
    Verification { reason: diagnosis.reason, ..verification }
}

/// Verifies a stored event with [`full_verification`].
pub(crate) fn verification_of_event(event: Event, keyring: &SharedKeyring, reader: &Reader) -> Verification {
    let arrival = Arrival { received_at: event.summary.received_at, head: event.head, body: event.body };
    full_verification(event.summary.seq, &arrival, keyring, reader)
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
        let (keyring, reader) = (self.keyring.clone(), self.follower.reader());
        let diagnosing = tokio::task::spawn_blocking(move || {
            let reader = reader.with(Reader::another).ok()?;
            Some(verification_of_event(event, &keyring, &reader))
        });
        let verification = diagnosing.await.ok()??;
        if verification == known {
            return None;
        }
        self.writer.reverify(vec![(seq, verification.clone())]).await.ok()?;
        Some(verification)
    }
}
