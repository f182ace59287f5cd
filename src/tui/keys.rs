//! Keys and the mouse, read on a thread of their own.
//!
//! When its terminal is gone, crossterm's reader never returns and takes a whole core. So nobody but this thread asks it, and the
//! loop, which looks after the terminal itself, ends the program.

use crossterm::event::Event as TerminalEvent;
use std::io;
use tokio::sync::mpsc;

/// Events that wait for the loop; more wait in the terminal.
const WAITING: usize = 256;

/// Starts reading. The channel ends when the terminal cannot be read any more.
///
/// # Errors
/// When no thread can be started.
pub fn read() -> io::Result<mpsc::Receiver<TerminalEvent>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            if sender.blocking_send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}
