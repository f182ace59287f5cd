//! Overlays: typed text is text, and every way out returns to the panes.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use crate::support::story;
use hookglass::core::delivery::{Form, SigningPolicy};
use hookglass::core::export::{Destination, TestRunner};
use hookglass::tui::action::Copied;
use hookglass::tui::effect::{Effect, Order, SecretText};
use hookglass::tui::message::Message;
use hookglass::tui::model::Overlay;
use hookglass::tui::palette::Palette;

const LETTERS: &str = "qQrRyYkKjJtTmzGgF?/=[]1234 ä";

#[test]
fn a_typed_secret_is_masked_and_goes_only_to_the_keyring() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("K");
    assert_eq!(screen.type_text("whsec_quitKey="), []);
    let text = screen.text();
    assert!(text.contains("••••••••••••••") && text.contains("14 characters"), "{text}");
    assert!(!text.contains("whsec_q") && !text.contains("Key="), "{text}");
    let effects = screen.press("Enter");
    assert_eq!(effects, [Effect::AddSecret(SecretText("whsec_quitKey=".to_owned()))]);
    assert!(!format!("{effects:?}").contains("quitKey"));
    assert!(screen.model.overlay.is_none());
}

#[test]
fn a_pasted_secret_is_taken_verbatim() {
    let mut screen = Screen::new(WIDE);
    screen.press("K");
    screen.send(Message::TextPasted(" whsec_abc \n".to_owned()));
    assert_eq!(screen.press("Enter"), [Effect::AddSecret(SecretText(" whsec_abc \n".to_owned()))]);
}

#[test]
fn no_letter_is_a_command_while_text_is_typed() {
    for open in ["K", "/", "=", "a w", "? a", ": a"] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press(open);
        let effects = screen.type_text(LETTERS);
        let is_reading = |effect: &Effect| matches!(effect, Effect::Load(_) | Effect::ReadRequests { .. });
        assert!(effects.iter().all(is_reading), "{open}: {effects:?}");
        let typed = match &screen.model.overlay {
            Some(Overlay::Secret { input } | Overlay::Prompt { input, .. }) => input.value(),
            Some(Overlay::Filter(field)) => field.input.value(),
            Some(Overlay::Help { input, .. } | Overlay::Palette(Palette { input, .. })) => &input.value()[1..],
            other => panic!("{open}: {other:?}"),
        };
        assert_eq!(typed, LETTERS, "{open}");
        screen.press("Esc");
        assert!(screen.model.overlay.is_none(), "{open}");
    }
}

#[test]
fn text_pasted_without_a_field_does_nothing() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.send(Message::TextPasted("qrRKT".to_owned())), []);
    assert!(screen.model.overlay.is_none());
}

#[test]
fn control_c_quits_from_everywhere() {
    for open in ["F", "K", "/", "=", "?", ":", "y", "a", "a w"] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press(open);
        assert_eq!(screen.press("Ctrl-c"), [Effect::Quit], "{open}");
    }
}

#[test]
fn the_page_of_a_reason_scrolls_and_closes() {
    let mut screen = Screen::showing(WIDE, story::events());
    let shown = |screen: &Screen| match &screen.model.overlay {
        Some(Overlay::Reason { page, top }) => Some((page.slug.clone(), *top)),
        _ => None,
    };
    screen.go("[ [ !");
    assert_eq!(shown(&screen), Some(("timestamp-too-old".to_owned(), 0)));
    screen.press("j");
    let (_, top) = shown(&screen).unwrap();
    // The page is short enough for this terminal.
    assert_eq!(top, 0);
    screen.send(Message::Resized { width: 40, height: 10 });
    screen.go("j j");
    assert_eq!(shown(&screen).unwrap().1, 2);
    screen.press("G");
    let last = shown(&screen).unwrap().1;
    screen.press("j");
    assert!(last > 2 && shown(&screen).unwrap().1 == last);
    screen.send(Message::Scrolled { column: 5, row: 5, is_down: false });
    assert!(shown(&screen).unwrap().1 < last, "the wheel scrolls it too");
    for close in ["Esc", "q", "!"] {
        screen.press(close);
        assert_eq!(shown(&screen), None, "{close}");
        screen.press("!");
    }
}

#[test]
fn a_verified_event_has_no_reason_to_explain() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.go("G !");
    assert!(screen.model.overlay.is_none());
    let said = &screen.model.notice.as_ref().unwrap().text;
    assert!(said.ends_with("is verified: there is no reason to explain"), "{said}");
}

#[test]
fn the_copy_menu_takes_one_key() {
    for (keys, what) in [
        ("y", Copied::Payload),
        ("b", Copied::Body),
        ("c", Copied::Curl),
        ("h", Copied::Headers),
        ("i", Copied::Id),
        ("f", Copied::Fixture),
    ] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press("y");
        let destination = Destination::Server("127.0.0.1:3000".to_owned());
        assert_eq!(screen.press(keys), [Effect::Copy { seq: 6, what, destination }]);
        assert!(screen.model.overlay.is_none());
    }
}

#[test]
fn the_menu_of_tests_remembers_the_last_choice() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("y t");
    assert_eq!(screen.press("t"), []);
    assert_eq!(screen.notice(), "no test has been copied yet");
    let destination = Destination::Server("127.0.0.1:3000".to_owned());
    let copied = [Effect::Copy { seq: 6, what: Copied::Test(TestRunner::Pytest), destination }];
    screen.press("y t");
    assert_eq!(screen.press("p"), copied);
    screen.press("y t");
    assert_eq!(screen.press("t"), copied);
    screen.press("y k");
    assert!(matches!(screen.press("l")[..], [Effect::Copy { seq: 6, what: Copied::Handler("Flask"), .. }]));
}

