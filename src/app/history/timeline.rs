//! Reads the events about one id from the history.

use crate::core::envelope::is_trigger_id;
use crate::core::event::{Event, Seq};
use crate::core::signature::Verdict;
use crate::core::timeline::{Timeline, Told, mentions};
use crate::store::{Reader, StoreError};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// The most requests of a timeline: the newest.
pub(crate) const MOST: usize = 10_000;

/// The events that mention `id`, and whether there are older ones that were left out.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn timeline(reader: &Reader, id: &str) -> Result<(Timeline, bool), StoreError> {
    let mut seqs = Vec::new();
    reader.for_each_listed(0, reader.last_seq()?, |listed| seqs.push(listed.seq))?;
    seqs.reverse();
    let mut found = Vec::new();
    reader.for_each_request(&seqs, |seq, request| {
        if request.is_some_and(|(_, body)| mentions(body, id)) {
            found.push(seq);
        }
        if found.len() > MOST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let is_cut = found.len() > MOST;
    found.truncate(MOST);
    found.reverse();
    Ok((Timeline::new(told(reader, &found)?), is_cut))
}

/// The events of the requests `seqs`, which ascend: attempts of one event become one.
fn told(reader: &Reader, seqs: &[Seq]) -> Result<Vec<Told>, StoreError> {
    let mut all: Vec<Told> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for seq in seqs {
        // It may have been deleted meanwhile.
        let Some(event) = reader.event(*seq)? else { continue };
        let identity = identity(&event);
        let place = identity.as_ref().and_then(|identity| places.get(identity)).copied();
        if let Some(place) = place {
            let first = &mut all[place];
            first.attempts += 1;
            if event.summary.verdict == Verdict::Verified {
                first.verdict = Verdict::Verified;
            }
            continue;
        }
        places.extend(identity.map(|identity| (identity, all.len())));
        all.push(of(&event));
    }
    Ok(all)
}

fn of(event: &Event) -> Told {
    let summary = &event.summary;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut told = Told {
        seq: summary.seq,
        received_at: summary.received_at,
        occurred_at: None,
        event_type: text(&summary.event_type),
        event_id: text(&summary.event_id),
        subject: text(&summary.subject),
        verdict: summary.verdict,
        attempts: 1,
        object: None,
    };
    told.read_body(&event.body);
    told
}

/// What the attempts of an event have in common.
fn identity(event: &Event) -> Option<String> {
    let own = event.summary.event_id.as_ref().filter(|id| is_trigger_id(id));
    own.or(event.summary.webhook_id.as_ref()).cloned()
}
