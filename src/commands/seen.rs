//! `hookglass types --seen`: the fields that arrived for each type, beside the documentation; or types made of them.

use super::open_history;
use super::output::{Output, checked};
use super::talk::{tell, tell_with_hint};
use crate::cli::{Export, TypesArgs};
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::catalog::{Family, catalog};
use crate::core::envelope::is_trigger_id;
use crate::core::event::Listed;
use crate::core::export::json_text;
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::core::provider::is_trigger_point;
use crate::core::shapes::{Place, SeenField, SeenType, fields, json_schema, pydantic, typescript};
use crate::core::signature::Verdict;
use crate::store::Reader;
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// The most bytes of a body that is read.
const MAX_BODY: u64 = 1 << 20;

/// A type, how many of its events were read, and how many of these verified.
struct Seen {
    of_type: SeenType,
    family: Family,
    events: u64,
    verified: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    documented: bool,
    events: u64,
    verified: u64,
    fields: Vec<SeenField>,
}

pub(super) fn run(args: &TypesArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let reader = open_history(&args.store, environment)?;
    let is_wanted = |listed: &Listed<'_>| {
        let name = listed.event_type;
        let is_named = args.event_type.as_ref().map_or(!name.is_empty(), |wanted| wanted == name);
        is_named && (args.export.is_none() || listed.verdict == Verdict::Verified)
    };
    let seen = read(&reader, args.limit, is_wanted)?;
    if seen.is_empty() {
        let what = if args.export.is_some() { "no verified event" } else { "no event" };
        let of = args.event_type.as_ref().map(|name| format!(" of type `{name}`")).unwrap_or_default();
        tell_with_hint(&format!("{what}{of} has arrived yet"), "list what has arrived with `hookglass coverage`");
        return Ok(ExitCode::FAILURE);
    }
    let mut out = Output::stdout();
    let written = match args.export {
        Some(format) => export(seen, format, &mut out),
        None if args.json => seen.iter().try_for_each(|seen| json(seen, &mut out)),
        None => seen.iter().try_for_each(|seen| list(seen, &mut out)),
    };
    checked(written.and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

/// The types of the newest `limit` events that are wanted, by name.
fn read(reader: &Reader, limit: u64, is_wanted: impl Fn(&Listed<'_>) -> bool) -> Result<Vec<Seen>, Failure> {
    let mut wanted = Vec::new();
    reader.for_each_listed(0, reader.last_seq()?, |listed| {
        if is_wanted(listed) {
            wanted.push((listed.seq, listed.event_type.to_owned(), listed.verdict, listed.size));
        }
    })?;
    let left_out = wanted.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    if left_out > 0 {
        tell(&format!("the oldest {} are left out; `--limit` reads more", counted(left_out as u64, "event")));
    }
    let mut all: Vec<Seen> = Vec::new();
    let mut too_large = 0;
    for (seq, name, verdict, size) in wanted.into_iter().skip(left_out) {
        if size > MAX_BODY {
            too_large += 1;
            continue;
        }
        // It may have been deleted meanwhile.
        let Some(event) = reader.event(seq)? else { continue };
        let place = all.binary_search_by(|seen| seen.of_type.name.as_str().cmp(&name)).unwrap_or_else(|place| {
            let family = family_of(&name, event.summary.event_id.as_deref());
            let of_type = SeenType { name, ..SeenType::default() };
            all.insert(place, Seen { of_type, family, events: 0, verified: 0 });
            place
        });
        let seen = &mut all[place];
        if seen.of_type.shape.add(&event.body) {
            seen.events += 1;
            seen.verified += u64::from(verdict == Verdict::Verified);
        }
    }
    if too_large > 0 {
        tell(&format!("{} over 1 MiB are left out", counted(too_large, "event")));
    }
    // What is not JSON has no shape.
    all.retain(|seen| seen.events > 0);
    for seen in all.iter().filter(|seen| seen.of_type.shape.is_cut()) {
        let name = Printable::from_text(&seen.of_type.name);
        tell(&format!(
            "some fields of `{name}` are left out: there are too many, or they are too deep or their names too long"
        ));
    }
    Ok(all)
}

fn family_of(name: &str, event_id: Option<&str>) -> Family {
    match catalog().find(name) {
        Some(event) => event.family,
        None if is_trigger_point(name) => Family::Interceptor,
        None if event_id.is_some_and(is_trigger_id) => Family::Trigger,
        None => Family::Webhook,
    }
}

fn export(seen: Vec<Seen>, format: Export, out: &mut impl Write) -> io::Result<()> {
    let types: Vec<_> = seen.into_iter().map(|seen| seen.of_type).collect();
    match format {
        Export::JsonSchema => {
            let text = serde_json::to_string_pretty(&json_schema(&types))?;
            writeln!(out, "{text}")
        }
        Export::Typescript => out.write_all(typescript(&types).as_bytes()),
        Export::Pydantic => out.write_all(pydantic(&types).as_bytes()),
    }
}

fn of(seen: &Seen) -> Vec<SeenField> {
    fields(&seen.of_type.shape, catalog().find(&seen.of_type.name), seen.family)
}

fn json(seen: &Seen, out: &mut impl Write) -> io::Result<()> {
    let name = &*seen.of_type.name;
    let documented = catalog().find(name).is_some();
    let line = Line { name, documented, events: seen.events, verified: seen.verified, fields: of(seen) };
    writeln!(out, "{}", json_text(&line))
}

/// A heading, then a line for each field. What is as documented has no remark.
fn list(seen: &Seen, out: &mut impl Write) -> io::Result<()> {
    let name = Printable::from_text(&seen.of_type.name);
    let unknown = if catalog().find(&seen.of_type.name).is_some() { "" } else { ", a type that is not documented" };
    writeln!(out, "{name}: {}, {} verified{unknown}", counted(seen.events, "event"), grouped(seen.verified))?;
    let fields = of(seen);
    let width = |text: &str| Printable::from_text(text).width();
    let paths = fields.iter().map(|field| width(&field.path)).max().unwrap_or_default().min(60);
    let kinds = fields.iter().map(|field| field.kinds.join(" or ").len()).max().unwrap_or_default().min(30);
    for field in &fields {
        let path = Printable::from_text(&field.path);
        let gap = " ".repeat(paths.saturating_sub(path.width()));
        let remark = match (field.place, field.required, field.count < field.of) {
            (Place::NotDocumented, ..) => "  not documented",
            (Place::NeverSeen, true, _) => "  documented as always present",
            (Place::NeverSeen, ..) => "  never arrived",
            (Place::Documented, true, true) => "  documented as always present",
            _ => "",
        };
        let count = format!("{} of {}", grouped(field.count), grouped(field.of));
        writeln!(out, "  {path}{gap}  {:kinds$}  {count:>11}{remark}", field.kinds.join(" or "))?;
    }
    writeln!(out)
}
