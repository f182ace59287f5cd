//! Copies and deliveries: the effects, and the notices about the results.

use super::SIX;
use crate::support::screen::{Screen, WIDE, known, load, summary};
use crate::support::story;
use hookglass::core::delivery::{Delivery, Form, ForwardMode, Forwarded, Manner, Origin, Route, SigningPolicy};
use hookglass::core::event::Summary;
use hookglass::core::export::Destination;
use hookglass::core::index::Index;
use hookglass::core::response::ResponseState::{Pending, Sent};
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::effect::{Effect, Order, Wanted};
use hookglass::tui::message::Message;
use hookglass::tui::model::{Secrets, Tone};

fn routes(texts: &[&str]) -> Vec<Route> {
    texts.iter().map(|text| Route::parse(text).unwrap()).collect()
}

fn sending() -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.setup.target = Some("localhost:4000".parse().unwrap());
    screen
}

#[test]
fn r_signs_again_and_shift_r_sends_byte_for_byte() {
    for (keys, wanted) in [("r", Form::Resigned), ("R", Form::AsReceived)] {
        let mut screen = sending();
        let target = "http://localhost:4000/".parse().unwrap();
        let order = Order::Event { seq: 6, form: wanted, policy: SigningPolicy::Verified };
        assert_eq!(screen.press(keys), [Effect::Send { order, target }]);
        assert_eq!(screen.model.running_deliveries, 1);
    }
}

#[test]
fn a_finished_delivery_shows_a_notice_and_reloads_the_event() {
    let mut screen = sending();
    screen.press("r");
    let effects = screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 201))));
    assert_eq!((effects, screen.model.running_deliveries), (vec![load(6)], 0));
    assert_eq!(screen.notice(), "http://localhost:4000/webhooks/scalekit responded 201 in 12 ms");
    screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 500))));
    assert_eq!(screen.model.notice.as_ref().unwrap().tone, Tone::Bad);
    screen.send(Message::DeliveryFinished(Box::new(story::refused(6))));
    assert!(screen.notice().contains("connection refused"));
}

#[test]
fn r_says_that_an_unverified_event_was_sent_as_received_and_shift_r_does_not() {
    let remark = "; sent as received, since it never verified; `d s` signs it";
    for (keys, manner, is_said) in [
        ("k r", Manner::AsReceived, true),
        ("k R", Manner::AsReceived, false),
        // It was verified meanwhile.
        ("k r", Manner::Resigned, false),
    ] {
        let mut screen = sending();
        screen.press(keys);
        for is_first in [true, false] {
            let delivery = Delivery { manner, ..story::answered(5, 401) };
            screen.send(Message::DeliveryFinished(Box::new(delivery)));
            assert_eq!(screen.notice().ends_with(remark), is_said && is_first, "{keys}: {}", screen.notice());
        }
    }
}

#[test]
fn a_delivery_of_the_shown_event_reloads_only_its_deliveries() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.go("4");
    let seq = screen.selected().unwrap();
    let ended = |status| Message::DeliveryFinished(Box::new(story::answered(seq, status)));
    let deliveries = Effect::LoadDeliveries(Wanted { seq, attempts: screen.model.events.attempts(seq) });
    assert_eq!(screen.send(ended(201)), [deliveries]);
    screen.delivered(story::answered(seq, 503));
    assert!(screen.text().contains("503"), "{}", screen.text());
    // While the event itself is loading, it is loaded again: the load in progress may miss the delivery.
    screen.model.detail.loading = Some(seq);
    assert!(matches!(screen.send(ended(201))[..], [Effect::Load(_)]));
}

#[test]
fn a_delivery_of_another_event_loads_nothing() {
    let mut screen = sending();
    screen.press("r");
    assert_eq!(screen.send(Message::DeliveryFinished(Box::new(story::answered(3, 201)))), []);
}

