//! Reads events for the detail pane.

use super::Executor;
use crate::app::history::context::history_about;
use crate::app::history::shared_reader::EventError;
use crate::app::process::low_priority;
use crate::core::delivery::Learned;
use crate::core::diagnosis::History;
use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq, Summary};
use crate::core::signature::{Reason, Verdict};
use crate::store::StoreError;
use crate::tui::content::{Attempt, DeliveriesText, Loaded, Read};
use crate::tui::effect::Wanted;
use crate::tui::message::Message;
use std::sync::{MutexGuard, PoisonError};
use tokio::sync::watch;

/// The most deliveries of an event that are shown, each with a body of up to 256 KiB.
const MAX_DELIVERIES: usize = 64;

/// The longest body, in bytes, that is searched before the event is shown. That takes a few milliseconds for 1 KB and about a third of a
/// second for the longest.
const MAX_SEARCHED_AT_ONCE: u64 = 1 << 20;

/// An event with its attempts.
pub(crate) type LastRead = Option<(Event, Vec<Attempt>)>;

impl Executor {
    /// Starts to load what becomes wanted from now on.
    pub(crate) fn start_loading(&self) {
        tokio::spawn(self.clone().load_wanted(self.loads.subscribe()));
        tokio::spawn(self.clone().load_wanted_deliveries(self.delivery_loads.subscribe()));
        tokio::spawn(self.clone().examine_wanted(self.examinations.subscribe()));
    }

    /// Reads the wanted event, again and again as it changes. While one event is being read, only the newest wish is
    /// kept: the event that was wanted last is shown last.
    async fn load_wanted(self, wanted: watch::Receiver<Wanted>) {
        self.load_each(wanted, Self::load).await;
    }

    /// Like [`Executor::load_wanted`], but reads only the deliveries.
    async fn load_wanted_deliveries(self, wanted: watch::Receiver<Wanted>) {
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

    fn load(&self, wanted: &Wanted) -> Message {
        let Wanted { seq, attempts } = wanted;
        let keyring = self.sender.keyring.get();
        match self.read(*seq, attempts) {
            Ok(mut read) => {
                let Summary { verdict, reason, size, .. } = &read.event.summary;
                if *size > MAX_SEARCHED_AT_ONCE {
                    read.history = None;
                    self.examinations.send_replace(wanted.clone());
                } else if *verdict == Verdict::Invalid {
                    read.history = Some(self.history_about(&read.event));
                }
                if *reason == Some(Reason::NotExamined) {
                    // If it is full, the event is examined when it is opened the next time.
                    let _ = self.opened.try_send(*seq);
                }
                Message::EventLoaded(Box::new(Loaded::new(read, &keyring, &self.accepted.get(), &self.zone)))
            }
            Err(why) => self.not_loaded(*seq, why),
        }
    }

    /// Reads the wanted event again, with the reason for its verdict. While one event is being examined, only the newest wish is kept.
    async fn examine_wanted(self, mut wanted: watch::Receiver<Wanted>) {
        while wanted.changed().await.is_ok() {
            let event = wanted.borrow_and_update().clone();
            let this = self.clone();
            let Ok(Ok(read)) = tokio::task::spawn_blocking(move || this.read_with_history(&event)).await else {
                continue;
            };
            // The thread may outlive the program's use of the history, so it gets only what it needs.
            let (keyring, accepted, zone) = (self.sender.keyring.get(), self.accepted.get(), self.zone.clone());
            let Some(loaded) = low_priority::run(move || Loaded::new(read, &keyring, &accepted, &zone)).await else {
                continue;
            };
            if self.messages.send(Message::EventLoaded(Box::new(loaded))).await.is_err() {
                return;
            }
        }
    }

    fn read_with_history(&self, Wanted { seq, attempts }: &Wanted) -> Result<Read, String> {
        let mut read = self.read(*seq, attempts)?;
        read.history = Some(self.history_about(&read.event));
        Ok(read)
    }

    fn history_about(&self, event: &Event) -> History {
        self.reader.with(|reader| history_about(event, reader, &self.sender.keyring.get()))
    }

    fn read(&self, seq: Seq, attempts: &[Seq]) -> Result<Read, String> {
        let event = self.event(seq)?;
        let mut first_body = None;
        let mut read_attempts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            // An attempt that was deleted is not shown.
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
            Err(why) => self.not_loaded(*seq, why),
        }
    }

    fn not_loaded(&self, seq: Seq, why: String) -> Message {
        match self.reader.event(seq) {
            Err(EventError::Deleted) => Message::EventGone { seq },
            _ => Message::EventNotLoaded { seq, why },
        }
    }

    fn last_read(&self) -> MutexGuard<'_, LastRead> {
        self.last_read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_deliveries(&self, event: Event, attempts: Vec<Attempt>) -> Result<Read, String> {
        let seq = event.summary.seq;
        let deliveries = self.reader.with(|reader| {
            // Read before the deliveries: one that ends in between is then shown as a delivery.
            let forwarded_to = self.backlog.targets_of(&event, &reader.forwards(seq)?);
            let (deliveries, count) = (reader.deliveries(seq, MAX_DELIVERIES)?, reader.delivery_count(seq)?);
            let mut learned: Vec<(String, Learned)> = Vec::new();
            for delivery in deliveries.iter().filter(|delivery| delivery.is_denied()) {
                if !learned.iter().any(|(target, _)| *target == delivery.target) {
                    learned.push((delivery.target.clone(), Learned::of(&reader.rehearsed(&delivery.target)?)));
                }
            }
            Ok::<_, StoreError>((forwarded_to, deliveries, count, learned))
        });
        let (forwarded_to, deliveries, delivery_count, learned) = deliveries.map_err(|error| with_causes(&error))?;
        let history = Some(History::default());
        Ok(Read { event, attempts, deliveries, delivery_count, forwarded_to, learned, history })
    }
}

/// The first byte, counted from 0, at which two bodies differ.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b).or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}
