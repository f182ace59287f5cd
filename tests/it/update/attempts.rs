//! Attempts of one message: one row, one key from the one to the other; and marks.

use crate::support::screen::{Screen, WIDE, load, summary};
use hookglass::core::event::{Seq, Summary};
use hookglass::core::signature::Verdict::{self, Invalid, Verified};
use hookglass::tui::effect::{Effect, Wanted};
use hookglass::tui::message::Message;

/// An attempt of message `id`.
fn attempt(seq: Seq, id: &str, verdict: Verdict) -> Summary {
    Summary { webhook_id: Some(id.to_owned()), ..summary(seq, "user.login", verdict) }
}

fn wanted(seq: Seq, attempts: &[Seq]) -> Effect {
    Effect::Load(Wanted { seq, attempts: attempts.to_vec() })
}

/// Message `m` came three times, with others between.
fn retried() -> Screen {
    let mut screen = Screen::new(WIDE);
    let events = [("m", Invalid), ("n", Verified), ("m", Invalid), ("o", Verified), ("m", Verified)];
    let summaries = (1..).zip(events).map(|(seq, (id, verdict))| attempt(seq, id, verdict)).collect();
    let effects = screen.send(Message::EventsStored(summaries));
    assert_eq!(effects, [Effect::CompareAttempts(vec![(1, 3), (3, 5)]), wanted(5, &[1, 3, 5])]);
    screen
}

#[test]
fn attempts_of_one_message_are_one_row() {
    let mut screen = retried();
    assert_eq!(screen.listed(), [2, 4, 5]);
    assert!(screen.text().contains("×3"), "{}", screen.text());
    screen.press("/");
    screen.type_text("is:invalid");
    assert_eq!(screen.listed(), [3], "the newest that the filter chooses");
}

#[test]
fn keys_go_through_the_attempts_of_a_message() {
    let mut screen = retried();
    assert_eq!(screen.press("<"), [wanted(3, &[1, 3, 5])]);
    assert!(!screen.model.events.is_following);
    assert_eq!((screen.selected(), screen.model.events.selected_line()), (Some(3), Some(2)), "the row stays");
    screen.press("< <");
    assert_eq!((screen.selected(), screen.notice()), (Some(1), "no earlier attempt of this message has come"));
    assert_eq!(screen.press("k"), [load(4)], "up is from the row");
    assert_eq!(screen.press(">"), [], "a message that came once has no other");
}

#[test]
fn a_new_attempt_of_what_is_shown_is_told_without_leaving_it() {
    let mut screen = retried();
    screen.press("<");
    let effects = screen.send(Message::EventsStored(vec![attempt(6, "m", Verified)]));
    assert_eq!(effects, [Effect::CompareAttempts(vec![(5, 6)]), wanted(3, &[1, 3, 5, 6])]);
    assert_eq!((screen.selected(), screen.listed()), (Some(3), vec![2, 4, 6]));
}

#[test]
fn bodies_that_differ_under_one_id_are_warned_about() {
    let mut screen = retried();
    assert!(!screen.text().contains('≠'));
    screen.send(Message::AttemptsDiffer(vec![3]));
    assert!(screen.text().contains("≠×3"), "{}", screen.text());
}

#[test]
fn marks_are_set_one_after_the_other_and_can_be_filtered() {
    let mut screen = retried();
    screen.press("g Space Space");
    assert_eq!(screen.selected(), Some(5));
    screen.press("/");
    screen.type_text("is:marked");
    screen.press("Enter");
    assert_eq!(screen.listed(), [2, 4]);
    assert_eq!(screen.text().matches('◆').count(), 2);
    screen.press("g Space");
    assert_eq!((screen.listed(), screen.selected()), (vec![4], Some(4)), "without its mark it is no longer chosen");
    screen.press("M");
    assert_eq!((screen.listed().len(), screen.notice()), (0, "one mark taken away"));
}
