//! The runtime that deliveries have to themselves, so that they slow neither the listener nor the screen, and their common end.

use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

/// How long what was called off may take to be kept when the program ends.
pub const LAST_DELIVERIES: Duration = Duration::from_secs(1);
/// How long the runtime may take to end after that.
const LAST_WORK: Duration = Duration::from_millis(200);

/// A handle on the runtime, for any thread.
#[derive(Clone)]
pub struct Deliveries {
    runtime: Handle,
    /// `true` once the program ends; what is on its way holds a receiver.
    closing: Arc<watch::Sender<bool>>,
}

impl Deliveries {
    /// Deliveries that share a runtime with others.
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, closing: Arc::new(watch::Sender::new(false)) }
    }

    /// Runs `work` beside the listener and the screen. What must be kept at the end holds an [`InFlight`].
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Something whose end [`Deliveries::close`] waits for.
    pub fn in_flight(&self) -> InFlight {
        InFlight(self.closing.subscribe())
    }

    /// As [`Deliveries::in_flight`], at once, unless the program ends: then never, for nothing is begun any more.
    pub async fn begin(&self) -> InFlight {
        let in_flight = self.in_flight();
        if *self.closing.borrow() {
            std::future::pending().await
        }
        in_flight
    }

    /// Calls off what is on its way; nothing is begun from now on.
    pub fn cancel(&self) {
        self.closing.send_replace(true);
    }

    /// As [`Deliveries::cancel`]. Done when all of it has ended.
    pub async fn close(&self) {
        self.cancel();
        self.closing.closed().await;
    }
}

/// Held by what [`Deliveries::close`] has to wait for.
#[derive(Clone)]
pub struct InFlight(watch::Receiver<bool>);

impl InFlight {
    /// Done when the program ends.
    pub async fn cancelled(&self) {
        // A sender that is gone is an end as well.
        let _ = self.0.clone().wait_for(|is_closing| *is_closing).await;
    }
}

/// The runtime itself, owned by whoever ends it.
pub struct DeliveryRuntime {
    runtime: Runtime,
    deliveries: Deliveries,
}

impl DeliveryRuntime {
    /// # Errors
    /// When its thread cannot be had.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("deliveries").enable_all().build()?;
        let deliveries = Deliveries::on(runtime.handle().clone());
        Ok(Self { runtime, deliveries })
    }

    pub fn deliveries(&self) -> Deliveries {
        self.deliveries.clone()
    }

    /// Calls off what is on its way and waits, in bounded time, until that is kept.
    pub fn stop(self) {
        let closing = async { tokio::time::timeout(LAST_DELIVERIES, self.deliveries.close()).await };
        // What takes longer is dropped with the runtime.
        let _ = self.runtime.block_on(closing);
        self.runtime.shutdown_timeout(LAST_WORK);
    }
}
