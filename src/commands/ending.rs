//! How commands that send are ended before they are done: Ctrl-C lets what is on its way go to its end; a second one and the
//! system's request to terminate call it off, which the history is told as well.

use super::tell;
use crate::app::outbound::runtime::{Deliveries, LAST_DELIVERIES};
use crate::app::process::signals::{Interrupts, Termination};
use tokio_util::sync::CancellationToken;

/// What `work` gives. It must begin nothing once `stop` is cancelled; what of it `deliveries` calls off, it has a second to keep and
/// to tell. `None` if that was too short.
pub(super) async fn unless_cancelled<T>(
    work: impl Future<Output = T>,
    stop: &CancellationToken,
    deliveries: &Deliveries,
) -> Option<T> {
    tokio::select! {
        // First, so that nothing is sent before signals are waited for.
        biased;
        () = cancelled(stop, deliveries) => None,
        output = work => Some(output),
    }
}

async fn cancelled(stop: &CancellationToken, deliveries: &Deliveries) {
    // What cannot be waited for ends the program by itself.
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
    tell("stopping: what is on its way goes to its end; Ctrl-C again calls it off");
    interrupts.recv().await;
}
