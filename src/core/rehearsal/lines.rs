//! Lays a matrix out in lines, for the screen and the command line.
//!
//! ```text
//! rehearsal       expected         got       result              time
//! control         2xx              201       ✓ passed           12 ms
//! timestamps out of the window     1 ✓  1 ✗
//! expired         401, 400 or 403  201       ✗ failed            3 ms
//! future          401, 400 or 403  401       ✓ passed            3 ms
//!
//! ✗ expired timestamp
//!   got   the app responded 201 to an event signed 6 minutes ago: …
//!   why   anyone who captured a request …
//!   next  verify with the SDK …
//!
//! 3 rehearsals: 2 passed, 1 failed
//! ```

use super::cause::Cause;
use super::causes::causes;
use super::grade::Grade;
use super::kind::Group;
use super::matrix::{Matrix, Rest, Row};
use crate::core::diagnosis::{Tone, broken};

/// A piece of a line; safe to show.
pub type Piece = (Tone, String);

/// Columns of the longest name, expectation and grade.
const NAME_COLUMNS: usize = 14;
const EXPECTED_COLUMNS: usize = 15;
const RESULT_COLUMNS: usize = 14;
/// The least columns of what the app responded.
const GOT_COLUMNS: usize = 8;

/// Which groups show a single line with their counts: at first all, so that what is wrong stands close to the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    is_open: bool,
    /// The groups that differ from that.
    toggled: Vec<Group>,
}

impl Folds {
    pub fn all() -> Self {
        Self::default()
    }

    pub fn none() -> Self {
        Self { is_open: true, toggled: Vec::new() }
    }

    /// Folds or unfolds the group with this place, from 1, among those that `matrix` shows with a heading.
    pub fn toggle(&mut self, matrix: &Matrix, place: usize) {
        let Some((group, _)) = place.checked_sub(1).and_then(|place| headed(matrix).nth(place)) else { return };
        match self.toggled.iter().position(|other| *other == group) {
            Some(at) => drop(self.toggled.remove(at)),
            None => self.toggled.push(group),
        }
    }

    fn folds(&self, group: Group) -> bool {
        self.is_open == self.toggled.contains(&group)
    }
}

/// The groups with a heading: all but the control.
fn headed(matrix: &Matrix) -> impl Iterator<Item = (Group, Vec<&Row>)> {
    matrix.groups().filter(|(group, _)| *group != Group::Control)
}

/// Table, advice, notes and counts; `rest` names the rehearsals without a row. Prose wraps at `width` columns. With `folds` the groups can
/// be folded, and their headings show with which digit.
pub(crate) fn matrix_lines(matrix: &Matrix, rest: Rest, folds: Option<&Folds>, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = table_lines(matrix, folds, width);
    for cause in causes(matrix) {
        lines.push(Vec::new());
        lines.extend(cause_lines(&cause, width));
    }
    lines.push(Vec::new());
    for note in matrix.notes() {
        lines.extend(prose(Tone::Warning, "note  ", note, width));
    }
    lines.push(vec![(Tone::Strong, matrix.summary(rest))]);
    lines
}

/// A heading and a line for each rehearsal. The expectation is left out if the result would not fit in `width` columns.
fn table_lines(matrix: &Matrix, folds: Option<&Folds>, width: usize) -> Vec<Vec<Piece>> {
    let got_columns =
        matrix.rows.iter().map(|row| row.got().chars().count()).max().unwrap_or_default().max(GOT_COLUMNS);
    let has_expected = NAME_COLUMNS + EXPECTED_COLUMNS + got_columns + RESULT_COLUMNS + 6 <= width;
    let expectation = |text: &str| if has_expected { format!("{text:EXPECTED_COLUMNS$}  ") } else { String::new() };
    let heading = format!(
        "{:NAME_COLUMNS$}  {}{:got_columns$}  {:RESULT_COLUMNS$}  {:>8}",
        "rehearsal",
        expectation("expected"),
        "got",
        "result",
        "time"
    );
    let line = |row: &Row| {
        let Row { rehearsal, finding, took_us, .. } = row;
        let (name, expected) = (rehearsal.name(), row.expected());
        let result = format!("{} {}", finding.grade.glyph(), finding.grade.as_str());
        vec![
            (Tone::Plain, format!("{name:NAME_COLUMNS$}  ")),
            (Tone::Dim, expectation(expected)),
            (Tone::Plain, format!("{:got_columns$}  ", row.got())),
            (tone(finding.grade), format!("{result:RESULT_COLUMNS$}  ")),
            (Tone::Dim, format!("{:>8}", milliseconds(*took_us))),
        ]
    };
    let mut lines = vec![vec![(Tone::Dim, heading)]];
    let mut key = 0;
    for (group, rows) in matrix.groups() {
        let is_folded = folds.is_some_and(|folds| folds.folds(group));
        if group == Group::Control {
            lines.extend(rows.into_iter().map(line));
            continue;
        }
        key += 1;
        lines.push(heading_line(group, &rows, folds.is_some().then_some((key, is_folded))));
        if !is_folded && rows.iter().any(|row| row.is_tried()) {
            lines.extend(rows.into_iter().map(line));
        }
    }
    lines
}

