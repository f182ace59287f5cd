//! Copies, deliveries and secrets.

use super::{jobs, moving};
use crate::core::delivery::{Delivery, Doubt, Doubts, Form, Manner, Origin, SigningPolicy, Target};
use crate::core::event::Seq;
use crate::core::export::Destination;
use crate::core::rehearsal::Rehearsal;
use crate::core::times::in_words;
use crate::tui::action::Copied;
use crate::tui::available::sign_keys;
use crate::tui::effect::{Effect, Order};
use crate::tui::job::Job;
use crate::tui::model::{LastDelivery, Model, Overlay, Tone};
use crate::tui::prompt::Question;

pub(super) fn copy(model: &mut Model, seq: Seq, what: Copied) -> Vec<Effect> {
    if model.events.index.position_of(seq).is_none() {
        return Vec::new();
    }
    if let Copied::Test(runner) = what {
        model.last_test = Some(runner);
    }
    let destination = match &model.setup.target {
        Some(target) => Destination::Url(target.to_string()),
        None => Destination::Server(model.setup.address.clone()),
    };
    vec![Effect::Copy { seq, what, destination }]
}

/// Copies a test of event `seq` with the runner of the last one.
pub(super) fn copy_test_again(model: &mut Model, seq: Seq) -> Vec<Effect> {
    match model.last_test {
        Some(runner) => copy(model, seq, Copied::Test(runner)),
        None => Vec::new(),
    }
}

/// Re-delivers the selected event.
pub(super) fn redeliver(model: &mut Model, form: Form) -> Vec<Effect> {
    let Some(row) = model.events.selected_row() else { return Vec::new() };
    let seq = row.seq;
    send(model, Order::Event { seq, form, policy: SigningPolicy::Verified })
}

pub(super) fn ask_target(model: &mut Model, then: Option<Order>) {
    let known = model.targets().into_iter().next().unwrap_or_default();
    model.ask(Question::Target { then }, known);
}

/// Sends to the target. Asks for it first if there is none, and asks before it runs all rehearsals.
pub(super) fn send(model: &mut Model, order: Order) -> Vec<Effect> {
    let Some(target) = model.setup.target.clone() else {
        ask_target(model, Some(order));
        return Vec::new();
    };
    let is_free = !model.job.as_ref().is_some_and(Job::is_running);
    if let Order::Rehearsals { seq, rehearsals } = &order
        && rehearsals.len() > 1
        && is_free
    {
        model.overlay = Some(Overlay::ConfirmRehearsals { seq: *seq });
        return Vec::new();
    }
    if let Some(job) = Job::new(&order, &target) {
        return jobs::begin(model, job, order);
    }
    if let Order::Event { seq, form, policy } = &order {
        model.in_flight.begin(*seq, 1, model.now);
        let index = &model.events.index;
        let verdict = index.position_of(*seq).map(|position| index.row(position).verdict);
        let may_sign = verdict.is_none_or(|verdict| policy.allows(verdict));
        if *form == Form::Resigned && !may_sign && !model.unsigned.contains(seq) {
            model.unsigned.push(*seq);
        }
    }
    model.running_deliveries += 1;
    model.say(Tone::Plain, format!("sending to {target}"));
    vec![Effect::Send { order, target }]
}

/// Runs all rehearsals of event `seq`, which the user has confirmed.
pub(super) fn rehearse_all(model: &mut Model, seq: Seq) -> Vec<Effect> {
    let Some(target) = model.setup.target.clone() else { return Vec::new() };
    let order = Order::Rehearsals { seq, rehearsals: Rehearsal::ALL.to_vec() };
    Job::new(&order, &target).map_or_else(Vec::new, |job| jobs::begin(model, job, order))
}

pub(super) fn delivered(model: &mut Model, delivery: &Delivery) -> Vec<Effect> {
    let is_unsigned = delivery.origin == Origin::Asked && model.unsigned.contains(&delivery.event);
    match delivery.origin {
        Origin::Asked => finished_one(model, delivery.event),
        Origin::Forwarded => model.in_flight.end(delivery.event),
        Origin::Retried | Origin::Rehearsed(_) => {}
    }
    let doubt = doubt(model, delivery);
    say_delivered(model, delivery, doubt, is_unsigned);
    let address = delivery.target.parse().as_ref().map(Target::address).unwrap_or_default();
    let (ending, total_us) = (delivery.ending(), delivery.timing.total_us);
    model.note_delivery(LastDelivery { address, ending, doubt: doubt.map(|(doubt, _)| doubt), total_us });
    note(model, delivery)
}

