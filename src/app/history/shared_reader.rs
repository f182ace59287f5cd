//! Reads one event of the history with its bytes, through a reader of one thread or one that several threads share.

use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq};
use crate::store::{Reader, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// Why there is no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    #[error("it is no longer in the history")]
    Deleted,
    /// The message names the causes, so they are not causes of this error too.
    #[error("{}", with_causes(.0))]
    Unreadable(StoreError),
}

impl From<StoreError> for EventError {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error)
    }
}

/// Reads the event `seq`.
///
/// # Errors
/// When the history cannot be read or does not have it.
pub(crate) fn read_event(reader: &Reader, seq: Seq) -> Result<Event, EventError> {
    reader.event(seq)?.ok_or(EventError::Deleted)
}

/// A reader behind a lock. Clones share it, so a long read through one holds up the others.
#[derive(Clone)]
pub struct SharedReader(Arc<Mutex<Reader>>);

impl SharedReader {
    pub fn new(reader: Reader) -> Self {
        Self(Arc::new(Mutex::new(reader)))
    }

    /// As `read_event`.
    ///
    /// # Errors
    /// As there.
    pub fn event(&self, seq: Seq) -> Result<Event, EventError> {
        self.with(|reader| read_event(reader, seq))
    }

    pub fn with<T>(&self, read: impl FnOnce(&Reader) -> T) -> T {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_named_once() {
        let cause = || StoreError::Open { path: "x".into(), source: rusqlite::Error::InvalidQuery };
        assert_eq!(with_causes(&EventError::from(cause())), with_causes(&cause()));
    }
}
