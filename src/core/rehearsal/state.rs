//! Whether requests changed the user's data, as a command of the user shows it.

use super::grade::{Finding, Grade};
use super::kind::{Group, Rehearsal};
use crate::core::printable::Printable;

const SHOWN_COLUMNS: usize = 60;

/// What the check printed, and how it exited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub stdout: Vec<u8>,
    /// `None` if a signal ended it.
    pub exit_code: Option<i32>,
}

/// What the check said before and after requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The same, byte for byte.
    Same,
    /// Safe to show.
    Changed { before: String, after: String },
    /// The check could not be run, with the reason.
    Unknown(String),
}

impl Snapshot {
    fn shown(&self) -> String {
        let text = Printable::first_columns(self.stdout.trim_ascii(), SHOWN_COLUMNS).into_string();
        match self.exit_code {
            Some(0) => format!("`{text}`"),
            Some(code) => format!("`{text}` with exit code {code}"),
            None => format!("`{text}`, ended by a signal"),
        }
    }
}

impl State {
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        if before == after {
            return Self::Same;
        }
        let (mut before, mut after) = (before.shown(), after.shown());
        if before == after {
            // They differ beyond what is shown.
            (before, after) = (format!("{before}…"), format!("{after}…, and then something else"));
        }
        Self::Changed { before, after }
    }

    /// The word in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed { .. } => "changed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The finding instead of one with `grade`, if the state says more.
    pub(super) fn finding(&self, rehearsal: Rehearsal, grade: Grade) -> Option<Finding> {
        if grade > Grade::Warned || rehearsal == Rehearsal::Control {
            return None;
        }
        match self {
            Self::Same if rehearsal.group() == Group::Repeats => {
                let sentence = "the app accepted all, and the check prints the same as before the repeats".to_owned();
                let sentence = match rehearsal {
                    Rehearsal::LateUpdate => {
                        "the app accepted all, and the late update changed nothing that the check prints".to_owned()
                    }
                    _ => sentence,
                };
                (grade == Grade::Passed).then_some(Finding { grade, sentence, next_step: None })
            }
            Self::Same => None,
            Self::Changed { before, after } => {
                let (what, next_step) = match rehearsal {
                    _ if rehearsal.must_be_rejected() => (
                        "the app rejected the request, but acted on it",
                        "verify before the handler does anything else, and leave it with 401",
                    ),
                    Rehearsal::LateUpdate => (
                        "the update after the deletion brought something back",
                        "compare `occurred_at` with the newest that you have processed for this object, also after its deletion",
                    ),
                    _ => (
                        "the app accepted the repeats, but acted on them again",
                        "store the `webhook-id` under a unique key, together with the event's changes, and respond 2xx if it is already there",
                    ),
                };
                let sentence = format!("{what}: the check printed {before} before and {after} after");
                Some(Finding { grade: Grade::Failed, sentence, next_step: Some(next_step) })
            }
            Self::Unknown(why) => Some(Finding {
                grade: Grade::Inconclusive,
                sentence: format!("the check of the state failed: {why}"),
                next_step: Some("run the command of `--check` by itself: it must end within 10 s"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(stdout: &str) -> Snapshot {
        Snapshot { stdout: stdout.into(), exit_code: Some(0) }
    }

    #[test]
    fn every_byte_and_the_exit_code_count() {
        assert_eq!(State::between(&snapshot("3\n"), &snapshot("3\n")), State::Same);
        for (before, after, shown) in [
            (snapshot("3\n"), snapshot("4\n"), ("`3`", "`4`")),
            (snapshot("3\n"), snapshot("3"), ("`3`…", "`3`…, and then something else")),
            (snapshot("a"), Snapshot { exit_code: Some(1), ..snapshot("a") }, ("`a`", "`a` with exit code 1")),
            (snapshot("a"), Snapshot { exit_code: None, ..snapshot("a") }, ("`a`", "`a`, ended by a signal")),
            (snapshot("\x1b[2J"), snapshot(""), ("`␛[2J`", "``")),
        ] {
            let (before_shown, after_shown) = shown;
            let expected = State::Changed { before: before_shown.to_owned(), after: after_shown.to_owned() };
            assert_eq!(State::between(&before, &after), expected);
        }
    }

    #[test]
    fn a_change_fails_what_must_change_nothing() {
        let changed = State::between(&snapshot("3"), &snapshot("4"));
        for rehearsal in [Rehearsal::Unsigned, Rehearsal::TenTimes, Rehearsal::LateUpdate] {
            let finding = changed.finding(rehearsal, Grade::Passed).unwrap();
            assert_eq!(finding.grade, Grade::Failed);
            assert!(finding.sentence.ends_with("the check printed `3` before and `4` after"), "{}", finding.sentence);
        }
        assert_eq!(changed.finding(Rehearsal::Control, Grade::Passed), None);
        assert_eq!(changed.finding(Rehearsal::TenTimes, Grade::Failed), None, "what failed first stays");
        let same = State::Same.finding(Rehearsal::TenTimes, Grade::Passed).unwrap();
        assert_eq!((same.grade, same.next_step), (Grade::Passed, None));
        assert_eq!(State::Same.finding(Rehearsal::Unsigned, Grade::Passed), None);
        let unknown =
            State::Unknown("it did not end within 10 s".to_owned()).finding(Rehearsal::TenTimes, Grade::Passed);
        assert_eq!(unknown.unwrap().grade, Grade::Inconclusive);
    }
}
