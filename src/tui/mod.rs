//! The screen: `key → keymap → action → update → effects → executor → message → update`, then draw.
//!
//! The loop waits for keys, messages, the feed and signals; it draws at most once each 16 ms, and nothing in it blocks for longer.

pub mod action;
pub mod content;
mod editor;
pub mod effect;
pub mod executor;
pub mod help;
pub mod job;
pub mod keymap;
mod keys;
pub mod layout;
pub mod message;
pub mod model;
pub mod prompt;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use crate::app::process::signals::{Asked, Signals};
use crossterm::event::{Event as TerminalEvent, KeyEventKind, MouseButton, MouseEventKind};
use editor::Editor;
use effect::Effect;
use executor::Executor;
use jiff::Timestamp;
use keys::Keys;
use message::Message;
use model::Model;
use std::io;
use std::time::Duration;
use terminal::Entered;
use theme::Theme;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// How often the clock on the screen moves.
const TICK: Duration = Duration::from_secs(1);
/// Messages taken in before the next frame is drawn.
const BURST: usize = 64;

/// Why the screen ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// A key or a signal.
    Asked,
    /// Another thread panicked; what it said.
    Panicked(String),
}

/// Runs the screen until it is left; the first frame has been drawn. The caller gives the terminal back by dropping `entered`.
///
/// # Errors
/// When the terminal cannot be written to or read from any more.
pub async fn run(
    model: &mut Model,
    theme: &Theme,
    entered: &mut Entered,
    executor: &Executor,
    messages: &mut mpsc::Receiver<Message>,
    signals: &mut Signals,
) -> io::Result<End> {
    let mut keys = Keys::read()?;
    let mut editing: Option<Editor> = None;
    let mut editor_closed_at: Option<Instant> = None;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next_frame = Instant::now() + FRAME;
    let mut is_dirty = false;
    let mut panicked = std::pin::pin!(terminal::panicked());
    loop {
        let mut facts = Vec::new();
        tokio::select! {
            biased;
            said = &mut panicked => return Ok(End::Panicked(said)),
            asked = signals.next() => match asked {
                Asked::Interrupt
                    if editor::owns_interrupt(editing.is_some(), editor_closed_at.map(|at| at.elapsed())) => {}
                Asked::Stop | Asked::Interrupt => return Ok(End::Asked),
                Asked::Suspend if editing.is_some() => entered.stop()?,
                Asked::Suspend => {
                    suspend(entered, signals)?;
                    is_dirty = true;
                }
            },
            ended = editor::ended(&mut editing), if editing.is_some() => {
                editor_closed_at = Some(Instant::now());
                keys.go_on();
                entered.take()?;
                facts.extend(editing.take().map(|editor| editor.end(ended)));
            }
            event = keys.next() => match event {
                Some(event) => facts.extend(fact(event)),
                None => return Ok(End::Asked),
            },
            Some(message) = messages.recv() => facts.push(message),
            () = executor.feed.wait(), if !is_dirty => {}
            _ = ticks.tick() => {
                if !terminal::is_alive() {
                    return Ok(End::Asked);
                }
                facts.push(Message::Ticked(Timestamp::now()));
                // A change between the first look at the size and the first read of keys is not reported.
                let (width, height) = crossterm::terminal::size()?;
                if model.size != (width, height).into() {
                    facts.push(Message::Resized { width, height });
                }
            }
            () = tokio::time::sleep_until(next_frame), if is_dirty && editing.is_none() => {
                draw(model, theme, entered)?;
                next_frame = Instant::now() + FRAME;
                is_dirty = false;
            }
        }
        // What else has come goes into the same frame.
        while facts.len() < BURST
            && let Some(event) = keys.try_next()
        {
            facts.extend(fact(event));
        }
        while facts.len() < BURST
            && let Ok(message) = messages.try_recv()
        {
            facts.push(message);
        }
        // Events come before what is said of them, so the feed is looked at last and told first.
        let drained = executor.feed.drain();
        let lagged = drained.has_lagged.then_some(Message::FeedLagged);
        let kept = (!drained.summaries.is_empty()).then(|| Message::EventsStored(drained.summaries));
        for message in kept.into_iter().chain(lagged).chain(facts) {
            is_dirty = true;
            for effect in update::update(model, message) {
                match effect {
                    Effect::Quit => return Ok(End::Asked),
                    Effect::Suspend => suspend(entered, signals)?,
                    Effect::OpenEditor { seq, body } => {
                        keys.rest();
                        entered.lend();
                        match Editor::open(&executor.editor, seq, body) {
                            Ok(begun) => editing = Some(begun),
                            Err(failed) => {
                                keys.go_on();
                                entered.take()?;
                                // Without room for it there is more to be seen than this.
                                let _ = executor.messages.try_send(*failed);
                            }
                        }
                    }
                    Effect::CaptureMouse(is_captured) => entered.capture_mouse(is_captured)?,
                    Effect::WriteToTerminal(sequence) => entered.write(&sequence)?,
                    effect => executor.execute(effect),
                }
            }
        }
    }
}

/// Draws one frame.
///
/// # Errors
/// When the terminal cannot be written to any more.
pub fn draw(model: &Model, theme: &Theme, entered: &mut Entered) -> io::Result<()> {
    entered.screen.draw(|frame| view::draw(model, theme, frame)).map(drop)
}

fn suspend(entered: &mut Entered, signals: &mut Signals) -> io::Result<()> {
    entered.suspend()?;
    signals.ignore_own_suspend();
    Ok(())
}

/// What the terminal reported, as a message; releases and movements of the mouse say nothing.
fn fact(event: TerminalEvent) -> Option<Message> {
    match event {
        TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => Some(Message::KeyPressed(key)),
        TerminalEvent::Paste(text) => Some(Message::TextPasted(text)),
        TerminalEvent::Resize(width, height) => Some(Message::Resized { width, height }),
        TerminalEvent::Mouse(mouse) => {
            let (column, row) = (mouse.column, mouse.row);
            match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Message::Clicked { column, row }),
                MouseEventKind::ScrollDown => Some(Message::Scrolled { column, row, is_down: true }),
                MouseEventKind::ScrollUp => Some(Message::Scrolled { column, row, is_down: false }),
                _ => None,
            }
        }
        _ => None,
    }
}
