//! Events as they come in, from the listener or from the store.

use super::moving;
use crate::core::event::{Seq, Summary};
use crate::core::filter::Listing;
use crate::core::index::Index;
use crate::core::response::ResponseState;
use crate::tui::content::{DeliveriesText, Loaded};
use crate::tui::effect::Effect;
use crate::tui::model::{CatchingUp, Judged, Model, Tone};

/// Most attempts whose bodies are compared at once.
const MAX_COMPARED: usize = 4096;

pub(super) fn kept(model: &mut Model, summaries: &[Summary]) -> Vec<Effect> {
    match &mut model.events.catching_up {
        None => append(model, summaries),
        Some(state) => {
            // They are read from the store, in order with those before them.
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

/// Reads once more what could not be read.
pub(super) fn retried(model: &mut Model) -> Vec<Effect> {
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
    repeat_judgements(model);
    if !is_end || has_missed_more {
        effects.push(catch_up(model));
    }
    effects
}

fn append(model: &mut Model, summaries: &[Summary]) -> Vec<Effect> {
    let events = &mut model.events;
    let first_new = events.index.len();
    for summary in summaries {
        events.index.push(summary);
    }
    events.listing.extend(&events.index, &events.filter, first_new);
    let shown = events.selected.and_then(|seq| events.index.position_of(seq));
    let shown_first = shown.map(|position| events.index.first_attempt(position));
    let repeats: Vec<_> =
        (first_new..events.index.len()).filter(|it| events.index.previous_attempt(*it).is_some()).collect();
    let has_more_attempts = repeats.iter().any(|it| Some(events.index.first_attempt(*it)) == shown_first);
    let mut effects = compare(model, &repeats);
    if model.events.is_following || model.events.selected.is_none() {
        effects.extend(moving::select_newest(model));
    } else if has_more_attempts {
        effects.extend(moving::load_selected_anew(model));
    }
    effects
}

/// Has the bodies of these attempts compared with those before them.
fn compare(model: &Model, repeats: &[usize]) -> Vec<Effect> {
    let index = &model.events.index;
    let newest = &repeats[repeats.len().saturating_sub(MAX_COMPARED)..];
    let pairs: Vec<_> = newest
        .iter()
        .filter_map(|position| Some((index.row(index.previous_attempt(*position)?).seq, index.row(*position).seq)))
        .collect();
    if pairs.is_empty() { Vec::new() } else { vec![Effect::CompareAttempts(pairs)] }
}

/// The bodies of these attempts are not those of the attempts before them.
pub(super) fn attempts_differ(model: &mut Model, attempts: &[Seq]) {
    let events = &mut model.events;
    let index = &events.index;
    let positions = attempts.iter().filter_map(|seq| index.position_of(*seq));
    events.differing.extend(positions.map(|position| index.row(index.first_attempt(position)).seq));
}

/// The whole history takes the place of the newest events that were shown first.
pub(super) fn history_loaded(model: &mut Model, mut index: Index) -> Vec<Effect> {
    let events = &mut model.events;
    let lines_before = events.len();
    index.extend_from(&events.index);
    // The history numbers the types anew.
    let selected_type = model.types.selected.map(|type_id| events.index.type_name(type_id));
    model.types.selected =
        selected_type.and_then(|name| index.types().find(|seen| seen.name == name)).map(|seen| seen.type_id);
    events.index = index;
    events.is_history_loading = false;
    choose(model);
    let events = &mut model.events;
    events.top += events.len().saturating_sub(lines_before);
    repeat_judgements(model);
    let index = &model.events.index;
    let repeats: Vec<_> = (0..index.len()).filter(|position| index.previous_attempt(*position).is_some()).collect();
    let mut effects = compare(model, &repeats);
    effects.extend(moving::select_chosen(model));
    effects
}

/// Applies the filter to all events anew.
pub(super) fn choose(model: &mut Model) {
    let events = &mut model.events;
    events.listing = Listing::new(&events.index, &events.filter);
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
    model.detail.loaded = Some(loaded);
}

pub(super) fn deliveries_loaded(model: &mut Model, seq: Seq, text: DeliveriesText) {
    if let Some(loaded) = model.detail.loaded.as_mut().filter(|loaded| loaded.event.summary.seq == seq) {
        loaded.set_deliveries(text);
    }
}

pub(super) fn diagnosed(model: &mut Model, judged: Judged) -> Vec<Effect> {
    let seq = judged.0;
    judge(model, std::iter::once(judged));
    if model.events.selected == Some(seq) { moving::load_selected_anew(model) } else { Vec::new() }
}

pub(super) fn judged_again(model: &mut Model, verdicts: Vec<Judged>, done: u64, all: u64) -> Vec<Effect> {
    judge(model, verdicts.into_iter());
    if done < all {
        model.judging = Some((done, all));
        return Vec::new();
    }
    model.judging = None;
    if all > 0 {
        let events = if all == 1 { "the kept event was".to_owned() } else { format!("{all} kept events were") };
        model.mention(Tone::Good, format!("{events} judged again"));
    }
    let effects = moving::select_chosen(model);
    if effects.is_empty() { moving::load_selected_anew(model) } else { effects }
}

/// What the sender of an event gets, which was not known when the event came.
pub(super) fn sender_answered(model: &mut Model, seq: Seq, response: ResponseState) -> Vec<Effect> {
    let events = &mut model.events;
    events.index.respond(seq, response);
    if events.is_history_loading || events.catching_up.is_some() {
        events.answered_meanwhile.push((seq, response));
    }
    if events.selected == Some(seq) { moving::load_selected_anew(model) } else { Vec::new() }
}

/// Gives events new verdicts. While summaries are being read these are kept, for what is read may be older.
fn judge(model: &mut Model, verdicts: impl Iterator<Item = Judged>) {
    let events = &mut model.events;
    let is_reading = events.is_history_loading || events.catching_up.is_some();
    for judged in verdicts {
        events.judge_again(judged.0, judged.1, judged.2.as_ref());
        if is_reading {
            events.judged_meanwhile.push(judged);
        }
    }
}

/// Says again what was said of events while summaries were being read.
fn repeat_judgements(model: &mut Model) {
    for (seq, response) in std::mem::take(&mut model.events.answered_meanwhile) {
        model.events.index.respond(seq, response);
    }
    let judged = std::mem::take(&mut model.events.judged_meanwhile);
    judge(model, judged.into_iter());
}
