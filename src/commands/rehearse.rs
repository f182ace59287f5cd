//! `hookglass rehearse`: runs the rehearsals against an app, for people and for CI.

use super::ending::unless_cancelled;
use super::files::fixture_event;
use super::keeping::{open_to_store, start_writing};
use super::{WIDTH, database, keyring, open_history, tell, tell_odd_secrets};
use crate::app::keyring::SharedKeyring;
use crate::app::outbound::rehearse::{Options, RehearseError, Rehearsing, StateCheck, original_of};
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::samples::sample_event;
use crate::app::outbound::send::Sender;
use crate::app::process::watchdog::{self, CtrlC};
use crate::cli::RehearseArgs;
use crate::client::{Client, Limits};
use crate::commands::{Failure, output};
use crate::config::{self, Access, EmptySecret, Environment};
use crate::core::catalog::{EventType, catalog};
use crate::core::delivery::{Ending, SigningPolicy};
use crate::core::event::{Event, Seq};
use crate::core::export::json_text;
use crate::core::rehearsal::{
    Cause, Grade, Matrix, Original, Outcome, Rehearsal, Rest, Row, State, Step, causes, matrix_lines,
};
use crate::core::signature::Scheme;
use serde::Serialize;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Columns of the progress line, which each update overwrites.
const PROGRESS_COLUMNS: usize = 60;

