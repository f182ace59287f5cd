//! Why an app did not even accept a valid event, the control: what its response shows, a guard in front of the handler, or another secret.

use super::cause::Cause;
use super::grade::Grade;
use super::kind::Rehearsal;
use super::matrix::{Matrix, Row};
use super::outcome::Outcome;
use crate::core::delivery::{self, APP_SECRET, Ending, GUARD};
use std::borrow::Cow;

/// The rehearsals that tell a guard from a handler: a valid event, a forged one and one without a signature.
const TELLING: [Rehearsal; 3] = [Rehearsal::Control, Rehearsal::Tampered, Rehearsal::Unsigned];

const REFUSED: &str = "your app does not accept a valid event";

/// The response that every telling request got, if the app accepted none of them.
pub(crate) fn refused_alike(matrix: &Matrix) -> Option<Ending> {
    let rows: Vec<_> = TELLING.into_iter().filter_map(|each| matrix.row(each)).collect();
    let ending = matrix.row(Rehearsal::Control)?.outcomes.first()?.ending;
    let is_alike = |row: &&Row| row.outcomes.iter().all(|outcome| outcome.ending == ending);
    let is_refusal = matches!(ending, Ending::Responded(300..500));
    (is_refusal && rows.len() > 1 && rows.iter().all(is_alike)).then_some(ending)
}

/// Why the app did not accept the control; `None` if it did, or if nothing is known.
pub(super) fn refused(matrix: &Matrix) -> Option<Cause> {
    let control = matrix.row(Rehearsal::Control).filter(|row| row.finding.grade == Grade::Failed)?;
    let outcome = control.outcomes.first().filter(|outcome| !outcome.has_killed)?;
    let Ending::Responded(300..) = outcome.ending else { return None };
    let shown = outcome.explained.first().filter(|cause| cause.seen.is_some());
    if let Some(shown) = shown.filter(|cause| cause.is_in_front) {
        return Some(in_front(matrix, outcome, shown));
    }
    let alike = refused_alike(matrix);
    // A text about the signature comes from the app's own check, even if the app checks every path.
    let is_checked = shown.is_some() && matches!(outcome.ending, Ending::Responded(400 | 401 | 403));
    match (shown, alike) {
        (_, Some(ending)) if !is_checked && matrix.elsewhere == alike => {
            Some(behind_a_guard(matrix, ending, &outcome.explained))
        }
        (Some(shown), _) => {
            let rest = &outcome.explained[1..];
            let sentence =
                if rest.is_empty() { shown.why.clone() } else { format!("{REFUSED}; most likely, {}", shown.why) };
            let seen = seen(matrix, outcome, shown.seen.as_deref());
            Some(Cause { others: others(rest), ..cause(control, sentence, seen, shown.next.clone()) })
        }
        (None, Some(_)) if !outcome.explained.is_empty() => Some(another_secret(matrix, control, outcome)),
        (None, _) => {
            let [first, rest @ ..] = &outcome.explained[..] else { return None };
            let sentence = format!("{REFUSED}; most likely, {}", first.why);
            let found = control.finding.sentence.clone();
            Some(Cause { others: others(rest), ..cause(control, sentence, found, first.next.clone()) })
        }
    }
}

/// Every request got the same refusal, and nothing shows why: another secret, or a guard.
fn another_secret(matrix: &Matrix, control: &Row, outcome: &Outcome) -> Cause {
    let (mut first, rest): (Vec<_>, Vec<_>) =
        outcome.explained.iter().cloned().partition(|cause| [APP_SECRET, GUARD].contains(&cause.reason));
    first.sort_by_key(|cause| cause.reason != APP_SECRET);
    first.extend(rest);
    let elsewhere = matrix.elsewhere.map(|ending| format!("; one to a path that cannot exist got {ending}"));
    let seen = seen(matrix, outcome, None) + &elsewhere.unwrap_or_default();
    let sentence = format!("your app rejects every request alike; most likely, {}", first[0].why);
    Cause { others: others(&first[1..]), ..cause(control, sentence, seen, first[0].next.clone()) }
}

