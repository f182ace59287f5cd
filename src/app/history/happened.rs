//! Compares what happened according to the provider with what is in the history.

use crate::app::history::load::load;
use crate::core::delivery::{Delivery, Doubts, Origin};
use crate::core::envelope;
use crate::core::event::Seq;
use crate::core::happened::{Arrived, ById, Entry, Handled, Outcome, assess, by_id};
use crate::core::index::Index;
use crate::core::occurred::occurred_at;
use crate::store::{Reader, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// The newest deliveries of an event that are looked at.
const DELIVERIES: usize = 100;

/// How the requests of an event were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Match {
    Id,
    /// By type, time, organization and subject: the id was another one.
    Time,
}

/// An event with how far it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub entry: Entry,
    /// Its requests, in the order of arrival.
    pub events: Vec<Seq>,
    /// `None` if there are none.
    pub matched: Option<Match>,
    pub outcome: Outcome,
    /// Whether any event of its type is in the history.
    pub is_type_known: bool,
}

/// What the history says about events that happened.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// In the order in which they happened; those without a time come first.
    pub events: Vec<Compared>,
    /// When the oldest stored event arrived.
    pub since: Option<Timestamp>,
}

/// Compares `entries` with the history.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn compare(reader: &Reader, entries: Vec<Entry>) -> Result<Comparison, StoreError> {
    let index = load(reader, reader.last_seq()?, reader.last_delivery()?, |_| ())?;
    let ById { mut positions, others, types } = by_id(&index, &entries);
    let by_time = by_time(reader, &entries, &positions, &others)?;
    let mut events = Vec::with_capacity(entries.len());
    for (place, entry) in entries.into_iter().enumerate() {
        let mut found = std::mem::take(&mut positions[place]);
        let mut matched = (!found.is_empty()).then_some(Match::Id);
        if let Some(seqs) = by_time.get(&place) {
            found = seqs.iter().rev().filter_map(|seq| index.position_of(*seq)).collect();
            matched = Some(Match::Time);
        }
        let arrived = found.iter().map(|position| arrived(reader, &index, *position)).collect::<Result<Vec<_>, _>>()?;
        let is_type_known = entry.event_type.as_ref().is_some_and(|name| types.contains(name));
        let outcome = assess(&entry, &arrived, is_type_known);
        let seqs = arrived.iter().map(|each| each.seq).collect();
        events.push(Compared { entry, events: seqs, matched, outcome, is_type_known });
    }
    events.sort_by_key(|event| event.entry.occurred_at);
    let since = (0..index.len()).map(|position| index.received_at(position)).min();
    Ok(Comparison { events, since })
}

/// The requests that have the type, the time, the organization and the subject of an event without requests, the newest first.
fn by_time(
    reader: &Reader,
    entries: &[Entry],
    positions: &[Vec<usize>],
    candidates: &[Seq],
) -> Result<HashMap<usize, Vec<Seq>>, StoreError> {
    let without = entries.iter().enumerate().filter(|(place, _)| positions[*place].is_empty());
    let places: HashMap<_, usize> = without
        .filter_map(|(place, Entry { event_type, occurred_at, organization_id, subject, .. })| {
            Some(((event_type.clone()?, (*occurred_at)?, organization_id.clone(), subject.clone()), place))
        })
        .collect();
    let mut found: HashMap<usize, Vec<Seq>> = HashMap::new();
    reader.for_each_request(candidates, |seq, request| {
        if let Some((_, body)) = request
            && let Some(envelope) = envelope::read(body)
            && let (Some(event_type), Some(time)) = (envelope.event_type, occurred_at(body))
            && let Some(place) = places.get(&(event_type, time, envelope.organization_id, envelope.subject))
        {
            found.entry(*place).or_default().push(seq);
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn arrived(reader: &Reader, index: &Index, position: usize) -> Result<Arrived, StoreError> {
    let row = index.row(position);
    let handled = |delivery: Delivery| Handled {
        ended_at: ended_at(&delivery),
        ending: delivery.ending(),
        doubt: Doubts::of(&delivery, row.event_type).given(row.verdict),
    };
    let deliveries = reader.deliveries(row.seq, DELIVERIES)?.into_iter();
    let deliveries = deliveries.filter(|delivery| !matches!(delivery.origin, Origin::Rehearsed(_))).map(handled);
    Ok(Arrived {
        seq: row.seq,
        received_at: row.received_at,
        verdict: row.verdict,
        reason: Some(row.reason.to_owned()).filter(|reason| !reason.is_empty()),
        response: row.response,
        deliveries: deliveries.collect(),
    })
}

fn ended_at(delivery: &Delivery) -> Timestamp {
    let total = SignedDuration::try_from(delivery.timing.total()).unwrap_or(SignedDuration::MAX);
    delivery.started_at.checked_add(total).unwrap_or(Timestamp::MAX)
}
