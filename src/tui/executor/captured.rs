//! The requests that ngrok captured: looks for those that the history lacks, and imports them.

use super::Executor;
use super::transfer::{Stored, failed, told};
use crate::app::transfer::import::{Known, import_records, lacking};
use crate::app::tunnel::{self, Agents, AllCaptures};
use crate::core::errors::with_causes;
use crate::core::numbers::counted;
use crate::core::tunnel::Offer;
use crate::store::StoreError;
use crate::tui::message::Message;
use crate::tui::model::Tone;
use crate::tui::prompt::NGROK;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Whom to ask for captured requests.
#[derive(Clone)]
pub struct CaptureSource {
    /// Where ngrok's agent listens, if the user says so.
    pub agent: Option<String>,
    /// The port of the listener.
    pub port: u16,
    /// What came later is in the history, or on its way there.
    pub started_at: Timestamp,
}

impl CaptureSource {
    fn ask(&self) -> Result<AllCaptures, String> {
        let agents = Agents::new(self.agent.as_deref()).map_err(|error| error.to_string())?;
        Handle::current().block_on(tunnel::captures(agents, self.port)).map_err(|error| error.to_string())
    }
}

impl Executor {
    /// Reports nothing if there is nothing to offer, or the agent does not say.
    pub(super) fn look_for_captures(&self) {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(offer) = this.offer() {
                // The screen may be gone.
                let _ = this.messages.blocking_send(Message::CapturesFound(offer));
            }
        });
    }

    fn offer(&self) -> Option<Offer> {
        let mut list = self.captures.ask().ok()?.list;
        list.retain(|capture| capture.at < self.captures.started_at);
        let records: Vec<_> = list.into_iter().filter_map(|capture| capture.request.ok()).collect();
        if records.is_empty() {
            return None;
        }
        // If the history cannot be read, those who read events say why.
        let reader = self.open_reader().ok()?;
        let known = Known::new(&reader).ok()?;
        Offer::of(&lacking(records, &known, &reader).ok()?)
    }

    pub(super) fn import_captured(&self) {
        let stop = self.begin_transfer();
        self.reading(move |this| {
            let message = match this.captures.ask() {
                Ok(captures) => this.imported_captures(captures, stop),
                Err(why) => return failed(format!("cannot import: {why}")),
            };
            // The screen reads the events from the store.
            let _ = this.messages.blocking_send(Message::FeedLagged);
            message.unwrap_or_else(|error| failed(format!("cannot import: {}", with_causes(&error))))
        });
    }

    fn imported_captures(&self, captures: AllCaptures, stop: CancellationToken) -> Result<Message, StoreError> {
        let (mut records, mut broken) = (Vec::new(), Vec::new());
        for capture in captures.list {
            match capture.request {
                Ok(record) => records.push(record),
                Err(error) => broken.push((capture.at, error)),
            }
        }
        let count = records.len();
        let reader = self.open_reader()?;
        let mut known = Known::new(&reader)?;
        let records = lacking(records, &known, &reader)?;
        let in_history = count - records.len();
        let mut sink = Stored::new(self, stop);
        let mut imported = import_records(records, &reader, &mut known, &self.sender.keyring, &mut sink);
        imported.known += in_history as u64;
        let message = told(NGROK, &imported);
        let (Message::TransferEnded { tone: Tone::Good, text }, Some((at, why))) = (&message, broken.first()) else {
            return Ok(message);
        };
        let at = at.to_zoned(self.zone.clone()).strftime("%H:%M:%S");
        let left_out = counted(broken.len() as u64, "request");
        let text = format!("{text}; {left_out} left out, the first of {at}: {why}");
        Ok(Message::TransferEnded { tone: Tone::Warning, text })
    }
}
