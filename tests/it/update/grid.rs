//! The row of an event: its number, what the sender got, and what became of it at the app.

use super::SIX;
use crate::support::screen::{Screen, WIDE, summary};
use crate::support::story;
use hookglass::core::delivery::{Delivery, Manner, Origin, Route};
use hookglass::core::event::Summary;
use hookglass::core::index::Index;
use hookglass::core::response::ResponseState::Sent;
use hookglass::core::signature::Reason;
use hookglass::core::signature::Verdict::{Invalid, Unchecked, Unsigned, Verified};
use hookglass::tui::message::Message;
use hookglass::tui::model::Tone;
use jiff::SignedDuration;

/// The list's part of the line with event `seq`.
fn row(screen: &Screen, seq: u64) -> String {
    let (number, text) = (format!("{seq} "), screen.text());
    // Below the header: the marker, a mark, then the number.
    let lists = text.lines().skip(2).map(|line| line.split('│').next().unwrap_or_default());
    let row = lists.map(str::to_owned).find(|list| list.trim_start_matches(['▌', ' ']).starts_with(&number));
    row.unwrap_or_else(|| panic!("event {seq} is not listed:\n{text}"))
}

fn forwarded(seq: u64, status: u16) -> Message {
    let delivery = Delivery { origin: Origin::Forwarded, manner: Manner::AsReceived, ..story::answered(seq, status) };
    Message::DeliveryFinished(Box::new(delivery))
}

fn after(seconds: i64) -> Message {
    Message::Ticked(story::now() + SignedDuration::from_secs(seconds))
}

#[test]
fn a_row_has_a_number_a_time_a_verdict_a_type_with_its_reason_and_who() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.model.notice = None;
    for (seq, expected) in [
        (3, "    3 13:53:20 ○ user.signup unsigned   yuki@example.…  ·"),
        (5, "    5 14:02:48 ✗ ….user_created too old idris@example…  ·"),
        (6, "    6 14:03:21 ✗ user.signup mismatch   freya@example…  ·"),
    ] {
        let row = row(&screen, seq);
        assert!(row.starts_with(expected), "{row}");
    }
}

#[test]
fn an_invalid_event_that_the_app_accepted_is_marked_in_row_header_tab_and_notice() {
    for (verdict, sentence) in [
        (Invalid, "your app accepted an event whose signature is not valid"),
        (Unsigned, "your app accepted an event that is not signed"),
    ] {
        let mut screen = Screen::showing(WIDE, story::events());
        let seq = if verdict == Invalid { 6 } else { 3 };
        screen.send(forwarded(seq, 200));
        assert!(row(&screen, seq).contains(" !200"), "{}", row(&screen, seq));
        assert_eq!(screen.notice(), format!("event {seq}: {sentence}"));
        assert_eq!(screen.model.notice.as_ref().map(|notice| notice.tone), Some(Tone::Bad));
        assert!(screen.text().lines().next().unwrap().contains("!200"), "{}", screen.text());
        while screen.selected() != Some(seq) {
            screen.go("k");
        }
        assert!(screen.text().contains("4 Deliveries !200"), "{}", screen.text());
        // A secret that verifies it after all takes the mark away.
        screen.send(Message::EventsReverified { verdicts: vec![(seq, Verified, None)], done: 1, all: 1 });
        assert!(row(&screen, seq).contains("  200"), "{}", row(&screen, seq));
    }
}

#[test]
fn an_event_that_the_app_rejected_as_it_must_is_not_marked() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.model.notice = None;
    screen.send(forwarded(6, 401));
    screen.send(forwarded(7, 200));
    assert!(row(&screen, 6).contains("  401"), "{}", row(&screen, 6));
    assert!(row(&screen, 7).contains("  200"), "{}", row(&screen, 7));
    assert_eq!(screen.notice(), "");
}

#[test]
fn a_pending_delivery_has_a_running_clock() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.setup.forwarding.routes = ["user.*=4000", "4001"].map(|text| Route::parse(text).unwrap()).into();
    screen.keep(&[("user.login", Verified), ("role.created", Verified), ("user.login", Invalid)]);
    let outcomes = |screen: &Screen| [7, 8, 9].map(|seq| row(screen, seq).chars().rev().take(7).collect::<String>());
    let back = |texts: [&str; 3]| texts.map(|text| format!("{text:<7}").chars().rev().collect::<String>());
    assert_eq!(outcomes(&screen), back(["◐ 0 s", "◐ 0 s", " ·"]), "only verified events are forwarded");
    screen.send(after(4));
    screen.send(forwarded(7, 201));
    screen.send(forwarded(8, 503));
    assert_eq!(outcomes(&screen), back(["◐ 4 s", " 503", " ·"]), "event 7 also goes to the other target");
    screen.send(after(130));
    assert_eq!(outcomes(&screen), back(["◐ 2 m", " 503", " ·"]));
    screen.send(Message::ForwardFailed { seq: 7, why: "the disk is full".to_owned() });
    assert_eq!(outcomes(&screen), back([" 201", " 503", " ·"]));
}

