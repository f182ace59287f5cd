//! `hookglass` and `hookglass listen`: puts configuration, store, listener, forwarding and the screen (or lines) together, and ends
//! them in order.

mod headless;
mod lines;
mod refusals;
mod screen;
mod subscribers;
mod warnings;

use super::Failure;
use super::talk::tell;
use crate::app::forward::backlog::Backlog;
use crate::app::forward::forwarder::{Forwarder, Report};
use crate::app::history::feed::Feed;
use crate::app::inbound::ingest::Ingest;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::app::outbound::runtime::DeliveryRuntime;
use crate::app::outbound::send::Sender;
use crate::app::process::watchdog::{self, CtrlC};
use crate::cli::ListenArgs;
use crate::client::{self, Client, Limits};
use crate::config::{self, EmptySecret, Environment, Settings};
use crate::core::delivery::{Forwarding, Target};
use crate::listener;
use crate::store::{self, Opening, Reader, Repair, Store, Writer};
use refusals::SharedRefusals;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use subscribers::Subscribers;
use tokio::sync::{Notify, mpsc, watch};
use warnings::Warning;

/// How long work in the background may take to end when the program does.
const LAST_WORK: Duration = Duration::from_millis(200);

/// The parts that the screen and the lines both stand on.
struct Parts {
    address: SocketAddr,
    database: PathBuf,
    reader: Reader,
    opening: Opening,
    /// The number of the newest delivery before any of this run.
    last_delivery: u64,
    sender: Sender,
    writer: Writer,
    feed: Arc<Feed>,
    refusals: Arc<SharedRefusals>,
    forwarding: Forwarding,
    /// What forwarding does.
    forwarded: mpsc::Receiver<Report>,
    /// What is yet to be forwarded.
    backlog: Backlog,
    /// The wake for events whose cause is yet to be found.
    undiagnosed: Arc<Notify>,
    answers: SharedOverrides,
    target: Option<Target>,
    warnings: Vec<Warning>,
    /// Begins to check the whole history, which can wait until everything else is there.
    start_check: Box<dyn FnOnce()>,
    /// How far the repair of the history is, if it was found damaged.
    repair: watch::Receiver<Option<Repair>>,
    /// What another program does to the history's files, if anything.
    harm: mpsc::Receiver<Warning>,
}

/// Listens until it is told to stop.
///
/// # Errors
/// Before the screen opens: when something that was asked for cannot be had. After: when the terminal fails.
pub(super) fn run(args: &ListenArgs, environment: &Environment) -> Result<(), Failure> {
    let (keyring, of_secrets) = config::keyring(environment, args.secrets.files(), EmptySecret::IsNone)?;
    let keyring = SharedKeyring::new(keyring);
    let settings = Settings::merge(args.layer(), &environment.file)?;
    let bound = listener::bind(SocketAddr::new(settings.bind, settings.port))?;
    let address = bound.local_addr();
    refuse_own_address(&settings.forwarding, address)?;
    store::remove_leftovers();
    let mut copying = |events, of| tell(&warnings::copying(events, of));
    let mut store =
        if args.ephemeral { Store::ephemeral()? } else { Store::open_reporting(&database(&settings)?, &mut copying)? };
    // Dropped after everything else that has the history open.
    let _closing = store.closing();

    let feed = Arc::new(Feed::default());
    let is_headless = args.headless || args.json || !crate::tui::terminal::is_usable(environment.text("TERM"));
    let refusals = Arc::new(SharedRefusals::new(if is_headless { refusals::LINES } else { refusals::NOTICES }));
    let (repair_sender, repair) = watch::channel(None);
    store.on_repair(move |step| {
        // The step before that has said that it begins.
        if !matches!(step, Repair::Copying { events: 0, of: 1.., .. }) {
            repair_sender.send_replace(Some(step));
        }
    });
    let (harm_sender, harm) = mpsc::channel(1);
    store.on_harmed(move |text| {
        // It is told once, so there is room.
        let _ = harm_sender.try_send(warnings::of_harm(&text));
    });
    let of_files = environment.notices.iter().cloned().chain(of_secrets).collect();
    let warnings = warnings::of_the_start(&settings, address, &store, of_files);
    let check = store.check();
    // What it finds the writer repairs, which is told.
    let start_check = Box::new(move || check.start(|_| ()));
    let (database, reader) = (store.path().to_owned(), store.reader()?);
    let (newest, last_delivery, opening) = (reader.last_seq()?, reader.last_delivery()?, store.opening());

    let delivering =
        DeliveryRuntime::start().map_err(|error| Failure::new("cannot start the deliveries' thread", error))?;
    let client = Client::new(Limits::default());
    client.forbid(address);
    let (forwarder, forwarded) =
        Forwarder::new(settings.forwarding.clone(), delivering.deliveries(), client.limits().whole);
    let forwarder = Arc::new(forwarder);
    let undiagnosed = Arc::new(Notify::new());
    let subscribers =
        Subscribers { forwarder: forwarder.clone(), feed: feed.clone(), undiagnosed: undiagnosed.clone() };
    let answers = SharedOverrides::new(settings.overrides);
    let (ingest, writer) = Ingest::start(
        bound,
        store,
        keyring.clone(),
        answers.clone(),
        &forwarder,
        Arc::new(subscribers),
        refusals.clone(),
    )
    .map_err(|error| Failure::new("cannot start the listener's thread", error))?;
    let sender = Sender { client, keyring, writer: Some(writer.clone()), deliveries: delivering.deliveries() };
    forwarder.start(&sender, &writer, newest, || reader.another())?;
    let parts = Parts {
        address,
        database,
        reader,
        opening,
        last_delivery,
        sender,
        writer,
        feed,
        refusals,
        forwarding: settings.forwarding,
        forwarded,
        backlog: forwarder.backlog(),
        undiagnosed,
        answers,
        target: settings.target,
        warnings,
        start_check,
        repair,
        harm,
    };

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let ctrl_c = if is_headless { CtrlC::Request } else { CtrlC::Key };
    watchdog::watch(ctrl_c).map_err(|error| Failure::new("cannot wait for signals", error))?;
    let (ended, stopped) = if is_headless {
        let rest = runtime.block_on(headless::run(parts, args.json));
        // Before the listener ends, for what is called off is kept as well.
        delivering.stop();
        // Until then events come, and each is told.
        let stopped = ingest.stop();
        let told = rest.and_then(|rest| runtime.block_on(rest.tell()));
        runtime.shutdown_timeout(LAST_WORK);
        (told, stopped)
    } else {
        let shown = runtime.block_on(screen::run(parts, environment));
        runtime.shutdown_timeout(LAST_WORK);
        delivering.stop();
        (shown, ingest.stop())
    };
    ended.and(stopped.map_err(|error| Failure::new("the listener failed", error)))
}

fn database(settings: &Settings) -> Result<PathBuf, Failure> {
    Ok(settings.db.clone().map_or_else(config::default_database, Ok)?)
}

/// What is plain at the start is said at the start; the rest is refused by the client.
fn refuse_own_address(forwarding: &Forwarding, own: SocketAddr) -> Result<(), Failure> {
    let targets = forwarding.routes.iter().map(|route| route.target());
    match targets.into_iter().find(|target| client::is_plainly(target, own)) {
        Some(target) => Err(Failure::with_hint(
            format!("cannot forward to `{target}`: hookglass itself listens on `{own}`"),
            "give the application's port, or hookglass another one with `--port`",
        )),
        None => Ok(()),
    }
}
