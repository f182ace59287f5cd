//! Hostile bytes in every field: none of them act on the terminal.

use crate::support::screen::{Screen, summary, theme};
use crate::support::story;
use bytes::Bytes;
use hookglass::core::delivery::{Completeness, Delivery, Failure, FailureKind, Response};
use hookglass::core::event::Event;
use hookglass::core::signature::Verdict;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Problem, Secrets};
use hookglass::tui::view;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// The most bytes in one cell: a letter with four combining marks, or an emoji of several people.
const MAX_CELL: usize = 48;

fn hostile() -> Vec<Vec<u8>> {
    let texts = [
        "\x1b[2J\x1b[31m\x1b]0;owned\x07\x1bPq\x1b\\\x1b[201~\x1bc",
        "\u{9b}2J\u{9d}0;owned\u{9c}\u{90}q\u{85}\u{8d}",
        "\r\n\t\0\x08\x0b\x0c\x0e\x7f\x1a",
        "\u{202e}txt.exe\u{202c}\u{2066}a\u{2069}\u{200f}\u{61c}",
        "a\u{200b}b\u{200d}c\u{feff}\u{ad}\u{2060}\u{fe0f}\u{e0041}\u{180e}\u{fff9}",
        "\u{2028}\u{2029}\u{e000}\u{10ffff}\u{fffe}\u{1160}\u{3164}",
        "👩‍👩‍👧‍👦🇩🇪❤\u{fe0f}語e\u{301}क्ष\u{1100}\u{1161}\u{11a8}",
        "\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    ];
    let mut all: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    all.push(b"\xff\xfe\x80\xc0\xaf\xed\xa0\x80\xf5\x1b\x9b".to_vec());
    all.push((0..=255).collect());
    all
}

/// A megabyte of combining marks on one letter, two bytes each.
fn marks() -> Vec<u8> {
    format!("e{}", "\u{301}".repeat(1_000_000)).into_bytes()
}

/// An event with `bytes` wherever a request, its delivery or a response can contain them. Fields that the parser would reject are set
/// directly.
fn screens(bytes: &[u8], size: (u16, u16)) -> Vec<Screen> {
    let all = ["F", "Enter", "Enter 2", "Enter 3", "Enter 4", "Enter 5", "Enter 6", "Enter z", "Tab", "Tab Enter"];
    [panes(bytes, size, &all), fields(bytes, size), notices(bytes, size)].into_iter().flatten().collect()
}

fn panes(bytes: &[u8], size: (u16, u16), keys: &[&str]) -> Vec<Screen> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let shown = |keys: &&str| {
        let mut screen = Screen::showing(size, vec![event(bytes, &text)]);
        screen.delivered(delivery(bytes, &text, true));
        screen.delivered(delivery(bytes, &text, false));
        screen.go(keys);
        screen
    };
    keys.iter().map(shown).collect()
}

/// Pastes into each field, once accepted and once not.
fn fields(bytes: &[u8], size: (u16, u16)) -> Vec<Screen> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut all = Vec::new();
    for keys in ["K", "/", "=", "r", "?", ":"] {
        for (pasted, then) in [(text.clone(), "F"), (format!("{text}://x y"), "Enter")] {
            let mut screen = Screen::showing(size, vec![event(b"", "")]);
            screen.go(keys);
            screen.send(Message::TextPasted(pasted));
            screen.press(then);
            all.push(screen);
        }
    }
    all
}

/// As a reason, a label or a problem.
fn notices(bytes: &[u8], size: (u16, u16)) -> Vec<Screen> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut all = Vec::new();
    for message in [
        Message::HistoryFailed(text.clone()),
        Message::RequestRefused { status: 400, why: text.clone() },
        Message::RequestsRefused(text.clone()),
        Message::SecretsChanged(Secrets {
            labels: vec![text.clone()],
            last_added: Some(text.clone()),
            is_worth_saving: true,
            odd: vec![text.clone()],
        }),
        Message::EventNotLoaded { seq: 1, why: text.clone() },
        Message::ProblemFound(Problem { text: text.clone(), hint: text.clone() }),
    ] {
        let mut screen = Screen::start(size, &[], hookglass::core::index::Index::default());
        screen.come(vec![event(b"", "")]);
        screen.send(message);
        all.push(screen);
    }
    // The start page names the secret.
    all.push(Screen::start(size, &[text.as_str()], hookglass::core::index::Index::default()));
    all
}

fn event(bytes: &[u8], text: &str) -> Event {
    let in_head: Vec<u8> = bytes.iter().copied().filter(|byte| *byte >= b' ' && *byte != 0x7f).take(30_000).collect();
    let in_target: Vec<u8> =
        text.chars().filter(|c| *c > ' ' && *c != '\x7f').take(100).collect::<String>().into_bytes();
    let mut head = b"POST /".to_vec();
    head.extend(&in_target);
    head.extend(b" HTTP/1.1\r\nHost: x\r\n");
    for name in ["X-Odd", "webhook-id", "webhook-timestamp", "webhook-signature"] {
        head.extend(name.as_bytes());
        head.extend(b": ");
        head.extend(&in_head);
        head.extend(b"\r\n");
    }
    head.extend(b"\r\n");
    let quoted = serde_json::to_string(text).unwrap();
    let escaped: String = text.encode_utf16().take(5_000).map(|unit| format!("\\u{unit:04x}")).collect();
    let body =
        format!("{{{quoted}: {quoted}, \"type\": {quoted}, \"id\": \"{escaped}\", \"data\": {{\"email\": {quoted}}}}}");
    let mut body = body.into_bytes();
    body.extend(bytes);
    let mut event = story::event(1, story::now(), &head, body);
    event.summary = hookglass::core::event::Summary {
        event_type: Some(text.to_owned()),
        subject: Some(text.to_owned()),
        event_id: Some(text.to_owned()),
        organization_id: Some(text.to_owned()),
        webhook_id: Some(text.to_owned()),
        path: text.to_owned(),
        method: text.to_owned(),
        ..event.summary
    };
    event.verification.secret = Some(text.into());
    event
}

