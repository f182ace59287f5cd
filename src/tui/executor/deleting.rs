//! Deletes and restores events in small steps, so that neither the listener nor the screen waits for it.

use super::Executor;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::tui::message::Message;
use std::sync::PoisonError;
use tokio_util::sync::CancellationToken;

/// Events in one write.
const STEP: usize = 500;
/// Events in one message. For each message, the screen filters all events again.
const REPORT: usize = 10_000;

impl Executor {
    pub(super) fn stop_deleting(&self) {
        self.deleting.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    pub(super) fn delete(&self, seqs: Vec<Seq>) {
        self.in_steps(seqs, false);
    }

    pub(super) fn restore(&self, seqs: Vec<Seq>) {
        self.in_steps(seqs, true);
    }

    fn in_steps(&self, seqs: Vec<Seq>, is_restoring: bool) {
        let stop = CancellationToken::new();
        *self.deleting.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
        let this = self.clone();
        tokio::spawn(async move {
            let mut ended = Ok(());
            for some in seqs.chunks(REPORT) {
                let done;
                (done, ended) = this.change(some, is_restoring, &stop).await;
                let message = if is_restoring {
                    Message::EventsRestored { seqs: done.seqs }
                } else {
                    Message::EventsDeleted { pending: done.asked - done.seqs.len(), seqs: done.seqs }
                };
                // The screen may be gone.
                let _ = this.messages.send(message).await;
                if ended.is_err() || stop.is_cancelled() {
                    break;
                }
            }
            let _ = this.messages.send(Message::DeletionEnded(ended)).await;
        });
    }

    /// Deletes or restores these events, until `stop`.
    async fn change(&self, seqs: &[Seq], is_restoring: bool, stop: &CancellationToken) -> (Done, Result<(), String>) {
        let mut done = Done { seqs: Vec::with_capacity(seqs.len()), asked: 0 };
        for step in seqs.chunks(STEP) {
            if stop.is_cancelled() {
                break;
            }
            let written = if is_restoring {
                self.writer.restore(step.to_vec()).await
            } else {
                self.writer.delete(step.to_vec()).await
            };
            if let Err(error) = written {
                return (done, Err(with_causes(&error)));
            }
            done.asked += step.len();
            // The store does not delete an event with a pending delivery, nor restore one that a repair has dropped.
            let (reader, step) = (self.reader.clone(), step.to_vec());
            let reading = tokio::task::spawn_blocking(move || {
                reader.with(
                    |reader| {
                        if is_restoring { reader.stored_among(&step) } else { reader.deleted_among(&step) }
                    },
                )
            });
            match reading.await {
                Ok(Ok(changed)) => done.seqs.extend(changed),
                Ok(Err(error)) => return (done, Err(with_causes(&error))),
                // A panic is reported by the panic hook.
                Err(_) => break,
            }
        }
        (done, Ok(()))
    }
}

struct Done {
    /// The events that are deleted or restored.
    seqs: Vec<Seq>,
    /// How many were asked for.
    asked: usize,
}
