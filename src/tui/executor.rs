//! Carries out effects and reports the results as messages. The only part of the screen that does I/O.

mod captured;
mod comparing;
mod copying;
mod deleting;
mod history;
mod jobs;
mod leftovers;
mod loading;
mod piping;
mod saving;
mod searching;
mod secrets;
mod sending;
mod timeline;
mod transfer;

pub use captured::CaptureSource;
pub(crate) use jobs::CurrentJob;
pub(crate) use searching::Searches;

use super::effect::{Effect, SecretText, Wanted};
use super::message::Message;
use super::model::Edit;
use super::shown_text::ShownText;
use crate::app::accepted::AcceptedFile;
use crate::app::fixtures::folder::FixtureFolder;
use crate::app::forward::backlog::Backlog;
use crate::app::forward::resume::Resumer;
use crate::app::history::feed::Feed;
use crate::app::history::shared_reader::SharedReader;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::outbound::samples::SampleSender;
use crate::app::outbound::send::Sender;
use crate::app::recent::RecentFile;
use crate::clipboard::Clipboard;
use crate::core::edit;
use crate::core::event::{Event, Seq};
use crate::core::json;
use crate::store::{Reader, StoreError, Writer};
use bytes::Bytes;
use jiff::tz::TimeZone;
use loading::LastRead;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

#[derive(Clone)]
pub struct Executor {
    pub database: PathBuf,
    pub reader: SharedReader,
    pub sender: Sender,
    pub writer: Writer,
    pub fixtures: FixtureFolder,
    /// Where hookglass was started, and reads `.env`.
    pub folder: PathBuf,
    pub samples: SampleSender,
    pub recent: RecentFile,
    pub accepted: AcceptedFile,
    pub clipboard: Arc<Mutex<Clipboard>>,
    pub overrides: SharedOverrides,
    pub backlog: Backlog,
    /// What earlier runs left to forward.
    pub resumer: Resumer,
    pub feed: Arc<Feed>,
    pub zone: TimeZone,
    pub messages: mpsc::Sender<Message>,
    pub job: CurrentJob,
    /// Stops the running deletion.
    pub deleting: CurrentJob,
    /// Stops the running export or import.
    pub transfer: CurrentJob,
    /// The command that the body is piped to.
    pub piping: CurrentJob,
    pub captures: CaptureSource,
    /// The user's editor, as the shell reads it.
    pub editor: String,
    /// The user's pager, as the shell reads it.
    pub pager: String,
    /// The event that is wanted in the detail pane: see `load_wanted`.
    pub loads: watch::Sender<Wanted>,
    /// The event whose deliveries are wanted: see `load_wanted_deliveries`.
    pub delivery_loads: watch::Sender<Wanted>,
    /// The number of the newest filter that reads requests.
    pub newest_search: Arc<AtomicU64>,
    /// The event whose reason is wanted: see `examine_wanted`.
    pub examinations: watch::Sender<Wanted>,
    /// Takes the events that the user opened and that a flood left over.
    pub opened: mpsc::Sender<Seq>,
    /// The event that was read last, with its attempts.
    pub last_read: Arc<Mutex<LastRead>>,
    pub searches: Searches,
}

impl Executor {
    /// Starts to carry out `effect`. The result arrives as a message. The main loop carries out the effects on the
    /// terminal.
    pub fn execute(&self, effect: Effect) {
        match effect {
            Effect::Load(wanted) => drop(self.loads.send_replace(wanted)),
            Effect::LoadDeliveries(wanted) => drop(self.delivery_loads.send_replace(wanted)),
            Effect::ReadRequests { number, filter, seqs } => {
                self.newest_search.store(number, Ordering::Relaxed);
                self.reading(move |this| this.read_requests(number, &filter, &seqs));
            }
            Effect::CompareAttempts(pairs) => self.reading(move |this| this.compare(&pairs)),
            Effect::CatchUp { after } => self.reading(move |this| this.catch_up(after)),
            Effect::Copy { seq, what, destination } => self.reading(move |this| this.copy(seq, what, &destination)),
            Effect::CopyPublicUrl(url) => self.reading(move |this| this.copy_public_url(&url)),
            Effect::SaveFixtures(seqs) => self.reading(move |this| this.save_fixtures(&seqs)),
            Effect::Export { name, format, seqs } => self.export(name, format, seqs),
            Effect::Import { name } => self.import(name),
            Effect::LookForCaptures => self.look_for_captures(),
            Effect::ImportCaptured => self.import_captured(),
            Effect::StopTransfer => self.stop_transfer(),
            Effect::Accept { acceptances, is_accepted } => {
                self.reading(move |this| this.accept(&acceptances, is_accepted));
            }
            Effect::Annotate { seqs, change } => self.annotate(seqs, change),
            Effect::CopyPart { part, text } => self.reading(move |this| this.copy_part(part, &text)),
            Effect::Compare { seq, base, against } => {
                self.reading(move |this| this.compare_payload(seq, base, &against))
            }
            Effect::LayOut(wanted) => self.reading(move |_| Message::TextLaidOut(Box::new(ShownText::new(wanted)))),
            Effect::ReadTimeline { seq, about, columns } => {
                self.reading(move |this| this.read_timeline(seq, about, columns));
            }
            Effect::Search { number, text, needle } => self.search(number, text, needle),
            Effect::StopSearch => self.searches.stop(),
            Effect::Send { order, target } => self.send(order, target),
            Effect::ReadEdit { seq, body, text } => self.reading(move |_| read_edit(seq, &body, text)),
            Effect::Delete { seqs } => self.delete(seqs),
            Effect::Restore { seqs } => self.restore(seqs),
            Effect::StopDeleting => self.stop_deleting(),
            Effect::StopJob => self.stop_job(),
            Effect::SendSample { event_type, target } => self.send_sample(event_type, target),
            Effect::Remember(recent) => self.remember(recent),
            Effect::AddSecret(SecretText(text)) => self.add_secret(text),
            Effect::ForgetSecret => self.forget_secret(),
            Effect::PlanSaving => self.plan_saving(),
            Effect::SaveSecret(plan) => self.save_secret(plan),
            Effect::SetOverride(setting) => self.overrides.set(setting),
            Effect::CountForwards => self.count_forwards(),
            Effect::ResumeForwards { left, with_unknown } => self.resume_forwards(left, with_unknown),
            Effect::ForgetForwards(left) => self.forget_forwards(left),
            Effect::Pipe { command, body, columns } => self.pipe(command, body, columns),
            Effect::StopPipe => self.stop_pipe(),
            Effect::OpenEditor { .. }
            | Effect::OpenPager(_)
            | Effect::WriteToTerminal(_)
            | Effect::CaptureMouse(_)
            | Effect::Suspend
            | Effect::Quit => {}
        }
    }

    /// Opens another reader of the same history.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(crate) fn open_reader(&self) -> Result<Reader, StoreError> {
        self.reader.with(Reader::another)
    }

    /// Does `work` on a thread that may block, and sends its message.
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

    /// Reads an event on a thread that may block.
    async fn read_event(&self, seq: Seq) -> Result<Event, String> {
        let this = self.clone();
        let reading = tokio::task::spawn_blocking(move || this.event(seq));
        reading.await.map_err(|error| error.to_string())?
    }
}

fn read_edit(seq: Seq, before: &Bytes, text: Vec<u8>) -> Message {
    let body = edit::saved(before, text);
    let changes = if body == *before { Vec::new() } else { edit::changes(before, &body) };
    Message::EditRead(Edit { seq, is_json: json::validate(&body).is_ok(), body, changes })
}
