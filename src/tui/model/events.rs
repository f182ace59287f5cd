//! The list of events: what is kept of them, which are shown, which one is selected.

use super::Types;
use crate::core::event::Seq;
use crate::core::filter::{Filter, FilterError, Listing};
use crate::core::index::{Index, Row};
use crate::core::response::ResponseState;
use crate::core::signature::{Reason, Verdict};
use std::collections::HashSet;

/// Most attempts of one message that are looked at.
const MAX_ATTEMPTS: usize = 100;

/// A new verdict on a kept event.
pub type Judged = (Seq, Verdict, Option<Reason>);

/// The list of events.
pub struct Events {
    pub index: Index,
    /// Whether events older than the newest ones are still being read.
    pub is_history_loading: bool,
    /// New verdicts that came while older summaries were being read, which may still have the old ones.
    pub judged_meanwhile: Vec<Judged>,
    /// Overrides to senders that came meanwhile.
    pub answered_meanwhile: Vec<(Seq, ResponseState)>,
    /// Set while the screen lacks what the feed could not hold.
    pub catching_up: Option<CatchingUp>,
    pub filter_text: String,
    pub filter: Filter,
    pub filter_error: Option<FilterError>,
    pub listing: Listing,
    /// Any attempt of the message whose row is selected.
    pub selected: Option<Seq>,
    /// Messages whose attempts have different bodies, by their first attempts.
    pub differing: HashSet<Seq>,
    /// Whether the newest event is selected as it comes.
    pub is_following: bool,
    /// The first line shown.
    pub top: usize,
}

/// How far the screen is with reading what the feed could not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchingUp {
    Reading {
        has_missed_more: bool,
    },
    /// It is read again with the next tick.
    Failed,
}

impl CatchingUp {
    /// More came that is not shown yet.
    pub fn miss_more(&mut self) {
        if let Self::Reading { has_missed_more } = self {
            *has_missed_more = true;
        }
    }
}

impl Events {
    /// All events of `index`, the newest selected.
    pub(super) fn new(index: Index, is_history_loading: bool) -> Self {
        Self {
            is_history_loading,
            judged_meanwhile: Vec::new(),
            answered_meanwhile: Vec::new(),
            catching_up: None,
            filter_text: String::new(),
            filter: Filter::default(),
            filter_error: None,
            listing: Listing::new(&index, &Filter::default()),
            selected: index.len().checked_sub(1).map(|last| index.row(last).seq),
            differing: HashSet::new(),
            is_following: true,
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

    /// Gives an event another verdict, and puts it where the filter now wants it. Unknown events are ignored.
    pub fn judge_again(&mut self, seq: Seq, verdict: Verdict, reason: Option<&Reason>) {
        self.index.judge_again(seq, verdict, reason);
        self.changed(seq);
    }

    /// Puts an event about which something changed where the filter now wants it. Unknown events are ignored.
    pub fn changed(&mut self, seq: Seq) {
        if let Some(position) = self.index.position_of(seq) {
            self.listing.update(&self.index, &self.filter, position);
        }
    }

    /// The event on line `line`, from 0, oldest first.
    pub fn row(&self, line: usize) -> Row<'_> {
        self.index.row(self.listing.position(line))
    }

    /// The line of the selected event or of another attempt of its message, if the filter chooses one.
    pub fn selected_line(&self) -> Option<usize> {
        self.listing.line_of(&self.index, self.index.position_of(self.selected?)?)
    }

    /// The newest attempts of the message that event `seq` belongs to, oldest first; empty when there is no other.
    pub fn attempts(&self, seq: Seq) -> Vec<Seq> {
        let Some(position) = self.index.position_of(seq).filter(|position| self.index.is_repeated(*position)) else {
            return Vec::new();
        };
        let attempts = self.index.attempts(position, MAX_ATTEMPTS);
        attempts.into_iter().map(|attempt| self.index.row(attempt).seq).collect()
    }

    /// The place of the type selected in `types`, or the first.
    pub fn selected_type_line(&self, types: &Types) -> usize {
        types.selected.and_then(|type_id| self.index.type_rank(type_id)).unwrap_or(0)
    }

    pub fn selected_row(&self) -> Option<Row<'_>> {
        Some(self.index.row(self.index.position_of(self.selected?)?))
    }
}
