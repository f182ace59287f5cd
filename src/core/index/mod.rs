//! Compact summaries of every event, in the order of arrival, with counters by type and verdict.
//!
//! Texts that recur (type, path, organization, method, reason) are interned; the others lie in one arena. A row costs about 60 bytes
//! and its own texts, so that a million events fit in memory and are searched without touching the store.

mod attempts;
mod interner;
mod search;
mod types;

pub(super) use search::Shared;
pub use types::{TypeCounts, VerdictCounts};

use super::delivery::{Ending, Origin};
use super::diagnosis::Label;
use super::event::{Seq, Summary};
use super::signature::Verdict;
use super::times::Times;
use attempts::{Messages, Place};
use interner::Interner;
use jiff::Timestamp;

/// What a body without a type is counted under.
pub const NO_TYPE: &str = "(no type)";

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
    /// How long the app takes for events of each type that was sent to it.
    type_times: Vec<Option<Times>>,
    messages: Messages,
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
    status: Option<u16>,
    ending: Option<Ending>,
    /// Whether that is of forwarding.
    is_forwarded: bool,
    verdict: Verdict,
    is_marked: bool,
}

impl StoredRow {
    fn ended(&mut self, ending: Ending, is_forwarded: bool) {
        // An event is forwarded once to each of its targets: one that takes it does not make good for another one.
        let is_taken_elsewhere = is_forwarded && self.is_forwarded && ending.is_delivered();
        if !is_taken_elsewhere || self.ending.is_none() {
            self.ending = Some(ending);
        }
        self.is_forwarded = is_forwarded;
    }
}

/// One event as the index knows it; an absent text is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub seq: Seq,
    pub received_at: Timestamp,
    pub method: &'a str,
    pub path: &'a str,
    /// Place of the type in [`Index::types`].
    pub type_id: u32,
    pub event_type: &'a str,
    pub subject: &'a str,
    pub event_id: &'a str,
    pub webhook_id: &'a str,
    pub organization_id: &'a str,
    pub verdict: Verdict,
    /// The label's words; empty when verified.
    pub reason: &'a str,
    /// See [`Summary::status`].
    pub status: Option<u16>,
    pub size: u64,
    /// 1 for the first request with this `webhook-id`, 2 for the next.
    pub attempt: u32,
    /// How its last delivery ended. Of forwarding to several targets: how one ended that did not take it, if any.
    pub ending: Option<Ending>,
    /// Whether the user has marked it.
    pub is_marked: bool,
}

impl Index {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The last event's place in the store; 0 when there is none.
    pub fn last_seq(&self) -> Seq {
        self.rows.last().map_or(0, |row| row.seq)
    }

    pub fn totals(&self) -> &VerdictCounts {
        &self.totals
    }

