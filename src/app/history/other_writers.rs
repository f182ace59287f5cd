//! Deliveries that other programs keep in the same history while this one listens: `hookglass replay` in a second terminal.

use crate::core::delivery::Delivery;
use crate::store::{Opening, Reader, StoreError, Version};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is asked whether anybody has written.
const PAUSE: Duration = Duration::from_millis(500);
/// Deliveries read in one go: answers may be large.
const BATCH: usize = 16;

pub struct OtherWriters {
    reader: Reader,
    own: Opening,
    /// The number of the newest delivery that is known.
    known: u64,
    /// That of the history after which there were no others.
    version: Option<Version>,
}

impl OtherWriters {
    /// Deliveries after number `known` that were not kept by `own`.
    pub fn new(reader: Reader, own: Opening, known: u64) -> Self {
        Self { reader, own, known, version: None }
    }

    /// Tells of each, without what was sent and answered, until nobody listens. A history that cannot be read is looked at again later:
    /// whoever reads events from it says why.
    pub async fn watch(mut self, found: mpsc::Sender<Delivery>) {
        let mut pauses = interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = pauses.tick() => {}
                () = found.closed() => return,
            }
            loop {
                let looking = tokio::task::spawn_blocking(move || {
                    let looked = self.look();
                    (self, looked)
                });
                // A panic in it has been told.
                let Ok((this, looked)) = looking.await else { return };
                self = this;
                let deliveries = looked.unwrap_or_default();
                if deliveries.is_empty() {
                    break;
                }
                for delivery in deliveries {
                    if found.send(delivery).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// The next ones, if anybody has written since there were none.
    fn look(&mut self) -> Result<Vec<Delivery>, StoreError> {
        // Asked first, so that what is written meanwhile is found the next time.
        let version = Some(self.reader.version()?);
        if self.version == version {
            return Ok(Vec::new());
        }
        // A repair may have lost the newest ones, whose numbers are then given again.
        self.known = self.known.min(self.reader.last_delivery()?);
        let deliveries = self.reader.deliveries_of_others(self.known, self.own, BATCH)?;
        match deliveries.last() {
            Some((last, _)) => self.known = *last,
            None => self.version = version,
        }
        Ok(deliveries.into_iter().map(|(_, delivery)| delivery.without_contents()).collect())
    }
}
