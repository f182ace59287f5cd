//! Compact summaries of all events in order of arrival, with counts by type and verdict.
//!
//! Each field is a column. Texts that events share (type, path, organization, method, reason) are interned; the others are packed. What
//! few events have (marks, doubts, further attempts) lies beside the columns. An event costs about 75 bytes with its texts, so a million
//! fit in memory, and a search does not touch the store.

mod annotations;
mod attempts;
mod column;
mod ending;
mod hidden;
mod interner;
mod recent;
mod search;
mod seqs;
mod texts;
mod types;

pub use recent::{MINUTES, Recent};
pub(super) use search::{Shared, Unpacked};
pub use types::{TypeCounts, VerdictCounts};

use super::delivery::{Delivery, Doubt, Doubts, Ending, Origin};
use super::envelope::is_trigger_id;
use super::event::{Listed, Seq, Summary};
use super::response::ResponseState;
use super::sample_mark;
use super::signature::{Reason, Verdict};
use super::times::Times;
use annotations::Annotations;
use attempts::Messages;
use column::Column;
use interner::Interner;
use jiff::Timestamp;
use seqs::Seqs;
use std::collections::{BTreeSet, HashMap};
use texts::Texts;

/// The type under which events without one are counted.
pub(crate) const NO_TYPE: &str = "(no type)";

/// All events, oldest first.
#[derive(Default)]
pub struct Index {
    seqs: Seqs,
    received_at_us: Vec<i64>,
    texts: Texts,
    sizes: Column,
    type_ids: Column,
    path_ids: Column,
    organization_ids: Column,
    method_ids: Column,
    reason_ids: Column,
    responses: Column,
    endings: Column,
    states: Vec<State>,
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
    /// The positions of the events that the user has marked.
    marked: BTreeSet<u32>,
    /// How many events are hidden.
    hidden: usize,
    /// Doubts about the ending, of the events that have any.
    doubts: HashMap<Seq, Doubts>,
    annotations: Annotations,
}

/// What is one of few of an event.
#[derive(Clone, Copy)]
struct State {
    verdict: Verdict,
    /// Whether the ending is that of a forwarded delivery.
    is_forwarded: bool,
    /// Whether the event is deleted.
    is_hidden: bool,
    identity: Identity,
}

/// What is known of an event's identity, in one byte: every event has one.
#[derive(Clone, Copy, Default)]
struct Identity(u8);

impl Identity {
    /// Other requests have the same, hidden or not.
    const SHARED: u8 = 1;
    /// It is the event's own id, not its `webhook-id`.
    const OWN: u8 = 2;

    fn has(self, fact: u8) -> bool {
        self.0 & fact != 0
    }

    fn with(self, fact: u8, is_so: bool) -> Self {
        Self(if is_so { self.0 | fact } else { self.0 })
    }
}