#[test]
fn a_delivery_by_another_process_updates_the_event_without_a_notice() {
    let mut screen = sending();
    screen.press("r");
    let notice = screen.notice().to_owned();
    let outcomes = |screen: &Screen| screen.model.events.index.row(5).ending;
    let before = outcomes(&screen);
    let rehearsed = Delivery { origin: Origin::Rehearsed(None), ..story::answered(6, 500) };
    assert_eq!(screen.send(Message::DeliveredElsewhere(Box::new(rehearsed))), [load(6)]);
    assert_eq!(outcomes(&screen), before, "a rehearsal does not change the row");
    assert_eq!(screen.send(Message::DeliveredElsewhere(Box::new(story::answered(6, 500)))), [load(6)]);
    assert_ne!(outcomes(&screen), before);
    assert_eq!((screen.notice(), screen.model.running_deliveries), (notice.as_str(), 1));
    assert!(screen.model.last_delivery().is_none());
}

#[test]
fn a_forwarded_event_shows_in_the_header_without_a_notice() {
    let mut screen = sending();
    screen.press("r");
    let notice = screen.notice().to_owned();
    let forwarded = Delivery { origin: Origin::Forwarded, ..story::answered(3, 503) };
    screen.send(Message::DeliveryFinished(Box::new(forwarded)));
    assert_eq!((screen.notice(), screen.model.running_deliveries), (notice.as_str(), 1));
    assert_eq!(screen.model.last_delivery().unwrap().ending.to_string(), "503");
}

#[test]
fn the_header_does_not_attribute_a_response_to_another_target() {
    let mut screen = sending();
    screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 503))));
    assert!(screen.text().contains("localhost:4000 503 12 ms"), "{}", screen.text());
    screen.press("= Ctrl-u");
    screen.type_text("4001");
    screen.press("Enter");
    assert!(screen.text().contains("→ localhost:4001  "), "{}", screen.text());
    screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 503))));
    assert!(screen.text().contains("→ localhost:4001 · localhost:4000 503 12 ms"), "{}", screen.text());
}

#[test]
fn the_header_shows_who_responds_to_the_sender() {
    let mut screen = Screen::new(WIDE);
    screen.model.setup.forwarding.routes = routes(&["localhost:4000"]);
    assert!(screen.text().contains("⇒ localhost:4000"), "{}", screen.text());
    screen.model.setup.forwarding.mode = ForwardMode::Through;
    // `r` now sends elsewhere, but the forwarding target stays.
    screen.model.setup.target = Some("localhost:4001".parse().unwrap());
    assert!(screen.text().contains("⇄ localhost:4000"), "{}", screen.text());
}

#[test]
fn a_copied_curl_command_goes_to_the_target() {
    let mut screen = sending();
    let effects = screen.press("y c");
    assert!(
        matches!(&effects[..], [Effect::Copy { seq: 6, destination: Destination::Url(url), .. }] if url == "http://localhost:4000/"),
        "{effects:?}"
    );
}

#[test]
fn an_osc_52_copy_is_written_to_the_terminal() {
    let mut screen = sending();
    let message = Message::TextCopied { what: "id", how: "sent to the terminal".to_owned(), sequence: Some(vec![7]) };
    assert_eq!(screen.send(message), [Effect::WriteToTerminal(vec![7])]);
    assert_eq!(screen.notice(), "id sent to the terminal");
}

#[test]
fn a_notice_disappears_after_six_seconds() {
    let mut screen = sending();
    screen.press("m");
    let shown_at = screen.model.now;
    screen.send(Message::Ticked(shown_at + jiff::SignedDuration::from_secs(5)));
    assert_ne!(screen.notice(), "");
    screen.send(Message::Ticked(shown_at + jiff::SignedDuration::from_secs(6)));
    assert_eq!(screen.notice(), "");
}

#[test]
fn the_missing_secret_is_a_problem_until_one_is_added() {
    let mut screen = Screen::start(WIDE, &[], hookglass::core::index::Index::default());
    screen.keep(&[("user.login", Verified)]);
    assert!(screen.text().contains("no signing secret"));
    screen.send(Message::SecretsChanged(known(&["pasted"])));
    assert!(!screen.text().contains("no signing secret"));
}

