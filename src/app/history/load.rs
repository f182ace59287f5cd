//! Reads the whole history into an index: two threads read events, and a third adds them, in order.

use crate::core::delivery::Origin;
use crate::core::event::{Listed, Seq};
use crate::core::index::Index;
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use crate::store::{Reader, StoreError};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Threads that read.
const READERS: usize = 2;
/// Events that a thread reads at once.
const RANGE: u64 = 16_384;
/// Ranges that wait to be added, for each thread.
const AHEAD: usize = 2;
/// The texts of an event.
const TEXTS: usize = 8;

/// Some events, with all their texts in one place.
#[derive(Default)]
struct Batch {
    texts: String,
    rows: Vec<BatchRow>,
}

struct BatchRow {
    seq: Seq,
    received_at_us: i64,
    size: u64,
    verdict: Verdict,
    response: ResponseState,
    /// Where each text ends.
    ends: [usize; TEXTS],
}

impl Batch {
    fn push(&mut self, event: &Listed<'_>) {
        let Listed { seq, received_at_us, size, verdict, response, .. } = *event;
        let ends = [
            event.method,
            event.path,
            event.webhook_id,
            event.event_id,
            event.event_type,
            event.organization_id,
            event.subject,
            event.reason,
        ]
        .map(|text| {
            self.texts.push_str(text);
            self.texts.len()
        });
        self.rows.push(BatchRow { seq, received_at_us, size, verdict, response, ends });
    }

    fn add_to(&self, index: &mut Index) {
        let mut start = 0;
        for BatchRow { seq, received_at_us, size, verdict, response, ends } in &self.rows {
            let [method, path, webhook_id, event_id, event_type, organization_id, subject, reason] = ends.map(|end| {
                let text = &self.texts[start..end];
                start = end;
                text
            });
            index.push_listed(&Listed {
                seq: *seq,
                received_at_us: *received_at_us,
                method,
                path,
                webhook_id,
                event_id,
                event_type,
                organization_id,
                subject,
                verdict: *verdict,
                reason,
                size: *size,
                response: *response,
            });
        }
    }
}

/// Reads all events up to `up_to`, and the endings of the deliveries up to number `last_delivery`. Calls `report` with the number of
/// each event up to which all are in the index.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn load(
    reader: &Reader,
    up_to: Seq,
    last_delivery: u64,
    mut report: impl FnMut(Seq),
) -> Result<Index, StoreError> {
    let mut index = Index::default();
    if up_to <= RANGE {
        reader.for_each_listed(0, up_to, |event| index.push_listed(event))?;
    } else {
        let readers = (0..READERS).map(|_| reader.another()).collect::<Result<Vec<_>, _>>()?;
        thread::scope(|scope| {
            let mut batches = Vec::new();
            for (own, reader) in readers.into_iter().enumerate() {
                let (sender, receiver) = sync_channel(AHEAD);
                scope.spawn(move || read_ranges(&reader, own, up_to, &sender));
                batches.push(receiver);
            }
            add_all(&mut index, &batches, up_to, &mut report)
        })?;
    }
    reader.for_each_ending(last_delivery, |seq, origin, ending, total_us| {
        // Events are forwarded byte for byte; how the user sent them is not known here.
        let is_as_received = origin == Origin::Forwarded;
        index.delivered(seq, origin, ending, total_us, is_as_received);
    })?;
    for (seq, annotation) in reader.annotations_after(0)? {
        index.annotate(seq, annotation);
    }
    Ok(index)
}

/// The events of range `number`, from 0: those after the first number, up to the second.
fn range(number: u64, up_to: Seq) -> Option<(Seq, Seq)> {
    let after = number.saturating_mul(RANGE);
    (after < up_to).then(|| (after, up_to.min(after.saturating_add(RANGE))))
}

/// Reads every range of the reader `own` until the receiver is gone.
fn read_ranges(reader: &Reader, own: usize, up_to: Seq, sender: &SyncSender<Result<Batch, StoreError>>) {
    for number in (own as u64..).step_by(READERS) {
        let Some((after, last)) = range(number, up_to) else { return };
        let mut batch = Batch::default();
        let read = reader.for_each_listed(after, last, |event| batch.push(event));
        let is_over = read.is_err();
        if sender.send(read.map(|()| batch)).is_err() || is_over {
            return;
        }
    }
}

fn add_all(
    index: &mut Index,
    batches: &[Receiver<Result<Batch, StoreError>>],
    up_to: Seq,
    report: &mut impl FnMut(Seq),
) -> Result<(), StoreError> {
    for (number, batches) in (0..).zip(batches.iter().cycle()) {
        let Some((_, last)) = range(number, up_to) else { break };
        // A reader that panicked is reported by the panic hook, and ends the scope.
        let Ok(batch) = batches.recv() else { break };
        batch?.add_to(index);
        report(last);
    }
    Ok(())
}