/// One event in the index; an absent text is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub method: &'a str,
    pub path: &'a str,
    /// The number of the type.
    pub type_id: u32,
    pub event_type: &'a str,
    pub subject: String,
    pub event_id: String,
    pub webhook_id: String,
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
        self.seqs.len()
    }

    /// Whether no event is shown.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The number of the last event, hidden or not; 0 when there is none.
    pub fn last_seq(&self) -> Seq {
        self.seqs.last()
    }

    pub fn totals(&self) -> &VerdictCounts {
        &self.totals
    }

    /// Adds an event. Ignores one that is not newer than the last, because the index already has it.
    pub fn push(&mut self, summary: &Summary) {
        let reason = summary.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        self.push_listed(&summary.listed(&reason));
    }

    /// As [`Index::push`].
    pub(crate) fn push_listed(&mut self, event: &Listed<'_>) {
        if event.seq <= self.last_seq() {
            return;
        }
        let name = if event.event_type.is_empty() { NO_TYPE } else { event.event_type };
        let type_id = self.count_type(name, event.verdict, event.received_at_us);
        self.totals.add(event.verdict);
        self.seqs.push(event.seq);
        self.received_at_us.push(event.received_at_us);
        self.sizes.push(event.size);
        self.type_ids.push(type_id.into());
        self.path_ids.push(self.paths.intern(event.path).into());
        self.organization_ids.push(self.organizations.intern(event.organization_id).into());
        self.method_ids.push(self.methods.intern(event.method).into());
        self.reason_ids.push(self.reasons.intern(event.reason).into());
        self.responses.push(event.response.number().into());
        self.endings.push(ending::NONE);
        self.texts.push([event.webhook_id, event.event_id, event.subject]);
        self.states.push(State {
            verdict: event.verdict,
            is_forwarded: false,
            is_hidden: false,
            identity: Identity::default().with(Identity::OWN, is_trigger_id(event.event_id)),
        });
        self.link_last();
    }

    /// Adds the events of `newer` that are missing here, and what `newer` knows of the others: endings of deliveries, marks, times.
    pub(crate) fn extend_from(&mut self, newer: &Index) {
        for position in newer.position_after(self.last_seq())..newer.len() {
            self.push(&newer.row(position).into_summary());
        }
        for theirs in 0..newer.len() {
            let seq = newer.seq(theirs);
            self.annotate(seq, newer.annotations.get(seq));
            let Some(position) = self.place_of(seq) else { continue };
            if let Some(ending) = newer.ending(theirs) {
                let doubts = newer.doubts.get(&seq).copied().unwrap_or_default();
                self.ended(position, ending, newer.states[theirs].is_forwarded, doubts);
            }
        }
        let marked = newer.marked.iter().filter_map(|theirs| self.place_of(newer.seq(*theirs as usize)));
        let marked: Vec<_> = marked.collect();
        marked.into_iter().for_each(|position| self.set_marked(position, true));
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
        let type_id = self.type_ids.get_u32(position);
        let doubts = doubts(self.types.text(type_id));
        self.ended(position, ending, origin == Origin::Forwarded, doubts);
        if matches!(ending, Ending::Responded(_)) {
            self.type_times[type_id as usize].get_or_insert_default().add(total_us);
        }
    }

    fn ended(&mut self, position: usize, ending: Ending, is_forwarded: bool, doubts: Doubts) {
        let (seq, before) = (self.seq(position), self.ending(position));
        let state = &mut self.states[position];
        // An event is forwarded once to each of its targets. A success at one does not hide a failure at another.
        let is_other_target = is_forwarded && state.is_forwarded && ending.is_delivered();
        state.is_forwarded = is_forwarded;
        let is_shown = !is_other_target || before.is_none();
        if is_shown {
            self.endings.set(position, ending::number(ending));
            self.doubts.remove(&seq);
        }
        // Of two targets that both accepted the event, a doubt about either is shown.
        let is_other_success = !is_shown && before.is_some_and(Ending::is_delivered);
        if (is_shown || is_other_success) && !doubts.is_nothing(self.states[position].verdict) {
            self.doubts.entry(seq).or_insert(doubts);
        }
    }

    /// Marks or unmarks the event at `position`.
    pub(crate) fn set_marked(&mut self, position: usize, is_marked: bool) {
        let position = small(position);
        if is_marked {
            self.marked.insert(position)
        } else {
            self.marked.remove(&position)
        };
    }

    /// Sets a new verdict, even of a hidden event. Ignores unknown events.
    pub fn reverify(&mut self, seq: Seq, verdict: Verdict, reason: Option<&Reason>) {
        let Some(position) = self.place_of(seq) else { return };
        let reason = self.reasons.intern(&reason.map(ToString::to_string).unwrap_or_default());
        let state = &mut self.states[position];
        if !state.is_hidden {
            let type_id = self.type_ids.get_u32(position);
            for counts in [&mut self.type_counts[type_id as usize], &mut self.totals] {
                counts.remove(state.verdict);
                counts.add(verdict);
            }
        }
        state.verdict = verdict;
        self.reason_ids.set(position, reason.into());
    }

    /// Sets what the sender of an event got. Ignores unknown events.
    pub(crate) fn set_response(&mut self, seq: Seq, response: ResponseState) {
        if let Some(position) = self.place_of(seq) {
            self.responses.set(position, response.number().into());
        }
    }

    /// The event at `position`, from 0, oldest first.
    ///
    /// # Panics
    /// When `position` is not below [`Index::len`].
    pub fn row(&self, position: usize) -> Row<'_> {
        let [webhook_id, event_id, subject] = self.texts.get(position);
        let (seq, type_id, verdict) = (self.seq(position), self.type_ids.get_u32(position), self.verdict(position));
        Row {
            seq,
            received_at: self.received_at(position),
            method: self.methods.text(self.method_ids.get_u32(position)),
            path: self.shared_text_at(Shared::Path, position),
            type_id,
            event_type: self.types.text(type_id),
            subject,
            event_id,
            webhook_id,
            organization_id: self.shared_text_at(Shared::Organization, position),
            verdict,
            reason: self.shared_text_at(Shared::Reason, position),
            response: self.response(position),
            size: self.size(position),
            attempt: self.attempt(position),
            ending: self.ending(position),
            doubt: self.doubts.get(&seq).and_then(|doubt| doubt.given(verdict)),
            is_marked: self.is_marked(position),
            is_pinned: self.annotations.is_pinned(seq),
            note: self.annotations.note(seq),
        }
    }

    /// The position of event `seq`, unless it is hidden.
    pub fn position_of(&self, seq: Seq) -> Option<usize> {
        self.place_of(seq).filter(|position| !self.is_hidden(*position))
    }

    /// As [`Index::position_of`], even of a hidden event.
    fn place_of(&self, seq: Seq) -> Option<usize> {
        self.seqs.position_of(seq)
    }

    /// The position of the first event after `seq`.
    pub(crate) fn position_after(&self, seq: Seq) -> usize {
        self.seqs.position_after(seq)
    }
}

/// A position in 32 bits.
pub(in crate::core) fn small(position: usize) -> u32 {
    u32::try_from(position).expect("memory holds fewer than 2^32 events")
}

impl Row<'_> {
    /// What the attempts of one event have in common: the `dedupe_key` of a trigger event, otherwise the `webhook-id`. Empty if there is
    /// neither.
    pub(in crate::core) fn identity(&self) -> &str {
        if is_trigger_id(&self.event_id) { &self.event_id } else { &self.webhook_id }
    }

    /// Whether the event is a sample of this history. The proof in its id was checked with its signature.
    pub fn is_sample(&self) -> bool {
        matches!(self.verdict, Verdict::Verified | Verdict::Unchecked)
            && self.webhook_id.starts_with(sample_mark::PREFIX)
    }

    fn into_summary(self) -> Summary {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Summary {
            seq: self.seq,
            received_at: self.received_at,
            method: self.method.to_owned(),
            path: self.path.to_owned(),
            webhook_id: some(self.webhook_id),
            event_id: some(self.event_id),
            event_type: some(self.event_type.to_owned()).filter(|name| name != NO_TYPE),
            organization_id: some(self.organization_id.to_owned()),
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
