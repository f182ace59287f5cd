//! Follows the store from an event on, so that whoever works behind the listener misses nothing however slow it is.

use crate::core::event::{Event, Seq, Summary};
use crate::store::{Reader, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Events looked at in one go.
const BATCH: usize = 64;

pub struct Follower {
    reader: Mutex<Reader>,
    /// The last event seen.
    seq: Seq,
    /// Notified when there may be more.
    came: Arc<Notify>,
}

impl Follower {
    /// Follows what comes after `seq`.
    pub fn new(reader: Reader, seq: Seq, came: Arc<Notify>) -> Self {
        Self { reader: Mutex::new(reader), seq, came }
    }

    /// The next events, at least one, in order. Safe to drop: what was not returned comes again.
    ///
    /// # Errors
    /// When the history cannot be read; a further call waits for the next event first.
    pub async fn next(&mut self) -> Result<Vec<Summary>, StoreError> {
        loop {
            match self.read(|reader| reader.after(self.seq, BATCH)) {
                Ok(summaries) if summaries.is_empty() => self.came.notified().await,
                Ok(summaries) => {
                    self.seq = summaries.last().map_or(self.seq, |last| last.seq);
                    return Ok(summaries);
                }
                Err(error) => {
                    self.came.notified().await;
                    return Err(error);
                }
            }
        }
    }

    /// One event with its bytes.
    ///
    /// # Errors
    /// In words, when it cannot be read or is gone.
    pub fn event(&self, seq: Seq) -> Result<Event, String> {
        let event = self.read(|reader| reader.event(seq)).map_err(|error| crate::core::errors::with_causes(&error))?;
        event.ok_or_else(|| "it is no longer in the history".to_owned())
    }

    fn read<T>(&self, read: impl FnOnce(&Reader) -> T) -> T {
        read(&self.reader.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
