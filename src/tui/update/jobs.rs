//! Jobs: starting and stopping them, and their progress.

use super::moving;
use super::scroll::scrolled;
use crate::core::delivery::Origin;
use crate::core::rehearsal::Folds;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Order};
use crate::tui::job::{Ended, Job, News, Phase, Work};
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{LastDelivery, Model, Overlay, Tone};
use crossterm::event::{KeyCode, KeyEvent};

/// Starts `job`, unless another one is running.
pub(super) fn begin(model: &mut Model, job: Job, order: Order) -> Vec<Effect> {
    if model.job.as_ref().is_some_and(Job::is_running) {
        let stop = keymap::key_name(Action::StopJob);
        model.say(Tone::Plain, format!("another job is running; stop it with `{stop}` or wait for it"));
        show(model);
        return Vec::new();
    }
    let target = job.target.clone();
    model.job = Some(job);
    show(model);
    vec![Effect::Send { order, target }]
}

/// Shows the running job, or the last one.
pub(super) fn show(model: &mut Model) {
    model.overlay = Some(Overlay::Job { top: 0 });
}

/// Handles a key while the job is shown.
pub(super) fn in_job(model: &mut Model, key: KeyEvent, top: usize) -> Vec<Effect> {
    let page = layout::results_height(model.size).max(1);
    let mut effects = Vec::new();
    let top = match keymap::action(&[Scope::Job, Scope::Moving, Scope::Everywhere], key) {
        Some(Action::StopJob) => {
            effects.extend(stop(model));
            top
        }
        Some(Action::GoBack | Action::Quit) => {
            hide(model);
            return Vec::new();
        }
        Some(action @ (Action::FoldGroup | Action::MoveLeft | Action::MoveRight)) => {
            fold(model, action, key);
            top
        }
        Some(action) => scrolled(top, action, page),
        None => top,
    };
    model.overlay = Some(Overlay::Job { top });
    effects
}

/// Folds or unfolds groups of results.
fn fold(model: &mut Model, action: Action, key: KeyEvent) {
    let Some(Job { work: Work::Rehearsing(matrix), folds, .. }) = &mut model.job else { return };
    match (action, key.code) {
        (Action::MoveLeft, _) => *folds = Folds::all(),
        (Action::MoveRight, _) => *folds = Folds::none(),
        (_, KeyCode::Char(digit)) => folds.toggle(matrix, digit.to_digit(10).unwrap_or_default() as usize),
        _ => {}
    }
}

/// Tells the user that a hidden job continues.
fn hide(model: &mut Model) {
    if model.job.as_ref().is_some_and(Job::is_running) {
        let keys = [Action::BeginSend, Action::ShowJob].map(keymap::key_name).join(" ");
        model.say(Tone::Plain, format!("the job continues; `{keys}` shows it"));
    }
}

/// Starts no more deliveries of the job.
pub(super) fn stop(model: &mut Model) -> Option<Effect> {
    let job = model.job.as_mut().filter(|job| job.phase == Phase::Running)?;
    job.phase = Phase::Stopping;
    Some(Effect::StopJob)
}

pub(super) fn progressed(model: &mut Model, news: News) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let News::Sent { endings, .. } = &news {
        for ended in endings {
            let Ended { seq, ending, total_us, is_as_received } = *ended;
            model.events.index.delivered(seq, Origin::Asked, ending, total_us, is_as_received);
            model.events.refilter(ended.seq);
        }
        if let (Some(last), Some(job)) = (endings.last(), &model.job) {
            let index = &model.events.index;
            let doubt = index.position_of(last.seq).and_then(|position| index.row(position).doubt);
            let address = job.target.address();
            model.note_delivery(LastDelivery { address, ending: last.ending, doubt, total_us: last.total_us });
        }
        if let Some(seq) = model.events.selected.filter(|seq| endings.iter().any(|ended| ended.seq == *seq)) {
            effects = moving::reload_deliveries(model, seq);
        }
    }
    if let Some(job) = &mut model.job {
        job.apply(news);
    }
    effects
}

pub(super) fn ended(model: &mut Model, ended: Result<(), String>) -> Vec<Effect> {
    let Some(job) = &mut model.job else { return Vec::new() };
    job.phase = ended.map_or_else(Phase::Failed, |()| Phase::Ended);
    let (summary, is_good) = job.summary();
    model.say(if is_good { Tone::Good } else { Tone::Bad }, summary);
    model.events.selected.map_or_else(Vec::new, |seq| moving::reload_deliveries(model, seq))
}