/// `3 ▸ forgeries  10 ✓  1 ✗`; `key` is the digit that folds it, and whether it is folded.
fn heading_line(group: Group, rows: &[&Row], key: Option<(usize, bool)>) -> Vec<Piece> {
    let mut line = Vec::new();
    if let Some((key, is_folded)) = key {
        line.push((Tone::Dim, format!("{key} {} ", if is_folded { '▸' } else { '▾' })));
    }
    line.push((Tone::Strong, group.title().to_owned()));
    if !rows.iter().any(|row| row.is_tried()) {
        line.push((Tone::Dim, "  not tried".to_owned()));
        return line;
    }
    for grade in Grade::ALL {
        let count = rows.iter().filter(|row| row.finding.grade == grade).count();
        if count > 0 {
            line.push((tone(grade), format!("  {count} {}", grade.glyph())));
        }
    }
    line
}

/// What is wrong, how it shows, why it matters and what to change.
fn cause_lines(cause: &Cause, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = prose(tone(cause.grade), &format!("{} ", cause.grade.glyph()), &cause.sentence, width);
    for line in &mut lines {
        for piece in line {
            piece.0 = tone(cause.grade);
        }
    }
    lines.extend(prose(Tone::Dim, "  got   ", &cause.seen, width));
    if !cause.why.is_empty() {
        lines.extend(prose(Tone::Dim, "  why   ", cause.why, width));
    }
    lines.extend(prose(Tone::Dim, "  next  ", &cause.next_step, width));
    lines.extend(cause.others.iter().flat_map(|other| prose(Tone::Dim, "  or    ", other, width)));
    lines
}

fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Passed => Tone::Good,
        Grade::Shown => Tone::Dim,
        Grade::Warned | Grade::Inconclusive => Tone::Warning,
        Grade::Failed => Tone::Bad,
    }
}

fn milliseconds(microseconds: u64) -> String {
    format!("{} ms", microseconds.div_ceil(1000))
}