    /// Adds an event; one that is not newer than the last is already known and changes nothing.
    pub fn push(&mut self, summary: &Summary) {
        if summary.seq <= self.last_seq() {
            return;
        }
        let type_id = self.count_type(
            summary.event_type.as_deref().filter(|name| !name.is_empty()).unwrap_or(NO_TYPE),
            summary.verdict,
        );
        self.totals.add(summary.verdict);
        let place = self.place_next(summary.webhook_id.as_deref());
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
            subject_len: self.keep(summary.subject.as_deref()),
            event_id_len: self.keep(summary.event_id.as_deref()),
            webhook_id_len: self.keep(summary.webhook_id.as_deref()),
            status: summary.status,
            ending: None,
            is_forwarded: false,
            verdict: summary.verdict,
            is_marked: false,
        };
        self.rows.push(row);
    }

    /// Adds every event of `newer` that is newer than the last one here, and all that `newer` learned since it began: how deliveries ended and
    /// what was marked.
    pub fn extend_from(&mut self, newer: &Index) {
        for position in newer.position_after(self.last_seq())..newer.len() {
            self.push(&newer.row(position).to_summary());
        }
        for row in &newer.rows {
            let Some(position) = self.position_of(row.seq) else { continue };
            let own = &mut self.rows[position];
            if let Some(ending) = row.ending {
                own.ended(ending, row.is_forwarded);
            }
            own.is_marked |= row.is_marked;
        }
        for seen in newer.types() {
            if let (Some(times), Some(type_id)) = (seen.times, self.types.number(seen.name)) {
                self.type_times[type_id as usize].get_or_insert_default().add_all(times);
            }
        }
    }

    /// How a delivery of an event ended, and how long it took where it was answered. Unknown events are ignored, and so are rehearsals,
    /// which say nothing of the event.
    pub fn delivered(&mut self, seq: Seq, origin: Origin, ending: Ending, total_us: u64) {
        if matches!(origin, Origin::Rehearsed(_)) {
            return;
        }
        let Some(position) = self.position_of(seq) else { return };
        let row = &mut self.rows[position];
        row.ended(ending, origin == Origin::Forwarded);
        if matches!(ending, Ending::Answered(_)) {
            self.type_times[row.type_id as usize].get_or_insert_default().add(total_us);
        }
    }

    /// Marks the event at `position`, or takes the mark away.
    pub fn set_marked(&mut self, position: usize, is_marked: bool) {
        self.rows[position].is_marked = is_marked;
    }

    /// Gives an event another verdict. Unknown events are ignored.
    pub fn judge_again(&mut self, seq: Seq, verdict: Verdict, reason: Option<&Label>) {
        let Some(position) = self.position_of(seq) else { return };
        let reason = self.intern_reason(reason);
        let row = &mut self.rows[position];
        let counts = &mut self.type_counts[row.type_id as usize];
        for counts in [counts, &mut self.totals] {
            counts.remove(row.verdict);
            counts.add(verdict);
        }
        row.verdict = verdict;
        row.reason = reason;
    }

    /// Says what the sender of an event was answered. Unknown events are ignored.
    pub fn answer(&mut self, seq: Seq, status: u16) {
        if let Some(position) = self.position_of(seq) {
            self.rows[position].status = Some(status);
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
            status: row.status,
            size: row.size,
            attempt: row.place.number,
            ending: row.ending,
            is_marked: row.is_marked,
        }
    }

    pub fn position_of(&self, seq: Seq) -> Option<usize> {
        self.rows.binary_search_by_key(&seq, |row| row.seq).ok()
    }

    /// The position of the first event after `seq`.
    pub fn position_after(&self, seq: Seq) -> usize {
        self.rows.partition_point(|row| row.seq <= seq)
    }

    fn texts(&self, row: &StoredRow) -> &str {
        let length = usize::from(row.subject_len) + usize::from(row.event_id_len) + usize::from(row.webhook_id_len);
        &self.arena[row.text_start..row.text_start + length]
    }

    fn keep(&mut self, text: Option<&str>) -> u16 {
        let text = text.unwrap_or_default();
        let length = text.floor_char_boundary(u16::MAX.into());
        self.arena.push_str(&text[..length]);
        u16::try_from(length).unwrap_or(u16::MAX)
    }

    fn intern_reason(&mut self, reason: Option<&Label>) -> u32 {
        self.reasons.intern(&reason.map(ToString::to_string).unwrap_or_default())
    }
}

