//! Deliveries that other processes store in the same history while this one listens, such as `hookglass replay` in a
//! second terminal.

use crate::core::delivery::Delivery;
use crate::store::{Opening, Reader, StoreError, Version};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How often the history is checked for writes by others.
const PAUSE: Duration = Duration::from_millis(500);
/// Deliveries read at once. Few, because responses may be large.
const BATCH: usize = 16;

pub(crate) struct OtherWriters {
    reader: Reader,
    own: Opening,
    /// The number of the newest known delivery.
    known: u64,
    /// The version of the data at the last check that found nothing new.
    version: Option<Version>,
}

impl OtherWriters {
    /// Watches for deliveries after number `known` that were not stored by `own`.
    pub fn new(reader: Reader, own: Opening, known: u64) -> Self {
        Self { reader, own, known, version: None }
    }

    /// Sends each of them, without headers and bodies, until the receiver is dropped. If the history cannot be read, it tries again
    /// later. The readers of events report why.
    pub(crate) async fn watch(mut self, found: mpsc::Sender<Delivery>) {
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
                // A panic in it is reported elsewhere.
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

    /// The next deliveries, if the data has changed since the last empty result.
    fn look(&mut self) -> Result<Vec<Delivery>, StoreError> {
        // Read first, so that writes made meanwhile are found the next time.
        let version = Some(self.reader.version()?);
        if self.version == version {
            return Ok(Vec::new());
        }
        // A repair may have lost the newest deliveries and then reuses their numbers.
        self.known = self.known.min(self.reader.last_delivery()?);
        let deliveries = self.reader.deliveries_of_others(self.known, self.own, BATCH)?;
        match deliveries.last() {
            Some((last, _)) => self.known = *last,
            None => self.version = version,
        }
        Ok(deliveries.into_iter().map(|(_, delivery)| delivery.without_contents()).collect())
    }
}