fn cause(control: &Row, sentence: String, seen: String, next_step: impl Into<Cow<'static, str>>) -> Cause {
    Cause {
        name: Rehearsal::Control.name(),
        grade: Grade::Failed,
        sentence,
        seen,
        why: control.why(),
        next_step: next_step.into(),
        others: Vec::new(),
        rehearsals: vec![Rehearsal::Control],
    }
}

fn others(causes: &[delivery::Cause]) -> Vec<String> {
    causes.iter().map(delivery::Cause::sentence).collect()
}

/// What the requests got, and the line of the response that shows the cause.
fn seen(matrix: &Matrix, outcome: &Outcome, line: Option<&str>) -> String {
    let ending = outcome.ending;
    let who = match refused_alike(matrix) {
        Some(_) => "a valid, a forged and an unsigned event all got",
        None => "a valid event got",
    };
    let line = line.map(|line| format!(" ({line})")).unwrap_or_default();
    format!("{who} {ending}{line}")
}

const CANNOT_LOG_IN: &str = "the provider cannot log in. It counts everything but a 2xx as failed and retries it";

/// The response bears the mark of a guard, or of something else in front of the handler.
fn in_front(matrix: &Matrix, outcome: &Outcome, shown: &delivery::Cause) -> Cause {
    Cause {
        name: "guard",
        grade: Grade::Failed,
        sentence: shown.why.clone(),
        seen: seen(matrix, outcome, shown.seen.as_deref()),
        why: CANNOT_LOG_IN,
        next_step: shown.next.clone().into(),
        others: Vec::new(),
        rehearsals: vec![Rehearsal::Control],
    }
}

