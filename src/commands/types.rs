//! `hookglass types`: the event types that hookglass knows, or one with its fields and a sample.

use super::Failure;
use super::output::{Output, checked};
use super::sending::unknown_type;
use crate::cli::TypesArgs;
use crate::core::catalog::{EventType, Family, Field, Kind, SampleFacts, catalog};
use crate::core::json::Document;
use serde::Serialize;
use serde_json::value::RawValue;
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn run(args: &TypesArgs) -> Result<ExitCode, Failure> {
    let chosen = args.event_type.as_deref().map(find).transpose()?;
    let mut out = Output::stdout();
    let written = match (chosen, args.json) {
        (None, false) => list(&mut out),
        (Some(event), false) => describe(&mut out, event),
        (None, true) => catalog().events().iter().try_for_each(|event| print_json(&mut out, event)),
        (Some(event), true) => print_json(&mut out, event),
    };
    checked(written.and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> Result<&'static EventType, Failure> {
    catalog().find(name).ok_or_else(|| {
        let (problem, hint) = unknown_type(name, "an event type");
        Failure::with_hint(problem, hint)
    })
}

fn list(out: &mut impl Write) -> io::Result<()> {
    let catalog = catalog();
    let names = catalog.events().iter().map(|event| &event.name);
    let width = names.chain(catalog.all_unsent().iter().map(|unsent| &unsent.name)).map(String::len).max();
    let width = width.unwrap_or_default();
    let mut heading = "";
    for event in catalog.events() {
        let its_heading = event.heading();
        if heading != its_heading {
            let gap = if heading.is_empty() { "" } else { "\n" };
            writeln!(out, "{gap}{its_heading}")?;
            heading = its_heading;
        }
        writeln!(out, "  {:<width$}  {}", event.name, event.when)?;
    }
    writeln!(out, "\nNames that documents use and that nothing sends")?;
    for unsent in catalog.all_unsent() {
        writeln!(out, "  {:<width$}  use {}", unsent.name, unsent.instead)?;
    }
    writeln!(out, "\n`hookglass types TYPE` shows the fields and a sample of a type.")
}

fn describe(out: &mut impl Write, event: &EventType) -> io::Result<()> {
    writeln!(out, "{}\n\n{}.", event.name, event.when)?;
    if let Some(new) = &event.legacy {
        writeln!(out, "This is a legacy name. New endpoints get `{new}`.")?;
    }
    let fields = catalog().fields(event);
    let width = fields.iter().map(|(path, _)| path.len()).max().unwrap_or_default();
    writeln!(out, "\nFields (* always present)")?;
    for (path, field) in &fields {
        let star = if field.required { '*' } else { ' ' };
        writeln!(out, "{star} {path:<width$}  {:<7}  {}", field.kind.name(), field.remarks())?;
    }
    if catalog().is_open(event) {
        writeln!(out, "  Other fields are normal: these are known from examples.")?;
    }
    let sample = event.sample(SampleFacts::FIXED);
    let shown = Document::new(sample.into()).pretty();
    writeln!(out, "\nSample\n{}", String::from_utf8_lossy(&shown))?;
    writeln!(out, "\nSend it: hookglass send {} --to URL", event.name)
}

#[derive(Serialize)]
struct Described<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    family: Family,
    title: &'a str,
    when: &'a str,
    object: Option<&'a str>,
    /// The type that replaced this legacy one.
    legacy_for: Option<&'a str>,
    /// Whether fields that are not listed are normal.
    other_fields: bool,
    fields: Vec<DescribedField<'a>>,
    sample: Box<RawValue>,
}

#[derive(Serialize)]
struct DescribedField<'a> {
    path: String,
    kind: Kind,
    required: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    values: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    secret: bool,
    personal: bool,
    about: &'a str,
}

impl<'a> DescribedField<'a> {
    fn new(path: String, field: &'a Field) -> Self {
        let Field { kind, required, secret, personal, about, .. } = field;
        Self {
            path,
            kind: *kind,
            required: *required,
            values: &field.one_of,
            prefix: field.prefix.as_deref(),
            secret: *secret,
            personal: *personal,
            about,
        }
    }
}

fn print_json(out: &mut impl Write, event: &EventType) -> io::Result<()> {
    let fields = catalog().fields(event).into_iter();
    let sample = String::from_utf8(event.sample(SampleFacts::FIXED)).map_err(io::Error::other)?;
    let described = Described {
        name: &event.name,
        family: event.family,
        title: &event.title,
        when: &event.when,
        object: Some(event.object.as_str()).filter(|object| !object.is_empty()),
        legacy_for: event.legacy.as_deref(),
        other_fields: catalog().is_open(event),
        fields: fields.map(|(path, field)| DescribedField::new(path, field)).collect(),
        sample: RawValue::from_string(sample)?,
    };
    serde_json::to_writer(&mut *out, &described)?;
    writeln!(out)
}
