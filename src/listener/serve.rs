//! Binding, the accept loop and the graceful stop.

use super::budget::Budget;
use super::capture::router;
use super::connection::{Place, drive};
use super::shared::Shared;
use super::{Intake, OnRefused, Settings};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long to wait after a failed accept, for example when there are no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// File handles reserved for the rest of the program.
#[cfg(unix)]
const SPARE_FILES: u64 = 64;

/// Why the address could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{address}`")]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// A bound port that is not served yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// The actual address. If port 0 was requested, it has the port that the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

/// Binds the address. Separate from [`serve`], so that a port in use is reported before the screen opens. Needs no runtime.
///
/// # Errors
/// When the address cannot be bound; the source says why.
pub fn bind(address: SocketAddr) -> Result<Bound, ListenError> {
    let bind = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, address })
    };
    bind().map_err(|source| ListenError { address, source })
}

/// Serves on `bound` until `shutdown` completes, then gives open requests [`Settings::stop_timeout`] to end.
///
/// # Errors
/// When the runtime cannot watch the port.
pub async fn serve(
    bound: Bound,
    settings: Settings,
    intake: Arc<dyn Intake>,
    on_refused: Arc<dyn OnRefused>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let address = bound.address;
    let listener =
        tokio::net::TcpListener::from_std(bound.listener).map_err(|source| ListenError { address, source })?;
    let connections = connection_limit(settings.max_connections);
    let slots = Arc::new(Semaphore::new(connections));
    // The other half of the connections stays free for immediate responses.
    let held = Arc::new(Semaphore::new(connections.div_ceil(2)));
    let stop_timeout = settings.stop_timeout;
    let budget = Budget::new(settings.max_bodies);
    let (stop, stopped) = watch::channel(false);
    let shared = Arc::new(Shared { settings, intake, on_refused, budget, held, stop: stopped.clone() });
    let router = router(Arc::clone(&shared));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);

    loop {
        let next = async {
            // Take the slot first, so that connections that cannot be served stay in the system's queue.
            let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
            (slot, accept(&listener).await)
        };
        let (slot, stream) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next => next,
        };
        let place = Place {
            shared: Arc::clone(&shared),
            router: router.clone(),
            slots: Arc::clone(&slots),
            stop: stopped.clone(),
        };
        connections.spawn(async move {
            drive(stream, place).await;
            drop(slot);
        });
        while connections.try_join_next().is_some() {}
    }

    drop(listener);
    // Without open connections there are no receivers.
    let _ = stop.send(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(stop_timeout, ended).await.is_err() {
        connections.shutdown().await;
    }
    Ok(())
}

async fn accept(listener: &tokio::net::TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Responses are small and must not wait for more bytes. A disconnected peer shows at the first read.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// `wanted`, or less if the limit on open files is lower.
fn connection_limit(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
        let room = usize::try_from(files.saturating_sub(SPARE_FILES)).unwrap_or(usize::MAX);
        wanted.min(room).max(1)
    }
    #[cfg(not(unix))]
    wanted.max(1)
}
