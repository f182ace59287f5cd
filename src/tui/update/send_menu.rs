//! The choices of the send menu.

use super::{jobs, sending};
use crate::core::delivery::{Form, Pace, RetryPlan, SigningPolicy};
use crate::core::event::Seq;
use crate::core::rehearsal::Rehearsal;
use crate::core::signature::Verdict;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Order};
use crate::tui::keymap;
use crate::tui::model::{Model, Tone};
use crate::tui::prompt::Question;

/// Carries out a choice of the send menu, for event `seq`.
pub(super) fn chosen(model: &mut Model, seq: Seq, action: Action) -> Vec<Effect> {
    match action {
        Action::RehearseAll => return rehearse(model, seq, Rehearsal::ALL.to_vec()),
        Action::Rehearse(rehearsal) => return rehearse(model, seq, vec![rehearsal]),
        // Just that is asked for.
        Action::SignAndSend => {
            let (form, policy) = (Form::Resigned, SigningPolicy::Any);
            return sending::send(model, Order::Event { seq, form, policy });
        }
        Action::Retry => model.ask(Question::Plan { seq }, RetryPlan::default().to_string()),
        Action::RedeliverMarked => {
            let index = &model.events.index;
            let rows = (0..index.len()).map(|position| index.row(position));
            let seqs = rows.filter(|row| row.is_marked).map(|row| row.seq).collect();
            ask_pace(model, seqs, "no event is marked; press `Space` to mark one");
        }
        Action::RedeliverListed => {
            let seqs = (0..model.events.len()).map(|line| model.events.row(line).seq).collect();
            ask_pace(model, seqs, "no event is listed; clear the filter first");
        }
        Action::ShowJob => jobs::show(model),
        _ => {}
    }
    Vec::new()
}

/// Starts rehearsals of a verified event. They are signed, and only `SignAndSend` signs an event that was never
/// verified.
fn rehearse(model: &mut Model, seq: Seq, rehearsals: Vec<Rehearsal>) -> Vec<Effect> {
    let index = &model.events.index;
    let verdict = index.position_of(seq).map(|position| index.row(position).verdict);
    if verdict.is_some_and(|verdict| verdict != Verdict::Verified) {
        let [sample, menu, sign] = [Action::SendSample, Action::BeginSend, Action::SignAndSend].map(keymap::key_name);
        let ways = format!("`{menu} {sign}` signs and sends it, `{sample}` sends a sample");
        model.say(Tone::Plain, format!("event {seq} was never verified; {ways}"));
        return Vec::new();
    }
    sending::send(model, Order::Rehearsals { seq, rehearsals })
}

fn ask_pace(model: &mut Model, seqs: Vec<Seq>, none: &str) {
    if seqs.is_empty() {
        model.say(Tone::Plain, none);
    } else {
        model.ask(Question::Pace { seqs }, Pace::default().to_string());
    }
}
