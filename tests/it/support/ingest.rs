//! A listener joined to a store, on a thread of its own, as the program runs them.

use super::event_and_response;
use super::patience::{HeldClock, PATIENCE, held_clock};
use futures_util::future::BoxFuture;
use hookglass::app::forward::forwarder::Forwarder;
use hookglass::app::inbound::intake::Inbound;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::core::delivery::{Forward, Forwarding};
use hookglass::core::event::{Arrival, NewEvent, Seq, Summary};
use hookglass::core::reply::{AppendError, Reply};
use hookglass::core::signature::Keyring;
use hookglass::listener::{self, Intake, Refusal, Responding, Settings};
use hookglass::store::{Queue, Reader, Store, Writer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

pub struct Ingest {
    pub address: SocketAddr,
    pub path: PathBuf,
    pub kept: mpsc::Receiver<Summary>,
    pub refused: mpsc::Receiver<Refusal>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    clock: HeldClock,
}

impl Ingest {
    pub fn start(path: &Path, settings: Settings) -> Self {
        Self::start_on(Store::open(path).unwrap(), settings)
    }

    pub fn start_on(store: Store, settings: Settings) -> Self {
        Self::start_with(store, settings, simple(None), false)
    }

    /// On a clock that only [`Ingest::clock`] moves.
    pub fn start_on_a_held_clock(path: &Path, settings: Settings) -> Self {
        Self::start_with(Store::open(path).unwrap(), settings, simple(None), true)
    }

    /// With the program's own intake, without a secret and with these overrides.
    pub fn start_responding(path: &Path, settings: Settings, overrides: SharedOverrides) -> Self {
        Self::start_with(Store::open(path).unwrap(), settings, answering(overrides), false)
    }

    /// As [`Ingest::start_responding`], on a clock that only [`Ingest::clock`] moves.
    pub fn start_responding_on_a_held_clock(path: &Path, settings: Settings, overrides: SharedOverrides) -> Self {
        Self::start_with(Store::open(path).unwrap(), settings, answering(overrides), true)
    }

    /// Each event fails to be stored with this error.
    pub fn start_failing(error: AppendError) -> Self {
        Self::start_with(Store::ephemeral().unwrap(), Settings::default(), simple(Some(error)), false)
    }

    fn start_with(
        store: Store,
        settings: Settings,
        intake: impl FnOnce(Writer, Handle) -> Arc<dyn Intake>,
        is_clock_held: bool,
    ) -> Self {
        let path = store.path().to_owned();
        let (kept_sender, kept) = mpsc::channel();
        let (refused_sender, refused) = mpsc::channel();
        let kept_sender = Mutex::new(kept_sender);
        let refused_sender = Mutex::new(refused_sender);
        let on_stored = Arc::new(move |summary: Summary, _: &[Forward]| {
            drop(kept_sender.lock().unwrap().send(summary));
        });
        let on_refused = Arc::new(move |refusal| drop(refused_sender.lock().unwrap().send(refusal)));
        let (writer, task) = store.into_writer(Queue::default(), on_stored);
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(is_clock_held).build().unwrap();
        let intake = intake(writer, runtime.handle().clone());
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = bound.local_addr();
        let (stop, stopped) = oneshot::channel();
        let (clock, steps) = held_clock();
        let thread = std::thread::spawn(move || {
            let stopping = async {
                drop(stopped.await);
                if is_clock_held {
                    // The end is bounded in real time.
                    tokio::time::resume();
                }
            };
            let serving = async {
                let writing = tokio::spawn(task.run());
                listener::serve(bound, settings, intake, on_refused, stopping).await.unwrap();
                writing.await.unwrap();
            };
            runtime.block_on(async { if is_clock_held { steps.drive_while(serving).await } else { serving.await } });
        });
        Self { address, path, kept, refused, stop: Some(stop), thread: Some(thread), clock }
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    /// The clock of an ingest that was started on a held one.
    pub fn clock(&self) -> &HeldClock {
        &self.clock
    }

    /// The next event that was stored.
    #[track_caller]
    pub fn next_stored(&self) -> Summary {
        self.kept.recv_timeout(PATIENCE).expect("an event is stored")
    }

    #[track_caller]
    pub fn next_refused(&self) -> Refusal {
        self.refused.recv_timeout(PATIENCE).expect("a request is refused")
    }

    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

fn simple(failing_with: Option<AppendError>) -> impl FnOnce(Writer, Handle) -> Arc<dyn Intake> {
    |writer, _| Arc::new(Simple { writer, failing_with })
}

fn answering(overrides: SharedOverrides) -> impl FnOnce(Writer, Handle) -> Arc<dyn Intake> {
    |writer, runtime| {
        let deliveries = Deliveries::on(runtime);
        let (forwarder, _) = Forwarder::new(Forwarding::default(), deliveries, Duration::from_secs(10));
        let (keyring, relays) = (SharedKeyring::new(Keyring::default()), forwarder.relays(writer.clone()));
        Arc::new(Inbound { keyring, overrides, relays, writer })
    }
}

/// Takes the verdict and the response from the request's own headers: see [`event_and_response`].
struct Simple {
    writer: Writer,
    failing_with: Option<AppendError>,
}

impl Intake for Simple {
    fn decide(&self, arrival: Arrival) -> (NewEvent, Responding) {
        event_and_response(arrival)
    }

    fn store(&self, event: NewEvent) -> BoxFuture<'_, Result<Seq, AppendError>> {
        match &self.failing_with {
            Some(error) => Box::pin(std::future::ready(Err(error.clone()))),
            None => Box::pin(self.writer.append(event)),
        }
    }

    fn relay(&self, seq: Seq, _: Instant) -> BoxFuture<'_, Reply> {
        unreachable!("no event is relayed, nor is {seq}")
    }

    fn sender_left(&self, seq: Seq) {
        unreachable!("no response is delayed, nor is that to {seq}");
    }

    fn is_forwarding(&self) -> bool {
        false
    }

    fn run(&self) -> &str {
        "1"
    }
}
