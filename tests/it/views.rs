//! Snapshots of the screen at several sizes. Read each one before you accept it.

use crate::support::screen::Screen;
use crate::support::story;
use hookglass::core::catalog::Family;
use hookglass::core::delivery::Ending;
use hookglass::core::find::Hits;
use hookglass::core::index::Index;
use hookglass::core::overrides::Overrides;
use hookglass::core::rehearsal::{Outcome, Rehearsal, Row, Step, Terms};
use hookglass::core::signature::Scheme;
use hookglass::tui::job::News;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Overlay, Problem, Saving};

/// A standard terminal, a large one, and the smallest supported one.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];
/// The sizes of the main view.
const MORE_SIZES: [(u16, u16); 4] = [(200, 60), (140, 40), (100, 30), (60, 20)];

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
fn the_start_page_shows_the_next_steps() {
    pictures("start", |size| Screen::start(size, &[], Index::default()));
}

#[test]
fn the_start_page_shows_that_a_secret_was_added() {
    let screen = Screen::new((80, 24));
    insta::assert_snapshot!("start-with-secret-80x24", screen.text());
}

#[test]
fn the_main_view_shows_events_types_and_the_newest_payload() {
    let screen = |size| {
        let mut screen = showing(size, "F");
        screen.delivered(story::refused(5));
        screen.delivered(story::answered(7, 201));
        screen.model.notice = None;
        screen
    };
    pictures("events", screen);
    for size in MORE_SIZES {
        insta::assert_snapshot!(format!("events-{}x{}", size.0, size.1), screen(size).text());
    }
}

#[test]
fn enter_opens_the_payload() {
    pictures("payload", |size| showing(size, "Enter"));
}

/// The pictures of reading a payload are made at these sizes.
const READING_SIZES: [(u16, u16); 4] = [(140, 40), (80, 24), (60, 20), (40, 10)];

#[test]
fn the_payload_is_a_tree() {
    for size in READING_SIZES {
        let screen = showing(size, "Enter C j j j j j j j j l l j j");
        insta::assert_snapshot!(format!("payload-tree-{}x{}", size.0, size.1), screen.text());
        let screen = showing(size, "Enter C j j j j j j j j");
        insta::assert_snapshot!(format!("payload-folded-{}x{}", size.0, size.1), screen.text());
    }
}

#[test]
fn a_diff_shows_what_differs_by_path_and_by_bytes() {
    for size in READING_SIZES {
        let screen = showing(size, "k k 6 Enter");
        insta::assert_snapshot!(format!("diff-{}x{}", size.0, size.1), screen.text());
    }
    insta::assert_snapshot!("diff-menu-80x24", showing((80, 24), "D").text());
}

#[test]
fn the_raw_bytes_stand_beside_their_text() {
    for size in READING_SIZES {
        let mut screen = showing(size, "Enter 5 / 0 x 6 4 6 1");
        let hits = Hits { offsets: vec![57, 121], is_truncated: false };
        screen.send(Message::Searched { number: 3, hits });
        insta::assert_snapshot!(format!("raw-{}x{}", size.0, size.1), screen.text());
    }
}

#[test]
fn a_search_in_the_payload() {
    for size in READING_SIZES {
        let mut screen = showing(size, "Enter / i d");
        let hits = Hits { offsets: vec![22, 50], is_truncated: false };
        screen.send(Message::Searched { number: 2, hits });
        insta::assert_snapshot!(format!("search-typed-{}x{}", size.0, size.1), screen.text());
        screen.press("Enter n");
        insta::assert_snapshot!(format!("search-{}x{}", size.0, size.1), screen.text());
    }
}

#[test]
fn the_signature_tab_explains_an_invalid_event() {
    pictures("signature-late", |size| showing(size, "[ [ Enter 3"));
    pictures("signature-other-secret", |size| showing(size, "[ Enter 3"));
}

#[test]
fn the_headers_tab_shows_headers_as_received() {
    pictures("headers", |size| showing(size, "Enter 2"));
}

#[test]
fn the_deliveries_tab_shows_responses_and_failures() {
    pictures("deliveries", |size| {
        let mut screen = showing(size, "Enter 4");
        screen.model.setup.target = Some("http://localhost:4000/webhooks/scalekit".parse().unwrap());
        screen.delivered(story::refused(7));
        screen.delivered(story::answered(7, 201));
        screen
    });
}

