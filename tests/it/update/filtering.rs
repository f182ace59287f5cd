//! The filter applies live, survives invalid text, and can be set by choosing a type.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load};
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Overlay, Pane};

fn filtered(text: &str) -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("/");
    screen.type_text(text);
    screen
}

#[test]
fn the_list_follows_each_letter() {
    let mut screen = filtered("type:user.login");
    assert_eq!(screen.listed(), [1, 3, 5]);
    assert_eq!(screen.selected(), Some(5));
    screen.type_text(" is:invalid");
    assert_eq!(screen.listed(), [5]);
    screen.press("Enter");
    assert!(screen.model.overlay.is_none());
    assert_eq!(screen.listed(), [5]);
}

#[test]
fn an_invalid_filter_keeps_the_last_valid_one_and_shows_the_column() {
    let mut screen = filtered("is:invalid");
    screen.send(Message::TextPasted(" is:go".to_owned()));
    assert_eq!(screen.listed(), [2, 5]);
    let error = screen.model.events.filter_error.clone().unwrap();
    assert_eq!(error.column, 15);
    screen.press("Enter");
    assert!(matches!(screen.model.overlay, Some(Overlay::Filter { .. })), "Enter does not accept an invalid filter");
    screen.press("Backspace Backspace Backspace Backspace Backspace Backspace Enter");
    assert_eq!((screen.listed(), screen.model.overlay.is_none()), (vec![2, 5], true));
}

#[test]
fn escape_restores_the_previous_filter() {
    let mut screen = filtered("is:invalid");
    screen.press("Enter /");
    screen.press("Ctrl-u");
    screen.type_text("is:");
    screen.press("Esc");
    assert_eq!(screen.listed(), [2, 5]);
    assert!(screen.model.events.filter_error.is_none());
    screen.press("Esc");
    assert_eq!(screen.listed().len(), 6);
}

#[test]
fn new_events_are_filtered_too() {
    let mut screen = filtered("is:invalid");
    screen.press("Enter");
    screen.keep(&SIX);
    assert_eq!(screen.listed(), [2, 5, 8, 11]);
    assert_eq!(screen.selected(), Some(11));
}

#[test]
fn a_pasted_filter_works_like_a_typed_one() {
    let mut screen = filtered("");
    let effects = screen.send(Message::TextPasted("type:user.login\nrm -rf".to_owned()));
    assert_eq!((screen.listed(), effects), (vec![1, 3, 5], vec![load(5)]));
}

#[test]
fn a_paused_selection_stays_while_it_matches_the_filter() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("[ /");
    screen.type_text("is:invalid");
    assert_eq!(screen.selected(), Some(5));
    screen.type_text(" type:role.*");
    assert_eq!(screen.selected(), Some(2));
}

#[test]
fn enter_on_a_type_filters_by_it() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("Tab");
    assert_eq!(screen.model.focus, Pane::Types);
    screen.press("G Enter");
    assert_eq!(screen.model.events.filter_text, "type:role.created");
    assert_eq!((screen.listed(), screen.model.focus), (vec![2, 6], Pane::Events));
}

#[test]
fn enter_on_a_type_with_an_unusual_name_filters_by_it() {
    for name in ["", "two words", "\"quoted", "a\"b c", "(no type)", "-minus", "tab\there", "ünï", "type:type:x"] {
        let mut screen = Screen::listing(WIDE, &[("other", Verified), (name, Verified), (name, Verified)]);
        screen.press("Tab Enter");
        assert_eq!(screen.listed(), [2, 3], "{name:?}: {}", screen.model.events.filter_text);
    }
}

#[test]
fn a_filter_without_matches_selects_the_first_match_that_arrives() {
    let mut screen = filtered("type:wanted");
    assert!(screen.listed().is_empty());
    screen.press("Enter");
    assert_eq!(screen.keep(&[("wanted", Verified)]), [load(7)]);
    assert_eq!(screen.selected(), Some(7));
}

#[test]
fn the_filter_field_is_visible_from_every_pane() {
    for size in [WIDE, (80, 24), (40, 10)] {
        for before in ["F", "Enter", "Enter z", "Tab", "Tab z"] {
            let mut screen = Screen::listing(size, &SIX);
            screen.press(before);
            screen.press("/");
            screen.type_text("is:nonsense");
            let text = screen.text();
            assert!(text.contains("is:nonsense") && text.contains("column 4"), "{size:?} {before}\n{text}");
        }
    }
}
