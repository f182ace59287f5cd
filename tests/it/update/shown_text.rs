//! A value in full, in an overlay.

use crate::support::reading::{foot, reading};
use crate::support::screen::Screen;
use hookglass::tui::message::Message;
use hookglass::tui::model::Overlay;

/// Sends a resize and reads what is asked for.
fn resize(screen: &mut Screen, width: u16, height: u16) {
    let effects = screen.send(Message::Resized { width, height });
    screen.read(effects);
}

/// The first visible row of the open text, and how many rows there are.
fn place(screen: &Screen) -> (String, usize) {
    let Some(Overlay::Text { text, top }) = &screen.model.overlay else { panic!("no text is open") };
    (String::from_utf8_lossy(text.row(*top)).into_owned(), text.row_count())
}

#[test]
fn a_string_that_is_cut_off_can_be_seen_in_full() {
    let words: String = (0..400).map(|number| format!("word{number:03} ")).collect();
    let mut screen = reading((80, 20), format!("{{\"a\":\"short\",\"b\":\"{words}\"}}"));
    screen.go("j");
    assert!(!foot(&screen).contains("shows all"), "{}", foot(&screen));
    screen.go("j");
    assert!(foot(&screen).contains("Enter shows all"), "{}", foot(&screen));
    screen.go("w");
    screen.model.notice = None;
    assert!(foot(&screen).contains("Enter shows all"), "{}", foot(&screen));
    screen.go("Enter");
    let text = screen.text();
    assert!(text.contains(" b · j k scroll, Esc closes ") && text.contains("word000"), "{text}");
    screen.go("G");
    assert!(screen.text().contains("word399"), "{}", screen.text());
    screen.press("Esc");
    assert!(screen.model.overlay.is_none());
}

#[test]
fn json_in_a_string_is_shown_formatted_and_says_so() {
    let mut screen = reading((80, 20), br#"{"a":"{\"b\":[1,2]}","c":"\u001b[2J"}"#.to_vec());
    screen.go("j Enter");
    let text = screen.text();
    assert!(text.contains("JSON in a string") && text.contains(r#"  "b": ["#), "{text}");
    screen.go("Esc j Enter");
    assert!(screen.text().contains("␛[2J"), "{}", screen.text());
}

#[test]
fn an_open_text_wraps_again_and_keeps_its_place() {
    let mut screen = reading((100, 20), format!("[\"{}\"]", "0123456789".repeat(1000)));
    screen.go("j Enter");
    screen.press("PgDn PgDn");
    let (before, rows) = place(&screen);
    resize(&mut screen, 60, 20);
    let (_, more) = place(&screen);
    assert!(more > rows, "{more} {rows}");
    resize(&mut screen, 100, 20);
    assert_eq!(place(&screen).1, rows);
    assert_eq!(before.len(), place(&screen).0.len());
}

#[test]
fn a_text_does_not_cover_what_was_opened_meanwhile() {
    let mut screen = reading((80, 20), r#"{"a":"b"}"#);
    screen.press("j");
    let effects = screen.press("Enter ?");
    screen.read(effects);
    assert!(matches!(screen.model.overlay, Some(Overlay::Help { .. })));
}
