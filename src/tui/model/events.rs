//! The state of the list: the events, the filter, the selection.

use super::filter_field::FilterHistory;
use super::search::Search;
use crate::core::event::Seq;
use crate::core::filter::{FilterError, Listing, Query};
use crate::core::index::{Index, Row};
use crate::core::response::ResponseState;
use crate::core::signature::{Reason, Verdict};
use jiff::Timestamp;
use std::collections::HashSet;

/// The most attempts of one message that are read.
const MAX_ATTEMPTS: usize = 100;

/// A new verdict on a stored event.
pub(crate) type NewVerdict = (Seq, Verdict, Option<Reason>);

/// The list of events.
pub struct Events {
    pub index: Index,
    /// Whether older events are still being read.
    pub is_history_loading: bool,
    /// Whether the summaries of the whole history, read from the start on, are still to replace those of the first frame.
    pub awaits_history: bool,
    /// Up to which number they were read, of which.
    pub history_read: (u64, u64),
    /// Verdicts that arrived while summaries were being read. Those summaries may still hold the old verdicts.
    pub verdicts_meanwhile: Vec<NewVerdict>,
    /// Responses that were decided meanwhile.
    pub responses_meanwhile: Vec<(Seq, ResponseState)>,
    /// Set while events that the feed dropped are still missing.
    pub catching_up: Option<CatchingUp>,
    pub filter_text: String,
    pub query: Query,
    /// The search through the requests, for a filter that needs them.
    pub search: Search,
    pub filter_history: FilterHistory,
    /// The filter that was turned off.
    pub filter_off: String,
    pub filter_error: Option<FilterError>,
    pub listing: Listing,
    /// The selected attempt. Its message's row is the selected line.
    pub selected: Option<Seq>,
    /// The first attempts of messages whose attempts have different bodies.
    pub differing: HashSet<Seq>,
    /// Whether each new event gets selected.
    pub is_following: bool,
    /// The listed events that arrived since the list stopped following.
    pub unseen: usize,
    /// The first line shown.
    pub top: usize,
}

/// The state of reading the events that the feed dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchingUp {
    Reading {
        has_missed_more: bool,
    },
    /// The next tick tries again.
    Failed,
}

impl CatchingUp {
    /// Notes that more events were missed.
    pub(crate) fn miss_more(&mut self) {
        if let Self::Reading { has_missed_more } = self {
            *has_missed_more = true;
        }
    }
}

impl Events {
    /// Whether summaries are being read that may be older than what has arrived meanwhile.
    pub(crate) fn is_reading_summaries(&self) -> bool {
        self.awaits_history || self.catching_up.is_some()
    }

    /// All events of `index`, with the newest selected.
    pub(super) fn new(index: Index, is_history_loading: bool) -> Self {
        Self {
            is_history_loading,
            awaits_history: is_history_loading,
            history_read: (0, 0),
            verdicts_meanwhile: Vec::new(),
            responses_meanwhile: Vec::new(),
            catching_up: None,
            filter_text: String::new(),
            query: Query::default(),
            search: Search::default(),
            filter_history: FilterHistory::default(),
            filter_off: String::new(),
            filter_error: None,
            listing: Listing::new(&index, &Query::default()).0,
            selected: index.len().checked_sub(1).map(|last| index.seq(last)),
            differing: HashSet::new(),
            is_following: true,
            unseen: 0,
            top: 0,
            index,
        }
    }

    pub fn len(&self) -> usize {
        self.listing.len(&self.index)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts the lines that were added to `lines_before`, unless each new event gets selected.
    pub(crate) fn count_unseen(&mut self, lines_before: usize) {
        let added = self.len().saturating_sub(lines_before);
        self.unseen = if self.is_following { 0 } else { self.unseen + added };
    }

    /// Sets the verdict of an event and filters it again. Ignores unknown events.
    pub(crate) fn set_verdict(&mut self, seq: Seq, verdict: Verdict, reason: Option<&Reason>) {
        self.index.reverify(seq, verdict, reason);
        self.refilter(seq);
    }

    /// Filters a changed event again. Ignores unknown events.
    pub(crate) fn refilter(&mut self, seq: Seq) {
        let Some(position) = self.index.position_of(seq) else { return };
        self.listing.update(&self.index, &self.query, position);
        let is_undecided = || !self.query.select(&self.index, position..position + 1).undecided.is_empty();
        if self.query.filter().reads_requests() && is_undecided() && !self.search.is_undecided(seq) {
            self.search.push(seq);
        }
    }

    /// The event on `line`, counted from 0, oldest first.
    pub fn row(&self, line: usize) -> Row<'_> {
        self.index.row(self.listing.position(line))
    }

    pub(crate) fn received_at(&self, line: usize) -> Timestamp {
        self.index.received_at(self.listing.position(line))
    }

    /// The verdict on the event on `line`.
    pub(crate) fn verdict(&self, line: usize) -> Verdict {
        self.index.verdict(self.listing.position(line))
    }

    /// The line of the selected event's message, if any of its attempts matches the filter.
    pub fn selected_line(&self) -> Option<usize> {
        self.listing.line_of(&self.index, self.index.position_of(self.selected?)?)
    }

    /// The newest attempts of the message of event `seq`, oldest first; empty when there is only one.
    pub fn attempts(&self, seq: Seq) -> Vec<Seq> {
        let Some(position) = self.index.position_of(seq).filter(|position| self.index.is_repeated(*position)) else {
            return Vec::new();
        };
        let attempts = self.index.attempts(position, MAX_ATTEMPTS);
        attempts.into_iter().map(|attempt| self.index.seq(attempt)).collect()
    }

    pub(crate) fn selected_row(&self) -> Option<Row<'_>> {
        Some(self.index.row(self.index.position_of(self.selected?)?))
    }
}
