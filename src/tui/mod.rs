//! The terminal UI: `key → keymap → action → update → effects → executor → message → update`, then draw.
//!
//! The loop waits for keys, messages, the feed and signals. It draws at most once every 16 ms, and nothing in it blocks
//! for longer.

pub mod action;
mod available;
pub mod chooser;
pub mod content;
mod coverage;
mod deletions;
pub mod diff_base;
mod editor;
pub mod effect;
pub mod executor;
pub mod explain;
pub mod fixtures;
mod guest;
pub mod help;
pub mod job;
pub mod keymap;
mod keys;
pub mod layout;
mod leftovers;
pub mod list;
mod matching;
pub mod message;
pub mod model;
mod outcome;
pub mod paged;
mod pager;
pub mod palette;
pub mod panes;
pub mod prompt;
pub mod samples;
pub mod shown_text;
mod tabs;
pub mod terminal;
mod terminal_title;
pub mod theme;
mod title;
pub mod tree;
pub mod update;
pub mod view;

use crate::app::process::signals::{Asked, Signals};
use crate::log::SCREEN;
use crossterm::event::{Event as TerminalEvent, KeyEventKind, MouseButton, MouseEventKind};
use editor::Editor;
use effect::Effect;
use executor::Executor;
use guest::Guest;
use jiff::Timestamp;
use keys::Keys;
use message::Message;
use model::Model;
use pager::Pager;
use std::io;
use std::ops::ControlFlow;
use std::process::ExitStatus;
use std::time::Duration;
use terminal::Entered;
use terminal_title::terminal_title;
use theme::Theme;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// How often `update` gets the current time.
const TICK: Duration = Duration::from_secs(1);
/// The most messages that are handled before the next frame.
const BURST: usize = 64;
/// A frame that takes as long is a warning in the log.
const SLOW_FRAME: Duration = Duration::from_millis(50);

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
    let keys = Keys::read()?;
    let mut screen = Running { model, entered, executor, signals, keys, guest: None, guest_ended_at: None };
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
            asked = screen.signals.next() => {
                if screen.signalled(asked)?.is_break() {
                    return Ok(End::Asked);
                }
                is_dirty |= asked == Asked::Suspend;
            }
            exited = guest::exited(&mut screen.guest), if screen.guest.is_some() => {
                incoming.extend(screen.guest_exited(exited)?);
            }
            event = screen.keys.next() => match event {
                Some(event) => incoming.extend(message_of(event)),
                None => return Ok(End::Asked),
            },
            Some(message) = messages.recv() => incoming.push(message),
            () = executor.feed.wait(), if !is_dirty => {}
            _ = ticks.tick() => {
                if !terminal::is_alive() {
                    return Ok(End::Asked);
                }
                incoming.extend(screen.ticked()?);
                if screen.guest.is_none() {
                    screen.entered.set_title(&terminal_title(screen.model))?;
                }
            }
            () = tokio::time::sleep_until(next_frame), if is_dirty && screen.guest.is_none() => {
                draw(screen.model, theme, screen.entered)?;
                next_frame = Instant::now() + FRAME;
                is_dirty = false;
            }
            // Yielding lets the runtime see keys and messages first.
            () = tokio::task::yield_now(), if screen.model.events.listing.is_filling() => {
                incoming.push(Message::FilteringContinues);
            }
        }
        for message in screen.gather(messages, incoming) {
            is_dirty |= update::shows(screen.model, &message);
            for effect in update::update(screen.model, message) {
                if screen.carry_out(effect)?.is_break() {
                    return Ok(End::Asked);
                }
            }
        }
    }
}

/// The open screen, with all that a turn of the loop needs.
struct Running<'a> {
    model: &'a mut Model,
    entered: &'a mut Entered,
    executor: &'a Executor,
    signals: &'a mut Signals,
    keys: Keys,
    guest: Option<Guest>,
    guest_ended_at: Option<Instant>,
}

