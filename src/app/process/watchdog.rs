//! Ends the program where it cannot end by itself: a thread that writes to a pipe that is full and that nobody reads is stuck for good,
//! and hears no request to end.

use crate::app::process::signals::{Interrupts, Termination, survive_file_size_limit};
use std::time::Duration;
use std::{io, process, thread};

/// How long the program may take to end by itself; it is done well before where nothing is stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// What Ctrl-C, and with it Ctrl-\, is to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CtrlC {
    /// A request to end, Ctrl-C at the latest the second time.
    Request,
    /// A key of the screen's. That it comes as a signal is for the editor to which the screen has lent the terminal.
    Key,
}

/// From now on the program ends at the latest 5 s after it was asked to: by a signal that ends programs, or a second Ctrl-C where that is a request.
/// What has been acknowledged is in the history by then; the exit code is 1. A file size limit ends it no more.
///
/// # Errors
/// When the thread that waits for the request cannot be had.
pub fn watch(ctrl_c: CtrlC) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The signals are caught from here on, not only when the thread runs.
    let (mut termination, interrupts) = runtime.block_on(async {
        survive_file_size_limit()?;
        io::Result::Ok(match ctrl_c {
            CtrlC::Request => (Termination::new()?, Some(Interrupts::new()?)),
            CtrlC::Key => (Termination::without_keys()?, None),
        })
    })?;
    let wait = async move {
        let interrupted_twice = async {
            let Some(mut interrupts) = interrupts else { return std::future::pending().await };
            interrupts.recv().await;
            interrupts.recv().await;
        };
        tokio::select! {
            () = termination.recv() => {}
            () = interrupted_twice => {}
        }
        tokio::time::sleep(PATIENCE).await;
        #[expect(clippy::disallowed_methods, reason = "`main` is stuck, and so is whatever would be put back")]
        process::exit(1);
    };
    thread::Builder::new().name("last resort".to_owned()).spawn(move || runtime.block_on(wait)).map(drop)
}
