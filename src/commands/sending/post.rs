//! Sends one thing, on a schedule where it fails, keeps what can be kept, and has each delivery printed.

use super::Intent;
use super::printer::{Printer, Report};
use super::sources::Parcel;
use crate::app::outbound::prepare::{Bounds, Courier, Prepared, Signing};
use crate::app::outbound::retry::{RetryEnd, retry};
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::samples::SignedSample;
use crate::app::outbound::send::{SendError, Sent};
use crate::app::process::cancel::Stop;
use crate::core::delivery::{
    Delivery, Manner, Origin, Outgoing, RetryPlan, RetryStep, Sending, Target, advice, likely_causes,
};
use crate::core::event::{Event, Seq};
use crate::core::json::{SetError, Setting};
use crate::core::signature::{Verdict, Verification};
use crate::store::{Reader, StoreError, Writer};
use bytes::Bytes;
use jiff::Timestamp;
use std::cell::RefCell;
use std::convert::Infallible;

/// Bytes of a body up to which it is looked at why the app refused it; longer ones would hold up what is sent next.
const MAX_EXPLAINED: usize = 1 << 20;

pub(super) struct Post<'a> {
    pub intent: Intent,
    pub signing: Signing,
    pub settings: &'a [Setting],
    pub courier: Courier,
    /// There when kept events are sent.
    pub reader: Option<Reader>,
    /// There when their deliveries are kept.
    pub writer: Option<Writer>,
    /// Call off what is on its way.
    pub deliveries: Deliveries,
    pub target: Target,
    pub plan: Option<RetryPlan>,
    pub stop: Stop,
    pub printer: RefCell<Printer>,
}

/// Why a thing was not sent.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("it is no longer in the history")]
    Gone,
    #[error("{}", crate::core::errors::with_causes(.0))]
    Read(#[from] StoreError),
    #[error("it was never verified, so only `--sign` signs it")]
    Unverified,
    #[error("no signing secret is known; set SCALEKIT_WEBHOOK_SECRET or give `--secret-file FILE`")]
    NoSecret,
    #[error(transparent)]
    Set(#[from] SetError),
    #[error(transparent)]
    Send(SendError),
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoSecret => Self::NoSecret,
            SendError::Unverified => Self::Unverified,
            error => Self::Send(error),
        }
    }
}

/// A thing ready to be sent any number of times.
struct Ready {
    /// Of a kept event.
    seq: Option<Seq>,
    received: Bytes,
    /// The request target of an event that came from anywhere.
    path: Option<Vec<u8>>,
    /// What was found of it when it arrived; `None` of what never did.
    arrival: Option<Verification>,
    letter: Letter,
}

enum Letter {
    Event(Prepared),
    Sample(SignedSample),
}

impl Letter {
    fn at(&self, now: Timestamp) -> Outgoing {
        match self {
            Self::Event(prepared) => prepared.at(now),
            Self::Sample(sample) => sample.at(now),
        }
    }
}

