//! The choices of the menus about an event: sending it, and its story.

use super::{filtering, sending};
use crate::core::delivery::{Form, Pace, RetryPlan, SigningPolicy};
use crate::core::event::Seq;
use crate::core::rehearsal::Rehearsal;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Order};
use crate::tui::layout;
use crate::tui::model::{Model, Tone};
use crate::tui::prompt::Question;

/// Carries out a choice for event `seq`.
pub(super) fn chosen(model: &mut Model, seq: Seq, action: Action) -> Vec<Effect> {
    match action {
        Action::RehearseAll => {
            return sending::send(model, Order::Rehearsals { seq, rehearsals: Rehearsal::ALL.to_vec() });
        }
        Action::Rehearse(rehearsal) => {
            return sending::send(model, Order::Rehearsals { seq, rehearsals: vec![rehearsal] });
        }
        // Just that is asked for.
        Action::SignAndSend => {
            let (form, policy) = (Form::Resigned, SigningPolicy::Any);
            return sending::send(model, Order::Event { seq, form, policy });
        }
        Action::Retry => model.ask(Question::Plan { seq }, RetryPlan::default().to_string()),
        Action::RedeliverMarked => {
            let index = &model.events.index;
            let seqs = index.marked().map(|position| index.seq(position)).collect();
            model.ask(Question::Pace { seqs }, Pace::default().to_string());
        }
        Action::RedeliverListed => {
            let seqs = (0..model.events.len()).map(|line| model.events.row(line).seq).collect();
            model.ask(Question::Pace { seqs }, Pace::default().to_string());
        }
        Action::ShowTimeline(about) => {
            model.say(Tone::Plain, "reading the story");
            return vec![Effect::ReadTimeline { seq, about, columns: layout::over_width(model.size) }];
        }
        Action::ShowStory(story) => return filtering::show_story(model, seq, story),
        _ => {}
    }
    Vec::new()
}
