//! Events reach the screen live, after the feed overflowed, and from the history.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load, setup, summary};
use crate::support::story;
use hookglass::core::event::{Seq, Summary};
use hookglass::core::index::Index;
use hookglass::core::signature::Verdict::{Invalid, Verified};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Model, Node};
use hookglass::tui::update::update;
use proptest::prelude::*;
use std::collections::VecDeque;

/// The capacity of the feed in these tests, and the number of events per read.
const FEED: usize = 3;
const READ: usize = 4;

/// What happens around the screen, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Events are committed and put into the feed.
    Commit(u64),
    /// The screen drains the feed.
    Drain,
    /// The executor carries out the oldest effect.
    Read,
    FailToRead,
    /// The oldest result of the executor reaches the screen.
    Deliver,
    /// A second passes.
    Tick,
}

/// The store, the feed and the executor around a screen.
struct World {
    screen: Screen,
    committed: Seq,
    fed: Vec<Summary>,
    has_lagged: bool,
    orders: VecDeque<Seq>,
    results: VecDeque<Message>,
}

impl World {
    fn new() -> Self {
        Self {
            screen: Screen::new(WIDE),
            committed: 0,
            fed: Vec::new(),
            has_lagged: false,
            orders: VecDeque::new(),
            results: VecDeque::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Commit(count) => {
                for _ in 0..count {
                    self.committed += 1;
                    self.has_lagged |= self.fed.len() >= FEED;
                    if !self.has_lagged {
                        self.fed.push(event(self.committed));
                    }
                }
            }
            Step::Drain => {
                let fed = std::mem::take(&mut self.fed);
                self.send(Message::EventsStored(fed));
                if std::mem::take(&mut self.has_lagged) {
                    self.send(Message::FeedLagged);
                }
            }
            Step::Read => {
                let Some(after) = self.orders.pop_front() else { return };
                let summaries: Vec<_> = (after + 1..=self.committed).take(READ).map(event).collect();
                self.results.push_back(Message::CaughtUp { is_end: summaries.len() < READ, summaries });
            }
            Step::FailToRead => {
                if self.orders.pop_front().is_some() {
                    self.results.push_back(Message::CatchUpFailed("the disk failed".to_owned()));
                }
            }
            Step::Tick => self.send(Message::Ticked(story::now())),
            Step::Deliver => {
                if let Some(result) = self.results.pop_front() {
                    self.send(result);
                }
            }
        }
    }

    fn send(&mut self, message: Message) {
        for effect in self.screen.send(message) {
            if let Effect::CatchUp { after } = effect {
                self.orders.push_back(after);
            }
        }
        let seqs = self.screen.listed();
        assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "events are missing or duplicated: {seqs:?}");
    }

    /// Lets everything finish without errors. No new events arrive.
    fn settle(&mut self) {
        self.take(Step::Drain);
        for _ in 0..1000 {
            self.take(Step::Read);
            self.take(Step::Deliver);
            if self.orders.is_empty() && self.results.is_empty() {
                self.take(Step::Tick);
            }
            if self.orders.is_empty() && self.results.is_empty() {
                return;
            }
        }
        panic!("it never settles: {:?}", self.orders);
    }
}

fn event(seq: Seq) -> Summary {
    summary(seq, "user.login", Verified)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..7u64).prop_map(Step::Commit),
        3 => Just(Step::Drain),
        2 => Just(Step::Read),
        1 => Just(Step::FailToRead),
        2 => Just(Step::Deliver),
        1 => Just(Step::Tick),
    ]
}

proptest! {
    #[test]
    fn no_event_is_lost_or_duplicated_in_any_order_of_steps(steps in prop::collection::vec(step(), 0..60)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.settle();
        prop_assert_eq!(world.screen.listed().len() as u64, world.committed);
        prop_assert_eq!(world.screen.selected().unwrap_or(0), world.committed);
    }
}

#[test]
fn after_an_overflow_missed_events_are_read_once() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.send(Message::FeedLagged), [Effect::CatchUp { after: 6 }]);
    assert_eq!(screen.send(Message::FeedLagged), []);
    assert_eq!(screen.send(Message::EventsStored(vec![event(20)])), []);
    let effects = screen.send(Message::CaughtUp { summaries: vec![event(7)], is_end: true });
    assert_eq!(effects, [load(7), Effect::CatchUp { after: 7 }]);
}

