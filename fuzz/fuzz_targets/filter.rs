//! Filters, understood and applied: `cargo fuzz run -s none filter`.
//!
//! Nothing panics, an error points into the text, and a type's own term chooses that type.

#![no_main]

use hookglass::core::event::Summary;
use hookglass::core::filter::{Filter, type_term};
use hookglass::core::index::Index;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::Verdict;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut index = Index::default();
    for (seq, (event_type, verdict)) in (1..).zip([("user.signup", Verdict::Verified), (text, Verdict::Invalid)]) {
        index.push(&summary(seq, event_type, verdict));
    }
    match Filter::parse(text) {
        Ok(filter) => {
            let chosen = filter.select(&index, 0..index.len());
            assert!(chosen.is_sorted() && chosen.iter().all(|position| *position < index.len()));
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column)),
    }
    if !text.is_empty() {
        let own = Filter::parse(&type_term(text)).expect("a type's own term is a filter");
        assert!(own.select(&index, 0..index.len()).contains(&1));
    }
});

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
