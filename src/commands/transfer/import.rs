//! `hookglass import`: adds the requests in files to the history, even while another hookglass listens.

use crate::app::keyring::SharedKeyring;
use crate::app::transfer::import::{ImportError, Imported, Known, Sink, files_of, import_file};
use crate::cli::ImportArgs;
use crate::commands::keeping::start_writing;
use crate::commands::output::checked;
use crate::commands::talk::tell;
use crate::commands::watched::{Progress, watched_events};
use crate::commands::{Failure, database, keyring};
use crate::config::{EmptySecret, Environment};
use crate::core::errors::with_causes;
use crate::core::event::NewEvent;
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::core::reply::AppendError;
use crate::store::{Store, StoreError, Writer};
use futures_util::future::join_all;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::runtime::Handle;

pub(in crate::commands) fn run(args: &ImportArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let keyring = SharedKeyring::new(keyring(environment, &args.secrets, EmptySecret::IsNone)?);
    let mut files = Vec::new();
    for path in &args.files {
        let found = files_of(path);
        files.extend(found.map_err(|error| Failure::new(&format!("cannot read `{}`", path.display()), error))?);
    }
    let store = Store::open_beside(&database(&args.store, environment)?)?;
    if let Some(notice) = store.notice() {
        tell(notice);
    }
    // Dropped last: everything else that has the history open comes after it.
    let _closing = store.closing();
    let imported = watched_events(
        |done| format!("imported {done} requests"),
        move |progress| import(&files, store, &keyring, progress),
    );
    let imported = imported??;
    let mut is_whole = true;
    for (path, imported) in &imported {
        checked(writeln!(io::stdout(), "{}", Printable::from_text(&line(path, imported))))?;
        if let Err(error) = &imported.ended {
            is_whole = false;
            tell(&broken(path, imported, error));
        }
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn import(
    files: &[PathBuf],
    store: Store,
    keyring: &SharedKeyring,
    progress: &Progress,
) -> Result<Vec<(PathBuf, Imported)>, StoreError> {
    let reader = store.reader()?;
    let mut known = Known::new(&reader)?;
    let (writer, writing) = start_writing(store);
    let mut sink = Stored::new(writer, progress);
    let mut imported = Vec::new();
    for path in files {
        let one = import_file(path, &reader, &mut known, keyring, &mut sink);
        sink.before = sink.done;
        let is_over =
            matches!(one.ended, Err(ImportError::Interrupted | ImportError::Store(_) | ImportError::History(_)));
        imported.push((path.clone(), one));
        if is_over {
            break;
        }
    }
    drop(sink);
    // A panic of the writer is reported by the panic hook.
    let _ = Handle::current().block_on(writing);
    Ok(imported)
}

/// Stores on the writer's task.
pub(super) struct Stored<'p> {
    writer: Writer,
    progress: &'p Progress,
    /// Requests in earlier files.
    before: u64,
    done: u64,
}

impl<'p> Stored<'p> {
    pub(super) fn new(writer: Writer, progress: &'p Progress) -> Self {
        Self { writer, progress, before: 0, done: 0 }
    }
}

impl Sink for Stored<'_> {
    fn append(&mut self, events: Vec<NewEvent>) -> Result<(), AppendError> {
        let stored = join_all(events.into_iter().map(|event| self.writer.append(event)));
        Handle::current().block_on(stored).into_iter().try_for_each(|stored| stored.map(drop))
    }

    fn tell(&mut self, done: u64) -> ControlFlow<()> {
        self.done = self.before + done;
        self.progress.tell(self.done)
    }
}

/// `imported 3 events from `a.har`; 2 were in the history`
fn line(path: &Path, imported: &Imported) -> String {
    let mut line = format!("imported {} from `{}`", counted(imported.new, "event"), path.display());
    match imported.known {
        0 => {}
        1 => line += "; 1 was in the history",
        known => line += &format!("; {} were in the history", grouped(known)),
    }
    match imported.skipped {
        0 => {}
        1 => line += "; 1 entry without a body was left out",
        skipped => line += &format!("; {} entries without a body were left out", grouped(skipped)),
    }
    line
}

fn broken(path: &Path, imported: &Imported, error: &ImportError) -> String {
    let why = with_causes(error);
    match imported.new + imported.known + imported.skipped {
        0 => format!("cannot import `{}`: {why}", path.display()),
        1 => format!("cannot import all of `{}`: {why}; the entry before it was taken over", path.display()),
        before => {
            format!(
                "cannot import all of `{}`: {why}; the {} entries before it were taken over",
                path.display(),
                grouped(before)
            )
        }
    }
}
