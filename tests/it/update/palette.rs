//! The palette: typing finds an action, Enter or a click runs it, and what cannot act says why.

use super::SIX;
use crate::support::screen::{Screen, WIDE, key};
use hookglass::core::export::Destination;
use hookglass::tui::action::{Action, Copied};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Overlay, Pane};
use hookglass::tui::palette::Palette;

fn palette(screen: &Screen) -> &Palette {
    match &screen.model.overlay {
        Some(Overlay::Palette(palette)) => palette,
        other => panic!("{other:?}"),
    }
}

fn open(size: (u16, u16), typed: &str) -> Screen {
    let mut screen = Screen::listing(size, &SIX);
    screen.press(":");
    screen.type_text(typed);
    screen
}

#[test]
fn enter_runs_the_action_that_was_typed() {
    let mut screen = open(WIDE, "curl");
    let destination = Destination::Server("127.0.0.1:3000".to_owned());
    assert_eq!(screen.press("Enter"), [Effect::Copy { seq: 6, what: Copied::Curl, destination }]);
    assert!(screen.model.overlay.is_none());
}

#[test]
fn actions_of_menus_run_without_their_menus() {
    for (typed, title) in [("retry sched", "╭ Retry"), ("write overr", "╭ Override"), ("target", "╭ Target")] {
        let mut screen = open(WIDE, typed);
        screen.press("Enter");
        assert!(screen.text().contains(title), "{typed}: {}", screen.text());
    }
}

#[test]
fn both_keys_open_it_with_what_the_focused_pane_can_do() {
    for (keys, pane, action) in [
        (":", Pane::Events, Action::Open),
        ("Ctrl-p", Pane::Events, Action::Open),
        ("Enter :", Pane::Detail, Action::Search),
    ] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press(keys);
        assert_eq!((screen.model.focus, palette(&screen).entries[0].action), (pane, action), "{keys}");
    }
}

#[test]
fn arrows_and_the_wheel_choose_and_typing_begins_at_the_top() {
    let mut screen = open((80, 24), "");
    let selected = |screen: &Screen| palette(screen).at.selected;
    screen.press("Up Down Down Up Ctrl-n Ctrl-p");
    assert_eq!(selected(&screen), 1);
    screen.send(Message::Scrolled { column: 5, row: 5, is_down: true });
    assert_eq!(selected(&screen), 4);
    for _ in 0..20 {
        screen.press("PgDn");
    }
    assert_eq!(selected(&screen) + 1, palette(&screen).entries.len());
    assert!(screen.text().contains("▌         <  earlier attempt"), "{}", screen.text());
    screen.type_text("q");
    assert_eq!((selected(&screen), palette(&screen).entries[0].action), (0, Action::Quit));
    screen.press("Ctrl-u");
    assert_eq!(selected(&screen), 0);
}

#[test]
fn a_click_runs_the_action_under_it() {
    let mut screen = open(WIDE, "copy: ");
    let text = screen.text();
    let row = text.lines().position(|line| line.contains("copy: event id")).unwrap();
    let outside = screen.send(Message::Clicked { column: 1, row: 1 });
    assert_eq!((outside, palette(&screen).at.selected), (vec![], 0));
    let effects = screen.send(Message::Clicked { column: 60, row: u16::try_from(row).unwrap() });
    assert!(matches!(effects[..], [Effect::Copy { seq: 6, what: Copied::Id, .. }]), "{effects:?}");
}

#[test]
fn an_action_that_cannot_act_stays_and_says_why() {
    let mut screen = Screen::new(WIDE);
    screen.press(":");
    screen.type_text("byte for byte, as received");
    let why = "no event to re-deliver yet; press `T` to send a sample";
    assert_eq!(palette(&screen).entries[0].why_not.as_deref(), Some(why));
    assert_eq!(screen.press("Enter"), []);
    assert_eq!(screen.text().matches(why).count(), 2, "beside it and in the border:\n{}", screen.text());
    // It can act once there is an event.
    screen.keep(&SIX);
    screen.press("Enter");
    assert!(matches!(screen.model.overlay, Some(Overlay::Prompt { .. })), "it asks for the target");
}

#[test]
fn a_key_gives_the_same_reason_as_the_palette() {
    for events in [&[][..], &SIX] {
        let mut screen = Screen::listing(WIDE, events);
        screen.press(":");
        let entries = palette(&screen).entries.iter();
        let refused: Vec<_> = entries.filter_map(|entry| Some((entry.keys.clone(), entry.why_not.clone()?))).collect();
        assert!(refused.len() > 5, "{refused:?}");
        screen.press("Esc");
        for (keys, why) in refused.iter().filter(|(keys, _)| !keys.contains(' ')) {
            screen.model.notice = None;
            assert_eq!(screen.send(Message::KeyPressed(key(keys))), [], "{keys}");
            assert_eq!(screen.notice(), why, "{keys}");
        }
    }
}

#[test]
fn a_pasted_name_is_found() {
    let mut screen = open(WIDE, "");
    screen.send(Message::TextPasted("event id\n".to_owned()));
    assert_eq!(palette(&screen).entries[0].action, Action::Copy(Copied::Id));
    assert_eq!(screen.press("Esc"), []);
    assert!(screen.model.overlay.is_none());
}

#[test]
fn nothing_that_matches_runs_nothing() {
    let mut screen = open((40, 10), "xyzzy");
    assert!(screen.text().contains("no action matches"), "{}", screen.text());
    assert_eq!(screen.press("Down Enter Up Enter"), []);
    assert!(palette(&screen).entries.is_empty());
}
