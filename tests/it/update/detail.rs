//! The detail pane shows the selected event and never scrolls past its end.

use crate::support::screen::{Screen, WIDE};
use crate::support::story;
use hookglass::core::check::Accepted;
use hookglass::core::delivery::{Delivery, Manner, Origin};
use hookglass::core::diagnosis::History;
use hookglass::core::rehearsal::Rehearsal;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::{Verdict, sign};
use hookglass::tui::content::{Loaded, Read};
use hookglass::tui::layout::regions;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Offset, Tab};
use jiff::tz::TimeZone;

fn loaded(seq: usize) -> Message {
    let event = story::events().swap_remove(seq - 1);
    let read = Read {
        event,
        attempts: Vec::new(),
        deliveries: Vec::new(),
        delivery_count: 0,
        forwarded_to: Vec::new(),
        learned: Vec::new(),
        history: Some(History::default()),
    };
    Message::EventLoaded(Box::new(Loaded::new(read, &story::keyring(), &Accepted::default(), &TimeZone::UTC)))
}

fn shown(screen: &Screen) -> Option<u64> {
    screen.model.detail.loaded.as_ref().map(|loaded| loaded.event.summary.seq)
}

#[test]
fn an_event_loaded_after_another_was_selected_is_dropped() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.press("k k");
    screen.send(loaded(6));
    assert_eq!((shown(&screen), screen.model.detail.loading), (Some(7), Some(5)));
    screen.send(loaded(5));
    assert_eq!((shown(&screen), screen.model.detail.loading), (Some(5), None));
    screen.send(loaded(6));
    assert_eq!(shown(&screen), Some(5));
}

#[test]
fn the_previous_event_is_not_shown_when_the_selected_one_cannot_be_read() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.press("k");
    screen.send(Message::EventNotLoaded { seq: 6, why: "it is no longer in the history".to_owned() });
    assert_eq!(shown(&screen), None);
    assert!(screen.notice().contains("event 6"));
}

#[test]
fn the_last_page_of_a_text_is_full() {
    for size in [WIDE, (80, 24), (40, 10)] {
        let mut screen = Screen::showing(size, story::events());
        screen.press("Enter");
        for keys in ["G", "j", "PgDn", "Ctrl-d"] {
            screen.press(keys);
            let detail = &screen.model.detail;
            let height = usize::from(regions(&screen.model).detail_text().unwrap().height);
            let last_top = detail.line_count().saturating_sub(height);
            assert_eq!(detail.offset().line, last_top, "{size:?} {keys}: {height} lines are visible");
        }
        screen.press("g");
        assert_eq!(screen.model.detail.offset().line, 0);
    }
}

#[test]
fn a_larger_terminal_shows_more_text() {
    let mut screen = Screen::showing((120, 20), story::events());
    screen.press("Enter G");
    assert!(screen.model.detail.offset().line > 0);
    screen.send(Message::Resized { width: 120, height: 200 });
    assert_eq!(screen.model.detail.offset().line, 0);
}

#[test]
fn sideways_scrolling_stops_at_the_longest_line() {
    let mut screen = Screen::showing((40, 10), story::events());
    screen.press("Enter 2 G");
    for _ in 0..100 {
        screen.press("l");
    }
    let column = screen.model.detail.offset().column;
    assert!((1..100).contains(&column), "{column}");
    assert!(screen.text().contains('‹'), "{}", screen.text());
    for _ in 0..column.div_ceil(8) {
        screen.press("h");
    }
    assert_eq!(screen.model.detail.offset().column, 0);
}

#[test]
fn each_tab_keeps_its_place_and_another_event_starts_at_the_top() {
    let mut screen = Screen::showing((80, 24), story::events());
    screen.press("Enter G 2 j 1");
    let last = screen.model.detail.line_count() - 1;
    assert_eq!(screen.model.detail.reading.line(), last);
    assert!(screen.model.detail.offset().line > 0);
    screen.go("Esc k");
    assert_eq!(screen.model.detail.reading.line(), 0);
    assert_eq!(screen.model.detail.offsets, [Offset::default(); Tab::ALL.len()]);
}

#[test]
fn reloading_the_same_event_keeps_the_place() {
    let mut screen = Screen::showing((80, 24), story::events());
    screen.press("Enter j j G C");
    let text = screen.text();
    screen.delivered(story::answered(7, 201));
    screen.model.notice = None;
    assert_eq!(
        screen.model.detail.reading.line(),
        screen.model.detail.loaded.as_ref().unwrap().line_count(Tab::Payload) - 1
    );
    let foot = |text: &str| text.lines().rev().nth(1).map(str::to_owned);
    assert_eq!(foot(&screen.text()), foot(&text));
}

#[test]
fn a_click_on_a_tab_opens_it_and_a_click_on_the_border_does_not() {
    let mut screen = Screen::showing(WIDE, story::events());
    let text = screen.text();
    let line: Vec<char> = text.lines().nth(2).unwrap().chars().collect();
    let column = |title: &str| {
        let title: Vec<char> = title.chars().collect();
        u16::try_from(line.windows(title.len()).position(|cells| cells == title).unwrap()).unwrap()
    };
    for (title, tab) in [("Headers", Tab::Headers), ("Deliveries", Tab::Deliveries), ("1 Payload", Tab::Payload)] {
        screen.send(Message::Clicked { column: column(title), row: 2 });
        assert_eq!(screen.model.detail.tab, tab);
    }
    for row in [1, 38] {
        screen.send(Message::Clicked { column: column("Headers"), row });
        assert_eq!(screen.model.detail.tab, Tab::Payload, "row {row}");
    }
}

