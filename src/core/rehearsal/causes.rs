//! What is behind the results of a whole run: one cause for all the rows that it explains.

use super::advice::{RAW_BODY, RESTART};
use super::cause::Cause;
use super::grade::Grade;
use super::kind::{Group, Rehearsal};
use super::matrix::{Matrix, Row};
use super::outcome::listed;
use super::reaction::Baseline;
use super::refusal::refused;
use crate::core::delivery::Ending;

/// The fewest forgeries that show a habit and not one missing check.
const HABIT: usize = 4;

/// The causes of all that a run found wrong, in the order of its rows. Each row belongs to one cause.
pub fn causes(matrix: &Matrix) -> Vec<Cause> {
    let specific = [refused, ignored, uncaught, reserialised];
    let mut causes: Vec<_> =
        died(matrix).into_iter().chain(specific.into_iter().filter_map(|find| find(matrix))).collect();
    let explained: Vec<_> = causes.iter().flat_map(|cause| cause.rehearsals.clone()).collect();
    let is_open = |row: &&Row| row.finding.next_step.is_some() && !explained.contains(&row.rehearsal);
    let mut rest: Vec<Cause> = Vec::new();
    for row in matrix.rows.iter().filter(is_open) {
        let next_step = row.finding.next_step.unwrap_or_default();
        let alike = rest.iter_mut().find(|cause| cause.next_step == next_step && cause.grade == row.finding.grade);
        match alike {
            Some(cause) => {
                cause.sentence = format!("{}, {}", cause.sentence, row.rehearsal.title());
                cause.rehearsals.push(row.rehearsal);
            }
            None => rest.push(Cause {
                name: row.rehearsal.name(),
                grade: row.finding.grade,
                sentence: row.rehearsal.title().to_owned(),
                seen: row.finding.sentence.clone(),
                why: row.why(),
                next_step: next_step.into(),
                others: Vec::new(),
                rehearsals: vec![row.rehearsal],
            }),
        }
    }
    causes.extend(rest);
    causes.sort_by_key(|cause| {
        let first = |row: &Row| cause.rehearsals.contains(&row.rehearsal);
        matrix.rows.iter().position(first)
    });
    causes
}

/// The forgeries of a run with more than a few.
fn forgeries(matrix: &Matrix) -> Option<Vec<&Row>> {
    let forgeries: Vec<_> =
        matrix.rows.iter().filter(|row| row.rehearsal.must_be_rejected() && !row.outcomes.is_empty()).collect();
    (forgeries.len() >= HABIT).then_some(forgeries)
}

/// Every forgery was accepted.
fn ignored(matrix: &Matrix) -> Option<Cause> {
    let forgeries = forgeries(matrix)?;
    // Only rows that failed: an interceptor that denies has an advice of its own.
    if !forgeries.iter().all(|row| row.is_accepted() && row.finding.grade == Grade::Failed) {
        return None;
    }
    let says_failure = forgeries.iter().all(|row| row.outcomes.iter().all(|outcome| outcome.says_failure));
    let count = forgeries.len();
    let (name, sentence, seen, next_step) = if says_failure {
        (
            "failure-with-2xx",
            "your handler notices forgeries, but responds to them with a 2xx",
            format!("all {count} kinds of forgeries got a 2xx with a body that says that something failed"),
            "set the status of the response to 401: FastAPI and Flask differ in how (`return {…}, 401` is a 200 in FastAPI, so raise \
             `HTTPException(401)`), and `NextResponse.json({…})` needs `{ status: 401 }`",
        )
    } else {
        (
            "verification-ignored",
            "your handler ignores the result of verification, or does not verify at all",
            format!("all {count} kinds of forgeries got a 2xx"),
            "verify the raw body with the SDK before anything else, and leave the handler with 401 when it throws or returns an error: \
             to log the error is not enough",
        )
    };
    Some(Cause {
        name,
        grade: Grade::Failed,
        sentence: sentence.to_owned(),
        seen,
        why: if says_failure {
            "the provider reads the status only. It counts a 2xx as delivered, and never sends a real event again that failed"
        } else {
            "the URL is not a secret: anyone who knows it can send events, and the app acts on them"
        },
        next_step: next_step.into(),
        others: Vec::new(),
        rehearsals: forgeries.iter().map(|row| row.rehearsal).collect(),
    })
}