/// Text after a label, wrapped at spaces; further lines are indented to the first.
fn prose(tone: Tone, label: &str, text: &str, width: usize) -> Vec<Vec<Piece>> {
    let rows = broken(label, text, width);
    rows.into_iter().map(|(label, row)| vec![(tone, label), (Tone::Plain, row)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Ending;
    use crate::core::rehearsal::{Outcome, Rehearsal, Terms};
    use crate::core::signature::Scheme;

    fn text(lines: Vec<Vec<Piece>>) -> String {
        let line = |pieces: Vec<Piece>| pieces.into_iter().map(|(_, text)| text).collect::<String>() + "\n";
        lines.into_iter().map(line).collect()
    }

    /// A matrix assessed as the engine does it: the rows after the control depend on its result.
    fn matrix(statuses: &[(Rehearsal, &[u16])]) -> Matrix {
        let mut terms = Terms::new(Scheme::Webhook);
        let rows = statuses.iter().map(|(rehearsal, statuses)| {
            let outcome = |status: &u16| Outcome::new("the request", Ending::Responded(*status));
            let row = Row::new(*rehearsal, terms, statuses.iter().map(outcome).collect(), 12_345);
            if *rehearsal == Rehearsal::Control {
                terms.control = row.baseline();
            }
            row
        });
        Matrix { rows: rows.collect(), ..Matrix::new(statuses.len()) }
    }

    /// Without folds, in 80 columns.
    fn shown(matrix: &Matrix) -> String {
        text(matrix_lines(matrix, Rest::Cancelled, None, 80))
    }

    #[test]
    fn names_and_words_fit_their_columns() {
        for rehearsal in Rehearsal::ALL {
            assert!(rehearsal.name().len() <= NAME_COLUMNS, "{rehearsal:?}");
            for family in [Scheme::Webhook, Scheme::Interceptor] {
                assert!(rehearsal.expectation(family).as_str().len() <= EXPECTED_COLUMNS, "{rehearsal:?}");
            }
        }
        assert!(Grade::ALL.into_iter().all(|grade| grade.as_str().len() + 2 <= RESULT_COLUMNS));
    }

    #[test]
    fn failures_are_explained_below_the_table() {
        let matrix = matrix(&[
            (Rehearsal::Control, &[201]),
            (Rehearsal::WrongKey, &[200]),
            (Rehearsal::MissingHeader, &[401, 400, 401]),
        ]);
        let expected = "\
rehearsal       expected         got            result              time
control         2xx              201            ✓ passed           13 ms
forgeries  1 ✓  1 ✗
wrong-key       401, 400 or 403  200            ✗ failed           13 ms
missing-header  401, 400 or 403  401, 400, 401  ✓ passed           13 ms

✗ wrong key
  got   the app responded 200 to the request: the handler does not verify
        signatures, so anyone who knows the URL can send it events
  why   only the provider has this secret: an app that accepts a signature made
        with another one accepts anyone's
  next  verify the raw body with the SDK before anything else, and respond 401
        when the SDK rejects it

3 rehearsals: 2 passed, 1 failed
";
        assert_eq!(shown(&matrix), expected);
    }

    #[test]
    fn a_failed_control_makes_rejections_inconclusive_with_one_note() {
        let matrix = matrix(&[(Rehearsal::Control, &[401]), (Rehearsal::Expired, &[401]), (Rehearsal::Future, &[401])]);
        let expected = "\
rehearsal       expected         got       result              time
control         2xx              401       ✗ failed           13 ms
timestamps out of the window  2 ?
expired         401, 400 or 403  401       ? inconclusive     13 ms
future          401, 400 or 403  401       ? inconclusive     13 ms

✗ a valid event
  got   the app responded 401 to the request, which does not count as delivered
  why   the provider counts any 2xx within 10 s as delivered. Until the app
        accepts a valid event, its rejections of other requests prove nothing
  next  check that the app uses the secret known here and verifies the raw body,
        not parsed JSON

note  the app did not accept a valid event, so its rejections prove nothing:
      they may have the same cause
3 rehearsals: 0 passed, 1 failed, 2 inconclusive
";
        assert_eq!(shown(&matrix), expected);
    }

    #[test]
    fn groups_are_folded_and_a_digit_unfolds_one() {
        let matrix = matrix(&[
            (Rehearsal::Control, &[201]),
            (Rehearsal::Expired, &[401]),
            (Rehearsal::Future, &[401]),
            (Rehearsal::Tampered, &[200]),
            (Rehearsal::Unsigned, &[401]),
        ]);
        let starts = |folds: &Folds| {
            let lines = text(matrix_lines(&matrix, Rest::Cancelled, Some(folds), 80));
            let table = lines.split("\n\n").next().unwrap().lines().skip(1);
            table.map(|line| line.split("  ").next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut folds = Folds::default();
        let folded = ["control", "1 ▸ timestamps out of the window", "2 ▸ forgeries"];
        assert_eq!(starts(&folds), folded);
        for place in [0, 1, 9] {
            folds.toggle(&matrix, place);
        }
        let toggled = ["control", "1 ▾ timestamps out of the window", "expired", "future", "2 ▸ forgeries"];
        assert_eq!(starts(&folds), toggled);
        folds.toggle(&matrix, 1);
        assert_eq!(starts(&folds), folded);
        let mut open = Folds::none();
        assert_eq!(starts(&open).len(), 7);
        open.toggle(&matrix, 1);
        assert_eq!(
            starts(&open),
            ["control", "1 ▸ timestamps out of the window", "2 ▾ forgeries", "tampered", "unsigned"]
        );
    }

    #[test]
    fn rows_with_the_same_next_step_share_one_text() {
        let shown =
            shown(&matrix(&[(Rehearsal::Control, &[201]), (Rehearsal::Expired, &[200]), (Rehearsal::Future, &[200])]));
        assert!(shown.contains("\n✗ expired timestamp, future timestamp\n  got   the app responded 200"), "{shown}");
        assert_eq!(shown.matches("\n  next  ").count(), 1, "{shown}");
    }

    #[test]
    fn prose_wraps_at_the_width() {
        for status in [200, 302, 401, 404, 422, 429, 500, 503] {
            for rehearsal in Rehearsal::ALL {
                let matrix = matrix(&[(rehearsal, &[status])]);
                let prose = causes(&matrix).iter().flat_map(|cause| cause_lines(cause, 60)).collect();
                let lines = text(prose);
                assert!(lines.lines().all(|line| line.chars().count() <= 60), "{lines}");
            }
        }
    }
}
