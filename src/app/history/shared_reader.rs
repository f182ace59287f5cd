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
    #[error("{}", with_causes(.0))]
    Unreadable(#[from] StoreError),
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