#[test]
fn a_failed_read_of_missed_events_is_tried_again() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.send(Message::FeedLagged);
    screen.send(Message::CatchUpFailed("the disk failed".to_owned()));
    assert!(screen.notice().contains("the disk failed"));
    assert_eq!(screen.send(Message::EventsStored(vec![event(9)])), []);
    assert_eq!(screen.send(Message::Ticked(story::now())), [Effect::CatchUp { after: 6 }]);
    assert_eq!(screen.send(Message::Ticked(story::now())), []);
    screen.send(Message::CaughtUp { summaries: vec![event(7), event(8), event(9)], is_end: true });
    assert_eq!(screen.listed(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/// An index of the events `seqs`; every tenth is invalid and of its own type.
fn index(seqs: impl Iterator<Item = Seq>) -> Index {
    let mut index = Index::default();
    for seq in seqs {
        let is_tenth = seq % 10 == 0;
        index.push(&summary(
            seq,
            if is_tenth { "tenth" } else { "user.login" },
            if is_tenth { Invalid } else { Verified },
        ));
    }
    index
}

fn history(index: Index) -> Message {
    Message::HistoryLoaded(Box::new(index))
}

/// A screen that shows the newest 200 of 1,000 events.
fn partial() -> Model {
    Model::new(WIDE.into(), jiff::Timestamp::UNIX_EPOCH, setup(&["dashboard"]), index(801..=1000), true)
}

fn press(model: &mut Model, keys: &str) {
    for name in keys.split(' ') {
        update(model, Message::KeyPressed(crate::support::screen::key(name)));
    }
}

#[test]
fn loading_the_history_does_not_move_the_view() {
    let mut model = partial();
    hookglass::tui::update::started(&mut model);
    press(&mut model, "g j j");
    update(&mut model, Message::EventsStored(vec![summary(1001, "user.login", Verified)]));
    let first = model.events.row(model.events.top).seq;
    update(&mut model, history(index(1..=1000)));
    assert_eq!(model.events.len(), 1001);
    assert_eq!(model.events.selected, Some(803));
    assert_eq!(model.events.row(model.events.top).seq, first);
    assert!(!model.events.is_history_loading);
    assert_eq!(model.events.index.totals().of(Invalid), 100);
}

#[test]
fn a_history_that_was_read_before_a_new_verdict_does_not_undo_it() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.model.events.awaits_history = true;
    let before = screen.model.events.index.totals().of(Invalid);
    let stale = Screen::listing(WIDE, &SIX).model.events.index;
    screen.send(Message::EventsReverified { verdicts: vec![(1, Invalid, None)], done: 6, all: 6 });
    assert_eq!(screen.model.events.index.totals().of(Invalid), before + 1);
    screen.send(history(stale));
    assert_eq!(screen.model.events.index.totals().of(Invalid), before + 1);
    assert!(!screen.model.events.awaits_history);
}

#[test]
fn the_filter_applies_to_the_loaded_history() {
    let mut model = partial();
    press(&mut model, "/ i s : i n v a l i d Enter");
    assert_eq!(model.events.len(), 20);
    update(&mut model, history(index(1..=1000)));
    assert_eq!((model.events.len(), model.events.selected), (100, Some(1000)));
}

#[test]
fn a_selected_type_stays_selected_when_the_history_is_loaded() {
    let mut model = partial();
    press(&mut model, "Tab j");
    let tenth = Some(Node::Type("tenth".to_owned()));
    assert_eq!(model.types.selected, tenth);
    let mut older = Index::default();
    older.push(&summary(1, "oldest", Verified));
    older.push(&summary(10, "tenth", Invalid));
    update(&mut model, history(older));
    assert_eq!(model.types.selected, tenth);
}

#[test]
fn new_events_still_arrive_after_the_history_failed_to_load() {
    let mut model = partial();
    update(&mut model, Message::HistoryFailed("the disk failed".to_owned()));
    assert!(!model.events.is_history_loading);
    update(&mut model, Message::EventsStored(vec![summary(1001, "user.login", Verified)]));
    assert_eq!(model.events.len(), 201);
}

#[test]
fn new_verdicts_update_the_filtered_list_and_the_progress() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("/");
    screen.type_text("is:invalid");
    screen.press("Enter");
    let verdicts = vec![(2, Verified, None), (5, Verified, None), (1, Invalid, None)];
    screen.send(Message::EventsReverified { verdicts, done: 5, all: 6 });
    assert_eq!(screen.model.reverifying, Some((5, 6)));
    let effects = screen.send(Message::EventsReverified { verdicts: Vec::new(), done: 6, all: 6 });
    assert_eq!(screen.listed(), [1]);
    assert_eq!((screen.selected(), effects), (Some(1), vec![load(1)]));
    assert_eq!(screen.model.reverifying, None);
}
