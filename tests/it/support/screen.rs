//! The screen without a terminal: keys as people write them, effects as they come out, frames as text.

use super::story::{keyring, now};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hookglass::core::check::Accepted;
use hookglass::core::delivery::Delivery;
use hookglass::core::diagnosis::History;
use hookglass::core::diff::Side;
use hookglass::core::event::{Event, Seq, Summary};
use hookglass::core::filter::SavedFilters;
use hookglass::core::index::Index;
use hookglass::core::overrides::Overrides;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::Verdict;
use hookglass::tui::content::{Attempt, DeliveriesText, DiffText, Loaded, Read};
use hookglass::tui::diff_base::Against;
use hookglass::tui::effect::{Effect, Wanted};
use hookglass::tui::message::Message;
use hookglass::tui::model::{Model, Secrets, Setup};
use hookglass::tui::shown_text::ShownText;
use hookglass::tui::theme::Theme;
use hookglass::tui::update::update;
use hookglass::tui::view;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use unicode_width::UnicodeWidthStr;

/// Wide enough for lists beside the detail.
pub const WIDE: (u16, u16) = (120, 40);

/// What the screen knows of secrets of these labels.
pub fn known(labels: &[&str]) -> Secrets {
    Secrets { labels: labels.iter().map(|label| (*label).to_owned()).collect(), ..Secrets::default() }
}

/// With secrets of these labels, and nobody to send to.
pub fn setup(secrets: &[&str]) -> Setup {
    Setup {
        zone: TimeZone::UTC,
        address: "127.0.0.1:3000".to_owned(),
        secrets: known(secrets),
        target: None,
        forwarding: Default::default(),
        overrides: Overrides::default(),
        saved_filters: SavedFilters::default(),
    }
}

/// A model with what the executor would read for it.
pub struct Screen {
    pub model: Model,
    events: BTreeMap<Seq, (Event, Vec<Delivery>)>,
}

impl Screen {
    /// With a known secret and no event.
    pub fn new(size: (u16, u16)) -> Self {
        Self::start(size, &["dashboard"], Index::default())
    }

    pub fn start(size: (u16, u16), secrets: &[&str], index: Index) -> Self {
        let model = Model::new(size.into(), now(), setup(secrets), index, false);
        Self { model, events: BTreeMap::new() }
    }

    /// With events that are only summaries, numbered from 1.
    pub fn listing(size: (u16, u16), events: &[(&str, Verdict)]) -> Self {
        let mut screen = Self::new(size);
        screen.keep(events);
        screen
    }

    /// More events come, numbered on.
    pub fn keep(&mut self, events: &[(&str, Verdict)]) -> Vec<Effect> {
        let first = self.model.events.index.last_seq() + 1;
        let summaries = (first..).zip(events).map(|(seq, (name, verdict))| summary(seq, name, *verdict)).collect();
        self.send(Message::EventsStored(summaries))
    }

    /// With whole events; what the screen asks to read is read at once.
    pub fn showing(size: (u16, u16), events: Vec<Event>) -> Self {
        let mut screen = Self::new(size);
        screen.come(events);
        screen
    }

    /// More whole events come.
    pub fn come(&mut self, events: Vec<Event>) {
        let summaries = events.iter().map(|event| event.summary.clone()).collect();
        self.events.extend(events.into_iter().map(|event| (event.summary.seq, (event, Vec::new()))));
        let effects = self.send(Message::EventsStored(summaries));
        self.read(effects);
    }

    /// A delivery has ended and is stored.
    pub fn delivered(&mut self, delivery: Delivery) {
        self.events.get_mut(&delivery.event).unwrap().1.push(delivery.clone());
        let effects = self.send(Message::DeliveryFinished(Box::new(delivery)));
        self.read(effects);
    }

    pub fn send(&mut self, message: Message) -> Vec<Effect> {
        update(&mut self.model, message)
    }

