//! What the answers to a rehearsal say of the handler.

use super::grade::{Finding, Grade};
use super::table::{Expectation, Rehearsal};
use crate::core::delivery::{Ending, FailureKind};

/// One request of a rehearsal, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it was, as the subject of a sentence: see [`Staged`](super::Staged).
    pub what: String,
    pub ending: Ending,
}

/// What an ending says, whatever was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    /// 2xx.
    Accepted,
    /// 400, 401 or 403.
    Refused,
    /// Any other 4xx, and what is no final status of HTTP.
    RefusedOtherwise,
    /// 429: so is answered whatever comes too fast.
    Throttled,
    /// 3xx, 404 or 405: what a server says where nobody handles webhooks.
    Elsewhere,
    /// 5xx.
    Crashed,
    NoAnswer(FailureKind),
}

impl Reaction {
    fn of(ending: Ending) -> Self {
        match ending {
            Ending::Answered(200..300) => Self::Accepted,
            Ending::Answered(400 | 401 | 403) => Self::Refused,
            Ending::Answered(429) => Self::Throttled,
            Ending::Answered(300..400 | 404 | 405) => Self::Elsewhere,
            Ending::Answered(500..600) => Self::Crashed,
            Ending::Answered(_) => Self::RefusedOtherwise,
            Ending::Failed(kind) => Self::NoAnswer(kind),
        }
    }

    fn grade(self, expectation: Expectation) -> Grade {
        match (self, expectation) {
            (Self::Throttled | Self::NoAnswer(_), _) => Grade::Unjudged,
            (Self::Elsewhere | Self::Crashed, _) => Grade::Failed,
            (Self::Accepted, Expectation::Accepted) | (Self::Refused, Expectation::Refused) => Grade::Passed,
            (Self::RefusedOtherwise, Expectation::Refused) => Grade::Warned,
            _ => Grade::Failed,
        }
    }
}

/// Judges the answers to `rehearsal`, in the order in which its requests were sent: as good as the worst of them, and the first of
/// the worst is told. Without any it was not tried.
pub fn judge(rehearsal: Rehearsal, answers: &[Answered]) -> Finding {
    let expectation = rehearsal.expectation();
    let graded = answers.iter().map(|answered| {
        let reaction = Reaction::of(answered.ending);
        (reaction.grade(expectation), reaction, answered)
    });
    let worst = graded.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
    let Some((grade, reaction, answered)) = worst else {
        let sentence = "not tried: the valid event got no answer".to_owned();
        return Finding { grade: Grade::Unjudged, sentence, next_step: None };
    };
    let is_unknown_object = rehearsal == Rehearsal::OutOfOrder
        && answered.ending == Ending::Answered(404)
        && answers.iter().any(|other| other.ending != answered.ending);
    let (sentence, next_step) = match (grade, answers) {
        (Grade::Passed, [_, _, ..]) => (passed_sentence(rehearsal, answers), None),
        _ if is_unknown_object => (
            format!("{} was answered 404, as if what it is about had to be there", answered.what),
            Some(
                "answer 2xx also when the object is not there: create it from an update, and take a deletion of it as done",
            ),
        ),
        _ => (sentence(rehearsal, reaction, answered), next_step(rehearsal, reaction)),
    };
    Finding { grade, sentence, next_step }
}

/// What is said where each of several answers is right.
fn passed_sentence(rehearsal: Rehearsal, answers: &[Answered]) -> String {
    let count = answers.len();
    match rehearsal {
        Rehearsal::TwiceAtOnce => "both were answered 2xx; that it acted once only, the app's data can tell".to_owned(),
        Rehearsal::TenTimes => {
            format!("all {count} were answered 2xx; that it acted once only, the app's data can tell")
        }
        _ if rehearsal.expectation() == Expectation::Accepted => format!("all {count} were answered 2xx"),
        _ => {
            let is_advised = answers.iter().all(|answered| answered.ending == Ending::Answered(401));
            format!("all {count} were refused{}", if is_advised { "" } else { "; the guide recommends 401" })
        }
    }
}

