//! Effects to I/O to messages. The one part of the screen that knows the world outside.

mod jobs;

pub use jobs::CurrentJob;

use super::action::Copied;
use super::content::{Attempt, DeliveriesText, Loaded, Read};
use super::effect::{Effect, Order, SecretText, Wanted};
use super::message::Message;
use super::model::{Edit, Secrets};
use crate::app::forward::backlog::Backlog;
use crate::app::history::feed::Feed;
use crate::app::history::shared_reader::SharedReader;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::inbound::reverify::{Progress, Reverifier};
use crate::app::outbound::samples::SampleSender;
use crate::app::outbound::send::Sender;
use crate::clipboard::{Clipboard, Way};
use crate::core::delivery::{Delivery, Form, Origin, SigningPolicy, Target};
use crate::core::edit;
use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq};
use crate::core::export::{self, Destination};
use crate::core::index::Index;
use crate::core::json::{self, Document};
use crate::core::printable::{clipboard_json, clipboard_text};
use crate::core::request::values;
use crate::store::{Reader, Repair, StoreError, Writer};
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinError;

/// Events read at once when the feed could not hold them.
const CATCH_UP: usize = 10_000;
/// Most deliveries of an event that are shown, each with a body of up to a quarter of a megabyte.
const MAX_DELIVERIES: usize = 64;

/// An event with its attempts.
type LastRead = Option<(Event, Vec<Attempt>)>;

#[derive(Clone)]
pub struct Executor {
    pub database: PathBuf,
    pub reader: SharedReader,
    pub sender: Sender,
    pub writer: Writer,
    pub samples: SampleSender,
    pub clipboard: Arc<Mutex<Clipboard>>,
    pub answers: SharedOverrides,
    pub backlog: Backlog,
    pub feed: Arc<Feed>,
    pub zone: TimeZone,
    pub messages: mpsc::Sender<Message>,
    pub job: CurrentJob,
    /// The user's editor, as the shell reads it.
    pub editor: String,
    /// The event that is wanted in the detail pane: see [`Executor::load_wanted`].
    pub loads: watch::Sender<Wanted>,
    /// The event whose deliveries are wanted: see [`Executor::load_wanted_deliveries`].
    pub delivery_loads: watch::Sender<Wanted>,
    /// The event that was read last, with its attempts.
    pub last_read: Arc<Mutex<LastRead>>,
}

impl Executor {
    /// Begins to carry out `effect`; what comes of it arrives as a message. The terminal's own effects are the loop's.
    pub fn execute(&self, effect: Effect) {
        match effect {
            Effect::Load(wanted) => drop(self.loads.send_replace(wanted)),
            Effect::LoadDeliveries(wanted) => drop(self.delivery_loads.send_replace(wanted)),
            Effect::CompareAttempts(pairs) => self.reading(move |this| this.compare(&pairs)),
            Effect::CatchUp { after } => self.reading(move |this| this.catch_up(after)),
            Effect::Copy { seq, what, destination } => self.reading(move |this| this.copy(seq, what, &destination)),
            Effect::Send { order, target } => self.send(order, target),
            Effect::ReadEdit { seq, body, text } => self.reading(move |_| read_edit(seq, &body, text)),
            Effect::StopJob => self.stop_job(),
            Effect::SendSample => self.send_sample(),
            Effect::AddSecret(SecretText(text)) => self.add_secret(text),
            Effect::ForgetSecret => self.forget_secret(),
            Effect::SetOverride(setting) => self.answers.set(setting),
            Effect::CountForwards => self.count_forwards(),
            Effect::OpenEditor { .. }
            | Effect::WriteToTerminal(_)
            | Effect::CaptureMouse(_)
            | Effect::Suspend
            | Effect::Quit => {}
        }
    }

    /// Reads each event that is wanted, one at a time, so that what was read last is shown last. Of those that come while one is being
    /// read only the newest is.
    pub async fn load_wanted(self, wanted: watch::Receiver<Wanted>) {
        self.load_each(wanted, Self::load).await;
    }

