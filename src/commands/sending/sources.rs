//! Finds what the command line asks to send: stored events by number or filter, fixtures, samples.

use super::Asked;
use crate::app::keyring::SharedKeyring;
use crate::cli::{Families, SampleArgs};
use crate::commands::Failure;
use crate::commands::files::fixture_event;
use crate::commands::filtered;
use crate::config::Environment;
use crate::core::catalog::{EventType, catalog};
use crate::core::delivery::Form;
use crate::core::event::{Event, Seq};
use crate::core::filter::Filter;
use crate::store::{Reader, StoreError};
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::Path;

/// Summaries read at once.
const BATCH: usize = 1000;

/// One item to send.
pub(super) enum Parcel {
    Stored(Seq),
    /// With the name of its file.
    Fixture(String, Box<Event>),
    Sample(&'static EventType),
}

impl Parcel {
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self, Self::Stored(_))
    }
}

/// What to send: stored events first, in the order of arrival. With the history, if they come from there.
pub(super) struct Parcels {
    pub parcels: Vec<Parcel>,
    pub reader: Option<Reader>,
}

pub(super) fn gather(
    asked: &Asked<'_>,
    environment: &Environment,
    database: &Path,
    keyring: &SharedKeyring,
) -> Result<Parcels, Failure> {
    let (mut numbers, mut others) = (Vec::new(), Vec::new());
    for source in asked.sources {
        match read(source)? {
            Source::Numbers(range) => numbers.push(range),
            Source::Sample(sample) if asked.form == Form::New => others.push(Parcel::Sample(sample)),
            Source::Sample(sample) => {
                return Err(Failure::with_hint(
                    format!("cannot replay the sample `{}`: a sample is a new event each time", sample.name),
                    format!("send it with `hookglass send {} --to URL`", sample.name),
                ));
            }
            Source::File => others.push(fixture_parcel(source, keyring)?),
        }
    }
    if let Some(samples) = asked.samples {
        others.extend(listed(samples).map(Parcel::Sample));
        if samples.seed.is_some() && !others.iter().any(|parcel| matches!(parcel, Parcel::Sample(_))) {
            return Err(Failure::with_hint(
                "`--seed` applies to samples, but none is sent",
                "name a sample such as `user.signup`, `--all` or `--story signup`",
            ));
        }
    }
    let filter = asked.args.filter.as_deref().map(|text| filtered::read(text, environment)).transpose()?;
    if numbers.is_empty() {
        if filter.is_some() && !others.is_empty() {
            return Err(Failure::with_hint(
                "`--filter` applies to stored events, but the sources are only fixtures or samples",
                "leave out `--filter`, or leave out the fixtures and samples",
            ));
        }
        if filter.is_none() && others.is_empty() {
            return Err(nothing(&asked.form));
        }
    }
    if numbers.is_empty() && filter.is_none() {
        return Ok(Parcels { parcels: others, reader: None });
    }
    let reader = Reader::open_alone(database)?;
    let chosen = chosen(&reader, &numbers, filter.as_ref())?;
    let parcels = chosen.into_iter().map(Parcel::Stored).chain(others).collect();
    Ok(Parcels { parcels, reader: Some(reader) })
}

/// The samples of `--all` or `--story`.
fn listed(samples: &SampleArgs) -> impl Iterator<Item = &'static EventType> {
    let family = samples.all.map(Families::family);
    let all = catalog().events().iter().filter(move |event| family == Some(event.family));
    all.chain(samples.story.iter().flat_map(|name| catalog().story(name)))
}

