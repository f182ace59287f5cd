//! `hookglass` and `hookglass listen`: connects configuration, store, listener, forwarding and the screen (or printed lines), and stops
//! them in order.

mod farewell;
mod headless;
mod lines;
mod parts;
mod refusals;
mod screen;
mod subscribers;
mod taken;
mod warnings;

use super::talk::tell;
use super::{Failure, filtered};
use crate::app::accepted::AcceptedFile;
use crate::app::fixtures::arrivals::{Arrivals, LIMITS};
use crate::app::fixtures::folder::FixtureFolder;
use crate::app::keyring::SharedKeyring;
use crate::app::process::watchdog::{self, CtrlC};
use crate::app::recent::RecentFile;
use crate::cli::ListenArgs;
use crate::client::{self, Client, Limits};
use crate::config::{self, Access, EmptySecret, Environment, Notice, Settings};
use crate::core::delivery::Forwarding;
use crate::core::errors::with_causes;
use crate::core::random::Random;
use crate::core::recent::Recent;
use crate::core::sample_mark::SampleKey;
use crate::entropy::SystemRandom;
use crate::listener;
use crate::log::PROCESS;
use crate::store::{self, Store};
use parts::{HistoryPlace, Parts, Services};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long background work may take at exit.
const LAST_WORK: Duration = Duration::from_millis(200);

/// Listens until a key or a signal stops it. `is_config_named`: the configuration file is not the usual one, which other commands read.
///
/// # Errors
/// When it cannot start with these settings, or when the terminal fails later.
pub(super) fn run(args: &ListenArgs, is_config_named: bool, environment: &Environment) -> Result<(), Failure> {
    let (keyring, of_secrets) = config::keyring(environment, args.secrets.files(), EmptySecret::IsNone)?;
    let settings = Settings::merge(args.layer(), &environment.file)?;
    let access = Access::merge(args.access.layer(), &environment.file)?;
    let client = Client::fitted(Limits::default(), &access)?.keep_alive(settings.keep_alive);
    let arrivals = arrivals(args, environment)?;
    let wanted = SocketAddr::new(settings.bind, settings.port);
    let bound = listener::bind(wanted).map_err(|error| taken::explained(error, wanted))?;
    let address = bound.local_addr();
    refuse_own_address(&settings.forwarding, address)?;
    log_start(address, &settings, keyring.verifying.len(), args.ephemeral);
    let store = open(args, &settings)?;
    // Dropped last: everything else that has the history open comes after it.
    let _closing = store.closing();
    let is_headless = args.headless || args.json || !crate::tui::terminal::is_usable(environment.text("TERM"));
    let limit = if is_headless { refusals::LINES } else { refusals::NOTICES };
    let place = history_place(args, is_config_named, &settings)?;
    let (recent, accepted) = match &place {
        HistoryPlace::UntilExit => (RecentFile::default(), AcceptedFile::default()),
        HistoryPlace::In(_) => (RecentFile::beside(store.path()), AcceptedFile::beside(store.path())),
    };
    let unusable =
        accepted.read().err().map(|error| Notice { text: with_causes(&error), hint: error.hint().to_owned() });
    let arrivals = arrivals.map(|arrivals| Arrivals { accepted: accepted.get(), ..arrivals });
    let of_files = environment.notices.iter().cloned().chain(of_secrets).chain(unusable).collect();
    let mut known = recent.read();
    let keyring = SharedKeyring::new(keyring).with_samples(sample_key(&mut known));
    let store = (store, place);
    let (parts, services) = parts::start(settings, (bound, client), store, keyring, limit, of_files, arrivals)?;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let ctrl_c = if is_headless { CtrlC::Request } else { CtrlC::Key };
    watchdog::watch(ctrl_c).map_err(|error| Failure::new("cannot wait for signals", error))?;
    if is_headless {
        print(runtime, parts, services, args.json)
    } else {
        show(runtime, parts, services, environment, (recent, known), accepted)
    }
}

/// Prints one line for each event until hookglass is asked to stop.
fn print(runtime: Runtime, parts: Parts, services: Services, is_json: bool) -> Result<(), Failure> {
    let rest = runtime.block_on(headless::run(parts, is_json));
    // Events arrive until then, and each gets its line.
    let stopped = services.stop();
    let told = rest.and_then(|rest| runtime.block_on(rest.tell()));
    runtime.shutdown_timeout(LAST_WORK);
    told.and(stopped.map_err(listener_failed))
}

/// Shows the screen until the user quits.
fn show(
    runtime: Runtime,
    parts: Parts,
    services: Services,
    environment: &Environment,
    recent: (RecentFile, Recent),
    accepted: AcceptedFile,
) -> Result<(), Failure> {
    let shown = runtime.block_on(screen::run(parts, environment, recent, accepted));
    runtime.shutdown_timeout(LAST_WORK);
    let stopped = services.stop();
    shown.and(stopped.map_err(listener_failed))
}

/// The key that marks samples of this history. A new one is stored with the first sample.
fn sample_key(known: &mut Recent) -> SampleKey {
    known.sample_key.as_deref().and_then(SampleKey::from_hex).unwrap_or_else(|| {
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes);
        let key = SampleKey::new(bytes);
        known.sample_key = Some(key.to_hex());
        key
    })
}

/// Logs what this run was asked for; of the secrets, only their number.
fn log_start(address: SocketAddr, settings: &Settings, keys: usize, is_ephemeral: bool) {
    tracing::info!(
        target: PROCESS,
        address = %address,
        keys,
        targets = settings.forwarding.routes.len(),
        mode = settings.forwarding.mode.as_str(),
        forwarded = settings.forwarding.forwarded.as_str(),
        overrides = settings.overrides.len(),
        is_ephemeral,
        "listening"
    );
}

fn listener_failed(error: std::io::Error) -> Failure {
    Failure::new("the listener failed", error)
}

fn open(args: &ListenArgs, settings: &Settings) -> Result<Store, Failure> {
    store::remove_leftovers();
    if args.ephemeral {
        return Ok(Store::ephemeral()?);
    }
    let mut copying = |events, of| tell(&warnings::copying(events, of));
    Ok(Store::open_reporting(&database(settings)?, &mut copying)?)
}

/// How long the events stay, and the path that other commands must be told to find them.
fn history_place(args: &ListenArgs, is_config_named: bool, settings: &Settings) -> Result<HistoryPlace, Failure> {
    if args.ephemeral {
        return Ok(HistoryPlace::UntilExit);
    }
    let named = if is_config_named { Some(database(settings)?) } else { None };
    Ok(HistoryPlace::In(args.store.db.clone().or(named)))
}

/// The events to save as they arrive, and where.
fn arrivals(args: &ListenArgs, environment: &Environment) -> Result<Option<Arrivals>, Failure> {
    let Some(folder) = args.save_dir.clone() else { return Ok(None) };
    let filter = args.save.as_deref().map(|text| filtered::read(text, environment)).transpose()?.unwrap_or_default();
    if let Some(term) = filter.later_condition() {
        return Err(Failure::with_hint(
            format!("cannot save events by `{term}`: when an event arrives, nothing is known about that"),
            "leave it out, and save such events with `hookglass export --format fixtures --filter …` later",
        ));
    }
    Ok(Some(Arrivals { folder: FixtureFolder::new(folder), filter, accepted: Arc::default(), limits: LIMITS }))
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
