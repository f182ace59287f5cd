//! One request of a rehearsal that has ended: of its answer what a verdict on the handler is found by.

use crate::core::answer::is_decision;
use crate::core::delivery::{Answer, Ending, Failure, Timing};
use crate::core::shown::Shown;

/// Columns of the place to which a redirect leads.
const LOCATION_COLUMNS: usize = 120;

/// One request of a rehearsal, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it was, as the subject of a sentence: see [`Staged`](super::Staged).
    pub what: String,
    pub ending: Ending,
    pub timing: Timing,
    /// Whether the body is an interceptor's decision.
    pub has_decision: bool,
    /// The place to which a redirect leads, safe to show.
    pub location: Option<String>,
}

impl Answered {
    /// With nothing to be told but how it ended.
    pub fn new(what: impl Into<String>, ending: Ending) -> Self {
        Self { what: what.into(), ending, timing: Timing::default(), has_decision: false, location: None }
    }

    pub fn of(what: impl Into<String>, outcome: &Result<Answer, Failure>, timing: Timing) -> Self {
        let answer = outcome.as_ref().ok();
        let has_decision = answer.is_some_and(|answer| is_decision(&answer.body));
        let location = answer.and_then(|answer| {
            let (_, value) = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"location"))?;
            Some(Shown::first_columns(value, LOCATION_COLUMNS).into_string())
        });
        Self { timing, has_decision, location, ..Self::new(what, Ending::of(outcome)) }
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
            Ok(Answer { status, headers, body, completeness: Completeness::Whole })
        };
        let decided = Answered::of("it", &answer(200, &[], r#"{"decision":"ALLOW"}"#), Timing::default());
        assert_eq!(decided, Answered { has_decision: true, ..Answered::new("it", Ending::Answered(200)) });
        let timing = Timing { connected_us: Some(1), first_byte_us: Some(2), total_us: 3 };
        let moved = Answered::of("it", &answer(308, &[("LOCATION", "/a\u{1b}[2J")], ""), timing);
        let location = Some("/a␛[2J".to_owned());
        assert_eq!(moved, Answered { timing, location, ..Answered::new("it", Ending::Answered(308)) });
    }
}
