//! `hookglass events`: lists the stored events, or shows one. Works while the screen runs.

use super::talk::{tell, tell_with_hint};
use super::{about, accept, compare, deleting, diff, filtered, open_history, response_note};
use crate::cli::{EventsArgs, EventsCommand, ShowArgs};
use crate::commands::Failure;
use crate::commands::output::{Output, checked};
use crate::config::Environment;
use crate::core::check::{Accepted, Checked, check};
use crate::core::event::{Event, Seq};
use crate::core::export::{
    Columns, FixtureFile, copied_test, delivery_line, json_event, json_line, override_text, utc_text,
};
use crate::core::numbers::grouped;
use crate::core::printable::{self, Printable};
use crate::core::redact::shown_value;
use crate::core::signature::Verdict;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn run(args: &EventsArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    match &args.command {
        None if args.about.is_some() => about::run(args, environment),
        None => list(args, environment),
        Some(EventsCommand::Show(args)) => show_one(args, environment),
        Some(EventsCommand::Accept(args)) => accept::run(args, environment),
        Some(EventsCommand::Compare(args)) => compare::run(args, environment),
        Some(EventsCommand::Delete(args)) => deleting::run(args, environment),
        Some(EventsCommand::Diff(args)) => diff::run(args, environment),
    }
}

fn list(args: &EventsArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let filter = args.filter.as_deref().map(|text| filtered::read(text, environment)).transpose()?;
    let reader = open_history(&args.store, environment)?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let summaries = match filter {
        None => reader.newest(limit)?,
        Some(filter) => filtered::newest(&reader, &filter, limit)?,
    };
    if summaries.is_empty() {
        tell(&filtered::no_match(&reader)?);
    }
    let mut out = Output::stdout();
    let (zone, mut columns) = (TimeZone::system(), Columns::default());
    summaries.iter().for_each(|summary| columns.fit(summary));
    let written = summaries.iter().try_for_each(|summary| {
        let line =
            if args.json { json_line(summary) } else { columns.line(summary, &response_note(&reader, summary), &zone) };
        writeln!(out, "{line}")
    });
    checked(written.and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

fn show_one(args: &ShowArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let ShowArgs { seq, body, deliveries, fixture, test, json, with_credentials, store } = args;
    let reader = open_history(store, environment)?;
    let Some(event) = reader.event(*seq)? else {
        tell_with_hint(&format!("there is no event {seq} in the history"), "list the events with `hookglass events`");
        return Ok(ExitCode::FAILURE);
    };
    let cannot_write = |what: &str, why: &dyn Display| {
        Failure::with_hint(format!("cannot write a {what} of event {seq}: {why}"), "choose another event")
    };
    let mut out = Output::stdout();
    let written = if *body {
        out.write_all(&event.body)
    } else if *deliveries {
        let deliveries = reader.deliveries(*seq, usize::MAX)?;
        deliveries.iter().try_for_each(|delivery| writeln!(out, "{}", delivery_line(delivery)))
    } else if *fixture {
        let file = FixtureFile::of(&event).map_err(|error| cannot_write("fixture", &error))?;
        out.write_all(file.text.as_bytes())
    } else if let Some(runner) = test {
        let code = copied_test(&event, *runner).map_err(|error| cannot_write("test", &error))?;
        out.write_all(code.as_bytes())
    } else if *json {
        writeln!(out, "{}", json_event(&event, &check(&event.head, &event.body, &filtered::accepted(&reader))))
    } else {
        show(&event, *seq, *with_credentials, &filtered::accepted(&reader), &mut out)
    };
    checked(written.and_then(|()| out.finish()))?;
    if *body && out.is_changed() {
        tell_with_hint(
            "the terminal shows control characters, tabs and hidden characters as text",
            "redirect the output to a file (`> FILE`) or a pipe to get the exact bytes",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes how the payload compares with the catalog, if there is something to tell.
fn show_checks(checked: &Checked, out: &mut impl Write) -> io::Result<()> {
    if checked.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", checked.headline())?;
    for it in checked.described.iter().filter(|it| !it.accepted) {
        let (path, message) = (Printable::from_text(&it.path), Printable::from_text(&it.message));
        writeln!(out, "  {path}: {message} ({})", it.check)?;
    }
    if checked.omitted() > 0 {
        writeln!(out, "  … {} more", grouped(checked.omitted() as u64))?;
    }
    writeln!(out)
}

/// Writes the event as text that is safe on a terminal.
fn show(event: &Event, seq: Seq, with_credentials: bool, accepted: &Accepted, out: &mut impl Write) -> io::Result<()> {
    let summary = &event.summary;
    let reason = summary.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let secret = event.verification.secret.as_ref().filter(|_| summary.verdict == Verdict::Verified);
    let secret = secret.map(|secret| format!(" with {secret}")).unwrap_or_default();
    writeln!(
        out,
        "event {seq}, received {}, {}{}{}, {}{}{}, {} bytes\n",
        utc_text(summary.received_at),
        summary.verdict,
        Printable::from_text(&reason),
        Printable::from_text(&secret),
        summary.response,
        event.response_note(),
        Printable::from_text(&override_text(event)),
        summary.size
    )?;
    show_checks(&check(&event.head, &event.body, accepted), out)?;
    writeln!(out, "{} {}", Printable::from_bytes(event.head.method()), Printable::from_bytes(event.head.target()))?;
    for header in event.head.headers() {
        let value = if with_credentials { Cow::Borrowed(header.value) } else { shown_value(&header) };
        writeln!(out, "{}: {}", Printable::from_bytes(header.name), Printable::from_bytes(&value))?;
    }
    writeln!(out)?;
    printable::lines(&event.body).try_for_each(|line| writeln!(out, "{line}"))
}
