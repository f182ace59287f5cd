//! Attempts of one message share a row, and keys switch between them. Marks.

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

/// Message `m` has three attempts, with other messages in between.
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
    assert_eq!(screen.listed(), [3], "the newest attempt that matches the filter");
}

#[test]
fn keys_switch_between_the_attempts_of_a_message() {
    let mut screen = retried();
    assert_eq!(screen.press("<"), [wanted(3, &[1, 3, 5])]);
    assert!(!screen.model.events.is_following);
    assert_eq!((screen.selected(), screen.model.events.selected_line()), (Some(3), Some(2)), "the row stays selected");
    screen.press("< <");
    assert_eq!((screen.selected(), screen.notice()), (Some(1), "no earlier attempt of this message"));
    assert_eq!(screen.press("k"), [load(4)], "up starts at the row");
    assert_eq!(screen.press(">"), [], "this message has only one attempt");
}

#[test]
fn a_new_attempt_of_the_shown_message_keeps_the_selection() {
    let mut screen = retried();
    screen.press("<");
    let effects = screen.send(Message::EventsStored(vec![attempt(6, "m", Verified)]));
    assert_eq!(effects, [Effect::CompareAttempts(vec![(5, 6)]), wanted(3, &[1, 3, 5, 6])]);
    assert_eq!((screen.selected(), screen.listed()), (Some(3), vec![2, 4, 6]));
}

#[test]
fn different_bodies_under_one_id_get_a_warning() {
    let mut screen = retried();
    assert!(!screen.text().contains('≠'));
    screen.send(Message::AttemptsDiffer(vec![3]));
    assert!(screen.text().contains("≠×3"), "{}", screen.text());
}

#[test]
fn marking_moves_to_the_next_event_and_marks_can_be_filtered() {
    let mut screen = retried();
    screen.press("g Space Space");
    assert_eq!(screen.selected(), Some(5));
    screen.press("/");
    screen.type_text("is:marked");
    screen.press("Enter");
    assert_eq!(screen.listed(), [2, 4]);
    assert_eq!(screen.text().matches('◆').count(), 2);
    screen.press("g Space");
    assert_eq!((screen.listed(), screen.selected()), (vec![4], Some(4)), "without its mark it is no longer listed");
    screen.press("M");
    assert_eq!((screen.listed().len(), screen.notice()), (0, "1 mark cleared"));
}
