//! Hides deleted events and shows restored ones. Their positions stay, so nothing must be read again.

use super::{Index, Seq};

impl Index {
    /// How many events are not hidden.
    pub fn count(&self) -> usize {
        self.len() - self.hidden
    }

    /// Whether any event is hidden.
    pub(in crate::core) fn has_hidden(&self) -> bool {
        self.hidden > 0
    }

    pub(in crate::core) fn is_hidden(&self, position: usize) -> bool {
        self.states[position].is_hidden
    }

    /// The numbers of the hidden events.
    pub(super) fn hidden_seqs(&self) -> Vec<Seq> {
        let positions = if self.hidden == 0 { 0..0 } else { 0..self.len() };
        positions.filter(|position| self.is_hidden(*position)).map(|position| self.seq(position)).collect()
    }

    /// Hides events: nothing counts or finds them any more, and the other attempts of their messages get new numbers. Ignores unknown
    /// events and hidden ones.
    pub(crate) fn hide(&mut self, seqs: &[Seq]) {
        self.set_hidden(seqs, true);
    }

    /// Shows hidden events again.
    pub(crate) fn show(&mut self, seqs: &[Seq]) {
        self.set_hidden(seqs, false);
    }

    fn set_hidden(&mut self, seqs: &[Seq], is_hidden: bool) {
        for seq in seqs {
            let Some(position) = self.place_of(*seq).filter(|position| self.is_hidden(*position) != is_hidden) else {
                continue;
            };
            self.states[position].is_hidden = is_hidden;
            self.note_hidden(position, is_hidden);
            let (type_id, verdict) = (self.type_ids.get_u32(position), self.verdict(position));
            let received_at_us = self.received_at_us(position);
            if is_hidden {
                self.hidden += 1;
                self.totals.remove(verdict);
                self.uncount_type(type_id, verdict, received_at_us);
            } else {
                self.hidden -= 1;
                self.totals.add(verdict);
                self.recount_type(type_id, verdict, received_at_us);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::summary;
    use super::*;
    use crate::core::delivery::{Ending, Origin};
    use crate::core::event::Summary;
    use crate::core::filter::{Facts, Filter, Listing, Query};
    use crate::core::index::VerdictCounts;
    use crate::core::signature::Verdict;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// Event `seq`: an attempt of message `id` (0: it has no id) in the minute `minute`.
    fn event(seq: Seq, (id, kind, verdict, minute): (u8, u8, Verdict, i64)) -> Summary {
        Summary {
            webhook_id: (id > 0).then(|| format!("msg_{id}")),
            received_at: Timestamp::from_second(minute * 60).unwrap(),
            ..summary(seq, ["a", "b.c", "b.d", ""][usize::from(kind)], verdict)
        }
    }

    /// An event in numbers and words, without its position: the attempts of its message, and what its row shows.
    type Seen = (Seq, u32, u32, Vec<Seq>, bool, String);

    /// All that the screen shows of an index.
    fn seen(index: &Index, now: Timestamp) -> (Vec<Seen>, VerdictCounts, Vec<String>, Vec<Vec<Seq>>) {
        let seq = |position: usize| index.row(position).seq;
        let all = Query::default().select(index, 0..index.len()).matching;
        let rows = all.iter().map(|&position| {
            let attempts = index.attempts(position, 99).into_iter().map(seq).collect();
            let row = index.row(position);
            let words = format!("{} {} {:?} {:?}", row.event_type, row.verdict, row.ending, row.reason);
            (row.seq, row.attempt, index.attempt_count(position), attempts, index.is_repeated(position), words)
        });
        let mut types: Vec<_> =
            index.types().map(|seen| format!("{} {:?} {:?}", seen.name, seen.counts, seen.recent.until(now))).collect();
        types.sort();
        let lists = ["", "is:invalid", "is:retried", "type:b.*", "msg_1"].map(|filter| {
            let mut query = Query::new(Filter::parse(filter).unwrap(), now, jiff::tz::TimeZone::UTC);
            (0..index.len()).for_each(|position| query.know(seq(position), Facts::default()));
            let listing = Listing::new(index, &query).0;
            (0..listing.len(index)).map(|line| seq(listing.position(line))).collect()
        });
        (rows.collect(), *index.totals(), types, lists.to_vec())
    }

    proptest! {
        #[test]
        fn an_index_with_hidden_events_equals_one_that_never_had_them(
            mut events in prop::collection::vec((0..4u8, 0..4u8, select(&Verdict::ALL[..]), 0..14i64), 1..24),
            steps in prop::collection::vec((any::<bool>(), prop::collection::vec(1..26u64, 0..8)), 0..6),
            later in (0..4u8, 0..4u8, select(&Verdict::ALL[..])),
        ) {
            events.sort_by_key(|event| event.3);
            let now = Timestamp::from_second(14 * 60).unwrap();
            let all: Vec<_> = (1..).zip(&events).map(|(seq, event_)| event(seq, *event_)).collect();
            let mut index = Index::default();
            all.iter().for_each(|summary| index.push(summary));
            let mut hidden = std::collections::BTreeSet::new();
            for (is_hidden, seqs) in &steps {
                if *is_hidden {
                    index.hide(seqs);
                    hidden.extend(seqs.iter().copied());
                } else {
                    index.show(seqs);
                    hidden.retain(|seq| !seqs.contains(seq));
                }
                let shown = all.iter().filter(|summary| !hidden.contains(&summary.seq));
                let mut rebuilt = Index::default();
                shown.clone().for_each(|summary| rebuilt.push(summary));
                prop_assert_eq!(seen(&index, now), seen(&rebuilt, now));
                prop_assert_eq!((index.count(), index.is_empty()), (rebuilt.len(), rebuilt.is_empty()));
                let ranks: Vec<_> = index.types().map(|seen| seen.counts.all()).collect();
                prop_assert!(ranks.is_sorted_by(|a, b| a >= b) && !ranks.contains(&0));
            }
            // A later attempt, and a new verdict on every event, whether hidden or not.
            let mut rebuilt = Index::default();
            all.iter().filter(|summary| !hidden.contains(&summary.seq)).for_each(|summary| rebuilt.push(summary));
            for index in [&mut index, &mut rebuilt] {
                index.push(&event(99, (later.0, later.1, later.2, 14)));
                (1..=24).for_each(|seq| index.reverify(seq, Verdict::Unsigned, None));
                index.delivered(99, Origin::Asked, Ending::Responded(500), 1, false);
            }
            prop_assert_eq!(seen(&index, now), seen(&rebuilt, now));
            index.show(&hidden.iter().copied().collect::<Vec<_>>());
            let mut whole = Index::default();
            all.iter().for_each(|summary| whole.push(summary));
            whole.push(&event(99, (later.0, later.1, later.2, 14)));
            (1..=24).for_each(|seq| whole.reverify(seq, Verdict::Unsigned, None));
            whole.delivered(99, Origin::Asked, Ending::Responded(500), 1, false);
            prop_assert_eq!(seen(&index, now), seen(&whole, now));
        }
    }

    #[test]
    fn hidden_events_are_not_found_but_keep_what_becomes_of_them() {
        let mut index = Index::default();
        (1..=3).for_each(|seq| index.push(&summary(seq, "a", Verdict::Unchecked)));
        index.hide(&[2, 9]);
        assert_eq!((index.position_of(2), index.count(), index.last_seq()), (None, 2, 3));
        index.reverify(2, Verdict::Verified, None);
        assert_eq!(index.totals().of(Verdict::Verified), 0);
        index.show(&[2]);
        assert_eq!((index.totals().of(Verdict::Verified), index.position_of(2)), (1, Some(1)));
        index.hide(&[1, 2, 3]);
        assert!(index.is_empty() && index.last_seq() == 3);
        let mut newer = Index::default();
        (1..=3).for_each(|seq| newer.push(&summary(seq, "a", Verdict::Unchecked)));
        newer.extend_from(&index);
        assert!(newer.is_empty(), "what is hidden stays hidden in the larger index");
    }
}
