//! Copies, deliveries and secrets.

use super::{jobs, moving};
use crate::core::delivery::{Delivery, Form, Origin, SigningPolicy, Target};
use crate::core::event::Seq;
use crate::core::export::Destination;
use crate::tui::action::Copied;
use crate::tui::effect::{Effect, Order};
use crate::tui::job::Job;
use crate::tui::model::{LastDelivery, Model, Overlay, Secrets, Tone};
use crate::tui::prompt::Question;

pub(super) fn copy(model: &Model, seq: Seq, what: Copied) -> Vec<Effect> {
    if model.events.index.position_of(seq).is_none() {
        return Vec::new();
    }
    let destination = match &model.setup.target {
        Some(target) => Destination::Url(target.to_string()),
        None => Destination::Server(model.setup.address.clone()),
    };
    vec![Effect::Copy { seq, what, destination }]
}

/// Re-delivers the selected event.
pub(super) fn redeliver(model: &mut Model, form: Form) -> Vec<Effect> {
    let Some(row) = model.events.selected_row() else { return Vec::new() };
    let seq = row.seq;
    send(model, Order::Event { seq, form, policy: SigningPolicy::Verified })
}

pub(super) fn ask_target(model: &mut Model, then: Option<Order>) {
    let known =
        model.setup.target.as_ref().or(model.setup.forward_to.first()).map(ToString::to_string).unwrap_or_default();
    model.ask(Question::Target { then }, known);
}

/// Sends to the target. Asks for it first if there is none.
pub(super) fn send(model: &mut Model, order: Order) -> Vec<Effect> {
    let Some(target) = model.setup.target.clone() else {
        ask_target(model, Some(order));
        return Vec::new();
    };
    if let Some(job) = Job::new(&order, &target) {
        return jobs::begin(model, job, order);
    }
    model.running_deliveries += 1;
    model.say(Tone::Plain, format!("sending to {target}"));
    vec![Effect::Send { order, target }]
}

pub(super) fn delivered(model: &mut Model, delivery: &Delivery) -> Vec<Effect> {
    let ending = delivery.ending();
    if delivery.origin == Origin::Asked {
        finished_one(model);
        let text = match &delivery.outcome {
            Ok(response) => format!("{} {}", delivery.target, response.sentence(delivery.timing.total())),
            Err(failure) => failure.text.clone(),
        };
        model.say(if ending.is_delivered() { Tone::Good } else { Tone::Bad }, text);
    }
    let address = delivery.target.parse().as_ref().map(Target::address).unwrap_or_default();
    model.note_delivery(LastDelivery { address, ending, total_us: delivery.timing.total_us });
    note(model, delivery)
}

/// Updates what is shown of the event.
pub(super) fn note(model: &mut Model, delivery: &Delivery) -> Vec<Effect> {
    model.events.index.delivered(delivery.event, delivery.origin, delivery.ending(), delivery.timing.total_us);
    model.events.refilter(delivery.event);
    moving::reload_deliveries(model, delivery.event)
}

/// An event is no longer pending, although it was not forwarded.
pub(super) fn forward_failed(model: &mut Model, seq: Seq, why: &str) -> Vec<Effect> {
    model.say(Tone::Bad, format!("forwarding event {seq} failed: {why}"));
    moving::reload_deliveries(model, seq)
}

/// A delivery that the user asked for has finished.
pub(super) fn finished_one(model: &mut Model) {
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

pub(super) fn secrets_changed(model: &mut Model, secrets: Secrets) {
    let before = std::mem::replace(&mut model.setup.secrets, secrets);
    let now = &model.setup.secrets;
    let forgotten = before.labels.iter().rfind(|label| !now.labels.contains(label));
    let added = now.labels.iter().rfind(|label| !before.labels.contains(label));
    let what = match (forgotten, added) {
        (Some(forgotten), _) => format!("secret `{forgotten}` forgotten"),
        (None, Some(added)) => format!("secret `{added}` added"),
        // An earlier message already included this change: each one carries the state at the time it is sent.
        (None, None) => return,
    };
    model.say(Tone::Good, format!("{what}; re-verifying the stored events"));
}
