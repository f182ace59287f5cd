//! Assesses the handler by its responses to a rehearsal, in words.

use crate::core::delivery::Ending;
use crate::core::provider::{share_of_time_limit, time_limit};
use crate::core::rehearsal::advice::{next_step, suspicion};
use crate::core::rehearsal::grade::{Finding, Grade};
use crate::core::rehearsal::kind::Rehearsal;
use crate::core::rehearsal::outcome::{Outcome, together};
use crate::core::rehearsal::reaction::{Reaction, Terms};
use crate::core::rehearsal::table::Expectation;

/// Assesses `outcomes`, one for each request of `rehearsal` in the order sent. Without any, the rehearsal was not tried.
///
/// The grade is that of the worst outcome. The sentence describes the first one with that grade. If the requests were to be
/// rejected, it also names all others with the same reaction, because each of them is a different request.
pub(crate) fn assess(rehearsal: Rehearsal, terms: Terms, outcomes: &[Outcome]) -> Finding {
    let expectation = rehearsal.expectation(terms.family);
    let reaction_to = |outcome: &Outcome| Reaction::of(rehearsal, terms, outcome);
    let graded = outcomes.iter().map(|outcome| {
        let reaction = reaction_to(outcome);
        (reaction.grade(expectation), reaction, outcome)
    });
    let worst = graded.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
    let Some((grade, reaction, outcome)) = worst else {
        let sentence = "not tried: the valid event got no response".to_owned();
        return Finding { grade: Grade::Inconclusive, sentence, next_step: None };
    };
    let sentence = match (grade, outcomes) {
        (Grade::Passed, [_, _, ..]) => passed_sentence(rehearsal, outcomes),
        _ if expectation == Expectation::Rejected => {
            let alike: Vec<_> = outcomes.iter().filter(|outcome| reaction_to(outcome) == reaction).collect();
            to_be_rejected(rehearsal, reaction, &alike)
        }
        _ => to_be_accepted(rehearsal, expectation, reaction, outcome),
    };
    Finding { grade, sentence, next_step: next_step(rehearsal, terms, reaction) }
}

/// The sentence for several requests that all got the right response.
fn passed_sentence(rehearsal: Rehearsal, outcomes: &[Outcome]) -> String {
    let count = outcomes.len();
    match rehearsal {
        Rehearsal::TwiceAtOnce => "the app accepted both; check its data to see that it acted only once".to_owned(),
        Rehearsal::TenTimes => format!("the app accepted all {count}; check its data to see that it acted only once"),
        _ if !rehearsal.must_be_rejected() => format!("the app accepted all {count}"),
        _ => {
            let is_advised = outcomes.iter().all(|outcome| outcome.ending == Ending::Responded(401));
            format!("the app rejected all {count}{}", if is_advised { "" } else { "; the guide recommends 401" })
        }
    }
}

/// `alike` are outcomes, at least one, that share one sentence.
fn to_be_rejected(rehearsal: Rehearsal, reaction: Reaction, alike: &[&Outcome]) -> String {
    let (what, ending) = together(alike);
    let (it, header) = if alike.len() == 1 { ("it", "that header") } else { ("them", "those headers") };
    let is_advised = alike.iter().all(|outcome| outcome.ending == Ending::Responded(401));
    let remark = match reaction {
        Reaction::NoResponse(_) => return format!("no response to {what} ({ending}), so this proves nothing"),
        Reaction::BrokenOff(_) => {
            return format!("no complete response to {what} ({ending}): the handler must reject {it}, not give up");
        }
        Reaction::Accepted => match rehearsal {
            Rehearsal::Expired | Rehearsal::Future => ": the handler does not check the timestamp".to_owned(),
            Rehearsal::MissingHeader => format!(": the handler accepts requests without {header}"),
            Rehearsal::OtherId | Rehearsal::OtherTime | Rehearsal::Borrowed => {
                ": the handler does not verify id, timestamp and body together".to_owned()
            }
            Rehearsal::EmptyEntry | Rehearsal::CutSignature => {
                ": the handler does not compare the whole signature".to_owned()
            }
            Rehearsal::V1aOnly => ": the handler accepts an entry of a version that it does not verify".to_owned(),
            _ => ": the handler does not verify signatures, so anyone who knows the URL can send it events".to_owned(),
        },
        Reaction::Died => return died(&what, &ending),
        Reaction::Rejected if is_advised => String::new(),
        Reaction::Rejected => format!(", which rejects {it}; the guide recommends 401"),
        Reaction::Denied => {
            " with `DENY`, as a handler that denies everyone would; the guide recommends 401".to_owned()
        }
        Reaction::RejectedAnyway => format!(", which rejects {it}, but the app did not accept a valid event either"),
        Reaction::Throttled => THROTTLED.to_owned(),
        Reaction::Unavailable => UNAVAILABLE.to_owned(),
        Reaction::Crashed => ": the handler crashes on input that anyone can send".to_owned(),
        _ => format!(", which rejects {it} but means something else; the guide recommends 401"),
    };
    format!("the app responded {ending} to {what}{remark}")
}

