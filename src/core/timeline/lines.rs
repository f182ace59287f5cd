//! A timeline as lines of text, safe on a terminal.

use super::{Marks, Timeline, Told};
use crate::core::numbers::{counted, grouped};
use crate::core::printable::Printable;
use crate::core::times::in_words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The most columns of a type, an id or a subject.
const MAX_COLUMNS: usize = 60;
/// The columns before the type.
const INDENT: usize = 34;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `7 events, 1 late, 2 out of order, 1 gap`
pub(crate) fn summary(timeline: &Timeline) -> String {
    let count =
        |is_marked: fn(&Marks) -> bool| timeline.events.iter().filter(|(_, marks)| is_marked(marks)).count() as u64;
    let mut text = counted(timeline.events.len() as u64, "event");
    let late = count(|marks| marks.late.is_some());
    let swapped = count(|marks| marks.after.is_some());
    let gaps = count(|marks| marks.gap.is_some());
    if late > 0 {
        text += &format!(", {} late", grouped(late));
    }
    if swapped > 0 {
        text += &format!(", {} out of order", grouped(swapped));
    }
    if gaps > 0 {
        text += &format!(", {}", counted(gaps, "gap"));
    }
    text
}

/// A line for each event, with the marks around it.
pub(crate) fn lines(timeline: &Timeline, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    for (told, marks) in &timeline.events {
        if let Some(pause) = marks.pause {
            lines.push(format!("{:INDENT$}… {} later", "", in_days(pause)));
        }
        if let Some(gap) = &marks.gap {
            lines.push(format!("{:INDENT$}gap: {gap}", ""));
        }
        lines.push(line(told, zone));
        lines.extend(odd(told, marks).map(|text| format!("{:INDENT$}  {text}", "")));
    }
    lines
}

fn line(told: &Told, zone: &TimeZone) -> String {
    let Told { seq, event_type, subject, verdict, attempts, .. } = told;
    let times = if *attempts > 1 { format!("  ×{attempts}") } else { String::new() };
    let who = if subject.is_empty() { String::new() } else { format!("  {}", short(subject)) };
    format!("{}  {seq:>7}  {}  {verdict}{who}{times}", at(told.time(), zone), short(event_type))
}

/// What is odd about how it arrived.
fn odd(told: &Told, marks: &Marks) -> impl Iterator<Item = String> {
    let late = marks.late.map(|late| format!("arrived {} after it happened", in_days(late)));
    let after = marks.after.map(|seq| format!("arrived after event {seq}, which happened later"));
    let unknown = told.occurred_at.is_none().then(|| "says no time; shown at its arrival".to_owned());
    [late, after, unknown].into_iter().flatten()
}

/// `2026-01-31 10:00:00.123`
fn at(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

fn in_days(time: Duration) -> String {
    if time < DAY * 2 { in_words(time) } else { format!("{} days", time.as_secs() / DAY.as_secs()) }
}

fn short(text: &str) -> Printable {
    Printable::first_columns(text.as_bytes(), MAX_COLUMNS)
}
