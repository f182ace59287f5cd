//! A filter in use: with the time at which it applies, and what has been read of the requests.

use super::node::Filter;
use super::request::{Facts, Known};
use crate::core::event::Seq;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// A filter in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) filter: Arc<Filter>,
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) known: Known,
}

impl Query {
    /// `filter` for a reader in `zone` at `now`.
    pub fn new(filter: Filter, now: Timestamp, zone: TimeZone) -> Self {
        Self { filter: Arc::new(filter), now, zone, known: Known::default() }
    }

    pub fn filter(&self) -> &Arc<Filter> {
        &self.filter
    }

    /// When relative times were last counted from.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Counts relative times from `now`.
    pub(crate) fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Notes what was read of the request of event `seq`.
    pub fn know(&mut self, seq: Seq, facts: Facts) {
        self.known.set(seq, facts);
    }
}

impl Default for Query {
    /// Selects every event.
    fn default() -> Self {
        Self::new(Filter::default(), Timestamp::UNIX_EPOCH, TimeZone::UTC)
    }
}
