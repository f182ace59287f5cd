//! The diff tab: choosing what to compare with, and asking for the comparison.

use crate::core::event::Seq;
use crate::tui::action::{Action, CompareWith};
use crate::tui::content::DiffText;
use crate::tui::diff_base::{Against, Base};
use crate::tui::effect::Effect;
use crate::tui::keymap::key_name;
use crate::tui::model::{Model, Pane, Tab, Tone};
use crate::tui::prompt::Question;

/// Compares with what was chosen. `seq`: the event that was selected when the menu was opened.
pub(super) fn chosen(model: &mut Model, choice: CompareWith, seq: Seq) {
    let base = match choice {
        CompareWith::Previous => Base::Previous,
        CompareWith::EarlierAttempt => Base::EarlierAttempt,
        CompareWith::Responses => Base::Responses,
        CompareWith::File => {
            let text = match &model.detail.base {
                Base::File(path) => path.clone(),
                _ => String::new(),
            };
            return model.ask(Question::FileToCompare, text);
        }
        CompareWith::This => {
            model.detail.base = Base::Event(seq);
            let tab = key_name(Action::ShowTab(Tab::Diff));
            return model.say(Tone::Plain, format!("event {seq} is the base; select another event and press `{tab}`"));
        }
    };
    open(model, base);
}

/// Opens the tab with another base.
pub(super) fn open(model: &mut Model, base: Base) {
    model.detail.base = base;
    model.detail.tab = Tab::Diff;
    model.focus = Pane::Detail;
    *model.detail.offset_mut() = Default::default();
}

/// Asks for the comparison that the open tab shows, if it has not been asked for yet.
pub(super) fn next(model: &mut Model) -> Vec<Effect> {
    if model.detail.tab != Tab::Diff {
        return Vec::new();
    }
    let base = model.detail.base.clone();
    let Some(loaded) = model.detail.loaded.as_ref().filter(|loaded| loaded.compared_with.as_ref() != Some(&base))
    else {
        return Vec::new();
    };
    let seq = loaded.event.summary.seq;
    let against = against(model, seq, &base);
    let Some(loaded) = &mut model.detail.loaded else { return Vec::new() };
    loaded.compared_with = Some(base.clone());
    match against {
        Ok(against) => vec![Effect::Compare { seq, base, against }],
        Err(why) => {
            loaded.set_diff(DiffText::none(&why));
            model.detail.forget_search_of_text();
            Vec::new()
        }
    }
}

/// The comparison of event `seq` with `base` is ready.
pub(super) fn compared(model: &mut Model, seq: Seq, base: &Base, text: DiffText) {
    let Some(loaded) = model.detail.loaded.as_mut() else { return };
    if loaded.event.summary.seq == seq && loaded.compared_with.as_ref() == Some(base) {
        loaded.set_diff(text);
        model.detail.forget_search_of_text();
    }
}

/// What to read, or why there is nothing.
fn against(model: &Model, seq: Seq, base: &Base) -> Result<Against, String> {
    let index = &model.events.index;
    match base {
        Base::Previous => {
            let position = index.position_of(seq).ok_or("the event is not in the list")?;
            let this = index.row(position);
            let event_type = this.event_type;
            // Another attempt of the same message says little.
            let is_other = |id: &str| id.is_empty() || id != this.webhook_id;
            let of_type = (0..position).rev().filter(|before| index.type_id(*before) == this.type_id);
            let before = of_type.map(|before| index.row(before)).find(|row| is_other(&row.webhook_id));
            let name =
                if event_type.is_empty() { "event without a type".to_owned() } else { format!("`{event_type}`") };
            let row = before.ok_or_else(|| format!("there is no earlier {name} to compare event {seq} with"))?;
            Ok(Against::Event { seq: row.seq, what: format!("the previous {name}") })
        }
        Base::EarlierAttempt => {
            let attempts = model.events.attempts(seq);
            let earlier = attempts.iter().position(|attempt| *attempt == seq).and_then(|place| place.checked_sub(1));
            match earlier.map(|place| attempts[place]) {
                Some(seq) => Ok(Against::Event { seq, what: "the earlier attempt".to_owned() }),
                None => Err(format!("event {seq} has no earlier attempt")),
            }
        }
        Base::Event(base) if *base == seq => Err(format!("event {seq} is the base; select another event to compare")),
        Base::Event(base) => Ok(Against::Event { seq: *base, what: "the base".to_owned() }),
        Base::File(path) => Ok(Against::File(path.clone())),
        Base::Responses => Ok(Against::Responses),
    }
}
