//! The runtime of the deliveries, and how they end together. It is separate, so that deliveries slow down neither the listener nor the
//! screen.

use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

/// How long storing the cancelled deliveries may take at exit.
pub(crate) const LAST_DELIVERIES: Duration = Duration::from_secs(1);
/// How long the runtime may take to end after that.
const LAST_WORK: Duration = Duration::from_millis(200);

/// A handle on the runtime, for any thread.
#[derive(Clone)]
pub struct Deliveries {
    runtime: Handle,
    /// `true` once the program is exiting. Each delivery in flight holds a receiver.
    closing: Arc<watch::Sender<bool>>,
}

impl Deliveries {
    /// Runs deliveries on a runtime that others use too.
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, closing: Arc::new(watch::Sender::new(false)) }
    }

    /// Runs `work` beside the listener and the screen. Work that [`Deliveries::close`] must wait for holds an [`InFlight`].
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// A guard: [`Deliveries::close`] waits until it is dropped.
    pub(crate) fn in_flight(&self) -> InFlight {
        InFlight(self.closing.subscribe())
    }

    /// As `Deliveries::in_flight`. Never completes once the program is exiting, so that no delivery begins.
    pub async fn begin(&self) -> InFlight {
        let in_flight = self.in_flight();
        if *self.closing.borrow() {
            // Otherwise `Deliveries::close` would wait for a delivery that never begins.
            drop(in_flight);
            return std::future::pending().await;
        }
        in_flight
    }

    /// Cancels the deliveries in flight. No delivery begins from now on.
    pub(crate) fn cancel(&self) {
        self.closing.send_replace(true);
    }

    /// As `Deliveries::cancel`, and waits until all deliveries have ended.
    pub async fn close(&self) {
        self.cancel();
        self.closing.closed().await;
    }
}

/// Held by work that [`Deliveries::close`] waits for.
#[derive(Clone)]
pub struct InFlight(watch::Receiver<bool>);

impl InFlight {
    /// Completes when the program is exiting.
    pub async fn cancelled(&self) {
        // A dropped sender counts as the exit too.
        let _ = self.0.clone().wait_for(|is_closing| *is_closing).await;
    }
}

/// Owns the runtime and stops it.
pub struct DeliveryRuntime {
    runtime: Runtime,
    deliveries: Deliveries,
}

impl DeliveryRuntime {
    /// # Errors
    /// When the system refuses the thread.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("deliveries").enable_all().build()?;
        let deliveries = Deliveries::on(runtime.handle().clone());
        Ok(Self { runtime, deliveries })
    }

    pub fn deliveries(&self) -> Deliveries {
        self.deliveries.clone()
    }

    /// Cancels the deliveries in flight, and waits up to a second until they are stored. Returns whether that was enough.
    pub fn stop(self) -> bool {
        let closing = async { tokio::time::timeout(LAST_DELIVERIES, self.deliveries.close()).await };
        // Deliveries that take longer are dropped with the runtime.
        let is_closed = self.runtime.block_on(closing).is_ok();
        self.runtime.shutdown_timeout(LAST_WORK);
        is_closed
    }
}
