//! The finding for each response to each rehearsal.

use super::*;
use crate::core::catalog::Family;
use crate::core::delivery::{FailureKind, Timing};
use crate::core::provider::Decided;
use crate::core::rehearsal::kind::Group;
use crate::core::rehearsal::reaction::Baseline;
use crate::core::rehearsal::shape::{Extra, Shape};
use crate::core::signature::Scheme;
use FailureKind::{Cancelled, Garbled, Loop, Refused, Reset, Resolve, TimedOut, Tls};

const ACCEPTED: Terms = Terms { family: Scheme::Webhook, control: Baseline::Accepted, trigger_point: None };
const NOT_ACCEPTED: Terms = Terms { control: Baseline::Rejected, ..ACCEPTED };
const CRASHED: Terms = Terms { control: Baseline::Crashed, ..ACCEPTED };
const INTERCEPTOR: Terms = Terms { family: Scheme::Interceptor, ..ACCEPTED };

fn outcomes(endings: &[Ending]) -> Vec<Outcome> {
    endings.iter().enumerate().map(|(place, ending)| Outcome::new(format!("request {place}"), *ending)).collect()
}

fn assessed_by(terms: Terms, rehearsal: Rehearsal, statuses: &[u16]) -> Finding {
    let endings: Vec<_> = statuses.iter().map(|status| Ending::Responded(*status)).collect();
    assess(rehearsal, terms, &outcomes(&endings))
}

fn assessed(rehearsal: Rehearsal, statuses: &[u16]) -> Finding {
    assessed_by(ACCEPTED, rehearsal, statuses)
}

/// The finding for a response on an open connection.
fn connected(terms: Terms, rehearsal: Rehearsal, ending: Ending, total_us: u64, has_decision: bool) -> Finding {
    let decision = has_decision.then_some(Decided::Allow);
    let timing = Timing { connected_us: Some(1), first_byte_us: None, total_us };
    assess(rehearsal, terms, &[Outcome { timing, decision, ..Outcome::new("it", ending) }])
}

fn to_be_rejected() -> impl Iterator<Item = Rehearsal> {
    Rehearsal::ALL.into_iter().filter(|rehearsal| rehearsal.must_be_rejected())
}

fn to_be_accepted() -> impl Iterator<Item = Rehearsal> {
    let accepts = |family| move |rehearsal: &Rehearsal| rehearsal.fits(family) && !rehearsal.must_be_rejected();
    let is_judged = |rehearsal: &Rehearsal| *rehearsal != Rehearsal::OtherSecret;
    Rehearsal::ALL.into_iter().filter(accepts(Family::Webhook)).filter(is_judged)
}

#[test]
fn what_must_be_rejected_passes_with_401_400_or_403_alone() {
    for rehearsal in to_be_rejected() {
        for (status, grade, part) in [
            (401, Grade::Passed, "responded 401"),
            (400, Grade::Passed, "the guide recommends 401"),
            (403, Grade::Passed, "the guide recommends 401"),
            (422, Grade::Warned, "means something else"),
            (409, Grade::Warned, "means something else"),
            (302, Grade::Warned, "means something else"),
            (404, Grade::Warned, "means something else"),
            (405, Grade::Warned, "means something else"),
            (429, Grade::Inconclusive, "limits the request rate"),
            (200, Grade::Failed, "the handler "),
            (204, Grade::Failed, "the handler "),
            (500, Grade::Failed, "crashes on input that anyone can send"),
            (501, Grade::Failed, "crashes on input that anyone can send"),
            (502, Grade::Failed, "the app, or a proxy in front of it, is unavailable"),
            (503, Grade::Failed, "the app, or a proxy in front of it, is unavailable"),
            (504, Grade::Failed, "the app, or a proxy in front of it, is unavailable"),
        ] {
            for terms in [ACCEPTED, INTERCEPTOR] {
                let Finding { grade: found, sentence, next_step } = assessed_by(terms, rehearsal, &[status]);
                assert_eq!(found, grade, "{rehearsal:?} {status}");
                assert!(
                    sentence.contains(" to request 0") && sentence.contains(part),
                    "{rehearsal:?} {status}: {sentence}"
                );
                assert_eq!(next_step.is_none(), grade == Grade::Passed, "{rehearsal:?} {status}");
            }
        }
    }
}

