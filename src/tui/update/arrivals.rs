//! Events as they arrive, from the listener or from the store.

use super::{filling, moving, searching, secrets};
use crate::core::event::{Seq, Summary};
use crate::core::index::Index;
use crate::core::numbers::counted;
use crate::core::response::ResponseState;
use crate::tui::content::{DeliveriesText, Loaded};
use crate::tui::effect::Effect;
use crate::tui::model::{CatchingUp, Model, NewVerdict, Overlay, Reading, Tone};

/// The most attempts whose bodies are compared at once.
const MAX_COMPARED: usize = 4096;

pub(super) fn stored(model: &mut Model, summaries: &[Summary]) -> Vec<Effect> {
    match &mut model.events.catching_up {
        None => {
            begin_forwards(model, summaries);
            // Another program has imported events before these.
            let last = model.events.index.last_seq();
            if summaries.first().is_some_and(|first| last > 0 && first.seq > last + 1) {
                return vec![catch_up(model)];
            }
            append(model, summaries)
        }
        Some(state) => {
            // They will be read from the store, in order with the missed ones.
            state.miss_more();
            Vec::new()
        }
    }
}

pub(super) fn lagged(model: &mut Model) -> Vec<Effect> {
    match &mut model.events.catching_up {
        None => vec![catch_up(model)],
        Some(state) => {
            state.miss_more();
            Vec::new()
        }
    }
}

/// Tries again to read events that could not be read.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    if model.events.catching_up == Some(CatchingUp::Failed) { vec![catch_up(model)] } else { Vec::new() }
}

fn catch_up(model: &mut Model) -> Effect {
    model.events.catching_up = Some(CatchingUp::Reading { has_missed_more: false });
    Effect::CatchUp { after: model.events.index.last_seq() }
}

pub(super) fn catching_up_failed(model: &mut Model, why: &str) {
    model.events.catching_up = Some(CatchingUp::Failed);
    model.say(Tone::Bad, format!("cannot read the newest events: {why}"));
}

pub(super) fn caught_up(model: &mut Model, summaries: &[Summary], is_end: bool) -> Vec<Effect> {
    let mut effects = append(model, summaries);
    let has_missed_more = model.events.catching_up.take() == Some(CatchingUp::Reading { has_missed_more: true });
    reapply_changes(model);
    if !is_end || has_missed_more {
        effects.push(catch_up(model));
    }
    effects
}

/// Notes to which targets the new events go.
fn begin_forwards(model: &mut Model, summaries: &[Summary]) {
    for summary in summaries {
        let forwards = model.setup.forwarding.decide(summary.verdict, summary.event_type.as_deref());
        model.in_flight.begin(summary.seq, forwards.len(), model.now);
    }
}

fn append(model: &mut Model, summaries: &[Summary]) -> Vec<Effect> {
    let events = &mut model.events;
    let (first_new, lines_before) = (events.index.len(), events.len());
    for summary in summaries {
        events.index.push(summary);
    }
    for position in events.listing.extend(&events.index, &events.query, first_new) {
        events.search.push(events.index.seq(position));
    }
    let shown = events.selected.and_then(|seq| events.index.position_of(seq));
    let shown_first = shown.map(|position| events.index.first_attempt(position));
    let repeats: Vec<_> =
        (first_new..events.index.len()).filter(|it| events.index.previous_attempt(*it).is_some()).collect();
    let has_more_attempts = repeats.iter().any(|it| Some(events.index.first_attempt(*it)) == shown_first);
    let mut effects = compare(model, &repeats);
    model.events.count_unseen(lines_before);
    if model.events.is_following || model.events.selected.is_none() {
        effects.extend(moving::select_newest(model));
    } else if has_more_attempts {
        effects.extend(moving::reload_selected(model));
    }
    effects
}

/// Compares the bodies of these attempts with their previous attempts.
fn compare(model: &Model, repeats: &[usize]) -> Vec<Effect> {
    let index = &model.events.index;
    let newest = &repeats[repeats.len().saturating_sub(MAX_COMPARED)..];
    let pairs: Vec<_> = newest
        .iter()
        .filter_map(|position| Some((index.seq(index.previous_attempt(*position)?), index.seq(*position))))
        .collect();
    if pairs.is_empty() { Vec::new() } else { vec![Effect::CompareAttempts(pairs)] }
}

/// The bodies of these attempts differ from their previous attempts.
pub(super) fn attempts_differ(model: &mut Model, attempts: &[Seq]) {
    let events = &mut model.events;
    let index = &events.index;
    let positions = attempts.iter().filter_map(|seq| index.position_of(*seq));
    events.differing.extend(positions.map(|position| index.seq(index.first_attempt(position))));
}

