//! Finds the reason for each invalid signature. The sender already has its response, because a diagnosis may take seconds.

use crate::app::history::context::amid_history;
use crate::app::history::follower::Follower;
use crate::app::inbound::intake::verification_of;
use crate::app::inbound::queue::Queue;
use crate::app::keyring::SharedKeyring;
use crate::app::process::low_priority;
use crate::core::diagnosis::diagnose;
use crate::core::event::{Arrival, Event, Seq, Summary};
use crate::core::signature::{Reason, Verification};
use crate::store::{Reader, Writer};
use futures_util::FutureExt;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Reads of new events between two diagnoses.
const READS: usize = 64;

/// Whether a diagnosis may find a more exact reason than the quick verification.
pub(crate) fn is_undiagnosed(summary: &Summary) -> bool {
    summary.reason.as_ref().is_some_and(Reason::is_provisional)
}

/// The verification of an event that is left out, if its quick reason says that everything was tried.
pub(crate) fn not_examined(verification: Verification) -> Option<Verification> {
    let reason = verification.reason.as_ref()?;
    reason.claims_search().then_some(Verification { reason: Some(Reason::NotExamined), ..verification })
}

fn undiagnosed(summaries: &[Summary]) -> impl Iterator<Item = Seq> {
    summaries.iter().filter(|summary| is_undiagnosed(summary)).map(|summary| summary.seq)
}

/// Verifies the stored request `seq` as of its arrival and finds the exact reason if it fails. Opens the history only where the request
/// does not explain itself. A body of several megabytes may take seconds, so do not call it on a thread that others wait for.
pub(crate) fn full_verification(
    seq: Seq,
    arrival: &Arrival,
    keyring: &SharedKeyring,
    open: impl FnOnce() -> Option<Reader>,
) -> Verification {
    let verification = verification_of(arrival, keyring);
    if !verification.reason.as_ref().is_some_and(Reason::is_provisional) {
        return verification;
    }
    let now_ms = arrival.received_at.as_millisecond();
    let (headers, keyring) = (arrival.head.headers(), keyring.get());
    let diagnosis = diagnose(&headers, &arrival.body, now_ms, &keyring);
    let diagnosis = amid_history(diagnosis, open, &keyring, Some(seq), &headers, &arrival.body);
    Verification { reason: diagnosis.reason, ..verification }
}

/// Verifies a stored event with [`full_verification`].
pub(crate) fn verification_of_event(
    event: Event,
    keyring: &SharedKeyring,
    open: impl FnOnce() -> Option<Reader>,
) -> Verification {
    let arrival = Arrival { received_at: event.summary.received_at, head: event.head, body: event.body };
    full_verification(event.summary.seq, &arrival, keyring, open)
}

/// Diagnoses one event after the other, at low priority: those that the user opens first, then the newest. Events that a flood leaves
/// over are stored as not examined.
pub(crate) struct Diagnoser {
    pub follower: Follower,
    pub database: PathBuf,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// Events that were left out, and that the user opened.
    pub opened: mpsc::Receiver<Seq>,
    /// Gets each event whose reason was found, after it is stored.
    pub found: mpsc::Sender<(Seq, Verification)>,
}

impl Diagnoser {
    /// Runs until dropped, or until the other end of `opened` or `found` is.
    pub async fn run(mut self) {
        let mut queue = Queue::default();
        let mut is_open = true;
        while is_open {
            if queue.is_empty() {
                tokio::select! {
                    // An event that cannot be read now keeps its quick verdict.
                    came = self.follower.next() => queue.add(undiagnosed(&came.unwrap_or_default())),
                    opened = self.opened.recv() => match opened {
                        Some(seq) => queue.open(seq),
                        None => return,
                    },
                }
            }
            for _ in 0..READS {
                let Some(Ok(came)) = self.follower.next().now_or_never() else { break };
                queue.add(undiagnosed(&came));
            }
            while let Ok(seq) = self.opened.try_recv() {
                queue.open(seq);
            }
            is_open = self.leave_out(queue.left_out()).await;
            if let Some(seq) = queue.next()
                && let Some(verification) = self.diagnose(seq).await
            {
                is_open = self.found.send((seq, verification)).await.is_ok();
            }
        }
    }

