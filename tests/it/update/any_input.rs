//! Random keys, messages and sizes in any order: the screen never panics and its state stays consistent.

use crate::support::screen::{Screen, frame, known, summary};
use crate::support::story;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hookglass::core::check::Accepted;
use hookglass::core::diagnosis::History;
use hookglass::core::filter::Listing;
use hookglass::core::find::Hits;
use hookglass::core::glob::Glob;
use hookglass::core::index::Index;
use hookglass::core::overrides::{Override, Overrides};
use hookglass::core::signature::Verdict;
use hookglass::tui::content::{Loaded, Read};
use hookglass::tui::layout::{inner_height, regions, text_columns};
use hookglass::tui::list::{self, ListLine};
use hookglass::tui::message::Message;
use hookglass::tui::model::{Model, Problem, Tab};
use hookglass::tui::tree;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// A message that proptest can print.
#[derive(Clone, Debug)]
enum Input {
    Key(KeyCode, bool),
    Paste(String),
    Click(u16, u16),
    Wheel(u16, u16, bool),
    Resize(u16, u16),
    /// This many events arrive; the second number is the gap before them.
    Keep(usize, u64),
    Lag,
    CatchUp(usize, bool),
    History,
    Load(u64),
    FailToLoad(u64),
    Find(u64, Vec<usize>),
    Deliver(u64),
    Judge(u64, Verdict, bool),
    Trouble(String),
    Secret,
    Overrides(String),
    Tick(i64),
}

fn input() -> impl Strategy<Value = Input> {
    let letter = prop_oneof![prop::char::range(' ', '~'), any::<char>()].prop_map(KeyCode::Char);
    let special = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(5),
    ]);
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    prop_oneof![
        8 => (letter, prop::bool::weighted(0.1)).prop_map(|(code, control)| Input::Key(code, control)),
        8 => special.prop_map(|code| Input::Key(code, false)),
        2 => ".{0,20}".prop_map(Input::Paste),
        3 => (0..130u16, 0..45u16).prop_map(|(column, row)| Input::Click(column, row)),
        3 => (0..130u16, 0..45u16, any::<bool>()).prop_map(|(column, row, down)| Input::Wheel(column, row, down)),
        2 => (0..130u16, 0..45u16).prop_map(|(width, height)| Input::Resize(width, height)),
        1 => (0..4u16, 0..4u16).prop_map(|(width, height)| Input::Resize(width, height)),
        6 => (0..30usize, 0..2u64).prop_map(|(count, ahead)| Input::Keep(count, ahead)),
        1 => Just(Input::Lag),
        2 => (0..20usize, any::<bool>()).prop_map(|(count, is_end)| Input::CatchUp(count, is_end)),
        1 => Just(Input::History),
        6 => (0..8u64).prop_map(Input::Load),
        1 => (0..8u64).prop_map(Input::FailToLoad),
        2 => (0..9u64, prop::collection::btree_set(0..600usize, 0..6))
            .prop_map(|(number, offsets)| Input::Find(number, offsets.into_iter().collect())),
        2 => (0..8u64).prop_map(Input::Deliver),
        1 => (0..40u64, verdict, any::<bool>()).prop_map(|(seq, verdict, end)| Input::Judge(seq, verdict, end)),
        1 => ".{0,12}".prop_map(Input::Trouble),
        1 => Just(Input::Secret),
        1 => ".{1,40}".prop_map(Input::Overrides),
        1 => (-9..9i64).prop_map(Input::Tick),
    ]
}

/// Sends the message for `input`.
fn give(screen: &mut Screen, input: Input) {
    let events = story::events();
    let last = screen.model.events.index.last_seq();
    let some = |first: u64, count: usize| {
        let kinds = ["user.login", "role.created", "\u{202e}odd", ""];
        (first..).take(count).map(|seq| summary(seq, kinds[seq as usize % 4], Verdict::ALL[seq as usize % 3])).collect()
    };
    let message = match input {
        Input::Key(code, control) => {
            let modifiers = if control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            Message::KeyPressed(KeyEvent::new(code, modifiers))
        }
        Input::Paste(text) => Message::TextPasted(text),
        Input::Click(column, row) => Message::Clicked { column, row },
        Input::Wheel(column, row, is_down) => Message::Scrolled { column, row, is_down },
        Input::Resize(width, height) => Message::Resized { width, height },
        Input::Keep(count, ahead) => Message::EventsStored(some(last + 1 + ahead, count)),
        Input::Lag => Message::FeedLagged,
        Input::CatchUp(count, is_end) => Message::CaughtUp { summaries: some(last + 1, count), is_end },
        Input::History => {
            let mut index = Index::default();
            (1..20)
                .for_each(|seq| index.push(&summary(seq, ["a", "role.created"][seq as usize % 2], Verdict::Invalid)));
            Message::HistoryLoaded(Box::new(index))
        }
        Input::Load(place) => {
            let place = usize::try_from(place).unwrap() % events.len();
            let mut event = events[place].clone();
            // About every second time, the event that is being loaded.
            if let Some(seq) = screen.model.detail.loading.filter(|_| place.is_multiple_of(2)) {
                event.summary.seq = seq;
            }
            let read = Read {
                event,
                attempts: Vec::new(),
                deliveries: vec![story::answered(1, 500)],
                delivery_count: 1,
                forwarded_to: Vec::new(),
                learned: Vec::new(),
                history: Some(History::default()),
            };
            Message::EventLoaded(Box::new(Loaded::new(read, &story::keyring(), &Accepted::default(), &TimeZone::UTC)))
        }
        Input::Find(number, offsets) => Message::Searched { number, hits: Hits { offsets, is_truncated: false } },
        Input::FailToLoad(seq) => Message::EventNotLoaded { seq, why: "not in the history".to_owned() },
        Input::Deliver(seq) => Message::DeliveryFinished(Box::new(story::refused(seq))),
        Input::Judge(seq, verdict, is_end) => {
            Message::EventsReverified { verdicts: vec![(seq, verdict, None)], done: u64::from(is_end), all: 1 }
        }
        Input::Trouble(text) => Message::ProblemFound(Problem { hint: text.clone(), text }),
        Input::Secret => Message::SecretsChanged(known(&["dashboard", "pasted"])),
        Input::Overrides(glob) => {
            let mut overrides = Overrides::default();
            overrides.leave(last);
            overrides.set(Override { types: Some(Glob::new(glob)), ..Override::status(503) });
            Message::OverridesChanged(overrides)
        }
        Input::Tick(seconds) => Message::Ticked(screen.model.now + jiff::SignedDuration::from_secs(seconds)),
    };
    screen.send(message);
}

