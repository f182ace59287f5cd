//! Choosing a sample.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use hookglass::core::catalog::catalog;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;

/// The type and the target of the sample that is sent.
fn sent(effects: &[Effect]) -> (&str, Option<String>) {
    match effects.first() {
        Some(Effect::SendSample { event_type, target }) => (&event_type.name, target.as_ref().map(ToString::to_string)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sample_is_found_by_typing_and_is_selected_the_next_time() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("T");
    screen.type_text("logout");
    let effects = screen.press("Enter");
    assert_eq!(sent(&effects), ("user.logout", None));
    assert_eq!(screen.model.all_recent().sample.as_deref(), Some("user.logout"));
    assert_eq!(sent(&screen.press("T Enter")), ("user.logout", None));
    let after = catalog().events().iter().skip_while(|event| event.name != "user.logout").nth(1).unwrap();
    assert_eq!(sent(&screen.press("T Down Enter")).0, after.name);
}

#[test]
fn a_sample_can_go_to_the_target() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("T Ctrl-t"), []);
    assert_eq!(screen.notice(), "no target yet; press `=` to set one");
    screen.model.setup.target = Some("4000".parse().unwrap());
    let effects = screen.press("T Ctrl-t");
    assert_eq!(sent(&effects).1.as_deref(), Some("http://localhost:4000/"));
    let target = screen.model.setup.target.clone();
    screen.send(Message::SampleSent { event_type: "user.signup", target, status: 404 });
    assert_eq!(screen.notice(), "sample `user.signup` sent; localhost:4000 responded 404");
}

#[test]
fn the_mouse_chooses_a_sample() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("T");
    screen.type_text("user");
    let text = screen.text();
    let row = text.lines().position(|line| line.contains(" User Signup ")).unwrap_or_else(|| panic!("{text}"));
    let effects = screen.send(Message::Clicked { column: 20, row: row.try_into().unwrap() });
    assert_eq!(sent(&effects).0, "user.signup");
    screen.press("T");
    screen.type_text("no such type");
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.text().contains("no type matches"));
    screen.send(Message::Clicked { column: 0, row: 0 });
    assert!(screen.model.overlay.is_none(), "a click outside closes the list");
}
