//! What commands send of kept events is kept as well, beside whoever else has the history open.

use super::tell;
use crate::core::errors::with_causes;
use crate::store::{Queue, Store, StoreError, Writer};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// The history, if it can be added to; otherwise it is said that the deliveries will not be in it.
pub(super) fn open_to_keep(database: &Path) -> Option<Store> {
    match Store::open_beside(database) {
        Ok(store) => {
            if let Some(notice) = store.notice() {
                tell(notice);
            }
            Some(store)
        }
        Err(StoreError::Locked { .. }) => {
            tell("an older hookglass has the history open, so these deliveries will not be in it");
            None
        }
        Err(error) => {
            tell(&format!("these deliveries will not be in the history: {}", with_causes(&error)));
            None
        }
    }
}

/// Begins to write; the handle is done when every writer is dropped and all is kept.
pub(super) fn start_writing(store: Store) -> (Writer, JoinHandle<()>) {
    let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
    (writer, tokio::spawn(task.run()))
}
