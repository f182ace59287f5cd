//! A report laid out in lines, for the screen and the command alike.
//!
//! ```text
//! why   a newline was added or removed at the end of the body after it was signed
//! next  pass the bytes on as they came
//!
//!   verifies as       without a newline at its end
//!   first difference  byte 17 of 18
//!
//! ✓ id         msg_1
//! ✗ HMAC       no entry matches
//!              expected v1,…
//!
//! SDKs  ✗ Node  ✗ Python  ✗ Go  ✗ Java
//! note  …
//!
//! Express
//!   app.post(…)
//! ```

use super::{Check, Finding, Fix, Report, State};

/// What a piece of a line is; a screen gives it a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Strong,
    Good,
    Bad,
    Warning,
}

/// A piece of a line: foreign bytes or our words.
pub type Piece = (Tone, Vec<u8>);

/// Columns of the longest check's name, `timestamp`, and of the longest fact's, `first difference`.
const NAME_COLUMNS: usize = 9;
const FACT_COLUMNS: usize = 16;

/// The lines of `report` after its verdict; prose is broken at `width` columns, foreign bytes are not.
pub fn lines(report: &Report, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = Vec::new();
    if let Some(finding) = &report.finding {
        lines.extend(finding_lines(finding, width));
        lines.push(Vec::new());
    }
    lines.extend(report.checks.iter().flat_map(check_lines));
    if !report.sdks.is_empty() {
        lines.push(Vec::new());
        lines.push(sdk_line(report));
    }
    for warning in &report.warnings {
        lines.extend(prose(Tone::Warning, "note  ", warning, width));
    }
    if !report.fixes.is_empty() {
        lines.push(Vec::new());
        lines.extend(prose(
            Tone::Strong,
            "code  ",
            "how an app hands its SDK the body and the headers as they came:",
            width,
        ));
        lines.extend(report.fixes.iter().flat_map(fix_lines));
    }
    lines
}

fn finding_lines(finding: &Finding, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = prose(Tone::Strong, "why   ", &finding.sentence, width);
    lines.extend(prose(Tone::Strong, "next  ", finding.next_step, width));
    for also in &finding.also {
        lines.extend(prose(Tone::Strong, "then  ", also, width));
    }
    if !finding.facts.is_empty() {
        lines.push(Vec::new());
    }
    let fact_line = |fact: &super::Fact| {
        vec![(Tone::Dim, format!("  {:FACT_COLUMNS$}  ", fact.name).into_bytes()), (Tone::Plain, fact.found.clone())]
    };
    lines.extend(finding.facts.iter().map(fact_line));
    lines
}

fn check_lines(check: &Check) -> Vec<Vec<Piece>> {
    let (tone, glyph) = match check.state {
        State::Passed => (Tone::Good, "✓"),
        State::Failed => (Tone::Bad, "✗"),
        State::NotReached => (Tone::Dim, "·"),
        State::Info => (Tone::Dim, " "),
    };
    let found = match check.state {
        State::Failed => Tone::Bad,
        State::NotReached => Tone::Dim,
        State::Passed | State::Info => Tone::Plain,
    };
    let name = format!(" {:NAME_COLUMNS$}  ", check.name).into_bytes();
    let mut lines = vec![vec![(tone, glyph.as_bytes().to_vec()), (Tone::Dim, name), (found, check.found.clone())]];
    if check.state == State::Failed && !check.expected.is_empty() {
        let indent = " ".repeat(NAME_COLUMNS + 4);
        lines.push(vec![(Tone::Dim, format!("{indent}expected {}", check.expected).into_bytes())]);
    }
    lines
}

fn sdk_line(report: &Report) -> Vec<Piece> {
    let mut line = vec![(Tone::Strong, b"SDKs  ".to_vec())];
    for (sdk, accepts) in &report.sdks {
        let (tone, glyph) = if *accepts { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        line.push((tone, format!("{glyph} ").into_bytes()));
        line.push((Tone::Plain, format!("{}  ", sdk.name()).into_bytes()));
    }
    line
}

fn fix_lines(fix: &Fix) -> Vec<Vec<Piece>> {
    let code = fix.code.lines().map(|line| vec![(Tone::Plain, format!("  {line}").into_bytes())]);
    [Vec::new(), vec![(Tone::Strong, fix.framework.into())]].into_iter().chain(code).collect()
}

/// Words behind a label, broken at spaces, each further line under the first.
fn prose(tone: Tone, label: &str, text: &str, width: usize) -> Vec<Vec<Piece>> {
    let rows = labelled(label, text, width);
    rows.into_iter().map(|(label, row)| vec![(tone, label.into_bytes()), (Tone::Plain, row.into_bytes())]).collect()
}

/// `text` behind `label`, broken at spaces so that no row is wider than `width` columns if its words allow; each further row stands
/// under the first.
pub fn labelled(label: &str, text: &str, width: usize) -> Vec<(String, String)> {
    let columns = width.saturating_sub(label.len());
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let row = rows.last_mut().expect("there is a first row");
        if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > columns {
            rows.push(word.to_owned());
        } else {
            row.push_str(if row.is_empty() { "" } else { " " });
            row.push_str(word);
        }
    }
    let blank = " ".repeat(label.len());
    std::iter::once(label.to_owned()).chain(std::iter::repeat(blank)).zip(rows).collect()
}
