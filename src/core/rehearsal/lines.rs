//! Lays a matrix out in lines, for the screen and the command line.
//!
//! ```text
//! rehearsal       expected         got       result              time
//! control         2xx              201       ✓ passed           12 ms
//! expired         401, 400 or 403  201       ✗ failed            3 ms
//!
//! ✗ expired timestamp
//!   got   the app responded 201 to an event signed 6 minutes ago: …
//!   why   anyone who captured a request …
//!   next  verify with the SDK …
//!
//! 2 rehearsals: 1 passed, 1 failed
//! ```

use super::grade::Grade;
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

/// Table, advice, notes and counts; `rest` names the rehearsals without a row. Prose wraps at `width` columns.
pub(crate) fn matrix_lines(matrix: &Matrix, rest: Rest, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = table_lines(matrix, width);
    for row in matrix.rows.iter().filter(|row| row.finding.next_step.is_some()) {
        lines.push(Vec::new());
        lines.extend(advice_lines(row, width));
    }
    lines.push(Vec::new());
    for note in matrix.notes() {
        lines.extend(prose(Tone::Warning, "note  ", note, width));
    }
    lines.push(vec![(Tone::Strong, matrix.summary(rest))]);
    lines
}

/// A heading and a line for each rehearsal. The expectation is left out if the result would not fit in `width` columns.
fn table_lines(matrix: &Matrix, width: usize) -> Vec<Vec<Piece>> {
    let got: Vec<_> = matrix.rows.iter().map(Row::got).collect();
    let got_columns = got.iter().map(|text| text.chars().count()).max().unwrap_or_default().max(GOT_COLUMNS);
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
    let line = |(row, got): (&Row, &String)| {
        let Row { rehearsal, finding, took_us, .. } = row;
        let (name, expected) = (rehearsal.name(), row.expected());
        let result = format!("{} {}", finding.grade.glyph(), finding.grade.as_str());
        vec![
            (Tone::Plain, format!("{name:NAME_COLUMNS$}  ")),
            (Tone::Dim, expectation(expected)),
            (Tone::Plain, format!("{got:got_columns$}  ")),
            (tone(finding.grade), format!("{result:RESULT_COLUMNS$}  ")),
            (Tone::Dim, format!("{:>8}", milliseconds(*took_us))),
        ]
    };
    std::iter::once(vec![(Tone::Dim, heading)]).chain(matrix.rows.iter().zip(&got).map(line)).collect()
}

/// What the app responded, why it matters and what to change.
fn advice_lines(row: &Row, width: usize) -> Vec<Vec<Piece>> {
    let finding = &row.finding;
    let title = format!("{} {}", finding.grade.glyph(), row.rehearsal.title());
    let mut lines = vec![vec![(tone(finding.grade), title)]];
    lines.extend(prose(Tone::Dim, "  got   ", &finding.sentence, width));
    lines.extend(prose(Tone::Dim, "  why   ", row.why(), width));
    if let Some(next_step) = finding.next_step {
        lines.extend(prose(Tone::Dim, "  next  ", next_step, width));
    }
    lines
}

fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Passed => Tone::Good,
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
        let mut terms = Terms { family: Scheme::Webhook, is_control_accepted: true };
        let rows = statuses.iter().map(|(rehearsal, statuses)| {
            let outcome = |status: &u16| Outcome::new("the request", Ending::Responded(*status));
            let row = Row::new(*rehearsal, terms, statuses.iter().map(outcome).collect(), 12_345);
            if *rehearsal == Rehearsal::Control {
                terms.is_control_accepted = row.is_accepted();
            }
            row
        });
        Matrix { rows: rows.collect(), planned: statuses.len() }
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
        assert_eq!(text(matrix_lines(&matrix, Rest::Cancelled, 80)), expected);
    }

    #[test]
    fn a_failed_control_makes_rejections_inconclusive_with_one_note() {
        let matrix = matrix(&[(Rehearsal::Control, &[401]), (Rehearsal::Expired, &[401]), (Rehearsal::Future, &[401])]);
        let expected = "\
rehearsal       expected         got       result              time
control         2xx              401       ✗ failed           13 ms
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
        assert_eq!(text(matrix_lines(&matrix, Rest::Cancelled, 80)), expected);
    }

    #[test]
    fn prose_wraps_at_the_width() {
        for status in [200, 302, 401, 404, 422, 429, 500, 503] {
            for rehearsal in Rehearsal::ALL {
                let row = &matrix(&[(rehearsal, &[status])]).rows[0];
                let lines = text(advice_lines(row, 60));
                assert!(lines.lines().all(|line| line.chars().count() <= 60), "{lines}");
            }
        }
    }
}
