//! What earlier runs left to forward: finds it, and forwards or forgets it as the user chooses.

use crate::app::forward::forwarder::Forwarder;
use crate::core::delivery::{ForwardState, LeftForward, Leftovers, OFFERED};
use crate::store::{AppendError, Reader, StoreError, Writer};
use jiff::Timestamp;
use std::sync::Arc;

#[derive(Clone)]
pub struct Resumer {
    pub forwarder: Arc<Forwarder>,
    pub writer: Writer,
}

impl Resumer {
    /// What earlier runs left for the targets that are configured now.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn find(&self, reader: &Reader, now: Timestamp) -> Result<Vec<Leftovers>, StoreError> {
        let forwarding = self.forwarder.forwarding();
        if forwarding.routes.is_empty() {
            return Ok(Vec::new());
        }
        let since = now.checked_sub(OFFERED).unwrap_or(Timestamp::MIN);
        Ok(Leftovers::group(reader.left_forwards(since)?, forwarding))
    }

    /// Forwards them in the order of arrival, before what arrives from now on. The result of each is reported as that of any other
    /// forward. Does not block.
    pub fn resume(&self, place: usize, left: Vec<LeftForward>) {
        if !left.is_empty() {
            self.forwarder.resume(place, left);
        }
    }

    /// Does not offer them again.
    ///
    /// # Errors
    /// When that cannot be stored.
    pub async fn forget(&self, left: &[LeftForward]) -> Result<(), AppendError> {
        self.writer.set_left(left, ForwardState::GivenUp).await
    }
}
