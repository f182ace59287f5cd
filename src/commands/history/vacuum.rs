//! `hookglass history vacuum`: rewrites the file without unused space.

use crate::cli::VacuumArgs;
use crate::commands::output::checked;
use crate::commands::watched::watched;
use crate::commands::{Failure, database, tell};
use crate::config::Environment;
use crate::core::retention::size_in_words;
use crate::store::{Reader, Store, log_size};
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn run(args: &VacuumArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let path = database(&args.store, environment)?;
    let reader = Reader::open_alone(&path)?;
    let extent = reader.extent()?;
    drop(reader);
    let (used, free) = (size_in_words(extent.used), size_in_words(extent.free));
    let needed = format!(
        "needs {used} beside `{}` and {used} in `{}` while it runs",
        path.display(),
        std::env::temp_dir().display()
    );
    if args.dry_run {
        checked(writeln!(io::stdout(), "would give back {free}; {needed}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    tell(&format!("rewriting the history: {needed}"));
    // The listener could not store anything for so long.
    let store = Store::open(&path)?;
    if let Some(notice) = store.notice() {
        tell(notice);
    }
    let interrupt = store.interrupt();
    let asked = interrupt.clone();
    let done = watched(
        move || {
            store.vacuum()?;
            store.reader()?.extent()
        },
        || interrupt.ask(),
        || format!("wrote {} of {used}", size_in_words(log_size(&path))),
    )?;
    if done.is_err() && asked.is_asked() {
        tell("stopped; the history is as it was");
        return Ok(ExitCode::FAILURE);
    }
    let line = format!("gave back {free}; the history takes {}", size_in_words(done?.used));
    checked(writeln!(io::stdout(), "{line}"))?;
    Ok(ExitCode::SUCCESS)
}
