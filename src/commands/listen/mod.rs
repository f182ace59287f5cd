//! `hookglass` and `hookglass listen`: connects configuration, store, listener, forwarding and the screen (or printed lines), and stops
//! them in order.

mod farewell;
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
use crate::log::PROCESS;
use crate::store::{self, Opening, Reader, Repair, Store, Writer};
use refusals::SharedRefusals;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use subscribers::Subscribers;
use tokio::sync::{Notify, mpsc, watch};
use warnings::Warning;

/// How long background work may take at exit.
const LAST_WORK: Duration = Duration::from_millis(200);

/// What becomes of the history when hookglass exits.
enum Kept {
    UntilExit,
    /// It stays, in the file that `--db` names or in the default one.
    In(Option<PathBuf>),
}

/// The parts that the screen and the printed lines need.
struct Parts {
    address: SocketAddr,
    database: PathBuf,
    reader: Reader,
    opening: Opening,
    /// The number of the newest delivery before this run.
    last_delivery: u64,
    sender: Sender,
    writer: Writer,
    feed: Arc<Feed>,
    refusals: Arc<SharedRefusals>,
    forwarding: Forwarding,
    /// The reports from forwarding.
    forwarded: mpsc::Receiver<Report>,
    /// The pending forwards.
    backlog: Backlog,
    /// Wakes the search for the reasons of invalid events.
    undiagnosed: Arc<Notify>,
    overrides: SharedOverrides,
    target: Option<Target>,
    warnings: Vec<Warning>,
    /// Starts the check of the whole history, which can wait until the rest runs.
    start_check: Box<dyn FnOnce()>,
    /// The progress of the repair, if the history was found damaged.
    repair: watch::Receiver<Option<Repair>>,
    /// Warnings that another program changed the history's files.
    harm: mpsc::Receiver<Warning>,
    kept: Kept,
}

/// Listens until it is told to stop.
///
/// # Errors
/// When it cannot start with these settings, or when the terminal fails later.
pub(super) fn run(args: &ListenArgs, environment: &Environment) -> Result<(), Failure> {
    let (keyring, of_secrets) = config::keyring(environment, args.secrets.files(), EmptySecret::IsNone)?;
    let keyring = SharedKeyring::new(keyring);
    let settings = Settings::merge(args.layer(), &environment.file)?;
    let bound = listener::bind(SocketAddr::new(settings.bind, settings.port))?;
    let address = bound.local_addr();
    refuse_own_address(&settings.forwarding, address)?;
    tracing::info!(
        target: PROCESS,
        address = %address,
        keys = keyring.get().verifying.len(),
        targets = settings.forwarding.routes.len(),
        mode = settings.forwarding.mode.as_str(),
        forwarded = settings.forwarding.forwarded.as_str(),
        overrides = settings.overrides.len(),
        is_ephemeral = args.ephemeral,
        "listening"
    );
    store::remove_leftovers();
    let mut copying = |events, of| tell(&warnings::copying(events, of));
    let mut store =
        if args.ephemeral { Store::ephemeral()? } else { Store::open_reporting(&database(&settings)?, &mut copying)? };
    // Dropped last: everything else that has the history open comes after it.
    let _closing = store.closing();

    let feed = Arc::new(Feed::default());
    let is_headless = args.headless || args.json || !crate::tui::terminal::is_usable(environment.text("TERM"));
    let refusals = Arc::new(SharedRefusals::new(if is_headless { refusals::LINES } else { refusals::NOTICES }));
    let (repair_sender, repair) = watch::channel(None);
    store.on_repair(move |step| {
        // The first of these steps repeats that the repair begins.
        if !matches!(step, Repair::Copying { events: 0, of: 1.., .. }) {
            repair_sender.send_replace(Some(step));
        }
    });
    let (harm_sender, harm) = mpsc::channel(1);
    store.on_harmed(move |text| {
        // It is sent once, so there is room.
        let _ = harm_sender.try_send(warnings::of_harm(&text));
    });
    let of_files = environment.notices.iter().cloned().chain(of_secrets).collect();
    let warnings = warnings::of_the_start(&settings, address, &store, of_files);
    let check = store.check();
    // The writer repairs the damage that the check finds, and reports that.
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
    let overrides = SharedOverrides::new(settings.overrides);
    let (ingest, writer) = Ingest::start(
        bound,
        store,
        keyring.clone(),
        overrides.clone(),
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
        overrides,
        target: settings.target,
        warnings,
        start_check,
        repair,
        harm,
        kept: if args.ephemeral { Kept::UntilExit } else { Kept::In(args.store.db.clone()) },
    };

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let ctrl_c = if is_headless { CtrlC::Request } else { CtrlC::Key };
    watchdog::watch(ctrl_c).map_err(|error| Failure::new("cannot wait for signals", error))?;
    let (ended, stopped) = if is_headless {
        let rest = runtime.block_on(headless::run(parts, args.json));
        // Before the listener ends, because cancelled deliveries are stored too.
        delivering.stop();
        // Events arrive until then, and each gets its line.
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

/// Refuses a target that is plainly hookglass's own address. The client refuses the others when something is delivered.
fn refuse_own_address(forwarding: &Forwarding, own: SocketAddr) -> Result<(), Failure> {
    let targets = forwarding.routes.iter().map(|route| route.target());
    match targets.into_iter().find(|target| client::is_plainly(target, own)) {
        Some(target) => Err(Failure::with_hint(
            format!("cannot forward to `{target}`: hookglass itself listens on `{own}`"),
            "use the port of your app, or choose another one for hookglass with `--port`",
        )),
        None => Ok(()),
    }
}
