//! Which requests are in the history, so that a second import adds nothing.

use crate::core::event::Seq;
use crate::core::import::Record;
use crate::store::{Reader, StoreError};
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

/// Takes 40 bytes for each event, so that a request is compared with few of them.
pub struct Known {
    /// Time of receipt in microseconds, size and number of each event, sorted.
    by_time: Vec<(i64, u64, Seq)>,
    /// Size and number, sorted; for requests without a time.
    by_size: OnceLock<Vec<(u64, Seq)>>,
    /// The digests of what was new.
    added: HashSet<[u8; 16]>,
}

impl Known {
    /// # Errors
    /// When the history cannot be read.
    pub fn new(reader: &Reader) -> Result<Self, StoreError> {
        let mut by_time = Vec::new();
        reader.for_each_listed(0, reader.last_seq()?, |event| {
            by_time.push((event.received_at_us, event.size, event.seq));
        })?;
        by_time.sort_unstable();
        Ok(Self { by_time, by_size: OnceLock::new(), added: HashSet::new() })
    }

    /// Time of receipt in microseconds, size and number of the events that came at these times.
    pub(super) fn between(&self, times: RangeInclusive<i64>) -> impl Iterator<Item = &(i64, u64, Seq)> {
        let start = self.by_time.partition_point(|(time, _, _)| time < times.start());
        self.by_time[start..].iter().take_while(move |(time, _, _)| time <= times.end())
    }

    /// Whether the request is neither in the history nor was asked for before.
    pub(super) fn is_new(&mut self, record: &Record, reader: &Reader) -> Result<bool, StoreError> {
        if !self.added.insert(record.digest()) {
            return Ok(false);
        }
        let size = record.body.len() as u64;
        let candidates: Vec<Seq> = match record.received_at {
            Some(time) => {
                let key = (time.as_microsecond(), size);
                let start = self.by_time.partition_point(|(time, size, _)| (*time, *size) < key);
                let equal = self.by_time[start..].iter().take_while(|(time, size, _)| (*time, *size) == key);
                equal.map(|(_, _, seq)| *seq).collect()
            }
            None => {
                let by_size = self.by_size.get_or_init(|| {
                    let mut by_size: Vec<_> = self.by_time.iter().map(|(_, size, seq)| (*size, *seq)).collect();
                    by_size.sort_unstable();
                    by_size
                });
                let start = by_size.partition_point(|(other, _)| *other < size);
                by_size[start..].iter().take_while(|(other, _)| *other == size).map(|(_, seq)| *seq).collect()
            }
        };
        for seq in candidates {
            if reader.event(seq)?.is_some_and(|event| record.is_same(&event)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
