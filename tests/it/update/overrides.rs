//! The menu and the text field for overrides, and the notices when an override ends.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load};
use hookglass::core::overrides::Overrides;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Overlay;

fn overrides(settings: &[&str]) -> Overrides {
    let mut overrides = Overrides::default();
    settings.iter().for_each(|text| overrides.set(text.parse().unwrap()));
    overrides
}

/// The message that `count` overrides have been used up and `settings` are still active.
fn used_up(count: u64, settings: &[&str]) -> Message {
    let mut overrides = overrides(settings);
    overrides.used_up = count;
    Message::OverridesChanged(overrides)
}

fn with(settings: &[&str]) -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.send(Message::OverridesChanged(overrides(settings)));
    screen
}

fn set(text: &str) -> Vec<Effect> {
    vec![Effect::SetOverride(text.parse().unwrap())]
}

fn typed(screen: &Screen) -> (&str, usize) {
    match &screen.model.overlay {
        Some(Overlay::Prompt { input, .. }) => (input.value(), input.cursor()),
        other => panic!("no field but {other:?}"),
    }
}

#[test]
fn a_menu_key_sets_an_override_and_digits_before_it_limit_it() {
    for (keys, text) in [
        ("o", "200"),
        ("c", "201"),
        ("a", "202"),
        ("m", "400"),
        ("u", "401"),
        ("f", "403"),
        ("p", "422"),
        ("e", "500"),
        ("b", "503"),
        ("d", "drop"),
        ("y", "allow"),
        ("r", "default"),
        ("2 b", "503 next:2"),
        ("1 2 d", "drop next:12"),
        ("0 b", "503"),
        ("9 9 9 9 9 b", "503 next:9999"),
        ("3 r", "default"),
    ] {
        let mut screen = with(&[]);
        assert_eq!(screen.press("a"), []);
        assert_eq!(screen.press(keys), set(text), "{keys}");
        assert!(screen.model.overlay.is_none(), "{keys}");
    }
}

#[test]
fn another_key_closes_the_menu_and_does_nothing_else() {
    for keys in ["q", "j", "Esc", "Enter"] {
        let mut screen = with(&[]);
        assert_eq!(screen.press(&format!("a {keys}")), [], "{keys}");
        assert!(screen.model.overlay.is_none(), "{keys}");
    }
}

#[test]
fn late_and_slow_suggest_a_time_for_the_active_override() {
    for (on, keys, text, cursor) in [
        (&[][..], "a l", "default delay:12s", 17),
        (&[], "a 3 s", "default slow:12s next:3", 16),
        (&["503 next:4"], "a l", "503 delay:12s next:4", 13),
        (&["503 slow:2s type:a"], "a l", "503 delay:12s slow:2s type:a", 13),
        (&["503 delay:2s"], "a l", "503 delay:2s", 12),
        (&["drop"], "a s", "default slow:12s", 16),
        (&["204"], "a s", "default slow:12s", 16),
        (&["deny:é"], "a 1 s", "deny:\"é\" slow:12s next:1", 17),
    ] {
        let mut screen = with(on);
        assert_eq!(screen.press(keys), [], "{on:?} {keys}");
        assert_eq!(typed(&screen), (text, cursor), "{on:?} {keys}");
        assert_eq!(screen.press("Enter"), set(text), "{on:?} {keys}");
    }
}

#[test]
fn a_denial_asks_for_its_message() {
    let mut screen = with(&[]);
    screen.press("a 2 n");
    assert_eq!(typed(&screen), ("deny:\"\" next:2", 6));
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.text().contains("column 6: expected a message"), "{}", screen.text());
    screen.type_text("not from here");
    assert_eq!(screen.press("Enter"), set("deny:\"not from here\" next:2"));
}

#[test]
fn the_field_starts_with_the_active_override_and_shows_errors() {
    let mut screen = with(&["503 type:user.*", "allow"]);
    screen.press("a w");
    assert_eq!(typed(&screen).0, "503 type:user.*");
    screen.type_text(" delay:61s");
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.text().contains("column 23: expected a time from `1ms` to `60s`"), "{}", screen.text());
    screen.press("Esc");
    assert!(screen.model.overlay.is_none());

    let mut screen = with(&[]);
    screen.press("a 2 w");
    screen.send(Message::TextPasted("500\n".to_owned()));
    assert_eq!(screen.press("Enter"), set("500 next:2"));
}

#[test]
fn a_delay_beyond_the_providers_time_limit_is_warned_about() {
    let mut screen = with(&[]);
    screen.press("a l Enter");
    assert!(screen.notice().contains("the provider waits only 10 s"), "{}", screen.notice());
}

#[test]
fn the_header_shows_active_overrides_and_a_notice_when_one_is_used_up() {
    let mut screen = with(&["503 next:2", "allow"]);
    assert!(screen.text().contains("override 503 ×2 · ALLOW"), "{}", screen.text());
    assert_eq!(screen.notice(), "");
    screen.send(used_up(1, &["allow"]));
    assert_eq!(screen.notice(), "override used up; still on: ALLOW");
    screen.send(used_up(2, &[]));
    assert_eq!(screen.notice(), "override used up; back to the default responses");
    assert!(!screen.text().contains("override 503") && !screen.text().contains("override ALLOW"), "{}", screen.text());
}

#[test]
fn removing_an_override_does_not_count_as_used_up() {
    let mut screen = with(&["503 next:2"]);
    screen.press("a r");
    screen.send(Message::OverridesChanged(overrides(&[])));
    assert_eq!(screen.notice(), "no override; default responses");
}

#[test]
fn a_sender_that_disconnected_is_reported_and_the_selected_event_reloaded() {
    let mut screen = with(&["503 delay:12s"]);
    let mut now = overrides(&["503 delay:12s"]);
    now.leave(4);
    let effects = screen.send(Message::OverridesChanged(now));
    assert_eq!(effects, [load(6)]);
    assert_eq!(screen.notice(), "the sender of event 4 disconnected before its delayed response");
}
