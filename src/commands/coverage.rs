//! `hookglass coverage`: which event types arrived, verified and were accepted by the app, and whether that is enough.

use super::files::bytes_of;
use super::output::{Output, checked};
use super::talk::tell;
use super::{filtered, open_history};
use crate::cli::CoverageArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::coverage::{Coverage, Level, Requirement, TypeCoverage, requirements};
use crate::core::export::json_text;
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// The most bytes of a file of requirements.
const MAX_FILE: u64 = 1 << 20;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    coverage: &'a TypeCoverage,
    level: Level,
}

#[derive(Serialize)]
struct Total<'a> {
    webhook_types: usize,
    seen: usize,
    verified: usize,
    accepted: usize,
    /// `null` without `--require`.
    missing: Option<Vec<Missing<'a>>>,
}

#[derive(Serialize)]
struct Missing<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    required: Level,
}

pub(super) fn run(args: &CoverageArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let required = args.require.as_deref().map(read).transpose()?;
    let reader = open_history(&args.store, environment)?;
    let coverage = Coverage::of(&filtered::index(&reader)?);
    let missing = required.as_deref().map(|required| coverage.missing(required));
    let mut out = Output::stdout();
    let written = if args.json { json(&coverage, missing.as_deref(), &mut out) } else { table(&coverage, &mut out) };
    checked(written.and_then(|()| out.finish()))?;
    let missing = missing.unwrap_or_default();
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for (name, level) in &missing {
        tell(&format!("`{name}` is required to be {}, but is not", level.as_str()));
    }
    tell(&format!("{} missing", counted(missing.len() as u64, "required type")));
    Ok(ExitCode::FAILURE)
}

fn read(path: &Path) -> Result<Vec<Requirement>, Failure> {
    let bytes = bytes_of(path, MAX_FILE)?;
    let shown = path.display();
    let failed = |why: &str, hint: String| Failure::with_hint(format!("cannot read `{shown}`: {why}"), hint);
    let text = String::from_utf8(bytes)
        .map_err(|_| failed("it is not UTF-8 text", "list one event type a line".to_owned()))?;
    requirements(&text).map_err(|error| failed(&error.to_string(), error.hint.clone()))
}

/// All webhook types, and of the others those that arrived.
fn table(coverage: &Coverage, out: &mut impl Write) -> io::Result<()> {
    let shown: Vec<_> = coverage.0.iter().filter(|each| each.is_current_webhook() || each.seen > 0).collect();
    let width = shown.iter().map(|each| Printable::from_text(&each.name).width()).max().unwrap_or_default();
    writeln!(out, "{:width$}      seen  verified  accepted", "")?;
    for each in shown {
        let name = Printable::from_text(&each.name);
        let gap = " ".repeat(width.saturating_sub(name.width()));
        let [seen, verified, accepted] = [each.seen, each.verified, each.accepted]
            .map(|count| if count == 0 { "-".to_owned() } else { grouped(count) });
        writeln!(out, "{name}{gap}  {seen:>8}  {verified:>8}  {accepted:>8}")?;
    }
    writeln!(out, "\n{}", coverage.summary())
}

fn json(coverage: &Coverage, missing: Option<&[(&str, Level)]>, out: &mut impl Write) -> io::Result<()> {
    for each in &coverage.0 {
        writeln!(out, "{}", json_text(&Line { coverage: each, level: each.level() }))?;
    }
    let [seen, verified, accepted] =
        [Level::Seen, Level::Verified, Level::Accepted].map(|level| coverage.count(level).0);
    let missing = missing.map(|all| all.iter().map(|(name, level)| Missing { name, required: *level }).collect());
    let total = Total { webhook_types: coverage.count(Level::Never).1, seen, verified, accepted, missing };
    writeln!(out, "{}", json_text(&total))
}
