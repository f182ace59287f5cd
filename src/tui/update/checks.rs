//! The list of differences from the documentation: moving in it, and accepting them.

use super::scroll::in_text;
use super::{filtering, moving};
use crate::core::check::Checked;
use crate::core::numbers::counted;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Scope};
use crate::tui::model::{Model, Overlay, Tone};
use crossterm::event::KeyEvent;

/// Handles a key while the list is open.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, selected: usize) -> Vec<Effect> {
    let checked = model.detail.loaded.as_ref().map(|loaded| &loaded.checked);
    let effect = match (keymap::action(&[Scope::Checks], key), checked) {
        (Some(Action::AcceptDifference), Some(checked)) => change(checked, |place| place == selected),
        (Some(Action::AcceptDifferences), Some(checked)) => change(checked, |_| true),
        _ => {
            let selected = in_text(model, key, Action::ShowChecks, selected);
            model.overlay = selected.map(|selected| Overlay::Checks { selected });
            return Vec::new();
        }
    };
    model.overlay = Some(Overlay::Checks { selected });
    effect.into_iter().collect()
}

/// Accepts the chosen differences; if all of them are accepted, takes that back.
fn change(checked: &Checked, is_chosen: impl Fn(usize) -> bool) -> Option<Effect> {
    let chosen = (0..checked.described.len()).filter(|place| is_chosen(*place));
    let (accepted, open): (Vec<_>, Vec<_>) = chosen.partition(|place| checked.described[*place].accepted);
    let is_accepted = !open.is_empty();
    let places = if is_accepted { open } else { accepted };
    let mut acceptances: Vec<_> = places.into_iter().filter_map(|place| checked.acceptance(place)).collect();
    acceptances.sort_unstable();
    acceptances.dedup();
    (!acceptances.is_empty()).then_some(Effect::Accept { acceptances, is_accepted })
}

/// Differences are accepted, or no longer, unless that failed.
pub(super) fn changed(model: &mut Model, result: Result<(usize, bool), String>, is_stored: bool) -> Vec<Effect> {
    let (count, is_accepted) = match result {
        Ok(changed) => changed,
        Err(why) => {
            model.say(Tone::Bad, why);
            return Vec::new();
        }
    };
    let differences = counted(count as u64, "difference");
    let text = match (is_accepted, is_stored) {
        (true, true) => format!("{differences} accepted in all events of this type"),
        (true, false) => format!("{differences} accepted in all events of this type until hookglass exits"),
        (false, _) => format!("{differences} no longer accepted"),
    };
    model.say(Tone::Good, text);
    let mut effects = moving::reload_selected(model);
    effects.extend(filtering::checks_changed(model));
    effects
}
