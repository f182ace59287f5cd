//! Compact summaries of all events in order of arrival, with counts by type and verdict.
//!
//! Texts that events share (type, path, organization, method, reason) are interned. The others lie in one arena. A row costs about
//! 60 bytes plus its own texts, so a million events fit in memory and a search does not touch the store.

mod annotations;
mod attempts;
mod hidden;
mod interner;
mod recent;
mod search;
mod types;

pub use recent::{MINUTES, Recent};
pub(super) use search::Shared;
pub use types::{TypeCounts, VerdictCounts};

use super::delivery::{Delivery, Doubt, Doubts, Ending, Origin};
use super::envelope::is_trigger_id;
use super::event::{Seq, Summary};
use super::response::ResponseState;
use super::signature::{Reason, Verdict};
use super::times::Times;
use annotations::Annotations;
use attempts::{Messages, Place};
use interner::Interner;
use jiff::Timestamp;
use std::collections::HashMap;

/// The type under which events without one are counted.
pub(crate) const NO_TYPE: &str = "(no type)";

/// All events, oldest first.
#[derive(Default)]
pub struct Index {
    rows: Vec<StoredRow>,
    arena: String,
    methods: Interner,
    paths: Interner,
    organizations: Interner,
    reasons: Interner,
    types: Interner,
    type_counts: Vec<VerdictCounts>,
    /// Types by count, most frequent first, and the place of each in that order.
    ranking: Vec<u32>,
    ranks: Vec<usize>,
    longest_type: usize,
    totals: VerdictCounts,
    type_recent: Vec<Recent>,
    /// The app's response times by type.
    type_times: Vec<Option<Times>>,
    messages: Messages,
    /// How many rows are hidden.
    hidden: usize,
    /// What may be wrong with `ending`, for the events where anything may be.
    doubts: HashMap<Seq, Doubts>,
    annotations: Annotations,
}

struct StoredRow {
    seq: Seq,
    received_at_us: i64,
    text_start: usize,
    size: u64,
    place: Place,
    type_id: u32,
    path: u32,
    organization: u32,
    method: u32,
    reason: u32,
    subject_len: u16,
    event_id_len: u16,
    webhook_id_len: u16,
    response: ResponseState,
    ending: Option<Ending>,
    /// Whether `ending` is that of a forwarded delivery.
    is_forwarded: bool,
    verdict: Verdict,
    is_marked: bool,
    /// Whether the event is deleted.
    is_hidden: bool,
}

impl StoredRow {
    /// Whether `ending` is the one that the row shows now.
    fn ended(&mut self, ending: Ending, is_forwarded: bool) -> bool {
        // An event is forwarded once to each of its targets. A success at one does not hide a failure at another.
        let is_other_target = is_forwarded && self.is_forwarded && ending.is_delivered();
        let is_shown = !is_other_target || self.ending.is_none();
        if is_shown {
            self.ending = Some(ending);
        }
        self.is_forwarded = is_forwarded;
        is_shown
    }
}

/// One event in the index; an absent text is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub method: &'a str,
    pub path: &'a str,
    /// The number of the type.
    pub type_id: u32,
    pub event_type: &'a str,
    pub subject: &'a str,
    pub event_id: &'a str,
    pub webhook_id: &'a str,
    pub organization_id: &'a str,
    pub verdict: Verdict,
    /// The reason in words; empty when verified.
    pub reason: &'a str,
    /// See [`Summary::response`].
    pub response: ResponseState,
    pub size: u64,
    /// 1 for the first request with this `webhook-id`, 2 for the next.
    pub attempt: u32,
    /// How the last delivery ended. If the event was forwarded to several targets, a failure takes precedence.
    pub ending: Option<Ending>,
    /// What is wrong with `ending`, if it is a 2xx.
    pub doubt: Option<Doubt>,
    /// Whether the user has marked it.
    pub is_marked: bool,
    pub is_pinned: bool,
    /// The user's note; empty if there is none.
    pub note: &'a str,
}

impl Index {
    /// The number of positions. Some of the events may be hidden: see [`Index::count`].
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no event is shown.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The number of the last event, hidden or not; 0 when there is none.
    pub fn last_seq(&self) -> Seq {
        self.rows.last().map_or(0, |row| row.seq)
    }

    pub fn totals(&self) -> &VerdictCounts {
        &self.totals
    }

