//! The results of a run of rehearsals, row by row.

use super::grade::{Finding, Grade};
use super::kind::{Group, Rehearsal};
use super::reaction::{Baseline, Terms};
use super::state::State;
use crate::core::delivery::Ending;
use crate::core::rehearsal::assess::assess;
use crate::core::rehearsal::outcome::Outcome;
use crate::core::signature::Scheme;

/// The result of one rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub rehearsal: Rehearsal,
    /// Which headers carry the signature: see [`Terms`].
    pub family: Scheme,
    /// One for each request, in the order sent; empty if the rehearsal was not tried.
    pub outcomes: Vec<Outcome>,
    pub finding: Finding,
    /// What the user's check said before and after; `None` if none was asked for.
    pub state: Option<State>,
    /// Microseconds from the first request to the last response.
    pub took_us: u64,
}

/// The progress of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `place` is from 1, of `count` rehearsals.
    Began {
        rehearsal: Rehearsal,
        place: usize,
        count: usize,
    },
    Ended(Row),
    /// The app died. The run waits this many seconds for it.
    Died {
        what: String,
        wait_s: u64,
    },
    /// The run goes on, or ends, after the app died.
    Waited(Death),
    /// How a request to a path that cannot exist ended.
    Elsewhere(Ending),
}

/// The app died after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    pub rehearsal: Rehearsal,
    /// The request that the app died at, as a noun phrase.
    pub what: String,
    /// Whether the app came back in time.
    pub is_back: bool,
}

/// The results of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// In the order run.
    pub rows: Vec<Row>,
    /// The number of rehearsals to run. There are fewer rows until the run ends, and after that if it was cancelled.
    pub planned: usize,
    pub deaths: Vec<Death>,
    /// How a request to a path that cannot exist ended; `None` if none was sent.
    pub elsewhere: Option<Ending>,
}

/// What becomes of the planned rehearsals that have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// They are running, or will run.
    ToGo,
    Cancelled,
}

impl Rest {
    fn as_str(self) -> &'static str {
        match self {
            Self::ToGo => "to go",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Row {
    pub fn new(rehearsal: Rehearsal, terms: Terms, outcomes: Vec<Outcome>, took_us: u64) -> Self {
        let finding = assess(rehearsal, terms, &outcomes);
        Self { rehearsal, family: terms.family, outcomes, finding, state: None, took_us }
    }

    /// A rehearsal that was not run, because of `why`.
    pub fn not_tried(rehearsal: Rehearsal, terms: Terms, why: &str) -> Self {
        let finding = Finding { grade: Grade::Inconclusive, sentence: format!("not tried: {why}"), next_step: None };
        Self { rehearsal, family: terms.family, outcomes: Vec::new(), finding, state: None, took_us: 0 }
    }

    /// The same, with what the user's check said.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        if let Some(finding) = state.finding(self.rehearsal, self.finding.grade) {
            self.finding = finding;
        }
        Self { state: Some(state), ..self }
    }

    /// What the app did, if this is the control.
    pub fn baseline(&self) -> Baseline {
        Baseline::of(&self.outcomes)
    }

    /// How a correct handler responds.
    pub fn expected(&self) -> &'static str {
        self.rehearsal.expectation(self.family).as_str()
    }

    /// Why it responds that way.
    pub fn why(&self) -> &'static str {
        self.rehearsal.why(self.family)
    }

    /// The responses in the order sent, with equal ones counted: `201`, `401, 400`, `10 × 201`, `refused`; `-` if none was tried.
    pub fn got(&self) -> String {
        let runs = self.outcomes.chunk_by(|one, next| one.ending == next.ending);
        let shown = runs.map(|run| match run {
            [one] => one.ending.to_string(),
            all => format!("{} × {}", all.len(), all[0].ending),
        });
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() { "-".to_owned() } else { shown.join(", ") }
    }

    /// Whether anything was sent.
    pub(crate) fn is_tried(&self) -> bool {
        !self.outcomes.is_empty()
    }

    /// Whether the app responded 2xx to every request, with or without the expected decision.
    pub fn is_accepted(&self) -> bool {
        !self.outcomes.is_empty() && self.outcomes.iter().all(|outcome| outcome.ending.is_delivered())
    }

    /// Whether the app responded to none of the requests.
    pub(crate) fn has_no_response(&self) -> bool {
        self.outcomes.iter().all(|outcome| matches!(outcome.ending, Ending::Failed(_)))
    }
}