#[test]
fn another_key_closes_the_copy_menu_and_does_nothing_else() {
    for keys in ["q", "r", "j", "Esc"] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press("y");
        assert_eq!(screen.press(keys), [], "{keys}");
        assert!(screen.model.overlay.is_none(), "{keys}");
    }
}

#[test]
fn the_copy_menu_copies_the_event_that_was_selected_when_it_opened() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("y");
    screen.keep(&SIX);
    assert!(matches!(screen.press("i")[..], [Effect::Copy { seq: 6, .. }]));
}

#[test]
fn quit_asks_while_deliveries_are_pending() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.quit(0), [Effect::Quit]);
    screen.press("=");
    screen.send(Message::TextPasted("4000".to_owned()));
    screen.press("Enter r");
    assert_eq!(screen.quit(0), []);
    assert!(screen.text().contains("1 delivery is pending"), "{}", screen.text());
    assert_eq!(screen.press("x"), []);
    assert!(screen.model.overlay.is_none());
    assert_eq!(screen.quit(2), []);
    assert!(screen.text().contains("3 deliveries are pending"), "{}", screen.text());
    assert_eq!(screen.press("y"), [Effect::Quit]);
    screen.send(Message::DeliveryFailed { seq: 6, why: "no".to_owned() });
    assert_eq!(screen.quit(1), [], "pending forwards count as well");
    screen.send(Message::DeliveryFailed { seq: 6, why: "no".to_owned() });
    assert!(screen.model.overlay.is_some(), "the forward may still be pending");
    screen.press("Esc");
    assert_eq!(screen.quit(0), [Effect::Quit]);
}

#[test]
fn the_quit_question_stays_until_it_is_answered() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.setup.target = Some("4000".parse().unwrap());
    screen.press("r");
    screen.quit(0);
    assert!(screen.text().contains("1 delivery is pending. Quit anyway?"), "{}", screen.text());
    screen.send(Message::DeliveryFailed { seq: 6, why: "no".to_owned() });
    assert!(screen.text().contains("Nothing is pending. Quit?"), "{}", screen.text());
    assert_eq!(screen.press("y"), [Effect::Quit], "`y` does not start a copy");
}

#[test]
fn the_target_is_asked_for_once_and_then_the_selected_event_is_sent() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("R");
    screen.keep(&SIX);
    screen.type_text("ftp://x");
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.text().contains("expected `http` or `https`"), "{}", screen.text());
    screen.press("Ctrl-u");
    screen.type_text("localhost:4000/hook");
    let target = "http://localhost:4000/hook".parse().unwrap();
    let order = Order::Event { seq: 6, form: Form::AsReceived, policy: SigningPolicy::Verified };
    let sent = Effect::Send { order, target };
    assert_eq!(screen.press("Enter"), [sent]);
    let effects = screen.press("r");
    assert!(
        matches!(effects[..], [Effect::Send { order: Order::Event { seq: 12, form: Form::Resigned, .. }, .. }]),
        "{effects:?}"
    );
}

#[test]
fn the_help_scrolls_to_its_end_and_back() {
    let mut screen = Screen::listing((80, 24), &SIX);
    screen.press("?");
    let first = screen.text();
    for _ in 0..200 {
        screen.press("Down");
    }
    let last = screen.text();
    assert!(last.contains("to limit an override to N events"), "{last}");
    screen.press("Up");
    assert_ne!(screen.text(), last);
    screen.press("Home");
    assert_eq!(screen.text(), first);
    screen.press("End");
    assert_eq!(screen.text(), last);
    screen.send(Message::Scrolled { column: 5, row: 5, is_down: false });
    screen.press("Down Down Down");
    assert_eq!(screen.text(), last, "a notch of the wheel is three lines");
    screen.press("Esc");
    assert!(screen.model.overlay.is_none());
}

#[test]
fn the_help_lists_what_matches_the_typed_words() {
    let mut screen = Screen::listing((80, 24), &SIX);
    screen.press("? End");
    screen.type_text("curl");
    let text = screen.text();
    assert!(text.contains("c  curl command") && !text.contains("page down"), "{text}");
    screen.press("Ctrl-u");
    assert!(screen.text().contains("open the selected event"), "{}", screen.text());
    screen.press("?");
    assert!(screen.model.overlay.is_none(), "the key that opens the help closes it while nothing is typed");
}

#[test]
fn the_help_keeps_its_width_while_it_scrolls() {
    for size in [WIDE, (80, 24), (60, 20), (40, 10)] {
        let mut screen = Screen::listing(size, &SIX);
        screen.press("?");
        let top_border = |screen: &Screen| {
            let text = screen.text();
            let line = text.lines().find(|line| line.contains("╭ Keys")).unwrap().to_owned();
            let columns = line.chars().skip_while(|c| *c != 'K').take_while(|c| *c != '╮').count();
            (columns, line.chars().position(|c| c == 'K'))
        };
        let first = top_border(&screen);
        // Past the end, looked at after every tenth line.
        for _ in 0..12 {
            screen.press("Down Down Down Down Down Down Down Down Down Down");
            assert_eq!(top_border(&screen), first, "{size:?}: {}", screen.text());
        }
        screen.type_text("curl");
        assert_eq!(top_border(&screen), first, "{size:?}: {}", screen.text());
    }
}