fn sentence(rehearsal: Rehearsal, reaction: Reaction, Answered { what, ending }: &Answered) -> String {
    let is_time_only = matches!(rehearsal, Rehearsal::Expired | Rehearsal::Future);
    let said = match (reaction, rehearsal.expectation()) {
        (Reaction::NoAnswer(_), Expectation::Refused) => {
            return format!("{what} got no answer ({ending}), so nothing can be said");
        }
        (Reaction::NoAnswer(_), Expectation::Accepted) => {
            return format!("{what} got no answer ({ending}); the provider would count it as failed and retry");
        }
        (Reaction::Accepted, Expectation::Accepted) => "",
        (Reaction::Accepted, Expectation::Refused) if is_time_only => ": the handler does not check the timestamp",
        (Reaction::Accepted, Expectation::Refused) => {
            ": the handler does not verify signatures, so anyone who knows the URL can send it events"
        }
        (Reaction::Refused, Expectation::Refused) if *ending == Ending::Answered(401) => "",
        (Reaction::Refused, Expectation::Refused) => ", which refuses it; the guide recommends 401",
        (Reaction::RefusedOtherwise, Expectation::Refused) => {
            ", which refuses it but means something else; the guide recommends 401"
        }
        (Reaction::Refused | Reaction::RefusedOtherwise, Expectation::Accepted) => ", which is not delivered",
        (Reaction::Throttled, _) => ": the app limits the rate, so nothing can be said",
        (Reaction::Elsewhere, _) => ": there is probably no handler at this path",
        (Reaction::Crashed, Expectation::Refused) => ": the handler crashes on what anyone can send",
        (Reaction::Crashed, Expectation::Accepted) => ": the handler crashes on a valid event",
    };
    format!("{what} was answered {ending}{said}")
}

/// What to do about it; `None` where nothing is wrong.
fn next_step(rehearsal: Rehearsal, reaction: Reaction) -> Option<&'static str> {
    let expectation = rehearsal.expectation();
    Some(match (reaction, rehearsal) {
        (Reaction::NoAnswer(kind), _) => answering(kind),
        (Reaction::Throttled, _) => "let the app take webhooks faster, or rehearse this alone",
        (Reaction::Elsewhere, _) => {
            "give the URL with the path of the handler, as in `http://localhost:4000/webhooks/scalekit`; redirects are not followed, \
             by the provider neither"
        }
        (Reaction::Accepted, _) if expectation == Expectation::Accepted => return None,
        (Reaction::Refused, _) if expectation == Expectation::Refused => return None,
        (Reaction::RefusedOtherwise, _) if expectation == Expectation::Refused => "answer 401 where verification fails",
        (Reaction::Accepted, Rehearsal::Expired | Rehearsal::Future) => {
            "verify with the SDK, which refuses timestamps more than 300 s off, or compare the timestamp with the clock yourself"
        }
        (Reaction::Accepted, _) => {
            "before anything else verify with the SDK, over the body's raw bytes, and answer 401 when it refuses"
        }
        (Reaction::Crashed, _) if expectation == Expectation::Refused => {
            "catch what the SDK throws and answer 401: a 5xx looks like an outage, and is retried"
        }
        (Reaction::Crashed, Rehearsal::TwiceAtOnce | Rehearsal::TenTimes) => {
            "record the id, under a unique key, together with what the event changes; where it is there already answer 2xx"
        }
        (Reaction::Crashed, Rehearsal::OutOfOrder) => {
            "expect the object to be missing or gone: create it from an update, and take a deletion of it as done"
        }
        (Reaction::Crashed, _) => "look into the app's log for the exception",
        (Reaction::Refused | Reaction::RefusedOtherwise, Rehearsal::Control) => {
            "check that the app has the secret known here and verifies the body's raw bytes, not parsed JSON"
        }
        (Reaction::Refused | Reaction::RefusedOtherwise, Rehearsal::OutOfOrder) => {
            "answer 2xx to every event that verifies, also to types that are not handled and to objects that are not known"
        }
        (Reaction::Refused | Reaction::RefusedOtherwise, _) => {
            "answer 2xx to an id that was dealt with already: the provider sends everything else again"
        }
    })
}

