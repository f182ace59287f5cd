//! `hookglass export`: writes stored events to a file, to stdout, or as fixtures to a folder.

use crate::app::transfer::export::{Contents, ExportError, Exported, export_into, export_to};
use crate::cli::ExportArgs;
use crate::commands::output::{Output, checked};
use crate::commands::talk::tell;
use crate::commands::watched::{Progress, watched_events};
use crate::commands::{Failure, filtered, open_history};
use crate::config::Environment;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::export::ExportFormat;
use crate::core::filter::Filter;
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::store::Reader;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most events whose failure is told one by one.
const TOLD: usize = 10;

pub(in crate::commands) fn run(args: &ExportArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let filter = args.filter.as_deref().map(|text| filtered::read(text, environment)).transpose()?.unwrap_or_default();
    let (format, file) = destination(args)?;
    let contents = Contents { has_credentials: args.with_credentials };
    let reader = open_history(&args.store, environment)?;
    let seqs = filtered::chosen(&reader, &filter)?;
    if seqs.is_empty() {
        return none(&reader, &filter);
    }
    let all = counted(seqs.len() as u64, "event");
    let exported = watched_events(
        |done| format!("exported {done} of {all}"),
        move |progress| {
            write(file.as_deref(), format, contents, &reader, &seqs, progress).map(|exported| (exported, file))
        },
    )?;
    let (exported, file) = match exported {
        // The reader of stdout wants no more.
        Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        exported => exported.map_err(|error| Failure::with_hint(with_causes(&error), error.hint()))?,
    };
    if let Some(file) = file {
        checked(writeln!(io::stdout(), "{}", Printable::from_text(&line(&exported, &file, format))))?;
    }
    tell_failures(&exported.failed);
    Ok(if exported.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The format, and the file or folder; `None` for stdout.
fn destination(args: &ExportArgs) -> Result<(ExportFormat, Option<PathBuf>), Failure> {
    let file = args.file.clone().filter(|file| file != Path::new("-"));
    let by_name = file.as_ref().and_then(|file| ExportFormat::of_name(&file.to_string_lossy()));
    let format = args.format.or(by_name).unwrap_or(ExportFormat::Ndjson);
    if format == ExportFormat::Fixtures && file.is_none() {
        return Err(Failure::with_hint(
            "cannot write fixtures to stdout: each event is a file",
            "name a folder, such as `hookglass export --format fixtures fixtures`",
        ));
    }
    Ok((format, file))
}

fn none(reader: &Reader, filter: &Filter) -> Result<ExitCode, Failure> {
    let why = filtered::no_match(reader)?;
    let why = if filter.is_empty() { "there are no events" } else { &why };
    tell(&format!("{why}, so nothing was exported"));
    Ok(ExitCode::FAILURE)
}

fn write(
    file: Option<&Path>,
    format: ExportFormat,
    contents: Contents,
    reader: &Reader,
    seqs: &[Seq],
    progress: &Progress,
) -> Result<Exported, ExportError> {
    let progress = |done| progress.tell(done);
    match file {
        Some(path) => export_to(path, format, contents, reader, seqs, progress),
        None => {
            let mut out = Output::stdout();
            let exported = export_into(&mut out, format, contents, reader, seqs, progress)?;
            out.finish()?;
            Ok(exported)
        }
    }
}

/// `exported 3 events to `a.har``
fn line(exported: &Exported, file: &Path, format: ExportFormat) -> String {
    let there = match exported.there {
        0 => String::new(),
        there => format!(
            "; {} already there",
            if there == 1 { "1 was".to_owned() } else { format!("{} were", grouped(there)) }
        ),
    };
    let to = if format == ExportFormat::Fixtures { "as fixtures to" } else { "to" };
    format!("exported {} {to} `{}`{there}", counted(exported.written, "event"), file.display())
}

fn tell_failures(failed: &[(Seq, String)]) {
    for (seq, why) in failed.iter().take(TOLD) {
        tell(&format!("event {seq} was not exported: {why}"));
    }
    if let Some(more @ 1..) = failed.len().checked_sub(TOLD) {
        tell(&format!("{} more were not exported", grouped(more as u64)));
    }
}
