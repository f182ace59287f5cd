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

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Printable as it is, however long.
    Whole(Vec<Piece>),
    /// Our words behind a label, to be broken at spaces: see [`broken`].
    Prose { label: (Tone, String), text: (Tone, String) },
}

impl Line {
    /// The rows of the line where prose may be `width` columns wide.
    pub fn rows(self, width: usize) -> Vec<Vec<Piece>> {
        match self {
            Self::Whole(pieces) => vec![pieces],
            Self::Prose { label: (label_tone, label), text: (tone, text) } => broken(&label, &text, width)
                .into_iter()
                .map(|(label, row)| vec![(label_tone, label.into_bytes()), (tone, row.into_bytes())])
                .collect(),
        }
    }
}

/// Columns of the longest check's name, `timestamp`, and of the longest fact's, `first difference`.
const NAME_COLUMNS: usize = 9;
const FACT_COLUMNS: usize = 16;

/// The lines of `report` after its verdict.
pub fn lines(report: &Report) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(finding) = &report.finding {
        lines.extend(finding_lines(finding));
        lines.push(blank());
    }
    lines.extend(report.checks.iter().flat_map(check_lines));
    if !report.sdks.is_empty() {
        lines.push(blank());
        lines.push(sdk_line(report));
    }
    lines.extend(report.warnings.iter().map(|warning| prose(Tone::Warning, "note  ", warning)));
    if !report.fixes.is_empty() {
        lines.push(blank());
        lines.push(prose(Tone::Strong, "code  ", "how an app hands its SDK the body and the headers as they came:"));
        lines.extend(report.fixes.iter().flat_map(fix_lines));
    }
    lines
}

fn finding_lines(finding: &Finding) -> Vec<Line> {
    let mut lines =
        vec![prose(Tone::Strong, "why   ", &finding.sentence), prose(Tone::Strong, "next  ", finding.next_step)];
    lines.extend(finding.also.iter().map(|also| prose(Tone::Strong, "then  ", also)));
    if !finding.facts.is_empty() {
        lines.push(blank());
    }
    let fact_line = |fact: &super::Fact| {
        let name = format!("  {:FACT_COLUMNS$}  ", fact.name).into_bytes();
        Line::Whole(vec![(Tone::Dim, name), (Tone::Plain, fact.found.clone())])
    };
    lines.extend(finding.facts.iter().map(fact_line));
    lines
}

fn check_lines(check: &Check) -> Vec<Line> {
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
    let mut lines =
        vec![Line::Whole(vec![(tone, glyph.as_bytes().to_vec()), (Tone::Dim, name), (found, check.found.clone())])];
    if check.state == State::Failed && !check.expected.is_empty() {
        let label = (Tone::Dim, " ".repeat(NAME_COLUMNS + 4));
        lines.push(Line::Prose { label, text: (Tone::Dim, format!("expected {}", check.expected)) });
    }
    lines
}

fn sdk_line(report: &Report) -> Line {
    let mut line = vec![(Tone::Strong, b"SDKs  ".to_vec())];
    for (sdk, accepts) in &report.sdks {
        let (tone, glyph) = if *accepts { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        line.push((tone, format!("{glyph} ").into_bytes()));
        line.push((Tone::Plain, format!("{}  ", sdk.name()).into_bytes()));
    }
    Line::Whole(line)
}

fn fix_lines(fix: &Fix) -> Vec<Line> {
    let code = fix.code.lines().map(|line| Line::Whole(vec![(Tone::Plain, format!("  {line}").into_bytes())]));
    [blank(), Line::Whole(vec![(Tone::Strong, fix.framework.into())])].into_iter().chain(code).collect()
}

fn blank() -> Line {
    Line::Whole(Vec::new())
}

fn prose(tone: Tone, label: &str, text: &str) -> Line {
    Line::Prose { label: (tone, label.to_owned()), text: (Tone::Plain, text.to_owned()) }
}

/// `text` behind `label`, broken at spaces so that no row is wider than `width` columns if its words allow; each further row stands
/// under the first.
pub fn broken(label: &str, text: &str, width: usize) -> Vec<(String, String)> {
    let columns = width.saturating_sub(label.chars().count());
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
    let blank = " ".repeat(label.chars().count());
    std::iter::once(label.to_owned()).chain(std::iter::repeat(blank)).zip(rows).collect()
}
