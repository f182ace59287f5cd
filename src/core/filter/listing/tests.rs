//! The list equals what filtering everything at once gives, whatever the order of events.

use super::*;
use crate::core::check::Accepted;
use crate::core::event::Summary;
use crate::core::filter::node::Filter;
use crate::core::index::tests::summary;
use crate::core::request::Head;
use crate::core::signature::Verdict;
use proptest::prelude::*;

fn query(filter: &str) -> Query {
    Query::new(Filter::parse(filter).unwrap(), jiff::Timestamp::UNIX_EPOCH, jiff::tz::TimeZone::UTC)
}

fn listing(index: &Index, query: &Query) -> Listing {
    Listing::new(index, query).0
}

/// Events with these ids and verdicts.
fn push(index: &mut Index, events: &[(u8, bool)]) {
    for (id, is_invalid) in events {
        let verdict = if *is_invalid { Verdict::Invalid } else { Verdict::Verified };
        let webhook_id = (*id > 0).then(|| format!("msg_{id}"));
        index.push(&Summary { webhook_id, ..summary(index.last_seq() + 1, "a", verdict) });
    }
}

fn lines(listing: &Listing, index: &Index) -> Vec<usize> {
    (0..listing.len(index)).map(|line| listing.position(line)).collect()
}

#[test]
fn attempts_share_one_line_at_the_newest() {
    let mut index = Index::default();
    push(&mut index, &[(1, true), (2, false), (1, true), (0, false), (0, false), (1, false)]);
    let all = listing(&index, &Query::default());
    assert_eq!(lines(&all, &index), [1, 3, 4, 5]);
    assert_eq!([0, 2, 5].map(|position| all.line_of(&index, position)), [Some(3); 3]);
    let invalid = listing(&index, &query("is:invalid"));
    assert_eq!(lines(&invalid, &index), [2], "the newest that matches the filter");
    assert_eq!([0, 5, 1].map(|position| invalid.line_of(&index, position)), [Some(0), Some(0), None]);
}

#[test]
fn without_filter_and_repeated_attempts_every_event_has_its_line() {
    let mut index = Index::default();
    push(&mut index, &[(1, true), (2, false)]);
    let listing = Listing::new(&index, &Query::default()).0;
    assert_eq!((listing.len(&index), listing.is_partial()), (2, false));
}

proptest! {
    #[test]
    fn extending_step_by_step_equals_building_at_once(
        batches in prop::collection::vec(prop::collection::vec((0..4u8, any::<bool>()), 0..6), 0..6),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
        is_filtered: bool,
    ) {
        let query = query(if is_filtered { "is:invalid" } else { "" });
        let mut index = Index::default();
        let mut extended = listing(&index, &query);
        for batch in &batches {
            let from = index.len();
            push(&mut index, batch);
            extended.extend(&index, &query, from);
        }
        prop_assert_eq!(&extended, &listing(&index, &query));
        let changes = if index.is_empty() { &[] } else { &changes[..] };
        for (place, is_invalid) in changes {
            let position = place.index(index.len());
            let verdict = if *is_invalid { Verdict::Invalid } else { Verdict::Verified };
            let seq = index.row(position).seq;
            index.reverify(seq, verdict, None);
            extended.update(&index, &query, position);
            prop_assert_eq!(lines(&extended, &index), lines(&listing(&index, &query), &index));
        }
    }

    #[test]
    fn filling_in_steps_equals_building_at_once(
        events in prop::collection::vec((0..4u8, any::<bool>()), 0..30),
        steps in prop::collection::vec((1..7_usize, any::<prop::sample::Index>(), any::<bool>()), 40),
        later in prop::collection::vec((0..4u8, any::<bool>()), 0..6),
        is_filtered: bool,
    ) {
        let query = query(if is_filtered { "is:invalid" } else { "" });
        let mut index = Index::default();
        push(&mut index, &events);
        let mut filled = Listing::begin(&index, &query);
        let mut later = later.chunks(2);
        for (count, place, is_invalid) in steps {
            filled.fill(&index, &query, count);
            if !index.is_empty() {
                let position = place.index(index.len());
                let verdict = if is_invalid { Verdict::Invalid } else { Verdict::Verified };
                index.reverify(index.seq(position), verdict, None);
                filled.update(&index, &query, position);
            }
            let from = index.len();
            push(&mut index, later.next().unwrap_or_default());
            filled.extend(&index, &query, from);
        }
        prop_assert!(!filled.is_filling());
        prop_assert_eq!(lines(&filled, &index), lines(&listing(&index, &query), &index));
    }

    #[test]
    fn narrowing_equals_filtering_all_events(
        events in prop::collection::vec((0..6u8, any::<bool>()), 0..40),
        before in prop::sample::select(&["m", "is:invalid", "msg", "type:a OR is:invalid", "-msg_2"][..]),
        more in prop::sample::select(&["", "sg_1", " msg_3", " -msg_1", " is:verified", "_"][..]),
        filled_before in 0..50_usize,
        step in 1..9_usize,
    ) {
        let text = format!("{before}{more}");
        prop_assume!(Filter::parse(&text).is_ok());
        let (wide, narrow) = (query(before), query(&text));
        prop_assume!(narrow.filter().is_narrower_than(wide.filter()));
        let known = |query: &Query, index: &Index| {
            let mut query = query.clone();
            (0..index.len()).for_each(|position| query.know(index.seq(position), Default::default()));
            query
        };
        let mut index = Index::default();
        push(&mut index, &events);
        let (wide, narrow) = (known(&wide, &index), known(&narrow, &index));
        let mut listed = Listing::begin(&index, &wide);
        listed.fill(&index, &wide, filled_before);
        listed = listed.narrowed(&index);
        while listed.is_filling() {
            listed.fill(&index, &narrow, step);
        }
        prop_assert_eq!(lines(&listed, &index), lines(&listing(&index, &narrow), &index));
    }

    #[test]
    fn deciding_in_any_order_equals_knowing_at_once(
        events in prop::collection::vec((0..4u8, any::<bool>()), 0..30),
        matching in prop::collection::vec(any::<bool>(), 30),
        chunk in 1..7_usize,
        is_newest_first: bool,
    ) {
        let head = Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap();
        let mut query = query("data.a:1");
        let mut index = Index::default();
        push(&mut index, &events);
        let (mut filled, undecided) = Listing::new(&index, &query);
        prop_assert_eq!(&undecided, &(0..index.len()).collect::<Vec<_>>());
        let mut chunks: Vec<_> = undecided.chunks(chunk).collect();
        if is_newest_first {
            chunks.reverse();
        }
        for positions in chunks {
            for position in positions {
                let body = if matching[*position] { &b"{\"data\": {\"a\": 1}}"[..] } else { b"{}" };
                let facts = query.filter().request_test(&Accepted::default()).facts(&head, body);
                query.know(index.row(*position).seq, facts);
            }
            filled.decide(&index, &query, positions);
        }
        let (at_once, undecided) = Listing::new(&index, &query);
        prop_assert!(undecided.is_empty());
        prop_assert_eq!(lines(&filled, &index), lines(&at_once, &index));
    }
}
