//! A report laid out in lines, for the screen and the command line.
//!
//! ```text
//! why   A newline at the end of the body was added or removed after it was signed.
//! next  Forward the body unchanged. …
//! more  `hookglass explain body-altered:trailing-newline`
//!
//!   verifies as       no newline at the end
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

use super::{Check, Explanation, Fix, Report, State};

/// What a piece of a line means. A screen chooses its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Strong,
    Good,
    Bad,
    Warning,
}

/// A piece of a line: bytes of the request or text of hookglass.
pub type Piece = (Tone, Vec<u8>);

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// One row, however long.
    Whole(Vec<Piece>),
    /// Text of hookglass after a label, to be wrapped at spaces: see [`broken`].
    Prose { label: (Tone, String), text: (Tone, String) },
}

impl Line {
    /// The rows of the line. Prose is wrapped to `width` columns.
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

/// Introduces handlers.
pub const HANDLERS: &str = "Handlers that pass the raw body and the headers to the SDK:";

/// Columns of the longest check name, `timestamp`, and of the longest fact name, `first difference`.
const NAME_COLUMNS: usize = 9;
const FACT_COLUMNS: usize = 16;

/// The lines of `report` below its verdict.
pub fn lines(report: &Report) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(explanation) = &report.explanation {
        lines.extend(explanation_lines(explanation));
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
        lines.push(prose(Tone::Strong, "code  ", HANDLERS));
        lines.extend(report.fixes.iter().flat_map(fix_lines));
    }
    lines
}

fn explanation_lines(explanation: &Explanation) -> Vec<Line> {
    let mut lines = vec![
        prose(Tone::Strong, "why   ", &explanation.sentence),
        prose(Tone::Strong, "next  ", &explanation.next_step),
    ];
    lines.extend(explanation.also.iter().map(|also| prose(Tone::Strong, "then  ", also)));
    lines.push(prose(Tone::Strong, "more  ", &explanation.more));
    if !explanation.facts.is_empty() {
        lines.push(blank());
    }
    let fact_line = |fact: &super::Fact| {
        let name = format!("  {:FACT_COLUMNS$}  ", fact.name).into_bytes();
        Line::Whole(vec![(Tone::Dim, name), (Tone::Plain, fact.found.clone())])
    };
    lines.extend(explanation.facts.iter().map(fact_line));
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
    [blank(), Line::Whole(vec![(Tone::Strong, fix.heading().into())])].into_iter().chain(code).collect()
}

fn blank() -> Line {
    Line::Whole(Vec::new())
}

fn prose(tone: Tone, label: &str, text: &str) -> Line {
    Line::Prose { label: (tone, label.to_owned()), text: (Tone::Plain, text.to_owned()) }
}

/// `text` after `label`, wrapped at spaces to `width` columns. Further rows align with the first. A longer word is not
/// split.
pub fn broken(label: &str, text: &str, width: usize) -> Vec<(String, String)> {
    let columns = width.saturating_sub(label.chars().count());
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let row = rows.last_mut().expect("there is always a first row");
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
