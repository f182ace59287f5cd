//! The filter applies live, survives invalid text, and can be set by choosing a type.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load, summary};
use crate::support::story::{self, now};
use hookglass::core::event::Summary;
use hookglass::core::filter::Filter;
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::action::About;
use hookglass::tui::effect::Effect;
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
fn the_filter_field_is_visible_from_every_list() {
    for size in [WIDE, (80, 24), (40, 10)] {
        for before in ["F", "Enter Esc", "z", "Tab", "Tab z"] {
            let mut screen = Screen::listing(size, &SIX);
            screen.press(before);
            screen.press("/");
            screen.type_text("is:nonsense");
            let text = screen.text();
            assert!(text.contains("is:nonsense") && text.contains("column 4"), "{size:?} {before}\n{text}");
        }
    }
}

#[test]
fn escape_restores_the_row_and_its_place() {
    let mut screen = Screen::new((80, 24));
    screen.send(Message::EventsStored((1..=200).map(|seq| summary(seq, "a", Verified)).collect()));
    screen.press("PgUp PgUp PgUp PgUp k k");
    let place = |screen: &Screen| {
        let events = &screen.model.events;
        (events.top, events.selected, events.is_following)
    };
    let before = place(&screen);
    screen.press("/");
    screen.type_text("id:msg_7");
    assert_ne!(place(&screen), before);
    screen.press("Esc");
    assert_eq!((place(&screen), screen.listed().len()), (before, 200));
}

#[test]
fn tab_completes_fields_and_goes_through_known_values() {
    let mut screen = filtered("ty");
    let value = |screen: &Screen| screen.model.events.filter_text.clone();
    screen.press("Tab");
    assert_eq!(value(&screen), "type:");
    screen.press("Tab");
    assert_eq!((value(&screen).as_str(), screen.listed()), ("type:user.login", vec![1, 3, 5]));
    screen.press("Tab");
    assert_eq!(value(&screen), "type:role.created");
    assert!(screen.text().contains("type:role.created") && screen.text().contains("role.created"));
    screen.press("Shift-Tab");
    screen.type_text(" is:inv");
    screen.press("Tab");
    assert_eq!((value(&screen).as_str(), screen.listed()), ("type:user.login is:invalid", vec![5]));
    screen.press("Home Tab Esc");
    assert!(screen.model.events.filter_text.is_empty());
}

#[test]
fn saved_filters_are_completed_and_used_by_name() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.setup.saved_filters.insert("bad".to_owned(), Filter::parse("is:invalid").unwrap());
    screen.press("/");
    screen.type_text("@b");
    screen.press("Tab");
    screen.type_text(" type:role.*");
    assert_eq!((screen.model.events.filter_text.as_str(), screen.listed()), ("@bad type:role.*", vec![2]));
}

#[test]
fn the_arrows_recall_earlier_filters() {
    let mut screen = Screen::listing(WIDE, &SIX);
    for text in ["is:invalid", "type:role.*", "is:invalid"] {
        screen.press("/ Ctrl-u");
        screen.type_text(text);
        screen.press("Enter");
    }
    screen.press("/ Ctrl-u");
    let text = |screen: &Screen| screen.model.events.filter_text.clone();
    screen.press("Up");
    assert_eq!((text(&screen).as_str(), screen.listed()), ("is:invalid", vec![2, 5]));
    screen.press("Up");
    assert_eq!(text(&screen), "type:role.*");
    screen.press("Up Up");
    assert_eq!(text(&screen), "type:role.*", "there is none before it");
    screen.press("Down Down");
    assert_eq!(text(&screen), "is:invalid", "the filter from before");
}

#[test]
fn f_turns_the_filter_off_and_on() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("f");
    assert_eq!(screen.notice(), "no filter yet; press `/` to type one");
    screen.press("/");
    screen.type_text("is:invalid");
    screen.press("Enter f");
    assert_eq!((screen.listed().len(), screen.model.events.filter_text.as_str()), (6, ""));
    screen.press("f");
    assert_eq!((screen.listed(), screen.model.events.filter_text.as_str()), (vec![2, 5], "is:invalid"));
}

