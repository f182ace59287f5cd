//! `hookglass events accept`: differences from the documentation that do not count.

use super::output::{Output, checked};
use super::talk::{tell, tell_with_hint};
use super::{Failure, database, open_history};
use crate::app::accepted::{AcceptedError, AcceptedFile};
use crate::cli::AcceptArgs;
use crate::config::Environment;
use crate::core::check::{Acceptance, Accepted, check};
use crate::core::errors::with_causes;
use crate::core::export::json_text;
use crate::core::numbers::counted;
use crate::core::printable::Printable;
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn run(args: &AcceptArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let file = AcceptedFile::beside(&database(&args.store, environment)?);
    if args.seqs.is_empty() {
        let accepted = file.read().map_err(failed)?;
        return checked(list(&accepted, args.json)).map(|()| ExitCode::SUCCESS);
    }
    let reader = open_history(&args.store, environment)?;
    let mut acceptances = Vec::new();
    for seq in &args.seqs {
        let Some(event) = reader.event(*seq)? else {
            tell_with_hint(
                &format!("there is no event {seq} in the history"),
                "list the events with `hookglass events`",
            );
            return Ok(ExitCode::FAILURE);
        };
        let found = check(&event.head, &event.body, &Accepted::default());
        let is_asked = |place: &usize| args.path.as_ref().is_none_or(|path| *path == found.described[*place].path);
        acceptances.extend((0..found.described.len()).filter(is_asked).filter_map(|place| found.acceptance(place)));
    }
    acceptances.sort_unstable();
    acceptances.dedup();
    if acceptances.is_empty() {
        let what =
            if args.path.is_some() { "no payload differs at this path" } else { "the payloads are as documented" };
        tell_with_hint(what, "`hookglass events show NUMBER` lists the differences with their paths");
        return Ok(ExitCode::FAILURE);
    }
    file.change(&acceptances, !args.remove).map_err(failed)?;
    let differences = counted(acceptances.len() as u64, "difference");
    tell(&match args.remove {
        true => format!("{differences} no longer accepted"),
        false => format!("{differences} accepted in all events of the type"),
    });
    Ok(ExitCode::SUCCESS)
}

fn failed(error: AcceptedError) -> Failure {
    Failure::with_hint(with_causes(&error), error.hint())
}

fn list(accepted: &Accepted, is_json: bool) -> io::Result<()> {
    let mut out = Output::stdout();
    for acceptance in accepted.sorted() {
        if is_json {
            writeln!(out, "{}", json_text(acceptance))?;
            continue;
        }
        let Acceptance { event_type, check, path, value } = acceptance;
        let value = value.as_ref().map(|value| format!("  `{value}`")).unwrap_or_default();
        writeln!(out, "{}", Printable::from_text(&format!("{event_type}  {path}  {check}{value}")))?;
    }
    out.finish()
}
