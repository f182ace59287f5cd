//! Reads the list of events: the whole history at startup, what the feed dropped, and which attempts differ.

use super::Executor;
use crate::app::history::load::load;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::filter::Filter;
use crate::core::index::Index;
use crate::store::{Reader, Repair, StoreError};
use crate::tui::message::Message;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use tokio::sync::watch;
use tokio::task::JoinError;

/// The bytes of bodies after which a search reports what it has found.
const SEARCHED_BYTES: usize = 4 << 20;
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
            // A separate reader: this takes long.
            let reader = this.open_reader()?;
            load(&reader, up_to, last_delivery, |read| {
                // The next report follows soon.
                let _ = this.messages.try_send(Message::HistoryRead { read, all: up_to });
            })
        });
        reading.await
    }

    /// Reads the requests for a filter, until a newer one is set or [`SEARCHED_BYTES`] are read.
    pub(super) fn read_requests(&self, number: u64, filter: &Filter, seqs: &[Seq]) -> Message {
        let accepted = self.accepted.get();
        let test = filter.request_test(&accepted);
        let mut facts = Vec::with_capacity(seqs.len());
        let mut bytes = 0;
        let read = self.reader.with(|reader| {
            reader.for_each_request(seqs, |seq, request| {
                bytes += request.map_or(0, |(_, body)| body.len());
                // A deleted event matches nothing.
                facts.push((seq, request.map(|(head, body)| test.facts(head, body)).unwrap_or_default()));
                let is_over = bytes >= SEARCHED_BYTES || self.newest_search.load(Ordering::Relaxed) != number;
                if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        Message::RequestsRead { number, facts, failed: read.err().map(|error| with_causes(&error)) }
    }

    pub(super) fn compare(&self, pairs: &[(Seq, Seq)]) -> Message {
        let body = |seq| self.event(seq).map(|event| event.body);
        let is_different = |(before, seq): &(Seq, Seq)| body(*before).is_ok_and(|before| body(*seq) != Ok(before));
        Message::AttemptsDiffer(pairs.iter().filter(|pair| is_different(pair)).map(|(_, seq)| *seq).collect())
    }

    pub(super) fn catch_up(&self, after: Seq) -> Message {
        let read =
            |reader: &Reader| Ok::<_, StoreError>((reader.after(after, CATCH_UP)?, reader.annotations_after(after)?));
        match self.reader.with(read) {
            Ok((summaries, annotations)) => {
                if !annotations.is_empty() {
                    // The screen may be gone.
                    let _ = self.messages.blocking_send(Message::EventsAnnotated(annotations));
                }
                Message::CaughtUp { is_end: summaries.len() < CATCH_UP, summaries }
            }
            Err(error) => Message::CatchUpFailed(with_causes(&error)),
        }
    }
}
