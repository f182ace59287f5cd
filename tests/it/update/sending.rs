//! Copies and deliveries: what goes out, and what is said of it.

use super::SIX;
use crate::support::screen::{Screen, WIDE, known, load, summary};
use crate::support::story;
use hookglass::core::delivery::{Delivery, Form, ForwardMode, Forwarded, Origin, SigningPolicy};
use hookglass::core::event::Summary;
use hookglass::core::export::Destination;
use hookglass::core::index::Index;
use hookglass::core::response::ResponseState::{Pending, Sent};
use hookglass::core::signature::Verdict::Verified;
use hookglass::tui::effect::{Effect, Order, Wanted};
use hookglass::tui::message::Message;
use hookglass::tui::model::{Secrets, Tone};

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
fn a_delivery_that_ended_is_told_and_its_event_read_anew() {
    let mut screen = sending();
    screen.press("r");
    let effects = screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 201))));
    assert_eq!((effects, screen.model.running_deliveries), (vec![load(6)], 0));
    assert_eq!(screen.notice(), "http://localhost:4000/webhooks/scalekit answered 201 in 12 ms");
    screen.send(Message::DeliveryFinished(Box::new(story::answered(6, 500))));
    assert_eq!(screen.model.notice.as_ref().unwrap().tone, Tone::Bad);
    screen.send(Message::DeliveryFinished(Box::new(story::refused(6))));
    assert!(screen.notice().contains("connection refused"));
}

#[test]
fn a_delivery_of_the_event_that_is_shown_reads_the_deliveries_alone() {
    let mut screen = Screen::showing(WIDE, story::events());
    screen.go("4");
    let seq = screen.selected().unwrap();
    let ended = |status| Message::DeliveryFinished(Box::new(story::answered(seq, status)));
    let deliveries = Effect::LoadDeliveries(Wanted { seq, attempts: screen.model.events.attempts(seq) });
    assert_eq!(screen.send(ended(201)), [deliveries]);
    screen.delivered(story::answered(seq, 503));
    assert!(screen.text().contains("503"), "{}", screen.text());
    // The event itself is being read: what that finds may be older.
    screen.model.detail.loading = Some(seq);
    assert!(matches!(screen.send(ended(201))[..], [Effect::Load(_)]));
}

#[test]
fn a_delivery_of_another_event_reads_nothing() {
    let mut screen = sending();
    screen.press("r");
    assert_eq!(screen.send(Message::DeliveryFinished(Box::new(story::answered(3, 201)))), []);
}

#[test]
fn what_another_program_delivered_is_noted_and_not_announced() {
    let mut screen = sending();
    screen.press("r");
    let notice = screen.notice().to_owned();
    let outcomes = |screen: &Screen| screen.model.events.index.row(5).ending;
    let before = outcomes(&screen);
    let rehearsed = Delivery { origin: Origin::Rehearsed(None), ..story::answered(6, 500) };
    assert_eq!(screen.send(Message::DeliveredElsewhere(Box::new(rehearsed))), [load(6)]);
    assert_eq!(outcomes(&screen), before, "a rehearsal says nothing of the event");
    assert_eq!(screen.send(Message::DeliveredElsewhere(Box::new(story::answered(6, 500)))), [load(6)]);
    assert_ne!(outcomes(&screen), before);
    assert_eq!((screen.notice(), screen.model.running_deliveries), (notice.as_str(), 1));
    assert!(screen.model.last_delivery().is_none());
}

#[test]
fn a_forwarded_event_is_counted_in_the_header_and_not_announced() {
    let mut screen = sending();
    screen.press("r");
    let notice = screen.notice().to_owned();
    let forwarded = Delivery { origin: Origin::Forwarded, ..story::answered(3, 503) };
    screen.send(Message::DeliveryFinished(Box::new(forwarded)));
    assert_eq!((screen.notice(), screen.model.running_deliveries), (notice.as_str(), 1));
    assert_eq!(screen.model.last_delivery().unwrap().ending.to_string(), "503");
}

