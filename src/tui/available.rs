//! Why an action cannot be carried out now. A key says it in a notice; the palette shows it beside the action.

use super::action::{About, Action};
use super::deletions;
use super::job::Job;
use super::keymap::key_name;
use super::model::{Model, Pane};
use super::palette::Palette;
use crate::core::diagnosis::Page;
use crate::core::event::Seq;
use crate::core::signature::Verdict;
use tui_input::Input;

/// Why `action` cannot be carried out for event `seq`; `None` if it can.
pub fn why_not(model: &Model, action: Action, seq: Option<Seq>) -> Option<String> {
    let is_known = seq.is_some_and(|seq| model.events.index.position_of(seq).is_some());
    if let Some(verb) = verb(model, action).filter(|_| !is_known) {
        let key = key_name(Action::SendSample);
        return Some(format!("no event to {verb} yet; press `{key}` to send a sample"));
    }
    match action {
        Action::Delete | Action::Clear | Action::Undo => deletions::why_not(model, action),
        Action::NextInvalid if next_invalid(model).is_none() => Some("no invalid event after this one".to_owned()),
        Action::PreviousInvalid if previous_invalid(model).is_none() => {
            Some("no invalid event before this one".to_owned())
        }
        Action::LaterAttempt if attempt(model, true).is_none() => Some("no later attempt of this message".to_owned()),
        Action::EarlierAttempt if attempt(model, false).is_none() => {
            Some("no earlier attempt of this message".to_owned())
        }
        Action::ClearMarks | Action::RedeliverMarked if !has_marks(model) => {
            Some(format!("no event is marked; press `{}` to mark one", key_name(Action::ToggleMark)))
        }
        Action::ExportListed if model.events.is_empty() && !model.is_transferring => Some(none_listed(model)),
        Action::RedeliverListed if model.events.is_empty() => Some(none_listed(model)),
        Action::Rehearse(_) | Action::RehearseAll => never_verified(model, seq?),
        Action::ShowStory(story) => {
            let row = model.events.index.row(model.events.index.position_of(seq?)?);
            story.filter(&row).is_none().then(|| format!("event {} has no {}", row.seq, story.as_str()))
        }
        Action::ShowTimeline(About::Organization) => {
            let row = model.events.index.row(model.events.index.position_of(seq?)?);
            row.organization_id.is_empty().then(|| format!("event {} has no organization", row.seq))
        }
        Action::ToggleFilter if model.events.filter_text.is_empty() && model.events.filter_off.is_empty() => {
            Some(format!("no filter yet; press `{}` to type one", key_name(Action::EditFilter)))
        }
        Action::ExplainReason => no_reason(model, seq?),
        Action::Edit | Action::Page | Action::Pipe if !is_loaded(model) => {
            Some("the event is still loading; try again".to_owned())
        }
        Action::CopyPublicUrl if model.tunnel.public.url().is_none() => {
            Some(format!("no public URL is known; start a tunnel with `{}`", model.setup.tunnel_command()))
        }
        Action::CopyTestAgain if model.last_test.is_none() => Some("no test has been copied yet".to_owned()),
        Action::SaveSecret if model.setup.secrets.last_added.is_none() => {
            Some(format!("no secret to save; press `{}` to paste one", key_name(Action::EnterSecret)))
        }
        Action::ShowChecks => no_checks(model),
        Action::ShowLeftovers if model.left.is_empty() => Some("an earlier run left nothing to forward".to_owned()),
        Action::ShowJob if model.job.is_none() => Some("no job has run yet".to_owned()),
        Action::StopJob if !model.job.as_ref().is_some_and(Job::is_running) => Some("no job is running".to_owned()),
        _ => None,
    }
}

fn none_listed(model: &Model) -> String {
    let is_filtered = !model.events.filter_text.is_empty();
    if is_filtered { "no event is listed; clear the filter first" } else { "no event is listed" }.to_owned()
}

/// The palette for what has been typed, each action with the reason why it cannot be carried out for the selected event.
pub fn palette(model: &Model, input: Input) -> Palette {
    Palette::new(input, model.focus, |action| why_not(model, action, model.events.selected))
}

