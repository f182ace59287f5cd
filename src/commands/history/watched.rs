//! Runs long work on the history with progress on the terminal, until it ends or is interrupted.

use crate::app::process::signals::{Interrupts, Termination};
use crate::app::process::watchdog::{self, CtrlC};
use crate::commands::Failure;
use std::io::{self, IsTerminal};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the progress is printed.
const PAUSE: Duration = Duration::from_millis(200);
/// Moves to the start of the line and clears it.
const CLEAR_LINE: &str = "\r\x1b[K";

/// Runs `work`. Calls `stop` on a signal and on Ctrl-C. Prints what `progress` says now and then, if stderr is a terminal.
pub(super) fn watched<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    stop: impl Fn(),
    progress: impl Fn() -> String,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let waiting = |error| Failure::new("cannot wait for signals", error);
    watchdog::watch(CtrlC::Request).map_err(waiting)?;
    runtime.block_on(async {
        let (mut termination, mut interrupts) =
            (Termination::new().map_err(waiting)?, Interrupts::new().map_err(waiting)?);
        let is_terminal = io::stderr().is_terminal();
        let mut pauses = interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = tokio::task::spawn_blocking(work);
        let ended = loop {
            tokio::select! {
                ended = &mut running => break ended,
                () = termination.recv() => stop(),
                () = interrupts.recv() => stop(),
                _ = pauses.tick(), if is_terminal => eprint!("{CLEAR_LINE}{}", progress()),
            }
        };
        if is_terminal {
            eprint!("{CLEAR_LINE}");
        }
        ended.map_err(|error| Failure::new("internal error", error))
    })
}
