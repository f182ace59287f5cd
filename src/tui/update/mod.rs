//! What each message does to the model, and what is to be done outside because of it. No I/O, no clock.

mod arrivals;
mod editing;
mod jobs;
mod keys;
mod moving;
mod overlays;
mod overrides;
mod prompt;
mod sending;

use super::effect::Effect;
use super::message::Message;
use super::model::{Model, Tone};

/// A notice goes away after this many seconds.
const NOTICE_S: i64 = 6;

/// The first effects: the newest event is read.
pub fn started(model: &mut Model) -> Vec<Effect> {
    moving::select_newest(model)
}

pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = take(model, message);
    moving::keep_in_range(model);
    effects
}

fn take(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::KeyPressed(key) => return keys::pressed(model, key),
        Message::TextPasted(text) => return overlays::pasted(model, &text),
        Message::Clicked { column, row } => return moving::clicked(model, column, row),
        Message::Scrolled { column, row, is_down } => return moving::scrolled(model, column, row, is_down),
        Message::Resized { width, height } => model.size = (width, height).into(),
        Message::Ticked(now) => {
            model.now = now;
            if model.notice.as_ref().is_some_and(|notice| now.as_second() - notice.since.as_second() >= NOTICE_S) {
                model.notice = None;
            }
            return arrivals::retried(model);
        }
        Message::EventsStored(summaries) => return arrivals::kept(model, &summaries),
        Message::FeedLagged => return arrivals::lagged(model),
        Message::CaughtUp { summaries, is_end } => return arrivals::caught_up(model, &summaries, is_end),
        Message::CatchUpFailed(why) => arrivals::catching_up_failed(model, &why),
        Message::HistoryLoaded(index) => return arrivals::history_loaded(model, *index),
        Message::HistoryFailed(why) => {
            model.events.is_history_loading = false;
            model.say(Tone::Bad, format!("cannot read the older events: {why}"));
        }
        Message::EventLoaded(loaded) => arrivals::event_loaded(model, loaded),
        Message::DeliveriesLoaded { seq, text } => arrivals::deliveries_loaded(model, seq, text),
        Message::EventNotLoaded { seq, why } => {
            if model.detail.loading == Some(seq) {
                model.detail.loading = None;
            }
            // The event before it must not pass for this one.
            if model.events.selected == Some(seq) {
                model.detail.loaded = None;
            }
            model.say(Tone::Bad, format!("cannot read event {seq}: {why}"));
        }
        Message::AttemptsDiffer(attempts) => arrivals::attempts_differ(model, &attempts),
        Message::TextCopied { what, how, sequence } => {
            model.say(Tone::Good, format!("{what} {how}"));
            return sequence.map(Effect::WriteToTerminal).into_iter().collect();
        }
        Message::CopyFailed { what, why } => model.say(Tone::Bad, format!("cannot copy the {what}: {why}")),
        Message::DeliveryFinished(delivery) => return sending::delivered(model, &delivery),
        Message::DeliveredElsewhere(delivery) => return sending::noted(model, &delivery),
        Message::DeliveryFailed { seq, why } => {
            sending::one_delivery_less(model);
            model.say(Tone::Bad, format!("event {seq} was not sent: {why}"));
        }
        Message::ForwardFailed { seq, why } => return sending::forward_failed(model, seq, &why),
        Message::ForwardsCounted(forwards) => return sending::quit_or_ask(model, forwards),
        Message::JobTold(news) => return jobs::told(model, news),
        Message::JobEnded(ended) => return jobs::ended(model, ended),
        Message::EditorEnded { seq, body, saved } => return editing::ended(model, seq, body, saved),
        Message::EditRead(edit) => editing::read(model, edit),
        Message::SenderAnswered { seq, response } => return arrivals::sender_answered(model, seq, response),
        Message::ForwardsMissed(count) => {
            model.say(Tone::Bad, format!("{count} deliveries and answers are in the history alone"));
        }
        Message::SampleSent { event_type, status } => {
            model.say(Tone::Good, format!("sent a sample {event_type}, answered {status}"));
        }
        Message::SampleFailed(why) => model.say(Tone::Bad, format!("the sample was not sent: {why}")),
        Message::OverridesChanged(answers) => return overrides::changed(model, answers),
        Message::SecretsChanged(secrets) => sending::secrets_changed(model, secrets),
        Message::EventsReverified { verdicts, done, all } => return arrivals::judged_again(model, verdicts, done, all),
        Message::ReverifyFailed(why) => {
            model.judging = None;
            model.say(Tone::Bad, format!("judging the kept events stopped: {why}"));
        }
        Message::Diagnosed(judged) => return arrivals::diagnosed(model, judged),
        Message::RequestRefused { status, why } => {
            model.say(Tone::Bad, format!("a request was refused with {status}: {why}"));
        }
        Message::RequestsRefused(text) => model.say(Tone::Bad, text),
        Message::ProblemFound(problem) => {
            if !model.problems.contains(&problem) {
                model.problems.push(problem);
            }
        }
        Message::RepairTold(problem) => model.repair = Some(problem),
    }
    Vec::new()
}
