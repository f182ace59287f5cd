//! Reads keys and the mouse on a separate thread.
//!
//! When the terminal is gone, crossterm's reader spins and uses a whole core. So only this thread calls it; the main
//! loop checks the terminal itself and ends the program. The thread pauses while another program owns the terminal.

use crossterm::event::Event as TerminalEvent;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Capacity of the channel to the loop. Further events wait in the terminal.
const CAPACITY: usize = 256;
/// How long the thread waits for a key before it checks whether to pause.
const POLL: Duration = Duration::from_millis(100);

/// Terminal events, and the switch that pauses reading them.
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
    /// The thread has been asked to pause.
    Pausing,
    Paused,
}

impl Keys {
    /// Starts reading.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn read() -> io::Result<Self> {
        let (sender, events) = mpsc::channel(CAPACITY);
        let gate = Arc::<Gate>::default();
        let own_gate = gate.clone();
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
            loop {
                own_gate.pass();
                match crossterm::event::poll(POLL) {
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

    /// The next event; `None` when the terminal can no longer be read.
    pub async fn next(&mut self) -> Option<TerminalEvent> {
        self.events.recv().await
    }

    /// An event that has already arrived.
    pub(crate) fn try_next(&mut self) -> Option<TerminalEvent> {
        self.events.try_recv().ok()
    }

    /// Stops reading, so that another program can own the terminal. Blocks until the thread has paused, normally at
    /// most 100 ms.
    pub(crate) fn pause(&mut self) {
        let mut state = self.gate.lock();
        *state = State::Pausing;
        while *state == State::Pausing && !self.events.is_closed() {
            // A full channel would keep the thread from pausing. Events from before the pause are obsolete.
            while self.events.try_recv().is_ok() {}
            state = self.gate.changed.wait_timeout(state, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Resumes reading.
    pub fn resume(&mut self) {
        *self.gate.lock() = State::Reading;
        self.gate.changed.notify_all();
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks the thread while it is to pause.
    fn pass(&self) {
        let mut state = self.lock();
        while *state != State::Reading {
            *state = State::Paused;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
