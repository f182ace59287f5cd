//! Runs long work on a thread, prints how far it is, and stops it on a signal or Ctrl-C.

use crate::app::process::signals::{Interrupts, Termination};
use crate::app::process::watchdog::{self, CtrlC};
use crate::commands::Failure;
use crate::core::numbers::grouped;
use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the progress is printed.
const PAUSE: Duration = Duration::from_millis(200);
/// Moves to the start of the line and clears it.
const CLEAR_LINE: &str = "\r\x1b[K";

/// How far the work is, and whether it must stop.
#[derive(Clone, Default)]
pub(super) struct Progress {
    done: Arc<AtomicU64>,
    is_stopped: Arc<AtomicBool>,
}

impl Progress {
    /// Notes that `done` events are done. Breaks when the work must stop.
    pub(super) fn tell(&self, done: u64) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        if self.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

/// As [`watched`], for work that counts events. `line` gets that number.
pub(super) fn watched_events<T: Send + 'static>(
    line: impl Fn(&str) -> String,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> Result<T, Failure> {
    let progress = Progress::default();
    let told = progress.clone();
    watched(
        move || work(&told),
        || progress.is_stopped.store(true, Ordering::Relaxed),
        || line(&grouped(progress.done.load(Ordering::Relaxed))),
    )
}

/// Runs `work`. Calls `stop` on a signal and on Ctrl-C. If stderr is a terminal, prints `line` now and then.
pub(super) fn watched<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    stop: impl Fn(),
    line: impl Fn() -> String,
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
        let mut running = tokio::task::spawn_blocking(work);
        let is_terminal = io::stderr().is_terminal();
        let mut pauses = interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once.
        pauses.tick().await;
        let mut has_line = false;
        let ended = loop {
            tokio::select! {
                ended = &mut running => break ended,
                () = termination.recv() => stop(),
                () = interrupts.recv() => stop(),
                _ = pauses.tick(), if is_terminal => {
                    has_line = true;
                    eprint!("{CLEAR_LINE}{}", line());
                }
            }
        };
        if has_line {
            eprint!("{CLEAR_LINE}");
        }
        ended.map_err(|error| Failure::new("internal error", error))
    })
}
