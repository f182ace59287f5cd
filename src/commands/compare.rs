//! `hookglass events compare`: what happened according to the provider, beside what arrived.

use super::files::bytes_of;
use super::open_history;
use super::output::{Output, checked};
use super::talk::{tell, tell_with_hint};
use crate::app::fixtures::folder::{FixtureFolder, Saved};
use crate::app::fixtures::unreceived::save_unreceived;
use crate::app::history::happened::{Compared, Comparison, Match, compare};
use crate::cli::CompareArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::export::{json_text, utc_text};
use crate::core::glob::Glob;
use crate::core::happened::{Entry, Pages, State, read};
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most bytes of a file: more than a thousand pages of 100 events.
const MAX_FILE: u64 = 256 << 20;
/// How many problems of a file are told one by one.
const TOLD: usize = 10;
/// The exit code if not all of the files could be read.
const NOT_ALL: u8 = 2;
/// The columns of a type and of a subject.
const MAX_COLUMNS: usize = 60;

#[derive(Serialize)]
struct Line<'a> {
    state: State,
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
    event_id: Option<&'a str>,
    occurred_at: Option<String>,
    organization_id: Option<&'a str>,
    subject: Option<&'a str>,
    /// Its requests in the history, and how they were found.
    events: &'a [u64],
    matched_by: Option<Match>,
    /// `null` if it was handled, or is missing.
    why: Option<&'a str>,
    /// The fixture that `--save-dir` wrote or found.
    fixture: Option<&'a str>,
}

#[derive(Serialize)]
struct Total {
    happened: usize,
    missing: usize,
    refused: usize,
    late: usize,
    handled: usize,
    unsent: usize,
    repeated: u64,
    /// What could not be read, or has no id or type.
    problems: usize,
    history_since: Option<String>,
}

/// What the files have.
struct Happened {
    entries: Vec<Entry>,
    repeated: u64,
    problems: usize,
}

