//! Jobs: the send menu, the prompts before a job, its progress and its results.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use hookglass::core::delivery::{Doubt, Ending, Form, Pace, RetryPlan, RetryStep, Sending, SigningPolicy, Tally};
use hookglass::core::rehearsal::{Baseline, Outcome, Rehearsal, Row, Step, Terms};
use hookglass::core::signature::{Reason, Scheme, Verdict};
use hookglass::tui::effect::{Effect, Order};
use hookglass::tui::job::{Ended, News, Phase};
use hookglass::tui::keymap::Scope;
use hookglass::tui::message::Message;
use hookglass::tui::model::{LastDelivery, Overlay, Tone};
use std::time::Duration;

const TERMS: Terms = Terms { family: Scheme::Webhook, control: Baseline::Accepted, trigger_point: None };
/// All rehearsals, of which some fit only interceptors.
const COUNT: usize = Rehearsal::ALL.len();

fn sending() -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.setup.target = Some("localhost:4000".parse().unwrap());
    screen
}

fn signed(seq: u64) -> Order {
    Order::Event { seq, form: Form::Resigned, policy: SigningPolicy::Any }
}

fn order(effects: Vec<Effect>) -> Order {
    match <[Effect; 1]>::try_from(effects).unwrap() {
        [Effect::Send { order, .. }] => order,
        [other] => panic!("{other:?}"),
    }
}

#[test]
fn a_menu_higher_than_the_terminal_scrolls_and_still_takes_its_keys() {
    let top = |screen: &Screen| match screen.model.overlay {
        Some(Overlay::Menu { scope: Scope::Sending, top, .. }) => Some(top),
        _ => None,
    };
    let mut screen = sending();
    screen.send(Message::Resized { width: 40, height: 10 });
    assert_eq!(top(screen.go("d")), Some(0));
    assert_eq!(top(screen.go("Down Down k")), Some(1));
    let last = top(screen.go("End"));
    assert!(last > Some(1) && top(screen.go("PgDn")) == last);
    assert_eq!(top(screen.go("Home")), Some(0));
    assert_eq!(order(screen.press("x")), Order::Rehearsals { seq: 6, rehearsals: vec![Rehearsal::Expired] });
    assert_eq!(top(screen.go("d Esc")), None);
}

#[test]
fn a_scrolled_overlay_is_complete_once_the_terminal_is_high_enough() {
    for (keys, last_keys) in [("d", "d End"), ("?", "? End")] {
        let high = |keys| {
            let mut screen = sending();
            screen.send(Message::Resized { width: 40, height: 10 });
            screen.press(keys);
            screen.send(Message::Resized { width: 120, height: 200 });
            screen.text()
        };
        assert_eq!(high(last_keys), high(keys));
    }
}

#[test]
fn each_menu_key_starts_its_rehearsal() {
    for (keys, rehearsals) in [
        ("d a y", Rehearsal::ALL.to_vec()),
        ("d x", vec![Rehearsal::Expired]),
        ("d t", vec![Rehearsal::Tampered]),
        ("d 2", vec![Rehearsal::TwiceAtOnce]),
    ] {
        assert_eq!(order(sending().press(keys)), Order::Rehearsals { seq: 6, rehearsals }, "{keys}");
    }
    assert_eq!(order(sending().press("d s")), signed(6));
}

#[test]
fn an_unverified_event_cannot_be_rehearsed_and_the_notice_says_what_to_do() {
    for keys in ["k d a", "k d x"] {
        let mut screen = sending();
        assert_eq!(screen.press(keys).into_iter().filter(|effect| matches!(effect, Effect::Send { .. })).count(), 0);
        assert!(screen.model.job.is_none() && screen.model.overlay.is_none(), "{}", screen.text());
        let ways = "`d s` signs and sends it, `T` sends a sample";
        assert_eq!(screen.notice(), format!("event 5 was never verified; {ways}"));
    }
    let mut screen = sending();
    screen.press("k");
    assert_eq!(order(screen.press("d s")), signed(5));
}

#[test]
fn listed_and_marked_events_are_sent_in_the_order_received() {
    let pace = Pace::default();
    let mut screen = sending();
    screen.press("/");
    screen.type_text("type:user.login");
    screen.press("Enter d l");
    assert!(screen.text().contains("Re-deliver 3 events"), "{}", screen.text());
    let listed = Order::Many { seqs: vec![1, 3, 5], form: Form::Resigned, pace };
    assert_eq!(order(screen.press("Enter")), listed);

    let mut screen = sending();
    screen.press("G Space g Space d m Ctrl-u");
    screen.type_text("parallel:4 rate:ten");
    screen.press("Enter");
    assert!(screen.text().contains("expected a rate"), "{}", screen.text());
    screen.press("Backspace Backspace Backspace");
    screen.type_text("10/s");
    let pace = Pace { parallel: 4, spacing: Duration::from_millis(100), times: 1 };
    assert_eq!(order(screen.press("Enter")), Order::Many { seqs: vec![1, 6], form: Form::Resigned, pace });
}

