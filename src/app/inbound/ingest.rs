//! Runs the listener and the store's writer on one thread of their own.

use crate::app::forward::forwarder::Forwarder;
use crate::app::inbound::intake::Inbound;
use crate::app::inbound::overrides::SharedOverrides;
use crate::app::keyring::SharedKeyring;
use crate::listener::{self, Bound, OnRefused, Settings};
use crate::store::{OnStored, Queue, Store, Writer};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the last writes may take at exit.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// The thread of the listener and the writer.
pub struct Ingest {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Ingest {
    /// Starts the listener and the writer. `on_stored` and `on_refused` are called on their thread.
    ///
    /// # Errors
    /// When the system refuses the thread.
    pub fn start(
        bound: Bound,
        store: Store,
        keyring: SharedKeyring,
        overrides: SharedOverrides,
        forwarder: &Forwarder,
        on_stored: Arc<dyn OnStored>,
        on_refused: Arc<dyn OnRefused>,
    ) -> io::Result<(Self, Writer)> {
        let (writer, task) = store.into_writer(Queue::default(), on_stored);
        let relays = forwarder.relays(writer.clone());
        let intake = Arc::new(Inbound { keyring, overrides, relays, writer: writer.clone() });
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("ingest".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let writing = tokio::spawn(task.run());
                let stopped = async {
                    // An error means that the sender was dropped, which is how `Ingest::stop` asks.
                    let _ = stopped.await;
                };
                let served = listener::serve(bound, Settings::default(), intake, on_refused, stopped).await;
                // Some writers may never be dropped. Everything they sent so far is written by then.
                let _ = tokio::time::timeout(LAST_WRITES, writing).await;
                served.map_err(io::Error::other)
            })
        })?;
        Ok((Self { stop, thread }, writer))
    }

    /// Stops accepting requests, lets the open ones finish (at most 3 s) and waits for the last write.
    ///
    /// # Errors
    /// When the listener failed, or its thread panicked.
    pub fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the listener's thread panicked")))
    }
}