/// What is wrong with a delivery, and the sentence about it.
fn doubt(model: &Model, delivery: &Delivery) -> Option<(Doubt, &'static str)> {
    if matches!(delivery.origin, Origin::Rehearsed(_)) {
        return None;
    }
    let index = &model.events.index;
    let row = index.row(index.position_of(delivery.event)?);
    let doubt = Doubts::of(delivery, row.event_type).given(row.verdict)?;
    Some((doubt, doubt.sentence(row.verdict)))
}

/// Shows the result of a delivery that the user asked for, and what is wrong with any other one. `is_unsigned`: it should have been signed
/// again, and the event never verified.
fn say_delivered(model: &mut Model, delivery: &Delivery, doubt: Option<(Doubt, &'static str)>, is_unsigned: bool) {
    let ending = delivery.ending();
    let tone = match doubt {
        Some((doubt, _)) if doubt.is_fault() => Tone::Bad,
        Some(_) => Tone::Warning,
        None if ending.is_delivered() => Tone::Good,
        None => Tone::Bad,
    };
    if delivery.origin != Origin::Asked {
        if let Some((_, sentence)) = doubt {
            model.mention(tone, format!("event {}: {sentence}", delivery.event));
        }
        return;
    }
    // Without the URL, the remark fits on a small screen.
    let is_unsigned = is_unsigned && delivery.manner == Manner::AsReceived;
    let text = match &delivery.outcome {
        Ok(response) if is_unsigned => format!("{} in {}", response.status, in_words(delivery.timing.total())),
        Ok(response) => format!("{} {}", delivery.target, response.sentence(delivery.timing.total())),
        Err(failure) => failure.text.clone(),
    };
    let doubt = doubt.map(|(_, sentence)| format!("; {sentence}")).unwrap_or_default();
    let remark = if is_unsigned {
        format!("; sent as received, since it never verified; `{}` signs it", sign_keys())
    } else {
        String::new()
    };
    model.say(tone, format!("{text}{doubt}{remark}"));
}

/// Updates what is shown of the event.
pub(super) fn note(model: &mut Model, delivery: &Delivery) -> Vec<Effect> {
    model.events.index.finished(delivery);
    model.events.refilter(delivery.event);
    moving::reload_deliveries(model, delivery.event)
}

/// An event is no longer pending, although it was not forwarded.
pub(super) fn forward_failed(model: &mut Model, seq: Seq, why: &str) -> Vec<Effect> {
    model.in_flight.end(seq);
    model.say(Tone::Bad, format!("forwarding event {seq} failed: {why}"));
    moving::reload_deliveries(model, seq)
}

/// A delivery that the user asked for could not be made.
pub(super) fn delivery_failed(model: &mut Model, seq: Seq, why: &str) {
    finished_one(model, seq);
    model.say(Tone::Bad, format!("sending event {seq} failed: {why}"));
}

/// Reports were dropped, so what is in flight is no longer known.
pub(super) fn forwards_missed(model: &mut Model, count: u64) {
    model.in_flight.clear();
    let text = match count {
        1 => "1 delivery or response was not shown; it is in the history".to_owned(),
        _ => format!("{count} deliveries or responses were not shown; they are in the history"),
    };
    model.say(Tone::Bad, text);
}

/// A delivery of event `seq` that the user asked for has finished.
fn finished_one(model: &mut Model, seq: Seq) {
    model.unsigned.retain(|unsigned| *unsigned != seq);
    model.in_flight.end(seq);
    model.running_deliveries = model.running_deliveries.saturating_sub(1);
}

/// Quits, or asks first while deliveries are pending.
pub(super) fn quit_or_ask(model: &mut Model, forwards: usize) -> Vec<Effect> {
    if forwards == 0 && !model.is_sending() {
        return vec![Effect::Quit];
    }
    model.overlay = Some(Overlay::ConfirmQuit { forwards });
    Vec::new()
}