#[test]
fn a_wrongly_accepted_request_names_the_missing_check() {
    for rehearsal in to_be_rejected() {
        let missing = match rehearsal {
            Rehearsal::Expired | Rehearsal::Future => ": the handler does not check the timestamp",
            Rehearsal::MissingHeader => ": the handler accepts requests without that header",
            Rehearsal::OtherId | Rehearsal::OtherTime | Rehearsal::Borrowed => {
                ": the handler does not verify id, timestamp and body together"
            }
            Rehearsal::EmptyEntry | Rehearsal::CutSignature => ": the handler does not compare the whole signature",
            Rehearsal::V1aOnly => ": the handler accepts an entry of a version that it does not verify",
            _ => ": the handler does not verify signatures, so anyone who knows the URL can send it events",
        };
        for terms in [ACCEPTED, NOT_ACCEPTED] {
            let found = assessed_by(terms, rehearsal, &[200]);
            assert_eq!(found.sentence, format!("the app responded 200 to request 0{missing}"));
        }
    }
}

#[test]
fn rejections_prove_nothing_if_a_valid_event_is_not_accepted() {
    for rehearsal in to_be_rejected() {
        for status in [401, 400, 422, 302, 404, 405] {
            let found = assessed_by(NOT_ACCEPTED, rehearsal, &[status]);
            let sentence = format!(
                "the app responded {status} to request 0, which rejects it, but the app did not accept a valid event either"
            );
            assert_eq!(found, Finding { grade: Grade::Inconclusive, sentence, next_step: None });
        }
        assert_eq!(assessed_by(NOT_ACCEPTED, rehearsal, &[500]).grade, Grade::Failed, "{rehearsal:?}");
    }
    assert_eq!(assessed_by(NOT_ACCEPTED, Rehearsal::MissingHeader, &[401, 200, 401]).grade, Grade::Failed);
}

#[test]
fn an_acceptance_passes_only_with_2xx() {
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
            for terms in [ACCEPTED, NOT_ACCEPTED, CRASHED] {
                let is_alike = match status {
                    429 => false,
                    500.. => terms == CRASHED,
                    _ => terms != ACCEPTED,
                };
                let is_explained = is_alike && rehearsal != Rehearsal::Control && status >= 300;
                let is_overrun = rehearsal.group() == Group::Bursts && status == 429 && terms == ACCEPTED;
                let grade = match grade {
                    _ if is_explained => Grade::Inconclusive,
                    _ if is_overrun => Grade::Warned,
                    grade => grade,
                };
                let found = assessed_by(terms, rehearsal, &[200, status, 200]);
                assert_eq!(found.grade, grade, "{rehearsal:?} {status} {terms:?}");
                let is_done = grade == Grade::Passed || is_explained;
                assert_eq!(found.next_step.is_none(), is_done, "{rehearsal:?} {status} {terms:?}");
                assert_eq!(found.sentence.contains(" to request 1"), status >= 300, "{}", found.sentence);
            }
        }
    }
}

#[test]
fn denying_a_forged_interceptor_is_a_warning_and_allowing_it_a_failure() {
    for (terms, decision, grade) in [
        (INTERCEPTOR, Some(Decided::Deny), Grade::Warned),
        (INTERCEPTOR, Some(Decided::Allow), Grade::Failed),
        (INTERCEPTOR, None, Grade::Failed),
        (ACCEPTED, Some(Decided::Deny), Grade::Failed),
    ] {
        for rehearsal in to_be_rejected() {
            let found = assess(rehearsal, terms, &[Outcome { decision, ..Outcome::new("it", Ending::Responded(200)) }]);
            assert_eq!(found.grade, grade, "{rehearsal:?} {decision:?}");
            assert_eq!(found.sentence.starts_with("the app responded 200 to it with `DENY`"), grade == Grade::Warned);
            assert_eq!(
                found.next_step.is_some_and(|step| step.starts_with("respond 401 when")),
                grade == Grade::Warned
            );
        }
    }
}