impl Row<'_> {
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
            reason: Label::parse(self.reason),
            size: self.size,
            status: self.status,
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::core::delivery::FailureKind;

    /// An event of `event_type` with its texts made from `seq`.
    pub fn summary(seq: Seq, event_type: &str, verdict: Verdict) -> Summary {
        Summary {
            seq,
            received_at: Timestamp::from_second(1_900_000_000 + i64::try_from(seq).unwrap()).unwrap(),
            method: "POST".into(),
            path: "/webhooks/scalekit".into(),
            webhook_id: Some(format!("msg_{seq}")),
            event_id: Some(format!("evt_{seq}")),
            event_type: (!event_type.is_empty()).then(|| event_type.into()),
            organization_id: Some("org_1".into()),
            subject: Some(format!("user{seq}@example.com")),
            verdict,
            reason: (verdict == Verdict::Invalid).then_some(Label::WrongSecret),
            size: 100,
            status: Some(201),
        }
    }

    #[test]
    fn a_row_reads_back_as_it_was_pushed() {
        let mut index = Index::default();
        let given = summary(7, "user.login", Verdict::Invalid);
        index.push(&given);
        assert_eq!(index.row(0).to_summary(), given);
        assert_eq!(index.position_of(7), Some(0));
        assert_eq!(index.position_of(8), None);
    }

    #[test]
    fn an_event_that_is_not_newer_is_ignored() {
        let mut index = Index::default();
        index.push(&summary(7, "a", Verdict::Verified));
        index.push(&summary(7, "b", Verdict::Verified));
        index.push(&summary(6, "b", Verdict::Verified));
        assert_eq!(index.len(), 1);
    }

    #[test]
    fn judging_again_moves_the_counts() {
        let mut index = Index::default();
        index.push(&summary(1, "a", Verdict::Unchecked));
        index.judge_again(1, Verdict::Invalid, Some(&Label::TimestampTooOld));
        assert_eq!(index.totals().of(Verdict::Unchecked), 0);
        assert_eq!(index.types().next().unwrap().counts.of(Verdict::Invalid), 1);
        assert_eq!(index.row(0).reason, "timestamp-too-old");
    }

    #[test]
    fn an_answer_that_comes_later_is_kept() {
        let mut index = Index::default();
        index.push(&Summary { status: None, ..summary(1, "a", Verdict::Verified) });
        assert_eq!(index.row(0).status, None);
        index.answer(1, 202);
        index.answer(2, 500);
        assert_eq!(index.row(0).status, Some(202));
    }

    #[test]
    fn types_are_ranked_by_count_as_events_come() {
        let mut index = Index::default();
        for (seq, name) in (1..).zip(["a", "b", "c", "c", "b", "c", "d", "b", "b"]) {
            index.push(&summary(seq, name, Verdict::Verified));
        }
        let ranked: Vec<_> = index.types().map(|seen| (seen.name.to_owned(), seen.counts.all())).collect();
        assert_eq!(ranked[..2], [("b".to_owned(), 4), ("c".to_owned(), 3)]);
        assert_eq!(ranked[2..].iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1]);
    }

    #[test]
    fn of_several_targets_the_one_that_did_not_take_the_event_is_shown_until_it_is_sent_again() {
        let mut index = Index::default();
        (1..=3).for_each(|seq| index.push(&summary(seq, "a", Verdict::Verified)));
        let (taken, failed) = (Ending::Answered(201), Ending::Failed(FailureKind::Refused));
        for (seq, endings) in [(1, [failed, taken]), (2, [taken, failed]), (3, [taken, Ending::Answered(204)])] {
            endings.iter().for_each(|ending| index.delivered(seq, Origin::Forwarded, *ending, 1));
        }
        let ending = |index: &Index, position| index.row(position).ending.unwrap();
        assert_eq!([0, 1].map(|position| ending(&index, position)), [failed; 2]);
        assert!(ending(&index, 2).is_delivered());
        index.delivered(1, Origin::Rehearsed(None), taken, 1);
        assert_eq!(ending(&index, 0), failed);
        index.delivered(1, Origin::Asked, taken, 1);
        index.delivered(2, Origin::Retried, taken, 1);
        assert_eq!([0, 1].map(|position| ending(&index, position)), [taken; 2]);
    }

    #[test]
    fn newer_events_are_appended_once() {
        let (mut older, mut newer) = (Index::default(), Index::default());
        (1..=3).for_each(|seq| older.push(&summary(seq, "a", Verdict::Verified)));
        (2..=5).for_each(|seq| newer.push(&summary(seq, "", Verdict::Verified)));
        older.delivered(2, Origin::Asked, Ending::Answered(500), 1000);
        older.delivered(3, Origin::Asked, Ending::Answered(201), 1000);
        newer.delivered(2, Origin::Asked, Ending::Answered(201), 2000);
        newer.delivered(5, Origin::Asked, Ending::Answered(201), 2000);
        newer.set_marked(0, true);
        older.extend_from(&newer);
        let endings: Vec<_> =
            (0..5).map(|position| older.row(position).ending.map(|ending| ending.to_string())).collect();
        assert_eq!(endings, [None, Some("201".into()), Some("201".into()), None, Some("201".into())]);
        assert!(older.row(1).is_marked && !older.row(2).is_marked);
        assert_eq!(older.types().map(|seen| seen.times.map_or(0, Times::count)).sum::<u64>(), 4);
        assert_eq!((0..older.len()).map(|position| older.row(position).seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(older.row(4).event_type, NO_TYPE);
    }
}
