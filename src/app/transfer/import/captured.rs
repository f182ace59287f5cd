//! Which captured requests the history lacks. The listener notes another time for a request than the tunnel that it came through, and the
//! tunnel may change headers.

use super::Known;
use crate::core::event::Seq;
use crate::core::import::{Digest16, Record, sent};
use crate::store::{Reader, StoreError};
use std::collections::{HashMap, HashSet};

/// How much earlier or later than captured an event may have come, in microseconds: as long as a slow body may take.
const EARLIER_US: i64 = 1_000_000;
const LATER_US: i64 = 60_000_000;

/// Those of `records` that are not in the history. Each event stands for one of them, so that of two equal requests one is lacking if the
/// history has only one.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn lacking(records: Vec<Record>, known: &Known, reader: &Reader) -> Result<Vec<Record>, StoreError> {
    let mut seen = Seen { reader, sent: HashMap::new(), taken: HashSet::new() };
    // Imported before: these have the same time.
    let records = seen.without(records, known, |time| time..=time)?;
    seen.without(records, known, |time| time - EARLIER_US..=time + LATER_US)
}

/// The events that were read, and those that stand for a record.
struct Seen<'r> {
    reader: &'r Reader,
    sent: HashMap<Seq, Option<Digest16>>,
    taken: HashSet<Seq>,
}

impl Seen<'_> {
    /// `records` without those that an event within `span` of their time stands for.
    fn without(
        &mut self,
        records: Vec<Record>,
        known: &Known,
        span: impl Fn(i64) -> std::ops::RangeInclusive<i64>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut rest = Vec::new();
        for record in records {
            let time = record.received_at.map_or(0, jiff::Timestamp::as_microsecond);
            let size = record.body.len() as u64;
            let own = sent(&record.head, &record.body);
            let mut found = None;
            for seq in known.between(span(time)).filter(|(_, its, _)| *its == size).map(|(_, _, seq)| *seq) {
                if !self.taken.contains(&seq) && self.sent(seq)? == Some(own) {
                    found = Some(seq);
                    break;
                }
            }
            match found {
                Some(seq) => drop(self.taken.insert(seq)),
                None => rest.push(record),
            }
        }
        Ok(rest)
    }

    fn sent(&mut self, seq: Seq) -> Result<Option<Digest16>, StoreError> {
        if let Some(known) = self.sent.get(&seq) {
            return Ok(*known);
        }
        let digest = self.reader.event(seq)?.map(|event| sent(&event.head, &event.body));
        self.sent.insert(seq, digest);
        Ok(digest)
    }
}
