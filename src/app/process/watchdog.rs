//! Ends a program that is stuck. A thread that writes to a full pipe that nobody reads never returns, so it cannot see the request to
//! exit.

use crate::app::process::signals::{Interrupts, Termination, survive_file_size_limit};
use std::time::Duration;
use std::{io, process, thread};

/// How long the program may take to exit by itself. If nothing is stuck, it needs far less.
const PATIENCE: Duration = Duration::from_secs(5);

/// What Ctrl-C and Ctrl-\ mean to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CtrlC {
    /// A request to exit; for Ctrl-C, the second one.
    Request,
    /// A key of the screen. It arrives as a signal only while an editor has the terminal, and is meant for that editor.
    Key,
}

/// From now on the program exits within 5 s of a request to exit, with exit code 1 if it is stuck. A request is a signal that ends
/// programs or, with [`CtrlC::Request`], a second Ctrl-C. Every acknowledged event is in the history by then. A file size limit no longer
/// ends the program.
///
/// # Errors
/// When the signals cannot be caught, or the system refuses the thread.
pub(crate) fn watch(ctrl_c: CtrlC) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Catches the signals from here on, before the thread runs.
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
        #[expect(clippy::disallowed_methods, reason = "`main` is stuck, and nothing can be cleaned up")]
        process::exit(1);
    };
    thread::Builder::new().name("watchdog".to_owned()).spawn(move || runtime.block_on(wait)).map(drop)
}
