//! The target field: typing replaces the suggestion, and earlier targets come back.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use crate::support::story::now;
use hookglass::core::recent::Recent;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Overlay;

fn with_recent(targets: &[&str]) -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    let targets = targets.iter().map(|url| (*url).to_owned()).collect();
    screen.model.recall(Recent { targets, ..Recent::default() });
    screen
}

fn typed(screen: &Screen) -> &str {
    match &screen.model.overlay {
        Some(Overlay::Prompt { input, .. }) => input.value(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_target_of_an_earlier_run_is_suggested() {
    let mut screen = with_recent(&["http://localhost:4000/hooks", "http://localhost:5000/"]);
    screen.press("=");
    assert_eq!(typed(&screen), "http://localhost:4000/hooks");
    screen.press("Enter");
    assert_eq!(screen.model.setup.target.as_ref().unwrap().to_string(), "http://localhost:4000/hooks");
}

#[test]
fn what_is_typed_or_pasted_replaces_the_suggestion_and_what_is_edited_does_not() {
    let mut screen = with_recent(&["http://localhost:4000/"]);
    screen.press("=");
    screen.type_text("5000");
    assert_eq!(typed(&screen), "5000");
    screen.press("Esc =");
    screen.send(Message::TextPasted("http://localhost:6000/x".to_owned()));
    assert_eq!(typed(&screen), "http://localhost:6000/x");
    screen.press("Esc = End");
    screen.type_text("hooks");
    assert_eq!(typed(&screen), "http://localhost:4000/hooks");
    screen.press("Esc = Backspace");
    assert_eq!(typed(&screen), "http://localhost:4000");
}

#[test]
fn the_arrows_go_through_the_last_targets() {
    let mut screen = with_recent(&["http://a/", "http://b/"]);
    screen.press("=");
    screen.type_text("c");
    let seen: Vec<_> = ["Up", "Up", "Up", "Down", "Down"]
        .iter()
        .map(|key| {
            screen.press(key);
            typed(&screen).to_owned()
        })
        .collect();
    assert_eq!(seen, ["http://a/", "http://b/", "http://b/", "http://a/", "c"]);
}

#[test]
fn a_url_made_of_two_is_refused() {
    let mut screen = with_recent(&["http://localhost:4000/hooks"]);
    screen.press("= End");
    screen.type_text("http://localhost:5000/");
    assert!(screen.text().contains("two URLs in one"));
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.model.setup.target.is_none());
}

#[test]
fn filters_of_an_earlier_run_come_back() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.recall(Recent { filters: vec!["is:invalid".to_owned()], ..Recent::default() });
    screen.press("/ Up");
    screen.press("Enter");
    assert_eq!(screen.model.events.filter_text, "is:invalid");
    let stored = Effect::Remember(Recent { filters: vec!["is:invalid".to_owned()], ..Recent::default() });
    assert!(screen.send(Message::Ticked(now())).contains(&stored));
    assert!(!screen.send(Message::Ticked(now())).contains(&stored), "it is stored once");
}