enum Source {
    Numbers(RangeInclusive<Seq>),
    Sample(&'static EventType),
    File,
}

fn read(text: &OsStr) -> Result<Source, Failure> {
    let known = text.to_str().unwrap_or_default();
    if let Ok(seq) = known.parse() {
        return Ok(Source::Numbers(seq..=seq));
    }
    if let Some((Ok(first), Ok(last))) = known.split_once('-').map(|(first, last)| (first.parse(), last.parse())) {
        if first > last {
            return Err(Failure::with_hint(
                format!("`{known}` is not a range of events"),
                format!("put the smaller number first: `{last}-{first}`"),
            ));
        }
        return Ok(Source::Numbers(first..=last));
    }
    if let Some(sample) = catalog().find(known) {
        return Ok(Source::Sample(sample));
    }
    if looks_like_a_file(known) || Path::new(text).exists() {
        return Ok(Source::File);
    }
    let (problem, hint) = unknown_type(&text.to_string_lossy(), "an event number, a sample or a file");
    Err(Failure::with_hint(problem, hint))
}

/// Whether a name that is neither an event's number nor a sample is meant as that of a file, which may be missing.
pub(in crate::commands) fn looks_like_a_file(name: &str) -> bool {
    name == "-" || name.contains(['/', '\\']) || name.ends_with(".json")
}

/// Says that `name` is not `expected`, and which event type may be meant.
pub(in crate::commands) fn unknown_type(name: &str, expected: &str) -> (String, String) {
    let problem = format!("`{name}` is not {expected}");
    match (catalog().unsent(name), catalog().nearest(name)) {
        (Some(unsent), _) => (
            format!("Scalekit sends no event `{name}`, although documents name it"),
            format!("use `{}`, which it sends at about that moment", unsent.instead),
        ),
        (None, Some(near)) => (problem, format!("did you mean `{}`?", near.name)),
        (None, None) => match catalog().namespace_of(name) {
            near if near.is_empty() => (problem, "list the event types with `hookglass types`".to_owned()),
            near => (problem, format!("use an event type such as {}; `hookglass types` lists them all", quoted(&near))),
        },
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn nothing(form: &Form) -> Failure {
    let and_samples =
        if *form == Form::New { ", samples such as `user.signup`, `--all`, or `--story signup`" } else { "" };
    Failure::with_hint(
        "nothing to send",
        format!("name stored events (`7` or `3-9`), fixture files or `--filter FILTER`{and_samples}"),
    )
}

/// The stored events in `numbers` (all if that is empty) that match `filter`, each once, in the order of arrival.
fn chosen(reader: &Reader, numbers: &[RangeInclusive<Seq>], filter: Option<&Filter>) -> Result<Vec<Seq>, Failure> {
    let is_named = |seq: Seq| numbers.is_empty() || numbers.iter().any(|range| range.contains(&seq));
    let mut seqs = Vec::new();
    for range in numbers {
        let before = seqs.len();
        seqs.extend(in_range(reader, range)?);
        if seqs.len() == before {
            let (first, last) = (range.start(), range.end());
            let which = if first == last { format!("event {first}") } else { format!("event from {first} to {last}") };
            return Err(Failure::with_hint(
                format!("there is no {which} in the history"),
                format!("list the events with `hookglass events`, or write `./{first}` if you mean a file"),
            ));
        }
    }
    if let Some(filter) = filter {
        seqs = filtered::chosen(reader, filter)?;
        seqs.retain(|seq| is_named(*seq));
        if seqs.is_empty() {
            let nothing = if numbers.is_empty() {
                filtered::no_match(reader)?
            } else {
                "none of the events that you named matches the filter".to_owned()
            };
            return Err(Failure::with_hint(nothing, "list the events with `hookglass events`"));
        }
    }
    seqs.sort_unstable();
    seqs.dedup();
    Ok(seqs)
}

fn in_range(reader: &Reader, range: &RangeInclusive<Seq>) -> Result<Vec<Seq>, StoreError> {
    let mut seqs = Vec::new();
    let mut after = range.start().saturating_sub(1);
    loop {
        let summaries = reader.after(after, BATCH)?;
        let Some(last) = summaries.last() else { return Ok(seqs) };
        after = last.seq;
        seqs.extend(summaries.iter().map(|summary| summary.seq).filter(|seq| range.contains(seq)));
        if after >= *range.end() {
            return Ok(seqs);
        }
    }
}

fn fixture_parcel(path: &OsStr, keyring: &SharedKeyring) -> Result<Parcel, Failure> {
    let event = fixture_event(path, keyring)?;
    Ok(Parcel::Fixture(path.display().to_string(), Box::new(event)))
}