/// Forgeries crash the handler.
fn uncaught(matrix: &Matrix) -> Option<Cause> {
    let is_crash = |row: &&&Row| {
        let crashed = |ending| matches!(ending, Ending::Responded(500 | 501 | 505..=599));
        row.finding.grade == Grade::Failed
            && row.outcomes.iter().any(|outcome| crashed(outcome.ending) && !outcome.has_killed)
    };
    let all = forgeries(matrix)?;
    let crashed: Vec<_> = all.iter().filter(is_crash).map(|row| row.rehearsal).collect();
    (crashed.len() >= HABIT).then(|| Cause {
        name: "uncaught",
        grade: Grade::Failed,
        sentence: "your handler does not catch what the SDK throws".to_owned(),
        seen: format!("{} of {} kinds of forgeries got a 5xx", crashed.len(), all.len()),
        why: "a 5xx looks like an outage, and the provider retries it. In frameworks that do not catch it either, the app dies",
        next_step: "put the verification into `try` and `catch` (Python: `try` and `except`), and respond 401 when it throws"
            .into(),
        others: Vec::new(),
        rehearsals: crashed,
    })
}

/// The app verifies JSON that it wrote itself.
fn reserialised(matrix: &Matrix) -> Option<Cause> {
    let control = matrix.row(Rehearsal::Control)?;
    if control.baseline() != Baseline::Accepted {
        return None;
    }
    // An interceptor that responds 2xx without a decision fails too, but refuses nothing.
    let is_refused = |row: &&Row| {
        let has_killed = row.outcomes.iter().any(|outcome| outcome.has_killed);
        row.finding.grade == Grade::Failed && !row.is_accepted() && !has_killed
    };
    let refused: Vec<_> =
        matrix.rows.iter().filter(|row| row.rehearsal.group() == Group::Content).filter(is_refused).collect();
    let has = |rehearsal| refused.iter().any(|row| row.rehearsal == rehearsal);
    let lost = [Rehearsal::Escapes, Rehearsal::Numbers, Rehearsal::Layout];
    // No writer keeps the spaces of `layout`, and one that fails at one more of them is no accident.
    if !has(Rehearsal::Layout) || lost.into_iter().filter(|each| has(*each)).count() < 2 {
        return None;
    }
    let changed = [Rehearsal::NonAscii, Rehearsal::Escapes, Rehearsal::Numbers, Rehearsal::Layout, Rehearsal::Padded];
    let writer = match (has(Rehearsal::NonAscii), has(Rehearsal::Escapes)) {
        (false, true) => " It keeps `ë` and loses `\\u00eb`, as `JSON.stringify(JSON.parse(body))` does",
        (true, false) => " It loses `ë` and keeps `\\u00eb`, as Python's `json.dumps(json.loads(body))` does",
        _ => "",
    };
    let rehearsals: Vec<_> = changed.into_iter().filter(|each| has(*each)).collect();
    let names: Vec<_> = rehearsals.iter().map(|each| each.name()).collect();
    Some(Cause {
        name: "reserialised",
        grade: Grade::Failed,
        sentence: "your handler verifies JSON that it parsed and wrote again, instead of the bytes as received"
            .to_owned(),
        seen: format!("it rejects valid events whose bytes this changes: {}.{writer}", names.join(", ")),
        why: "the signature covers the bytes as sent. Most events survive the rewriting, and the others never arrive",
        next_step: RAW_BODY.into(),
        others: Vec::new(),
        rehearsals,
    })
}