#[test]
fn digits_open_tabs_and_z_zooms() {
    let mut screen = Screen::showing((80, 24), story::events());
    for (keys, tab) in
        [("2", Tab::Headers), ("3", Tab::Signature), ("4", Tab::Deliveries), ("5", Tab::Raw), ("1", Tab::Payload)]
    {
        screen.press(keys);
        assert_eq!(screen.model.detail.tab, tab);
    }
    screen.press("Enter z");
    assert!(screen.model.is_zoomed);
    screen.press("Esc");
    assert!(!screen.model.is_zoomed);
}

#[test]
fn prose_wraps_at_the_width_of_the_pane() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.go("[ 3");
    let mut counts = Vec::new();
    for width in [200, 110, 60, 200] {
        screen.send(Message::Resized { width, height: 40 });
        let detail = &screen.model.detail;
        let columns = hookglass::tui::layout::text_columns(regions(&screen.model).detail);
        let loaded = detail.loaded.as_ref().unwrap();
        let first = (0..detail.line_count()).map(|line| loaded.window(Tab::Signature, line, None, 0, columns)).take(8);
        assert!(first.into_iter().all(|window| !window.is_cut_right), "{width}: {}", screen.text());
        counts.push(detail.line_count());
    }
    assert!(counts[0] < counts[2] && counts[0] == counts[3], "{counts:?}");
}

#[test]
fn a_valid_signature_that_the_app_rejects_has_likely_causes_even_for_an_unverified_event() {
    let never_verified = &story::events()[5];
    assert_eq!(never_verified.verification.verdict, Verdict::Invalid);
    let delivery = story::answered(6, 401);
    let sent_s = delivery.started_at.as_second();
    let signature = sign(&story::secret(), b"msg_1", sent_s, &never_verified.body).unwrap();
    let mut signed = delivery.sent_headers.clone();
    signed.push((b"webhook-timestamp".to_vec(), sent_s.to_string().into_bytes()));
    signed.push((b"webhook-signature".to_vec(), signature.into_bytes()));
    for (sent_headers, manner, heading) in [
        (signed.clone(), Manner::Resigned, Some("  signed by hookglass, but rejected by the app")),
        // For example, it arrived too late to be verified.
        (signed, Manner::AsReceived, Some("  validly signed, but rejected by the app")),
        (delivery.sent_headers.clone(), Manner::Resigned, None),
    ] {
        let mut screen = Screen::showing(WIDE, story::events());
        screen.go("4 k");
        screen.delivered(Delivery { sent_headers, manner, ..delivery.clone() });
        let text = screen.text();
        assert_eq!(text.contains("rejected by the app"), heading.is_some(), "{text}");
        assert!(heading.is_none_or(|heading| text.contains(heading)), "{text}");
    }
}

#[test]
fn a_pending_response_to_the_sender_is_shown() {
    let mut event = story::events().swap_remove(0);
    event.summary.response = ResponseState::Pending;
    let mut screen = Screen::showing(WIDE, vec![event]);
    for tab in ["2", "4"] {
        let text = screen.go(tab).text();
        assert!(text.contains("no response yet") && !text.contains("responded"), "{text}");
    }
}

#[test]
fn a_target_without_a_path_gets_advice_below_its_404() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.go("4");
    let target = "http://localhost:4000/".to_owned();
    screen.delivered(Delivery { target, ..story::answered(7, 404) });
    let text = screen.text();
    for words in ["  why   the target has no path", "`http://localhost:4000/webhooks/scalekit`"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_refusal_shows_the_handler_for_the_framework_that_responded() {
    let refusal = |powered_by: &str| {
        let mut screen = Screen::showing(WIDE, story::events());
        screen.go("4");
        let mut delivery = story::answered(7, 200);
        let response = delivery.outcome.as_mut().unwrap();
        response.headers.push((b"X-Powered-By".to_vec(), powered_by.into()));
        response.body = b"{\"error\":\"Invalid signature\"}".as_slice().into();
        screen.delivered(delivery);
        screen.text()
    };
    let text = refusal("Express");
    for words in ["  seen  {\"error\":", "  code  a handler for Express; `y k` copies it", "app.post('/webhooks/"] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!refusal("Phusion").contains("  code  "));
}

#[test]
fn a_correctly_rejected_rehearsal_has_no_likely_causes() {
    let unnamed = Origin::Rehearsed(None);
    let [expired, control] = [Rehearsal::Expired, Rehearsal::Control].map(|it| Origin::Rehearsed(Some(it)));
    let (right, refuse, accept) = (
        "as a correct handler responds",
        "a correct handler responds with 401, 400 or 403",
        "a correct handler responds with 2xx",
    );
    for (origin, status, said, is_explained) in [
        (Origin::Asked, 401, None, true),
        (unnamed, 401, None, false),
        (expired, 401, Some(right), false),
        (expired, 422, Some(refuse), false),
        (expired, 201, Some(refuse), false),
        (expired, 429, None, false),
        (control, 201, Some(right), false),
        (control, 401, Some(accept), true),
    ] {
        let mut screen = Screen::showing(WIDE, story::events());
        screen.go("4");
        let manner = if origin == Origin::Asked { Manner::Resigned } else { Manner::Rehearsed };
        screen.delivered(Delivery { origin, manner, ..story::answered(7, status) });
        let text = screen.text();
        let shown = [right, refuse, accept].into_iter().find(|words| text.contains(words));
        assert_eq!((shown, text.contains("rejected by the app")), (said, is_explained), "{origin:?} {status}: {text}");
    }
}
