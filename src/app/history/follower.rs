//! Reads the events after a given one from the store as they come, so that a worker slower than the listener misses none.

use crate::app::history::shared_reader::{EventError, SharedReader};
use crate::core::delivery::Forward;
use crate::core::event::{Event, Seq, Summary};
use crate::core::signature::Verification;
use crate::store::{Reader, StoreError};
use std::sync::Arc;
use tokio::sync::Notify;

/// Events read at once.
const BATCH: usize = 64;

pub(crate) struct Follower {
    reader: SharedReader,
    /// The last event returned.
    seq: Seq,
    /// The last forward of that event that was returned.
    place: usize,
    /// Notified when there may be more.
    came: Arc<Notify>,
}

impl Follower {
    /// Starts after event `seq`.
    pub fn new(reader: Reader, seq: Seq, came: Arc<Notify>) -> Self {
        // No event has this many, so reading starts with the next event.
        Self { reader: SharedReader::new(reader), seq, place: usize::MAX, came }
    }

    /// Waits for the next events and returns at least one, in order. Cancel-safe: events that were not returned come
    /// again.
    ///
    /// # Errors
    /// When the history cannot be read. The next call first waits for another event.
    pub async fn next(&mut self) -> Result<Vec<Summary>, StoreError> {
        let seq = self.seq;
        let summaries = self.wait_for(|reader| reader.after(seq, BATCH)).await?;
        self.seq = summaries.last().map_or(seq, |last| last.seq);
        Ok(summaries)
    }

    /// Waits for the next forwards and returns at least one, in order. Cancel-safe as [`Follower::next`]; use only one
    /// of the two on a follower.
    ///
    /// # Errors
    /// As [`Follower::next`].
    pub(crate) async fn next_forwards(&mut self) -> Result<Vec<(Seq, Forward)>, StoreError> {
        let (seq, place) = (self.seq, self.place);
        let forwards = self.wait_for(|reader| reader.forwards_after(seq, place, BATCH)).await?;
        (self.seq, self.place) = forwards.last().map_or((seq, place), |(seq, last)| (*seq, last.place));
        Ok(forwards)
    }

    async fn wait_for<T>(&self, read: impl Fn(&Reader) -> Result<Vec<T>, StoreError>) -> Result<Vec<T>, StoreError> {
        loop {
            match self.reader.with(&read) {
                Ok(found) if found.is_empty() => self.came.notified().await,
                Ok(found) => return Ok(found),
                Err(error) => {
                    self.came.notified().await;
                    return Err(error);
                }
            }
        }
    }

    /// The verification of one event.
    pub(crate) fn verification(&self, seq: Seq) -> Result<Option<Verification>, StoreError> {
        self.reader.with(|reader| reader.verification(seq))
    }

    /// One event with its bytes.
    ///
    /// # Errors
    /// As [`SharedReader::event`].
    pub fn event(&self, seq: Seq) -> Result<Event, EventError> {
        self.reader.event(seq)
    }
}
