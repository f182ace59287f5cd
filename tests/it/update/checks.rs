//! The line about a payload that is not as documented, and its list.

use crate::support::screen::{Screen, WIDE};
use crate::support::story;
use hookglass::core::catalog::{SampleFacts, catalog};
use hookglass::core::event::Event;
use hookglass::tui::effect::Effect;
use hookglass::tui::layout::regions;
use hookglass::tui::message::Message;

/// A sample of `user.login`, with `more` as its first members of `data`.
fn event_with(seq: u64, more: &str) -> Event {
    let facts = SampleFacts { occurred_at: story::now(), number: 1 };
    let body = String::from_utf8(catalog().find("user.login").unwrap().sample(facts)).unwrap();
    let body = body.replace("\"data\":{", &format!("\"data\":{{{more}"));
    story::event(seq, story::now(), b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", body.into_bytes())
}

fn showing(more: &str) -> Screen {
    Screen::showing(WIDE, vec![event_with(1, more)])
}

#[test]
fn only_a_payload_that_differs_has_a_line() {
    let height = |screen: &Screen| regions(&screen.model).detail_text().unwrap().height;
    let (mut same, mut other) = (showing(""), showing("\"more\":1,"));
    assert!(!same.text().contains("documentation"), "{}", same.text());
    assert!(other.text().contains("c 1 difference from the documentation"), "{}", other.text());
    assert_eq!(height(&same), height(&other) + 1);
    for screen in [&mut same, &mut other] {
        screen.press("2");
    }
    assert!(!other.text().contains("documentation") && height(&same) == height(&other), "only in the payload tab");
    same.press("c");
    assert!(same.model.overlay.is_none() && same.notice() == "the payload is as documented", "{}", same.notice());
}

#[test]
fn the_list_names_each_path_and_scrolls() {
    let many: String = (0..150).map(|at| format!("\"x{at:03}\u{1b}[31m\":1,")).collect();
    let many = many.replace('\u{1b}', "\\u001b");
    let mut screen = showing(&many);
    screen.press("c");
    let text = screen.text();
    assert!(text.contains("150 differences from the documentation"), "{text}");
    assert!(text.contains("data[\"x000\\u001b[31m\"]") && text.contains("unknown-field"), "{text}");
    screen.press("G");
    assert!(screen.text().contains("… 50 more"), "{}", screen.text());
    screen.press("G G Down PgDn");
    assert!(screen.text().contains("… 50 more"), "the last page stays full");
    screen.send(Message::Resized { width: 40, height: 10 });
    assert!(!screen.text().is_empty());
    screen.press("Esc");
    assert!(screen.model.overlay.is_none());
}

#[test]
fn the_open_list_follows_the_selected_event() {
    let mut screen = showing("\"more\":1,");
    screen.press("c");
    assert!(screen.text().contains("data.more"), "{}", screen.text());
    screen.come(vec![event_with(2, "")]);
    assert!(screen.text().contains("the payload is as documented"), "{}", screen.text());
}

#[test]
fn a_difference_is_accepted_and_no_longer() {
    let mut screen = showing("\"one\":1,\"two\":2,");
    screen.press("c Down");
    let effects = screen.press("a");
    let [Effect::Accept { acceptances, is_accepted: true }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((acceptances.len(), acceptances[0].path.as_str()), (1, "data.two"));
    assert!(screen.text().contains("▌ data.two") && screen.text().contains("A accept all"), "{}", screen.text());
    let effects = screen.press("A");
    assert!(matches!(&effects[..], [Effect::Accept { acceptances, is_accepted: true }] if acceptances.len() == 2));
    let changed = |result, is_stored| Message::AcceptedChanged { result, is_stored };
    screen.go("Esc");
    let effects = screen.send(changed(Ok((1, true)), true));
    assert!(matches!(&effects[..], [Effect::Load(_)]), "{effects:?}");
    assert_eq!(screen.notice(), "1 difference accepted in all events of this type");
    screen.send(changed(Ok((2, true)), false));
    assert_eq!(screen.notice(), "2 differences accepted in all events of this type until hookglass exits");
    screen.send(changed(Err("cannot use `accepted.toml`".to_owned()), true));
    assert_eq!(screen.notice(), "cannot use `accepted.toml`");

    screen.press("/");
    screen.type_text("check:unknown-field");
    screen.press("Enter");
    let effects = screen.send(changed(Ok((1, false)), true));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadRequests { .. })), "{effects:?}");
    assert_eq!(screen.notice(), "1 difference no longer accepted");
}
