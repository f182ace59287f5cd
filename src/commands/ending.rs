//! How commands that send are stopped early. Ctrl-C lets deliveries in flight finish. A second Ctrl-C, or a signal to terminate, cancels
//! them, and they are stored as cancelled.

use super::tell;
use crate::app::outbound::runtime::{Deliveries, LAST_DELIVERIES};
use crate::app::process::signals::{Interrupts, Termination};
use tokio_util::sync::CancellationToken;

/// Runs `work`, which must start nothing new once `stop` is cancelled. When `deliveries` cancels deliveries, `work` has one second to
/// store and report them. Returns `None` if that is not enough.
pub(super) async fn unless_cancelled<T>(
    work: impl Future<Output = T>,
    stop: &CancellationToken,
    deliveries: &Deliveries,
) -> Option<T> {
    tokio::select! {
        // First, so that nothing is sent before the signals are caught.
        biased;
        () = cancelled(stop, deliveries) => None,
        output = work => Some(output),
    }
}

async fn cancelled(stop: &CancellationToken, deliveries: &Deliveries) {
    // A signal that cannot be caught ends the program at once.
    let (Ok(mut termination), Ok(interrupts)) = (Termination::new(), Interrupts::new()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        () = termination.recv() => {}
        () = interrupted_twice(interrupts, stop) => {}
    }
    stop.cancel();
    deliveries.cancel();
    tokio::time::sleep(LAST_DELIVERIES).await;
}

async fn interrupted_twice(mut interrupts: Interrupts, stop: &CancellationToken) {
    interrupts.recv().await;
    stop.cancel();
    tell("stopping: deliveries in flight finish first; press Ctrl-C again to cancel them");
    interrupts.recv().await;
}
