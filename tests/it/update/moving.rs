//! Following, pausing and moving in the list.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load, summary};
use crate::support::story;
use hookglass::core::event::Summary;
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::message::Message;
use hookglass::tui::model::Pane;
use jiff::SignedDuration;

/// A list longer than the pane.
fn long() -> Screen {
    Screen::listing(WIDE, &[("user.login", Verified); 100])
}

#[test]
fn each_new_event_is_selected_and_loaded() {
    let mut screen = Screen::new(WIDE);
    assert_eq!(screen.keep(&SIX), [load(6)]);
    assert_eq!(screen.keep(&SIX[..1]), [load(7)]);
    assert_eq!((screen.selected(), screen.model.events.is_following), (Some(7), true));
}

#[test]
fn moving_up_pauses_and_new_events_keep_the_selection() {
    for keys in ["k", "Up", "PgUp", "Ctrl-u", "g", "Home", "["] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.press(keys);
        let selected = screen.selected();
        assert_ne!(selected, Some(6), "{keys}");
        assert!(!screen.model.events.is_following, "{keys}");
        assert_eq!(screen.keep(&SIX), [], "{keys}");
        assert_eq!(screen.selected(), selected, "{keys}");
    }
}

#[test]
fn new_events_do_not_scroll_a_paused_list() {
    let mut screen = long();
    screen.press("k k k k k k k k k k");
    let top = screen.model.events.top;
    screen.keep(&SIX);
    assert_eq!(screen.model.events.top, top);
}

#[test]
fn moving_up_within_the_last_page_does_not_scroll_past_the_rules_of_days() {
    let mut screen = Screen::new(WIDE);
    let days_ago = |seq, days: i64| {
        let received_at = story::now() - SignedDuration::from_hours(24 * days);
        Summary { received_at, ..summary(seq, "user.login", Verified) }
    };
    // The last page has the rules of three days.
    let events = (1..=100).map(|seq| days_ago(seq, i64::try_from((100 - seq) / 10).unwrap()));
    screen.send(Message::EventsStored(events.collect()));
    let top = screen.model.events.top;
    for key in ["k", "k", "j", "G"] {
        screen.press(key);
        assert_eq!(screen.model.events.top, top, "{key}\n{}", screen.text());
    }
    screen.press("g G");
    assert_eq!(screen.model.events.top, top);
}

#[test]
fn reaching_the_end_resumes_following() {
    for keys in ["j", "Down", "PgDn", "Ctrl-d", "G", "End", "F"] {
        let mut screen = long();
        screen.press("k");
        screen.press(keys);
        assert!(screen.model.events.is_following, "{keys}");
        assert_eq!(screen.keep(&SIX[..1]), [load(101)], "{keys}");
    }
}

#[test]
fn f_stops_following_and_keeps_the_selection() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("F");
    screen.keep(&SIX[..1]);
    assert_eq!((screen.selected(), screen.model.events.is_following), (Some(6), false));
}

#[test]
fn a_page_is_as_high_as_the_pane() {
    let mut screen = long();
    let height = screen.model.events.len() - screen.model.events.top;
    screen.press("g");
    screen.press("PgDn");
    assert_eq!(screen.selected(), Some(1 + height as u64));
    screen.press("Ctrl-u");
    assert_eq!(screen.selected(), Some(1 + (height - height / 2) as u64));
}

#[test]
fn brackets_move_between_invalid_events() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("["), [load(5)]);
    assert_eq!(screen.press("["), [load(2)]);
    assert_eq!(screen.press("["), []);
    assert_eq!(screen.notice(), "no invalid event before this one");
    assert_eq!(screen.press("]"), [load(5)]);
    assert_eq!(screen.press("]"), []);
    assert_eq!(screen.notice(), "no invalid event after this one");
    assert_eq!(screen.selected(), Some(5));
}

#[test]
fn a_key_without_an_event_shows_a_notice() {
    for keys in ["y", "r", "R", "Enter", "]", "["] {
        let mut screen = Screen::new(WIDE);
        assert_eq!(screen.press(keys), [], "{keys}");
        assert_ne!(screen.notice(), "", "{keys}");
    }
}

#[test]
fn a_click_selects_the_line_under_it() {
    let mut screen = Screen::listing(WIDE, &SIX);
    // The header, then the border.
    assert_eq!(screen.send(Message::Clicked { column: 5, row: 2 }), [load(1)]);
    assert!(!screen.model.events.is_following);
    screen.send(Message::Clicked { column: 5, row: 7 });
    assert_eq!((screen.selected(), screen.model.events.is_following), (Some(6), true));
    assert_eq!(screen.send(Message::Clicked { column: 5, row: 8 }), []);
    assert_eq!(screen.selected(), Some(6));
}

#[test]
fn the_wheel_scrolls_the_pane_under_it() {
    let mut screen = long();
    let effects = screen.send(Message::Scrolled { column: 5, row: 5, is_down: false });
    assert_eq!((effects, screen.model.focus), (vec![load(97)], Pane::Events));
    screen.send(Message::Scrolled { column: 5, row: 5, is_down: true });
    assert_eq!((screen.selected(), screen.model.events.is_following), (Some(100), true));
    let effects = screen.send(Message::Scrolled { column: 100, row: 5, is_down: true });
    assert_eq!((effects, screen.selected()), (vec![], Some(100)));
}

#[test]
fn clicks_and_the_wheel_do_nothing_under_an_overlay() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("?");
    assert_eq!(screen.send(Message::Clicked { column: 5, row: 2 }), []);
    assert_eq!(screen.send(Message::Scrolled { column: 5, row: 5, is_down: false }), []);
    assert_eq!(screen.selected(), Some(6));
}

#[test]
fn the_selected_event_stays_visible_when_the_terminal_is_resized() {
    let mut screen = long();
    for (width, height) in [(120, 12), (40, 10), (80, 24), (200, 60), (1, 1), (0, 0), (120, 40)] {
        screen.send(Message::Resized { width, height });
    }
    assert_eq!(screen.model.events.top + 1, screen.model.events.len() - visible(&screen) + 1);
}

#[test]
fn the_last_event_stays_visible_when_a_problem_takes_a_line() {
    let mut screen = long();
    let problem = hookglass::tui::model::Problem { text: "disk full".to_owned(), hint: "make room".to_owned() };
    screen.send(Message::ProblemFound(problem));
    assert!(screen.text().contains("user100@"), "{}", screen.text());
}

#[test]
fn a_newer_repair_notice_replaces_the_previous_one() {
    let mut screen = Screen::listing(WIDE, &SIX);
    for text in ["copied 20,000 of about 40,000 events", "saved all 40,000 events"] {
        let problem = hookglass::tui::model::Problem { text: text.to_owned(), hint: "wait".to_owned() };
        screen.send(Message::RepairReported(problem));
        assert!(screen.text().contains(text), "{}", screen.text());
    }
    assert!(!screen.text().contains("copied 20,000"), "{}", screen.text());
}

/// The visible lines of the list.
fn visible(screen: &Screen) -> usize {
    screen.text().lines().filter(|line| line.contains(" 14:03:30 ")).count()
}
