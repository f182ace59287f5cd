//! Stores the deliveries that commands make, even while another hookglass has the history open.

use super::tell;
use crate::core::errors::with_causes;
use crate::store::{Queue, Store, StoreError, Writer};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Opens the history for writing. If that fails, says that the deliveries will not be in it.
pub(super) fn open_to_store(database: &Path) -> Option<Store> {
    match Store::open_beside(database) {
        Ok(store) => {
            if let Some(notice) = store.notice() {
                tell(notice);
            }
            Some(store)
        }
        Err(StoreError::Locked { .. }) => {
            tell("an older hookglass has the history open, so these deliveries will not be stored");
            None
        }
        Err(error) => {
            tell(&format!("these deliveries will not be stored: {}", with_causes(&error)));
            None
        }
    }
}

/// Starts the writer on a thread of its own, because requests must not wait for the disk. The handle completes once every clone is
/// dropped and everything is stored.
pub(super) fn start_writing(store: Store) -> (Writer, JoinHandle<()>) {
    let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
    let runtime = Handle::current();
    (writer, tokio::task::spawn_blocking(move || runtime.block_on(task.run())))
}
