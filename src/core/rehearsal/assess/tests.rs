//! What is said of each answer to each rehearsal.

use super::*;
use crate::core::delivery::{FailureKind, Timing};
use crate::core::overrides::Decided;
use crate::core::signature::Scheme;
use FailureKind::{Cancelled, Garbled, Loop, Refused, Reset, Resolve, TimedOut, Tls};

const TAKEN: Terms = Terms { family: Scheme::Webhook, is_control_taken: true };
const NOT_TAKEN: Terms = Terms { is_control_taken: false, ..TAKEN };
const INTERCEPTOR: Terms = Terms { family: Scheme::Interceptor, ..TAKEN };

fn answers(endings: &[Ending]) -> Vec<Outcome> {
    endings.iter().enumerate().map(|(place, ending)| Outcome::new(format!("request {place}"), *ending)).collect()
}

fn judged_by(terms: Terms, rehearsal: Rehearsal, statuses: &[u16]) -> Finding {
    let endings: Vec<_> = statuses.iter().map(|status| Ending::Responded(*status)).collect();
    judge(rehearsal, terms, &answers(&endings))
}

fn judged(rehearsal: Rehearsal, statuses: &[u16]) -> Finding {
    judged_by(TAKEN, rehearsal, statuses)
}

/// The verdict on an answer over a connection that stood.
fn connected(terms: Terms, rehearsal: Rehearsal, ending: Ending, total_us: u64, has_decision: bool) -> Finding {
    let decision = has_decision.then_some(Decided::Allow);
    let timing = Timing { connected_us: Some(1), first_byte_us: None, total_us };
    judge(rehearsal, terms, &[Outcome { timing, decision, ..Outcome::new("it", ending) }])
}

fn to_be_refused() -> impl Iterator<Item = Rehearsal> {
    Rehearsal::ALL.into_iter().filter(|rehearsal| rehearsal.is_to_be_refused())
}

fn to_be_accepted() -> impl Iterator<Item = Rehearsal> {
    Rehearsal::ALL.into_iter().filter(|rehearsal| !rehearsal.is_to_be_refused())
}

#[test]
fn what_is_to_be_refused_passes_with_401_400_or_403_alone() {
    for rehearsal in to_be_refused() {
        for (status, grade, part) in [
            (401, Grade::Passed, "was answered 401"),
            (400, Grade::Passed, "the guide recommends 401"),
            (403, Grade::Passed, "the guide recommends 401"),
            (422, Grade::Warned, "means something else"),
            (409, Grade::Warned, "means something else"),
            (302, Grade::Warned, "means something else"),
            (404, Grade::Warned, "means something else"),
            (405, Grade::Warned, "means something else"),
            (429, Grade::Inconclusive, "limits the rate"),
            (200, Grade::Failed, "the handler "),
            (204, Grade::Failed, "the handler "),
            (500, Grade::Failed, "crashes on what anyone can send"),
            (501, Grade::Failed, "crashes on what anyone can send"),
            (502, Grade::Failed, "the app, or a proxy before it, is not available"),
            (503, Grade::Failed, "the app, or a proxy before it, is not available"),
            (504, Grade::Failed, "the app, or a proxy before it, is not available"),
        ] {
            for terms in [TAKEN, INTERCEPTOR] {
                let Finding { grade: found, sentence, next_step } = judged_by(terms, rehearsal, &[status]);
                assert_eq!(found, grade, "{rehearsal:?} {status}");
                assert!(
                    sentence.starts_with("request 0 ") && sentence.contains(part),
                    "{rehearsal:?} {status}: {sentence}"
                );
                assert_eq!(next_step.is_none(), grade == Grade::Passed, "{rehearsal:?} {status}");
            }
        }
    }
}

#[test]
fn what_was_accepted_wrongly_tells_which_check_is_missing() {
    for rehearsal in to_be_refused() {
        let missing = match rehearsal {
            Rehearsal::Expired | Rehearsal::Future => ": the handler does not check the timestamp",
            Rehearsal::MissingHeader => ": the handler takes a request without that header",
            _ => ": the handler does not verify signatures, so anyone who knows the URL can send it events",
        };
        for terms in [TAKEN, NOT_TAKEN] {
            let found = judged_by(terms, rehearsal, &[200]);
            assert_eq!(found.sentence, format!("request 0 was answered 200{missing}"));
        }
    }
}

#[test]
fn refusals_prove_nothing_while_a_valid_event_is_not_accepted() {
    for rehearsal in to_be_refused() {
        for status in [401, 400, 422, 302, 404, 405] {
            let found = judged_by(NOT_TAKEN, rehearsal, &[status]);
            let sentence =
                format!("request 0 was answered {status}, which refuses it, but a valid event was not accepted either");
            assert_eq!(found, Finding { grade: Grade::Inconclusive, sentence, next_step: None });
        }
        assert_eq!(judged_by(NOT_TAKEN, rehearsal, &[500]).grade, Grade::Failed, "{rehearsal:?}");
    }
    assert_eq!(judged_by(NOT_TAKEN, Rehearsal::MissingHeader, &[401, 200, 401]).grade, Grade::Failed);
}