/// What to do so that there is an answer.
fn answering(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Resolve => "check the host of the URL: it has no address",
        FailureKind::Refused => "start the app, and check the port of the URL",
        FailureKind::TimedOut => "answer within 10 s: do slow work after the answer",
        FailureKind::Reset => {
            "look into the app's log for why it closed the connection, as one that wants `https://` does"
        }
        FailureKind::Tls => {
            "begin the URL of a local app with `http://`, or give the app a certificate that this machine trusts"
        }
        FailureKind::Garbled => {
            "check the port of the URL, and its `http://` or `https://`: what listens there does not answer in HTTP"
        }
        FailureKind::Loop => "give the URL of the app: this one leads back to hookglass",
        FailureKind::Cancelled | FailureKind::Other => "start the app, check the URL, and rehearse again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::FailureKind;

    fn answers(endings: &[Ending]) -> Vec<Answered> {
        let answered =
            |(place, ending): (usize, &Ending)| Answered { what: format!("request {place}"), ending: *ending };
        endings.iter().enumerate().map(answered).collect()
    }

    fn judged(rehearsal: Rehearsal, statuses: &[u16]) -> Finding {
        let endings: Vec<_> = statuses.iter().map(|status| Ending::Answered(*status)).collect();
        judge(rehearsal, &answers(&endings))
    }

    fn expecting(expectation: Expectation) -> impl Iterator<Item = Rehearsal> {
        Rehearsal::ALL.into_iter().filter(move |rehearsal| rehearsal.expectation() == expectation)
    }

    #[test]
    fn what_is_to_be_refused_passes_with_401_400_or_403_alone() {
        for rehearsal in expecting(Expectation::Refused) {
            for (status, grade, part) in [
                (401, Grade::Passed, "was answered 401"),
                (400, Grade::Passed, "the guide recommends 401"),
                (403, Grade::Passed, "the guide recommends 401"),
                (422, Grade::Warned, "means something else"),
                (409, Grade::Warned, "means something else"),
                (429, Grade::Unjudged, "limits the rate"),
                (200, Grade::Failed, "the handler does not "),
                (204, Grade::Failed, "the handler does not "),
                (302, Grade::Failed, "no handler at this path"),
                (404, Grade::Failed, "no handler at this path"),
                (405, Grade::Failed, "no handler at this path"),
                (500, Grade::Failed, "crashes on what anyone can send"),
                (503, Grade::Failed, "crashes on what anyone can send"),
            ] {
                let Finding { grade: found, sentence, next_step } = judged(rehearsal, &[status]);
                assert_eq!(found, grade, "{rehearsal:?} {status}");
                assert!(
                    sentence.starts_with("request 0 ") && sentence.contains(part),
                    "{rehearsal:?} {status}: {sentence}"
                );
                assert_eq!(next_step.is_none(), grade == Grade::Passed, "{rehearsal:?} {status}");
            }
        }
    }

    #[test]
    fn an_old_timestamp_accepted_is_another_fault_than_a_signature_not_verified() {
        assert!(judged(Rehearsal::Expired, &[200]).sentence.contains("does not check the timestamp"));
        assert!(judged(Rehearsal::WrongKey, &[200]).sentence.contains("does not verify signatures"));
    }

    #[test]
    fn what_is_to_be_accepted_passes_with_2xx_alone() {
        for rehearsal in expecting(Expectation::Accepted) {
            for (status, grade) in [
                (200, Grade::Passed),
                (202, Grade::Passed),
                (401, Grade::Failed),
                (409, Grade::Failed),
                (429, Grade::Unjudged),
                (301, Grade::Failed),
                (404, Grade::Failed),
                (500, Grade::Failed),
            ] {
                let found = judged(rehearsal, &[200, status, 200]);
                assert_eq!(found.grade, grade, "{rehearsal:?} {status}");
                assert_eq!(found.next_step.is_none(), grade == Grade::Passed, "{rehearsal:?} {status}");
                assert_eq!(found.sentence.starts_with("request 1 "), grade != Grade::Passed, "{}", found.sentence);
            }
        }
    }

    #[test]
    fn an_object_that_is_not_there_yet_is_told_from_a_wrong_path() {
        assert!(judged(Rehearsal::Control, &[404]).sentence.ends_with("no handler at this path"));
        let unknown = judged(Rehearsal::OutOfOrder, &[404, 200, 200]);
        assert!(unknown.sentence.ends_with("had to be there"), "{}", unknown.sentence);
        assert!(unknown.next_step.unwrap().contains("create it from an update"));
        let nowhere = judged(Rehearsal::OutOfOrder, &[404, 404, 404]);
        assert!(nowhere.sentence.ends_with("no handler at this path"), "{}", nowhere.sentence);
    }

    #[test]
    fn the_worst_of_several_decides_and_the_first_of_them_is_told() {
        for (statuses, grade, first) in [
            (&[401, 200, 500][..], Grade::Failed, "request 1 was answered 200"),
            (&[401, 500, 200], Grade::Failed, "request 1 was answered 500"),
            (&[422, 401, 429], Grade::Unjudged, "request 2 was answered 429"),
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
        use FailureKind::{Garbled, Loop, Refused, Reset, Resolve, TimedOut, Tls};
        for (kind, part) in [
            (Resolve, "check the host"),
            (Refused, "start the app"),
            (TimedOut, "within 10 s"),
            (Reset, "the app's log"),
            (Tls, "with `http://`"),
            (Garbled, "does not answer in HTTP"),
            (Loop, "leads back to hookglass"),
        ] {
            let found = judge(Rehearsal::Control, &answers(&[Ending::Failed(kind)]));
            assert!(found.next_step.unwrap().contains(part), "{kind}: {:?}", found.next_step);
        }
    }

    #[test]
    fn without_an_answer_nothing_is_judged() {
        for rehearsal in Rehearsal::ALL {
            let found = judge(rehearsal, &answers(&[Ending::Failed(FailureKind::TimedOut)]));
            assert_eq!(found.grade, Grade::Unjudged, "{rehearsal:?}");
            assert!(found.sentence.starts_with("request 0 got no answer (timed out)"), "{}", found.sentence);
            assert_eq!(judge(rehearsal, &[]).grade, Grade::Unjudged);
        }
        // What it did answer counts all the same.
        let broken = answers(&[Ending::Answered(200), Ending::Failed(FailureKind::Reset)]);
        assert_eq!(judge(Rehearsal::MissingHeader, &broken).grade, Grade::Failed);
    }
}
