//! `hookglass history backup`: copies the history to one file.

use crate::cli::BackupArgs;
use crate::commands::Failure;
use crate::commands::database;
use crate::commands::output::checked;
use crate::commands::watched::watched;
use crate::config::Environment;
use crate::core::errors::with_causes;
use crate::core::numbers::counted;
use crate::core::printable::Printable;
use crate::store::{BackedUp, Backup, BackupError, Progress};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

pub(in crate::commands) fn run(args: &BackupArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    if args.file == Path::new("-") {
        return Err(Failure::with_hint(
            "cannot write a backup to stdout: it is a database file",
            "name a new file, or write `./-` for a file called `-`",
        ));
    }
    let backup = Backup::prepare(&database(&args.store, environment)?, &args.file).map_err(failure)?;
    let (interrupt, progress) = (backup.interrupt(), backup.progress());
    let ended = watched(|| backup.run(), || interrupt.ask(), || describe(&progress))?;
    let BackedUp { events, bytes, path } = ended.map_err(failure)?;
    let line = format!("backed up {}, {bytes} bytes, to `{}`", counted(events, "event"), path.display());
    checked(writeln!(io::stdout(), "{}", Printable::from_text(&line)))?;
    Ok(ExitCode::SUCCESS)
}

fn describe(progress: &Progress) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    format!("copied {} of at most {} MiB", progress.done() / MEBIBYTE, progress.all.div_ceil(MEBIBYTE))
}

fn failure(error: BackupError) -> Failure {
    Failure::with_hint(with_causes(&error), error.hint())
}
