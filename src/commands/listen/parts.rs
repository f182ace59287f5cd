//! Starts everything that listens, stores and forwards, and gives the screen or the printed lines what they need of it.

use super::refusals::SharedRefusals;
use super::subscribers::Subscribers;
use super::warnings::{self, Warning};
use crate::app::fixtures::arrivals::{Arrivals, Saving};
use crate::app::forward::backlog::Backlog;
use crate::app::forward::forwarder::{Forwarder, Report};
use crate::app::forward::resume::Resumer;
use crate::app::history::feed::Feed;
use crate::app::inbound::ingest::Ingest;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::app::outbound::runtime::DeliveryRuntime;
use crate::app::outbound::send::Sender;
use crate::app::retention::Pruner;
use crate::client::Client;
use crate::commands::Failure;
use crate::config::{Notice, Settings};
use crate::core::delivery::{Forwarding, Target};
use crate::core::event::Seq;
use crate::core::refusals::Limit;
use crate::core::retention::Retention;
use crate::listener::Bound;
use crate::store::{Opening, Reader, Repair, Settlement, Store, Writer};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, watch};

/// The most warnings that wait.
const WARNINGS: usize = 16;

/// What becomes of the history when hookglass exits.
pub(super) enum HistoryPlace {
    UntilExit,
    /// It stays, in the file that `--db` names or in the default one.
    In(Option<PathBuf>),
}

/// The parts that the screen and the printed lines need.
pub(super) struct Parts {
    pub address: SocketAddr,
    pub history: History,
    pub handles: Handles,
    pub refusals: Arc<SharedRefusals>,
    pub forwarding: Forwarding,
    /// The reports from forwarding.
    pub forwarded: mpsc::Receiver<Report>,
    /// Whether to forward what earlier runs left without asking.
    pub resumes: bool,
    /// Events that the limits of the history deleted.
    pub pruned: mpsc::UnboundedReceiver<Vec<Seq>>,
    /// Wakes the search for the reasons of invalid events.
    pub undiagnosed: Arc<Notify>,
    pub public_url: Option<Target>,
    pub target: Option<Target>,
    pub warnings: Vec<Warning>,
    /// Warnings that come while hookglass listens.
    pub later: mpsc::Receiver<Warning>,
}

/// The opened history.
pub(super) struct History {
    pub reader: Reader,
    pub opening: Opening,
    /// The newest event before this run.
    pub newest: Seq,
    /// The number of the newest delivery before this run.
    pub last_delivery: u64,
    /// Starts the check of the whole history, which can wait until the rest runs.
    pub start_check: Box<dyn FnOnce()>,
    /// The progress of the repair, if the history was found damaged.
    pub repair: watch::Receiver<Option<Repair>>,
    pub place: HistoryPlace,
}

impl History {
    /// Reads where the history stands, and watches its files. Changes by other programs are reported to `warn`.
    fn begin(store: &mut Store, place: HistoryPlace, warn: mpsc::Sender<Warning>) -> Result<Self, Failure> {
        let repair = watch_files(store, warn);
        let (check, reader) = (store.check(), store.reader()?);
        let (newest, last_delivery) = (reader.last_seq()?, reader.last_delivery()?);
        // The writer repairs the damage that the check finds, and reports that.
        let start_check = Box::new(move || check.start(|_| ()));
        Ok(Self { reader, opening: store.opening(), newest, last_delivery, start_check, repair, place })
    }
}

/// What acts on the history, the listener and forwarding.
pub(super) struct Handles {
    pub database: PathBuf,
    pub sender: Sender,
    pub writer: Writer,
    pub feed: Arc<Feed>,
    pub overrides: SharedOverrides,
    /// The pending forwards.
    pub backlog: Backlog,
    /// What earlier runs left to forward.
    pub resumer: Resumer,
    /// The folder of fixtures.
    pub fixtures: PathBuf,
}

/// What runs on threads of its own until it is stopped.
pub(super) struct Services {
    pub delivering: DeliveryRuntime,
    pub ingest: Ingest,
    pub saving: Option<Saving>,
    pub pruner: Option<Pruner>,
    pub settlement: Settlement,
    pub backlog: Backlog,
}

impl Services {
    /// Ends the deliveries, then the listener. Returns the error of the listener, if it failed.
    pub fn stop(self) -> std::io::Result<()> {
        self.pruner.into_iter().for_each(Pruner::stop);
        // Before the listener ends, because cancelled deliveries are stored too.
        if self.delivering.stop() && self.backlog.is_certain() {
            self.settlement.nothing_is_in_flight();
        }
        let stopped = self.ingest.stop();
        self.saving.into_iter().for_each(Saving::stop);
        stopped
    }
}