pub(super) fn run(args: &RehearseArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let Some(to) = args.to.as_deref().filter(|_| !args.list) else {
        return output::checked(print(&listed())).map(|()| ExitCode::SUCCESS);
    };
    let target = config::target("--to", to)?;
    let keyring = keyring(environment, &args.secrets, EmptySecret::IsNone)?;
    tell_odd_secrets(&keyring);
    let policy = if args.sign { SigningPolicy::Any } else { SigningPolicy::Verified };
    let shared = SharedKeyring::new(keyring);
    let source = source(args, environment, &shared)?;
    let original = source.original(policy)?;
    let asked = if args.only.is_empty() { &Rehearsal::ALL[..] } else { &args.only };
    let event_type = original.event_type().unwrap_or_else(|| "an event without a type".to_owned());
    let client = Client::fitted(Limits::default(), &Access::merge(args.access.layer(), &environment.file)?)?;
    let mut out = Output::new(args.json);
    let check = args.check.clone().map(|command| StateCheck { command, settle: args.settle });
    let options = Options { wait_for_app: args.wait_app, check };

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    watchdog::watch(CtrlC::Request).map_err(|error| Failure::new("cannot wait for signals", error))?;
    runtime.block_on(async {
        let store =
            if let Source::Stored(_) = source { open_to_store(&database(&args.store, environment)?) } else { None };
        let (writer, writing) = store.map(start_writing).unzip();
        let (stop, deliveries) = (CancellationToken::new(), Deliveries::on(Handle::current()));
        let sender = Sender { client, keyring: shared, writer, deliveries: deliveries.clone() };
        let rehearsing = Rehearsing::new(original, source.into_event(), sender, target.clone())?.with(options);
        let rehearsals = rehearsing.plan(asked)?;
        out.matrix.planned = rehearsals.len();
        tell(&format!("rehearsing `{target}` with {event_type}, signed with {}", rehearsing.signed_with()));
        let running = rehearsing.run(&rehearsals, || stop.is_cancelled(), |step| out.tell(step, &stop));
        let ended = unless_cancelled(running, &stop, &deliveries).await;
        drop(rehearsing);
        if let Some(writing) = writing {
            // A panic in it is already reported.
            let _ = writing.await;
        }
        // `out` already has every row.
        ended.transpose().map(drop).map_err(Failure::from)
    })?;
    runtime.shutdown_background();
    let is_passed = out.matrix.is_passed();
    output::checked(out.end())?;
    Ok(if is_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the rehearsals are made from.
enum Source {
    /// A stored event. The requests are stored as its deliveries.
    Stored(Box<Event>),
    Fixture(Box<Event>),
    Sample(&'static EventType),
}

impl Source {
    fn original(&self, policy: SigningPolicy) -> Result<Original, RehearseError> {
        match self {
            Self::Stored(event) | Self::Fixture(event) => original_of(event, policy),
            Self::Sample(sample) => Ok(Original::of_sample(sample)),
        }
    }

    fn into_event(self) -> Event {
        match self {
            Self::Stored(event) | Self::Fixture(event) => *event,
            Self::Sample(sample) => sample_event(sample),
        }
    }
}

fn source(args: &RehearseArgs, environment: &Environment, keyring: &SharedKeyring) -> Result<Source, Failure> {
    let Some(source) = args.event.as_deref() else {
        return Ok(Source::Sample(catalog().tour().next().expect("the tour has samples")));
    };
    let text = source.to_str().unwrap_or_default();
    if let Ok(seq) = text.parse::<Seq>() {
        let Some(event) = open_history(&args.store, environment)?.event(seq)? else {
            return Err(Failure::with_hint(
                format!("there is no event {seq} in the history"),
                format!("list the events with `hookglass events`, or write `./{seq}` if you mean a file"),
            ));
        };
        return Ok(Source::Stored(Box::new(event)));
    }
    match catalog().find(text) {
        Some(sample) => Ok(Source::Sample(sample)),
        None => of_fixture(source, keyring),
    }
}

fn of_fixture(path: &OsStr, keyring: &SharedKeyring) -> Result<Source, Failure> {
    let hint = "use the number of an event, a fixture file, or an event type such as `user.signup`".to_owned();
    if !Path::new(path).exists() {
        let text = format!("`{}` is not an event number, a file or the type of a sample", path.display());
        return Err(Failure::with_hint(text, hint));
    }
    Ok(Source::Fixture(Box::new(fixture_event(path, keyring)?)))
}

/// A line per rehearsal: its name, what the app must do with an event, what it simulates.
fn listed() -> String {
    let line = |rehearsal: Rehearsal| {
        let expected = rehearsal.expectation(Scheme::Webhook).as_str();
        format!("{:14}  {expected:15}  {}\n", rehearsal.name(), rehearsal.simulates())
    };
    Rehearsal::ALL.into_iter().map(line).collect()
}

/// Prints the rehearsals while they run and when they are done.
struct Output {
    is_json: bool,
    /// Whether stderr is a terminal.
    has_progress: bool,
    written: io::Result<()>,
    /// The rehearsals that have ended.
    matrix: Matrix,
}

impl Output {
    fn new(is_json: bool) -> Self {
        Self { is_json, has_progress: io::stderr().is_terminal(), written: Ok(()), matrix: Matrix::default() }
    }

    /// Prints a step. Cancels `stop` if stdout is closed or cannot be written.
    fn tell(&mut self, step: Step, stop: &CancellationToken) {
        match &step {
            Step::Began { rehearsal, place, count } => {
                self.progress(&format!("{place} of {count}: {}", rehearsal.title()))
            }
            Step::Died { what, wait_s } => {
                self.progress("");
                tell(&format!("the app died at {what}; waiting up to {wait_s} s until it accepts connections again"));
            }
            Step::Waited(_) | Step::Elsewhere(_) => {}
            Step::Ended(row) => {
                self.progress("");
                if self.is_json && self.written.is_ok() {
                    self.written = print(&(json_text(&JsonRow::of(row)) + "\n"));
                }
                if self.written.is_err() {
                    stop.cancel();
                }
            }
        }
        self.matrix.apply(step);
    }

    /// Overwrites the progress line and leaves the cursor at its start.
    fn progress(&self, text: &str) {
        if self.has_progress {
            eprint!("\r{text:PROGRESS_COLUMNS$}\r");
        }
    }

    fn end(self) -> io::Result<()> {
        self.progress("");
        let Self { matrix, written, .. } = self;
        written?;
        if self.is_json {
            return print(&(json_text(&JsonEnd::of(&matrix)) + "\n"));
        }
        let line = |pieces: Vec<_>| pieces.into_iter().map(|(_, text)| text).collect::<String>() + "\n";
        print(&matrix_lines(&matrix, Rest::Cancelled, None, WIDTH).into_iter().map(line).collect::<String>())
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = output::Output::stdout();
    out.write_all(text.as_bytes())?;
    out.finish()
}

/// The JSON object of a rehearsal.
#[derive(Serialize)]
struct JsonRow<'a> {
    rehearsal: &'static str,
    group: &'static str,
    expected: &'static str,
    grade: &'static str,
    /// The old name of `grade`, with `unjudged` for `inconclusive`.
    result: &'static str,
    got: Vec<JsonResponse<'a>>,
    found: &'a str,
    why: &'static str,
    next: Option<&'static str>,
    /// What `--check` printed before and after: `same`, `changed` or `unknown`.
    state: Option<&'static str>,
    took_us: u64,
}

/// One request and its response. One of `status` and `failure` is `null`.
#[derive(Serialize)]
struct JsonResponse<'a> {
    request: &'a str,
    status: Option<u16>,
    failure: Option<&'static str>,
}

impl<'a> JsonRow<'a> {
    fn of(row: &'a Row) -> Self {
        let grade = row.finding.grade;
        Self {
            rehearsal: row.rehearsal.name(),
            group: row.rehearsal.group().name(),
            expected: row.expected(),
            grade: grade.as_str(),
            result: if grade == Grade::Inconclusive { "unjudged" } else { grade.as_str() },
            got: row.outcomes.iter().map(JsonResponse::of).collect(),
            found: &row.finding.sentence,
            why: row.why(),
            next: row.finding.next_step,
            state: row.state.as_ref().map(State::as_str),
            took_us: row.took_us,
        }
    }
}

impl<'a> JsonResponse<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let (status, failure) = match outcome.ending {
            Ending::Responded(status) => (Some(status), None),
            Ending::Failed(kind) => (None, Some(kind.as_str())),
        };
        Self { request: &outcome.what, status, failure }
    }
}