impl Matrix {
    /// A matrix for this many rehearsals.
    pub fn new(planned: usize) -> Self {
        Self { planned, ..Self::default() }
    }

    pub fn row(&self, rehearsal: Rehearsal) -> Option<&Row> {
        self.rows.iter().find(|row| row.rehearsal == rehearsal)
    }

    /// The groups that have rows, in order, with their rows.
    pub fn groups(&self) -> impl Iterator<Item = (Group, Vec<&Row>)> {
        let of = |group| (group, self.rows.iter().filter(|row| row.rehearsal.group() == group).collect::<Vec<_>>());
        Group::ALL.into_iter().map(of).filter(|(_, rows)| !rows.is_empty())
    }

    /// Takes in what a step reports.
    pub fn apply(&mut self, step: Step) {
        match step {
            Step::Began { count, .. } => self.planned = count,
            Step::Ended(row) => self.rows.push(row),
            Step::Died { .. } => {}
            Step::Waited(death) => self.deaths.push(death),
            Step::Elsewhere(ending) => self.elsewhere = Some(ending),
        }
    }

    pub fn count(&self, grade: Grade) -> usize {
        self.rows.iter().filter(|row| row.finding.grade == grade).count()
    }

    /// The number of planned rehearsals without a row.
    pub fn missing(&self) -> usize {
        self.planned.saturating_sub(self.rows.len())
    }

    /// Whether rehearsals are missing: the run has not ended, or was cancelled.
    pub fn is_cut_short(&self) -> bool {
        self.missing() > 0
    }

    /// Whether every rehearsal was run and none failed or was inconclusive. Warnings do not count as failures.
    pub fn is_passed(&self) -> bool {
        !self.is_cut_short() && self.deaths.is_empty() && self.rows.iter().all(|row| row.finding.grade <= Grade::Warned)
    }

