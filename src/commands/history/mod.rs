//! `hookglass history`: commands for the history as a whole.

mod backup;
mod prune;
mod vacuum;

use super::database;
use super::output::checked;
use crate::cli::{HistoryArgs, HistoryCommand};
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::core::retention::size_in_words;
use crate::store::{Extent, Reader};
use jiff::tz::TimeZone;
use serde_json::json;
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn run(args: &HistoryArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    match &args.command {
        None => show(args, environment),
        Some(HistoryCommand::Backup(args)) => backup::run(args, environment),
        Some(HistoryCommand::Prune(args)) => prune::run(args, environment),
        Some(HistoryCommand::Vacuum(args)) => vacuum::run(args, environment),
    }
}

/// Prints where the history is, how large it is and what it holds.
fn show(args: &HistoryArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let path = database(&args.store, environment)?;
    let extent = Reader::open_alone(&path)?.extent()?;
    let name = path.display().to_string();
    let text = if args.json {
        let (oldest, newest) = extent.received.map(|(oldest, newest)| (oldest.to_string(), newest.to_string())).unzip();
        let printed = json!({
            "file": name, "used_bytes": extent.used, "free_bytes": extent.free, "events": extent.events,
            "pinned": extent.pinned, "pending": extent.pending, "oldest": oldest, "newest": newest,
        });
        format!("{printed}\n")
    } else {
        described(&name, &extent)
    };
    checked(io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn described(name: &str, extent: &Extent) -> String {
    let mut text = format!("file    {}\nsize    {}\n", Printable::from_text(name), size_of(extent));
    text += &format!("events  {}", grouped(extent.events));
    if extent.pinned > 0 {
        text += &format!(", {} pinned", grouped(extent.pinned));
    }
    if extent.pending > 0 {
        text += &format!(", {} with a pending delivery or response", grouped(extent.pending));
    }
    text.push('\n');
    if let Some((oldest, newest)) = extent.received {
        let local =
            |time: jiff::Timestamp| time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string();
        let days = match newest.duration_since(oldest).as_hours() / 24 {
            0 => String::new(),
            days => format!(", {} later", counted(days.unsigned_abs(), "day")),
        };
        text += &format!("oldest  {}\nnewest  {}{days}\n", local(oldest), local(newest));
    }
    text
}

/// The size of the file, and what of it is unused.
fn size_of(extent: &Extent) -> String {
    let all = size_in_words(extent.used + extent.free);
    match (extent.free, extent.can_shrink) {
        (0, _) => all,
        (free, true) => format!("{all}, {} of it for new events", size_in_words(free)),
        (free, false) => {
            format!("{all}, {} of it for new events (`hookglass history vacuum` gives it back)", size_in_words(free))
        }
    }
}