/// The last JSON object.
#[derive(Serialize)]
struct JsonEnd {
    rehearsals: usize,
    passed: usize,
    /// Neither right nor wrong.
    shown: usize,
    warned: usize,
    inconclusive: usize,
    /// The old name of `inconclusive`.
    unjudged: usize,
    failed: usize,
    cancelled: usize,
    is_passed: bool,
    /// How often the app died.
    deaths: usize,
    causes: Vec<JsonCause>,
    note: Option<&'static str>,
}

/// One cause of what is wrong, with the rehearsals that it explains.
#[derive(Serialize)]
struct JsonCause {
    cause: &'static str,
    grade: &'static str,
    what: String,
    found: String,
    next: String,
    /// What else it may be, in order of likelihood.
    others: Vec<String>,
    rehearsals: Vec<&'static str>,
}

impl From<Cause> for JsonCause {
    fn from(cause: Cause) -> Self {
        Self {
            cause: cause.name,
            grade: cause.grade.as_str(),
            what: cause.sentence,
            found: cause.seen,
            next: cause.next_step.into_owned(),
            others: cause.others,
            rehearsals: cause.rehearsals.into_iter().map(Rehearsal::name).collect(),
        }
    }
}

impl JsonEnd {
    fn of(matrix: &Matrix) -> Self {
        Self {
            rehearsals: matrix.planned,
            passed: matrix.count(Grade::Passed),
            shown: matrix.count(Grade::Shown),
            warned: matrix.count(Grade::Warned),
            inconclusive: matrix.count(Grade::Inconclusive),
            unjudged: matrix.count(Grade::Inconclusive),
            failed: matrix.count(Grade::Failed),
            cancelled: matrix.missing(),
            is_passed: matrix.is_passed(),
            deaths: matrix.deaths.len(),
            causes: causes(matrix).into_iter().map(JsonCause::from).collect(),
            note: matrix.caveat(),
        }
    }
}
