//! One request of a rehearsal that has ended: of its answer what a verdict on the handler is found by.

use crate::core::delivery::{Ending, Failure, Response, Timing};
use crate::core::overrides::{Decided, decision_in};

/// One request of a rehearsal, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it was, as the subject of a sentence: see [`Staged`](crate::core::rehearsal::Staged).
    pub what: String,
    pub ending: Ending,
    pub timing: Timing,
    /// The decision in its body.
    pub decision: Option<Decided>,
    /// The place to which a redirect leads, safe to show.
    pub location: Option<String>,
}

impl Outcome {
    /// With nothing to be told but how it ended.
    pub fn new(what: impl Into<String>, ending: Ending) -> Self {
        Self { what: what.into(), ending, timing: Timing::default(), decision: None, location: None }
    }

    pub fn of(what: impl Into<String>, outcome: &Result<Response, Failure>, timing: Timing) -> Self {
        let answer = outcome.as_ref().ok();
        let decision = answer.and_then(|answer| decision_in(&answer.body));
        let location = answer.and_then(Response::location);
        Self { timing, decision, location, ..Self::new(what, Ending::of(outcome)) }
    }
}

/// What they were and how they ended, for one sentence: `one, another and a third`, and of equal endings in a row one.
pub(super) fn together(alike: &[&Outcome]) -> (String, String) {
    let mut endings: Vec<_> = alike.iter().map(|answered| answered.ending.to_string()).collect();
    endings.dedup();
    (listed(alike.iter().map(|answered| answered.what.clone()).collect()), listed(endings))
}

fn listed(mut texts: Vec<String>) -> String {
    match texts.pop() {
        Some(last) if !texts.is_empty() => format!("{} and {last}", texts.join(", ")),
        last => last.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness;
    use bytes::Bytes;

    #[test]
    fn of_an_answer_its_decision_and_the_place_it_leads_to_are_kept() {
        let answer = |status, headers: &[(&str, &str)], body: &'static str| {
            let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
            let (headers, body) = (headers.collect(), Bytes::from_static(body.as_bytes()));
            Ok(Response { status, headers, body, completeness: Completeness::Whole })
        };
        let decided = Outcome::of("it", &answer(200, &[], r#"{"decision":"ALLOW"}"#), Timing::default());
        assert_eq!(decided, Outcome { decision: Some(Decided::Allow), ..Outcome::new("it", Ending::Responded(200)) });
        let timing = Timing { connected_us: Some(1), first_byte_us: Some(2), total_us: 3 };
        let moved = Outcome::of("it", &answer(308, &[("LOCATION", "/a\u{1b}[2J")], ""), timing);
        let location = Some("/a␛[2J".to_owned());
        assert_eq!(moved, Outcome { timing, location, ..Outcome::new("it", Ending::Responded(308)) });
    }
    #[test]
    fn several_are_told_in_one_sentence() {
        let [one, two, three] =
            [("a", 200), ("b", 200), ("c", 204)].map(|(what, status)| Outcome::new(what, Ending::Responded(status)));
        let told = |alike: &[&Outcome]| {
            let (what, ending) = together(alike);
            format!("{what}: {ending}")
        };
        assert_eq!(told(&[&one]), "a: 200");
        assert_eq!(told(&[&one, &two]), "a and b: 200");
        assert_eq!(told(&[&one, &two, &three]), "a, b and c: 200 and 204");
    }
}