/// The app died, once or several times.
fn died(matrix: &Matrix) -> Option<Cause> {
    let last = matrix.deaths.last()?;
    let requests: Vec<_> = matrix.deaths.iter().map(|death| death.what.as_str()).collect();
    let afterwards = match last.is_back {
        true => "the app came back, and the rehearsals went on",
        false => "the app did not come back, so the other rehearsals were not tried",
    };
    let mut rehearsals: Vec<_> = matrix.deaths.iter().map(|death| death.rehearsal).collect();
    rehearsals.dedup();
    Some(Cause {
        name: "app-died",
        grade: Grade::Failed,
        sentence: format!("the app died at {}, or a development server restarted at that moment", listed(&requests)),
        seen: format!("after it no connection was accepted; {afterwards}"),
        why: "one request that anyone can send takes the app down for all",
        next_step: RESTART.into(),
        others: Vec::new(),
        rehearsals,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::catalog::Family;
    use crate::core::delivery::FailureKind;
    use crate::core::rehearsal::matrix::Death;
    use crate::core::rehearsal::outcome::Outcome;
    use crate::core::rehearsal::reaction::Terms;

    /// A run of all webhook rehearsals, each with one outcome.
    fn matrix(outcome: impl Fn(Rehearsal) -> Outcome) -> Matrix {
        run_of(Family::Webhook, outcome)
    }

    fn run_of(family: Family, outcome: impl Fn(Rehearsal) -> Outcome) -> Matrix {
        let mut terms = Terms::new(family.scheme());
        let all = Rehearsal::ALL.into_iter().filter(|each| each.fits(family) && *each != Rehearsal::OtherSecret);
        let rows: Vec<_> = all
            .map(|rehearsal| {
                let row = Row::new(rehearsal, terms, vec![outcome(rehearsal)], 1);
                if rehearsal == Rehearsal::Control {
                    terms.control = row.baseline();
                }
                row
            })
            .collect();
        let planned = rows.len();
        Matrix { rows, ..Matrix::new(planned) }
    }

    fn responded(status: u16) -> Outcome {
        Outcome::new("it", Ending::Responded(status))
    }

    /// A right handler but for `wrong`.
    fn but_for(wrong: impl Fn(Rehearsal) -> Option<Outcome>) -> Matrix {
        matrix(|each| wrong(each).unwrap_or_else(|| responded(if each.must_be_rejected() { 401 } else { 201 })))
    }

    fn names(matrix: &Matrix) -> Vec<&'static str> {
        causes(matrix).iter().map(|cause| cause.name).collect()
    }

    #[test]
    fn a_right_handler_has_no_causes() {
        let right = but_for(|_| None);
        assert!(right.is_passed() && causes(&right).is_empty(), "{right:?}");
    }

    #[test]
    fn each_known_mistake_is_named_once() {
        use Rehearsal::{Escapes, Large, Layout, NonAscii, Numbers, Padded, TwoSignatures, UnknownType, V1aBeside};
        let among = |some: &'static [Rehearsal]| move |each| some.contains(&each).then(|| responded(401));
        let forgeries = |outcome: Outcome| but_for(move |each| each.must_be_rejected().then(|| outcome.clone()));
        let says_failure = Outcome { says_failure: true, ..responded(200) };
        for (matrix, name, count) in [
            (forgeries(responded(200)), "verification-ignored", 12),
            (forgeries(says_failure), "failure-with-2xx", 12),
            (forgeries(responded(500)), "uncaught", 12),
            (but_for(among(&[Escapes, Numbers, Layout, Padded])), "reserialised", 4),
            (but_for(among(&[NonAscii, Numbers, Layout])), "reserialised", 3),
            (but_for(among(&[NonAscii])), "non-ascii", 1),
            (but_for(among(&[Padded])), "padded", 1),
            (but_for(among(&[Large])), "large", 1),
            (but_for(among(&[TwoSignatures])), "two-signatures", 1),
            (but_for(among(&[V1aBeside, TwoSignatures])), "v1a-beside", 2),
            (but_for(among(&[UnknownType])), "unknown-type", 1),
        ] {
            let causes = causes(&matrix);
            assert_eq!((causes.len(), causes[0].name, causes[0].rehearsals.len()), (1, name, count), "{causes:?}");
            assert_eq!(causes[0].grade, Grade::Failed);
        }
    }

    #[test]
    fn an_interceptor_without_a_decision_is_no_handler_that_serialises_again() {
        let matrix = run_of(Family::Interceptor, |each| responded(if each.must_be_rejected() { 401 } else { 201 }));
        assert!(!matrix.is_passed() && !names(&matrix).contains(&"reserialised"), "{:?}", names(&matrix));
    }

    #[test]
    fn a_few_accepted_forgeries_are_not_ignored_verification() {
        let lenient = but_for(|each| (each == Rehearsal::CutSignature).then(|| responded(200)));
        assert_eq!(names(&lenient), ["cut-signature"]);
        let mut only = matrix(|_| responded(200));
        only.rows.retain(|row| matches!(row.rehearsal, Rehearsal::Control | Rehearsal::Unsigned));
        assert_eq!(names(&only), ["unsigned"]);
    }

    #[test]
    fn a_death_names_its_request_and_fails_the_run() {
        let killed = Outcome { has_killed: true, ..Outcome::new("it", Ending::Failed(FailureKind::Reset)) };
        let mut died = but_for(|each| (each == Rehearsal::Unsigned).then(|| killed.clone()));
        died.deaths =
            vec![Death { rehearsal: Rehearsal::Unsigned, what: "an unsigned event".to_owned(), is_back: true }];
        assert_eq!(names(&died), ["app-died"]);
        assert!(causes(&died)[0].sentence.starts_with("the app died at an unsigned event, or"), "{died:?}");
        let mut late = but_for(|_| None);
        late.deaths = vec![Death { rehearsal: Rehearsal::Control, what: "a valid event".to_owned(), is_back: false }];
        assert!(!late.is_passed());
        assert_eq!(names(&late), ["app-died"]);
        late.deaths.push(Death { rehearsal: Rehearsal::Large, what: "a large event".to_owned(), is_back: true });
        let both = causes(&late);
        assert_eq!((both.len(), both[0].rehearsals.len()), (1, 2));
        assert!(both[0].sentence.starts_with("the app died at a valid event and a large event, or"), "{both:?}");
    }
}