impl Running<'_> {
    /// Handles a signal. `Break` ends the screen.
    fn signalled(&mut self, asked: Asked) -> io::Result<ControlFlow<()>> {
        let closed_for = self.guest_ended_at.map(|at| at.elapsed());
        match asked {
            Asked::Interrupt if editor::owns_interrupt(self.guest.is_some(), closed_for) => {}
            Asked::Stop | Asked::Interrupt => return Ok(ControlFlow::Break(())),
            Asked::Suspend if self.guest.is_some() => self.entered.stop()?,
            Asked::Suspend => self.suspend()?,
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Takes the terminal back from the guest.
    fn guest_exited(&mut self, exited: io::Result<ExitStatus>) -> io::Result<Option<Message>> {
        self.guest_ended_at = Some(Instant::now());
        self.keys.resume();
        self.entered.take()?;
        Ok(self.guest.take().and_then(|guest| guest.close(exited)))
    }

    fn ticked(&self) -> io::Result<Vec<Message>> {
        let mut messages = vec![Message::Ticked(Timestamp::now())];
        // A resize before the first read of keys is not reported.
        let (width, height) = crossterm::terminal::size()?;
        if self.model.size != (width, height).into() {
            messages.push(Message::Resized { width, height });
        }
        Ok(messages)
    }

    /// `incoming` with everything else that has arrived, in the order to handle it: all of it goes into one frame.
    fn gather(
        &mut self,
        messages: &mut mpsc::Receiver<Message>,
        mut incoming: Vec<Message>,
    ) -> impl Iterator<Item = Message> + use<> {
        while incoming.len() < BURST
            && let Some(event) = self.keys.try_next()
        {
            incoming.extend(message_of(event));
        }
        while incoming.len() < BURST
            && let Ok(message) = messages.try_recv()
        {
            incoming.push(message);
        }
        // `update` must know an event before messages about it, so the feed is drained last and handled first.
        let drained = self.executor.feed.drain();
        let lagged = drained.has_lagged.then_some(Message::FeedLagged);
        let stored = (!drained.summaries.is_empty()).then(|| Message::EventsStored(drained.summaries));
        stored.into_iter().chain(lagged).chain(incoming)
    }

    /// Carries out an effect, or hands it to the executor. `Break` ends the screen.
    fn carry_out(&mut self, effect: Effect) -> io::Result<ControlFlow<()>> {
        match effect {
            Effect::Quit => return Ok(ControlFlow::Break(())),
            Effect::Suspend => self.suspend()?,
            Effect::OpenEditor { seq, body } => {
                let name = &self.executor.editor;
                self.host(|| Editor::open(name, seq, body).map(Guest::Editor))?;
            }
            Effect::OpenPager(paged) => {
                let name = &self.executor.pager;
                self.host(|| Pager::open(name, paged).map(Guest::Pager))?;
            }
            Effect::CaptureMouse(is_captured) => self.entered.capture_mouse(is_captured)?,
            Effect::WriteToTerminal(sequence) => self.entered.write(&sequence)?,
            effect => self.executor.execute(effect),
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands the terminal to the program that `open` starts.
    fn host(&mut self, open: impl FnOnce() -> Result<Guest, Box<Message>>) -> io::Result<()> {
        self.keys.pause();
        self.entered.lend();
        match open() {
            Ok(guest) => self.guest = Some(guest),
            Err(failed) => {
                self.keys.resume();
                self.entered.take()?;
                // A full channel drops this notice.
                let _ = self.executor.messages.try_send(*failed);
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.entered.suspend()?;
        self.signals.ignore_own_suspend();
        Ok(())
    }
}

/// Draws one frame.
///
/// # Errors
/// When the terminal can no longer be written to.
pub fn draw(model: &Model, theme: &Theme, entered: &mut Entered) -> io::Result<()> {
    let started = Instant::now();
    entered.screen.draw(|frame| view::draw(model, theme, frame))?;
    let time = started.elapsed();
    if time >= SLOW_FRAME {
        let frame_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        tracing::warn!(target: SCREEN, frame_us, columns = model.size.width, lines = model.size.height, "slow frame");
    }
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