#[test]
fn without_marks_no_job_starts_and_the_notice_says_how_to_mark() {
    let mut screen = sending();
    assert_eq!(screen.press("d m"), []);
    assert!(screen.notice().contains("press `Space` to mark one"), "{}", screen.notice());
}

#[test]
fn retries_follow_the_schedule_from_the_prompt() {
    let mut screen = sending();
    screen.press("d r Ctrl-u");
    screen.type_text("minutes 600");
    let plan: RetryPlan = "minutes 600".parse().unwrap();
    assert_eq!(order(screen.press("Enter")), Order::Retries { seq: 6, plan });
    let step = |attempt, status, next_s: Option<u64>| {
        let (ending, next_in) = (Ending::Responded(status), next_s.map(Duration::from_secs));
        Message::JobProgressed(News::Retried(RetryStep { attempt, of: 4, ending, next_in }))
    };
    screen.send(step(1, 500, Some(1)));
    let text = screen.text();
    assert!(text.contains("attempt 1 of 4       at once  500"), "{text}");
    assert!(text.contains("attempt 2 of 4    after 60 s  (1 s here)"), "{text}");
    screen.send(step(2, 201, None));
    screen.send(Message::JobEnded(Ok(())));
    assert_eq!(screen.notice(), "delivered on attempt 2");
}

#[test]
fn the_target_is_asked_for_before_a_job() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("d a"), []);
    screen.type_text("4000");
    assert_eq!(screen.press("Enter"), []);
    assert!(screen.text().contains("http://localhost:4000/ ?"), "{}", screen.text());
    assert_eq!(order(screen.press("Enter")), Order::Rehearsals { seq: 6, rehearsals: Rehearsal::ALL.to_vec() });
    screen.send(Message::JobEnded(Ok(())));
    screen.press("Esc");
    assert_eq!(screen.press("d a Esc"), []);
    assert!(screen.model.overlay.is_none(), "nothing is sent");
}

#[test]
fn only_one_job_runs_at_a_time_and_quitting_asks_first() {
    let mut screen = sending();
    screen.press("d l Enter Esc");
    assert!(screen.model.overlay.is_none(), "the job continues in the background");
    assert_eq!(screen.press("d a"), []);
    assert!(matches!(screen.model.overlay, Some(Overlay::Job { .. })), "the running job is shown");
    screen.press("Esc");
    assert_eq!(screen.quit(0), []);
    assert!(matches!(screen.model.overlay, Some(Overlay::ConfirmQuit { forwards: 0 })));
    screen.send(Message::JobEnded(Ok(())));
    assert!(screen.text().contains("Nothing is pending. Quit?"), "the question stays open");
    assert_eq!(screen.press("y"), [Effect::Quit]);
}

#[test]
fn the_header_shows_a_hidden_job_until_it_ends() {
    let [wide, narrow] = [format!("↻ rehearsing 0 of {COUNT}"), format!("↻ 0/{COUNT}")];
    for (size, activity) in [(WIDE, &wide), ((80, 24), &narrow), ((40, 10), &narrow)] {
        let mut screen = Screen::listing(size, &SIX);
        let target = "https://inventory-service.internal.example.com:8443/webhooks".parse().unwrap();
        screen.model.note_delivery(LastDelivery {
            address: "inventory-service.internal.example.com:8443".to_owned(),
            doubt: None,
            ending: Ending::Responded(201),
            total_us: 12_345,
        });
        screen.model.setup.target = Some(target);
        screen.press("d a y Esc");
        let header = screen.text().lines().next().unwrap().to_owned();
        assert!(header.contains(activity), "{header}");
        assert_eq!(screen.notice(), "the job continues; `d j` shows it");
        screen.send(Message::JobEnded(Ok(())));
        assert!(!screen.text().contains('↻'), "{}", screen.text());
        screen.model.notice = None;
        screen.press("d j Esc");
        assert!(screen.model.notice.is_none(), "the job has ended");
    }
}

#[test]
fn job_progress_updates_the_rows_and_the_results() {
    let mut screen = sending();
    screen.press("d l Enter");
    let ended = |seq, status| Ended { seq, ending: Ending::Responded(status), total_us: 2000, is_as_received: false };
    let endings = vec![ended(1, 201), ended(2, 500)];
    let mut tally = Tally::new(6);
    for Ended { ending, total_us, .. } in &endings {
        tally.add(&Sending::Ended { ending: *ending, total_us: *total_us, not_stored: None });
    }
    screen.send(Message::JobProgressed(News::Sent { endings, tally }));
    let text = screen.text();
    assert!(text.contains("2 of 6") && text.contains("responded 500") && text.contains("sending 2 of 6"), "{text}");
    assert_eq!(screen.press("x"), [Effect::StopJob]);
    assert_eq!(screen.press("x"), [], "the job is already stopping");
    screen.send(Message::JobEnded(Ok(())));
    assert!(screen.text().contains("stopped · Esc closes"), "{}", screen.text());
    assert_eq!(screen.model.job.as_ref().unwrap().phase, Phase::Ended);
    assert_eq!(screen.model.notice.as_ref().unwrap().tone, Tone::Bad);
    screen.press("Esc /");
    screen.type_text("is:failed");
    assert_eq!(screen.listed(), [2]);
}

