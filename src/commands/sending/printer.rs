//! Prints a line or a JSON object for each delivery, the progress on a terminal, and the table at the end.

use crate::commands::Failure;
use crate::commands::WIDTH;
use crate::commands::output::{Output, checked};
use crate::commands::talk::{tell, tell_with_hint};
use crate::core::delivery::{
    Cause, Completeness, Delivery, FailureKind, RetryStep, Tally, TallyKind, TallyRow, Target, cause_lines,
};
use crate::core::diagnosis::broken;
use crate::core::event::Seq;
use crate::core::export::{json_text, utc_text};
use crate::core::printable::{self, Printable};
use crate::core::request::Header;
use crate::core::signature::{Scheme, message_id};
use crate::core::times::in_words;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How many lines of the response body are printed if only one delivery is made.
const RESPONSE_LINES: usize = 20;
/// The shortest time between two updates of the progress.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// An attempt that ended, or an item that was not sent.
pub(super) struct Report<'a> {
    pub label: &'a str,
    /// The number of a stored event.
    pub event: Option<Seq>,
    pub result: Result<&'a Delivery, &'a str>,
    pub step: Option<RetryStep>,
    pub is_stored: bool,
    pub causes: Vec<Cause>,
}

impl<'a> Report<'a> {
    pub fn not_sent(label: &'a str, event: Option<Seq>, why: &'a str) -> Self {
        Self { label, event, result: Err(why), step: None, is_stored: false, causes: Vec::new() }
    }
}

pub(super) struct Printer {
    is_json: bool,
    is_one: bool,
    target: String,
    /// Why stdout cannot be written.
    failure: Option<io::Error>,
    unsigned: u64,
    has_unsigned_retries: bool,
    is_stopped_early: bool,
    /// Why the app did not accept a request: the first one with a cause.
    causes: Vec<Cause>,
    /// Whether that was a 2xx, which no later attempt changes.
    is_cause_delivered: bool,
    /// Whether nothing listens on the port of the target.
    is_refused: bool,
    /// When the progress was last printed; `None` if it is not shown.
    progress: Option<Instant>,
    has_progress_line: bool,
}

/// The JSON object of a delivery.
#[derive(Serialize)]
struct DeliveryLine<'a> {
    source: &'a str,
    event: Option<Seq>,
    attempt: u32,
    manner: Option<&'static str>,
    webhook_id: Option<String>,
    delivered: bool,
    status: Option<u16>,
    /// Whether the response body is incomplete.
    truncated: bool,
    /// The old name of `truncated`.
    cut: bool,
    /// Why there is no complete response: one word, then a sentence. Only a sentence for an item that was not sent.
    failure: Option<&'static str>,
    why: Option<&'a str>,
    started_at: Option<String>,
    total_us: Option<u64>,
    stored: bool,
    /// The old name of `stored`.
    kept: bool,
    next_attempt_in_ms: Option<u64>,
    /// Why the app did not accept it, the most likely cause first.
    causes: Vec<JsonCause<'a>>,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    reason: &'static str,
    why: &'a str,
    /// The line of the response that shows it.
    seen: Option<&'a str>,
    next: &'a str,
}

impl<'a> JsonCause<'a> {
    fn of(cause: &'a Cause) -> Self {
        let Cause { reason, why, seen, next, .. } = cause;
        Self { reason, why, seen: seen.as_deref(), next }
    }
}

/// The last JSON object.
#[derive(Serialize)]
struct EndLine {
    all: u64,
    done: u64,
    delivered: u64,
    stopped: bool,
    counts: Vec<Count>,
    p50_us: Option<u64>,
    p95_us: Option<u64>,
    longest_us: Option<u64>,
}

#[derive(Serialize)]
struct Count {
    count: u64,
    what: String,
}

impl Printer {
    pub fn new(is_json: bool, all: u64, target: &Target) -> Self {
        // If stdout is a terminal, its lines show the progress.
        let is_watched = all > 1 && io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self {
            is_json,
            is_one: all == 1,
            target: target.to_string(),
            failure: None,
            unsigned: 0,
            has_unsigned_retries: false,
            is_stopped_early: false,
            causes: Vec::new(),
            is_cause_delivered: false,
            is_refused: false,
            progress: is_watched.then(Instant::now),
            has_progress_line: false,
        }
    }