/// Checks what holds in every state.
fn check(model: &Model) {
    let events = &model.events;
    assert!(
        events.selected.is_none_or(|seq| events.index.position_of(seq).is_some()),
        "the selected event is not in the index"
    );
    let fresh = Listing::new(&events.index, &events.query).0;
    let lines = |listing: &Listing| -> Vec<usize> {
        (0..listing.len(&events.index)).map(|line| listing.position(line)).collect()
    };
    assert_eq!(lines(&events.listing), lines(&fresh), "the list does not match the filter, with one row per message");
    if events.is_following && !events.is_empty() {
        assert_eq!(
            events.selected,
            Some(events.row(events.len() - 1).seq),
            "the newest event is not selected while following"
        );
    }
    let regions = regions(model);
    let height = inner_height(regions.events);
    let shown = list::lines(model, events.top, height);
    // The rule of a day may scroll out together with an event.
    assert!(events.top == 0 || shown.len() + 1 >= height, "the last page of the list is not full");
    if let Some(line) = events.selected_line().filter(|_| height > 1) {
        assert!(shown.contains(&ListLine::Event(line)), "line {line} is not visible from {}", events.top);
    }
    let height = inner_height(regions.types);
    let rows = tree::rows(model);
    let line = tree::selected_line(model, &rows);
    assert!(line == 0 || line < rows.len(), "there is no type on line {line}");
    if height > 0 && regions.types.is_some() {
        assert!(
            (model.types.top..model.types.top + height).contains(&line),
            "type {line} is not visible from {}",
            model.types.top
        );
    }
    let height = regions.detail_text().map_or(0, |area| usize::from(area.height));
    let detail = &model.detail;
    let (height, columns) = (height.max(1), text_columns(regions.detail));
    let Some(last) = detail.line_count().checked_sub(1) else { return };
    let top = detail.offset().line;
    assert!(top <= detail.top_of(last, height, columns), "the last page of the detail pane is not full");
    if detail.tab == Tab::Payload {
        let (cursor, shown) = (detail.reading.row(), detail.visible(top, height, columns));
        assert!(shown.iter().any(|(row, _)| *row == cursor), "the cursor in row {cursor} is not visible from {top}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_input_never_panics_and_keeps_the_state_consistent(inputs in prop::collection::vec(input(), 0..80)) {
        let mut screen = Screen::new((80, 24));
        screen.come(story::events());
        for (count, input) in inputs.into_iter().enumerate() {
            give(&mut screen, input);
            check(&screen.model);
            if count % 8 == 0 {
                screen.text();
            }
        }
        screen.text();
    }

    #[test]
    fn a_frame_fits_a_terminal_that_was_just_resized(
        inputs in prop::collection::vec(input(), 0..20),
        width in 0..100u16,
        height in 0..30u16,
    ) {
        let mut screen = Screen::new((80, 24));
        screen.come(story::events());
        inputs.into_iter().for_each(|input| give(&mut screen, input));
        frame(&screen.model, (width, height));
    }
}

#[test]
fn every_overlay_and_tab_is_drawn_at_every_small_size() {
    for keys in [
        "F",
        "Enter",
        "Enter 2",
        "3",
        "4",
        "?",
        "? c",
        ":",
        ": c",
        "y",
        "/",
        "/ i s :",
        "K",
        "=",
        "= x Enter",
        "d",
        "d r",
        "d l",
        "= 1 Enter d a",
        "= 1 Enter d l Enter",
        "z",
        "Tab z",
        "z",
        "Tab z",
        "a 3",
        "a w",
        "a n",
    ] {
        for width in [0, 1, 2, 3, 4, 5, 8, 13] {
            for height in [0, 1, 2, 3, 4, 5, 8] {
                let mut screen = Screen::showing((width, height), story::events());
                screen.press(keys);
                check(&screen.model);
                screen.text();
            }
        }
    }
}