#[test]
fn what_is_to_be_accepted_passes_with_2xx_alone() {
    for rehearsal in to_be_accepted() {
        for (status, grade) in [
            (200, Grade::Passed),
            (202, Grade::Passed),
            (401, Grade::Failed),
            (409, Grade::Failed),
            (429, Grade::Inconclusive),
            (301, Grade::Failed),
            (404, Grade::Failed),
            (500, Grade::Failed),
            (503, Grade::Failed),
        ] {
            for terms in [TAKEN, NOT_TAKEN] {
                let found = judged_by(terms, rehearsal, &[200, status, 200]);
                assert_eq!(found.grade, grade, "{rehearsal:?} {status}");
                assert_eq!(found.next_step.is_none(), grade == Grade::Passed, "{rehearsal:?} {status}");
                assert_eq!(found.sentence.starts_with("request 1 "), grade != Grade::Passed, "{}", found.sentence);
            }
        }
    }
}

#[test]
fn what_is_forged_is_denied_better_with_401() {
    for (terms, decision, grade) in [
        (INTERCEPTOR, Some(Decided::Deny), Grade::Warned),
        (INTERCEPTOR, Some(Decided::Allow), Grade::Failed),
        (INTERCEPTOR, None, Grade::Failed),
        (TAKEN, Some(Decided::Deny), Grade::Failed),
    ] {
        for rehearsal in to_be_refused() {
            let found = judge(rehearsal, terms, &[Outcome { decision, ..Outcome::new("it", Ending::Responded(200)) }]);
            assert_eq!(found.grade, grade, "{rehearsal:?} {decision:?}");
            assert_eq!(found.sentence.starts_with("it was answered 200 with `DENY`"), grade == Grade::Warned);
            assert_eq!(
                found.next_step.is_some_and(|step| step.starts_with("answer 401 where")),
                grade == Grade::Warned
            );
        }
    }
}

#[test]
fn an_interceptor_is_to_answer_200_with_a_decision() {
    for rehearsal in to_be_accepted() {
        for (status, has_decision, wrong) in [
            (200, true, None),
            (200, false, Some(" without a decision")),
            (201, false, Some(" without a decision")),
            (201, true, Some(", and a decision counts with 200 only")),
        ] {
            let found = connected(INTERCEPTOR, rehearsal, Ending::Responded(status), 1, has_decision);
            let expected = match wrong {
                None => format!("it was answered {status}"),
                Some(wrong) => {
                    format!("it was answered {status}{wrong}: what waits for it, as a log-in, is blocked")
                }
            };
            assert_eq!(found.sentence, expected);
            assert_eq!(found.grade, if wrong.is_none() { Grade::Passed } else { Grade::Failed });
            let is_advised =
                found.next_step.is_some_and(|step| step.starts_with("answer 200 with `{\"decision\":\"ALLOW\"}`"));
            assert_eq!(is_advised, wrong.is_some(), "{:?}", found.next_step);
        }
    }
    let refused = connected(INTERCEPTOR, Rehearsal::Control, Ending::Responded(401), 1, false);
    assert_eq!(
        refused.sentence,
        "it was answered 401, which is no decision: what waits for it, as a log-in, is blocked"
    );
}

#[test]
fn more_than_half_of_the_time_is_a_warning_and_all_of_it_a_failure() {
    const SECOND: u64 = 1_000_000;
    for (terms, total_us, grade, said) in [
        (TAKEN, 5 * SECOND, Grade::Passed, ""),
        (TAKEN, 5 * SECOND + 1, Grade::Warned, " after 5 s of the provider's 10 s"),
        (TAKEN, 9 * SECOND, Grade::Warned, " after 9 s of the provider's 10 s"),
        (INTERCEPTOR, SECOND, Grade::Passed, ""),
        (INTERCEPTOR, 2 * SECOND, Grade::Warned, " after 2 s of the provider's 3 s"),
        (
            INTERCEPTOR,
            4 * SECOND,
            Grade::Failed,
            " after 4 s of the provider's 3 s: what waits for it, as a log-in, is blocked",
        ),
    ] {
        for rehearsal in to_be_accepted() {
            let found = connected(terms, rehearsal, Ending::Responded(200), total_us, true);
            assert_eq!((found.grade, found.sentence), (grade, format!("it was answered 200{said}")));
            assert_eq!(found.next_step.is_some_and(|step| step.contains("the sooner the better")), !said.is_empty());
        }
        let refused = connected(terms, Rehearsal::Expired, Ending::Responded(401), total_us, false);
        assert_eq!(refused.grade, Grade::Passed, "how long a refusal takes is nobody's concern");
    }
}

#[test]
fn a_redirect_of_a_valid_event_is_not_followed() {
    let location = Some("/login".to_owned());
    let to = |location| Outcome { location, ..Outcome::new("it", Ending::Responded(302)) };
    let found = judge(Rehearsal::Control, NOT_TAKEN, &[to(location)]);
    assert_eq!(
        found.sentence,
        "it was answered 302, a redirect to `/login`, which is no 2xx: the provider counts it as failed and retries"
    );
    assert!(found.next_step.unwrap().starts_with("give the URL that it leads to"));
    let nowhere = judge(Rehearsal::Control, NOT_TAKEN, &[to(None)]);
    assert_eq!(
        nowhere.sentence,
        "it was answered 302, a redirect, which is no 2xx: the provider counts it as failed and retries"
    );
}