/// What `action` does to an event, as in "no event to copy"; `None` if it needs no event.
fn verb(model: &Model, action: Action) -> Option<&'static str> {
    match action {
        Action::Open => (model.focus != Pane::Types).then_some("open"),
        Action::NextInvalid | Action::PreviousInvalid | Action::LaterAttempt | Action::EarlierAttempt => Some("select"),
        Action::ToggleMark | Action::ClearMarks => Some("mark"),
        Action::Delete => (!has_marks(model)).then_some("delete"),
        Action::BeginCopy
        | Action::Copy(_)
        | Action::CopyPart(_)
        | Action::BeginCopyTest
        | Action::CopyTestAgain
        | Action::BeginCopyHandler => Some("copy"),
        Action::SaveFixtures => Some("save"),
        Action::TogglePin => Some("pin"),
        Action::EditNote => Some("write a note on"),
        Action::ExplainReason => Some("explain"),
        Action::Redeliver | Action::RedeliverAsReceived | Action::RedeliverMarked | Action::RedeliverListed => {
            Some("re-deliver")
        }
        Action::Rehearse(_) | Action::RehearseAll => Some("rehearse"),
        Action::BeginStory | Action::ShowStory(_) | Action::ShowTimeline(_) => Some("follow"),
        Action::BeginSend | Action::Retry | Action::SignAndSend => Some("send"),
        Action::Edit => Some("edit"),
        Action::Page => Some("show"),
        Action::Pipe => Some("pipe"),
        Action::ShowChecks | Action::BeginDiff | Action::Compare(_) => Some("compare"),
        _ => None,
    }
}

/// Why there is no list of differences for the selected event.
fn no_checks(model: &Model) -> Option<String> {
    match &model.detail.loaded {
        Some(loaded) if is_loaded(model) => {
            loaded.checked.described.is_empty().then(|| "the payload is as documented".to_owned())
        }
        _ => Some("the event is still loading; try again".to_owned()),
    }
}

/// Rehearsals are signed, and only [`Action::SignAndSend`] signs an event that was never verified.
fn never_verified(model: &Model, seq: Seq) -> Option<String> {
    let index = &model.events.index;
    let row = index.position_of(seq).map(|position| index.row(position))?;
    if row.is_sample() {
        return None;
    }
    let ways = format!("`{}` signs and sends it, `{}` sends a sample", sign_keys(), key_name(Action::SendSample));
    (row.verdict != Verdict::Verified).then(|| format!("event {seq} was never verified; {ways}"))
}

/// The keys that sign and send an event that was never verified.
pub(crate) fn sign_keys() -> String {
    let [menu, sign] = [Action::BeginSend, Action::SignAndSend].map(key_name);
    format!("{menu} {sign}")
}

/// Only an event that is not verified has a reason.
fn no_reason(model: &Model, seq: Seq) -> Option<String> {
    let index = &model.events.index;
    let row = index.position_of(seq).map(|position| index.row(position))?;
    Page::find(row.reason).is_none().then(|| format!("event {seq} is {}: there is no reason to explain", row.verdict))
}

/// The line of the next invalid event. A selected event that is not listed counts as before all listed ones.
pub(crate) fn next_invalid(model: &Model) -> Option<usize> {
    let events = &model.events;
    let line = events.selected_line().unwrap_or(0);
    (line + 1..events.len()).find(|line| events.verdict(*line) == Verdict::Invalid)
}

/// The line of the previous invalid event.
pub(crate) fn previous_invalid(model: &Model) -> Option<usize> {
    let events = &model.events;
    let line = events.selected_line().unwrap_or(0);
    (0..line).rev().find(|line| events.verdict(*line) == Verdict::Invalid)
}

/// The attempt of the same message after the selected one, or before it.
pub fn attempt(model: &Model, is_later: bool) -> Option<Seq> {
    let seq = model.events.selected?;
    let attempts = model.events.attempts(seq);
    let place = attempts.iter().position(|attempt| *attempt == seq)?;
    let wanted = if is_later { Some(place + 1) } else { place.checked_sub(1) };
    attempts.get(wanted?).copied()
}

fn has_marks(model: &Model) -> bool {
    model.events.index.marked().next().is_some()
}

/// Whether the selected event is in memory with its body.
fn is_loaded(model: &Model) -> bool {
    let loaded = model.detail.loaded.as_ref().map(|loaded| loaded.event.summary.seq);
    loaded.is_some() && loaded == model.events.selected
}
