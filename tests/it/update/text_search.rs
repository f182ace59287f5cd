//! The search in the detail pane.

use crate::support::reading::{foot, reading, rows};
use crate::support::screen::{Screen, WIDE, frame};
use crate::support::story;
use hookglass::core::find::Hits;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Tab;
use ratatui::style::Color;

const BODY: &str = r#"{"a":"one","b":{"c":"One two","d":{"e":"one one"}},"f":[1,"two"]}"#;

/// Presses `/`, types `text`, and reads what is asked for after each letter.
fn search(screen: &mut Screen, text: &str) {
    screen.press("/");
    for letter in text.split_inclusive(|_: char| true) {
        screen.go(if letter == " " { "Space" } else { letter });
    }
}

/// The count of the search and the path of the cursor.
fn place(screen: &Screen) -> (String, String) {
    let detail = &screen.model.detail;
    let document = &detail.loaded.as_ref().unwrap().payload.document;
    let count = detail.search.as_ref().map(|search| search.count()).unwrap_or_default();
    (count, detail.reading.path(document).to_owned())
}

#[test]
fn each_letter_searches_and_keys_go_from_hit_to_hit() {
    for (before, text, keys, count, path) in [
        ("g", "o", "", "1/6", "a"),
        ("g", "one", "", "1/4", "a"),
        ("g", "One", "", "1/1", "b.c"),
        ("g", "one", "Enter n", "2/4", "b.c"),
        ("g", "one", "Enter n n n", "4/4", "b.d.e"),
        ("g", "one", "Enter n n n n", "1/4", "a"),
        ("g", "one", "Enter N", "4/4", "b.d.e"),
        // From the cursor on, and around the end.
        ("j j j", "one", "", "2/4", "b.c"),
        ("G", "one", "", "1/4", "a"),
        // What hides a hit is unfolded, and nothing else.
        ("C", "e\"", "Enter n n", "3/3", "b.d.e"),
        // The cursor may have moved.
        ("g", "one", "Enter G N", "4/4", "b.d.e"),
        ("g", "one", "Enter j n", "2/4", "b.c"),
        ("j j", "nobody", "", "0", "b"),
        ("j j", "", "", "", "b"),
        ("j j", "x", "Backspace", "", "b"),
        ("g", "\"d\"", "", "1/1", "b.d"),
    ] {
        let mut screen = reading((60, 40), BODY);
        screen.press(before);
        search(&mut screen, text);
        if !keys.is_empty() {
            screen.go(keys);
        }
        assert_eq!(place(&screen), (count.to_owned(), path.to_owned()), "{before} / {text} {keys}");
    }
}

#[test]
fn esc_goes_back_to_the_place_before_the_search() {
    let mut screen = reading((60, 40), BODY);
    screen.press("C j j");
    let before = rows(&screen);
    search(&mut screen, "one one");
    assert_ne!(rows(&screen), before);
    assert_eq!(screen.press("Esc"), [Effect::StopSearch]);
    assert_eq!(rows(&screen), before);
    // The last search stays when a new one is given up, and ends with a second `Esc`.
    search(&mut screen, "two");
    screen.go("Enter");
    let before = place(&screen);
    search(&mut screen, "one");
    screen.press("Esc");
    assert_eq!(place(&screen), before);
    screen.press("Esc");
    assert!(screen.model.detail.search.is_none() && screen.model.is_zoomed);
}

#[test]
fn hits_are_highlighted_and_counted_in_folds_and_on_the_rule() {
    let mut screen = reading((60, 40), BODY);
    search(&mut screen, "one");
    screen.go("Enter C g");
    assert!(foot(&screen).contains(" /one 1/4 ─ $ ─ "), "{}", foot(&screen));
    assert_eq!(rows(&screen)[2], r#"   "b": {…} 2 members 3 hits"#);
    let shown = frame(&screen.model, (60, 40));
    let marked: String =
        shown.content.iter().filter(|cell| cell.bg == Color::Yellow).map(|cell| cell.symbol()).collect();
    assert_eq!(marked, "one");
}

#[test]
fn a_hit_in_a_long_line_is_scrolled_to() {
    let mut screen = reading((40, 10), format!(r#"{{"a":"{}needle{}"}}"#, "x".repeat(500), "y".repeat(500)));
    search(&mut screen, "needle");
    assert!(rows(&screen)[1].contains("xneedley"), "{}", screen.text());
    screen.go("Enter");
    search(&mut screen, "\"a");
    assert!(rows(&screen)[1].contains(r#""a": "xxx"#), "{}", screen.text());
}

#[test]
fn every_tab_can_be_searched() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.press("Enter 2");
    search(&mut screen, "webhook-");
    let count = screen.model.detail.search.as_ref().unwrap().count();
    assert_eq!(count, "1/3", "{}", screen.text());
    screen.go("Enter n n");
    assert!(foot(&screen).contains("/webhook- 3/3"), "{}", screen.text());
    // The hits are shown on their tab only.
    screen.press("1");
    assert!(!foot(&screen).contains("/webhook-"));
    screen.press("n");
    assert_eq!(screen.notice(), "nothing to go to; press `/` to search");
    // Another width lays the text out again.
    screen.press("3");
    search(&mut screen, "verified");
    screen.send(Message::Resized { width: 60, height: 40 });
    assert!(screen.model.detail.search.is_none());
}

#[test]
fn hits_of_an_older_search_or_of_another_event_are_dropped() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.press("Enter / a b");
    let search = screen.model.detail.search.clone().unwrap();
    assert_eq!((search.hits.as_ref(), search.number, search.tab), (None, 2, Tab::Payload));
    screen.send(Message::Searched { number: 1, hits: Hits { offsets: vec![1], is_truncated: false } });
    assert_eq!(screen.model.detail.search.as_ref().unwrap().hits, None);
    assert!(screen.text().contains(" … "), "the search still runs: {}", screen.text());
    screen.press("Enter n");
    assert_eq!(screen.notice(), "still searching");
    screen.go("Esc Esc Esc k");
    screen.send(Message::Searched { number: 2, hits: Hits { offsets: vec![1], is_truncated: false } });
    assert!(screen.model.detail.search.is_none());
}

#[test]
fn a_search_does_not_follow_new_events() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.press("Enter");
    search(&mut screen, "email");
    let [.., mut last] = <[_; 7]>::try_from(story::events()).unwrap();
    last.summary.seq = 8;
    last.summary.webhook_id = Some("msg_new".to_owned());
    screen.come(vec![last]);
    assert_eq!(screen.selected(), Some(7));
    assert_eq!(place(&screen).0, "1/1");
}

#[test]
fn a_search_that_found_nothing_says_so() {
    let mut screen = reading((60, 20), BODY);
    search(&mut screen, "nobody");
    screen.go("Enter n");
    assert_eq!(screen.notice(), "`nobody` is not in this tab");
}
