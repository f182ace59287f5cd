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

/// The system's request to end: SIGTERM, and SIGHUP when the terminal goes away, unless the program was started to outlive it, as
/// `nohup` starts it.
#[cfg(unix)]
pub struct Termination {
    terminate: tokio::signal::unix::Signal,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Termination {
    /// # Errors
    /// When the system cannot be asked to tell: the request then ends the program by itself.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if is_hang_up_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { terminate: signal(SignalKind::terminate())?, hang_up })
    }

    pub async fn recv(&mut self) {
        match &mut self.hang_up {
            Some(hang_up) => tokio::select! {
                _ = self.terminate.recv() => {}
                _ = hang_up.recv() => {}
            },
            None => _ = self.terminate.recv().await,
        }
    }
}

/// Whether whoever started the program had it ignore SIGHUP; to be asked before there is a handler. Known on Linux only.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & 1 << (rustix::process::Signal::HUP.as_raw() - 1) != 0
}

#[cfg(not(unix))]
pub struct Termination;

#[cfg(not(unix))]
impl Termination {
    pub fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub async fn recv(&mut self) {
        std::future::pending().await
    }
}

/// From now on a file that reaches the size limit of `ulimit -f` makes a write fail, as a full disk does, instead of ending the program.
/// To be called on a runtime.
///
/// # Errors
/// As [`Termination::new`].
#[cfg(unix)]
pub fn survive_file_size_limit() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    // That there is a handler is enough; it stays.
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop)
}

#[cfg(not(unix))]
pub fn survive_file_size_limit() -> io::Result<()> {
    Ok(())
}

/// Ctrl-C, each time; none is missed between two waits.
#[cfg(unix)]
pub struct Interrupts(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Interrupts {
    /// # Errors
    /// As [`Termination::new`].
    pub fn new() -> io::Result<Self> {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).map(Self)
    }

    pub async fn recv(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(not(unix))]
pub struct Interrupts;

#[cfg(not(unix))]
impl Interrupts {
    pub fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub async fn recv(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
pub struct Signals {
    termination: Termination,
    interrupts: Interrupts,
    suspend: tokio::signal::unix::Signal,
    /// The next request to suspend is the one we sent to our own process group.
    is_own_suspend_due: bool,
}

#[cfg(unix)]
impl Signals {
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            termination: Termination::new()?,
            interrupts: Interrupts::new()?,
            suspend: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            is_own_suspend_due: false,
        })
    }

    pub async fn next(&mut self) -> Asked {
        loop {
            tokio::select! {
                () = self.termination.recv() => return Asked::Stop,
                () = self.interrupts.recv() => return Asked::Interrupt,
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