/// Starts the listener, the store's writer and forwarding. `limit` is that of reported refusals, `of_files` what is wrong with files.
///
/// # Errors
/// When the history cannot be read, or the system refuses a thread.
pub(super) fn start(
    settings: Settings,
    (bound, client): (Bound, Client),
    (mut store, place): (Store, HistoryPlace),
    keyring: SharedKeyring,
    limit: Limit,
    of_files: Vec<Notice>,
    arrivals: Option<Arrivals>,
) -> Result<(Parts, Services), Failure> {
    let address = bound.local_addr();
    let (feed, refusals) = (Arc::new(Feed::default()), Arc::new(SharedRefusals::new(limit)));
    let (warn, later) = mpsc::channel(WARNINGS);
    let warnings = warnings::of_the_start(&settings, address, &store, of_files);
    let history = History::begin(&mut store, place, warn.clone())?;
    let (database, newest) = (store.path().to_owned(), history.newest);

    let delivering =
        DeliveryRuntime::start().map_err(|error| Failure::new("cannot start the deliveries' thread", error))?;
    client.forbid(address);
    let (forwarder, forwarded) =
        Forwarder::new(settings.forwarding.clone(), delivering.deliveries(), client.limits().whole);
    let (forwarder, undiagnosed) = (Arc::new(forwarder), Arc::new(Notify::new()));
    let saving = arrivals.map(|arrivals| save(arrivals, history.reader.another()?, newest, warn)).transpose()?;
    let on_stored = Subscribers {
        forwarder: forwarder.clone(),
        feed: feed.clone(),
        undiagnosed: undiagnosed.clone(),
        saving: saving.as_ref().map(Saving::wake),
    };
    let overrides = SharedOverrides::new(settings.overrides);
    let (on_stored, on_refused) = (Arc::new(on_stored), refusals.clone());
    let (ingest, writer) =
        Ingest::start(bound, store, keyring.clone(), overrides.clone(), &forwarder, on_stored, on_refused)
            .map_err(|error| Failure::new("cannot start the listener's thread", error))?;
    let sender = Sender { client, keyring, writer: Some(writer.clone()), deliveries: delivering.deliveries() };
    forwarder.start(&sender, &writer, newest, || history.reader.another())?;
    let backlog = forwarder.backlog();
    let (pruner, pruned) = prune(settings.retention, history.reader.another()?, &writer)?;
    let settlement = writer.settlement();
    let services = Services { delivering, ingest, saving, pruner, settlement, backlog: backlog.clone() };
    let resumer = Resumer { forwarder, writer: writer.clone() };
    let handles = Handles { database, sender, writer, feed, overrides, backlog, resumer, fixtures: settings.fixtures };
    let parts = Parts {
        address,
        history,
        handles,
        refusals,
        forwarding: settings.forwarding,
        forwarded,
        resumes: settings.resume_forwarding,
        pruned,
        undiagnosed,
        public_url: settings.public_url,
        target: settings.target,
        warnings,
        later,
    };
    Ok((parts, services))
}

/// Deletes what is beyond the limits, if there are any, and reports what it deleted.
fn prune(
    limits: Retention,
    reader: Reader,
    writer: &Writer,
) -> Result<(Option<Pruner>, mpsc::UnboundedReceiver<Vec<Seq>>), Failure> {
    let (gone, pruned) = mpsc::unbounded_channel();
    // Without a screen nobody receives it.
    let tell = move |seqs| drop(gone.send(seqs));
    let started = limits
        .has_limits()
        .then(|| Pruner::start(limits, Pruner::PAUSE, reader, writer.downgrade(), tell))
        .transpose()
        .map_err(|error| Failure::new("cannot start the thread that deletes old events", error))?;
    Ok((started, pruned))
}

/// Saves events as they arrive, and warns if that fails.
fn save(arrivals: Arrivals, reader: Reader, newest: Seq, warn: mpsc::Sender<Warning>) -> Result<Saving, Failure> {
    // A warning that does not fit is one of many.
    let tell = move |why| drop(warn.try_send(warnings::of_saving(why)));
    Saving::start(arrivals, reader, newest, tell)
        .map_err(|error| Failure::new("cannot start the thread that saves fixtures", error))
}

/// Watches for a repair of the history, and for other programs that change its files.
fn watch_files(store: &mut Store, warn: mpsc::Sender<Warning>) -> watch::Receiver<Option<Repair>> {
    let (repair_sender, repair) = watch::channel(None);
    store.on_repair(move |step| {
        // The first of these steps repeats that the repair begins.
        if !matches!(step, Repair::Copying { events: 0, of: 1.., .. }) {
            repair_sender.send_replace(Some(step));
        }
    });
    store.on_harmed(move |text| {
        // It is sent once, and nothing else sends this many.
        let _ = warn.try_send(warnings::of_harm(&text));
    });
    repair
}