#[test]
fn the_senders_response_is_shown_when_it_is_not_the_default() {
    let mut screen = Screen::new(WIDE);
    let with = |seq, verdict, status| Summary { response: Sent(status), ..summary(seq, "user.login", verdict) };
    let too_large = Summary { reason: Some(Reason::BodyTooLarge), ..with(4, Invalid, 413) };
    let not_json = Summary { event_type: None, ..with(6, Verified, 400) };
    let incomplete = Some(Reason::BodyIncomplete);
    let incomplete = Summary { event_type: None, reason: incomplete, ..with(7, Unchecked, 400) };
    let events = vec![
        with(1, Verified, 201),
        with(2, Verified, 503),
        with(3, Invalid, 401),
        too_large,
        with(5, Unsigned, 202),
        not_json,
        incomplete,
    ];
    screen.send(Message::EventsStored(events));
    for (seq, expected) in [(2, "←503"), (5, "←202"), (6, "not JSON"), (6, "←400"), (7, "incomplete body")] {
        assert!(row(&screen, seq).contains(expected), "{}", row(&screen, seq));
    }
    for seq in [1, 3, 4] {
        assert!(!row(&screen, seq).contains('←'), "{}", row(&screen, seq));
    }
}

#[test]
fn each_day_begins_with_a_rule_and_every_row_has_a_time() {
    for size in [WIDE, (80, 24), (60, 20)] {
        let mut screen = Screen::showing(size, story::events());
        screen.press("g");
        let text = screen.text();
        let list: Vec<_> = text.lines().map(|line| line.split('│').next().unwrap()).collect();
        let place =
            |wanted: &str| list.iter().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(place("── Wed 14 Jan 2026 ──") + 1, place(" 1 14:01:50 "), "{text}");
        assert_eq!(place("── Thu 15 Jan 2026 ──") + 1, place(" 2 13:01:50 "), "{text}");
        let width = list[1].chars().count();
        assert!(list[2].chars().count() <= width, "{text}");
    }
}

#[test]
fn columns_stand_still_from_row_to_row() {
    for size in [(200, 60), (140, 40), WIDE, (80, 24), (60, 20), (40, 10)] {
        let mut screen = Screen::showing(size, story::events());
        screen.send(forwarded(6, 401));
        screen.send(forwarded(7, 201));
        screen.press("g G");
        let column =
            |seq, wanted: &str| row(&screen, seq).chars().collect::<Vec<_>>().iter().rposition(|c| wanted.contains(*c));
        assert_eq!(column(6, "1"), column(7, "1"), "{size:?}\n{}", screen.text());
    }
}

#[test]
fn new_events_are_counted_while_the_list_does_not_follow() {
    let mut screen = Screen::listing(WIDE, &SIX);
    let footer = |screen: &Screen| screen.text().lines().last().unwrap().to_owned();
    assert!(footer(&screen).ends_with("▼ FOLLOW"));
    screen.press("k");
    assert!(!footer(&screen).contains('▼'));
    screen.keep(&[("user.login", Verified), ("role.created", Verified)]);
    assert!(footer(&screen).ends_with("▼ 2 new"), "{}", footer(&screen));
    screen.press("G");
    assert!(footer(&screen).ends_with("▼ FOLLOW"));
    screen.press("k");
    assert!(!footer(&screen).contains('▼'));
}

#[test]
fn tabs_shrink_to_their_numbers_and_never_vanish() {
    for width in (30..200).step_by(5) {
        let mut screen = Screen::showing((width, 24), story::events());
        screen.send(forwarded(7, 401));
        screen.go("Enter");
        screen.model.notice = None;
        for (key, active) in
            [("1", "Payload"), ("2", "Headers"), ("3", "Signature"), ("4", "Deliveries"), ("5", "Raw"), ("6", "Diff")]
        {
            screen.go(key);
            let text = screen.text();
            let is_tab_line =
                |line: &&str| [" 1 ", " 2", " 3", " 4", " 5", " 6"].iter().all(|number| line.contains(number));
            let line = text.lines().find(is_tab_line).unwrap_or_else(|| panic!("{width} {key}\n{text}"));
            assert!(width < 60 || line.contains(active), "{width}: {line}");
            assert!(width < 60 || line.contains("401"), "{width}: {line}");
        }
    }
}

#[test]
fn the_footer_follows_the_focus_and_stays_while_a_notice_is_shown() {
    let mut screen = Screen::showing(WIDE, story::events());
    let footer = |screen: &Screen| screen.text().lines().last().unwrap().to_owned();
    screen.model.say(Tone::Bad, "something failed");
    assert!(footer(&screen).starts_with(" Enter open  / filter"), "{}", footer(&screen));
    assert!(screen.text().contains("┤ ✗ something failed ├"), "{}", screen.text());
    screen.press("Tab Tab");
    assert!(footer(&screen).contains("z zoom") && !footer(&screen).contains("/ filter"), "{}", footer(&screen));
    screen.press("/");
    assert!(footer(&screen).starts_with(" Enter keep  Esc back"), "{}", footer(&screen));
}

#[test]
fn the_start_page_ticks_what_is_done() {
    let mut screen = Screen::start(WIDE, &[], Index::default());
    let step = |screen: &Screen, name: &str| {
        let text = screen.text();
        text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{text}")).trim().to_owned()
    };
    assert_eq!(step(&screen, "listening"), "✓ listening       on http://127.0.0.1:3000");
    assert!(step(&screen, "signing secret  ").starts_with("○ signing secret  K to paste it"));
    assert!(step(&screen, "your app").starts_with("○ your app        = to set its URL"));
    let secrets = hookglass::tui::model::Secrets { labels: vec![".env".to_owned()], ..Default::default() };
    screen.send(Message::SecretsChanged(secrets));
    screen.model.setup.target = Some("4000".parse().unwrap());
    assert_eq!(step(&screen, "signing secret  "), "✓ signing secret  .env");
    assert_eq!(step(&screen, "your app"), "✓ your app        http://localhost:4000/");
}