#[test]
fn the_same_problem_is_listed_once() {
    let mut screen = sending();
    let problem = hookglass::tui::model::Problem { text: "disk full".to_owned(), hint: "make room".to_owned() };
    for _ in 0..2 {
        screen.send(Message::ProblemFound(problem.clone()));
    }
    assert_eq!(screen.model.all_problems(), [problem]);
}

#[test]
fn a_delayed_response_is_shown_once_it_is_decided() {
    let mut screen = Screen::new(WIDE);
    let waiting = |seq| Summary { response: Pending, ..summary(seq, "user.login", Verified) };
    screen.send(Message::EventsStored(vec![waiting(1), waiting(2)]));
    assert_eq!(screen.send(Message::SenderResponded { seq: 1, response: Sent(202) }), [], "another event is shown");
    assert_eq!(screen.send(Message::SenderResponded { seq: 2, response: Sent(504) }), [load(2)]);
    assert_eq!(screen.send(Message::SenderResponded { seq: 9, response: Sent(200) }), []);
    let index = &screen.model.events.index;
    assert_eq!((index.row(0).response, index.row(1).response), (Sent(202), Sent(504)));
}

#[test]
fn an_older_summary_does_not_overwrite_a_response() {
    let mut screen = Screen::new(WIDE);
    screen.send(Message::FeedLagged);
    screen.send(Message::SenderResponded { seq: 1, response: Sent(202) });
    let summaries = vec![Summary { response: Pending, ..summary(1, "user.login", Verified) }];
    screen.send(Message::CaughtUp { summaries, is_end: true });
    assert_eq!(screen.model.events.index.row(0).response, Sent(202));
}

#[test]
fn a_failed_forward_reloads_the_shown_event() {
    let mut screen = sending();
    let failed = |seq| Message::ForwardFailed { seq, why: "the event is not in the history".to_owned() };
    assert_eq!(screen.send(failed(6)), [load(6)]);
    assert_eq!(screen.notice(), "forwarding event 6 failed: the event is not in the history");
    assert_eq!(screen.send(failed(3)), [], "another event is shown");
}

#[test]
fn forwarding_without_a_secret_is_a_problem_until_one_is_added() {
    let mut screen = Screen::start(WIDE, &[], Index::default());
    screen.model.setup.forwarding.routes = routes(&["localhost:4000"]);
    assert!(screen.text().contains("nothing can be verified or forwarded"));
    screen.send(Message::ForwardsMissed(3));
    assert_eq!(screen.notice(), "3 deliveries or responses were not shown; they are in the history");
    screen.send(Message::SecretsChanged(known(&["pasted"])));
    assert_eq!(screen.model.all_problems(), []);
}

#[test]
fn a_suspicious_secret_is_a_problem_until_it_is_forgotten() {
    let mut screen = sending();
    let odd = "the secret `pasted` is too short".to_owned();
    let with = Secrets { last_added: Some("pasted".to_owned()), odd: vec![odd], ..known(&["dashboard", "pasted"]) };
    screen.send(Message::SecretsChanged(with));
    assert!(screen.notice().starts_with("secret `pasted` added"), "{}", screen.notice());
    screen.press("K");
    assert!(screen.text().contains("Ctrl-x forgets `pasted`") && screen.text().contains("is too short"));
    assert_eq!(screen.press("Ctrl-x"), [Effect::ForgetSecret]);
    screen.send(Message::SecretsChanged(known(&["dashboard"])));
    assert!(screen.notice().starts_with("secret `pasted` forgotten"), "{}", screen.notice());
    assert_eq!(screen.model.all_problems(), []);
    assert_eq!(screen.press("K Ctrl-x"), [], "Ctrl-x forgets only secrets added on the screen");
}

#[test]
fn secrets_forgotten_in_quick_succession_show_one_notice() {
    let mut screen = sending();
    screen.send(Message::SecretsChanged(known(&["dashboard", "pasted", "pasted#2"])));
    assert!(screen.notice().starts_with("secret `pasted#2` added"), "{}", screen.notice());
    for _ in 0..2 {
        // Both messages carry the state after both changes.
        screen.send(Message::SecretsChanged(known(&["dashboard"])));
        assert!(screen.notice().starts_with("secret `pasted#2` forgotten"), "{}", screen.notice());
    }
}

