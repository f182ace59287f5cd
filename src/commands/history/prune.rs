//! `hookglass history prune`: deletes the oldest events for good.

use crate::cli::PruneArgs;
use crate::commands::deleting::is_confirmed;
use crate::commands::output::checked;
use crate::commands::watched::{Progress, watched_events};
use crate::commands::{Failure, database, tell};
use crate::config::Environment;
use crate::core::event::Seq;
use crate::core::numbers::{counted, grouped};
use crate::core::retention::Retention;
use crate::store::{Extent, Reader, Store, StoreError};
use jiff::Timestamp;
use std::io::{self, Write};
use std::process::ExitCode;

/// Events that are deleted before the log is emptied, so that it stays small.
const CHUNK: usize = 1024;
/// The size of what is deleted is an estimate, so what is left is measured again.
const ROUNDS: usize = 4;

pub(super) fn run(args: &PruneArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let path = database(&args.store, environment)?;
    let limits = (Retention { keep: args.keep, max_size: args.max_size }, Timestamp::now());
    let reader = Reader::open_alone(&path)?;
    let (extent, seqs) = (reader.extent()?, reader.beyond(limits.0, limits.1)?);
    drop(reader);
    let (all, events) = (seqs.len(), counted(seqs.len() as u64, "event"));
    if all == 0 {
        tell(&format!("nothing is beyond the limits, so nothing was deleted; {}", left(&extent)));
        return Ok(ExitCode::SUCCESS);
    }
    if args.dry_run {
        let line = format!(
            "would delete {events}, from number {} to {}, and keep {}",
            seqs[0],
            seqs[all - 1],
            grouped(extent.events - all as u64)
        );
        checked(writeln!(io::stdout(), "{line}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes && !is_confirmed(all)? {
        tell("nothing was deleted");
        return Ok(ExitCode::FAILURE);
    }
    let store = Store::open_beside(&path)?;
    if let Some(notice) = store.notice() {
        tell(notice);
    }
    let about = grouped(all as u64);
    let Pruned { deleted, extent, is_stopped } = watched_events(
        |done| format!("deleted {done} of about {about} events"),
        move |progress| prune(&store, seqs, limits, progress),
    )??;
    checked(writeln!(io::stdout(), "deleted {}; {}", counted(deleted, "event"), left(&extent)))?;
    if is_stopped {
        tell("stopped before the end; run it again for the rest");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn left(extent: &Extent) -> String {
    let pinned = if extent.pinned == 0 { String::new() } else { format!(" ({} pinned)", grouped(extent.pinned)) };
    let held = if extent.events == 1 { "is" } else { "are" };
    format!("{}{pinned} {held} left, {}", counted(extent.events, "event"), super::size_of(extent))
}

struct Pruned {
    deleted: u64,
    extent: Extent,
    is_stopped: bool,
}

/// Deletes `seqs` and what is beyond the limits after that.
fn prune(
    store: &Store,
    mut seqs: Vec<Seq>,
    (limits, now): (Retention, Timestamp),
    progress: &Progress,
) -> Result<Pruned, StoreError> {
    let reader = store.reader()?;
    let mut deleted = 0;
    for _ in 0..ROUNDS {
        let before = deleted;
        for chunk in seqs.chunks(CHUNK) {
            if progress.tell(deleted).is_break() {
                break;
            }
            deleted += store.delete(chunk, |_| ())?.deleted.len() as u64;
        }
        if progress.tell(deleted).is_break() || deleted == before {
            break;
        }
        seqs = reader.beyond(limits, now)?;
    }
    store.give_back(|| progress.tell(deleted))?;
    Ok(Pruned { deleted, extent: reader.extent()?, is_stopped: progress.is_stopped() })
}