#[test]
fn what_another_target_answered_is_not_said_of_the_new_one() {
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
fn the_header_says_whose_answer_the_sender_gets() {
    let mut screen = Screen::new(WIDE);
    screen.model.setup.forward_to = vec!["localhost:4000".parse().unwrap()];
    assert!(screen.text().contains("⇒ localhost:4000"), "{}", screen.text());
    screen.model.setup.forward_mode = ForwardMode::Through;
    // `r` sends elsewhere, and events go on going where they went.
    screen.model.setup.target = Some("localhost:4001".parse().unwrap());
    assert!(screen.text().contains("⇄ localhost:4000"), "{}", screen.text());
}

#[test]
fn a_copied_curl_goes_to_the_target() {
    let mut screen = sending();
    let effects = screen.press("y c");
    assert!(
        matches!(&effects[..], [Effect::Copy { seq: 6, destination: Destination::Url(url), .. }] if url == "http://localhost:4000/"),
        "{effects:?}"
    );
}

#[test]
fn a_copy_for_the_terminal_is_written_to_it() {
    let mut screen = sending();
    let message = Message::TextCopied { what: "id", how: "sent to the terminal".to_owned(), sequence: Some(vec![7]) };
    assert_eq!(screen.send(message), [Effect::WriteToTerminal(vec![7])]);
    assert_eq!(screen.notice(), "id sent to the terminal");
}

#[test]
fn a_notice_goes_away_by_itself() {
    let mut screen = sending();
    screen.press("m");
    let told_at = screen.model.now;
    screen.send(Message::Ticked(told_at + jiff::SignedDuration::from_secs(5)));
    assert_ne!(screen.notice(), "");
    screen.send(Message::Ticked(told_at + jiff::SignedDuration::from_secs(6)));
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
fn the_same_problem_is_kept_once() {
    let mut screen = sending();
    let problem = hookglass::tui::model::Problem { text: "disk full".to_owned(), hint: "make room".to_owned() };
    for _ in 0..2 {
        screen.send(Message::ProblemFound(problem.clone()));
    }
    assert_eq!(screen.model.wrong(), [problem]);
}

#[test]
fn an_answer_that_the_sender_waited_for_is_shown_once_it_is_known() {
    let mut screen = Screen::new(WIDE);
    let waiting = |seq| Summary { response: Pending, ..summary(seq, "user.login", Verified) };
    screen.send(Message::EventsStored(vec![waiting(1), waiting(2)]));
    assert_eq!(screen.send(Message::SenderAnswered { seq: 1, response: Sent(202) }), [], "another event is shown");
    assert_eq!(screen.send(Message::SenderAnswered { seq: 2, response: Sent(504) }), [load(2)]);
    assert_eq!(screen.send(Message::SenderAnswered { seq: 9, response: Sent(200) }), []);
    let index = &screen.model.events.index;
    assert_eq!((index.row(0).response, index.row(1).response), (Sent(202), Sent(504)));
}

#[test]
fn an_answer_is_not_lost_to_summaries_that_were_read_before_it() {
    let mut screen = Screen::new(WIDE);
    screen.send(Message::FeedLagged);
    screen.send(Message::SenderAnswered { seq: 1, response: Sent(202) });
    let summaries = vec![Summary { response: Pending, ..summary(1, "user.login", Verified) }];
    screen.send(Message::CaughtUp { summaries, is_end: true });
    assert_eq!(screen.model.events.index.row(0).response, Sent(202));
}

#[test]
fn an_event_that_was_not_forwarded_is_read_anew_if_it_is_shown() {
    let mut screen = sending();
    let failed = |seq| Message::ForwardFailed { seq, why: "it is gone".to_owned() };
    assert_eq!(screen.send(failed(6)), [load(6)]);
    assert_eq!(screen.notice(), "event 6 was not forwarded: it is gone");
    assert_eq!(screen.send(failed(3)), [], "another event is shown");
}

#[test]
fn what_forwarding_lacks_is_said_until_there_is_a_secret() {
    let mut screen = Screen::start(WIDE, &[], Index::default());
    screen.model.setup.forward_to = vec!["localhost:4000".parse().unwrap()];
    assert!(screen.text().contains("nothing is verified and forwarded"));
    screen.send(Message::ForwardsMissed(3));
    assert_eq!(screen.notice(), "3 deliveries and answers are in the history alone");
    screen.send(Message::SecretsChanged(known(&["pasted"])));
    assert_eq!(screen.model.wrong(), []);
}

#[test]
fn an_odd_secret_is_a_problem_until_it_is_forgotten() {
    let mut screen = sending();
    let odd = "the secret `pasted` is too short".to_owned();
    let with = Secrets { last_added: Some("pasted".to_owned()), odd: vec![odd], ..known(&["dashboard", "pasted"]) };
    screen.send(Message::SecretsChanged(with));
    assert!(screen.notice().starts_with("secret pasted added"), "{}", screen.notice());
    screen.press("K");
    assert!(screen.text().contains("Ctrl-x forgets pasted") && screen.text().contains("is too short"));
    assert_eq!(screen.press("Ctrl-x"), [Effect::ForgetSecret]);
    screen.send(Message::SecretsChanged(known(&["dashboard"])));
    assert!(screen.notice().starts_with("secret pasted forgotten"), "{}", screen.notice());
    assert_eq!(screen.model.wrong(), []);
    assert_eq!(screen.press("K Ctrl-x"), [], "the others are not for keys to forget");
}

#[test]
fn secrets_that_were_forgotten_one_at_once_after_the_other_are_told_once() {
    let mut screen = sending();
    screen.send(Message::SecretsChanged(known(&["dashboard", "pasted", "pasted#2"])));
    assert!(screen.notice().starts_with("secret pasted#2 added"), "{}", screen.notice());
    for _ in 0..2 {
        // What is known when the message is sent, which may be after both.
        screen.send(Message::SecretsChanged(known(&["dashboard"])));
        assert!(screen.notice().starts_with("secret pasted#2 forgotten"), "{}", screen.notice());
    }
}

#[test]
fn the_header_shows_the_first_target_and_how_many_more_there_are() {
    let mut screen = Screen::new(WIDE);
    for (targets, shown) in
        [(&["4000"][..], "⇒ localhost:4000  "), (&["4000", "app:1", "app:2"], "⇒ localhost:4000 +2")]
    {
        screen.model.setup.forward_to = targets.iter().map(|text| text.parse().unwrap()).collect();
        assert!(screen.text().contains(shown), "{}", screen.text());
    }
}

#[test]
fn a_target_that_takes_no_events_is_not_hidden_by_another_that_does() {
    let mut screen = Screen::new(WIDE);
    screen.model.setup.forward_to = vec!["localhost:4000".parse().unwrap(), "localhost:4001".parse().unwrap()];
    let mut ended = |port: u16, status| {
        let target = format!("http://localhost:{port}/");
        let delivery = Delivery { origin: Origin::Forwarded, target, ..story::answered(1, status) };
        screen.send(Message::DeliveryFinished(Box::new(delivery)));
        screen.text().lines().next().unwrap().to_owned()
    };
    assert!(ended(4001, 503).contains("+1 · localhost:4001 503"));
    assert!(ended(4000, 201).contains("+1 · localhost:4001 503"));
    assert!(ended(9, 404).contains("+1 · localhost:4001 503"), "`r` sends elsewhere");
    let header = ended(4001, 201);
    assert!(header.contains("+1 · localhost:4001 201"), "{header}");
}

#[test]
fn that_everything_is_forwarded_is_in_the_header_at_every_width() {
    for width in [30, 40, 60, 80, 120] {
        let mut screen = Screen::new((width, 24));
        screen.model.setup.forwarded = Forwarded::All;
        let header = |screen: &Screen| screen.text().lines().next().unwrap().to_owned();
        assert!(!header(&screen).contains(" all"), "nothing is forwarded");
        screen.model.setup.forward_to = vec!["http://app.example.com:4000".parse().unwrap(), "4001".parse().unwrap()];
        assert!(header(&screen).contains(" all"), "{}", header(&screen));
        screen.model.setup.answers.set("503 next:2".parse().unwrap());
        screen.send(Message::EventsReverified { verdicts: Vec::new(), done: 1_200, all: 41_000 });
        assert!(header(&screen).contains(" all"), "{}", header(&screen));
        screen.model.setup.forwarded = Forwarded::Verified;
        assert!(!header(&screen).contains(" all"), "{}", header(&screen));
    }
}

#[test]
fn the_smallest_header_shows_which_app_is_open_to_all() {
    let mut screen = Screen::new((40, 10));
    screen.model.setup.forwarded = Forwarded::All;
    screen.model.setup.forward_to = vec!["4000".parse().unwrap()];
    assert!(screen.text().starts_with(" ● 127.0.0.1:3000   ⇒ localhost:4000 all"), "{}", screen.text());
}

#[test]
fn what_is_wrong_is_not_overwritten_by_what_nobody_asked_for_until_its_time_is_over() {
    let judged = || Message::EventsReverified { verdicts: Vec::new(), done: 5, all: 5 };
    let mut screen = Screen::new(WIDE);
    screen.model.say(Tone::Bad, "first");
    screen.send(judged());
    assert_eq!(screen.notice(), "first");
    screen.model.say(Tone::Bad, "second");
    assert_eq!(screen.notice(), "second", "what else is wrong is said");
    screen.send(Message::SampleSent { event_type: "user.signup", status: 201 });
    assert_eq!(screen.notice(), "sent a sample user.signup, answered 201", "that was asked for");

    screen.model.say(Tone::Bad, "third");
    let after = |seconds| Message::Ticked(story::now() + jiff::SignedDuration::from_secs(seconds));
    screen.send(after(5));
    screen.send(judged());
    assert_eq!(screen.notice(), "third");
    screen.send(after(6));
    screen.send(judged());
    assert_eq!(screen.notice(), "5 kept events were judged again");
}