    /// # Errors
    /// When stdout cannot be written. [`Printer::end`] returns why.
    pub fn print(&mut self, report: &Report<'_>) -> Result<(), ()> {
        let failure = report.result.ok().and_then(|delivery| delivery.outcome.as_ref().err());
        self.is_refused |= failure.is_some_and(|failure| failure.kind == FailureKind::Refused);
        if self.causes.is_empty() {
            self.causes.clone_from(&report.causes);
            self.is_cause_delivered = report.result.is_ok_and(|delivery| delivery.ending().is_delivered());
        }
        let written = if self.is_json { print_json(report) } else { self.print_text(report) };
        written.map_err(|error| self.failure = Some(error))
    }

    /// Notes that an event was sent byte for byte because it may not be signed.
    pub(crate) fn went_unsigned(&mut self) {
        self.unsigned += 1;
    }

    /// Notes that such an event was retried, byte for byte again.
    pub(crate) fn retried_unsigned(&mut self) {
        self.has_unsigned_retries = true;
    }

    /// Notes that a retry schedule was stopped early.
    pub(crate) fn stopped_early(&mut self) {
        self.is_stopped_early = true;
    }

    /// Whether the causes of a refusal will be printed.
    pub(crate) fn wants_causes(&self) -> bool {
        self.is_json || self.causes.is_empty()
    }

    /// Prints the progress, if it is shown.
    pub fn progress(&mut self, tally: &Tally) {
        let Some(last) = &mut self.progress else { return };
        if last.elapsed() < PROGRESS_PAUSE && tally.done() < tally.all() {
            return;
        }
        *last = Instant::now();
        self.has_progress_line = true;
        let not_delivered = tally.done() - tally.delivered();
        // If stderr is closed, nobody can read it.
        let _ = write!(io::stderr(), "\r{} of {} done, {not_delivered} not delivered", tally.done(), tally.all());
    }

    /// Prints the table and the closing remarks.
    ///
    /// # Errors
    /// When stdout failed, except by a closed pipe.
    pub fn end(&mut self, tally: &Tally, is_stopped: bool) -> Result<(), Failure> {
        if self.has_progress_line {
            let _ = writeln!(io::stderr());
        }
        if self.failure.is_none() {
            let written = if self.is_json { print_json_end(tally, is_stopped) } else { self.print_table(tally) };
            self.failure = written.err();
        }
        if self.unsigned > 0 {
            self.tell_unsigned();
        }
        // A retry may have brought what failed before. In JSON each delivery has its causes.
        if !self.is_json && (self.is_cause_delivered || !tally.is_all_delivered()) {
            self.tell_causes();
        }
        if self.is_refused {
            let _ = writeln!(io::stderr(), "hint: start the app, or check the port in `--to`");
        }
        checked(self.failure.take().map_or(Ok(()), Err))
    }

    /// Says why the app did not accept a request: in one line, or with the line of the response that shows it, or with all likely causes.
    fn tell_causes(&self) {
        let mut lines = cause_lines(&self.causes).concat();
        match &self.causes[..] {
            [] => return,
            [Cause { seen: None, why, next, .. }] => return tell(&format!("{why}; {next}")),
            [only] => {
                tell(&only.why);
                lines.remove(0);
            }
            _ => tell("the app rejected a request that verifies; the likely causes:"),
        }
        for (label, text) in lines.iter().flat_map(|(label, text)| broken(label, text, WIDTH)) {
            let _ = writeln!(io::stderr(), "{label}{}", Printable::from_text(&text));
        }
    }

    /// Says how many requests were sent without a new signature.
    fn tell_unsigned(&self) {
        let (requests, their, events) =
            if self.unsigned == 1 { ("request", "its", "event was") } else { ("requests", "their", "events were") };
        let retries = if self.has_unsigned_retries { format!(" and {their} retries") } else { String::new() };
        tell_with_hint(
            &format!("sent {} {requests}{retries} byte for byte: {their} {events} never verified", self.unsigned),
            "pass `--sign` to sign every event",
        );
    }