pub(super) fn run(args: &CompareArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let Happened { mut entries, repeated, problems } = read_all(&args.files)?;
    let types: Vec<_> = args.types.iter().map(Glob::new).collect();
    let is_wanted = |entry: &Entry| {
        let name = entry.event_type.as_deref().unwrap_or_default();
        types.is_empty() || types.iter().any(|wanted| wanted.matches(name))
    };
    entries.retain(is_wanted);
    let reader = open_history(&args.store, environment)?;
    let Comparison { events, since } = compare(&reader, entries)?;
    let fixtures = args.save_dir.as_ref().map(|folder| save(folder, &events)).transpose()?;
    let count = |state| events.iter().filter(|event| event.outcome.state == state).count();
    let total = Total {
        happened: events.len(),
        missing: count(State::Missing),
        refused: count(State::Refused),
        late: count(State::Late),
        handled: count(State::Handled),
        unsent: count(State::Unsent),
        repeated,
        problems,
        history_since: since.map(utc_text),
    };
    let mut out = Output::stdout();
    let written =
        if args.json { json(&events, fixtures.as_deref(), &total, &mut out) } else { list(&events, &total, &mut out) };
    checked(written.and_then(|()| out.finish()))?;
    if let (Some(fixtures), Some(folder)) = (&fixtures, &args.save_dir) {
        tell_saved(fixtures.iter().flatten().count(), folder);
    }
    if !args.json {
        advise(&events, since);
    }
    Ok(match total {
        Total { problems: 1.., .. } => ExitCode::from(NOT_ALL),
        Total { missing: 0, refused: 0, .. } => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Reads all files, and says what cannot be read. An event counts once, however many pages have it.
fn read_all(files: &[PathBuf]) -> Result<Happened, Failure> {
    let mut happened = Happened { entries: Vec::new(), repeated: 0, problems: 0 };
    let mut ids = HashSet::new();
    for path in files {
        let bytes = bytes_of(path, MAX_FILE)?;
        let shown = path.display();
        if bytes.trim_ascii().is_empty() {
            return Err(Failure::with_hint(
                format!("cannot compare `{shown}`: it is empty"),
                "save a response of the Events API, such as `{\"events\":[…]}`",
            ));
        }
        let Pages { entries, problems, repeated, has_next } = read(&bytes);
        for problem in problems.iter().take(TOLD) {
            tell(&format!("`{shown}`, line {}: {}", problem.line, problem.why));
        }
        if let Some(more @ 1..) = problems.len().checked_sub(TOLD) {
            tell(&format!("`{shown}`: {} more", counted(more as u64, "problem")));
        }
        if has_next {
            tell_with_hint(
                &format!("the last page in `{shown}` is not the last of the list"),
                "fetch the next page with its `next_page_token`, and pass that file as well",
            );
        }
        happened.problems += problems.len();
        happened.repeated += repeated;
        for entry in entries {
            let is_new = entry.identity().is_none_or(|identity| ids.insert(identity));
            happened.repeated += u64::from(!is_new);
            happened.entries.extend(is_new.then_some(entry));
        }
    }
    Ok(happened)
}

/// The names of the fixtures of missing events, by their places in `events`.
fn save(folder: &Path, events: &[Compared]) -> Result<Vec<Option<String>>, Failure> {
    let folder = FixtureFolder::new(folder.to_owned());
    let save = |event: &Compared| match event.outcome.state {
        State::Missing => save_unreceived(&folder, &event.entry).map(|saved| match saved {
            Saved::New { name, .. } | Saved::There { name } => Some(name),
        }),
        _ => Ok(None),
    };
    events.iter().map(save).collect::<Result<_, _>>().map_err(|error| Failure::new("cannot save the fixtures", error))
}

fn tell_saved(count: usize, folder: &Path) {
    let shown = folder.display();
    if count == 0 {
        tell("nothing is missing, so no fixture was written");
        return;
    }
    let (has, sign) = if count == 1 { ("it has", "it") } else { ("they have", "them") };
    tell_with_hint(
        &format!("{} in `{shown}`; {has} no signature", counted(count as u64, "missing event")),
        &format!("sign and deliver {sign} with `hookglass send --sign {shown}/*.json --to URL`"),
    );
}

fn list(events: &[Compared], total: &Total, out: &mut impl Write) -> io::Result<()> {
    let groups = [
        (State::Missing, total.missing, "never arrived"),
        (State::Refused, total.refused, "refused"),
        (State::Late, total.late, "late"),
        (State::Unsent, total.unsent, "of types that no webhook has"),
    ];
    let counts = groups.iter().filter(|(_, count, _)| *count > 0).map(|(_, count, what)| (*count, *what));
    let counts = [(total.handled, "handled")].into_iter().chain(counts);
    let counts: Vec<_> = counts.map(|(count, what)| format!("{} {what}", grouped(count as u64))).collect();
    let repeated = match total.repeated {
        0 => String::new(),
        repeated => format!("; listed again: {}", grouped(repeated)),
    };
    writeln!(out, "{}: {}{repeated}", counted(total.happened as u64, "event"), counts.join(", "))?;
    let zone = TimeZone::system();
    for (state, count, what) in groups {
        if count > 0 && state != State::Unsent {
            writeln!(out, "\n{what}")?;
            let group = events.iter().filter(|event| event.outcome.state == state);
            group.clone().try_for_each(|event| writeln!(out, "{}", line(event, &zone)))?;
        }
    }
    Ok(())
}

fn line(event: &Compared, zone: &TimeZone) -> String {
    let Compared { entry, events, outcome, .. } = event;
    let at = |time: Timestamp| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string();
    let text = |text: &Option<String>| {
        Printable::first_columns(text.as_deref().unwrap_or("-").as_bytes(), MAX_COLUMNS).into_string()
    };
    let time = entry.occurred_at.map_or_else(|| "no time".to_owned(), at);
    let mut line =
        format!("  {time}  {}  {}  {}", text(&entry.event_type), text(&entry.event_id), text(&entry.subject));
    if let Some(last) = events.last() {
        line += &format!("  event {last}: {}", Printable::from_text(&outcome.why));
    }
    line
}

fn json(
    events: &[Compared],
    fixtures: Option<&[Option<String>]>,
    total: &Total,
    out: &mut impl Write,
) -> io::Result<()> {
    for (place, Compared { entry, events, matched, outcome, .. }) in events.iter().enumerate() {
        let line = Line {
            state: outcome.state,
            event_type: entry.event_type.as_deref(),
            event_id: entry.event_id.as_deref(),
            occurred_at: entry.occurred_at.map(|time| time.to_string()),
            organization_id: entry.organization_id.as_deref(),
            subject: entry.subject.as_deref(),
            events,
            matched_by: *matched,
            why: Some(&*outcome.why).filter(|why| !why.is_empty()),
            fixture: fixtures.and_then(|fixtures| fixtures[place].as_deref()),
        };
        writeln!(out, "{}", json_text(&line))?;
    }
    writeln!(out, "{}", json_text(total))
}

/// Says what may be behind the events that are missing.
fn advise(events: &[Compared], since: Option<Timestamp>) {
    let missing = events.iter().filter(|event| event.outcome.state == State::Missing);
    let Some(since) = since else { return tell("the history is empty") };
    let is_before = |event: &&Compared| event.entry.occurred_at.is_some_and(|at| at < since);
    let before = missing.clone().filter(is_before).count() as u64;
    if before > 0 {
        let of = counted(before, "missing event");
        tell(&format!("{of} happened before the oldest event in the history arrived"));
    }
    let unknown = missing.filter(|event| !event.is_type_known).filter_map(|event| event.entry.event_type.as_deref());
    let unknown: BTreeSet<_> = unknown.collect();
    if !unknown.is_empty() {
        let mut names: Vec<_> = unknown.iter().take(TOLD).map(|name| format!("`{name}`")).collect();
        if unknown.len() > TOLD {
            names.push("…".to_owned());
        }
        tell_with_hint(
            &format!("no event of these types has ever arrived: {}", names.join(", ")),
            "check that they are selected for the endpoint in the dashboard, or leave them out with `--type`",
        );
    }
}