    /// Stores that these events are not examined. Returns whether anybody wants to know.
    async fn leave_out(&self, seqs: Vec<Seq>) -> bool {
        let verification = |seq| self.follower.verification(seq).ok().flatten().and_then(not_examined);
        let verifications: Vec<_> = seqs.into_iter().filter_map(|seq| Some((seq, verification(seq)?))).collect();
        // What cannot be stored keeps its quick verdict.
        if verifications.is_empty() || self.writer.reverify(verifications.clone()).await.is_err() {
            return true;
        }
        for verification in verifications {
            if self.found.send(verification).await.is_err() {
                return false;
            }
        }
        true
    }

    /// The new verification, once it is stored. `None` if it is the same as before or cannot be stored.
    async fn diagnose(&self, seq: Seq) -> Option<Verification> {
        let event = self.follower.event(seq).ok()?;
        let known = event.verification.clone();
        let (keyring, database) = (self.keyring.clone(), self.database.clone());
        let verification =
            low_priority::run(move || verification_of_event(event, &keyring, || Reader::open(&database).ok())).await?;
        if verification == known {
            return None;
        }
        self.writer.reverify(vec![(seq, verification.clone())]).await.ok()?;
        Some(verification)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::inbound::queue::MOST;
    use crate::core::envelope::Envelope;
    use crate::core::event::NewEvent;
    use crate::core::request::Head;
    use crate::core::signature::{Keyring, Secret, sign};
    use crate::store::{self, Store};
    use bytes::Bytes;
    use jiff::Timestamp;
    use std::sync::Arc;
    use tokio::sync::Notify;

    /// An event whose body got a newline after it was signed, with its quick verification.
    fn altered(keyring: &SharedKeyring) -> NewEvent {
        let now = Timestamp::now();
        let signature = sign(&keyring.get().verifying[0], b"msg_1", now.as_second(), b"{}").unwrap();
        let timestamp = now.as_second();
        let head = format!(
            "POST / HTTP/1.1\r\nwebhook-id: msg_1\r\nwebhook-timestamp: {timestamp}\r\nwebhook-signature: {signature}\r\n\r\n"
        );
        let head = Head::parse(head.as_bytes()).unwrap();
        let arrival = Arrival { received_at: now, head, body: Bytes::from_static(b"{}\n") };
        let verification = verification_of(&arrival, keyring);
        NewEvent::new(arrival, Envelope::default(), verification, 401)
    }

    #[tokio::test]
    async fn a_flood_is_examined_from_its_newest_end_and_the_rest_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("events.db");
        let secret = Secret::new("main", "whsec_QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD");
        let keyring = SharedKeyring::new(Keyring { verifying: vec![secret], known_only: Vec::new() });
        let store = Store::open(&database).unwrap();
        let follower = Follower::new(store.reader().unwrap(), 0, Arc::new(Notify::new()));
        let (writer, task) = store.into_writer(store::Queue::default(), Arc::new(()));
        tokio::spawn(task.run());
        let all = MOST + 3;
        for _ in 0..all {
            writer.append(altered(&keyring)).await.unwrap();
        }
        let (open, opened) = mpsc::channel(1);
        let (found, mut told) = mpsc::channel(1);
        let reader = Reader::open(&database).unwrap();
        tokio::spawn(Diagnoser { follower, database, keyring, writer, opened, found }.run());
        let mut next = async || {
            let (seq, verification) = told.recv().await.unwrap();
            (seq, verification.reason.unwrap().to_string())
        };
        for seq in 1..=3 {
            assert_eq!(next().await, (seq, "not-examined".to_owned()));
        }
        for seq in (4..=all as Seq).rev() {
            assert_eq!(next().await, (seq, "body-altered:trailing-newline".to_owned()));
        }
        open.send(2).await.unwrap();
        assert_eq!(next().await, (2, "body-altered:trailing-newline".to_owned()));
        let stored = |seq| reader.verification(seq).unwrap().unwrap().reason.unwrap().to_string();
        assert_eq!((&*stored(1), &*stored(2)), ("not-examined", "body-altered:trailing-newline"));
    }
}
