//! Updates the model for each message and returns the effects. No I/O, no clock.

mod actions;
mod arrivals;
mod checks;
mod comparing;
mod deleting;
mod editing;
mod field;
mod filling;
mod filtering;
mod fixtures;
mod jobs;
mod leftovers;
mod mouse;
mod moving;
mod overlays;
mod overrides;
mod palette;
mod payload;
mod programs;
mod prompt;
mod samples;
mod scroll;
mod searching;
mod secrets;
mod send_menu;
mod sending;
mod shown_text;
mod step;
mod text_search;
mod transfer;

use super::action::Action;
use super::effect::Effect;
use super::keymap::key_name;
use super::message::Message;
use super::model::{Model, Tone};
use crate::core::tunnel::{Found, PublicUrl};
use jiff::Timestamp;

/// How long a notice is shown, in seconds.
const NOTICE_S: i64 = 6;

/// The first effects: loads the newest event.
pub fn started(model: &mut Model) -> Vec<Effect> {
    moving::select_newest(model)
}

pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = handle(model, message);
    effects.extend(searching::next(model));
    effects.extend(shown_text::next(model));
    effects.extend(comparing::next(model));
    moving::keep_in_range(model);
    overlays::keep_in_range(model);
    effects
}

/// Whether `message` may change the frame. The time alone does once a minute, and while something counts seconds.
pub(crate) fn shows(model: &Model, message: &Message) -> bool {
    let Message::Ticked(now) = message else { return true };
    let minute = |time: &Timestamp| time.as_second().div_euclid(60);
    minute(now) != minute(&model.now)
        || model.notice.is_some()
        || model.in_flight.count() > 0
        || model.events.query.filter().is_relative()
        || model.events.catching_up.is_some()
}

