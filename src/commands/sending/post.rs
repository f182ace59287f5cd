//! Sends one item, retries it on a schedule if asked, stores its deliveries and prints each one.

use super::printer::{Printer, Report};
use super::sources::Parcel;
use crate::app::history::shared_reader::{EventError, read_event};
use crate::app::outbound::bulk::Slot;
use crate::app::outbound::prepare::{PrepareError, Prepared};
use crate::app::outbound::retry::{RetryEnd, retry};
use crate::app::outbound::samples::{Series, prepare_sample};
use crate::app::outbound::send::{Sender, Sent};
use crate::core::delivery::{
    Cause, Delivery, Form, Learned, Manner, Origin, Received, RetryPlan, RetryStep, Sending, SigningPolicy, Target,
    causes,
};
use crate::core::event::Event;
use crate::core::json::{SetError, Setting};
use crate::core::signature::GIVE_SECRET;
use crate::store::Reader;
use bytes::Bytes;
use jiff::Timestamp;
use std::cell::RefCell;
use std::convert::Infallible;
use tokio_util::sync::CancellationToken;

pub(super) struct Post<'a> {
    pub form: &'a Form,
    pub policy: SigningPolicy,
    pub settings: &'a [Setting],
    pub series: Series,
    pub sender: Sender,
    /// The history, if stored events are sent.
    pub reader: Option<Reader>,
    pub target: Target,
    pub plan: Option<RetryPlan>,
    pub stop: CancellationToken,
    pub printer: RefCell<Printer>,
}

/// An item and its place in what is sent.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    /// How often the list was sent before.
    pub pass: u32,
    /// The place in the list, counted from 0.
    pub place: usize,
    pub parcel: &'a Parcel,
}

/// Why an item was not sent.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Set(#[from] SetError),
    #[error("{0}{hint}", hint = hint(.0))]
    Prepare(#[from] PrepareError),
}

/// What to do about it on the command line.
fn hint(error: &PrepareError) -> String {
    match error {
        PrepareError::NoSecret => format!("; {GIVE_SECRET}"),
        PrepareError::Unverified => "; pass `--sign` to sign it anyway".to_owned(),
        // The message itself says what is wrong with the secret.
        PrepareError::UnusableSecret | PrepareError::NoBody => String::new(),
    }
}

/// An item that is ready to be sent any number of times.
struct Ready {
    event: Event,
    /// Whether a sender once sent the event. A sample was never received.
    is_received: bool,
    prepared: Prepared,
}