    /// Adds an event. Ignores one that is not newer than the last, because the index already has it.
    pub fn push(&mut self, summary: &Summary) {
        if summary.seq <= self.last_seq() {
            return;
        }
        let type_id = self.count_type(
            summary.event_type.as_deref().filter(|name| !name.is_empty()).unwrap_or(NO_TYPE),
            summary.verdict,
            summary.received_at,
        );
        self.totals.add(summary.verdict);
        let place = self.place_next(identity(summary.event_id.as_deref(), summary.webhook_id.as_deref()));
        let text_start = self.arena.len();
        let row = StoredRow {
            seq: summary.seq,
            received_at_us: summary.received_at.as_microsecond(),
            text_start,
            size: summary.size,
            place,
            type_id,
            path: self.paths.intern(&summary.path),
            organization: self.organizations.intern(summary.organization_id.as_deref().unwrap_or_default()),
            method: self.methods.intern(&summary.method),
            reason: self.intern_reason(summary.reason.as_ref()),
            subject_len: self.store_text(summary.subject.as_deref()),
            event_id_len: self.store_text(summary.event_id.as_deref()),
            webhook_id_len: self.store_text(summary.webhook_id.as_deref()),
            response: summary.response,
            ending: None,
            is_forwarded: false,
            verdict: summary.verdict,
            is_marked: false,
            is_hidden: false,
        };
        self.rows.push(row);
    }

    /// Adds the events of `newer` that are missing here, and what `newer` knows of the others: endings of deliveries, marks, times.
    pub(crate) fn extend_from(&mut self, newer: &Index) {
        for position in newer.position_after(self.last_seq())..newer.len() {
            self.push(&newer.row(position).to_summary());
        }
        for row in &newer.rows {
            self.annotate(row.seq, newer.annotations.get(row.seq));
            let Some(position) = self.place_of(row.seq) else { continue };
            self.rows[position].is_marked |= row.is_marked;
            if let Some(ending) = row.ending {
                let doubts = newer.doubts.get(&row.seq).copied().unwrap_or_default();
                self.ended(position, ending, row.is_forwarded, doubts);
            }
        }
        self.hide(&newer.hidden_seqs());
        for seen in newer.types() {
            if let (Some(times), Some(type_id)) = (seen.times, self.types.number(seen.name)) {
                self.type_times[type_id as usize].get_or_insert_default().add_all(times);
            }
        }
    }

    /// Records how a delivery of an event ended, and how long it took if it got a response. Ignores unknown events, and rehearsals,
    /// which say nothing about the event. `is_as_received`: whether the app got the request byte for byte.
    pub fn delivered(&mut self, seq: Seq, origin: Origin, ending: Ending, total_us: u64, is_as_received: bool) {
        self.record(seq, origin, ending, total_us, |event_type| {
            Doubts::of_ending(ending, total_us, event_type, is_as_received)
        });
    }

    /// Like [`Index::delivered`], when the response is known.
    pub fn finished(&mut self, delivery: &Delivery) {
        let total_us = delivery.timing.total_us;
        self.record(delivery.event, delivery.origin, delivery.ending(), total_us, |event_type| {
            Doubts::of(delivery, event_type)
        });
    }

    fn record(&mut self, seq: Seq, origin: Origin, ending: Ending, total_us: u64, doubts: impl FnOnce(&str) -> Doubts) {
        if matches!(origin, Origin::Rehearsed(_)) {
            return;
        }
        let Some(position) = self.place_of(seq) else { return };
        let type_id = self.rows[position].type_id;
        let doubts = doubts(self.types.text(type_id));
        self.ended(position, ending, origin == Origin::Forwarded, doubts);
        if matches!(ending, Ending::Responded(_)) {
            self.type_times[type_id as usize].get_or_insert_default().add(total_us);
        }
    }

    fn ended(&mut self, position: usize, ending: Ending, is_forwarded: bool, doubts: Doubts) {
        let row = &mut self.rows[position];
        let is_shown = row.ended(ending, is_forwarded);
        let (seq, verdict) = (row.seq, row.verdict);
        let is_other_success = !is_shown && row.ending.is_some_and(Ending::is_delivered);
        if is_shown {
            self.doubts.remove(&seq);
        }
        // Of two targets that both accepted the event, a doubt about either is shown.
        if (is_shown || is_other_success) && !doubts.is_nothing(verdict) {
            self.doubts.entry(seq).or_insert(doubts);
        }
    }

    /// Marks or unmarks the event at `position`.
    pub(crate) fn set_marked(&mut self, position: usize, is_marked: bool) {
        self.rows[position].is_marked = is_marked;
    }

