//! A listener joined to a store, on a thread of its own, as the program runs them.

use super::judge_and_answer;
use futures_util::future::BoxFuture;
use hookglass::app::forward::forwarder::Forwarder;
use hookglass::app::inbound::intake::Inbound;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::core::delivery::{Forward, Forwarding};
use hookglass::core::event::{Arrival, Judged, Seq, Summary};
use hookglass::core::overrides::{AppendError, Reply};
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
}

impl Ingest {
    pub fn start(path: &Path, settings: Settings) -> Self {
        Self::start_on(Store::open(path).unwrap(), settings)
    }

    pub fn start_on(store: Store, settings: Settings) -> Self {
        Self::start_with(store, settings, |writer, _| Arc::new(Simple { writer, failing_with: None }))
    }

    /// With the program's own intake, without a secret, and these overrides.
    pub fn start_answering(path: &Path, settings: Settings, overrides: SharedOverrides) -> Self {
        Self::start_with(Store::open(path).unwrap(), settings, |writer, runtime| {
            let deliveries = Deliveries::on(runtime);
            let (forwarder, _) = Forwarder::new(Forwarding::default(), deliveries, Duration::from_secs(10));
            let (keyring, relays) = (SharedKeyring::new(Keyring::default()), forwarder.relays(writer.clone()));
            Arc::new(Inbound { keyring, overrides, relays, writer })
        })
    }

    /// Each event fails to be stored with this error.
    pub fn start_failing(error: AppendError) -> Self {
        let store = Store::ephemeral().unwrap();
        let intake = |writer, _| -> Arc<dyn Intake> { Arc::new(Simple { writer, failing_with: Some(error) }) };
        Self::start_with(store, Settings::default(), intake)
    }

    fn start_with(store: Store, settings: Settings, intake: impl FnOnce(Writer, Handle) -> Arc<dyn Intake>) -> Self {
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let intake = intake(writer, runtime.handle().clone());
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = bound.local_addr();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                let writing = tokio::spawn(task.run());
                listener::serve(bound, settings, intake, on_refused, async { drop(stopped.await) }).await.unwrap();
                writing.await.unwrap();
            });
        });
        Self { address, path, kept, refused, stop: Some(stop), thread: Some(thread) }
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    /// The next event that was kept.
    pub fn next_kept(&self) -> Summary {
        self.kept.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    pub fn next_refused(&self) -> Refusal {
        self.refused.recv_timeout(Duration::from_secs(10)).unwrap()
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

/// Decides by the request's own headers: see [`judge_and_answer`].
struct Simple {
    writer: Writer,
    failing_with: Option<AppendError>,
}

impl Intake for Simple {
    fn decide(&self, arrival: Arrival) -> (Judged, Responding) {
        judge_and_answer(arrival)
    }

    fn store(&self, event: Judged) -> BoxFuture<'_, Result<Seq, AppendError>> {
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

    fn run(&self) -> Option<&str> {
        None
    }
}