fn delivery(bytes: &[u8], text: &str, is_answered: bool) -> Delivery {
    let headers = vec![(bytes.to_vec(), bytes.to_vec()), (b"x-odd".to_vec(), bytes.to_vec())];
    let answer = Response {
        status: 200,
        headers: headers.clone(),
        body: Bytes::copy_from_slice(bytes),
        completeness: Completeness::Whole,
    };
    Delivery {
        target: text.to_owned(),
        sent_headers: headers,
        outcome: if is_answered {
            Ok(answer)
        } else {
            Err(Failure { kind: FailureKind::Other, text: text.to_owned() })
        },
        ..story::refused(1)
    }
}

/// Whether `c` acts on a terminal or is invisible.
pub fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

/// The bytes written to a terminal.
#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first thing in `bytes` that is neither visible text nor a sequence that a frame needs.
fn refused(bytes: &[u8]) -> Option<String> {
    let Ok(mut rest) = std::str::from_utf8(bytes) else { return Some("not UTF-8".to_owned()) };
    while let Some(c) = rest.chars().next() {
        let Some(sequence) = rest.strip_prefix("\x1b[") else {
            if is_refused(c) {
                return Some(format!("{:?}", rest.chars().take(20).collect::<String>()));
            }
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        let (parameters, after) = sequence.split_at(end);
        let is_plain = parameters.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
        let is_needed = match after.as_bytes().first() {
            // Cursor position; colours and weights.
            Some(b'H' | b'm') => is_plain,
            // Cursor visible or hidden.
            Some(b'h' | b'l') => parameters == "?25",
            _ => false,
        };
        if !is_needed {
            return Some(format!("{:?}", rest.chars().take(20).collect::<String>()));
        }
        rest = &after[1..];
    }
    None
}

/// Asserts that consecutive frames of one size are harmless: their cells, and the bytes sent to the terminal, at most `most` per frame.
#[track_caller]
fn assert_harmless(screens: &[Screen], most: usize) {
    let output = Output::default();
    let area = Rect::from((ratatui::layout::Position::ORIGIN, screens[0].model.size));
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(output.clone()), options).unwrap();
    for screen in screens {
        let drawn = terminal.draw(|frame| view::draw(&screen.model, theme(), frame)).unwrap();
        for cell in &drawn.buffer.content {
            let symbol = cell.symbol();
            assert!(!symbol.chars().any(is_refused), "{symbol:?} in a cell of\n{}", screen.text());
            assert!(symbol.len() <= MAX_CELL, "{} bytes in one cell", symbol.len());
        }
        let bytes = output.0.take();
        assert_eq!(refused(&bytes), None, "sent for\n{}", screen.text());
        assert!(!bytes.is_empty() && bytes.len() <= most, "{} bytes for\n{}", bytes.len(), screen.text());
    }
}

#[test]
fn hostile_bytes_in_every_field_reach_the_terminal_as_plain_text() {
    for size in [(120, 40), (40, 10)] {
        for bytes in hostile() {
            assert_harmless(&screens(&bytes, size), usize::MAX);
        }
    }
}

#[test]
fn a_megabyte_of_combining_marks_is_drawn_as_an_ordinary_frame() {
    let marks = marks();
    let panes = panes(&marks, (120, 40), &["F", "Enter 2", "Enter 4"]);
    let screens: Vec<_> = panes.into_iter().chain(fields(&marks, (120, 40))).collect();
    // For 4,800 cells.
    assert_harmless(&screens, 50_000);
}

#[test]
fn a_list_of_hostile_rows_is_harmless() {
    let mut screen = Screen::new((120, 40));
    let rows = (1..).zip(hostile()).map(|(seq, bytes)| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let name = summary(seq, &text, Verdict::Invalid);
        hookglass::core::event::Summary { subject: Some(text), ..name }
    });
    screen.send(Message::EventsStored(rows.collect()));
    assert_harmless(&[screen, Screen::new((120, 40))], usize::MAX);
}

#[test]
fn forbidden_bytes_in_a_frame_are_found() {
    for bytes in [
        &b"\x1b[2J"[..],
        b"a\x1b]0;x\x07",
        b"\x1b[?1049h",
        b"\x1bc",
        b"a\x07",
        b"a\nb",
        "a\u{202e}".as_bytes(),
        "\u{9b}1m".as_bytes(),
        b"\xff",
        b"\x1b[6n",
        b"\x1b[",
    ] {
        assert!(refused(bytes).is_some(), "{bytes:?}");
    }
    assert_eq!(refused("\x1b[1;1H\x1b[38;5;9mé語\x1b[?25h".as_bytes()), None);
}