/// Replaces the newest events, which were shown first, with the whole history.
pub(super) fn history_loaded(model: &mut Model, mut index: Index) -> Vec<Effect> {
    let top = searching::top(model).map(|position| model.events.index.seq(position));
    let events = &mut model.events;
    index.extend_from(&events.index);
    events.index = index;
    events.is_history_loading = false;
    events.awaits_history = false;
    events.search.forget_waiting();
    filling::filter_in_steps(model);
    let events = &mut model.events;
    let top = top.and_then(|seq| events.index.position_of(seq));
    searching::keep_top(model, top);
    reapply_changes(model);
    let repeats = model.events.index.further_attempts(MAX_COMPARED);
    let mut effects = compare(model, &repeats);
    effects.extend(moving::select_matching(model));
    effects
}

pub(super) fn event_loaded(model: &mut Model, loaded: Box<Loaded>) {
    let seq = loaded.event.summary.seq;
    if model.detail.loading == Some(seq) {
        model.detail.loading = None;
    }
    if model.events.selected != Some(seq) {
        return;
    }
    let is_same = model.detail.loaded.as_ref().is_some_and(|shown| shown.event.summary.seq == seq);
    if !is_same {
        model.detail.offsets = Default::default();
    }
    let has_same_body = |shown: &Loaded| is_same && shown.event.body == loaded.event.body;
    if !model.detail.loaded.as_deref().is_some_and(has_same_body) {
        model.detail.reading = Reading::new(&loaded.payload.document);
        model.detail.search = None;
        if let Some(Overlay::Search { .. }) = model.overlay {
            model.overlay = None;
        }
    }
    model.detail.forget_search_of_text();
    model.detail.loaded = Some(loaded);
}

pub(super) fn deliveries_loaded(model: &mut Model, seq: Seq, text: DeliveriesText) {
    if let Some(loaded) = model.detail.loaded.as_mut().filter(|loaded| loaded.event.summary.seq == seq) {
        loaded.set_deliveries(text);
        model.detail.forget_search_of_text();
    }
}

pub(super) fn diagnosed(model: &mut Model, verdict: NewVerdict) -> Vec<Effect> {
    let seq = verdict.0;
    set_verdicts(model, std::iter::once(verdict));
    if model.events.selected == Some(seq) { moving::reload_selected(model) } else { Vec::new() }
}

pub(super) fn reverified(model: &mut Model, verdicts: Vec<NewVerdict>, done: u64, all: u64) -> Vec<Effect> {
    set_verdicts(model, verdicts.into_iter());
    if done < all {
        model.reverifying = Some((done, all));
        return Vec::new();
    }
    model.reverifying = None;
    if all > 0 {
        let offer = secrets::offer(model).map(|offer| format!("; {offer}")).unwrap_or_default();
        model.mention(Tone::Good, format!("re-verified {}{offer}", counted(all, "stored event")));
    }
    let effects = moving::select_matching(model);
    if effects.is_empty() { moving::reload_selected(model) } else { effects }
}

/// Sets the response to an event that was decided after the event arrived.
pub(super) fn responded(model: &mut Model, seq: Seq, response: ResponseState) -> Vec<Effect> {
    let events = &mut model.events;
    events.index.set_response(seq, response);
    if events.is_reading_summaries() {
        events.responses_meanwhile.push((seq, response));
    }
    if events.selected == Some(seq) { moving::reload_selected(model) } else { Vec::new() }
}

/// Sets verdicts. While summaries are being read, also remembers them: those summaries may hold older verdicts.
fn set_verdicts(model: &mut Model, verdicts: impl Iterator<Item = NewVerdict>) {
    let events = &mut model.events;
    let is_reading = events.is_reading_summaries();
    for verdict in verdicts {
        events.set_verdict(verdict.0, verdict.1, verdict.2.as_ref());
        if is_reading {
            events.verdicts_meanwhile.push(verdict);
        }
    }
}

/// Applies the responses and verdicts again that arrived while summaries were being read.
fn reapply_changes(model: &mut Model) {
    let events = &mut model.events;
    for (seq, response) in &events.responses_meanwhile {
        events.index.set_response(*seq, *response);
    }
    if !events.is_reading_summaries() {
        events.responses_meanwhile.clear();
    }
    let verdicts = std::mem::take(&mut model.events.verdicts_meanwhile);
    set_verdicts(model, verdicts.into_iter());
}

pub(super) fn history_failed(model: &mut Model, why: &str) {
    model.events.is_history_loading = false;
    model.events.awaits_history = false;
    model.say(Tone::Bad, format!("cannot read older events: {why}"));
}

pub(super) fn event_not_loaded(model: &mut Model, seq: Seq, why: &str) {
    if model.detail.loading == Some(seq) {
        model.detail.loading = None;
    }
    // The previous event must not be taken for this one.
    if model.events.selected == Some(seq) {
        model.detail.loaded = None;
    }
    model.say(Tone::Bad, format!("cannot read event {seq}: {why}"));
}

pub(super) fn reverify_failed(model: &mut Model, why: &str) {
    model.reverifying = None;
    model.say(Tone::Bad, format!("cannot re-verify the stored events: {why}"));
}
