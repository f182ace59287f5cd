//! The raw tab, and bodies that are not JSON or compressed.

use crate::support::reading::{foot, rows};
use crate::support::screen::Screen;
use crate::support::story;
use flate2::{Compression, write::GzEncoder};
use hookglass::core::json::Form;
use hookglass::tui::layout::regions;
use hookglass::tui::message::Message;
use hookglass::tui::model::Tab;
use std::io::Write;

/// A zoomed screen with one event with these headers and this body.
fn showing(headers: &str, body: &[u8], keys: &str) -> Screen {
    let head = format!("POST / HTTP/1.1\r\n{headers}\r\n\r\n");
    let mut screen = Screen::showing((90, 20), vec![story::event(1, story::now(), head.as_bytes(), body.to_vec())]);
    screen.go("Enter z");
    if !keys.is_empty() {
        screen.go(keys);
    }
    screen
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// The first line above the text of the payload.
fn note(screen: &Screen) -> String {
    let row = regions(&screen.model).note().unwrap().y;
    screen.text().lines().nth(row.into()).unwrap().trim().to_owned()
}

#[test]
fn the_raw_tab_shows_every_byte_and_the_offset() {
    let body: Vec<u8> = b"{\"a\":\"\x1b[2J\"}\r\n".iter().copied().chain(0..=255).collect();
    let mut screen = showing("Content-Type: application/json", &body, "5");
    assert_eq!(screen.model.detail.tab, Tab::Raw);
    let shown = rows(&screen);
    assert_eq!(shown[0].trim(), r#"00000000  7b 22 61 22 3a 22 1b 5b  32 4a 22 7d 0d 0a 00 01  {"a":".[2J"}...."#);
    assert!(foot(&screen).contains("0x00000000 ─ 1/17"), "{}", foot(&screen));
    screen.press("G");
    assert!(rows(&screen).last().unwrap().contains("fe ff"), "{}", screen.text());
    assert_eq!(screen.model.detail.line_count(), body.len().div_ceil(16));
}

#[test]
fn the_raw_tab_is_searched_by_text_and_by_bytes() {
    let body = [&[0; 500][..], b"needle", &[0; 500], b"\x1b[", &[0; 200]].concat();
    for (text, count, offset) in
        [("needle", "1/1", 500), ("0x1b5b", "1/1", 1006), ("0x1B 5B", "1/1", 1006), ("x9", "0", 0)]
    {
        let mut screen = showing("Content-Type: text/plain", &body, "5 /");
        let effects = screen.type_text(text);
        screen.read(effects);
        let search = screen.model.detail.search.as_ref().unwrap();
        assert_eq!(search.count(), count, "{text}");
        let (first, height) = (screen.model.detail.offset().line, rows(&screen).len());
        assert!((first..first + height).contains(&(offset / 16)), "{text}: {first}");
    }
}

#[test]
fn a_narrow_pane_has_shorter_rows_and_keeps_its_place() {
    let body: Vec<u8> = (0..=255).cycle().take(4096).collect();
    let mut screen = showing("Content-Type: image/png", &body, "5 PgDn PgDn");
    let first = |screen: &Screen| rows(screen)[0].trim().split(' ').next().unwrap().to_owned();
    let before = first(&screen);
    assert_ne!(before, "00000000");
    screen.send(Message::Resized { width: 50, height: 20 });
    assert_eq!(first(&screen), before);
    assert_eq!(screen.model.detail.line_count(), 4096 / 8);
}

#[test]
fn a_compressed_payload_is_shown_decompressed_and_raw_as_received() {
    let json = br#"{"type":"user.signup","data":{"email":"jane@example.com"}}"#;
    let body = gzip(json);
    let mut screen = showing("Content-Type: application/json\r\nContent-Encoding: gzip", &body, "j j j");
    assert!(note(&screen).ends_with(&format!("decompressed from gzip: {} → {} bytes", body.len(), json.len())));
    assert!(foot(&screen).contains(" data.email "), "{}", screen.text());
    let effects = screen.press("/");
    assert_eq!(effects, []);
    let effects = screen.type_text("jane");
    screen.read(effects);
    assert_eq!(screen.model.detail.search.as_ref().unwrap().count(), "1/1");
    screen.press("Esc 5");
    assert!(rows(&screen)[0].contains("1f 8b 08"), "{}", screen.text());
}

#[test]
fn a_form_has_a_line_for_each_field_and_decodes_the_one_at_the_cursor() {
    let mut screen = showing(
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
        b"id=1&mail=jane%40acme.com&q=a+b",
        "",
    );
    assert_eq!(note(&screen), "form: one field a line, as received");
    assert_eq!(rows(&screen), ["▌id=1&", " mail=jane%40acme.com&", " q=a+b"]);
    screen.press("j");
    assert!(foot(&screen).contains(" = jane@acme.com "), "{}", screen.text());
    assert_eq!(screen.model.detail.loaded.as_ref().unwrap().payload.document.form(), &Form::Fields);
}

#[test]
fn a_body_of_another_language_is_named() {
    for (content_type, body, expected) in [
        ("text/html", &b"<!DOCTYPE html>\n<p>x</p>"[..], "HTML"),
        ("application/xml", b"<a><b/></a>", "XML"),
        ("application/yaml", b"a: [1, 2]\nb: x", "YAML"),
        ("text/plain", b"hello", "text"),
        ("application/octet-stream", b"\0\x01\x02", "binary: shown as hexadecimal digits"),
    ] {
        let screen = showing(&format!("Content-Type: {content_type}"), body, "");
        assert_eq!(note(&screen), expected, "{}", screen.text());
    }
}
