//! Filters that need the requests: they are read in the background, the newest first, and the list fills.

use super::SIX;
use crate::support::screen::{Screen, WIDE, summary};
use hookglass::core::check::Accepted;
use hookglass::core::event::Seq;
use hookglass::core::filter::Facts;
use hookglass::core::request::Head;
use hookglass::core::signature::Verdict::{Invalid, Verified};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;

/// What is being read.
fn asked(effects: &[Effect]) -> Option<(u64, Vec<Seq>)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::ReadRequests { number, seqs, .. } => Some((*number, seqs.clone())),
        _ => None,
    })
}

/// The facts of a request with `body`.
fn facts(screen: &Screen, body: &str) -> Facts {
    let head = Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap();
    screen.model.events.query.filter().request_test(&Accepted::default()).facts(&head, body.as_bytes())
}

/// The requests `seqs` were read for the filter `number`; those in `matching` have `wanted` in their bodies.
fn read(screen: &mut Screen, number: u64, seqs: &[Seq], matching: &[Seq]) -> Vec<Effect> {
    let body = |seq: &Seq| if matching.contains(seq) { "{\"data\":{\"x\":\"wanted\"}}" } else { "" };
    let facts = seqs.iter().map(|seq| (*seq, facts(screen, body(seq)))).collect();
    screen.send(Message::RequestsRead { number, facts, failed: None })
}

fn filtered(text: &str) -> (Screen, u64, Vec<Seq>) {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("/");
    let effects = screen.send(Message::TextPasted(text.to_owned()));
    let (number, seqs) = asked(&effects).unwrap();
    (screen, number, seqs)
}

#[test]
fn the_requests_are_read_newest_first_and_the_list_fills() {
    let (mut screen, number, seqs) = filtered("wanted");
    assert_eq!((seqs, screen.listed()), (vec![6, 5, 4, 3, 2, 1], vec![]));
    assert!(screen.text().contains("no match yet; 0 of 6 requests searched"), "{}", screen.text());
    read(&mut screen, number, &[6, 5], &[5]);
    assert_eq!((screen.listed(), screen.selected()), (vec![5], Some(5)));
    assert!(screen.text().contains("33 % searched"), "{}", screen.text());
    read(&mut screen, number, &[4, 3, 2, 1], &[1, 4]);
    assert_eq!(screen.listed(), [1, 4, 5]);
    assert!(screen.text().contains("of 3 · 6 in all"), "{}", screen.text());
}

#[test]
fn only_events_that_the_list_cannot_decide_are_read() {
    let (_, _, seqs) = filtered("type:user.login data.x:wanted");
    assert_eq!(seqs, [5, 3, 1]);
    let (screen, _, seqs) = filtered("type:user.login OR -wanted");
    assert_eq!((screen.listed(), seqs), (vec![1, 3, 5], vec![6, 4, 2]));
}

#[test]
fn what_was_not_read_yet_is_read_next() {
    let (mut screen, number, _) = filtered("wanted");
    let effects = read(&mut screen, number, &[6, 5], &[]);
    assert_eq!(asked(&effects), Some((number, vec![4, 3, 2, 1])));
}

#[test]
fn a_newer_filter_ignores_results_for_the_earlier_one() {
    let (mut screen, number, seqs) = filtered("wanted");
    let effects = screen.type_text("x");
    let (newer, again) = asked(&effects).unwrap();
    assert!(newer > number);
    assert_eq!(again, seqs);
    assert!(read(&mut screen, number, &seqs, &[1, 2]).is_empty());
    assert!(screen.listed().is_empty());
}

#[test]
fn a_key_that_leaves_the_filter_as_it_is_reads_nothing_again() {
    let (mut screen, number, seqs) = filtered("wanted");
    read(&mut screen, number, &seqs, &[2]);
    assert_eq!(asked(&screen.press("Left End Space")), None);
    assert_eq!(screen.listed(), [2]);
}

#[test]
fn the_selected_event_stays_while_its_request_is_being_read() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("g j /");
    assert_eq!(screen.selected(), Some(2));
    let effects = screen.send(Message::TextPasted("wanted".to_owned()));
    let (number, seqs) = asked(&effects).unwrap();
    assert_eq!((seqs[0], screen.selected()), (2, Some(2)));
    read(&mut screen, number, &seqs[..1], &[2]);
    read(&mut screen, number, &seqs[1..], &[5, 6]);
    assert_eq!((screen.listed(), screen.selected()), (vec![2, 5, 6], Some(2)));
}

#[test]
fn new_events_are_read_too_and_counted_when_they_match() {
    let (mut screen, number, seqs) = filtered("wanted");
    read(&mut screen, number, &seqs, &[2, 4]);
    screen.press("Enter k");
    let effects = screen.keep(&[("a", Verified), ("a", Verified)]);
    assert_eq!(asked(&effects), Some((number, vec![8, 7])));
    assert_eq!(screen.listed(), [2, 4]);
    read(&mut screen, number, &[8, 7], &[7]);
    assert_eq!((screen.listed(), screen.model.events.unseen), (vec![2, 4, 7], 1));
}

#[test]
fn a_new_verdict_can_make_a_request_matter() {
    let (mut screen, number, seqs) = filtered("is:invalid wanted");
    assert_eq!(seqs, [5, 2]);
    read(&mut screen, number, &seqs, &[2]);
    let effects = screen.send(Message::Diagnosed((4, Invalid, None)));
    assert_eq!(asked(&effects), Some((number, vec![4])));
    read(&mut screen, number, &[4], &[4]);
    assert_eq!(screen.listed(), [2, 4]);
}

#[test]
fn matches_above_the_view_do_not_move_it() {
    let mut screen = Screen::new((80, 24));
    screen.send(Message::EventsStored((1..=400).map(|seq| summary(seq, "a", Verified)).collect()));
    screen.press("/");
    let effects = screen.send(Message::TextPasted("wanted".to_owned()));
    let (number, seqs) = asked(&effects).unwrap();
    screen.press("Enter");
    read(&mut screen, number, &seqs[..100], &seqs);
    screen.press("PgUp PgUp");
    let at = |screen: &Screen| screen.model.events.row(screen.model.events.top).seq;
    let (before, selected) = (at(&screen), screen.selected());
    read(&mut screen, number, &seqs[100..], &seqs);
    assert_eq!((at(&screen), screen.selected(), screen.listed().len()), (before, selected, 400));
}

#[test]
fn a_failure_to_read_is_shown_and_ends_the_search() {
    let (mut screen, number, _) = filtered("wanted");
    let failed = Message::RequestsRead { number, facts: Vec::new(), failed: Some("disk I/O error".to_owned()) };
    assert_eq!(asked(&screen.send(failed)), None);
    assert_eq!(screen.notice(), "cannot read the events to search: disk I/O error");
    assert!(screen.text().contains("none of 6 events matches the filter"), "{}", screen.text());
}
