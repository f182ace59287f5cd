//! The composition root of `hookglass listen`: config to store, listener, delivery and screen (or lines), and back down again.

pub mod bulk;
pub mod courier;
pub mod diagnosing;
mod failure;
pub mod feed;
mod follow;
mod forward;
mod headless;
pub mod ingest;
pub mod judging;
pub mod keyring;
mod lines;
pub mod rehearsing;
pub mod retrying;
pub mod samples;
mod screen;
pub mod sender;
pub mod signals;
pub mod stop;

pub use failure::{Failure, in_words};

use crate::cli::ListenArgs;
use crate::config::{self, EmptySecret, Environment};
use crate::core::delivery::Target;
use crate::core::event::Summary;
use crate::core::signature::{Verdict, odd_secrets};
use crate::delivery::{Client, Limits};
use crate::listener::{self, Refusal};
use crate::store::{Reader, Store};
use feed::Feed;
use ingest::Ingest;
use keyring::SharedKeyring;
use sender::Sender;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Refusals that wait to be told; more are not told one by one.
const REFUSALS: usize = 64;
/// How long work in the background may take to end when the program does.
const LAST_WORK: Duration = Duration::from_millis(200);

/// The parts that the screen and the lines both stand on.
struct Parts {
    address: SocketAddr,
    database: PathBuf,
    reader: Reader,
    sender: Sender,
    feed: Arc<Feed>,
    refusals: mpsc::Receiver<Refusal>,
    /// Where verified events go, and the wake for it.
    forward: Option<(Target, Arc<Notify>)>,
    /// The wake for events whose cause is yet to be found.
    undiagnosed: Arc<Notify>,
    target: Option<Target>,
    /// What is to be told at once: a damaged history moved aside, a line of `.env` not understood.
    notices: Vec<String>,
    /// Begins to check the whole history, which can wait until everything else is there.
    start_check: Box<dyn FnOnce()>,
    /// What that check finds, if anything.
    damage: mpsc::Receiver<String>,
}

/// Listens until it is told to stop.
///
/// # Errors
/// Before the screen opens: when something that was asked for cannot be had. After: when the terminal fails.
pub fn listen(args: &ListenArgs, environment: &Environment) -> Result<(), Failure> {
    let keyring = SharedKeyring::new(config::keyring(environment, args.secrets.files(), EmptySecret::IsNone)?);
    let target = args.target.as_deref().map(|text| config::target("--target", text)).transpose()?;
    let forward_to = args.forward_to.as_deref().map(|text| config::target("--forward-to", text)).transpose()?;
    let bound = listener::bind(SocketAddr::new(args.bind, args.port))?;
    let address = bound.local_addr();
    let store = open_store(args)?;

    let feed = Arc::new(Feed::default());
    let forward = forward_to.map(|target| (target, Arc::new(Notify::new())));
    let (refusal_sender, refusals) = mpsc::channel(REFUSALS);
    let (damage_sender, damage) = mpsc::channel(1);
    let notices = store.notice().map(str::to_owned).into_iter().chain(environment.warning.clone());
    let notices = notices.chain(odd_secrets(&keyring.get())).collect();
    let check = store.check();
    let start_check = Box::new(move || {
        check.start(move |text| {
            // When the program has ended there is nobody to tell.
            let _ = damage_sender.blocking_send(text);
        });
    });
    let (database, reader) = (store.path().to_owned(), store.reader()?);

    let undiagnosed = Arc::new(Notify::new());
    let on_kept = {
        let (feed, undiagnosed) = (feed.clone(), undiagnosed.clone());
        let came = forward.as_ref().map(|(_, came)| came.clone());
        move |summary: Summary| {
            let is_verified = summary.verdict == Verdict::Verified;
            let is_undiagnosed = diagnosing::is_undiagnosed(&summary);
            // First, so that nobody hears of a diagnosis before the event.
            feed.tell(summary);
            if let Some(came) = came.as_ref().filter(|_| is_verified) {
                came.notify_one();
            }
            if is_undiagnosed {
                undiagnosed.notify_one();
            }
        }
    };
    let on_refused = Arc::new(move |refusal| {
        // One that is not told is answered all the same.
        let _ = refusal_sender.try_send(refusal);
    });
    let (ingest, writer) = Ingest::start(bound, store, keyring.clone(), args.answer, on_kept, on_refused)
        .map_err(|error| Failure::new("cannot start the listener's thread", error))?;
    let client = Client::new(Limits::default());
    client.forbid(address);
    let sender = Sender { client, keyring, writer };
    let parts = Parts {
        address,
        database,
        reader,
        sender,
        feed,
        refusals,
        forward,
        undiagnosed,
        target,
        notices,
        start_check,
        damage,
    };

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let term = environment.text("TERM");
    let ended = if args.headless || args.json || !crate::tui::terminal::is_usable(term) {
        runtime.block_on(headless::run(parts, args.json))
    } else {
        runtime.block_on(screen::run(parts, environment))
    };
    runtime.shutdown_timeout(LAST_WORK);
    let stopped = ingest.stop().map_err(|error| Failure::new("the listener failed", error));
    ended.and(stopped)
}

fn open_store(args: &ListenArgs) -> Result<Store, Failure> {
    if args.ephemeral {
        return Ok(Store::ephemeral()?);
    }
    let path = match &args.store.db {
        Some(path) => path.clone(),
        None => config::default_database()?,
    };
    Ok(Store::open(&path)?)
}
