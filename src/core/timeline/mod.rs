//! The events about one user, organization, directory or connection, in the order in which they happened, with what is odd about it.
//!
//! The provider neither keeps the order nor delivers everything at once. So a handler meets a change after the next one, or a change of
//! something whose beginning it never saw.

mod lifecycle;
mod lines;

pub(crate) use lines::{lines, summary};

use crate::core::event::Seq;
use crate::core::json::{TokenKind, scan, unescape_bytes};
use crate::core::occurred::{delay, occurred_at, text_at};
use crate::core::signature::Verdict;
use jiff::Timestamp;
use lifecycle::Lifecycles;
use std::time::Duration;

/// Between two events, more time than this is shown.
const PAUSE: Duration = Duration::from_secs(60 * 60);

/// The paths of what an event is about, the best first: its own object is less than the user in it.
const OBJECTS: [&[&str]; 5] = [
    &["data", "user", "id"],
    &["data", "user_id"],
    &["data", "id"],
    &["data", "organization", "id"],
    &["organization_id"],
];

/// The id of what the event with this body is about.
pub(crate) fn about(body: &[u8]) -> Option<String> {
    OBJECTS.iter().find_map(|path| text_at(body, path)).filter(|id| !id.is_empty())
}

/// Whether `id` is a string of its own in `body`, as a value and not within a longer one.
pub(crate) fn mentions(body: &[u8], id: &str) -> bool {
    let may_be_there = memchr::memmem::find(body, id.as_bytes()).is_some() || memchr::memchr(b'\\', body).is_some();
    let is_id = |kind, token| kind == TokenKind::String && *unescape_bytes(token) == *id.as_bytes();
    may_be_there && scan(body).map_while(Result::ok).any(|token| is_id(token.kind, &body[token.range]))
}

/// An event of a timeline: the first request with its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub occurred_at: Option<Timestamp>,
    pub event_type: String,
    pub event_id: String,
    pub subject: String,
    pub verdict: Verdict,
    /// How many requests brought it.
    pub attempts: u64,
    /// The id of the object of the event itself.
    pub object: Option<String>,
}

impl Told {
    /// With what only the body tells.
    pub(crate) fn read_body(&mut self, body: &[u8]) {
        self.occurred_at = occurred_at(body);
        // A membership has no id of its own.
        let member = || Some(format!("{} {}", about(body)?, text_at(body, &["organization_id"]).unwrap_or_default()));
        self.object = text_at(body, &["data", "id"]).or_else(member);
    }

    fn is_genuine(&self) -> bool {
        matches!(self.verdict, Verdict::Verified | Verdict::Unchecked)
    }

    /// When it happened, as far as that is known.
    fn time(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.received_at)
    }
}

/// What is odd about an event at its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// How long after the event it arrived, if that is late.
    pub late: Option<Duration>,
    /// An event that happened later, but arrived before.
    pub after: Option<Seq>,
    /// What should have come before, but is not there.
    pub gap: Option<String>,
    /// The time since the event before, if that is long.
    pub pause: Option<Duration>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// In the order in which they happened.
    pub events: Vec<(Told, Marks)>,
}

impl Timeline {
    pub(crate) fn new(mut told: Vec<Told>) -> Self {
        told.sort_by_key(|each| (each.time(), each.seq));
        let mut after = vec![None; told.len()];
        // Of the events that happened later, the one that arrived first.
        let mut earliest: Option<&Told> = None;
        for (place, each) in told.iter().enumerate().rev().filter(|(_, each)| each.is_genuine()) {
            after[place] =
                earliest.filter(|later| later.seq < each.seq && later.time() > each.time()).map(|later| later.seq);
            if earliest.is_none_or(|earliest| each.seq < earliest.seq) {
                earliest = Some(each);
            }
        }
        let (mut lifecycles, mut before, mut events) = (Lifecycles::default(), None, Vec::with_capacity(told.len()));
        for (each, after) in told.into_iter().zip(after) {
            let late = each.occurred_at.and_then(|occurred_at| delay(occurred_at, each.received_at));
            let gap = if each.is_genuine() { lifecycles.next(&each) } else { None };
            let since = |before: Timestamp| Duration::try_from(each.time().duration_since(before)).ok();
            let pause = before.and_then(since).filter(|pause| *pause > PAUSE);
            before = Some(each.time());
            events.push((each, Marks { late, after, gap, pause }));
        }
        Self { events }
    }
}

#[cfg(test)]
mod tests;
