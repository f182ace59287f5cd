//! `hookglass history backup`: copies the history to one file.

use crate::app::process::signals::{Interrupts, Termination};
use crate::app::process::watchdog::{self, CtrlC};
use crate::cli::BackupArgs;
use crate::commands::Failure;
use crate::commands::database;
use crate::commands::output::checked;
use crate::config::Environment;
use crate::core::errors::with_causes;
use crate::core::numbers::counted;
use crate::core::printable::Printable;
use crate::store::{BackedUp, Backup, BackupError, Progress};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the progress is printed.
const PAUSE: Duration = Duration::from_millis(200);
/// Moves to the start of the line and clears it.
const CLEAR_LINE: &str = "\r\x1b[K";

pub(in crate::commands) fn run(args: &BackupArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    if args.file == Path::new("-") {
        return Err(Failure::with_hint(
            "cannot write a backup to stdout: it is a database file",
            "name a new file, or write `./-` for a file called `-`",
        ));
    }
    let backup = Backup::prepare(&database(&args.store, environment)?, &args.file).map_err(failure)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    watchdog::watch(CtrlC::Request).map_err(|error| Failure::new("cannot wait for signals", error))?;
    let BackedUp { events, bytes, path } = runtime.block_on(watched(backup))?;
    let line = format!("backed up {}, {bytes} bytes, to `{}`", counted(events, "event"), path.display());
    checked(writeln!(io::stdout(), "{}", Printable::from_text(&line)))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `backup`, prints the progress, and stops it on a signal or Ctrl-C.
async fn watched(backup: Backup) -> Result<BackedUp, Failure> {
    let waiting = |error| Failure::new("cannot wait for signals", error);
    let (mut termination, mut interrupts) = (Termination::new().map_err(waiting)?, Interrupts::new().map_err(waiting)?);
    let (interrupt, progress) = (backup.interrupt(), backup.progress());
    let is_terminal = io::stderr().is_terminal();
    let mut pauses = interval(PAUSE);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut running = tokio::task::spawn_blocking(|| backup.run());
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            () = termination.recv() => interrupt.ask(),
            () = interrupts.recv() => interrupt.ask(),
            _ = pauses.tick(), if is_terminal => tell(&progress),
        }
    };
    if is_terminal {
        eprint!("{CLEAR_LINE}");
    }
    ended.map_err(|error| Failure::new("internal error", error))?.map_err(failure)
}

fn tell(progress: &Progress) {
    const MEBIBYTE: u64 = 1 << 20;
    eprint!("{CLEAR_LINE}copied {} of at most {} MiB", progress.done() / MEBIBYTE, progress.all.div_ceil(MEBIBYTE));
}

fn failure(error: BackupError) -> Failure {
    Failure::with_hint(with_causes(&error), error.hint())
}