#[test]
fn a_story_lists_what_belongs_with_the_selected_event() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("g j");
    for (key, filter) in [
        ("o", "org:org_1"),
        ("u", "user2@example.com"),
        ("t", "type:role.created"),
        ("p", "path:/webhooks/scalekit"),
        ("m", "id:msg_2"),
    ] {
        screen.press(&format!("A {key}"));
        let events = &screen.model.events;
        assert_eq!((events.filter_text.as_str(), events.selected), (filter, Some(2)));
        assert!(screen.listed().contains(&2), "{filter}");
    }
    let mut without = summary(7, "a", Verified);
    without.organization_id = None;
    screen.press("Esc Esc");
    screen.send(Message::EventsStored(vec![without]));
    screen.press("G A o");
    assert_eq!((screen.notice(), screen.listed().len()), ("event 7 has no organization", 7));
}

#[test]
fn a_relative_time_moves_on() {
    let mut screen = filtered("after:1m");
    screen.press("Enter");
    assert_eq!(screen.listed().len(), 6);
    let later = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    screen.send(Message::Ticked(later(9)));
    assert_eq!(screen.listed().len(), 6);
    screen.send(Message::Ticked(later(61)));
    assert!(screen.listed().is_empty());
}

#[test]
fn the_line_below_the_field_says_what_is_searched_and_points_at_errors() {
    let line = |screen: &Screen| {
        let text = screen.text();
        let mut lines =
            text.lines().skip_while(|line| !line.starts_with("─/") && !line.starts_with(" / ") && !line.contains("/ "));
        let field = lines.next().unwrap().to_owned();
        (field, lines.next().unwrap().to_owned())
    };
    let screen = filtered("jane");
    assert!(line(&screen).1.contains("searches type, subject, ids, path, reason and body"), "{}", screen.text());
    let screen = filtered("type:us");
    assert!(line(&screen).1.contains("searches events whose whole type matches"), "{}", screen.text());
    let screen = filtered("ü is:nonsense");
    let (field, below) = line(&screen);
    let column = |line: &str, wanted: &str| line.find(wanted).map(|at| line[..at].chars().count());
    assert_eq!(column(&below, "^"), column(&field, "nonsense"), "{}", screen.text());
}

#[test]
fn an_empty_list_says_how_many_events_there_are() {
    for (count, said) in [(1, "none of 1 event matches the filter"), (6, "none of 6 events matches the filter")] {
        let mut screen = Screen::listing(WIDE, &SIX[..count]);
        screen.press("/");
        screen.type_text("type:none");
        screen.press("Enter");
        assert!(screen.text().contains(said), "{}", screen.text());
    }
}

#[test]
fn the_same_key_searches_in_the_detail_pane() {
    for size in [WIDE, (80, 24), (40, 10)] {
        for before in ["Enter", "Enter z"] {
            let mut screen = Screen::listing(size, &SIX);
            screen.press(before);
            screen.press("/");
            assert_eq!(screen.notice(), "no event to search");
            let mut screen = Screen::showing(size, story::events());
            screen.press(before);
            screen.press("/");
            screen.type_text("needle");
            assert!(screen.text().contains("/ needle"), "{size:?} {before}\n{}", screen.text());
        }
    }
}

#[test]
fn the_story_of_an_event_is_read_for_its_object_or_its_organization() {
    let mut screen = Screen::new(WIDE);
    let role = Summary { organization_id: None, ..summary(1, "role.created", Verified) };
    screen.send(Message::EventsStored(vec![role, summary(2, "user.login", Verified)]));
    let read = |effects: Vec<Effect>| {
        effects.iter().find_map(|effect| match effect {
            Effect::ReadTimeline { seq, about, .. } => Some((*seq, *about)),
            _ => None,
        })
    };
    screen.press("A");
    assert_eq!(read(screen.press("s")), Some((2, About::Object)));
    screen.press("A");
    assert_eq!(read(screen.press("S")), Some((2, About::Organization)));
    screen.press("k A");
    assert_eq!(read(screen.press("S")), None);
    assert_eq!(screen.notice(), "event 1 has no organization");
}