#[test]
fn a_job_that_shows_an_accepted_forgery_says_so_in_the_row_and_the_header() {
    let mut screen = sending();
    let forged = screen.model.events.index.row(0).seq;
    screen.model.events.index.reverify(forged, Verdict::Invalid, Some(&Reason::SignatureMismatch));
    screen.press("d l Enter");
    let ended = Ended { seq: forged, ending: Ending::Responded(200), total_us: 2000, is_as_received: true };
    screen.send(Message::JobProgressed(News::Sent { endings: vec![ended], tally: Tally::new(1) }));
    assert_eq!(screen.model.events.index.row(0).doubt, Some(Doubt::Accepted));
    assert!(screen.text().lines().next().unwrap().contains("!200"), "{}", screen.text());
}

#[test]
fn a_matrix_grows_row_by_row_and_can_be_shown_again() {
    let mut screen = sending();
    screen.press("d a y");
    let ended = |rehearsal, status| {
        let answered = Outcome::new("a request", Ending::Responded(status));
        Message::JobProgressed(News::Rehearsed(Step::Ended(Row::new(rehearsal, TERMS, vec![answered], 9))))
    };
    screen.send(Message::JobProgressed(News::Rehearsed(Step::Began {
        rehearsal: Rehearsal::Control,
        place: 1,
        count: 10,
    })));
    screen.send(ended(Rehearsal::Control, 201));
    screen.send(ended(Rehearsal::Expired, 200));
    let text = screen.text();
    assert!(text.contains("2 of 10") && text.contains("10 rehearsals: 1 passed, 1 failed, 8 to go"), "{text}");
    screen.send(Message::JobEnded(Ok(())));
    assert!(screen.text().contains("10 rehearsals: 1 passed, 1 failed, 8 cancelled"), "{}", screen.text());
    screen.press("Esc d j 1");
    assert!(screen.text().contains("expired  "), "{}", screen.text());
}

#[test]
fn a_failed_job_says_why() {
    let mut screen = sending();
    screen.press("d a y");
    screen.send(Message::JobEnded(Err("the event was not verified".to_owned())));
    assert!(screen.text().contains("the event was not verified"), "{}", screen.text());
}

#[test]
fn as_received_in_the_prompt_sends_byte_for_byte() {
    let mut screen = sending();
    screen.press("d l");
    screen.type_text(" as-received");
    let text = screen.text();
    assert!(text.contains("Re-deliver 6 events to http://localhost:4000/"), "{text}");
    assert!(text.contains("6 events, byte for byte, one after another"), "{text}");
    let seqs = (1..=6).collect();
    assert_eq!(order(screen.press("Enter")), Order::Many { seqs, form: Form::AsReceived, pace: Pace::default() });
}

#[test]
fn results_that_do_not_fit_show_the_scroll_keys() {
    let mut screen = sending();
    screen.press("d a y");
    let answered = vec![Outcome::new("a request", Ending::Responded(500))];
    for rehearsal in Rehearsal::ALL {
        screen.send(Message::JobProgressed(News::Rehearsed(Step::Ended(Row::new(
            rehearsal,
            TERMS,
            answered.clone(),
            9,
        )))));
    }
    assert!(screen.text().contains("x stops it · 1-9 h l fold · j k scroll · Esc hides it"), "{}", screen.text());
    screen.send(Message::JobEnded(Ok(())));
    assert!(screen.text().contains("j k scroll · Esc closes"), "{}", screen.text());
    screen.press("G");
    let summary = format!("{COUNT} rehearsals: 0 passed, {COUNT} failed");
    assert!(screen.text().contains(&summary), "{}", screen.text());
}

#[test]
fn groups_of_rehearsals_fold() {
    let mut screen = sending();
    screen.press("d a y");
    for (rehearsal, status) in [(Rehearsal::Control, 201), (Rehearsal::Expired, 401), (Rehearsal::Unsigned, 200)] {
        let answered = vec![Outcome::new("a request", Ending::Responded(status))];
        screen.send(Message::JobProgressed(News::Rehearsed(Step::Ended(Row::new(rehearsal, TERMS, answered, 9)))));
    }
    let shows = |screen: &Screen, parts: [bool; 2]| {
        let text = screen.text();
        let rows = ["expired         401, 400", "unsigned        401, 400"];
        assert_eq!(rows.map(|part| text.contains(part)), parts, "{text}");
    };
    shows(&screen, [false, false]);
    screen.press("2");
    shows(&screen, [false, true]);
    screen.press("1 2");
    shows(&screen, [true, false]);
    screen.press("l");
    shows(&screen, [true, true]);
    screen.press("h");
    shows(&screen, [false, false]);
}