    /// Presses keys, written as in the help with spaces between: `j Ctrl-d Enter`. Gives the effects of all.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        keys.split(' ').flat_map(|name| self.send(Message::KeyPressed(key(name)))).collect()
    }

    /// Presses `q` while so many events are yet to be forwarded.
    pub fn quit(&mut self, forwards: usize) -> Vec<Effect> {
        assert_eq!(self.press("q"), [Effect::CountForwards]);
        self.send(Message::ForwardsCounted(forwards))
    }

    /// Presses keys and reads what is asked for.
    pub fn go(&mut self, keys: &str) -> &mut Self {
        let effects = self.press(keys);
        self.read(effects);
        self
    }

    /// Types each character of `text`.
    pub fn type_text(&mut self, text: &str) -> Vec<Effect> {
        let pressed = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        text.chars().flat_map(|c| self.send(Message::KeyPressed(pressed(c)))).collect()
    }

    /// The selected event, by its number.
    pub fn selected(&self) -> Option<Seq> {
        self.model.events.selected
    }

    /// The listed events, by their numbers.
    pub fn listed(&self) -> Vec<Seq> {
        let events = &self.model.events;
        (0..events.len()).map(|line| events.row(line).seq).collect()
    }

    pub fn notice(&self) -> &str {
        self.model.notice.as_ref().map_or("", |notice| &notice.text)
    }

    /// The frame as text, without the spaces at the ends of lines.
    pub fn text(&self) -> String {
        let buffer = frame(&self.model, self.model.size.into());
        let lines = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        lines.map(|cells| line_text(cells.iter().map(|cell| cell.symbol()))).collect::<Vec<_>>().join("\n")
    }

    fn read_of(&self, Wanted { seq, attempts }: &Wanted) -> Read {
        let (event, deliveries) = self.events[seq].clone();
        let first = attempts.first().map(|first| self.events[first].0.body.clone());
        let attempt = |seq| {
            let event = &self.events[seq].0;
            let differs_at = (Some(&event.body) != first.as_ref()).then_some(17);
            Attempt { summary: event.summary.clone(), differs_at }
        };
        let (attempts, delivery_count) = (attempts.iter().map(attempt).collect(), deliveries.len() as u64);
        Read {
            event,
            attempts,
            deliveries,
            delivery_count,
            forwarded_to: Vec::new(),
            learned: Vec::new(),
            history: Some(History::default()),
        }
    }

    /// Reads what is asked for.
    pub fn read(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Load(wanted) => {
                    let read = self.read_of(&wanted);
                    let loaded = Box::new(Loaded::new(read, &keyring(), &Accepted::default(), &TimeZone::UTC));
                    let effects = self.send(Message::EventLoaded(loaded));
                    self.read(effects);
                }
                Effect::LoadDeliveries(wanted) => {
                    let text = DeliveriesText::new(&self.read_of(&wanted), &keyring(), &TimeZone::UTC);
                    self.send(Message::DeliveriesLoaded { seq: wanted.seq, text });
                }
                Effect::ReadRequests { number, filter, seqs } => {
                    let accepted = Accepted::default();
                    let test = filter.request_test(&accepted);
                    let facts = seqs.into_iter().map(|seq| {
                        let event = &self.events[&seq].0;
                        (seq, test.facts(&event.head, &event.body))
                    });
                    let facts = facts.collect();
                    let effects = self.send(Message::RequestsRead { number, facts, failed: None });
                    self.read(effects);
                }
                Effect::Compare { seq, base, against: Against::Event { seq: other, what } } => {
                    let side = |seq| Side::of_event(&self.events[&seq].0);
                    let text = DiffText::new(&format!("{what}, event {other}"), &side(other), &side(seq));
                    self.send(Message::Compared { seq, base, text });
                }
                Effect::LayOut(wanted) => {
                    self.send(Message::TextLaidOut(Box::new(ShownText::new(wanted))));
                }
                Effect::Search { number, text, needle } => {
                    let hits = needle.find_all(&text, 1000, || false).unwrap();
                    self.send(Message::Searched { number, hits });
                }
                Effect::CompareAttempts(pairs) => {
                    let body = |seq| &self.events[seq].0.body;
                    let differing = pairs.iter().filter(|(before, seq)| body(before) != body(seq));
                    let differing = differing.map(|(_, seq)| *seq).collect();
                    self.send(Message::AttemptsDiffer(differing));
                }
                _ => {}
            }
        }
    }
}

/// The model on a terminal of `size`, which need not be the one it believes in.
pub fn frame(model: &Model, size: (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| view::draw(model, theme(), frame)).unwrap();
    terminal.backend().buffer().clone()
}

pub fn theme() -> &'static Theme {
    static THEME: LazyLock<Theme> = LazyLock::new(|| Theme::new(true));
    &THEME
}

/// The symbols of one line; a wide one covers the cells after it.
fn line_text<'a>(symbols: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    let mut covered = 0usize;
    for symbol in symbols {
        if covered == 0 {
            text.push_str(symbol);
            covered = symbol.width();
        }
        covered = covered.saturating_sub(1);
    }
    text.trim_end().to_owned()
}

/// A key as the help writes it.
pub fn key(name: &str) -> KeyEvent {
    let (name, modifiers) = match name.strip_prefix("Ctrl-") {
        Some(rest) => (rest, KeyModifiers::CONTROL),
        None => (name, KeyModifiers::NONE),
    };
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Space" => KeyCode::Char(' '),
        "Tab" => KeyCode::Tab,
        "Shift-Tab" => KeyCode::BackTab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "Backspace" => KeyCode::Backspace,
        letter => {
            let mut letters = letter.chars();
            let code = KeyCode::Char(letters.next().expect("a key has a name"));
            assert_eq!(letters.next(), None, "`{name}` is not a key");
            code
        }
    };
    KeyEvent::new(code, modifiers)
}

/// The effect that reads an event which came once.
pub fn load(seq: Seq) -> Effect {
    Effect::Load(Wanted { seq, attempts: Vec::new() })
}

/// An event as the list knows it, its texts made from `seq`.
pub fn summary(seq: Seq, event_type: &str, verdict: Verdict) -> Summary {
    Summary {
        seq,
        received_at: now(),
        method: "POST".to_owned(),
        path: "/webhooks/scalekit".to_owned(),
        webhook_id: Some(format!("msg_{seq}")),
        event_id: Some(format!("evt_{seq}")),
        event_type: Some(event_type.to_owned()),
        organization_id: Some("org_1".to_owned()),
        subject: Some(format!("user{seq}@example.com")),
        verdict,
        reason: None,
        size: 100,
        response: ResponseState::Sent(201),
    }
}
