//! What the answers to a rehearsal say of the handler, in words.

use crate::core::delivery::Ending;
use crate::core::overrides::{patience_us, share_of_patience};
use crate::core::rehearsal::advice::next_step;
use crate::core::rehearsal::grade::{Finding, Grade};
use crate::core::rehearsal::outcome::{Outcome, together};
use crate::core::rehearsal::reaction::{Reaction, Terms};
use crate::core::rehearsal::table::{Expectation, Rehearsal};

/// Judges the answers to `rehearsal`, in the order in which its requests were sent: as good as the worst of them, and the first of
/// the worst is told; of what is to be refused with all that are alike, for each is another request. Without any it was not tried.
pub fn judge(rehearsal: Rehearsal, terms: Terms, answers: &[Outcome]) -> Finding {
    let expectation = rehearsal.expectation(terms.family);
    let reaction_to = |answered: &Outcome| Reaction::of(rehearsal, terms, answered);
    let graded = answers.iter().map(|answered| {
        let reaction = reaction_to(answered);
        (reaction.grade(expectation), reaction, answered)
    });
    let worst = graded.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
    let Some((grade, reaction, answered)) = worst else {
        let sentence = "not tried: the valid event got no answer".to_owned();
        return Finding { grade: Grade::Inconclusive, sentence, next_step: None };
    };
    let sentence = match (grade, answers) {
        (Grade::Passed, [_, _, ..]) => passed_sentence(rehearsal, answers),
        _ if expectation == Expectation::Refused => {
            let alike: Vec<_> = answers.iter().filter(|answered| reaction_to(answered) == reaction).collect();
            to_be_refused(rehearsal, reaction, &alike)
        }
        _ => to_be_accepted(expectation, reaction, answered),
    };
    Finding { grade, sentence, next_step: next_step(rehearsal, terms, reaction) }
}

/// What is said where each of several answers is right.
fn passed_sentence(rehearsal: Rehearsal, answers: &[Outcome]) -> String {
    let count = answers.len();
    match rehearsal {
        Rehearsal::TwiceAtOnce => "both were accepted; that it acted once only, the app's data can tell".to_owned(),
        Rehearsal::TenTimes => {
            format!("all {count} were accepted; that it acted once only, the app's data can tell")
        }
        _ if !rehearsal.is_to_be_refused() => format!("all {count} were accepted"),
        _ => {
            let is_advised = answers.iter().all(|answered| answered.ending == Ending::Responded(401));
            format!("all {count} were refused{}", if is_advised { "" } else { "; the guide recommends 401" })
        }
    }
}

/// `alike` are the answers, at least one, that are told together.
fn to_be_refused(rehearsal: Rehearsal, reaction: Reaction, alike: &[&Outcome]) -> String {
    let (what, ending) = together(alike);
    let is_one = alike.len() == 1;
    let (was, it, header) = if is_one { ("was", "it", "that header") } else { ("were", "them", "those headers") };
    let is_advised = alike.iter().all(|answered| answered.ending == Ending::Responded(401));
    let said = match reaction {
        Reaction::NoResponse(_) => return format!("{what} got no answer ({ending}), so nothing can be said"),
        Reaction::BrokenOff(_) => {
            return format!("{what} got no whole answer ({ending}): the handler is to refuse {it}, not to give up");
        }
        Reaction::Accepted => match rehearsal {
            Rehearsal::Expired | Rehearsal::Future => ": the handler does not check the timestamp".to_owned(),
            Rehearsal::MissingHeader => format!(": the handler takes a request without {header}"),
            _ => ": the handler does not verify signatures, so anyone who knows the URL can send it events".to_owned(),
        },
        Reaction::Refused if is_advised => String::new(),
        Reaction::Refused => format!(", which refuses {it}; the guide recommends 401"),
        Reaction::Denied => {
            " with `DENY`, as a handler that denies everybody answers too; the guide recommends 401".to_owned()
        }
        Reaction::RefusedAnyway => format!(", which refuses {it}, but a valid event was not accepted either"),
        Reaction::Throttled => THROTTLED.to_owned(),
        Reaction::Unavailable => UNAVAILABLE.to_owned(),
        Reaction::Crashed => ": the handler crashes on what anyone can send".to_owned(),
        _ => format!(", which refuses {it} but means something else; the guide recommends 401"),
    };
    format!("{what} {was} answered {ending}{said}")
}

fn to_be_accepted(expectation: Expectation, reaction: Reaction, answered: &Outcome) -> String {
    let Outcome { what, ending, timing, decision, location } = answered;
    let is_event = expectation == Expectation::Accepted;
    let outcome = if is_event { "the provider counts it as failed and retries" } else { BLOCKED };
    let share = || share_of_patience(timing.total_us, patience_us(!is_event));
    let said = match reaction {
        Reaction::NoResponse(_) => return format!("{what} got no answer ({ending}): {outcome}"),
        Reaction::BrokenOff(_) => return format!("{what} got no whole answer ({ending}): {outcome}"),
        Reaction::Accepted => String::new(),
        Reaction::Slow => format!(" after {}", share()),
        Reaction::Late => format!(" after {}: {outcome}", share()),
        Reaction::Undecided if decision.is_some() => format!(", and a decision counts with 200 only: {outcome}"),
        Reaction::Undecided => format!(" without a decision: {outcome}"),
        Reaction::Throttled => THROTTLED.to_owned(),
        Reaction::Redirected => {
            let place = location.as_ref().map(|place| format!(" to `{place}`")).unwrap_or_default();
            format!(", a redirect{place}, which is no 2xx: {outcome}")
        }
        Reaction::Nowhere => ": there is probably no handler at this path".to_owned(),
        Reaction::UnknownObject => ", as if what it is about had to be there".to_owned(),
        Reaction::Unavailable => UNAVAILABLE.to_owned(),
        Reaction::Crashed if is_event => ": the handler crashes on a valid event".to_owned(),
        Reaction::Crashed => ": the handler crashes on a valid request".to_owned(),
        _ if is_event => ", which is not delivered".to_owned(),
        _ => format!(", which is no decision: {outcome}"),
    };
    format!("{what} was answered {ending}{said}")
}

const BLOCKED: &str = "what waits for it, as a log-in, is blocked";
const THROTTLED: &str = ": the app limits the rate, so nothing can be said";
const UNAVAILABLE: &str = ": the app, or a proxy before it, is not available";

#[cfg(test)]
mod tests;