    /// As [`Executor::load_wanted`], for deliveries alone.
    pub async fn load_wanted_deliveries(self, wanted: watch::Receiver<Wanted>) {
        self.load_each(wanted, Self::load_deliveries).await;
    }

    async fn load_each(self, mut wanted: watch::Receiver<Wanted>, load: fn(&Self, &Wanted) -> Message) {
        while wanted.changed().await.is_ok() {
            let event = wanted.borrow_and_update().clone();
            let this = self.clone();
            let Ok(message) = tokio::task::spawn_blocking(move || load(&this, &event)).await else { continue };
            if self.messages.send(message).await.is_err() {
                return;
            }
        }
    }

    /// Reads all events up to `up_to`, and how the deliveries up to number `last_delivery` ended, in the background. If the history is
    /// damaged it is read when `repair` has ended.
    pub fn load_history(&self, up_to: Seq, last_delivery: u64, mut repair: watch::Receiver<Option<Repair>>) {
        let this = self.clone();
        tokio::spawn(async move {
            let read = match this.read_history(up_to, last_delivery).await {
                Ok(Err(StoreError::Damaged { .. })) => {
                    let is_over = |step: &Option<Repair>| matches!(step, Some(Repair::Done(_) | Repair::Failed { .. }));
                    // Without a writer nothing is repaired, and the program ends.
                    let _ = repair.wait_for(is_over).await;
                    this.read_history(up_to, last_delivery).await
                }
                other => other,
            };
            let message = match read {
                Ok(Ok(index)) => Message::HistoryLoaded(Box::new(index)),
                Ok(Err(error)) => Message::HistoryFailed(with_causes(&error)),
                // A panic in it has been told.
                Err(_) => return,
            };
            // The screen may be gone.
            let _ = this.messages.send(message).await;
        });
    }