    /// Sets a new verdict, even of a hidden event. Ignores unknown events.
    pub fn reverify(&mut self, seq: Seq, verdict: Verdict, reason: Option<&Reason>) {
        let Some(position) = self.place_of(seq) else { return };
        let reason = self.intern_reason(reason);
        let row = &mut self.rows[position];
        let counts = &mut self.type_counts[row.type_id as usize];
        if !row.is_hidden {
            for counts in [counts, &mut self.totals] {
                counts.remove(row.verdict);
                counts.add(verdict);
            }
        }
        row.verdict = verdict;
        row.reason = reason;
    }

    /// Sets what the sender of an event got. Ignores unknown events.
    pub(crate) fn set_response(&mut self, seq: Seq, response: ResponseState) {
        if let Some(position) = self.place_of(seq) {
            self.rows[position].response = response;
        }
    }

    /// The event at `position`, from 0, oldest first.
    ///
    /// # Panics
    /// When `position` is not below [`Index::len`].
    pub fn row(&self, position: usize) -> Row<'_> {
        let row = &self.rows[position];
        let (subject, rest) = self.texts(row).split_at(row.subject_len.into());
        let (event_id, webhook_id) = rest.split_at(row.event_id_len.into());
        Row {
            seq: row.seq,
            received_at: Timestamp::from_microsecond(row.received_at_us).unwrap_or_default(),
            method: self.methods.text(row.method),
            path: self.paths.text(row.path),
            type_id: row.type_id,
            event_type: self.types.text(row.type_id),
            subject,
            event_id,
            webhook_id,
            organization_id: self.organizations.text(row.organization),
            verdict: row.verdict,
            reason: self.reasons.text(row.reason),
            response: row.response,
            size: row.size,
            attempt: row.place.number,
            ending: row.ending,
            doubt: self.doubts.get(&row.seq).and_then(|doubt| doubt.given(row.verdict)),
            is_marked: row.is_marked,
            is_pinned: self.annotations.is_pinned(row.seq),
            note: self.annotations.note(row.seq),
        }
    }

    /// The position of event `seq`, unless it is hidden.
    pub fn position_of(&self, seq: Seq) -> Option<usize> {
        self.place_of(seq).filter(|position| !self.rows[*position].is_hidden)
    }

    /// As [`Index::position_of`], even of a hidden event.
    fn place_of(&self, seq: Seq) -> Option<usize> {
        self.rows.binary_search_by_key(&seq, |row| row.seq).ok()
    }

    /// The position of the first event after `seq`.
    pub(crate) fn position_after(&self, seq: Seq) -> usize {
        self.rows.partition_point(|row| row.seq <= seq)
    }

    fn texts(&self, row: &StoredRow) -> &str {
        let length = usize::from(row.subject_len) + usize::from(row.event_id_len) + usize::from(row.webhook_id_len);
        &self.arena[row.text_start..row.text_start + length]
    }

    fn store_text(&mut self, text: Option<&str>) -> u16 {
        let text = text.unwrap_or_default();
        let length = text.floor_char_boundary(u16::MAX.into());
        self.arena.push_str(&text[..length]);
        u16::try_from(length).unwrap_or(u16::MAX)
    }

    fn intern_reason(&mut self, reason: Option<&Reason>) -> u32 {
        self.reasons.intern(&reason.map(ToString::to_string).unwrap_or_default())
    }
}

/// What the attempts of one event have in common: the `dedupe_key` of a trigger event, otherwise the `webhook-id`.
fn identity<'a>(event_id: Option<&'a str>, webhook_id: Option<&'a str>) -> Option<&'a str> {
    event_id.filter(|id| is_trigger_id(id)).or(webhook_id)
}

impl<'a> Row<'a> {
    /// See [`identity`]; empty if it has none.
    pub(in crate::core) fn identity(&self) -> &'a str {
        identity(Some(self.event_id), Some(self.webhook_id)).unwrap_or_default()
    }

    fn to_summary(self) -> Summary {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Summary {
            seq: self.seq,
            received_at: self.received_at,
            method: self.method.to_owned(),
            path: self.path.to_owned(),
            webhook_id: some(self.webhook_id),
            event_id: some(self.event_id),
            event_type: some(self.event_type).filter(|name| name != NO_TYPE),
            organization_id: some(self.organization_id),
            subject: some(self.subject),
            verdict: self.verdict,
            reason: Reason::parse(self.reason),
            size: self.size,
            response: self.response,
        }
    }
}

#[cfg(test)]
pub mod tests;
