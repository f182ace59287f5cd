//! Copies and deliveries: what goes out, and what is said of it.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load};
use crate::support::story;
use hookglass::core::delivery::{Delivery, Manner, Origin};
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::effect::{Effect, Order};
use hookglass::tui::message::Message;
use hookglass::tui::model::Tone;

fn sending() -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.target = Some("localhost:4000".parse().unwrap());
    screen
}

#[test]
fn r_signs_again_and_shift_r_sends_byte_for_byte() {
    for (keys, wanted) in [("r", Manner::Resigned), ("R", Manner::AsReceived)] {
        let mut screen = sending();
        let target = "http://localhost:4000/".parse().unwrap();
        assert_eq!(screen.press(keys), [Effect::Send { order: Order::Event { seq: 6, manner: wanted }, target }]);
        assert_eq!(screen.model.running_deliveries, 1);
    }
}

#[test]
fn a_delivery_that_ended_is_told_and_its_event_read_anew() {
    let mut screen = sending();
    screen.press("r");
    let effects = screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 201))));
    assert_eq!((effects, screen.model.running_deliveries), (vec![load(6)], 0));
    assert_eq!(screen.notice(), "http://localhost:4000/webhooks/scalekit answered 201 in 12 ms");
    screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 500))));
    assert_eq!(screen.model.notice.as_ref().unwrap().tone, Tone::Bad);
    screen.send(Message::DeliveryFinished(Box::new(story::refused(6))));
    assert!(screen.notice().contains("connection refused"));
}

#[test]
fn a_delivery_of_another_event_reads_nothing() {
    let mut screen = sending();
    screen.press("r");
    assert_eq!(screen.send(Message::DeliveryFinished(Box::new(story::answered(3, 201)))), []);
}

#[test]
fn a_forwarded_event_is_counted_in_the_header_and_not_announced() {
    let mut screen = sending();
    screen.press("r");
    let notice = screen.notice().to_owned();
    let forwarded = Delivery { origin: Origin::Forwarded, ..story::answered(3, 503) };
    screen.send(Message::DeliveryFinished(Box::new(forwarded)));
    assert_eq!((screen.notice(), screen.model.running_deliveries), (notice.as_str(), 1));
    assert_eq!(screen.model.last_delivery.as_ref().unwrap().ending.to_string(), "503");
}

#[test]
fn a_copied_curl_goes_to_the_target() {
    let mut screen = sending();
    let effects = screen.press("y c");
    assert!(
        matches!(&effects[..], [Effect::Copy { seq: 6, url, .. }] if url == "http://localhost:4000/"),
        "{effects:?}"
    );
}

#[test]
fn a_copy_for_the_terminal_is_written_to_it() {
    let mut screen = sending();
    let message = Message::TextCopied { what: "id", how: "sent to the terminal".to_owned(), sequence: Some(vec![7]) };
    assert_eq!(screen.send(message), [Effect::WriteToTerminal(vec![7])]);
    assert_eq!(screen.notice(), "id sent to the terminal");
}

#[test]
fn a_notice_goes_away_by_itself() {
    let mut screen = sending();
    screen.press("m");
    let told_at = screen.model.now;
    screen.send(Message::Ticked(told_at + jiff::SignedDuration::from_secs(5)));
    assert_ne!(screen.notice(), "");
    screen.send(Message::Ticked(told_at + jiff::SignedDuration::from_secs(6)));
    assert_eq!(screen.notice(), "");
}

#[test]
fn the_missing_secret_is_a_problem_until_one_is_added() {
    let mut screen = Screen::start(WIDE, &[], hookglass::core::index::Index::default());
    screen.keep(&[("user.login", Verified)]);
    assert!(screen.text().contains("no signing secret"));
    screen.send(Message::SecretAdded { label: "pasted".to_owned(), warning: None });
    assert!(!screen.text().contains("no signing secret"));
}

#[test]
fn the_same_problem_is_kept_once() {
    let mut screen = sending();
    let problem = hookglass::tui::model::Problem { text: "disk full".to_owned(), hint: "make room".to_owned() };
    for _ in 0..2 {
        screen.send(Message::ProblemFound(problem.clone()));
    }
    assert_eq!(screen.model.problems.len(), 1);
}
