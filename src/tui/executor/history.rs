//! Reads the list of events: the whole history at startup, what the feed dropped, and which attempts differ.

use super::Executor;
use crate::core::delivery::Origin;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::index::Index;
use crate::store::{Repair, StoreError};
use crate::tui::message::Message;
use tokio::sync::watch;
use tokio::task::JoinError;

/// Events read at once after the feed overflowed.
const CATCH_UP: usize = 10_000;

impl Executor {
    /// Reads all events up to `up_to`, and the outcomes of the deliveries up to number `last_delivery`, in the
    /// background. A damaged history is read once `repair` has ended.
    pub(crate) fn load_history(&self, up_to: Seq, last_delivery: u64, mut repair: watch::Receiver<Option<Repair>>) {
        let this = self.clone();
        tokio::spawn(async move {
            let read = match this.read_history(up_to, last_delivery).await {
                Ok(Err(StoreError::Damaged { .. })) => {
                    let is_over = |step: &Option<Repair>| matches!(step, Some(Repair::Done(_) | Repair::Failed { .. }));
                    // An error means that the writer is gone, and the program ends.
                    let _ = repair.wait_for(is_over).await;
                    this.read_history(up_to, last_delivery).await
                }
                other => other,
            };
            let message = match read {
                Ok(Ok(index)) => Message::HistoryLoaded(Box::new(index)),
                Ok(Err(error)) => Message::HistoryFailed(with_causes(&error)),
                // A panic is reported by the panic hook.
                Err(_) => return,
            };
            // The screen may be gone.
            let _ = this.messages.send(message).await;
        });
    }

    async fn read_history(&self, up_to: Seq, last_delivery: u64) -> Result<Result<Index, StoreError>, JoinError> {
        let this = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut index = Index::default();
            // A separate reader: this takes long.
            let reader = this.open_reader()?;
            reader.for_each_summary(up_to, |summary| index.push(&summary))?;
            reader.for_each_ending(last_delivery, |seq, origin, ending, total_us| {
                // Events are forwarded byte for byte; how the user sent them is not known here.
                index.delivered(seq, origin, ending, total_us, origin == Origin::Forwarded);
            })?;
            Ok(index)
        });
        reading.await
    }

    pub(super) fn compare(&self, pairs: &[(Seq, Seq)]) -> Message {
        let body = |seq| self.event(seq).map(|event| event.body);
        let is_different = |(before, seq): &(Seq, Seq)| body(*before).is_ok_and(|before| body(*seq) != Ok(before));
        Message::AttemptsDiffer(pairs.iter().filter(|pair| is_different(pair)).map(|(_, seq)| *seq).collect())
    }

    pub(super) fn catch_up(&self, after: Seq) -> Message {
        match self.reader.with(|reader| reader.after(after, CATCH_UP)) {
            Ok(summaries) => Message::CaughtUp { is_end: summaries.len() < CATCH_UP, summaries },
            Err(error) => Message::CatchUpFailed(with_causes(&error)),
        }
    }
}