    async fn read_history(&self, up_to: Seq, last_delivery: u64) -> Result<Result<Index, StoreError>, JoinError> {
        let this = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut index = Index::default();
            // A reader of its own: this one reads for long.
            let reader = this.open_reader()?;
            reader.for_each_summary(up_to, |summary| index.push(&summary))?;
            reader.for_each_ending(last_delivery, |seq, origin, ending, total_us| {
                index.delivered(seq, origin, ending, total_us);
            })?;
            Ok(index)
        });
        reading.await
    }

    /// Another reader on the same history.
    ///
    /// # Errors
    /// When the file cannot be opened once more.
    pub fn open_reader(&self) -> Result<Reader, StoreError> {
        self.reader.with(Reader::another)
    }

    fn count_forwards(&self) {
        let (count, messages) = (self.backlog.count(), self.messages.clone());
        tokio::spawn(async move {
            // The screen that asked may be gone.
            let _ = messages.send(Message::ForwardsCounted(count)).await;
        });
    }

    /// Does blocking work on a thread that may wait.
    fn reading(&self, work: impl FnOnce(&Self) -> Message + Send + 'static) {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let message = work(&this);
            let _ = this.messages.blocking_send(message);
        });
    }

    fn event(&self, seq: Seq) -> Result<Event, String> {
        self.reader.event(seq).map_err(|error| error.to_string())
    }

    fn load(&self, Wanted { seq, attempts }: &Wanted) -> Message {
        match self.read(*seq, attempts) {
            Ok(read) => Message::EventLoaded(Box::new(Loaded::new(read, &self.sender.keyring.get(), &self.zone))),
            Err(why) => Message::EventNotLoaded { seq: *seq, why },
        }
    }

    fn read(&self, seq: Seq, attempts: &[Seq]) -> Result<Read, String> {
        let event = self.event(seq)?;
        let mut first_body = None;
        let mut read_attempts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            // One that is gone is not shown.
            let Ok(Event { summary, body, .. }) = self.event(*attempt) else { continue };
            let first_body = first_body.get_or_insert_with(|| body.clone());
            read_attempts.push(Attempt { summary, differs_at: first_difference(first_body, &body) });
        }
        *self.last_read() = Some((event.clone(), read_attempts.clone()));
        self.with_deliveries(event, read_attempts)
    }

    fn load_deliveries(&self, Wanted { seq, attempts }: &Wanted) -> Message {
        let last = self.last_read().clone().filter(|(event, _)| event.summary.seq == *seq);
        let read = match last {
            Some((event, attempts)) => self.with_deliveries(event, attempts),
            None => self.read(*seq, attempts),
        };
        match read {
            Ok(read) => {
                let text = DeliveriesText::new(&read, &self.sender.keyring.get(), &self.zone);
                Message::DeliveriesLoaded { seq: *seq, text }
            }
            Err(why) => Message::EventNotLoaded { seq: *seq, why },
        }
    }

    fn last_read(&self) -> MutexGuard<'_, LastRead> {
        self.last_read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_deliveries(&self, event: Event, attempts: Vec<Attempt>) -> Result<Read, String> {
        let seq = event.summary.seq;
        let deliveries = self.reader.with(|reader| {
            // Asked before the deliveries are read: what ends in between is among them.
            let forwarded_to = self.backlog.targets_of(&event, &reader.forwards(seq)?);
            let (deliveries, count) = (reader.deliveries(seq, MAX_DELIVERIES)?, reader.delivery_count(seq)?);
            Ok::<_, StoreError>((forwarded_to, deliveries, count))
        });
        let (forwarded_to, deliveries, delivery_count) = deliveries.map_err(|error| with_causes(&error))?;
        Ok(Read { event, attempts, deliveries, delivery_count, forwarded_to })
    }

    fn compare(&self, pairs: &[(Seq, Seq)]) -> Message {
        let body = |seq| self.event(seq).map(|event| event.body);
        let is_different = |(before, seq): &(Seq, Seq)| body(*before).is_ok_and(|before| body(*seq) != Ok(before));
        Message::AttemptsDiffer(pairs.iter().filter(|pair| is_different(pair)).map(|(_, seq)| *seq).collect())
    }

    fn catch_up(&self, after: Seq) -> Message {
        match self.reader.with(|reader| reader.after(after, CATCH_UP)) {
            Ok(summaries) => Message::CaughtUp { is_end: summaries.len() < CATCH_UP, summaries },
            Err(error) => Message::CatchUpFailed(with_causes(&error)),
        }
    }

    fn copy(&self, seq: Seq, what: Copied, destination: &Destination) -> Message {
        let what_words = what.as_str();
        let failed = |why| Message::CopyFailed { what: what_words, why };
        let event = match self.event(seq) {
            Ok(event) => event,
            Err(why) => return failed(why),
        };
        let bytes = copied(&event, what, destination);
        let copied = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner).copy(&bytes);
        match copied {
            Ok(way) => {
                let how = way.to_string();
                let sequence = if let Way::Terminal(sequence) = way { Some(sequence) } else { None };
                Message::TextCopied { what: what_words, how, sequence }
            }
            Err(error) => failed(with_causes(&error)),
        }
    }

    fn send(&self, order: Order, target: Target) {
        match order {
            Order::Many { seqs, form, pace } => self.send_many(seqs, form, pace, target),
            Order::Retries { seq, plan } => self.retry(seq, plan, target),
            Order::Rehearsals { seq, rehearsals } => self.rehearse(seq, rehearsals, target),
            Order::Event { seq, form, policy } => {
                let this = self.clone();
                self.sender.deliveries.spawn(async move {
                    let message = match this.send_one(seq, &form, policy, &target).await {
                        Ok(delivery) => Message::DeliveryFinished(Box::new(delivery)),
                        Err(why) => Message::DeliveryFailed { seq, why },
                    };
                    let _ = this.messages.send(message).await;
                });
            }
        }
    }

    async fn send_one(
        &self,
        seq: Seq,
        form: &Form,
        policy: SigningPolicy,
        target: &Target,
    ) -> Result<Delivery, String> {
        let event = self.read_event(seq).await?;
        let prepared = self.sender.prepare(&event, form, policy).map_err(|error| error.to_string())?;
        let sent = self.sender.send(&prepared, Timestamp::now(), target, Origin::Asked).await;
        sent.stored().map_err(|error| error.to_string())
    }

    /// One event with its bytes, read on a thread that may wait.
    async fn read_event(&self, seq: Seq) -> Result<Event, String> {
        let this = self.clone();
        let reading = tokio::task::spawn_blocking(move || this.event(seq));
        reading.await.map_err(|error| error.to_string())?
    }

    fn send_sample(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let message = match this.samples.send_next().await {
                Ok((event_type, status)) => Message::SampleSent { event_type, status },
                Err(why) => Message::SampleFailed(why),
            };
            let _ = this.messages.send(message).await;
        });
    }

    /// What is known of the secrets now.
    pub fn secrets(&self) -> Secrets {
        let keyring = &self.sender.keyring;
        Secrets::of(&keyring.get(), keyring.last_added())
    }

    fn add_secret(&self, text: String) {
        let now = jiff::Timestamp::now().to_zoned(self.zone.clone());
        self.sender.keyring.add(&format!("pasted {}", now.strftime("%H:%M")), text);
        self.secrets_changed();
    }

    fn forget_secret(&self) {
        if self.sender.keyring.forget_last_added() {
            self.secrets_changed();
        }
    }

    fn secrets_changed(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let _ = this.messages.send(Message::SecretsChanged(this.secrets())).await;
            this.judge(|judging, steps| async move { judging.all_again(&steps).await }).await;
        });
    }

    /// Judges the kept events again, of which `last` was the newest at the start, if the secrets are others than the last time.
    pub fn reverify_if_secrets_changed(&self, last: Seq) {
        let this = self.clone();
        tokio::spawn(async move {
            this.judge(|judging, steps| async move { judging.if_secrets_changed(last, &steps).await }).await;
        });
    }

    async fn judge<F: Future<Output = Result<(), String>>>(
        &self,
        work: impl FnOnce(Reverifier, mpsc::Sender<Progress>) -> F,
    ) {
        let (keyring, writer) = (self.sender.keyring.clone(), self.writer.clone());
        let (steps, mut told) = mpsc::channel(1);
        let telling = async {
            while let Some(Progress { verifications, done, all }) = told.recv().await {
                let verdicts = verifications.into_iter().map(|(seq, each)| (seq, each.verdict, each.reason)).collect();
                if self.messages.send(Message::EventsReverified { verdicts, done, all }).await.is_err() {
                    return;
                }
            }
        };
        let (ended, ()) =
            tokio::join!(work(Reverifier { database: self.database.clone(), keyring, writer }, steps), telling);
        if let Err(why) = ended {
            let _ = self.messages.send(Message::ReverifyFailed(why)).await;
        }
    }
}

