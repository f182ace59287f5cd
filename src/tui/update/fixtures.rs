//! Saving events as fixtures, and what became of them.

use crate::core::numbers::grouped;
use crate::tui::effect::Effect;
use crate::tui::fixtures::SavedFixtures;
use crate::tui::model::{Model, Tone};

/// Saves the marked events, or else the selected one.
pub(super) fn save(model: &mut Model) -> Vec<Effect> {
    let index = &model.events.index;
    let mut seqs: Vec<_> = index.marked().map(|position| index.seq(position)).collect();
    if seqs.is_empty() {
        seqs.extend(model.events.selected);
    }
    vec![Effect::SaveFixtures(seqs)]
}

pub(super) fn progressed(model: &mut Model, done: usize, all: usize) {
    let [done, all] = [done, all].map(|count| grouped(count as u64));
    model.mention(Tone::Plain, format!("saving fixtures: {done} of {all}"));
}

pub(super) fn saved(model: &mut Model, saved: &SavedFixtures) {
    model.say(if saved.failed.is_empty() { Tone::Good } else { Tone::Bad }, saved.to_string());
}
