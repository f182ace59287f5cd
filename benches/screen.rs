//! The screen at 1,100,000 events and a 10 MB payload: `cargo bench --bench screen`.
//!
//! Prints the median of [`RUNS`] in milliseconds. A frame at 60 a second is 16 ms.

mod histories;

use crossterm::event::{KeyCode, KeyEvent};
use histories::{EVENTS, Texts};
use hookglass::core::check::Accepted;
use hookglass::core::event::Summary;
use hookglass::core::filter::{Filter, Query};
use hookglass::core::find::Needle;
use hookglass::core::index::Index;
use hookglass::core::json::{Document, Folds};
use hookglass::core::overrides::Overrides;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::Verdict;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Model, Setup};
use hookglass::tui::theme::Theme;
use hookglass::tui::update::update;
use hookglass::tui::view;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const RUNS: usize = 15;
/// Typed letter by letter into the filter.
const TYPED: [&str; 4] = ["grace.h", "ada12@example", "id:msg_2", "nobody@example"];

fn main() -> Result<(), Box<dyn Error>> {
    let summaries: Vec<Summary> = (1..=EVENTS).map(summary).collect();
    let before = resident();
    let index = built(&summaries);
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("{:>48}: {:8.1} bytes", "an event in memory", after.saturating_sub(before) as f64 / EVENTS as f64);
    }
    drop(index);
    report("index 1,100,000 events", 3, || built(&summaries));
    let index = built(&summaries);
    drop(summaries);
    for text in ["type:user.*", "is:invalid", "nobody@example.com", "ada9999@", "-type:user.* is:verified example"] {
        let query = Query::new(Filter::parse(text)?, Timestamp::from_second(1_900_000_000)?, TimeZone::UTC);
        report(&format!("filter `{text}`"), RUNS, || query.select(&index, 0..index.len()));
    }
    let head = Head::parse(b"POST / HTTP/1.1\r\nuser-agent: Svix-Webhooks/1.2\r\n\r\n")?;
    let body = format!(
        "{{\"data\":[{}]}}",
        vec![r#"{"id":"usr_1","email":"jane@example.com","n":[1,2,3]}"#; 190_000].join(",")
    );
    for text in ["nobody@example.com", "data.email:nobody@*", "header.user-agent:curl*"] {
        let filter = Filter::parse(text)?;
        let accepted = Accepted::default();
        let test = filter.request_test(&accepted);
        report(&format!("`{text}` in 10 MB"), RUNS, || test.facts(&head, body.as_bytes()));
    }
    let setup = Setup {
        zone: TimeZone::UTC,
        address: "127.0.0.1:3000".to_owned(),
        secrets: Default::default(),
        target: None,
        forwarding: Default::default(),
        overrides: Overrides::default(),
        saved_filters: Default::default(),
    };
    let mut model = Model::new((200, 60).into(), Timestamp::from_second(1_900_000_000)?, setup, index, false);
    let theme = Theme::new(true);
    let mut terminal = Terminal::new(TestBackend::new(200, 60))?;
    report("a frame of 200 by 60 over them", RUNS, || {
        terminal.draw(|frame| view::draw(&model, &theme, frame)).map(drop)
    });
    for text in TYPED {
        type_filter(&mut model, text);
    }
    let body: Vec<u8> =
        format!("[{}]", vec![r#"{"id":"usr_1","email":"jane@example.com","n":[1,2,3]}"#; 190_000].join(",")).into();
    report(&format!("a document of {} MB", body.len() / 1_000_000), RUNS, || Document::new(body.clone().into()));
    let document = Document::new(body.clone().into());
    let mut folds = Folds::new(&document);
    report("fold all of it", RUNS, || folds.fold_from(&document, 1));
    report("unfold its last element", RUNS, || {
        let mut folds = folds.clone();
        folds.reveal(&document, document.line_count() - 3);
        folds.row_count()
    });
    report("the path of its last value", RUNS, || document.path(document.line_count() - 3));
    for text in ["nobody", "EMAIL", "e"] {
        let needle = Needle::new(text).ok_or("an empty needle")?;
        report(&format!("search it for `{text}`"), RUNS, || needle.find_all(&body, 100_000, || false));
    }
    Ok(())
}

fn built(summaries: &[Summary]) -> Index {
    let mut index = Index::default();
    summaries.iter().for_each(|summary| index.push(summary));
    index
}

/// Types a filter, as fast as the screen takes the keys. Prints the longest time that a key waited, and how long it took until the list
/// was complete after the last one.
fn type_filter(model: &mut Model, text: &str) {
    let press = |model: &mut Model, code| {
        let began = Instant::now();
        update(model, Message::KeyPressed(KeyEvent::from(code)));
        began.elapsed().as_secs_f64() * 1000.0
    };
    press(model, KeyCode::Char('/'));
    let keys = text.chars().map(|character| press(model, KeyCode::Char(character)));
    let longest = keys.fold(0.0, f64::max);
    let (began, mut longest_step) = (Instant::now(), 0.0);
    while model.events.listing.is_filling() {
        let step = Instant::now();
        update(model, Message::FilteringContinues);
        longest_step = f64::max(longest_step, step.elapsed().as_secs_f64() * 1000.0);
    }
    let complete = began.elapsed().as_secs_f64() * 1000.0;
    println!("{:>48}: {longest:8.2} ms", format!("`{text}` typed, the longest of its keys"));
    println!("{:>48}: {complete:8.2} ms in steps of at most {longest_step:.2} ms", "then until the list is complete");
    press(model, KeyCode::Esc);
    while model.events.listing.is_filling() {
        update(model, Message::FilteringContinues);
    }
}

/// The resident memory of this process in bytes; known only on Linux.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}

fn report<T>(what: &str, runs: usize, mut work: impl FnMut() -> T) {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            black_box(work());
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what:>48}: {:8.2} ms", times[runs / 2]);
}

/// What the list shows of event `number`.
fn summary(number: u64) -> Summary {
    let texts = Texts::new(number);
    Summary {
        seq: number,
        received_at: texts.received_at,
        method: "POST".to_owned(),
        path: "/webhooks/scalekit".to_owned(),
        webhook_id: Some(texts.webhook_id),
        event_id: Some(texts.event_id),
        event_type: Some(texts.event_type.to_owned()),
        organization_id: Some(texts.organization_id),
        subject: Some(texts.subject),
        verdict: if number.is_multiple_of(50) { Verdict::Invalid } else { Verdict::Verified },
        reason: None,
        size: 700,
        response: ResponseState::Sent(201),
    }
}
