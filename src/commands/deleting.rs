//! `hookglass events delete`: deletes stored events for good, even while hookglass runs.

use super::output::{Output, checked};
use super::talk::{tell, tell_with_hint};
use super::{database, filtered};
use crate::cli::DeleteArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::event::Seq;
use crate::core::numbers::{counted, grouped};
use crate::store::{Deleted, Reader, Store};
use serde_json::json;
use std::collections::HashSet;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

/// A deletion of more events shows its progress.
const LONG: usize = 10_000;
/// Moves to the start of the line and clears it.
const CLEAR_LINE: &str = "\r\x1b[K";

pub(super) fn run(args: &DeleteArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let filter = args.filter.as_deref().map(|text| filtered::read(text, environment)).transpose()?;
    let path = database(&args.store, environment)?;
    let reader = Reader::open_alone(&path)?;
    let seqs = match &filter {
        Some(filter) => without_pinned(&reader, filtered::chosen(&reader, filter)?)?,
        None => {
            let mut seqs = args.seqs.clone();
            seqs.sort_unstable();
            seqs.dedup();
            for seq in &seqs {
                if reader.event(*seq)?.is_none() {
                    tell_with_hint(
                        &format!("there is no event {seq} in the history, so nothing was deleted"),
                        "list the events with `hookglass events`",
                    );
                    return Ok(ExitCode::FAILURE);
                }
            }
            seqs
        }
    };
    drop(reader);
    if seqs.is_empty() {
        tell("no event matches the filter, so nothing was deleted");
        return Ok(ExitCode::FAILURE);
    }
    if !args.yes && !is_confirmed(seqs.len())? {
        tell("nothing was deleted");
        return Ok(ExitCode::FAILURE);
    }
    let store = Store::open_beside(&path)?;
    if let Some(notice) = store.notice() {
        tell(notice);
    }
    let has_progress = seqs.len() > LONG && io::stderr().is_terminal();
    let deleted = store.delete(&seqs, |done| {
        if has_progress {
            eprint!("{CLEAR_LINE}deleted {} of {}", grouped(done as u64), events(seqs.len()));
        }
    });
    if has_progress {
        eprint!("{CLEAR_LINE}");
    }
    let deleted = deleted?;
    print(&deleted, args.json)?;
    Ok(if deleted.pending.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Leaves out the pinned events, and says how many there are.
fn without_pinned(reader: &Reader, mut seqs: Vec<Seq>) -> Result<Vec<Seq>, Failure> {
    let annotations = reader.annotations_after(0)?;
    let pinned: HashSet<Seq> =
        annotations.into_iter().filter(|(_, annotation)| annotation.is_pinned).map(|(seq, _)| seq).collect();
    let all = seqs.len();
    seqs.retain(|seq| !pinned.contains(seq));
    match all - seqs.len() {
        0 => {}
        1 => tell("1 pinned event stays"),
        stay => tell(&format!("{} pinned events stay", grouped(stay as u64))),
    }
    Ok(seqs)
}

/// Asks on the terminal whether to delete `count` events.
pub(super) fn is_confirmed(count: usize) -> Result<bool, Failure> {
    let events = events(count);
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::with_hint(
            format!("cannot ask whether to delete {events}: this is not a terminal"),
            "pass `--yes` to delete without asking",
        ));
    }
    eprint!("Delete {events}? This cannot be undone. [y/N] ");
    io::stderr().flush().map_err(|error| Failure::new("cannot write to stderr", error))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::new("cannot read from stdin", error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn print(result: &Deleted, is_json: bool) -> Result<(), Failure> {
    let Deleted { deleted, pending } = result;
    let mut out = Output::stdout();
    let line = if is_json {
        json!({ "deleted": deleted.len(), "pending": pending }).to_string()
    } else {
        format!("deleted {}", events(deleted.len()))
    };
    checked(writeln!(out, "{line}").and_then(|()| out.finish()))?;
    if let Some(first) = pending.first() {
        let which = match pending.len() {
            1 => format!("event {first} stays, because a delivery of it is pending"),
            count => {
                format!("{} events from {first} on stay, because deliveries of them are pending", grouped(count as u64))
            }
        };
        tell_with_hint(&which, "delete it once the app has responded, or after hookglass has exited");
    }
    Ok(())
}

fn events(count: usize) -> String {
    counted(count as u64, "event")
}