fn read_edit(seq: Seq, before: &Bytes, text: Vec<u8>) -> Message {
    let body = edit::saved(before, text);
    let changes = if body == *before { Vec::new() } else { edit::changes(before, &body) };
    Message::EditRead(Edit { seq, is_json: json::validate(&body).is_ok(), body, changes })
}

/// The first byte, from 0, at which two bodies differ.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b).or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}

/// What is copied: text that may be pasted, but for the body, which is the event's own bytes.
fn copied(event: &Event, what: Copied, destination: &Destination) -> Vec<u8> {
    match what {
        Copied::Body => event.body.to_vec(),
        Copied::Payload => {
            let pretty = Document::new(event.body.clone()).pretty();
            let text =
                if json::validate(&event.body).is_ok() { clipboard_json(&pretty) } else { clipboard_text(&pretty) };
            text.into_bytes()
        }
        Copied::Curl => {
            let head = &event.head;
            export::curl(destination, head.method(), head.target(), &head.headers(), &event.body).into_bytes()
        }
        Copied::Headers => clipboard_text(export::headers_text(&event.head.headers()).as_bytes()).into_bytes(),
        Copied::Id => {
            let headers = event.head.headers();
            let id = event.summary.event_id.as_ref().map(|id| id.as_bytes());
            clipboard_text(id.or_else(|| values(&headers, "webhook-id").next()).unwrap_or_default()).into_bytes()
        }
    }
}
