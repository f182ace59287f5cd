//! Names the cause of each refused signature behind the listener's back: the verdict is given first, the diagnosis after.

use crate::app::history::follower::Follower;
use crate::app::inbound::ingest::judgement_of;
use crate::app::keyring::SharedKeyring;
use crate::core::diagnosis::{Label, diagnose};
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::signature::Judgement;
use crate::store::Writer;
use tokio::sync::mpsc;

/// Whether more can be said of an event than the quick verdict said.
pub fn is_undiagnosed(summary: &Summary) -> bool {
    summary.reason == Some(Label::SignatureMismatch)
}

/// The verdict with its cause, as of the arrival. May take seconds for a body of megabytes: not for a thread that must not wait.
pub fn full_judgement(arrival: &Arrival, keyring: &SharedKeyring) -> Judgement {
    let judgement = judgement_of(arrival, keyring);
    if judgement.reason != Some(Label::SignatureMismatch) {
        return judgement;
    }
    let now_ms = arrival.received_at.as_millisecond();
    let diagnosis = diagnose(&arrival.head.headers(), &arrival.body, now_ms, &keyring.get());
    Judgement { reason: diagnosis.label, ..judgement }
}

/// The same for an event that is kept.
pub fn judgement_of_event(event: Event, keyring: &SharedKeyring) -> Judgement {
    let arrival = Arrival { received_at: event.summary.received_at, head: event.head, body: event.body };
    full_judgement(&arrival, keyring)
}

pub struct Diagnoser {
    pub follower: Follower,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// Told of each event whose cause was found.
    pub found: mpsc::Sender<(Seq, Judgement)>,
}

impl Diagnoser {
    /// Goes on until dropped or until nobody wants to know.
    pub async fn run(mut self) {
        loop {
            // What cannot be read now keeps its quick verdict.
            let Ok(summaries) = self.follower.next().await else { continue };
            for summary in summaries.iter().filter(|summary| is_undiagnosed(summary)) {
                let Some(judgement) = self.diagnose(summary.seq).await else { continue };
                if self.found.send((summary.seq, judgement)).await.is_err() {
                    return;
                }
            }
        }
    }

    /// The new judgement once it is kept; `None` when nothing more can be said.
    async fn diagnose(&self, seq: Seq) -> Option<Judgement> {
        let event = self.follower.event(seq).ok()?;
        let known = event.judgement.clone();
        let keyring = self.keyring.clone();
        let judging = tokio::task::spawn_blocking(move || judgement_of_event(event, &keyring));
        let judgement = judging.await.ok()?;
        if judgement == known {
            return None;
        }
        self.writer.rejudge(vec![(seq, judgement.clone())]).await.ok()?;
        Some(judgement)
    }
}
