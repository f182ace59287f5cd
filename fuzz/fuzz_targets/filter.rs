//! Filters, parsed, printed and applied: `cargo fuzz run -s none filter`.
//!
//! Nothing panics, an error points into the text, a printed filter is the same filter, any request can be read for it, and a type's own term
//! selects that type.

#![no_main]

use hookglass::core::event::Summary;
use hookglass::core::filter::{Filter, Query, SavedFilters, completions, type_term};
use hookglass::core::index::Index;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::Verdict;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut index = Index::default();
    for (seq, (event_type, verdict)) in (1..).zip([("user.signup", Verdict::Verified), (text, Verdict::Invalid)]) {
        index.push(&summary(seq, event_type, verdict));
    }
    match Filter::parse(text) {
        Ok(filter) => {
            assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
            let mut query = query(filter.clone());
            let selected = query.select(&index, 0..index.len());
            assert!(selected.matching.is_sorted() && selected.matching.iter().all(|position| *position < index.len()));
            let head = Head::parse(b"POST / HTTP/1.1\r\nuser-agent: svix\r\n\r\n").expect("a head");
            let test = filter.request_test();
            (1..=2).for_each(|seq| query.know(seq, test.facts(&head, text.as_bytes())));
            assert!(query.select(&index, 0..index.len()).undecided.is_empty());
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column)),
    }
    if !text.is_empty() {
        let own = Filter::parse(&type_term(text)).expect("a type's own term is a filter");
        assert!(query(own).select(&index, 0..index.len()).matching.contains(&1));
    }
    for (cursor, _) in text.char_indices() {
        completions(text, cursor, &index, &SavedFilters::default());
    }
});

fn query(filter: Filter) -> Query {
    Query::new(filter, Timestamp::UNIX_EPOCH, TimeZone::UTC)
}

fn summary(seq: u64, event_type: &str, verdict: Verdict) -> Summary {
    Summary {
        seq,
        received_at: Timestamp::UNIX_EPOCH,
        method: "POST".to_owned(),
        path: "/webhooks/scalekit".to_owned(),
        webhook_id: Some(format!("msg_{seq}")),
        event_id: None,
        event_type: Some(event_type.to_owned()),
        organization_id: None,
        subject: Some("jane@example.com".to_owned()),
        verdict,
        reason: None,
        size: 2,
        response: ResponseState::Sent(201),
    }
}
