//! The outcome of one request of a rehearsal: what is needed of the response to assess the handler.

use super::shape::Shape;
use crate::core::delivery::{Cause, Ending, Failure, Response, Timing, says_failed};
use crate::core::provider::{Decided, decision_in};

/// The outcome of one request of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the request was, as a noun phrase: see [`Staged`](crate::core::rehearsal::Staged).
    pub what: String,
    pub ending: Ending,
    pub timing: Timing,
    /// The decision in the body of the response.
    pub decision: Option<Decided>,
    /// What comes with the decision.
    pub shape: Shape,
    /// The `Location` of a redirect, safe to show.
    pub location: Option<String>,
    /// Whether the body says that the request failed, whatever the status says.
    pub says_failure: bool,
    /// Why the app did not accept the request, the most likely cause first. Known of the control only.
    pub explained: Vec<Cause>,
    /// Whether the app died at this request.
    pub has_killed: bool,
}

impl Outcome {
    /// An outcome with nothing but its ending.
    pub fn new(what: impl Into<String>, ending: Ending) -> Self {
        Self {
            what: what.into(),
            ending,
            timing: Timing::default(),
            decision: None,
            shape: Shape::default(),
            location: None,
            says_failure: false,
            explained: Vec::new(),
            has_killed: false,
        }
    }

    pub fn of(what: impl Into<String>, outcome: &Result<Response, Failure>, timing: Timing) -> Self {
        let response = outcome.as_ref().ok();
        let decision = response.and_then(|response| decision_in(&response.body));
        Self {
            timing,
            decision,
            shape: response.map(|response| Shape::of(&response.body)).unwrap_or_default(),
            location: response.and_then(Response::location),
            says_failure: response.is_some_and(says_failed),
            ..Self::new(what, Ending::of(outcome))
        }
    }
}

/// What the requests were and how they ended, as two lists for one sentence. Equal endings in a row are listed once.
pub(super) fn together(alike: &[&Outcome]) -> (String, String) {
    let mut endings: Vec<_> = alike.iter().map(|outcome| outcome.ending.to_string()).collect();
    endings.dedup();
    let what: Vec<_> = alike.iter().map(|outcome| outcome.what.as_str()).collect();
    (listed(&what), listed(&endings))
}

/// `a, b and c`.
pub(super) fn listed(texts: &[impl AsRef<str>]) -> String {
    let texts: Vec<_> = texts.iter().map(AsRef::as_ref).collect();
    match texts.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        last => last.map(|(last, _)| (*last).to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness;
    use bytes::Bytes;

    #[test]
    fn an_outcome_has_the_decision_and_the_location_of_the_response() {
        let response = |status, headers: &[(&str, &str)], body: &'static str| {
            let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
            let (headers, body) = (headers.collect(), Bytes::from_static(body.as_bytes()));
            Ok(Response { status, headers, body, completeness: Completeness::Whole })
        };
        let decided = Outcome::of("it", &response(200, &[], r#"{"decision":"ALLOW"}"#), Timing::default());
        assert_eq!(decided, Outcome { decision: Some(Decided::Allow), ..Outcome::new("it", Ending::Responded(200)) });
        let timing = Timing { connected_us: Some(1), first_byte_us: Some(2), total_us: 3 };
        let moved = Outcome::of("it", &response(308, &[("LOCATION", "/a\u{1b}[2J")], ""), timing);
        let location = Some("/a␛[2J".to_owned());
        assert_eq!(moved, Outcome { timing, location, ..Outcome::new("it", Ending::Responded(308)) });
    }

    #[test]
    fn several_requests_share_one_sentence() {
        let [one, two, three] =
            [("a", 200), ("b", 200), ("c", 204)].map(|(what, status)| Outcome::new(what, Ending::Responded(status)));
        let listed = |alike: &[&Outcome]| {
            let (what, ending) = together(alike);
            format!("{what}: {ending}")
        };
        assert_eq!(listed(&[&one]), "a: 200");
        assert_eq!(listed(&[&one, &two]), "a and b: 200");
        assert_eq!(listed(&[&one, &two, &three]), "a, b and c: 200 and 204");
    }
}
