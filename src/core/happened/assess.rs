//! How far an event got: not at all, to hookglass, or to the app, and when.

use super::Entry;
use crate::core::delivery::{Doubt, Ending};
use crate::core::event::Seq;
use crate::core::occurred::delay;
use crate::core::provider::{is_trigger_point, time_limit};
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use crate::core::times::in_words;
use jiff::Timestamp;
use serde::Serialize;

/// How far an event got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Missing,
    Refused,
    Late,
    Handled,
    /// It did not arrive, but no webhook has its type.
    Unsent,
}

/// A request that arrived for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub response: ResponseState,
    /// Without rehearsals, which say nothing about the event.
    pub deliveries: Vec<Handled>,
}

/// How a delivery to the app ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handled {
    pub ended_at: Timestamp,
    pub ending: Ending,
    pub doubt: Option<Doubt>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub state: State,
    /// Why it is not [`State::Handled`]; empty if that is plain.
    pub why: String,
}

impl Outcome {
    fn new(state: State, why: impl Into<String>) -> Self {
        Self { state, why: why.into() }
    }
}

/// How far `entry` got, with all requests that arrived for it, the oldest first. `has_arrived`: whether any event of its type ever did.
pub(crate) fn assess(entry: &Entry, arrived: &[Arrived], has_arrived: bool) -> Outcome {
    let Some(last) = arrived.last() else {
        return Outcome::new(if entry.is_webhook() || has_arrived { State::Missing } else { State::Unsent }, "");
    };
    let is_genuine = |each: &&Arrived| matches!(each.verdict, Verdict::Verified | Verdict::Unchecked);
    let genuine: Vec<_> = arrived.iter().filter(is_genuine).collect();
    if genuine.is_empty() {
        let reason = last.reason.as_deref().unwrap_or(last.verdict.as_str());
        return Outcome::new(State::Refused, format!("the signature did not verify: {reason}"));
    }
    let deliveries = genuine.iter().flat_map(|each| &each.deliveries);
    let accepted = deliveries.clone().filter(|each| each.ending.is_delivered() && is_success(each.doubt));
    let in_time = accepted.clone().filter(|each| each.doubt.is_none()).min_by_key(|each| each.ended_at);
    if let Some(first) = in_time {
        return at(entry, first.ended_at, "your app accepted it");
    }
    if accepted.clone().next().is_some() {
        let is_interceptor = entry.event_type.as_deref().is_some_and(is_trigger_point);
        let limit = in_words(time_limit(is_interceptor));
        return Outcome::new(State::Late, format!("your app responded after the provider's time limit of {limit}"));
    }
    if let Some(failed) = deliveries.max_by_key(|each| each.ended_at) {
        return Outcome::new(State::Refused, refusal(failed, last.verdict));
    }
    // Without a delivery, hookglass alone responded.
    let responded =
        genuine.iter().find(|each| each.response.status().is_none_or(|status| (200..300).contains(&status)));
    match responded {
        Some(each) => at(entry, each.received_at, "it arrived"),
        None => Outcome::new(State::Refused, format!("hookglass {}", last.response)),
    }
}

/// Whether a 2xx with this doubt means that the app has the event.
fn is_success(doubt: Option<Doubt>) -> bool {
    matches!(doubt, None | Some(Doubt::Late))
}

fn refusal(failed: &Handled, verdict: Verdict) -> String {
    match (failed.doubt, failed.ending) {
        (Some(doubt), _) => doubt.sentence(verdict).to_owned(),
        (None, Ending::Responded(status)) => format!("your app responded {status}"),
        (None, Ending::Failed(kind)) => format!("the delivery failed: {kind}"),
    }
}

fn at(entry: &Entry, time: Timestamp, what: &str) -> Outcome {
    match entry.occurred_at.and_then(|occurred_at| delay(occurred_at, time)) {
        Some(delay) => Outcome::new(State::Late, format!("{what} {} after it happened", in_words(delay))),
        None => Outcome::new(State::Handled, ""),
    }
}
