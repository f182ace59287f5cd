//! `hookglass events diff`: what differs between the bodies of two events or files.

use super::files::{MAX_HEADERS, bytes_of, max_body};
use super::open_history;
use crate::cli::DiffArgs;
use crate::commands::Failure;
use crate::commands::output::{Output, checked};
use crate::config::Environment;
use crate::core::diff::{Difference, Side, json, lines, summary};
use crate::core::printable::Printable;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &DiffArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let (before, after) = (side(&args.before, args, environment)?, side(&args.after, args, environment)?);
    let difference = Difference::new(&before, &after);
    let mut out = Output::stdout();
    let written = if args.json {
        writeln!(out, "{}", json(&difference, &before, &after))
    } else {
        show(&difference, &before, &after, &mut out)
    };
    checked(written.and_then(|()| out.finish()))?;
    Ok(if difference.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The event of this number, or what is in the file of this name.
fn side(name: &OsStr, args: &DiffArgs, environment: &Environment) -> Result<Side, Failure> {
    if let Some(seq) = name.to_str().and_then(|text| text.parse().ok()) {
        let event = open_history(&args.store, environment)?.event(seq)?;
        let missing = || {
            Failure::with_hint(
                format!("cannot compare event {seq}: it is not in the history"),
                "list the events with `hookglass events`",
            )
        };
        return Ok(Side::of_event(&event.ok_or_else(missing)?));
    }
    let bytes = bytes_of(Path::new(name), MAX_HEADERS + 6 * max_body())?;
    Side::of_file(bytes).map_err(|error| {
        Failure::with_hint(
            format!("cannot compare the fixture `{}`: {error}", name.display()),
            "make a fixture with `hookglass events show NUMBER --fixture > FILE`",
        )
    })
}

fn show(difference: &Difference, before: &Side, after: &Side, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", summary(difference))?;
    for line in lines(difference, before, after) {
        let bytes: Vec<u8> = line.into_iter().flat_map(|(_, bytes)| bytes).collect();
        writeln!(out, "{}", Printable::from_bytes(&bytes))?;
    }
    Ok(())
}
