//! Deleting events, and undoing it. The store decides which events it deletes. Their rows disappear once it has.

use super::{filling, moving};
use crate::core::event::Seq;
use crate::core::numbers::grouped;
use crate::tui::action::Action;
use crate::tui::deletions::{events, outcome, progress};
use crate::tui::effect::Effect;
use crate::tui::keymap::key_name;
use crate::tui::model::{Deletion, Model, Overlay, Pane, Tone, What};
use crossterm::event::{KeyCode, KeyEvent};

/// A deletion of more events shows its progress.
const LONG: usize = 10_000;

/// Deletes the marked events, or else the selected one with its listed attempts.
pub(super) fn delete(model: &mut Model) -> Vec<Effect> {
    let events = &model.events;
    let marked: Vec<usize> = events.index.marked().collect();
    if !marked.is_empty() {
        let is_listed = |position: &usize| events.listing.line_of(&events.index, *position).is_some();
        let unlisted = marked.iter().filter(|position| !is_listed(position)).count();
        let seqs = marked.iter().map(|position| events.index.seq(*position)).collect();
        return begin(model, What::Marked { unlisted }, seqs);
    }
    let Some(seq) = events.selected_row().map(|row| row.seq) else { return Vec::new() };
    begin(model, What::Event(seq), listed_attempts(model, seq))
}

/// The attempts that the row of event `seq` stands for: those that match the filter, and the event itself.
fn listed_attempts(model: &Model, seq: Seq) -> Vec<Seq> {
    let events = &model.events;
    let Some(position) = events.index.position_of(seq) else { return Vec::new() };
    let mut attempts = events.index.attempts(position, usize::MAX);
    attempts.retain(|attempt| *attempt == position || is_match(model, *attempt));
    attempts.into_iter().map(|attempt| events.index.seq(attempt)).collect()
}

fn is_match(model: &Model, position: usize) -> bool {
    !model.events.query.select(&model.events.index, position..position + 1).matching.is_empty()
}

/// Asks whether to delete every event that the filter lists.
pub(super) fn ask_to_clear(model: &mut Model) {
    let events = &model.events;
    let matching = events.query.select(&events.index, 0..events.index.len()).matching;
    let mut seqs: Vec<_> = matching.into_iter().map(|position| events.index.seq(position)).collect();
    let all = seqs.len();
    seqs.retain(|seq| !events.index.is_pinned(*seq));
    let pinned = all - seqs.len();
    if seqs.is_empty() && pinned > 0 {
        let key = key_name(Action::TogglePin);
        model.say(Tone::Warning, format!("nothing to delete: every listed event is pinned; `{key}` unpins one"));
        return;
    }
    let (seqs, pending) = without_pending(model, seqs);
    model.overlay = Some(Overlay::ConfirmClear { seqs, pending, pinned });
}

/// Handles a key while the question is open.
pub(super) fn confirmed(model: &mut Model, key: KeyEvent, seqs: Vec<Seq>, pending: usize) -> Vec<Effect> {
    if key.code != KeyCode::Char('y') {
        return Vec::new();
    }
    begin_with(model, What::Listed, seqs, pending)
}

/// Undoes the last deletion. Stops a running one first.
pub(super) fn undo(model: &mut Model) -> Vec<Effect> {
    if let Some(running) = &mut model.deletions.running {
        running.is_undo_wanted = true;
        return vec![Effect::StopDeleting];
    }
    restore(model)
}

fn restore(model: &mut Model) -> Vec<Effect> {
    let Some(seqs) = model.deletions.done.pop() else { return Vec::new() };
    model.deletions.running = Some(Deletion::new(What::Restored, seqs.len(), 0));
    vec![Effect::Restore { seqs }]
}

fn begin(model: &mut Model, what: What, seqs: Vec<Seq>) -> Vec<Effect> {
    let (seqs, pending) = without_pending(model, seqs);
    begin_with(model, what, seqs, pending)
}

fn begin_with(model: &mut Model, what: What, seqs: Vec<Seq>, pending: usize) -> Vec<Effect> {
    let deletion = Deletion::new(what, seqs.len(), pending);
    if seqs.is_empty() {
        let (tone, text) = outcome(&deletion);
        model.say(tone, text);
        return Vec::new();
    }
    model.deletions.running = Some(deletion);
    vec![Effect::Delete { seqs }]
}

