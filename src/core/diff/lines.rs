//! A difference in lines, for the screen and for a terminal.

use super::{ByValue, Bytewise, Changed, Difference, Kind, MAX_CHANGES, Side};
use crate::core::edit::Change;
use crate::core::hex;
use crate::core::hex::Row;
use crate::core::numbers::{counted, grouped};

/// The most bytes of a value that are shown.
const MAX_VALUE: usize = 400;
/// The most lines of text that are shown.
const MAX_LINES: usize = 2000;
/// The rows of bytes that are shown from the first difference on, and one before.
const ROWS: usize = 4;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    Plain,
    Dim,
    Strong,
    Added,
    Removed,
    Changed,
}

/// One line. The bytes of its pieces are foreign: show them only through [`printable`](crate::core::printable).
pub type DiffLine = Vec<(Tone, Vec<u8>)>;

/// What differs, in a sentence: `2 changed, 1 added by path; bytes differ from 340 on`.
pub fn summary(difference: &Difference) -> String {
    let Some(bytes) = difference.bytes else { return "the same, byte for byte".to_owned() };
    let from = format!("the bytes differ from {} on", grouped(bytes.first as u64));
    match &difference.by_value {
        ByValue::Json(changes) if changes.count() == 0 => {
            format!("the same JSON: only white space, the order of keys or escapes differ; {from}")
        }
        ByValue::Json(changes) => {
            let counts =
                [(changes.changed, Kind::Changed), (changes.added, Kind::Added), (changes.removed, Kind::Removed)];
            let counts = counts.into_iter().filter(|(count, _)| *count > 0);
            let counts: Vec<_> =
                counts.map(|(count, kind)| format!("{} {}", grouped(count as u64), kind.as_str())).collect();
            format!("{}; {from}", counts.join(", "))
        }
        ByValue::Text(_) | ByValue::Binary => from,
    }
}

/// All of a difference, without its summary.
pub fn lines(difference: &Difference, before: &Side, after: &Side) -> Vec<DiffLine> {
    let mut lines = match &difference.by_value {
        ByValue::Json(changes) => {
            let mut lines: Vec<_> = changes.described.iter().flat_map(of_change).collect();
            if changes.count() > MAX_CHANGES {
                let rest = counted((changes.count() - MAX_CHANGES) as u64, "more change");
                lines.push(vec![(Tone::Dim, format!("… {rest}").into())]);
            }
            lines
        }
        ByValue::Text(changes) => of_text(changes),
        ByValue::Binary => Vec::new(),
    };
    if let Some(bytes) = difference.bytes {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.extend(of_bytes(bytes, &before.body, &after.body));
    }
    lines
}

fn of_change(change: &Changed) -> Vec<DiffLine> {
    let (sign, tone) = match change.kind {
        Kind::Added => ("+ ", Tone::Added),
        Kind::Removed => ("- ", Tone::Removed),
        Kind::Changed => ("~ ", Tone::Changed),
    };
    let mut lines = vec![vec![(tone, sign.into()), (Tone::Strong, change.path.clone().into())]];
    let mut value = |sign: &str, tone, value: &Option<bytes::Bytes>| {
        if let Some(value) = value {
            let end = if value.len() > MAX_VALUE { "…" } else { "" };
            let shown = [&value[..value.len().min(MAX_VALUE)], end.as_bytes()].concat();
            lines.push(vec![(tone, format!("    {sign} ").into()), (tone, shown)]);
        }
    };
    value("-", Tone::Removed, &change.before);
    value("+", Tone::Added, &change.after);
    lines
}

fn of_text(changes: &[Change]) -> Vec<DiffLine> {
    let line = |change: &Change| {
        let signed = |tone, sign: &str, text: &[u8]| {
            let end = if text.len() > MAX_VALUE { "…" } else { "" };
            vec![(tone, [sign.as_bytes(), &text[..text.len().min(MAX_VALUE)], end.as_bytes()].concat())]
        };
        match change {
            Change::Same(text) => signed(Tone::Dim, "  ", text),
            Change::Removed(text) => signed(Tone::Removed, "- ", text),
            Change::Added(text) => signed(Tone::Added, "+ ", text),
            Change::Skipped(count) => {
                vec![(Tone::Dim, format!("… {}", counted(*count as u64, "unchanged line")).into())]
            }
            Change::TooLong => vec![(Tone::Dim, "too many lines to compare; the bytes are compared below".into())],
        }
    };
    let mut lines: Vec<_> = changes.iter().take(MAX_LINES).map(line).collect();
    if changes.len() > MAX_LINES {
        lines.push(vec![(Tone::Dim, format!("… {}", counted((changes.len() - MAX_LINES) as u64, "more line")).into())]);
    }
    lines
}

fn of_bytes(bytes: Bytewise, before: &[u8], after: &[u8]) -> Vec<DiffLine> {
    let lengths = [before, after].map(|body| grouped(body.len() as u64));
    let heading = format!(
        "bytes: {} and {}; the first difference is at {}, the last {} are the same",
        lengths[0],
        lengths[1],
        grouped(bytes.first as u64),
        grouped(bytes.same_end as u64)
    );
    let mut lines = vec![vec![(Tone::Strong, heading.into_bytes())]];
    for (sign, tone, body) in [("- ", Tone::Removed, before), ("+ ", Tone::Added, after)] {
        lines.extend(rows(sign, tone, body, bytes));
    }
    lines
}

/// The rows of `body` around the first difference.
fn rows(sign: &str, tone: Tone, body: &[u8], bytes: Bytewise) -> Vec<DiffLine> {
    let row = Row::WIDEST;
    let first = (bytes.first / row.bytes()).saturating_sub(1);
    let differing = bytes.first..body.len() - bytes.same_end;
    let mut lines = Vec::new();
    for place in first..body.len().div_ceil(row.bytes()).min(first + ROWS) {
        let start = place * row.bytes();
        let part = &body[start..body.len().min(start + row.bytes())];
        let role = |at: usize| if differing.contains(&(start + at)) { tone } else { Tone::Dim };
        let mut line = vec![(Tone::Dim, [sign.as_bytes(), &hex::offset(start)].concat())];
        let mut column = hex::OFFSET_DIGITS;
        for (at, byte) in part.iter().enumerate() {
            let gap = row.digits_at(at) - column;
            line.push((role(at), [&b"    "[..gap], &hex::digits(*byte)].concat()));
            column = row.digits_at(at) + 2;
        }
        line.push((Tone::Dim, vec![b' '; row.text_at() - column]));
        line.extend(part.iter().enumerate().map(|(at, byte)| (role(at), vec![hex::text(*byte)])));
        lines.push(merged(line));
    }
    lines
}

/// The line with fewer pieces.
fn merged(line: DiffLine) -> DiffLine {
    let mut merged: DiffLine = Vec::new();
    for (tone, text) in line {
        match merged.last_mut() {
            Some((last, piece)) if *last == tone => piece.extend(text),
            _ => merged.push((tone, text)),
        }
    }
    merged
}