#[test]
fn an_interceptor_needs_a_200_with_a_decision() {
    for rehearsal in to_be_accepted() {
        for (status, has_decision, wrong) in [
            (200, true, None),
            (200, false, Some(" without a decision")),
            (201, false, Some(" without a decision")),
            (201, true, Some(" with a decision, which counts only with 200")),
        ] {
            let found = connected(INTERCEPTOR, rehearsal, Ending::Responded(status), 1, has_decision);
            let expected = match wrong {
                None => format!("the app responded {status} to it"),
                Some(wrong) => {
                    format!("the app responded {status} to it{wrong}: {BLOCKED}")
                }
            };
            assert_eq!(found.sentence, expected);
            assert_eq!(found.grade, if wrong.is_none() { Grade::Passed } else { Grade::Failed });
            let is_advised =
                found.next_step.is_some_and(|step| step.starts_with("respond 200 with `{\"decision\":\"ALLOW\"}`"));
            assert_eq!(is_advised, wrong.is_some(), "{:?}", found.next_step);
        }
    }
    let rejected = connected(INTERCEPTOR, Rehearsal::Control, Ending::Responded(401), 1, false);
    assert_eq!(rejected.sentence, format!("the app responded 401 to it, which is not a decision: {BLOCKED}"));
}

#[test]
fn using_half_of_the_time_limit_is_a_warning_and_all_of_it_a_failure() {
    const SECOND: u64 = 1_000_000;
    for (terms, total_us, grade, remark) in [
        (ACCEPTED, 5 * SECOND, Grade::Passed, ""),
        (ACCEPTED, 5 * SECOND + 1, Grade::Warned, " after 5 s of the provider's 10 s"),
        (ACCEPTED, 9 * SECOND, Grade::Warned, " after 9 s of the provider's 10 s"),
        (INTERCEPTOR, SECOND, Grade::Passed, ""),
        (INTERCEPTOR, 2 * SECOND, Grade::Warned, " after 2 s of the provider's 3 s"),
        (
            INTERCEPTOR,
            4 * SECOND,
            Grade::Failed,
            " after 4 s of the provider's 3 s: the flow that waits for it, such as a login, is blocked (FAIL_CLOSED) or continues \
             unchecked (FAIL_OPEN)",
        ),
    ] {
        for rehearsal in to_be_accepted() {
            let found = connected(terms, rehearsal, Ending::Responded(200), total_us, true);
            let is_plain = rehearsal.group() != Group::TriggerPoints;
            assert!(is_plain && found.grade == grade, "{rehearsal:?} {found:?}");
            assert_eq!(found.sentence, format!("the app responded 200 to it{remark}"));
            assert_eq!(found.next_step.is_some_and(|step| step.contains("the sooner the better")), !remark.is_empty());
        }
        let rejected = connected(terms, Rehearsal::Expired, Ending::Responded(401), total_us, false);
        assert_eq!(rejected.grade, Grade::Passed, "the time of a rejection does not matter");
    }
}

#[test]
fn a_redirect_of_a_valid_event_is_not_followed() {
    let to = |location: Option<&str>| Outcome {
        location: location.map(str::to_owned),
        ..Outcome::new("it", Ending::Responded(302))
    };
    let login = assess(Rehearsal::Control, NOT_ACCEPTED, &[to(Some("/login?next=%2Fhooks"))]);
    assert!(login.sentence.ends_with("a guard stopped the request before the handler ran"), "{login:?}");
    assert!(login.next_step.unwrap().starts_with("exempt the webhook's path"), "{login:?}");
    let found = assess(Rehearsal::Control, NOT_ACCEPTED, &[to(Some("/moved"))]);
    assert_eq!(
        found.sentence,
        "the app responded 302 to it, a redirect to `/moved` instead of a 2xx: the provider counts it as failed and retries"
    );
    assert!(found.next_step.unwrap().starts_with("use the final URL"));
    let nowhere = assess(Rehearsal::Control, NOT_ACCEPTED, &[to(None)]);
    assert_eq!(
        nowhere.sentence,
        "the app responded 302 to it, a redirect instead of a 2xx: the provider counts it as failed and retries"
    );
}

