//! `hookglass verify`: verifies a request offline and, if it fails, explains why.

use super::files::{MAX_HEADERS, bytes_of, fixture, max_body};
use super::sending::looks_like_a_file;
use super::{WIDTH, keyring, open_history, tell_odd_secrets};
use crate::app::history::context::amid_history;
use crate::cli::VerifyArgs;
use crate::commands::Failure;
use crate::commands::output::{Output, checked};
use crate::config::{EmptySecret, Environment};
use crate::core::diagnosis::{Diagnosis, Examined, Report, diagnose, handlers, lines, report};
use crate::core::event::Seq;
use crate::core::export::{Fixture, json_text};
use crate::core::pasted::{self, PastedBody};
use crate::core::printable::Printable;
use crate::core::request::Header;
use crate::core::signature::{Reason, Verdict, Verification};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &VerifyArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let keyring = keyring(environment, &args.secrets, EmptySecret::Counts)?;
    let request = read(args, environment)?;
    tell_odd_secrets(&keyring);
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let now_ms = args.at.unwrap_or(request.arrived_ms);
    let diagnosis = match &request.verification {
        // Its whole body is not stored, so nothing can be verified.
        Some(verification) if verification.reason.as_ref().is_some_and(Reason::lacks_body) => {
            Diagnosis::from(verification)
        }
        _ => {
            let diagnosis = diagnose(&headers, &request.body, now_ms, &keyring);
            // A file needs no history, but one may say whether the secret is right.
            let open = || open_history(&args.store, environment).ok();
            let diagnosis = match &request.verification {
                Some(stored) => diagnosis.of_stored(stored),
                None => diagnosis,
            };
            amid_history(diagnosis, open, &keyring, request.seq, &headers, &request.body)
        }
    };
    let examined = Examined { headers: &headers, body: &request.body, now_ms, keyring: &keyring };
    let mut report = report(&examined, &diagnosis, &TimeZone::system());
    if let Some(seq) = request.seq {
        report = report.of_event(seq);
    }
    let has_more_code = show_code(&mut report, &diagnosis, args.code);
    let mut text = if args.json { json(&diagnosis, &report) } else { text(&report) };
    if has_more_code && !args.json {
        text.push_str("code  `--code` prints handlers that pass the raw body and the headers to the SDK\n");
    }
    let mut out = Output::stdout();
    checked(out.write_all(text.as_bytes()).and_then(|()| out.finish()))?;
    Ok(if report.verdict == Verdict::Verified { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Adds handlers to the report if the user wants them. Otherwise keeps only those that fix what is wrong, because the rest would push the
/// reason off the screen. Returns whether there are others.
fn show_code(report: &mut Report, diagnosis: &Diagnosis, is_wanted: bool) -> bool {
    if is_wanted && report.fixes.is_empty() {
        report.fixes = handlers(diagnosis.scheme);
    }
    let has_more = !is_wanted && !report.is_code_the_fix() && !report.fixes.is_empty();
    if has_more {
        report.fixes.clear();
    }
    has_more
}

/// The request to verify.
struct Request {
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    /// Unix milliseconds; for `--headers` and `--body` the current time.
    arrived_ms: i64,
    /// The number of an event of the history.
    seq: Option<Seq>,
    /// Its stored verification.
    verification: Option<Verification>,
}

impl Request {
    fn of(fixture: Fixture) -> Self {
        let arrived_ms = fixture.received_at.as_millisecond();
        Self { headers: fixture.headers, body: fixture.body, arrived_ms, seq: None, verification: None }
    }
}

fn read(args: &VerifyArgs, environment: &Environment) -> Result<Request, Failure> {
    if let Some(headers) = &args.headers {
        return files(headers, args.body.as_deref());
    }
    let source = args.source.as_deref().unwrap_or_default();
    match source.to_str().and_then(|text| text.parse::<Seq>().ok()) {
        Some(seq) => stored(args, environment, seq),
        None if !source.to_str().is_some_and(looks_like_a_file) && !Path::new(source).exists() => {
            Err(Failure::with_hint(
                format!("`{}` is not an event number or a file", source.display()),
                "list the events with `hookglass events`, or name a fixture or `--headers FILE`",
            ))
        }
        None => fixture(source).map(Request::of),
    }
}

fn stored(args: &VerifyArgs, environment: &Environment, seq: Seq) -> Result<Request, Failure> {
    let Some(event) = open_history(&args.store, environment)?.event(seq)? else {
        return Err(Failure::with_hint(
            format!("there is no event {seq} in the history"),
            format!("list the events with `hookglass events`, or write `./{seq}` if you mean a file"),
        ));
    };
    let verification = Some(event.verification.clone());
    Ok(Request { seq: Some(seq), verification, ..Request::of(Fixture::of(&event)) })
}

/// The request in the file `headers`, with the bytes of the file `body` if there is one.
fn files(headers: &Path, body: Option<&Path>) -> Result<Request, Failure> {
    if headers == Path::new("-") && body == Some(Path::new("-")) {
        return Err(Failure::with_hint("cannot read both headers and body from stdin", "put one of them in a file"));
    }
    // JSON writes a control character of the body with six.
    let limit = MAX_HEADERS + if body.is_none() { 6 * max_body() } else { 0 };
    let pasted = pasted::read(&bytes_of(headers, limit)?, body.is_none()).map_err(|error| {
        Failure::with_hint(
            format!("cannot read the headers in `{}`: {error}", headers.display()),
            "write one `name: value` per line; `hookglass verify --help` names the other forms",
        )
    })?;
    let body = match body {
        Some(body) => bytes_of(body, max_body())?,
        None => body_of(headers, pasted.body)?,
    };
    let arrived_ms = Timestamp::now().as_millisecond();
    Ok(Request { headers: pasted.headers, body, arrived_ms, seq: None, verification: None })
}

/// The body that was pasted with the headers in `file`.
fn body_of(file: &Path, body: PastedBody) -> Result<Vec<u8>, Failure> {
    let failed = |what: &str| {
        Failure::with_hint(format!("`{}` {what}", file.display()), "pass the file with its exact bytes: `--body FILE`")
    };
    match body {
        PastedBody::Bytes(bytes) if bytes.len() as u64 > max_body() => Err(failed("has a body that is too large")),
        PastedBody::Bytes(bytes) => Ok(bytes),
        PastedBody::Missing => Err(failed("has no body")),
        PastedBody::Parsed => Err(failed("has the body as an object, not as the text that was sent")),
    }
}

/// The verdict on a line, then the report as on the screen.
fn text(report: &Report) -> String {
    let mut text = report.verdict.to_string();
    match (&report.secret, report.reason()) {
        (Some(secret), _) => text.push_str(&format!(" with {}", Printable::from_text(secret))),
        (None, Some(reason)) => text.push_str(&format!(": {}", Printable::from_text(&reason.to_string()))),
        (None, None) => {}
    }
    text.push_str("\n\n");
    for row in lines(report).into_iter().flat_map(|line| line.rows(WIDTH)) {
        let bytes: Vec<u8> = row.into_iter().flat_map(|(_, bytes)| bytes).collect();
        text.push_str(Printable::from_bytes(&bytes).trim_end());
        text.push('\n');
    }
    text
}

/// The JSON object.
#[derive(Serialize)]
struct JsonReport<'a> {
    verdict: &'static str,
    scheme: &'static str,
    reason: Option<String>,
    /// The same as `reason`, under its former name.
    label: Option<String>,
    also: Vec<String>,
    sdks: BTreeMap<&'static str, &'static str>,
    secret: Option<&'a str>,
    why: Option<&'a str>,
    next: Option<&'a str>,
    warnings: &'a [String],
}

fn json(diagnosis: &Diagnosis, report: &Report) -> String {
    let sdks = report.sdks.iter().map(|(sdk, accepts)| (sdk.as_str(), if *accepts { "accept" } else { "reject" }));
    let reason = diagnosis.reason.as_ref().map(ToString::to_string);
    let object = JsonReport {
        verdict: diagnosis.verdict.as_str(),
        scheme: diagnosis.scheme.as_str(),
        reason: reason.clone(),
        label: reason,
        also: diagnosis.also.iter().map(ToString::to_string).collect(),
        sdks: sdks.collect(),
        secret: report.secret.as_deref(),
        why: report.explanation.as_ref().map(|explanation| explanation.sentence.as_str()),
        next: report.explanation.as_ref().map(|explanation| &*explanation.next_step),
        warnings: &report.warnings,
    };
    json_text(&object) + "\n"
}