#[test]
fn the_header_shows_the_first_target_and_the_number_of_others() {
    let mut screen = Screen::new(WIDE);
    for (targets, shown) in
        [(&["4000"][..], "⇒ localhost:4000  "), (&["4000", "app:1", "app:2"], "⇒ localhost:4000 +2")]
    {
        screen.model.setup.forwarding.routes = routes(targets);
        assert!(screen.text().contains(shown), "{}", screen.text());
    }
}

#[test]
fn a_failing_target_stays_in_the_header_until_it_accepts_an_event() {
    let mut screen = Screen::new(WIDE);
    screen.model.setup.forwarding.routes = routes(&["localhost:4000", "localhost:4001"]);
    let mut ended = |port: u16, status| {
        let target = format!("http://localhost:{port}/");
        let delivery = Delivery { origin: Origin::Forwarded, target, ..story::answered(1, status) };
        screen.send(Message::DeliveryFinished(Box::new(delivery)));
        screen.text().lines().next().unwrap().to_owned()
    };
    assert!(ended(4001, 503).contains("+1 · localhost:4001 503"));
    assert!(ended(4000, 201).contains("+1 · localhost:4001 503"));
    assert!(
        ended(9, 404).contains("+1 · localhost:4001 503"),
        "a failed re-delivery to another target does not replace it"
    );
    let header = ended(4001, 201);
    assert!(header.contains("+1 · localhost:4001 201"), "{header}");
}

#[test]
fn the_header_shows_at_every_width_that_all_events_are_forwarded() {
    for width in [30, 40, 60, 80, 120] {
        let mut screen = Screen::new((width, 24));
        screen.model.setup.forwarding.forwarded = Forwarded::All;
        let header = |screen: &Screen| screen.text().lines().next().unwrap().to_owned();
        assert!(!header(&screen).contains(" all"), "nothing is forwarded");
        screen.model.setup.forwarding.routes = routes(&["http://app.example.com:4000", "4001"]);
        assert!(header(&screen).contains(" all"), "{}", header(&screen));
        screen.model.setup.overrides.set("503 next:2".parse().unwrap());
        screen.send(Message::EventsReverified { verdicts: Vec::new(), done: 1_200, all: 41_000 });
        assert!(header(&screen).contains(" all"), "{}", header(&screen));
        screen.model.setup.forwarding.forwarded = Forwarded::Verified;
        assert!(!header(&screen).contains(" all"), "{}", header(&screen));
    }
}

#[test]
fn the_smallest_header_shows_the_target_that_gets_all_events() {
    let mut screen = Screen::new((40, 10));
    screen.model.setup.forwarding.forwarded = Forwarded::All;
    screen.model.setup.forwarding.routes = routes(&["4000"]);
    assert!(screen.text().starts_with(" ● 127.0.0.1:3000   ⇒ localhost:4000 all"), "{}", screen.text());
}

#[test]
fn a_background_notice_does_not_replace_an_error() {
    let reverified = || Message::EventsReverified { verdicts: Vec::new(), done: 5, all: 5 };
    let mut screen = Screen::new(WIDE);
    screen.model.say(Tone::Bad, "first");
    screen.send(reverified());
    assert_eq!(screen.notice(), "first");
    screen.model.say(Tone::Bad, "second");
    assert_eq!(screen.notice(), "second", "a later error replaces it");
    screen.send(Message::SampleSent { event_type: "user.signup", target: None, status: 201 });
    assert_eq!(screen.notice(), "sample `user.signup` sent; hookglass responded 201", "the user asked for it");

    screen.model.say(Tone::Bad, "third");
    let after = |seconds| Message::Ticked(story::now() + jiff::SignedDuration::from_secs(seconds));
    screen.send(after(5));
    screen.send(reverified());
    assert_eq!(screen.notice(), "third");
    screen.send(after(6));
    screen.send(reverified());
    assert_eq!(screen.notice(), "re-verified 5 stored events");
}