#[test]
fn an_unknown_object_is_distinguished_from_a_wrong_path() {
    for status in [404, 405] {
        for terms in [ACCEPTED, NOT_ACCEPTED] {
            let found = assessed_by(terms, Rehearsal::Control, &[status]);
            assert!(found.sentence.ends_with("no handler at this path"), "{}", found.sentence);
        }
    }
    let unknown = assessed(Rehearsal::OutOfOrder, &[404, 404, 404]);
    assert!(unknown.sentence.ends_with("had to exist already"), "{}", unknown.sentence);
    assert!(unknown.next_step.unwrap().contains("create it from an update"));
    let nowhere = assessed_by(NOT_ACCEPTED, Rehearsal::OutOfOrder, &[404, 404, 404]);
    assert!(nowhere.sentence.ends_with("did not accept a plain valid event either"), "{}", nowhere.sentence);
    assert!(
        assessed(Rehearsal::TenTimes, &[200, 404]).sentence.ends_with("request 1, which does not count as delivered")
    );
}

#[test]
fn the_worst_outcome_decides_and_is_named_with_those_alike() {
    for (statuses, grade, first) in [
        (&[401, 200, 500][..], Grade::Failed, "the app responded 200 to request 1"),
        (&[401, 500, 200], Grade::Failed, "the app responded 500 to request 1"),
        (
            &[200, 401, 200],
            Grade::Failed,
            "the app responded 200 to request 0 and request 2: the handler accepts requests without those headers",
        ),
        (&[500, 500, 401], Grade::Failed, "the app responded 500 to request 0 and request 1"),
        (&[422, 401, 429], Grade::Inconclusive, "the app responded 429 to request 2"),
        (&[401, 422, 400], Grade::Warned, "the app responded 422 to request 1"),
        (&[401, 401, 401], Grade::Passed, "the app rejected all 3"),
        (&[401, 400, 401], Grade::Passed, "the app rejected all 3; the guide recommends 401"),
    ] {
        let found = assessed(Rehearsal::MissingHeader, statuses);
        assert_eq!(found.grade, grade, "{statuses:?}");
        assert!(found.sentence.starts_with(first), "{}", found.sentence);
    }
}

#[test]
fn a_valid_event_that_alone_is_rejected_names_the_likely_mistake() {
    for rehearsal in to_be_accepted().filter(|each| matches!(each.group(), Group::Content | Group::Headers)) {
        for status in [400, 401, 413, 422, 500] {
            let found = assessed(rehearsal, &[status]);
            let suspicion = suspicion(rehearsal).unwrap();
            assert_eq!(found.sentence, format!("the app responded {status} to request 0: {suspicion}"));
            assert_eq!(found.grade, Grade::Failed);
            assert!(found.next_step.is_some_and(|step| !step.starts_with("check the app's log")), "{rehearsal:?}");
        }
    }
}

#[test]
fn another_secret_is_shown_and_not_judged() {
    for (status, remark) in [(201, ", so it knows"), (401, ", so it does not know"), (400, ", so it does not know")] {
        let found = assessed(Rehearsal::OtherSecret, &[status]);
        assert_eq!((found.grade, found.next_step), (Grade::Shown, None));
        assert!(found.sentence.contains(remark), "{}", found.sentence);
    }
    assert_eq!(assessed(Rehearsal::OtherSecret, &[500]).grade, Grade::Failed);
}

#[test]
fn the_form_of_a_decision_is_checked_and_other_trigger_points_are_shown() {
    let own = Terms { trigger_point: Some(Rehearsal::PreSignup), ..INTERCEPTOR };
    let with = |rehearsal, decision, shape| {
        let outcome = Outcome { decision: Some(decision), shape, ..Outcome::new("it", Ending::Responded(200)) };
        assess(rehearsal, own, &[outcome])
    };
    let claims = Shape { extra: Extra::Claims { is_object: true }, ..Shape::default() };
    let message = Shape { has_message: true, ..Shape::default() };
    for (rehearsal, decision, shape, grade) in [
        (Rehearsal::Control, Decided::Allow, Shape::default(), Grade::Passed),
        (Rehearsal::Control, Decided::Deny, message, Grade::Passed),
        (Rehearsal::Control, Decided::Deny, Shape::default(), Grade::Warned),
        (Rehearsal::PreSignup, Decided::Allow, claims, Grade::Warned),
        (Rehearsal::PreSession, Decided::Allow, claims, Grade::Passed),
    ] {
        let found = with(rehearsal, decision, shape);
        assert_eq!(found.grade, grade, "{rehearsal:?} {decision:?}");
        assert_eq!(found.next_step.is_some(), grade == Grade::Warned);
    }
    for (status, own_grade) in [(200, Grade::Failed), (404, Grade::Failed), (401, Grade::Failed)] {
        let other = assessed_by(own, Rehearsal::PreSession, &[status]);
        assert_eq!((other.grade, other.next_step), (Grade::Shown, None));
        assert!(other.sentence.ends_with("it probably serves other trigger points only"), "{}", other.sentence);
        assert_eq!(assessed_by(own, Rehearsal::PreSignup, &[status]).grade, own_grade);
    }
}