impl Post<'_> {
    /// Sends one item until it is delivered or its schedule is over. Returns how the last attempt ended.
    pub async fn send(&self, turn: Turn<'_>, slot: Slot) -> Sending {
        let (label, event) = match turn.parcel {
            Parcel::Stored(seq) => (format!("event {seq}"), Some(*seq)),
            Parcel::Fixture(name, _) => (name.clone(), None),
            Parcel::Sample(sample) => (sample.name.clone(), None),
        };
        let ready = match self.ready(turn) {
            Ok(ready) => ready,
            Err(why) => {
                let why = why.to_string();
                self.print(&Report::not_sent(&label, event, &why));
                return Sending::NotSent(why);
            }
        };
        let Some(plan) = self.plan else {
            let sent = self.attempt(slot, &ready, Timestamp::now(), Origin::Asked).await;
            self.print(&self.report(&label, &ready, &sent, None));
            return sent.in_short();
        };
        // The next item waits until the retries of this one end.
        let _slot = slot;
        let mut last = None;
        let attempt = |number, signed_at| {
            let ready = &ready;
            let origin = if number == 1 { Origin::Asked } else { Origin::Retried };
            async move { Ok::<_, Infallible>(self.attempt((), ready, signed_at, origin).await) }
        };
        let told = |step: RetryStep, sent: Sent| {
            let step = RetryStep { next_in: step.next_in.filter(|_| !self.stop.is_cancelled()), ..step };
            self.print(&self.report(&label, &ready, &sent, Some(step)));
            last = Some(sent.in_short());
        };
        let end = retry(plan, 1, &self.stop, attempt, |sent| sent.delivery.ending(), told).await;
        if let Ok(RetryEnd::Stopped(_)) = end {
            self.printer.borrow_mut().stopped_early();
        }
        last.unwrap_or_else(|| Sending::NotSent("stopped first".to_owned()))
    }

    fn ready(&self, Turn { pass, place, parcel }: Turn<'_>) -> Result<Ready, Refusal> {
        match parcel {
            Parcel::Stored(seq) => {
                let reader = self.reader.as_ref().ok_or(EventError::Deleted)?;
                self.ready_event(read_event(reader, *seq)?)
            }
            Parcel::Fixture(_, event) => self.ready_event(event.as_ref().clone()),
            Parcel::Sample(sample) => {
                let mut event = self.series.event(sample, pass, place);
                event.body = self.set(&event.body)?;
                let prepared = prepare_sample(&event, &self.sender.keyring.get());
                Ok(Ready { event, is_received: false, prepared })
            }
        }
    }

    fn ready_event(&self, event: Event) -> Result<Ready, Refusal> {
        let prepare = |form: &Form| self.sender.prepare(&event, form, self.policy);
        let prepared = if self.settings.is_empty() {
            prepare(self.form)?
        } else {
            // First with the body as it is: whether it may be edited at all comes before errors in the edit.
            prepare(&Form::Edited(event.body.clone()))?;
            prepare(&Form::Edited(self.set(&event.body)?))?
        };
        if prepared.manner() == Manner::AsReceived && *self.form != Form::AsReceived {
            self.printer.borrow_mut().went_unsigned();
        }
        Ok(Ready { event, is_received: true, prepared })
    }

    fn set(&self, body: &Bytes) -> Result<Bytes, SetError> {
        self.settings.iter().try_fold(body.clone(), |body, setting| Ok(setting.apply(&body)?.into()))
    }

    async fn attempt<S>(&self, slot: S, ready: &Ready, signed_at: Timestamp, origin: Origin) -> Sent {
        if ready.prepared.manner() == Manner::AsReceived && origin == Origin::Retried {
            self.printer.borrow_mut().retried_unsigned();
        }
        self.sender.send_in(slot, &ready.prepared, signed_at, &self.target, origin).await
    }

    /// Why the app did not accept the request. The text at the end explains the first one, JSON each.
    fn causes(&self, delivery: &Delivery, Ready { event, is_received, .. }: &Ready) -> Vec<Cause> {
        if !self.printer.borrow().wants_causes() {
            return Vec::new();
        }
        let target = is_received.then(|| event.head.target());
        let verification = is_received.then_some(&event.verification);
        let received = Received { body: &event.body, target, verification, learned: self.learned(delivery) };
        causes(delivery, received, &self.sender.keyring.get())
    }

    /// What rehearsals told of the target. Without a history, or if it cannot be read, nothing.
    fn learned(&self, delivery: &Delivery) -> Learned {
        let rehearsed = self.reader.as_ref().filter(|_| delivery.is_denied());
        let rehearsed = rehearsed.and_then(|reader| reader.rehearsed(&delivery.target).ok());
        rehearsed.map(|rehearsed| Learned::of(&rehearsed)).unwrap_or_default()
    }

    fn report<'r>(&self, label: &'r str, ready: &Ready, sent: &'r Sent, step: Option<RetryStep>) -> Report<'r> {
        let event = ready.event.stored_seq();
        let is_stored = self.sender.writer.is_some() && event.is_some() && sent.not_stored.is_none();
        let causes = self.causes(&sent.delivery, ready);
        Report { label, event, result: Ok(&sent.delivery), step, is_stored, causes }
    }

    fn print(&self, report: &Report<'_>) {
        if self.printer.borrow_mut().print(report).is_err() {
            // stdout is closed or cannot be written. The end says why.
            self.stop.cancel();
        }
    }
}
