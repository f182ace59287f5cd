//! The filter of the list: typing it, and applying it.

use super::{field, filling, moving, searching};
use crate::core::event::Seq;
use crate::core::filter::{Filter, Query, Story, completions};
use crate::tui::effect::Effect;
use crate::tui::model::{Before, Completing, FilterField, Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent};

/// How often, in seconds, a filter with a relative time is applied again.
const REFRESH_S: i64 = 10;

/// Opens the field.
pub(super) fn open(model: &mut Model) {
    let events = &model.events;
    let before = Before {
        text: events.filter_text.clone(),
        selected: events.selected,
        top: events.top,
        is_following: events.is_following,
    };
    model.overlay = Some(Overlay::Filter(Box::new(FilterField::new(before))));
}

/// Handles a key while the filter is typed. The list follows each key.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, mut typed: Box<FilterField>) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter if model.events.filter_error.is_none() => {
            model.events.filter_history.push(typed.input.value());
            model.is_recent_changed = true;
            return Vec::new();
        }
        KeyCode::Esc => return restore(model, typed.before),
        KeyCode::Tab => complete(model, &mut typed, true),
        KeyCode::BackTab => complete(model, &mut typed, false),
        KeyCode::Up => recall(model, &mut typed, true),
        KeyCode::Down => recall(model, &mut typed, false),
        _ => {
            typed.completing = None;
            typed.recalled = None;
            field::edit(&mut typed.input, key);
        }
    }
    let is_changed = typed.input.value() != model.events.filter_text;
    let effects = if is_changed { set(model, typed.input.value()) } else { Vec::new() };
    model.overlay = Some(Overlay::Filter(typed));
    effects
}

/// Inserts pasted text.
pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(Overlay::Filter(typed)) = &mut model.overlay else { return Vec::new() };
    typed.completing = None;
    typed.recalled = None;
    field::insert(&mut typed.input, text);
    let text = typed.input.value().to_owned();
    set(model, &text)
}

/// Gives back the filter, the row and its place.
fn restore(model: &mut Model, before: Before) -> Vec<Effect> {
    apply(model, &before.text);
    let events = &mut model.events;
    events.is_following = before.is_following;
    events.top = before.top;
    match before.selected {
        Some(seq) if !before.is_following && events.index.position_of(seq).is_some() => moving::select(model, seq),
        _ => moving::select_matching(model),
    }
}

/// Puts the next or previous completion into the field.
fn complete(model: &Model, typed: &mut FilterField, is_next: bool) {
    let completing = match typed.completing.take() {
        Some(completing) => {
            let count = completing.texts.len();
            let at = if is_next { completing.at + 1 } else { completing.at + count - 1 } % count;
            Completing { at, ..completing }
        }
        None => {
            let text = typed.input.value().to_owned();
            let found = completions(&text, typed.cursor(), &model.events.index, &model.setup.saved_filters);
            let at = if is_next { 0 } else { found.texts.len().saturating_sub(1) };
            Completing { typed: text, range: found.range, texts: found.texts, at }
        }
    };
    let Some(text) = completing.texts.get(completing.at) else { return };
    let (before, after) = (&completing.typed[..completing.range.start], &completing.typed[completing.range.end..]);
    let cursor = before.chars().count() + text.chars().count();
    typed.input = tui_input::Input::new([before, text, after].concat()).with_cursor(cursor);
    // After the only completion, Tab goes on with what follows it.
    typed.completing = (completing.texts.len() > 1).then_some(completing);
}

/// Puts an older or newer filter of the history into the field.
fn recall(model: &Model, typed: &mut FilterField, is_older: bool) {
    typed.completing = None;
    let place = match typed.recalled {
        None if is_older => 0,
        Some(place) if is_older => place + 1,
        Some(place) if place > 0 => place - 1,
        // Below the newest is the filter from before.
        Some(_) => {
            typed.recalled = None;
            typed.input = typed.before.text.clone().into();
            return;
        }
        None => return,
    };
    if let Some(text) = model.events.filter_history.get(place) {
        typed.input = text.to_owned().into();
        typed.recalled = Some(place);
    }
}

/// Filters by `text`. If it is invalid, shows the error and keeps the last valid filter.
pub(super) fn set(model: &mut Model, text: &str) -> Vec<Effect> {
    apply(model, text);
    select_listed(model)
}

/// Selects another event if the filter rejects the selected one. While that is not known, it stays.
pub(super) fn select_listed(model: &mut Model) -> Vec<Effect> {
    let events = &model.events;
    let is_left = |seq| events.index.position_of(seq).is_some_and(|position| events.listing.is_left(position));
    // Its request is read first.
    let is_undecided = events.selected.is_some_and(|seq| is_left(seq) || events.search.is_undecided(seq));
    if is_undecided && !events.is_following { Vec::new() } else { moving::select_matching(model) }
}

fn apply(model: &mut Model, text: &str) {
    let events = &mut model.events;
    text.clone_into(&mut events.filter_text);
    match Filter::parse_with(text, &model.setup.saved_filters) {
        Ok(filter) => {
            events.filter_error = None;
            if filter == **events.query.filter() {
                return;
            }
            let is_narrower = filter.is_narrower_than(events.query.filter());
            events.query = Query::new(filter, model.now, model.setup.zone.clone());
            if is_narrower {
                events.search.narrow(events.index.last_seq());
                filling::filter_listed(model);
            } else {
                events.search.reset(events.index.last_seq());
                filling::filter_in_steps(model);
            }
        }
        Err(error) => events.filter_error = Some(error),
    }
}

/// Which differences from the documentation count has changed.
pub(super) fn checks_changed(model: &mut Model) -> Vec<Effect> {
    let events = &mut model.events;
    if !events.query.filter().asks_for_checks() {
        return Vec::new();
    }
    events.query = Query::new(Filter::clone(events.query.filter()), model.now, model.setup.zone.clone());
    events.search.reset(events.index.last_seq());
    filling::filter_in_steps(model);
    select_listed(model)
}

/// The filter was applied to some more events.
pub(super) fn continued(model: &mut Model) -> Vec<Effect> {
    filling::continue_filling(model);
    select_listed(model)
}

/// Turns the filter off, or the last one on again.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    let events = &mut model.events;
    if !events.filter_text.is_empty() {
        events.filter_off = std::mem::take(&mut events.filter_text);
        return set(model, "");
    }
    let text = events.filter_off.clone();
    set(model, &text)
}

/// Lists the events that belong with event `seq`, which stays selected.
pub(super) fn show_story(model: &mut Model, seq: Seq, story: Story) -> Vec<Effect> {
    let events = &mut model.events;
    let Some(position) = events.index.position_of(seq) else { return Vec::new() };
    let Some(text) = story.filter(&events.index.row(position)) else { return Vec::new() };
    events.filter_history.push(&text);
    events.is_following &= events.selected_line().is_some_and(|line| line + 1 == events.len());
    model.is_recent_changed = true;
    set(model, &text)
}

/// Applies a filter with a relative time again from time to time.
pub(super) fn ticked(model: &mut Model) -> Vec<Effect> {
    let query = &mut model.events.query;
    if !query.filter().is_relative() || model.now.as_second() - query.now().as_second() < REFRESH_S {
        return Vec::new();
    }
    query.set_now(model.now);
    let shown = searching::top(model);
    filling::filter_all(model);
    searching::keep_top(model, shown);
    moving::select_matching(model)
}