/// A path that cannot exist got the same, so no handler decided it.
fn behind_a_guard(matrix: &Matrix, ending: Ending, explained: &[delivery::Cause]) -> Cause {
    let guard = explained.iter().find(|cause| cause.reason == GUARD);
    let next_step = guard.map_or_else(|| delivery::exemption().into(), |guard| Cow::Owned(guard.next.clone()));
    let who =
        if matrix.row(Rehearsal::Unsigned).is_some() { "a valid and an unsigned" } else { "a valid and a forged" };
    Cause {
        name: "guard",
        grade: Grade::Failed,
        sentence: "a guard in front of your handler rejects the requests, so the handler did not run".to_owned(),
        seen: format!("{who} event got {ending}, and so did one to a path that cannot exist"),
        why: CANNOT_LOG_IN,
        next_step,
        others: Vec::new(),
        rehearsals: vec![Rehearsal::Control],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rehearsal::causes;
    use crate::core::rehearsal::reaction::Terms;
    use crate::core::signature::Scheme;

    fn cause(reason: &'static str, seen: Option<&str>, is_in_front: bool) -> delivery::Cause {
        delivery::Cause {
            reason,
            why: format!("why {reason}"),
            seen: seen.map(str::to_owned),
            next: format!("next {reason}"),
            handler: None,
            is_in_front,
        }
    }

    /// A run whose requests get these statuses, the control with this explanation.
    fn matrix(statuses: &[(Rehearsal, u16)], explained: &[delivery::Cause], elsewhere: Option<u16>) -> Matrix {
        let mut terms = Terms::new(Scheme::Webhook);
        let mut matrix = Matrix::new(statuses.len());
        for (rehearsal, status) in statuses {
            let mut outcome = Outcome::new("it", Ending::Responded(*status));
            if *rehearsal == Rehearsal::Control {
                outcome.explained = explained.to_vec();
            }
            let row = Row::new(*rehearsal, terms, vec![outcome], 1);
            if *rehearsal == Rehearsal::Control {
                terms.control = row.baseline();
            }
            matrix.rows.push(row);
        }
        matrix.elsewhere = elsewhere.map(Ending::Responded);
        matrix
    }

    fn telling(status: u16) -> [(Rehearsal, u16); 3] {
        TELLING.map(|each| (each, status))
    }

    #[test]
    fn the_mark_of_a_guard_or_the_same_at_another_path_shows_that_the_handler_did_not_run() {
        let csrf = [cause("csrf", Some("CSRF verification failed."), true)];
        let guesses = [cause("parsed-body", None, false), cause(GUARD, None, false)];
        for (statuses, explained, elsewhere, sentence, seen, next) in [
            (&telling(403)[..], &csrf[..], None, "why csrf", "all got 403 (CSRF verification failed.)", "next csrf"),
            (&telling(403)[..1], &csrf, None, "why csrf", "a valid event got 403 (CSRF", "next csrf"),
            (&telling(401), &guesses, Some(401), "a guard in front", "got 401, and so did one to a path", "next guard"),
            (
                &telling(302),
                &[],
                Some(302),
                "a guard in front",
                "got 302, and so did one to a path",
                "`config.matcher`",
            ),
        ] {
            let causes = causes(&matrix(statuses, explained, elsewhere));
            assert_eq!((causes.len(), causes[0].name), (1, "guard"), "{causes:?}");
            let cause = &causes[0];
            assert!(cause.sentence.contains(sentence) && cause.seen.contains(seen), "{cause:?}");
            assert!(cause.next_step.contains(next) && cause.others.is_empty(), "{cause:?}");
        }
    }

    #[test]
    fn the_same_refusal_for_all_means_another_secret_or_a_guard_in_that_order() {
        let guesses = ["parsed-body", GUARD, APP_SECRET].map(|reason| cause(reason, None, false));
        let causes = causes(&matrix(&telling(401), &guesses, Some(404)));
        assert_eq!((causes.len(), causes[0].name), (1, "control"), "{causes:?}");
        let cause = &causes[0];
        assert_eq!(cause.sentence, "your app rejects every request alike; most likely, why app-secret");
        assert!(cause.seen.ends_with("all got 401; one to a path that cannot exist got 404"), "{cause:?}");
        assert_eq!(cause.next_step, "next app-secret");
        assert_eq!(cause.others, ["why guard; next guard", "why parsed-body; next parsed-body"]);
    }

    #[test]
    fn what_the_app_says_comes_before_what_is_likely() {
        let said = [cause("title-case", Some("Missing required headers"), false), cause(APP_SECRET, None, false)];
        // The app verifies every path, so the other path tells nothing.
        for elsewhere in [None, Some(401), Some(404)] {
            let causes = causes(&matrix(&telling(401), &said, elsewhere));
            let cause = &causes[0];
            assert_eq!(cause.sentence, "your app does not accept a valid event; most likely, why title-case");
            assert!(cause.seen.ends_with("got 401 (Missing required headers)"), "{cause:?}");
            assert_eq!(cause.others, ["why app-secret; next app-secret"]);
        }
    }

    #[test]
    fn a_handler_that_tells_requests_apart_is_no_guard() {
        let guesses = ["parsed-body", APP_SECRET].map(|reason| cause(reason, None, false));
        let mixed = [(Rehearsal::Control, 401), (Rehearsal::Tampered, 401), (Rehearsal::Unsigned, 400)];
        let causes = causes(&matrix(&mixed, &guesses, None));
        assert_eq!(causes[0].sentence, "your app does not accept a valid event; most likely, why parsed-body");
        assert_eq!(refused(&matrix(&mixed, &[], None)), None);
        for status in [200, 500, 502] {
            assert_eq!(refused_alike(&matrix(&telling(status), &[], None)), None, "{status}");
        }
        assert_eq!(refused(&matrix(&[(Rehearsal::Control, 201), (Rehearsal::Unsigned, 401)], &[], None)), None);
    }
}