/// Leaves out the events with a pending delivery, and counts them.
fn without_pending(model: &Model, mut seqs: Vec<Seq>) -> (Vec<Seq>, usize) {
    let all = seqs.len();
    seqs.retain(|seq| model.in_flight.since(*seq).is_none());
    let pending = all - seqs.len();
    (seqs, pending)
}

/// Some events are deleted; `pending` others stay.
pub(super) fn deleted(model: &mut Model, seqs: Vec<Seq>, pending: usize) -> Vec<Effect> {
    let effects = left(model, &seqs);
    progressed(model, seqs, pending);
    effects
}

/// Events are no longer in the history.
pub(super) fn left(model: &mut Model, seqs: &[Seq]) -> Vec<Effect> {
    let selected = model.events.selected.filter(|seq| seqs.contains(seq));
    let line = selected.and_then(|_| model.events.selected_line());
    model.events.index.hide(seqs);
    filling::filter_all(model);
    if selected.is_none() { Vec::new() } else { select_near(model, line) }
}

/// Event `seq` could not be loaded because it is deleted. If another program deleted it, hides it.
pub(super) fn gone(model: &mut Model, seq: Seq) -> Vec<Effect> {
    if model.detail.loading == Some(seq) {
        model.detail.loading = None;
    }
    if model.deletions.running.is_some() || model.events.index.position_of(seq).is_none() {
        return Vec::new();
    }
    let effects = deleted(model, vec![seq], 0);
    model.mention(Tone::Plain, format!("event {seq} was deleted by another program"));
    effects
}

/// Selects the event that is now on `line`, or the last one.
fn select_near(model: &mut Model, line: Option<usize>) -> Vec<Effect> {
    let Some(last) = model.events.len().checked_sub(1) else {
        model.events.selected = None;
        model.detail.loaded = None;
        model.detail.loading = None;
        model.focus = if model.focus == Pane::Detail { Pane::Events } else { model.focus };
        return Vec::new();
    };
    let line = line.filter(|_| !model.events.is_following).map_or(last, |line| line.min(last));
    let seq = model.events.row(line).seq;
    moving::select(model, seq)
}

/// Some events are restored.
pub(super) fn restored(model: &mut Model, seqs: Vec<Seq>) -> Vec<Effect> {
    model.events.index.show(&seqs);
    filling::filter_all(model);
    let newest = seqs.last().copied();
    progressed(model, seqs, 0);
    let Some(newest) = newest.and_then(|seq| model.events.index.position_of(seq)) else { return Vec::new() };
    let is_listed = model.events.listing.line_of(&model.events.index, newest).is_some();
    if !is_listed {
        return Vec::new();
    }
    let line = model.events.listing.line_of(&model.events.index, newest);
    model.events.is_following &= line.map(|line| line + 1) == Some(model.events.len());
    let seq = model.events.index.seq(newest);
    moving::select(model, seq)
}

fn progressed(model: &mut Model, seqs: Vec<Seq>, pending: usize) {
    let Some(running) = &mut model.deletions.running else { return };
    running.seqs.extend(seqs);
    running.pending += pending;
    if running.all > LONG {
        let text = progress(running);
        model.say(Tone::Plain, text);
    }
}

/// The deletion has ended: everything is deleted or restored, or it was stopped, or the store failed.
pub(super) fn ended(model: &mut Model, result: Result<(), String>) -> Vec<Effect> {
    let Some(ended) = model.deletions.running.take() else { return Vec::new() };
    let is_restored = ended.what == What::Restored;
    match result {
        Ok(()) => {
            let (tone, text) = outcome(&ended);
            model.say(tone, text);
        }
        Err(why) => {
            let (verb, count) = (if is_restored { "restored" } else { "deleted" }, grouped(ended.seqs.len() as u64));
            model.say(Tone::Bad, format!("only {count} of {} {verb}: {why}", events(ended.all)));
        }
    }
    if !is_restored && !ended.seqs.is_empty() {
        model.deletions.done.push(ended.seqs);
        if ended.is_undo_wanted {
            return restore(model);
        }
    }
    Vec::new()
}