impl Post<'_> {
    /// Sends it to its end; gives how the last attempt went.
    pub async fn send(&self, parcel: &Parcel) -> Sending {
        let (label, event) = match parcel {
            Parcel::Stored(seq) => (format!("event {seq}"), Some(*seq)),
            Parcel::Fixture(name, _) => (name.clone(), None),
            Parcel::Sample(sample) => (sample.event_type.to_owned(), None),
        };
        let ready = match self.ready(parcel) {
            Ok(ready) => ready,
            Err(why) => {
                let why = why.to_string();
                self.print(&Report::not_sent(&label, event, &why));
                return Sending::NotSent(why);
            }
        };
        let Some(plan) = self.plan else {
            let sent = self.attempt(&ready, Timestamp::now(), Origin::Asked).await;
            self.print(&self.report(&label, &ready, &sent, None));
            return sent.in_short();
        };
        let mut last = None;
        let attempt = |number, signed_at| {
            let ready = &ready;
            let origin = if number == 1 { Origin::Asked } else { Origin::Retried };
            async move { Ok::<_, Infallible>(self.attempt(ready, signed_at, origin).await) }
        };
        let told = |step: RetryStep, sent: Sent| {
            let step = RetryStep { next_in: step.next_in.filter(|_| !self.stop.is_asked()), ..step };
            self.print(&self.report(&label, &ready, &sent, Some(step)));
            last = Some(sent.in_short());
        };
        let end = retry(plan, 1, &self.stop, attempt, |sent| sent.delivery.ending(), told).await;
        if let Ok(RetryEnd::Stopped(_)) = end {
            self.printer.borrow_mut().stopped_early();
        }
        last.unwrap_or_else(|| Sending::NotSent("it was stopped".to_owned()))
    }

    fn ready(&self, parcel: &Parcel) -> Result<Ready, Refusal> {
        match parcel {
            Parcel::Stored(seq) => {
                let reader = self.reader.as_ref().ok_or(Refusal::Gone)?;
                let event = reader.event(*seq)?.ok_or(Refusal::Gone)?;
                self.ready_event(&event, Some(*seq))
            }
            Parcel::Fixture(_, event) => self.ready_event(event, None),
            Parcel::Sample(sample) => {
                let mut sample = SignedSample::new(sample, &self.courier.keyring.get());
                sample.body = self.set(&sample.body)?;
                let received = sample.body.clone();
                Ok(Ready { seq: None, received, path: None, arrival: None, letter: Letter::Sample(sample) })
            }
        }
    }

    fn ready_event(&self, event: &Event, seq: Option<Seq>) -> Result<Ready, Refusal> {
        let is_new = self.intent == Intent::New || !self.settings.is_empty();
        let may_be_signed = self.signing == Signing::Any || event.verification.verdict == Verdict::Verified;
        let prepared = if self.intent == Intent::AsReceived {
            self.courier.as_received(event)?
        } else if is_new && (may_be_signed || !self.settings.is_empty()) {
            // Before the body is looked at: whether it may be changed at all comes first.
            self.courier.edited(event, event.body.clone(), self.signing)?;
            self.courier.edited(event, self.set(&event.body)?, self.signing)?
        } else {
            self.courier.resigned(event, self.signing)?
        };
        if prepared.manner() == Manner::AsReceived && self.intent != Intent::AsReceived {
            self.printer.borrow_mut().went_unsigned();
        }
        let (path, arrival) = (Some(event.head.target().to_vec()), Some(event.verification.clone()));
        Ok(Ready { seq, received: event.body.clone(), path, arrival, letter: Letter::Event(prepared) })
    }

    fn set(&self, body: &Bytes) -> Result<Bytes, SetError> {
        self.settings.iter().try_fold(body.clone(), |body, setting| Ok(setting.apply(&body)?.into()))
    }

    async fn attempt(&self, ready: &Ready, signed_at: Timestamp, origin: Origin) -> Sent {
        let outgoing = ready.letter.at(signed_at);
        let is_unsigned = matches!(&ready.letter, Letter::Event(event) if event.manner() == Manner::AsReceived);
        if is_unsigned && origin == Origin::Retried {
            self.printer.borrow_mut().retried_unsigned();
        }
        let seq = ready.seq.unwrap_or_default();
        let in_flight = self.deliveries.in_flight();
        let bounds = Bounds { whole: self.courier.client.limits().whole, cancelled: in_flight.cancelled() };
        let delivery = self.courier.carry(seq, &ready.received, outgoing, &self.target, origin, bounds).await;
        self.explain(&delivery, ready);
        let not_stored = match (&self.writer, ready.seq) {
            (Some(writer), Some(_)) => writer.record_delivery(delivery.clone()).await.err(),
            _ => None,
        };
        Sent { delivery, not_stored }
    }

    /// Has the printer say at the end why the app may have refused what verifies, of the first such delivery, and what else an
    /// answer calls for.
    fn explain(&self, delivery: &Delivery, ready: &Ready) {
        let body = delivery.sent_body.as_ref().unwrap_or(&ready.received);
        if body.len() <= MAX_EXPLAINED && !self.printer.borrow().has_causes() {
            let keyring = self.courier.keyring.get();
            let causes = likely_causes(delivery, &ready.received, ready.arrival.as_ref(), &keyring);
            self.printer.borrow_mut().refused(causes);
        }
        if let Some(advice) = advice(delivery, ready.path.as_deref()) {
            self.printer.borrow_mut().advise(advice);
        }
    }

    fn report<'r>(&self, label: &'r str, ready: &Ready, sent: &'r Sent, step: Option<RetryStep>) -> Report<'r> {
        let is_stored = self.writer.is_some() && ready.seq.is_some() && sent.not_stored.is_none();
        Report { label, event: ready.seq, result: Ok(&sent.delivery), step, is_stored }
    }

    fn print(&self, report: &Report<'_>) {
        if self.printer.borrow_mut().print(report).is_err() {
            // Nobody reads any more, or nothing can be written: it is told at the end.
            self.stop.ask();
        }
    }
}
