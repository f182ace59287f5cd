//! Forwards that an earlier run left: the question, and what each choice does.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use crate::support::story;
use hookglass::core::delivery::{LeftForward, Leftovers};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Overlay;

/// Events 4 and 5 were queued when hookglass ended, event 3 may have arrived.
fn left() -> Vec<Leftovers> {
    let target = "http://app:1/".to_owned();
    let forward =
        |seq, is_unknown| LeftForward { seq, received_at: story::now(), place: 0, target: target.clone(), is_unknown };
    let (queued, unknown) = (vec![forward(4, false), forward(5, false)], vec![forward(3, true)]);
    vec![Leftovers { place: 0, target: target.clone(), queued, unknown }]
}

fn offered(is_resumed: bool) -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.send(Message::LeftForwardsFound { left: left(), is_resumed });
    assert!(matches!(screen.model.overlay, Some(Overlay::Leftovers)));
    screen
}

#[test]
fn the_question_lists_what_is_left_and_sends_what_is_chosen() {
    let mut screen = offered(false);
    let text = screen.text();
    for part in ["2 events were still queued for", "event 3 was on the way to", "3 forwards were pending"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(screen.press("j"), []);
    assert_eq!(screen.press("s"), [Effect::ResumeForwards { left: left(), with_unknown: false }]);
    assert_eq!(screen.model.in_flight.count(), 2);
    assert!(screen.model.overlay.is_none());
    // The unknown one is sent only if the user chooses.
    let unknown = vec![Leftovers { queued: Vec::new(), ..left().remove(0) }];
    assert_eq!(screen.press("d p a"), [Effect::ResumeForwards { left: unknown, with_unknown: true }]);
    assert_eq!((screen.model.in_flight.count(), screen.model.all_problems().len()), (3, 0));
    assert_eq!(screen.press("d p"), []);
    assert_eq!(screen.notice(), "an earlier run left nothing to forward");
}

#[test]
fn what_the_user_does_not_want_is_not_offered_again() {
    let mut screen = offered(false);
    assert_eq!(screen.press("x"), [Effect::ForgetForwards(left())]);
    screen.send(Message::ForwardsForgotten(Ok(3)));
    let said = "3 events will not be forwarded; `r` re-delivers one";
    assert_eq!((screen.notice(), screen.model.in_flight.count()), (said, 0));
}

#[test]
fn what_is_resumed_at_startup_leaves_only_the_unknown_ones_to_decide() {
    let mut screen = offered(true);
    assert_eq!(screen.model.in_flight.count(), 2);
    assert_eq!(screen.notice(), "forwarding 2 events of an earlier run");
    assert_eq!(screen.press("Esc"), []);
    assert_eq!(screen.model.all_problems()[0].text, "1 forward was pending when hookglass ended");
}

#[test]
fn the_question_does_not_replace_what_is_open() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("/");
    screen.send(Message::LeftForwardsFound { left: left(), is_resumed: false });
    assert!(matches!(screen.model.overlay, Some(Overlay::Filter(_))));
    assert_eq!(screen.model.left, left());
}
