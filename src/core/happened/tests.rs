//! What is read of the pages, and how far events got.

use super::pages::Problem;
use super::*;
use crate::core::delivery::{Doubt, Ending, FailureKind};
use crate::core::event::Summary;
use crate::core::index::Index;
use crate::core::index::tests::summary;
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use jiff::Timestamp;

const HAPPENED: i64 = 1_800_000_000;

fn event(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"user.login","occurred_at":"2027-01-15T08:00:00Z","data":{{"events":[1]}}}}"#)
}

fn ids(pages: &Pages) -> Vec<&str> {
    pages.entries.iter().map(|entry| entry.event_id.as_deref().unwrap_or("-")).collect()
}

fn why(pages: &Pages) -> Vec<(usize, &str)> {
    pages.problems.iter().map(|Problem { line, why }| (*line, why.as_str())).collect()
}

#[test]
fn events_are_found_in_every_form_of_the_pages() {
    let [a, b] = ["evt_a", "evt_b"].map(event);
    for text in [
        format!(r#"{{"events":[{a},{b}],"next_page_token":"","total_size":2}}"#),
        format!(r#"{{"nextPageToken":"","events":[{a},{b}]}}"#),
        format!("[{a},{b}]"),
        format!(r#"[{{"events":[{a}]}},{{}},{{"events":null}},{{"events":[{b}]}}]"#),
        format!("{a}\n{b}\n"),
        format!("\u{feff}{a}\r\n\r\n{b}"),
        format!("{{\"events\":[{a}]}}{{\"events\":\n[{b}]}}"),
    ] {
        let pages = read(text.as_bytes());
        assert_eq!(ids(&pages), ["evt_a", "evt_b"], "{text}");
        assert_eq!((why(&pages), pages.repeated, pages.has_next), (vec![], 0, false), "{text}");
    }
}

#[test]
fn an_event_has_the_names_of_a_webhook() {
    let text = r#"{ "id": "evt_1", "specVersion": "1", "type": "user.login", "organizationId": "org_1",
        "occurredAt": "2027-01-15T08:00:00.5Z", "data": { "occurredAt": 1e3, "displayName": "\u0041 b" } }"#;
    let pages = read(text.as_bytes());
    let entry = &pages.entries[0];
    assert_eq!(entry.organization_id.as_deref(), Some("org_1"));
    assert_eq!(entry.occurred_at.map(|time| time.as_millisecond()), Some(HAPPENED * 1000 + 500));
    let body = r#"{"id":"evt_1","spec_version":"1","type":"user.login","organization_id":"org_1","occurred_at":"2027-01-15T08:00:00.5Z","data":{"occurredAt":1e3,"displayName":"\u0041 b"}}"#;
    assert_eq!(String::from_utf8_lossy(&entry.body), body);
}

#[test]
fn what_cannot_be_read_is_named_by_its_line_and_the_rest_is_read() {
    let [a, b] = ["evt_a", "evt_b"].map(event);
    let long = event(&"x".repeat(100_000));
    let no_event = "the object is no event with `id` and `type`, nor a page with `events`";
    let cut = &a[..40];
    for (text, expected, problems) in [
        (format!("{a}\n5\n\"x\"\n{b}"), 2, vec![(2, "a number is not an event"), (3, "a string is not an event")]),
        (
            format!("{{\"events\":[{a},\nnull,\n[],{b}]}}"),
            2,
            vec![(2, "`null` is not an event"), (3, "a list in a list is not an event")],
        ),
        (format!("{{\"events\":{{\"a\":1}}}}\n{a}"), 1, vec![(1, "`events` is not a list")]),
        (r#"{"code":16,"message":"unauthenticated"}"#.to_owned(), 0, vec![(1, no_event)]),
        (format!("{{\"events\":[{{}},\n{a}]}}"), 1, vec![(1, "the object is no event with `id` and `type`")]),
        (
            format!("{{\"type\":\"user.login\"}}\n{{\"id\":\"evt_a\",\"type\":1}}\n{b}"),
            3,
            vec![(1, "the event has no `id`"), (2, "the event has no `type`")],
        ),
        (format!("{a}\n{long}"), 2, vec![]),
        (
            format!("{{\"events\":[{a},\n{b},\n{cut}"),
            2,
            vec![(3, "the file ends before its JSON does; the event that begins on line 3 is left out")],
        ),
        (format!("{{\"events\":[{a},\n"), 1, vec![(2, "the file ends before its JSON does")]),
        (
            format!("{cut}\n{b}"),
            1,
            vec![(
                1,
                "it is not JSON: expected a control character in a string to be escaped; the event that begins on line 1 is left out",
            )],
        ),
        (format!("{a}}}\n{b}"), 2, vec![(1, "it is not JSON: expected a value")]),
        ("<html>".to_owned(), 0, vec![(1, "it is not JSON: expected a value")]),
    ] {
        let pages = read(text.as_bytes());
        assert_eq!(why(&pages), problems, "{text}");
        assert_eq!(pages.entries.len(), expected, "{text}");
    }
    let pages = read(&[a.as_bytes(), b"\n\xff\n", b.as_bytes()].concat());
    assert_eq!(
        (ids(&pages), why(&pages)),
        (vec!["evt_a"], vec![(2, "it is not UTF-8; the rest of the file is left out")])
    );
    let pages = read(format!("{{\"events\":[{a},{b},{a}],\"next_page_token\":\"abc\"}}").as_bytes());
    assert_eq!((ids(&pages), pages.repeated, pages.has_next), (vec!["evt_a", "evt_b"], 1, true));
}

fn entry(text: &str) -> Entry {
    read(text.as_bytes()).entries.remove(0)
}

fn time(after_s: i64) -> Timestamp {
    Timestamp::from_second(HAPPENED + after_s).unwrap()
}

fn arrived(
    verdict: Verdict,
    after_s: i64,
    response: ResponseState,
    deliveries: &[(i64, Ending, Option<Doubt>)],
) -> Arrived {
    let handled = |(at, ending, doubt): &(i64, Ending, Option<Doubt>)| Handled {
        ended_at: time(*at),
        ending: *ending,
        doubt: *doubt,
    };
    Arrived {
        seq: 1,
        received_at: time(after_s),
        verdict,
        reason: None,
        response,
        deliveries: deliveries.iter().map(handled).collect(),
    }
}

#[test]
fn an_event_got_as_far_as_its_best_request() {
    use Ending::{Failed, Responded};
    use Verdict::{Invalid, Unchecked, Unsigned, Verified};
    let sent = ResponseState::Sent;
    let ok = |after_s| (after_s, Responded(201), None);
    for (requests, state, why) in [
        (vec![], State::Missing, ""),
        (vec![arrived(Verified, 2, sent(201), &[])], State::Handled, ""),
        (vec![arrived(Unchecked, 2, sent(201), &[])], State::Handled, ""),
        (vec![arrived(Verified, 2, sent(201), &[ok(300)])], State::Handled, ""),
        (vec![arrived(Verified, 301, sent(201), &[])], State::Late, "it arrived 5 min after it happened"),
        (vec![arrived(Verified, 2, sent(201), &[ok(7200)])], State::Late, "your app accepted it 2 h after it happened"),
        (vec![arrived(Invalid, 2, sent(401), &[])], State::Refused, "the signature did not verify: invalid"),
        (vec![arrived(Unsigned, 2, sent(401), &[ok(3)])], State::Refused, "the signature did not verify: unsigned"),
        (vec![arrived(Invalid, 2, sent(401), &[]), arrived(Verified, 9, sent(201), &[ok(10)])], State::Handled, ""),
        (vec![arrived(Verified, 2, sent(503), &[])], State::Refused, "hookglass responded 503"),
        (vec![arrived(Verified, 2, sent(503), &[]), arrived(Verified, 9, sent(201), &[])], State::Handled, ""),
        (vec![arrived(Verified, 2, sent(201), &[(3, Responded(500), None)])], State::Refused, "your app responded 500"),
        (
            vec![arrived(
                Verified,
                2,
                sent(201),
                &[(3, Responded(500), None), (8, Failed(FailureKind::Refused), None)],
            )],
            State::Refused,
            "the delivery failed: refused",
        ),
        (vec![arrived(Verified, 2, sent(201), &[(3, Responded(500), None), ok(9)])], State::Handled, ""),
        (
            vec![arrived(Verified, 2, sent(201), &[(15, Responded(200), Some(Doubt::Late))])],
            State::Late,
            "your app responded after the provider's time limit of 10 s",
        ),
        (
            vec![arrived(Verified, 2, sent(201), &[(3, Responded(200), Some(Doubt::SaysFailed))])],
            State::Refused,
            "your app responded 2xx, but the body says that it failed",
        ),
    ] {
        let outcome = assess(&entry(&event("evt_1")), &requests, false);
        assert_eq!((outcome.state, &*outcome.why), (state, why), "{requests:?}");
    }
}

#[test]
fn an_event_whose_type_no_webhook_has_is_not_missing() {
    let unknown = entry(r#"{"id":"evt_1","type":"auth_request.started"}"#);
    assert_eq!(assess(&unknown, &[], false).state, State::Unsent);
    assert_eq!(assess(&unknown, &[], true).state, State::Missing, "such an event has arrived before");
}

#[test]
fn requests_are_found_by_id_and_candidates_by_type_and_time() {
    let at = |seq, kind: &str, id: &str, after_s| Summary {
        received_at: time(after_s),
        event_id: Some(id.to_owned()),
        ..summary(seq, kind, Verdict::Verified)
    };
    let mut index = Index::default();
    for event in [
        at(1, "user.login", "evt_b", -900),
        at(2, "user.login", "evt_a", 1),
        at(3, "user.login", "evt_x", -1),
        at(4, "user.login", "evt_a", 9),
        at(5, "user.logout", "evt_y", 9),
        at(6, "user.login", "evt_a", 20),
        at(7, "user.login", "evt_z", 20),
    ] {
        index.push(&event);
    }
    index.hide(&[6]);
    let found = by_id(&index, &[entry(&event("evt_a")), entry(&event("evt_b")), entry(&event("evt_c"))]);
    assert_eq!(found.positions, [vec![1, 3], vec![0], vec![]]);
    assert_eq!(found.others, [7, 3]);
    assert!(found.types.contains("user.logout"));
    let found = by_id(&index, &[entry(&event("evt_a"))]);
    assert_eq!(found.others, Vec::<u64>::new(), "nothing is left to find");
}