#[test]
fn an_object_that_is_not_there_yet_is_told_from_a_wrong_path() {
    for status in [404, 405] {
        for terms in [TAKEN, NOT_TAKEN] {
            let found = judged_by(terms, Rehearsal::Control, &[status]);
            assert!(found.sentence.ends_with("no handler at this path"), "{}", found.sentence);
        }
    }
    let unknown = judged(Rehearsal::OutOfOrder, &[404, 404, 404]);
    assert!(unknown.sentence.ends_with("had to be there"), "{}", unknown.sentence);
    assert!(unknown.next_step.unwrap().contains("create it from an update"));
    let nowhere = judged_by(NOT_TAKEN, Rehearsal::OutOfOrder, &[404, 404, 404]);
    assert!(nowhere.sentence.ends_with("no handler at this path"), "{}", nowhere.sentence);
    assert!(judged(Rehearsal::TenTimes, &[200, 404]).sentence.ends_with("404, which is not delivered"));
}

#[test]
fn the_worst_of_several_decides_and_the_first_of_them_is_told_with_its_like() {
    for (statuses, grade, first) in [
        (&[401, 200, 500][..], Grade::Failed, "request 1 was answered 200"),
        (&[401, 500, 200], Grade::Failed, "request 1 was answered 500"),
        (&[200, 401, 200], Grade::Failed, "request 0 and request 2 were answered 200: the handler takes a request"),
        (&[500, 500, 401], Grade::Failed, "request 0 and request 1 were answered 500"),
        (&[422, 401, 429], Grade::Inconclusive, "request 2 was answered 429"),
        (&[401, 422, 400], Grade::Warned, "request 1 was answered 422"),
        (&[401, 401, 401], Grade::Passed, "all 3 were refused"),
        (&[401, 400, 401], Grade::Passed, "all 3 were refused; the guide recommends 401"),
    ] {
        let found = judged(Rehearsal::MissingHeader, statuses);
        assert_eq!(found.grade, grade, "{statuses:?}");
        assert!(found.sentence.starts_with(first), "{}", found.sentence);
    }
}

#[test]
fn each_way_to_have_no_answer_has_its_next_step() {
    for (kind, part) in [
        (Resolve, "check the host"),
        (Refused, "start the app"),
        (TimedOut, "takes connections"),
        (Reset, "the app's log"),
        (Tls, "with `http://`"),
        (Garbled, "does not answer in HTTP"),
        (Loop, "leads back to hookglass"),
    ] {
        let found = judge(Rehearsal::Control, NOT_TAKEN, &answers(&[Ending::Failed(kind)]));
        assert!(found.next_step.unwrap().contains(part), "{kind}: {:?}", found.next_step);
    }
    for (terms, part) in [(TAKEN, "within 10 s"), (INTERCEPTOR, "within 3 s")] {
        let found = connected(terms, Rehearsal::Control, Ending::Failed(TimedOut), 1, false);
        assert!(found.next_step.unwrap().contains(part), "{:?}", found.next_step);
    }
}

#[test]
fn an_answer_that_ends_before_it_is_whole_is_a_failure() {
    for rehearsal in Rehearsal::ALL {
        for kind in [TimedOut, Reset, Garbled] {
            let found = connected(TAKEN, rehearsal, Ending::Failed(kind), 1, false);
            assert_eq!(found.grade, Grade::Failed, "{rehearsal:?} {kind}");
            assert!(found.sentence.starts_with(&format!("it got no whole answer ({kind}): ")), "{}", found.sentence);
            let is_told_to_refuse = found.next_step.unwrap().starts_with("answer 401");
            assert_eq!(is_told_to_refuse, rehearsal.is_to_be_refused());
        }
    }
}

#[test]
fn without_a_connection_nothing_is_judged() {
    for rehearsal in Rehearsal::ALL {
        for kind in [Resolve, Refused, TimedOut, Reset] {
            let found = judge(rehearsal, TAKEN, &answers(&[Ending::Failed(kind)]));
            assert_eq!(found.grade, Grade::Inconclusive, "{rehearsal:?} {kind}");
            assert!(found.sentence.starts_with(&format!("request 0 got no answer ({kind})")), "{}", found.sentence);
        }
        for kind in [Tls, Loop, Cancelled] {
            let found = connected(TAKEN, rehearsal, Ending::Failed(kind), 1, false);
            assert_eq!(found.grade, Grade::Inconclusive, "{rehearsal:?} {kind}");
        }
        assert_eq!(judge(rehearsal, TAKEN, &[]).grade, Grade::Inconclusive);
    }
    // What it did answer counts all the same.
    let broken = answers(&[Ending::Responded(200), Ending::Failed(Refused)]);
    assert_eq!(judge(Rehearsal::MissingHeader, TAKEN, &broken).grade, Grade::Failed);
}
