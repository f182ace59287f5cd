//! What earlier runs left to forward: the user decides.

use crate::core::delivery::Leftovers;
use crate::core::numbers::counted;
use crate::tui::effect::Effect;
use crate::tui::leftovers::counts;
use crate::tui::model::{Model, Overlay, Tone};
use crossterm::event::{KeyCode, KeyEvent};

/// Asks, unless something else is open. Until the user decides, a problem names the key.
pub(super) fn found(model: &mut Model, mut left: Vec<Leftovers>, is_resumed: bool) {
    if is_resumed {
        begin(model, &left, false);
        left.iter_mut().for_each(|left| left.queued.clear());
        left.retain(|left| !left.unknown.is_empty());
    }
    model.left = left;
    if model.overlay.is_none() {
        ask(model);
    }
}

pub(super) fn ask(model: &mut Model) {
    if !model.left.is_empty() {
        model.overlay = Some(Overlay::Leftovers);
    }
}

/// Handles a key while the question is open.
pub(super) fn decided(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let (queued, unknown) = counts(&model.left);
    match key.code {
        KeyCode::Char('s') if queued > 0 => {
            let left = model.left.clone();
            begin(model, &left, false);
            model.left.iter_mut().for_each(|left| left.queued.clear());
            model.left.retain(|left| !left.unknown.is_empty());
            vec![Effect::ResumeForwards { left, with_unknown: false }]
        }
        KeyCode::Char('a') if unknown > 0 => {
            let left = std::mem::take(&mut model.left);
            begin(model, &left, true);
            vec![Effect::ResumeForwards { left, with_unknown: true }]
        }
        KeyCode::Char('x') => vec![Effect::ForgetForwards(std::mem::take(&mut model.left))],
        KeyCode::Esc | KeyCode::Char('q') => Vec::new(),
        _ => {
            ask(model);
            Vec::new()
        }
    }
}

pub(super) fn forgotten(model: &mut Model, result: Result<usize, String>) {
    match result {
        Ok(count) => {
            let events = counted(count as u64, "event");
            model.say(Tone::Good, format!("{events} will not be forwarded; `r` re-delivers one"));
        }
        Err(why) => model.say(Tone::Bad, format!("cannot store the choice: {why}; the next start asks again")),
    }
}

/// They are pending again.
fn begin(model: &mut Model, left: &[Leftovers], with_unknown: bool) {
    for left in left {
        let unknown = left.unknown.iter().filter(|_| with_unknown);
        for forward in left.queued.iter().chain(unknown) {
            model.in_flight.begin(forward.seq, 1, model.now);
        }
    }
    let (queued, unknown) = counts(left);
    let count = if with_unknown { queued + unknown } else { queued };
    if count > 0 {
        model.say(Tone::Plain, format!("forwarding {} of an earlier run", counted(count as u64, "event")));
    }
}
