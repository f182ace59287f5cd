//! Fills the list with the events that match the filter, from the newest to the oldest.

use super::searching;
use crate::core::filter::Listing;
use crate::tui::model::Model;

/// The most events that the filter is applied to before the next frame: a few milliseconds of work.
const STEP: usize = 1 << 14;

/// Applies the filter to all events.
pub(super) fn filter_all(model: &mut Model) {
    model.events.search.forget_waiting();
    begin(model, usize::MAX);
}

/// Applies the filter to the newest events at once, and to the others in steps.
pub(super) fn filter_in_steps(model: &mut Model) {
    begin(model, STEP);
}

fn begin(model: &mut Model, count: usize) {
    model.events.listing = Listing::begin(&model.events.index, &model.events.query);
    fill(model, count);
}

/// As [`filter_in_steps`], for a filter that is narrower than the one before: it looks only at what that one listed.
pub(super) fn filter_listed(model: &mut Model) {
    model.events.listing = model.events.listing.narrowed(&model.events.index);
    fill(model, STEP);
}

/// Applies the filter to the newest `count` of the events that are left.
fn fill(model: &mut Model, count: usize) {
    let events = &mut model.events;
    let undecided = events.listing.fill(&events.index, &events.query, count);
    let seqs = undecided.into_iter().map(|position| events.index.seq(position));
    events.search.add(seqs, events.selected, events.listing.is_narrowed());
}

/// Applies the filter to some more events.
pub(super) fn continue_filling(model: &mut Model) {
    let shown = searching::top(model);
    fill(model, STEP);
    searching::keep_top(model, shown);
}
