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

/// How long to wait when a connection cannot be accepted, for want of file handles for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// File handles that are left to the rest of the program.
const SPARE_FILES: u64 = 64;

/// Why the port could not be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{address}`")]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// A port that is taken, with nobody answering yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// The address as it is, with the port that was chosen for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

/// Takes the port. Apart from [`serve`], so that a taken port is told before the screen opens; needs no runtime.
///
/// # Errors
/// When the address cannot be listened on; the source says why.
pub fn bind(address: SocketAddr) -> Result<Bound, ListenError> {
    let bind = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, address })
    };
    bind().map_err(|source| ListenError { address, source })
}

/// Overrides on `bound` until `shutdown` is done, then lets open requests end within [`Settings::stop_timeout`].
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
    // The other half goes on answering at once.
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
            // The slot comes first: what cannot be served stays in the system's queue.
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
    // Nobody listens when no connection is open.
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
                // Overrides are small and must not wait for more; a peer that is gone shows at the first read.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// `wanted`, or what the limit on open files leaves.
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
