//! Finds the stored requests of events: by their id, or else by type and time.

use super::Entry;
use crate::core::event::Seq;
use crate::core::index::{Index, Shared};
use crate::core::occurred::LATE_AFTER;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// What the index shows of the events.
#[derive(Debug, Default)]
pub(crate) struct ById {
    /// The positions of the requests of each entry, ascending.
    pub positions: Vec<Vec<usize>>,
    /// Requests with other ids, of the types of the entries that have none; the newest first. Their bodies have the time.
    pub others: Vec<Seq>,
    /// The types of all requests.
    pub types: HashSet<String>,
}

/// Finds the requests with the ids of `entries`.
pub(crate) fn by_id(index: &Index, entries: &[Entry]) -> ById {
    let mut of_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if let Some(id) = entry.event_id.as_deref() {
            of_id.entry(id).or_default().push(place);
        }
    }
    let mut found = ById { positions: vec![Vec::new(); entries.len()], ..ById::default() };
    let mut unclaimed = Vec::new();
    for position in (0..index.len()).filter(|position| !index.is_hidden(*position)) {
        let [event_id, _] = index.ids(position);
        let event_type = index.shared_text_at(Shared::Type, position);
        let is_same = |place: &&usize| entries[**place].event_type.as_deref().is_none_or(|name| name == event_type);
        match of_id.get(&*event_id).and_then(|places| places.iter().find(is_same)) {
            Some(place) => found.positions[*place].push(position),
            None => unclaimed.push(position),
        }
    }
    let mut earliest: HashMap<&str, Timestamp> = HashMap::new();
    for (entry, _) in entries.iter().zip(&found.positions).filter(|(_, positions)| positions.is_empty()) {
        if let (Some(name), Some(time)) = (entry.event_type.as_deref(), entry.occurred_at) {
            let earliest = earliest.entry(name).or_insert(time);
            *earliest = time.min(*earliest);
        }
    }
    // The clock of the sender may be ahead.
    let is_candidate = |position: &usize| {
        let name = index.shared_text_at(Shared::Type, *position);
        let latest = index.received_at(*position).saturating_add(LATE_AFTER).unwrap_or(Timestamp::MAX);
        earliest.get(name).is_some_and(|time| *time <= latest)
    };
    found.others = unclaimed.into_iter().filter(is_candidate).map(|position| index.seq(position)).rev().collect();
    found.types = index.types().map(|seen| seen.name.to_owned()).collect();
    found
}
