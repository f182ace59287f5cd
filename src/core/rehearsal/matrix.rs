//! The results of a run, row by row.

use super::grade::{Finding, Grade};
use super::reaction::Terms;
use super::table::Rehearsal;
use crate::core::delivery::Ending;
use crate::core::rehearsal::assess::judge;
use crate::core::rehearsal::outcome::Outcome;
use crate::core::signature::Scheme;

/// A rehearsal that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub rehearsal: Rehearsal,
    /// Of the headers that carry the signature: see [`Terms`].
    pub family: Scheme,
    /// In the order in which they were sent; empty if it was not tried.
    pub answers: Vec<Outcome>,
    pub finding: Finding,
    /// Microseconds from the first request to the last answer.
    pub took_us: u64,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `place` is from 1, of `count` rehearsals.
    Began {
        rehearsal: Rehearsal,
        place: usize,
        count: usize,
    },
    Ended(Row),
}

/// The results of all rehearsals of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// In the order in which they were run.
    pub rows: Vec<Row>,
    /// Rehearsals that are to be run; more than there are rows until the end, and then if the run was called off.
    pub planned: usize,
}

/// What becomes of the rehearsals that are planned and have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// They are run, or will be.
    ToGo,
    CalledOff,
}

impl Rest {
    fn as_str(self) -> &'static str {
        match self {
            Self::ToGo => "to go",
            Self::CalledOff => "cancelled",
        }
    }
}

impl Row {
    pub fn new(rehearsal: Rehearsal, terms: Terms, answers: Vec<Outcome>, took_us: u64) -> Self {
        let finding = judge(rehearsal, terms, &answers);
        Self { rehearsal, family: terms.family, answers, finding, took_us }
    }

    /// What a correct handler answers.
    pub fn expected(&self) -> &'static str {
        self.rehearsal.expectation(self.family).as_str()
    }

    /// Why it does.
    pub fn why(&self) -> &'static str {
        self.rehearsal.why(self.family)
    }

    /// What was answered, in the order sent and equal ones counted: `201`, `401 400`, `10 × 201`, `refused`; `-` if nothing was tried.
    pub fn got(&self) -> String {
        let runs = self.answers.chunk_by(|one, next| one.ending == next.ending);
        let shown = runs.map(|run| match run {
            [one] => one.ending.to_string(),
            all => format!("{} × {}", all.len(), all[0].ending),
        });
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() { "-".to_owned() } else { shown.join(", ") }
    }

    /// Whether the app took what it was sent: it answered 2xx, be that what is waited for or not.
    pub fn is_taken(&self) -> bool {
        !self.answers.is_empty() && self.answers.iter().all(|answered| answered.ending.is_delivered())
    }

    /// Whether nothing came back from the app.
    pub fn is_unanswered(&self) -> bool {
        self.answers.iter().all(|answered| matches!(answered.ending, Ending::Failed(_)))
    }
}

impl Matrix {
    pub fn count(&self, grade: Grade) -> usize {
        self.rows.iter().filter(|row| row.finding.grade == grade).count()
    }

    /// How many rehearsals have no row.
    pub fn missing(&self) -> usize {
        self.planned.saturating_sub(self.rows.len())
    }

    /// Whether the run has not come to its end.
    pub fn is_cut_short(&self) -> bool {
        self.missing() > 0
    }

    /// Whether every rehearsal was run and shows a handler that does its work: warnings are none of its faults.
    pub fn is_passed(&self) -> bool {
        !self.is_cut_short() && self.rows.iter().all(|row| row.finding.grade <= Grade::Warned)
    }