fn died(what: &str, ending: &str) -> String {
    format!("the app died at {what} ({ending}), or a development server restarted at that moment")
}

fn to_be_accepted(rehearsal: Rehearsal, expectation: Expectation, reaction: Reaction, outcome: &Outcome) -> String {
    let Outcome { what, ending, timing, decision, location, .. } = outcome;
    let is_event = expectation != Expectation::Decided;
    let suspicion = suspicion(rehearsal);
    let consequence = if is_event { "the provider counts it as failed and retries" } else { BLOCKED };
    let share = || share_of_time_limit(timing.total(), time_limit(!is_event));
    let remark = match reaction {
        Reaction::NoResponse(_) => return format!("no response to {what} ({ending}): {consequence}"),
        Reaction::BrokenOff(_) => return format!("no complete response to {what} ({ending}): {consequence}"),
        Reaction::Died => return died(what, &ending.to_string()),
        Reaction::Accepted => String::new(),
        Reaction::Misshapen(flaw) => flaw.remark().to_owned(),
        Reaction::Either if ending.is_delivered() => ", so it knows this secret as well".to_owned(),
        Reaction::Either => ", so it does not know this secret, or not any more".to_owned(),
        Reaction::OtherPoint => ": it probably serves other trigger points only".to_owned(),
        Reaction::FailedAnyway => ", but the app did not accept a plain valid event either".to_owned(),
        Reaction::Overrun => {
            format!(", which limits the rate of requests that the provider sends at once: {consequence}")
        }
        Reaction::Slow => format!(" after {}", share()),
        Reaction::Late => format!(" after {}: {consequence}", share()),
        Reaction::Undecided if decision.is_some() => {
            format!(" with a decision, which counts only with 200: {consequence}")
        }
        Reaction::Undecided => format!(" without a decision: {consequence}"),
        Reaction::Throttled => THROTTLED.to_owned(),
        Reaction::Redirected => {
            let location = location.as_ref().map(|location| format!(" to `{location}`")).unwrap_or_default();
            format!(", a redirect{location} instead of a 2xx: {consequence}")
        }
        Reaction::SentToLogin => {
            let location = location.as_deref().unwrap_or_default();
            format!(", a redirect to the log-in page `{location}`: a guard stopped the request before the handler ran")
        }
        Reaction::Nowhere => ": there is probably no handler at this path".to_owned(),
        Reaction::UnknownObject => ", as if the object had to exist already".to_owned(),
        Reaction::Unavailable => UNAVAILABLE.to_owned(),
        Reaction::Crashed | Reaction::Rejected | Reaction::RejectedOtherwise if suspicion.is_some() => {
            format!(": {}", suspicion.unwrap_or_default())
        }
        Reaction::Crashed if is_event => ": the handler crashes on a valid event".to_owned(),
        Reaction::Crashed => ": the handler crashes on a valid request".to_owned(),
        _ if is_event => ", which does not count as delivered".to_owned(),
        _ => format!(", which is not a decision: {consequence}"),
    };
    format!("the app responded {ending} to {what}{remark}")
}

const BLOCKED: &str =
    "the flow that waits for it, such as a login, is blocked (FAIL_CLOSED) or continues unchecked (FAIL_OPEN)";
const THROTTLED: &str = ": the app limits the request rate, so this proves nothing";
const UNAVAILABLE: &str = ": the app, or a proxy in front of it, is unavailable";

#[cfg(test)]
mod tests;
