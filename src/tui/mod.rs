//! The terminal UI: `key → keymap → action → update → effects → executor → message → update`, then draw.
//!
//! The loop waits for keys, messages, the feed and signals. It draws at most once every 16 ms, and nothing in it blocks
//! for longer.

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
/// How often `update` gets the current time.
const TICK: Duration = Duration::from_secs(1);
/// Most messages that are handled before the next frame.
const BURST: usize = 64;

/// Why the screen ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// A key or a signal.
    Asked,
    /// Another thread panicked, with this message.
    Panicked(String),
}

/// Runs the screen until the user or a signal ends it. Expects that the first frame is drawn. The caller restores the
/// terminal by dropping `entered`.
///
/// # Errors
/// When the terminal can no longer be read from or written to.
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
        let mut incoming = Vec::new();
        tokio::select! {
            biased;
            message = &mut panicked => return Ok(End::Panicked(message)),
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
            exited = editor::exited(&mut editing), if editing.is_some() => {
                editor_closed_at = Some(Instant::now());
                keys.resume();
                entered.take()?;
                incoming.extend(editing.take().map(|editor| editor.close(exited)));
            }
            event = keys.next() => match event {
                Some(event) => incoming.extend(message_of(event)),
                None => return Ok(End::Asked),
            },
            Some(message) = messages.recv() => incoming.push(message),
            () = executor.feed.wait(), if !is_dirty => {}
            _ = ticks.tick() => {
                if !terminal::is_alive() {
                    return Ok(End::Asked);
                }
                incoming.push(Message::Ticked(Timestamp::now()));
                // A resize before the first read of keys is not reported.
                let (width, height) = crossterm::terminal::size()?;
                if model.size != (width, height).into() {
                    incoming.push(Message::Resized { width, height });
                }
            }
            () = tokio::time::sleep_until(next_frame), if is_dirty && editing.is_none() => {
                draw(model, theme, entered)?;
                next_frame = Instant::now() + FRAME;
                is_dirty = false;
            }
        }
        // Everything else that has arrived goes into the same frame.
        while incoming.len() < BURST
            && let Some(event) = keys.try_next()
        {
            incoming.extend(message_of(event));
        }
        while incoming.len() < BURST
            && let Ok(message) = messages.try_recv()
        {
            incoming.push(message);
        }
        // `update` must know an event before messages about it, so the feed is drained last and handled first.
        let drained = executor.feed.drain();
        let lagged = drained.has_lagged.then_some(Message::FeedLagged);
        let stored = (!drained.summaries.is_empty()).then(|| Message::EventsStored(drained.summaries));
        for message in stored.into_iter().chain(lagged).chain(incoming) {
            is_dirty = true;
            for effect in update::update(model, message) {
                match effect {
                    Effect::Quit => return Ok(End::Asked),
                    Effect::Suspend => suspend(entered, signals)?,
                    Effect::OpenEditor { seq, body } => {
                        keys.pause();
                        entered.lend();
                        match Editor::open(&executor.editor, seq, body) {
                            Ok(editor) => editing = Some(editor),
                            Err(failed) => {
                                keys.resume();
                                entered.take()?;
                                // A full channel drops this notice.
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
/// When the terminal can no longer be written to.
pub fn draw(model: &Model, theme: &Theme, entered: &mut Entered) -> io::Result<()> {
    entered.screen.draw(|frame| view::draw(model, theme, frame)).map(drop)
}

fn suspend(entered: &mut Entered, signals: &mut Signals) -> io::Result<()> {
    entered.suspend()?;
    signals.ignore_own_suspend();
    Ok(())
}

/// A terminal event as a message; `None` for key releases and mouse movements.
fn message_of(event: TerminalEvent) -> Option<Message> {
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
