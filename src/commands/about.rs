//! `hookglass events --about ID`: the story of one id, in the order in which it happened.

use super::open_history;
use super::output::{Output, checked};
use super::talk::{tell, tell_with_hint};
use crate::app::history::timeline::{MOST, timeline};
use crate::cli::EventsArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::export::{json_text, utc_text};
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::core::timeline::{Marks, Told, lines, summary};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    /// To the nanosecond, unlike other times: it tells events apart. `null` if the body has no time.
    occurred_at: Option<String>,
    received_at: String,
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
    event_id: Option<&'a str>,
    subject: Option<&'a str>,
    verdict: &'static str,
    attempts: u64,
    /// How late it arrived, in seconds; `null` if in time.
    late_s: Option<u64>,
    /// An event that happened later, but arrived before.
    arrived_after: Option<u64>,
    gap: Option<&'a str>,
}

pub(super) fn run(args: &EventsArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let id = args.about.as_deref().unwrap_or_default();
    let reader = open_history(&args.store, environment)?;
    let (mut timeline, is_cut) = timeline(&reader, id)?;
    if timeline.events.is_empty() {
        tell_with_hint(
            &format!("no stored event mentions `{id}`"),
            "pass a whole id, such as `usr_1`, as it stands in a payload",
        );
        return Ok(ExitCode::SUCCESS);
    }
    if is_cut {
        tell(&format!("only the newest {} that mention `{id}` are read", counted(MOST as u64, "request")));
    }
    let heading = format!("{}: {}", Printable::from_text(id), summary(&timeline));
    let left_out = timeline.events.len().saturating_sub(usize::try_from(args.limit).unwrap_or(usize::MAX));
    if left_out > 0 {
        tell(&format!("the first {} of them are left out; `--limit` shows more", grouped(left_out as u64)));
        timeline.events.drain(..left_out);
    }
    let mut out = Output::stdout();
    let written = if args.json {
        timeline.events.iter().try_for_each(|(told, marks)| writeln!(out, "{}", json_text(&line(told, marks))))
    } else {
        let mut lines = lines(&timeline, &TimeZone::system()).into_iter();
        writeln!(out, "{heading}\n").and_then(|()| lines.try_for_each(|line| writeln!(out, "{line}")))
    };
    checked(written.and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

fn line<'a>(told: &'a Told, marks: &'a Marks) -> Line<'a> {
    let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
    Line {
        seq: told.seq,
        occurred_at: told.occurred_at.map(|time| time.to_string()),
        received_at: utc_text(told.received_at),
        event_type: some(&told.event_type),
        event_id: some(&told.event_id),
        subject: some(&told.subject),
        verdict: told.verdict.as_str(),
        attempts: told.attempts,
        late_s: marks.late.map(|late| late.as_secs()),
        arrived_after: marks.after,
        gap: marks.gap.as_deref(),
    }
}
