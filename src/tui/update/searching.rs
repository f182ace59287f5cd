//! Reads the requests that the filter needs, a few at a time, and shows those that match.

use super::moving;
use crate::core::event::Seq;
use crate::core::filter::Facts;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Tone};

/// Reads the next requests, unless some are being read.
pub(super) fn next(model: &mut Model) -> Option<Effect> {
    let events = &mut model.events;
    let seqs = events.search.take()?;
    Some(Effect::ReadRequests { number: events.search.number, filter: events.query.filter().clone(), seqs })
}

/// Some requests were read for the filter `number`.
pub(super) fn read(model: &mut Model, number: u64, facts: Vec<(Seq, Facts)>, failed: Option<String>) -> Vec<Effect> {
    let events = &mut model.events;
    if number != events.search.number {
        return Vec::new();
    }
    events.search.read(facts.len());
    let mut positions: Vec<_> = facts.iter().filter_map(|(seq, _)| events.index.position_of(*seq)).collect();
    positions.sort_unstable();
    for (seq, facts) in facts {
        events.query.know(seq, facts);
    }
    let shown = top(model);
    let events = &mut model.events;
    let lines_before = events.len();
    events.listing.decide(&events.index, &events.query, &positions);
    // Older events that turn up now are not new.
    let is_new = positions.iter().any(|position| events.index.seq(*position) > events.search.since);
    if is_new {
        events.count_unseen(lines_before);
    }
    keep_top(model, shown);
    if let Some(why) = failed {
        model.events.search.stop();
        model.say(Tone::Bad, format!("cannot read the events to search: {why}"));
    }
    moving::select_matching(model)
}

/// The position of the first event in view.
pub(super) fn top(model: &Model) -> Option<usize> {
    let events = &model.events;
    (events.top < events.len()).then(|| events.listing.position(events.top))
}

/// Keeps the event at position `top` the first in view, when others came before it.
pub(super) fn keep_top(model: &mut Model, top: Option<usize>) {
    let events = &mut model.events;
    if let Some(line) = top.and_then(|top| events.listing.line_of(&events.index, top)) {
        events.top = line;
    }
}
