//! Pictures of the screen at three sizes. Each was read before it was accepted.

use crate::support::screen::Screen;
use crate::support::story;
use hookglass::core::delivery::Ending;
use hookglass::core::index::Index;
use hookglass::core::overrides::Overrides;
use hookglass::core::rehearsal::{Outcome, Rehearsal, Row, Step, Terms};
use hookglass::core::signature::Scheme;
use hookglass::tui::job::News;
use hookglass::tui::message::Message;
use hookglass::tui::model::Problem;

/// A usual terminal, a large one, and the smallest that still works.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

#[track_caller]
fn pictures(name: &str, screen: impl Fn((u16, u16)) -> Screen) {
    for size in SIZES {
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), screen(size).text());
    }
}

fn showing(size: (u16, u16), keys: &str) -> Screen {
    let mut screen = Screen::showing(size, story::events());
    screen.go(keys);
    screen
}

#[test]
fn before_the_first_event_it_says_what_to_do() {
    pictures("start", |size| Screen::start(size, &[], Index::default()));
}

#[test]
fn a_known_secret_is_a_step_done() {
    let screen = Screen::new((80, 24));
    insta::assert_snapshot!("start-with-secret-80x24", screen.text());
}

#[test]
fn events_types_and_the_payload_of_the_newest() {
    pictures("events", |size| {
        let mut screen = showing(size, "F");
        screen.model.notice = None;
        screen
    });
}

#[test]
fn the_payload_on_a_low_terminal_is_one_key_away() {
    pictures("payload", |size| showing(size, "Enter"));
}

#[test]
fn why_an_event_is_invalid() {
    pictures("signature-late", |size| showing(size, "[ [ Enter 3"));
    pictures("signature-other-secret", |size| showing(size, "[ Enter 3"));
}

#[test]
fn headers_as_they_came() {
    pictures("headers", |size| showing(size, "Enter 2"));
}

#[test]
fn deliveries_answered_and_refused() {
    pictures("deliveries", |size| {
        let mut screen = showing(size, "Enter 4");
        screen.model.setup.target = Some("http://localhost:4000/webhooks/scalekit".parse().unwrap());
        screen.delivered(story::refused(7));
        screen.delivered(story::answered(7, 201));
        screen
    });
}

#[test]
fn attempts_that_differ() {
    pictures("attempts", |size| {
        let mut screen = showing(size, "Enter 4");
        let [.., mut last] = <[_; 7]>::try_from(story::events()).unwrap();
        last.summary.seq = 8;
        last.body = last.body.iter().map(|byte| if *byte == b'L' { b'M' } else { *byte }).collect::<Vec<_>>().into();
        screen.come(vec![last]);
        screen
    });
}

#[test]
fn all_keys() {
    pictures("help", |size| showing(size, "?"));
    pictures("help-scrolled", |size| showing(size, "? PgDn PgDn"));
}

#[test]
fn what_can_be_copied() {
    pictures("copy", |size| showing(size, "y"));
}

#[test]
fn what_can_be_sent() {
    pictures("send", |size| showing(size, "d"));
    insta::assert_snapshot!("send-scrolled-40x10", showing((40, 10), "d PgDn").text());
    pictures("plan", |size| showing(size, "= 1 Enter d r"));
}

#[test]
fn a_matrix_of_rehearsals() {
    pictures("rehearsals", |size| {
        let mut screen = showing(size, "= 1 Enter d a");
        let terms = Terms { family: Scheme::Webhook, is_control_taken: true };
        let answers = [201, 401, 400, 200, 401, 401, 500, 201, 201, 201];
        for (rehearsal, status) in Rehearsal::ALL.into_iter().zip(answers) {
            let answered = Outcome::new("a request", Ending::Responded(status));
            let row = Row::new(rehearsal, terms, vec![answered], 12_000);
            screen.send(Message::JobTold(News::Rehearsed(Step::Ended(row))));
        }
        screen.send(Message::JobEnded(Ok(())));
        screen
    });
}

#[test]
fn a_job_that_is_hidden() {
    pictures("job-hidden", |size| {
        let mut screen = Screen::showing(size, story::events());
        screen.model.setup.target = Some("http://localhost:4000/webhooks/scalekit".parse().unwrap());
        screen.delivered(story::answered(7, 201));
        screen.go("d a Esc");
        screen
    });
}

#[test]
fn what_senders_can_be_answered() {
    pictures("answers", |size| {
        let mut screen = showing(size, "a 2");
        let mut answers = Overrides::default();
        ["503 next:2", "deny:no"].iter().for_each(|text| answers.set(text.parse().unwrap()));
        screen.send(Message::OverridesChanged(answers));
        screen
    });
}

#[test]
fn an_answer_is_written() {
    pictures("answer-text", |size| {
        let mut screen = showing(size, "a w");
        screen.type_text("503 delay:12s next:2 type:user.*");
        screen
    });
    pictures("answer-text-error", |size| {
        let mut screen = showing(size, "a w");
        screen.type_text("503 delay:12");
        screen
    });
}

#[test]
fn a_filter_that_is_wrong() {
    pictures("filter-error", |size| {
        let mut screen = showing(size, "/");
        screen.type_text("type:user.* is:go");
        screen
    });
}

#[test]
fn a_filter_that_is_on() {
    pictures("filtered", |size| {
        let mut screen = showing(size, "/");
        screen.type_text("type:organization.directory.* is:verified -jane");
        screen.go("Enter");
        screen
    });
}

#[test]
fn a_secret_is_typed() {
    pictures("secret", |size| {
        let mut screen = Screen::start(size, &[], Index::default());
        screen.come(story::events());
        screen.press("K");
        screen.type_text("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkw");
        screen
    });
}

#[test]
fn a_target_is_asked_for() {
    pictures("target", |size| {
        let mut screen = showing(size, "r");
        screen.type_text("ftp://localhost");
        screen.press("Enter");
        screen
    });
}

#[test]
fn the_focused_pane_takes_the_screen() {
    pictures("zoom-detail", |size| showing(size, "Enter z"));
    pictures("zoom-types", |size| showing(size, "Tab z"));
}

#[test]
fn several_things_are_wrong() {
    pictures("problems", |size| {
        let mut screen = Screen::showing(size, story::events());
        for what in ["first", "second", "third", "fourth", "fifth"] {
            let problem = Problem { text: format!("the {what} is wrong"), hint: "put it right".to_owned() };
            screen.send(Message::ProblemFound(problem));
        }
        screen
    });
}

#[test]
fn a_long_list_with_a_problem_and_history_on_its_way() {
    pictures("busy", |size| {
        let mut screen = Screen::start(size, &[], Index::default());
        for _ in 0..40 {
            let first = screen.model.events.index.last_seq();
            let mut events = story::events();
            (first + 1..).zip(&mut events).for_each(|(seq, event)| event.summary.seq = seq);
            screen.come(events);
        }
        screen.model.events.is_history_loading = true;
        screen.send(Message::EventsReverified { verdicts: Vec::new(), done: 1_200, all: 41_000 });
        screen
    });
}
