//! Names the cause of each refused signature behind the listener's back: the verdict is given first, the diagnosis after.

use crate::app::history::follower::Follower;
use crate::app::inbound::intake::verification_of;
use crate::app::keyring::SharedKeyring;
use crate::core::diagnosis::diagnose;
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::signature::Reason;
use crate::core::signature::Verification;
use crate::store::Writer;
use tokio::sync::mpsc;

/// Whether more can be said of an event than the quick verdict said.
pub fn is_undiagnosed(summary: &Summary) -> bool {
    summary.reason == Some(Reason::SignatureMismatch)
}

/// The verdict with its cause, as of the arrival. May take seconds for a body of megabytes: not for a thread that must not wait.
pub fn full_verification(arrival: &Arrival, keyring: &SharedKeyring) -> Verification {
    let verification = verification_of(arrival, keyring);
    if verification.reason != Some(Reason::SignatureMismatch) {
        return verification;
    }
    let now_ms = arrival.received_at.as_millisecond();
    let diagnosis = diagnose(&arrival.head.headers(), &arrival.body, now_ms, &keyring.get());
    Verification { reason: diagnosis.reason, ..verification }
}

/// The same for an event that is kept.
pub fn verification_of_event(event: Event, keyring: &SharedKeyring) -> Verification {
    let arrival = Arrival { received_at: event.summary.received_at, head: event.head, body: event.body };
    full_verification(&arrival, keyring)
}

pub struct Diagnoser {
    pub follower: Follower,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// Told of each event whose cause was found.
    pub found: mpsc::Sender<(Seq, Verification)>,
}

impl Diagnoser {
    /// Goes on until dropped or until nobody wants to know.
    pub async fn run(mut self) {
        loop {
            // What cannot be read now keeps its quick verdict.
            let Ok(summaries) = self.follower.next().await else { continue };
            for summary in summaries.iter().filter(|summary| is_undiagnosed(summary)) {
                let Some(verification) = self.diagnose(summary.seq).await else { continue };
                if self.found.send((summary.seq, verification)).await.is_err() {
                    return;
                }
            }
        }
    }

    /// The new verification once it is kept; `None` when nothing more can be said.
    async fn diagnose(&self, seq: Seq) -> Option<Verification> {
        let event = self.follower.event(seq).ok()?;
        let known = event.verification.clone();
        let keyring = self.keyring.clone();
        let judging = tokio::task::spawn_blocking(move || verification_of_event(event, &keyring));
        let verification = judging.await.ok()?;
        if verification == known {
            return None;
        }
        self.writer.reverify(vec![(seq, verification.clone())]).await.ok()?;
        Some(verification)
    }
}
