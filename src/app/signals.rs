//! The ways in which the system asks the program to stop or to be suspended.

use std::io;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Stop,
    /// Ctrl-C, which every program of the terminal's foreground gets.
    Interrupt,
    Suspend,
}

#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    suspend: tokio::signal::unix::Signal,
    /// The next request to suspend is the one we sent to our own process group.
    is_own_suspend_due: bool,
}

#[cfg(unix)]
impl Signals {
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            suspend: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            is_own_suspend_due: false,
        })
    }

    pub async fn next(&mut self) -> Asked {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Asked::Stop,
                _ = self.hang_up.recv() => return Asked::Stop,
                _ = self.interrupt.recv() => return Asked::Interrupt,
                _ = self.suspend.recv() => {
                    if !std::mem::take(&mut self.is_own_suspend_due) {
                        return Asked::Suspend;
                    }
                }
            }
        }
    }

    /// To be called after the process group was asked to stop by us: the request reaches us as well, though perhaps not yet.
    pub fn ignore_own_suspend(&mut self) {
        self.is_own_suspend_due = true;
    }
}

#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub async fn next(&mut self) -> Asked {
        // Without a handler there is nothing but Ctrl-C, which is a key while the screen is open.
        let _ = tokio::signal::ctrl_c().await;
        Asked::Interrupt
    }

    pub fn ignore_own_suspend(&mut self) {}
}
