//! The screen at a million events and a 10 MB payload: `cargo bench --bench screen`.
//!
//! Prints the median of [`RUNS`] in milliseconds. A frame at 60 a second is 16 ms.

use hookglass::core::event::Summary;
use hookglass::core::filter::{Filter, Query};
use hookglass::core::find::Needle;
use hookglass::core::index::Index;
use hookglass::core::json::{Document, Folds};
use hookglass::core::overrides::Overrides;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::Verdict;
use hookglass::tui::model::{Model, Setup};
use hookglass::tui::theme::Theme;
use hookglass::tui::view;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const RUNS: usize = 15;
const EVENTS: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let summaries: Vec<Summary> = (1..=EVENTS).map(summary).collect();
    let build = || {
        let mut index = Index::default();
        summaries.iter().for_each(|summary| index.push(summary));
        index
    };
    report("index 1,000,000 events", 3, build);
    let index = build();
    for text in ["type:user.1*", "is:invalid", "nobody@example.com", "user999999@", "-type:user.1* is:verified example"]
    {
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
        let test = filter.request_test();
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
    let model = Model::new((200, 60).into(), Timestamp::from_second(1_900_000_000)?, setup, index, false);
    let theme = Theme::new(true);
    let mut terminal = Terminal::new(TestBackend::new(200, 60))?;
    report("a frame of 200 by 60 over them", RUNS, || {
        terminal.draw(|frame| view::draw(&model, &theme, frame)).map(drop)
    });
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

fn summary(seq: u64) -> Summary {
    Summary {
        seq,
        received_at: Timestamp::from_microsecond(1_900_000_000_000_000 + seq.cast_signed()).unwrap_or_default(),
        method: "POST".to_owned(),
        path: "/webhooks/scalekit".to_owned(),
        webhook_id: Some(format!("msg_{seq:024}")),
        event_id: Some(format!("evt_{seq:018}")),
        event_type: Some(format!("user.{}", seq % 41)),
        organization_id: Some(format!("org_{:018}", seq % 500)),
        subject: Some(format!("user{seq}@example.com")),
        verdict: if seq.is_multiple_of(50) { Verdict::Invalid } else { Verdict::Verified },
        reason: None,
        size: 1000,
        response: ResponseState::Sent(201),
    }
}