    /// What is to be known of the table as a whole.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        let is_repeated = |row: &Row| matches!(row.rehearsal, Rehearsal::TwiceAtOnce | Rehearsal::TenTimes);
        let is_accepted = self.rows.iter().any(|row| is_repeated(row) && row.finding.grade <= Grade::Warned);
        let of_repeats = is_accepted
            .then_some("that repeats are accepted does not show that the app acted once only: its data can tell");
        self.caveat().into_iter().chain(of_repeats)
    }

    /// Why refusals may say nothing of the handler.
    pub fn caveat(&self) -> Option<&'static str> {
        let control = self.rows.iter().find(|row| row.rehearsal == Rehearsal::Control)?;
        let is_refusal = |answered: &Outcome| matches!(answered.ending, Ending::Responded(300..500));
        let is_refused = |row: &Row| row.rehearsal.is_to_be_refused() && row.answers.iter().any(is_refusal);
        (!control.is_taken() && self.rows.iter().any(is_refused)).then_some(
            "a valid event was not accepted, so refusals of others prove nothing: they may have the same cause",
        )
    }

    /// The counts in a line: `10 rehearsals: 8 passed, 1 warned, 1 failed`; `rest` says what those are that are in none of them.
    pub fn summary(&self, rest: Rest) -> String {
        let counts =
            [Grade::Passed, Grade::Warned, Grade::Failed, Grade::Inconclusive].map(|grade| (grade, self.count(grade)));
        let told = counts.into_iter().filter(|(grade, count)| *grade == Grade::Passed || *count > 0);
        let told: Vec<_> = told.map(|(grade, count)| format!("{count} {}", grade.as_str())).collect();
        let rehearsals = if self.planned == 1 { "rehearsal" } else { "rehearsals" };
        let rest = match self.missing() {
            0 => String::new(),
            missing => format!(", {missing} {}", rest.as_str()),
        };
        format!("{} {rehearsals}: {}{rest}", self.planned, told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::FailureKind;

    fn row(rehearsal: Rehearsal, endings: &[Ending]) -> Row {
        let terms = Terms { family: Scheme::Webhook, is_control_taken: true };
        Row::new(rehearsal, terms, endings.iter().map(|ending| Outcome::new("it", *ending)).collect(), 1)
    }

    fn matrix(rows: &[(Rehearsal, u16)]) -> Matrix {
        let rows: Vec<_> = rows.iter().map(|(each, status)| row(*each, &[Ending::Responded(*status)])).collect();
        Matrix { planned: rows.len(), rows }
    }

    #[test]
    fn equal_answers_are_counted() {
        let [ok, bad] = [201, 500].map(Ending::Responded);
        for (endings, expected) in [
            (&[ok][..], "201"),
            (&[ok, bad, ok], "201, 500, 201"),
            (&[ok, ok, bad], "2 × 201, 500"),
            (&[ok; 10], "10 × 201"),
            (&[Ending::Failed(FailureKind::TimedOut)], "timed out"),
            (&[], "-"),
        ] {
            assert_eq!(row(Rehearsal::TenTimes, endings).got(), expected);
        }
    }

    #[test]
    fn a_warning_is_no_failure_and_what_was_not_run_has_not_passed() {
        let mut good = matrix(&[(Rehearsal::Control, 200), (Rehearsal::Expired, 422), (Rehearsal::Future, 401)]);
        assert!(good.is_passed());
        assert_eq!(good.summary(Rest::CalledOff), "3 rehearsals: 2 passed, 1 warned");
        good.planned = 5;
        assert!(!good.is_passed());
        assert_eq!(good.summary(Rest::CalledOff), "5 rehearsals: 2 passed, 1 warned, 2 cancelled");
        assert_eq!(good.summary(Rest::ToGo), "5 rehearsals: 2 passed, 1 warned, 2 to go");
        let bad = matrix(&[(Rehearsal::Expired, 200)]);
        assert!(!bad.is_passed());
        assert_eq!(bad.summary(Rest::CalledOff), "1 rehearsal: 0 passed, 1 failed");
        assert!(!matrix(&[(Rehearsal::Expired, 429)]).is_passed());
    }

    #[test]
    fn refusals_prove_nothing_when_everything_is_refused() {
        assert!(matrix(&[(Rehearsal::Control, 401), (Rehearsal::Expired, 401)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 429), (Rehearsal::Expired, 401)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 404), (Rehearsal::Expired, 404)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 500), (Rehearsal::Expired, 500)]).caveat().is_none());
        assert!(matrix(&[(Rehearsal::Control, 200), (Rehearsal::Expired, 401)]).caveat().is_none());
        assert!(matrix(&[(Rehearsal::Expired, 401)]).caveat().is_none());
    }

    #[test]
    fn that_repeats_are_accepted_is_not_said_to_show_that_the_app_acted_once() {
        for (rows, count) in [
            (&[(Rehearsal::TwiceAtOnce, 200), (Rehearsal::TenTimes, 200)][..], 1),
            (&[(Rehearsal::TwiceAtOnce, 500), (Rehearsal::TenTimes, 200)], 1),
            (&[(Rehearsal::TwiceAtOnce, 200)], 1),
            (&[(Rehearsal::TwiceAtOnce, 500), (Rehearsal::OutOfOrder, 200)], 0),
        ] {
            assert_eq!(matrix(rows).notes().filter(|note| note.contains("acted once only")).count(), count, "{rows:?}");
        }
    }
}
