//! Keys and the mouse, read on a thread of their own.
//!
//! When its terminal is gone, crossterm's reader does not wait and takes a whole core. So nobody but this thread asks it, and the
//! loop, which looks after the terminal itself, ends the program. While another program has the terminal the thread rests.

use crossterm::event::Event as TerminalEvent;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events that wait for the loop; more wait in the terminal.
const WAITING: usize = 256;
/// How long the thread waits for a key before it looks whether it is to rest.
const LOOK: Duration = Duration::from_millis(100);

/// What is read, and whether it is.
pub struct Keys {
    events: mpsc::Receiver<TerminalEvent>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Reading,
    /// The thread is asked to rest.
    Asked,
    Resting,
}

impl Keys {
    /// Starts reading.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn read() -> io::Result<Self> {
        let (sender, events) = mpsc::channel(WAITING);
        let gate = Arc::<Gate>::default();
        let own_gate = gate.clone();
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
            loop {
                own_gate.pass();
                match crossterm::event::poll(LOOK) {
                    Ok(false) => {}
                    Ok(true) => {
                        let Ok(event) = crossterm::event::read() else { return };
                        if sender.blocking_send(event).is_err() {
                            return;
                        }
                    }
                    Err(_) => return,
                }
            }
        })?;
        Ok(Self { events, gate })
    }

    /// The next event; `None` when the terminal cannot be read any more.
    pub async fn next(&mut self) -> Option<TerminalEvent> {
        self.events.recv().await
    }

    /// An event that has come already.
    pub fn try_next(&mut self) -> Option<TerminalEvent> {
        self.events.try_recv().ok()
    }

    /// Leaves the terminal's input to another program. Returns when nothing is read any more, after at most a tenth of a second.
    pub fn rest(&mut self) {
        let mut state = self.gate.lock();
        *state = State::Asked;
        while *state == State::Asked && !self.events.is_closed() {
            // A full channel keeps the thread from its gate; what was typed before is of no use any more.
            while self.events.try_recv().is_ok() {}
            state = self.gate.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Reads again.
    pub fn go_on(&mut self) {
        *self.gate.lock() = State::Reading;
        self.gate.changed.notify_all();
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while another program has the terminal.
    fn pass(&self) {
        let mut state = self.lock();
        while *state != State::Reading {
            *state = State::Resting;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