    /// Notes on the table as a whole.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        let is_repeated = |row: &Row| matches!(row.rehearsal, Rehearsal::TwiceAtOnce | Rehearsal::TenTimes);
        let has_passed = |row: &Row| row.finding.grade <= Grade::Warned && row.state.is_none();
        let on_duplicates = self.rows.iter().any(|row| is_repeated(row) && has_passed(row)).then_some(
            "accepting duplicates does not prove that the app processed them only once: check its data, or give a command that prints \
             it with `--check`",
        );
        let is_blind = self.rows.iter().any(|row| row.state.is_some())
            && self.row(Rehearsal::Control).is_some_and(|row| row.state == Some(State::Same));
        let on_check = is_blind.then_some(
            "the valid event did not change what the check prints: make sure that it shows what your handler changes",
        );
        self.caveat().into_iter().chain(on_duplicates).chain(on_check)
    }

    /// Why the rejections prove nothing, if they do not.
    pub(crate) fn caveat(&self) -> Option<&'static str> {
        let control = self.rows.iter().find(|row| row.rehearsal == Rehearsal::Control)?;
        let is_rejection = |outcome: &Outcome| matches!(outcome.ending, Ending::Responded(300..500));
        let is_rejected = |row: &Row| row.rehearsal.must_be_rejected() && row.outcomes.iter().any(is_rejection);
        (!control.is_accepted() && self.rows.iter().any(is_rejected)).then_some(
            "the app did not accept a valid event, so its rejections prove nothing: they may have the same cause",
        )
    }

    /// The counts in one line: `10 rehearsals: 8 passed, 1 warned, 1 failed`. `rest` names those without a row.
    pub fn summary(&self, rest: Rest) -> String {
        let counts = [Grade::Passed, Grade::Shown, Grade::Warned, Grade::Failed, Grade::Inconclusive]
            .map(|grade| (grade, self.count(grade)));
        let shown = counts.into_iter().filter(|(grade, count)| *grade == Grade::Passed || *count > 0);
        let shown: Vec<_> = shown.map(|(grade, count)| format!("{count} {}", grade.as_str())).collect();
        let rehearsals = if self.planned == 1 { "rehearsal" } else { "rehearsals" };
        let rest = match self.missing() {
            0 => String::new(),
            missing => format!(", {missing} {}", rest.as_str()),
        };
        format!("{} {rehearsals}: {}{rest}", self.planned, shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::FailureKind;

    fn row(rehearsal: Rehearsal, endings: &[Ending]) -> Row {
        Row::new(
            rehearsal,
            Terms::new(Scheme::Webhook),
            endings.iter().map(|ending| Outcome::new("it", *ending)).collect(),
            1,
        )
    }

    fn matrix(rows: &[(Rehearsal, u16)]) -> Matrix {
        let rows: Vec<_> = rows.iter().map(|(each, status)| row(*each, &[Ending::Responded(*status)])).collect();
        let planned = rows.len();
        Matrix { rows, ..Matrix::new(planned) }
    }

    #[test]
    fn equal_responses_are_counted() {
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
    fn a_warning_passes_and_a_missing_rehearsal_does_not() {
        let mut good = matrix(&[(Rehearsal::Control, 200), (Rehearsal::Expired, 422), (Rehearsal::Future, 401)]);
        assert!(good.is_passed());
        assert_eq!(good.summary(Rest::Cancelled), "3 rehearsals: 2 passed, 1 warned");
        good.planned = 5;
        assert!(!good.is_passed());
        assert_eq!(good.summary(Rest::Cancelled), "5 rehearsals: 2 passed, 1 warned, 2 cancelled");
        assert_eq!(good.summary(Rest::ToGo), "5 rehearsals: 2 passed, 1 warned, 2 to go");
        let bad = matrix(&[(Rehearsal::Expired, 200)]);
        assert!(!bad.is_passed());
        assert_eq!(bad.summary(Rest::Cancelled), "1 rehearsal: 0 passed, 1 failed");
        assert!(!matrix(&[(Rehearsal::Expired, 429)]).is_passed());
    }

    #[test]
    fn rejections_prove_nothing_when_a_valid_event_is_not_accepted() {
        assert!(matrix(&[(Rehearsal::Control, 401), (Rehearsal::Expired, 401)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 429), (Rehearsal::Expired, 401)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 404), (Rehearsal::Expired, 404)]).caveat().is_some());
        assert!(matrix(&[(Rehearsal::Control, 500), (Rehearsal::Expired, 500)]).caveat().is_none());
        assert!(matrix(&[(Rehearsal::Control, 200), (Rehearsal::Expired, 401)]).caveat().is_none());
        assert!(matrix(&[(Rehearsal::Expired, 401)]).caveat().is_none());
    }

    #[test]
    fn accepted_duplicates_are_noted_once() {
        for (rows, count) in [
            (&[(Rehearsal::TwiceAtOnce, 200), (Rehearsal::TenTimes, 200)][..], 1),
            (&[(Rehearsal::TwiceAtOnce, 500), (Rehearsal::TenTimes, 200)], 1),
            (&[(Rehearsal::TwiceAtOnce, 200)], 1),
            (&[(Rehearsal::TwiceAtOnce, 500), (Rehearsal::OutOfOrder, 200)], 0),
        ] {
            assert_eq!(
                matrix(rows).notes().filter(|note| note.contains("accepting duplicates")).count(),
                count,
                "{rows:?}"
            );
        }
    }
}