#[test]
fn an_app_that_died_is_a_failure_at_the_request_that_it_died_at() {
    for rehearsal in Rehearsal::ALL {
        let killed = Outcome { has_killed: true, ..Outcome::new("it", Ending::Failed(Reset)) };
        let found = assess(rehearsal, ACCEPTED, &[killed]);
        assert_eq!(found.grade, Grade::Failed);
        assert!(found.sentence.starts_with("the app died at it (reset)"), "{}", found.sentence);
        assert!(found.next_step.unwrap().starts_with("catch every exception"));
    }
}

#[test]
fn every_connection_failure_has_a_next_step() {
    for (kind, part) in [
        (Resolve, "check the host"),
        (Refused, "start the app"),
        (TimedOut, "accepts connections"),
        (Reset, "the app's log"),
        (Tls, "with `http://`"),
        (Garbled, "did not respond in HTTP"),
        (Loop, "leads back to hookglass"),
    ] {
        let found = assess(Rehearsal::Control, NOT_ACCEPTED, &outcomes(&[Ending::Failed(kind)]));
        assert!(found.next_step.unwrap().contains(part), "{kind}: {:?}", found.next_step);
    }
    for (terms, part) in [(ACCEPTED, "within 10 s"), (INTERCEPTOR, "within 3 s")] {
        let found = connected(terms, Rehearsal::Control, Ending::Failed(TimedOut), 1, false);
        assert!(found.next_step.unwrap().contains(part), "{:?}", found.next_step);
    }
}

#[test]
fn an_incomplete_response_is_a_failure() {
    for rehearsal in Rehearsal::ALL {
        for kind in [TimedOut, Reset, Garbled] {
            let found = connected(ACCEPTED, rehearsal, Ending::Failed(kind), 1, false);
            assert_eq!(found.grade, Grade::Failed, "{rehearsal:?} {kind}");
            assert!(
                found.sentence.starts_with(&format!("no complete response to it ({kind}): ")),
                "{}",
                found.sentence
            );
            let is_told_to_reject = found.next_step.unwrap().starts_with("respond 401");
            assert_eq!(is_told_to_reject, rehearsal.must_be_rejected());
        }
    }
}

#[test]
fn without_a_connection_a_rehearsal_is_inconclusive() {
    for rehearsal in Rehearsal::ALL {
        for kind in [Resolve, Refused, TimedOut, Reset] {
            let found = assess(rehearsal, ACCEPTED, &outcomes(&[Ending::Failed(kind)]));
            assert_eq!(found.grade, Grade::Inconclusive, "{rehearsal:?} {kind}");
            assert!(found.sentence.starts_with(&format!("no response to request 0 ({kind})")), "{}", found.sentence);
        }
        for kind in [Tls, Loop, Cancelled] {
            let found = connected(ACCEPTED, rehearsal, Ending::Failed(kind), 1, false);
            assert_eq!(found.grade, Grade::Inconclusive, "{rehearsal:?} {kind}");
        }
        assert_eq!(assess(rehearsal, ACCEPTED, &[]).grade, Grade::Inconclusive);
    }
    // A response before that still counts.
    let broken = outcomes(&[Ending::Responded(200), Ending::Failed(Refused)]);
    assert_eq!(assess(Rehearsal::MissingHeader, ACCEPTED, &broken).grade, Grade::Failed);
}
