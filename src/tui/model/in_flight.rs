//! The deliveries that are queued or in flight, by event.

use crate::core::event::Seq;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The most events that are tracked. Far more than a screen shows.
const MAX_TRACKED: usize = 10_000;

/// Few events have an entry: those that are not delivered yet.
#[derive(Debug, Default)]
pub struct InFlight(BTreeMap<Seq, Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    since: Timestamp,
    deliveries: usize,
}

impl InFlight {
    /// `deliveries` of event `seq` are now pending.
    pub fn begin(&mut self, seq: Seq, deliveries: usize, now: Timestamp) {
        if deliveries == 0 {
            return;
        }
        self.0.entry(seq).or_insert(Entry { since: now, deliveries: 0 }).deliveries += deliveries;
        if self.0.len() > MAX_TRACKED {
            self.0.pop_first();
        }
    }

    /// A delivery of event `seq` has ended, or did not start.
    pub fn end(&mut self, seq: Seq) {
        if let Some(entry) = self.0.get_mut(&seq) {
            entry.deliveries = entry.deliveries.saturating_sub(1);
            if entry.deliveries == 0 {
                self.0.remove(&seq);
            }
        }
    }

    /// Forgets everything, since reports were lost.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Since when a delivery of event `seq` has been pending.
    pub(crate) fn since(&self, seq: Seq) -> Option<Timestamp> {
        self.0.get(&seq).map(|entry| entry.since)
    }

    /// The number of pending deliveries.
    pub fn count(&self) -> usize {
        self.0.values().map(|entry| entry.deliveries).sum()
    }
}