    fn print_text(&self, report: &Report<'_>) -> io::Result<()> {
        let mut out = Output::stdout();
        let who = Printable::from_text(if self.is_one && report.step.is_none() { &self.target } else { report.label });
        let attempt = report.step.map_or_else(String::new, |step| format!(", attempt {} of {}", step.attempt, step.of));
        match &report.result {
            Ok(Delivery { outcome: Ok(response), timing, .. }) => {
                writeln!(out, "{who}{attempt} {}", response.sentence(timing.total()))?;
                if self.is_one {
                    let lines = printable::lines(&response.body).take(RESPONSE_LINES);
                    let mut lines = lines.filter(|line| !line.is_empty());
                    lines.try_for_each(|line| writeln!(out, "{line}"))?;
                }
            }
            Ok(Delivery { outcome: Err(failure), .. }) if self.is_one => tell(&format!("{}{attempt}", failure.text)),
            Ok(Delivery { outcome: Err(failure), .. }) => {
                writeln!(out, "{who}{attempt} failed: {}", Printable::from_text(&failure.text))?;
            }
            Err(why) if self.is_one => tell(&format!("{} was not sent: {why}", report.label)),
            Err(why) => writeln!(out, "{who} was not sent: {}", Printable::from_text(why))?,
        }
        if let Some(wait) = report.step.and_then(|step| step.next_in) {
            writeln!(out, "  next attempt in {}", in_words(wait))?;
        }
        out.finish()
    }

    fn print_table(&self, tally: &Tally) -> io::Result<()> {
        let mut out = Output::stdout();
        let rows = tally.rows();
        if self.is_one {
            for row in rows.iter().filter(|row| row.kind == TallyKind::NotStored) {
                tell(&row.text);
            }
        } else {
            let target = Printable::from_text(&self.target);
            writeln!(out, "\n{} of {} delivered to {target}", tally.delivered(), tally.all())?;
            for row in rows.iter().filter(|row| row.kind != TallyKind::Delivered) {
                writeln!(out, "{:>8}  {}", row.count, Printable::from_text(&row.text))?;
            }
            if let Some(times) = tally.times() {
                writeln!(out, "          {times}")?;
            }
        }
        if self.is_stopped_early {
            writeln!(out, "          stopped before the retry schedule was over")?;
        }
        out.finish()
    }
}

fn print_json(report: &Report<'_>) -> io::Result<()> {
    let delivery = report.result.ok();
    let answer = delivery.and_then(|delivery| delivery.outcome.as_ref().ok());
    let failure = delivery.and_then(Delivery::failure);
    let truncated = answer.is_some_and(|answer| answer.completeness != Completeness::Whole);
    let line = DeliveryLine {
        source: report.label,
        event: report.event,
        attempt: report.step.map_or(1, |step| step.attempt),
        manner: delivery.map(|delivery| delivery.manner.as_str()),
        webhook_id: delivery.and_then(id_of),
        delivered: delivery.is_some_and(|delivery| delivery.ending().is_delivered()),
        status: answer.map(|answer| answer.status),
        truncated,
        cut: truncated,
        failure: failure.as_ref().map(|failure| failure.kind.as_str()),
        why: failure.as_ref().map(|failure| failure.text.as_str()).or(report.result.err()),
        started_at: delivery.map(|delivery| utc_text(delivery.started_at)),
        total_us: delivery.map(|delivery| delivery.timing.total_us),
        stored: report.is_stored,
        kept: report.is_stored,
        next_attempt_in_ms: report
            .step
            .and_then(|step| step.next_in)
            .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        causes: report.causes.iter().map(JsonCause::of).collect(),
    };
    let mut out = Output::stdout();
    writeln!(out, "{}", json_text(&line))?;
    out.finish()
}

fn print_json_end(tally: &Tally, stopped: bool) -> io::Result<()> {
    let times = tally.times();
    let count = |row: TallyRow| Count {
        count: row.count,
        what: match row.kind {
            // As in `failure`.
            TallyKind::Failed(kind) => kind.as_str().to_owned(),
            _ => row.text,
        },
    };
    let line = EndLine {
        all: tally.all(),
        done: tally.done(),
        delivered: tally.delivered(),
        stopped,
        counts: tally.rows().into_iter().map(count).collect(),
        p50_us: times.map(|times| times.p50_us),
        p95_us: times.map(|times| times.p95_us),
        longest_us: times.map(|times| times.longest_us),
    };
    let mut out = Output::stdout();
    writeln!(out, "{}", json_text(&line))?;
    out.finish()
}

/// The id that was sent, if any.
fn id_of(delivery: &Delivery) -> Option<String> {
    let headers: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    message_id(&headers, Scheme::Webhook).map(|id| String::from_utf8_lossy(id).into_owned())
}