fn handle(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::KeyPressed(key) if model.overlay.is_some() => return overlays::pressed(model, key),
        Message::KeyPressed(key) => return actions::pressed(model, key),
        Message::TextPasted(text) => return overlays::pasted(model, &text),
        Message::Clicked { column, row } => return mouse::clicked(model, column, row),
        Message::Scrolled { column, row, is_down } => return mouse::scrolled(model, column, row, is_down),
        Message::Resized { width, height } => model.size = (width, height).into(),
        Message::Ticked(now) => return ticked(model, now),
        Message::EventsStored(summaries) => return arrivals::stored(model, &summaries),
        Message::FeedLagged => return arrivals::lagged(model),
        Message::CaughtUp { summaries, is_end } => return arrivals::caught_up(model, &summaries, is_end),
        Message::CatchUpFailed(why) => arrivals::catching_up_failed(model, &why),
        Message::HistoryRead { read, all } => model.events.history_read = (read, all),
        Message::FilteringContinues => return filtering::continued(model),
        Message::HistoryLoaded(index) => return arrivals::history_loaded(model, *index),
        Message::HistoryFailed(why) => arrivals::history_failed(model, &why),
        Message::EventLoaded(loaded) => arrivals::event_loaded(model, loaded),
        Message::DeliveriesLoaded { seq, text } => arrivals::deliveries_loaded(model, seq, text),
        Message::EventGone { seq } => return deleting::gone(model, seq),
        Message::EventNotLoaded { seq, why } => arrivals::event_not_loaded(model, seq, &why),
        Message::RequestsRead { number, facts, failed } => return searching::read(model, number, facts, failed),
        Message::Compared { seq, base, text } => comparing::compared(model, seq, &base, text),
        Message::TextLaidOut(text) => shown_text::laid_out(model, text),
        Message::Searched { number, hits } => text_search::searched(model, number, hits),
        Message::AttemptsDiffer(attempts) => arrivals::attempts_differ(model, &attempts),
        Message::TextCopied { what, how, sequence } => {
            model.say(Tone::Good, format!("{what} {how}"));
            return sequence.map(Effect::WriteToTerminal).into_iter().collect();
        }
        Message::CopyFailed { what, why } => model.say(Tone::Bad, format!("cannot copy the {what}: {why}")),
        Message::EventsDeleted { seqs, pending } => return deleting::deleted(model, seqs, pending),
        Message::EventsPruned { seqs } => return deleting::left(model, &seqs),
        Message::EventsRestored { seqs } => return deleting::restored(model, seqs),
        Message::DeletionEnded(result) => return deleting::ended(model, result),
        Message::FixturesProgressed { done, all } => fixtures::progressed(model, done, all),
        Message::FixturesSaved(saved) => fixtures::saved(model, &saved),
        Message::TransferProgressed(text) => transfer::progressed(model, &text),
        Message::TransferEnded { tone, text } => transfer::ended(model, tone, text),
        Message::PagerFailed(why) => model.say(Tone::Bad, why),
        Message::Piped(shown) => programs::piped(model, shown),
        Message::AcceptedChanged { result, is_stored } => return checks::changed(model, result, is_stored),
        Message::EventsAnnotated(annotations) => transfer::annotated(model, annotations),
        Message::AnnotationChanged { seqs, change } => return transfer::changed(model, &seqs, &change),
        Message::AnnotationFailed(why) => model.say(Tone::Bad, format!("cannot store the change: {why}")),
        Message::DeliveryFinished(delivery) => return sending::delivered(model, &delivery),
        Message::DeliveredElsewhere(delivery) => return sending::note(model, &delivery),
        Message::DeliveryFailed { seq, why } => sending::delivery_failed(model, seq, &why),
        Message::ForwardFailed { seq, why } => return sending::forward_failed(model, seq, &why),
        Message::LeftForwardsFound { left, is_resumed } => leftovers::found(model, left, is_resumed),
        Message::ForwardsForgotten(result) => leftovers::forgotten(model, result),
        Message::ForwardsCounted(forwards) => return sending::quit_or_ask(model, forwards),
        Message::JobProgressed(news) => return jobs::progressed(model, news),
        Message::JobEnded(ended) => return jobs::ended(model, ended),
        Message::EditorEnded { seq, body, saved } => return editing::closed(model, seq, body, saved),
        Message::EditRead(edit) => editing::read(model, edit),
        Message::SenderResponded { seq, response } => return arrivals::responded(model, seq, response),
        Message::ForwardsMissed(count) => sending::forwards_missed(model, count),
        Message::SampleSent { event_type, target, status } => samples::sent(model, event_type, target.as_ref(), status),
        Message::SampleFailed(why) => model.say(Tone::Bad, format!("cannot send a sample: {why}")),
        Message::OverridesChanged(overrides) => return overrides::changed(model, overrides),
        Message::SecretsChanged(secrets) => secrets::changed(model, secrets),
        Message::SavingPlanned(plan) => secrets::planned(model, plan),
        Message::SecretSaved(saved) => secrets::saved(model, saved),
        Message::EventsReverified { verdicts, done, all } => return arrivals::reverified(model, verdicts, done, all),
        Message::ReverifyFailed(why) => arrivals::reverify_failed(model, &why),
        Message::Diagnosed(verdict) => return arrivals::diagnosed(model, verdict),
        Message::RequestRefused { status, why } => {
            model.say(Tone::Bad, format!("refused a request with {status}: {why}"));
        }
        Message::RequestsRefused(text) => model.say(Tone::Bad, text),
        Message::TunnelFound(found) => return tunnel_found(model, found),
        Message::CapturesFound(offer) => transfer::offered(model, offer),
        Message::ProblemFound(problem) => {
            if !model.problems.contains(&problem) {
                model.problems.push(problem);
            }
        }
        Message::RepairReported(problem) => model.repair = Some(problem),
    }
    Vec::new()
}

fn ticked(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    if model.notice.as_ref().is_some_and(|notice| now.as_second() - notice.since.as_second() >= NOTICE_S) {
        model.notice = None;
    }
    let mut effects = arrivals::retry(model);
    effects.extend(filtering::ticked(model));
    if std::mem::take(&mut model.is_recent_changed) {
        effects.push(Effect::Remember(model.all_recent()));
    }
    effects
}

fn tunnel_found(model: &mut Model, found: Found) -> Vec<Effect> {
    let is_new = found.public.url().is_some_and(|url| model.tunnel.public.url() != Some(url));
    // Its first appearance is good news; a change of it, or its end, stays in view as a problem.
    if let (PublicUrl::None, Some(_)) = (&model.tunnel.public, found.public.url()) {
        let url = found.endpoint().unwrap_or_default();
        model.say(Tone::Good, format!("public URL: {url} · {} copies it", key_name(Action::CopyPublicUrl)));
    }
    model.tunnel = found;
    // What came through it while nothing listened.
    if is_new { vec![Effect::LookForCaptures] } else { Vec::new() }
}
