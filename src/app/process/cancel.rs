//! Asks work that takes long to end early.

use std::sync::Arc;
use tokio::sync::watch;

/// The request to stop; clones share it. Once asked, it stays so.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked.
    pub async fn asked(&self) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|is_asked| *is_asked).await;
    }
}