#[test]
fn the_deliveries_tab_shows_attempts_that_differ() {
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
fn the_help_shows_all_keys() {
    pictures("help", |size| showing(size, "?"));
    pictures("help-scrolled", |size| showing(size, "? PgDn PgDn"));
    pictures("help-found", |size| showing(size, "? c u r l"));
}

#[test]
fn the_palette_lists_actions_with_their_keys() {
    pictures("palette", |size| showing(size, ":"));
    pictures("palette-found", |size| showing(size, ": r e h"));
    pictures("palette-cannot", |size| {
        let mut screen = Screen::start(size, &[], Index::default());
        screen.press(": c o p y Down");
        screen
    });
    for size in MORE_SIZES {
        insta::assert_snapshot!(format!("palette-{}x{}", size.0, size.1), showing(size, ":").text());
    }
}

#[test]
fn the_page_of_a_reason() {
    pictures("reason", |size| showing(size, "[ !"));
}

#[test]
fn the_copy_menu() {
    pictures("copy", |size| showing(size, "y"));
}

#[test]
fn the_send_menu_and_the_retry_prompt() {
    pictures("send", |size| showing(size, "d"));
    insta::assert_snapshot!("send-scrolled-40x10", showing((40, 10), "d PgDn").text());
    pictures("plan", |size| showing(size, "= 1 Enter d r"));
}

#[test]
fn the_results_of_rehearsals() {
    pictures("rehearsals-asked", |size| showing(size, "= 1 Enter d a"));
    pictures("rehearsals", |size| {
        let mut screen = showing(size, "= 1 Enter d a y");
        let terms = Terms::new(Scheme::Webhook);
        screen.send(Message::JobProgressed(News::Rehearsed(Step::Began {
            rehearsal: Rehearsal::Control,
            place: 1,
            count: 30,
        })));
        let right = Rehearsal::ALL.map(|each| (each, if each.must_be_rejected() { 401 } else { 201 }));
        for (rehearsal, right) in
            right.into_iter().filter(|(each, _)| each.fits(Family::Webhook) && *each != Rehearsal::OtherSecret)
        {
            let status = match rehearsal {
                Rehearsal::Tampered => 200,
                Rehearsal::Unsigned => 500,
                Rehearsal::Large => 413,
                _ => right,
            };
            let answered = Outcome::new("a request", Ending::Responded(status));
            let row = Row::new(rehearsal, terms, vec![answered], 12_000);
            screen.send(Message::JobProgressed(News::Rehearsed(Step::Ended(row))));
        }
        screen.send(Message::JobEnded(Ok(())));
        screen.press("2");
        screen
    });
}

#[test]
fn a_hidden_job_shows_in_the_header() {
    pictures("job-hidden", |size| {
        let mut screen = Screen::showing(size, story::events());
        screen.model.setup.target = Some("http://localhost:4000/webhooks/scalekit".parse().unwrap());
        screen.delivered(story::answered(7, 201));
        screen.go("d a y Esc");
        screen
    });
}

#[test]
fn the_menu_of_overrides() {
    pictures("answers", |size| {
        let mut screen = showing(size, "a 2");
        let mut overrides = Overrides::default();
        ["503 next:2", "deny:no"].iter().for_each(|text| overrides.set(text.parse().unwrap()));
        screen.send(Message::OverridesChanged(overrides));
        screen
    });
}

#[test]
fn an_override_can_be_typed() {
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
fn an_invalid_filter_shows_an_error() {
    pictures("filter-error", |size| {
        let mut screen = showing(size, "/");
        let effects = screen.type_text("type:user.* is:go");
        screen.read(effects);
        screen
    });
}

#[test]
fn an_active_filter_shows_in_the_title() {
    pictures("filtered", |size| {
        let mut screen = showing(size, "/");
        let effects = screen.type_text("type:organization.directory.* is:verified -jane");
        screen.read(effects);
        screen.go("Enter");
        screen
    });
}

#[test]
fn saving_a_secret_shows_what_changes() {
    pictures("save-secret", |size| {
        let mut screen = Screen::showing(size, story::events());
        screen.model.overlay = Some(Overlay::SaveSecret(Saving::Planned(story::saving_plan())));
        screen
    });
}

#[test]
fn a_typed_secret_is_masked() {
    pictures("secret", |size| {
        let mut screen = Screen::start(size, &[], Index::default());
        screen.come(story::events());
        screen.press("K");
        screen.type_text("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkw");
        screen
    });
}

#[test]
fn re_delivery_asks_for_the_target() {
    pictures("target", |size| {
        let mut screen = showing(size, "r");
        screen.type_text("ftp://localhost");
        screen.press("Enter");
        screen
    });
}

#[test]
fn a_zoomed_pane_fills_the_screen() {
    pictures("zoom-detail", |size| showing(size, "Enter z"));
    pictures("zoom-types", |size| showing(size, "Tab z"));
}

#[test]
fn problems_that_do_not_fit_are_counted() {
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
fn a_long_list_with_a_problem_and_background_activity() {
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

#[test]
fn a_payload_that_is_not_as_documented_has_a_line_and_a_list() {
    let body = br#"{"spec_version":"1","id":"evt_1","type":"role.created","object":"Role","occurred_at":"2026-01-15T14:03:21Z",
        "environment_id":"env_1","data":{"id":"role_1","name":7,"nickname":"x"}}"#;
    let event = story::event(1, story::now(), b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", body.to_vec());
    pictures("checks-line", |size| {
        let mut screen = Screen::showing(size, vec![event.clone()]);
        screen.press("Enter");
        screen
    });
    pictures("checks", |size| {
        let mut screen = Screen::showing(size, vec![event.clone()]);
        screen.press("c");
        screen
    });
}
