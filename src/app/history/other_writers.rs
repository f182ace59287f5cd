//! What other processes store in the same history while this one listens, such as `hookglass replay` and `hookglass import` in a second
//! terminal.

use crate::core::delivery::Delivery;
use crate::core::event::Seq;
use crate::store::{Opening, Reader, StoreError, Version};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How often the history is checked for writes by others.
const PAUSE: Duration = Duration::from_millis(500);
/// Deliveries read at once. Few, because responses may be large.
const BATCH: usize = 16;

/// What another process stored.
pub(crate) enum Elsewhere {
    /// A delivery, without headers and bodies.
    Delivered(Box<Delivery>),
    /// Events from a file. It may have been this process.
    Imported,
}

pub(crate) struct OtherWriters {
    reader: Reader,
    own: Opening,
    /// The number of the newest known delivery.
    known: u64,
    /// No imported event after this one is known.
    imported: Seq,
    /// The version of the data at the last check that found nothing new.
    version: Option<Version>,
}

impl OtherWriters {
    /// Watches for deliveries after number `known` that were not stored by `own`.
    pub fn new(reader: Reader, own: Opening, known: u64) -> Self {
        // What came before is read at the start anyway.
        let imported = reader.last_seq().unwrap_or(0);
        Self { reader, own, known, imported, version: None }
    }

    /// Sends what it finds, until the receiver is dropped. If the history cannot be read, it tries again
    /// later. The readers of events report why.
    pub(crate) async fn watch(mut self, found: mpsc::Sender<Elsewhere>) {
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
                let news = looked.unwrap_or_default();
                if news.is_empty() {
                    break;
                }
                for one in news {
                    if found.send(one).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// The next news, if the data has changed since the last empty result.
    fn look(&mut self) -> Result<Vec<Elsewhere>, StoreError> {
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
        let delivered = |(_, delivery): (u64, Delivery)| Elsewhere::Delivered(Box::new(delivery.without_contents()));
        let mut news: Vec<_> = deliveries.into_iter().map(delivered).collect();
        if let Some(seq) = self.reader.imported_after(self.imported)? {
            self.imported = seq;
            news.push(Elsewhere::Imported);
        }
        Ok(news)
    }
}
