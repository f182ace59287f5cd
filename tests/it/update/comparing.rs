//! The diff tab.

use crate::support::reading::rows;
use crate::support::screen::{Screen, WIDE};
use crate::support::story;
use hookglass::core::event::Event;
use hookglass::tui::diff_base::{Against, Base};
use hookglass::tui::effect::Effect;
use hookglass::tui::model::Tab;

/// Three events of one type and one of another between them.
fn events() -> Vec<Event> {
    let body =
        |kind: &str, email: &str| format!("{{\"type\":\"{kind}\",\"data\":{{\"email\":\"{email}\"}}}}").into_bytes();
    let head = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n";
    let kinds = [
        ("user.signup", "jane@a.io"),
        ("user.signup", "jane@a.io"),
        ("user.login", "x@a.io"),
        ("user.signup", "amy@a.io"),
    ];
    (1..).zip(kinds).map(|(seq, (kind, email))| story::event(seq, story::now(), head, body(kind, email))).collect()
}

#[test]
fn an_event_is_compared_with_the_previous_one_of_its_type() {
    let mut screen = Screen::showing(WIDE, events());
    screen.go("6");
    let shown = screen.text();
    assert!(shown.contains("the previous `user.signup`, event 2"), "{shown}");
    assert!(shown.contains("1 changed; the bytes differ from 39 on"), "{shown}");
    assert!(
        shown.contains("~ data.email") && shown.contains("- \"jane@a.io\"") && shown.contains("+ \"amy@a.io\""),
        "{shown}"
    );
    // Another event is compared as soon as it is selected, and once.
    screen.go("k k");
    let shown = screen.text();
    assert!(shown.contains("the same, byte for byte"), "{shown}");
    assert_eq!(screen.press("1 6"), []);
    screen.go("k");
    assert!(screen.text().contains("there is no earlier `user.signup`"), "{}", screen.text());
}

#[test]
fn an_event_that_was_made_the_base_stays_the_base() {
    let mut screen = Screen::showing(WIDE, events());
    screen.go("g D b");
    assert_eq!(screen.notice(), "event 1 is the base; select another event and press `6`");
    screen.go("j j 6");
    assert!(screen.text().contains("the base, event 1"), "{}", screen.text());
    screen.go("D p");
    assert_eq!(screen.model.detail.base, Base::Previous);
    assert!(screen.text().contains("there is no earlier `user.login`"), "{}", screen.text());
    screen.go("D a");
    assert!(screen.text().contains("event 3 has no earlier attempt"), "{}", screen.text());
}

#[test]
fn a_file_is_asked_for_and_responses_are_read() {
    let mut screen = Screen::showing(WIDE, events());
    screen.press("D f");
    screen.press("Enter");
    assert!(screen.model.overlay.is_some(), "an empty path is no file");
    screen.type_text("a.json");
    let base = Base::File("a.json".to_owned());
    let against = Against::File("a.json".to_owned());
    assert_eq!(screen.press("Enter"), [Effect::Compare { seq: 4, base, against }]);
    assert_eq!(screen.model.detail.tab, Tab::Diff);
    let expected = Effect::Compare { seq: 4, base: Base::Responses, against: Against::Responses };
    assert_eq!(screen.press("D r"), [expected]);
}

#[test]
fn a_comparison_can_be_searched() {
    let mut screen = Screen::showing((90, 30), events());
    screen.go("Enter z 6");
    screen.press("/");
    let effects = screen.type_text("amy");
    screen.read(effects);
    assert_eq!(screen.model.detail.search.as_ref().unwrap().count(), "1/2");
    assert!(!rows(&screen).is_empty());
}
