//! How the system asks the program to exit or to suspend.

use std::io;
#[cfg(unix)]
use std::task::{Context, Poll};

/// A request of the system or of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Stop,
    /// Ctrl-C or Ctrl-\. The terminal sends it to every program in the foreground.
    Interrupt,
    Suspend,
}

/// The signal that Ctrl-\ sends.
#[cfg(unix)]
const QUIT: [i32; 1] = [rustix::process::Signal::QUIT.as_raw()];

/// The signals that end a program unless it catches them, without INT and QUIT, which keys send.
///
/// BUS, FPE, ILL, SEGV, SYS and TRAP are left out: they mean that the program itself is broken, and returning from their handler would
/// repeat the fault or ignore it. ABRT is included for other programs that send it: `abort()` ends the program even if there is a
/// handler. Rust's runtime ignores PIPE. For XFSZ see [`survive_file_size_limit`].
#[cfg(unix)]
fn ending() -> impl Iterator<Item = i32> {
    use rustix::process::Signal;
    const EVERYWHERE: [Signal; 9] = [
        Signal::HUP,
        Signal::TERM,
        Signal::ABORT,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::USR1,
        Signal::USR2,
        Signal::XCPU,
    ];
    // On other systems IO is ignored by default, and the others do not exist.
    #[cfg(target_os = "linux")]
    let further = [Signal::IO, Signal::POWER, Signal::STKFLT].map(Signal::as_raw).into_iter().chain(REAL_TIME);
    #[cfg(not(target_os = "linux"))]
    let further = std::iter::empty();
    EVERYWHERE.map(Signal::as_raw).into_iter().chain(further)
}

/// The real-time signals of Linux, without those that the C library uses.
#[cfg(target_os = "linux")]
const REAL_TIME: std::ops::RangeInclusive<i32> = if cfg!(target_env = "musl") { 35..=64 } else { 34..=64 };

/// A request to exit: any signal that would otherwise end the program at once, without restoring the terminal or closing its files.
/// Signals that the parent process had it ignore stay ignored, such as HUP under `nohup`.
#[cfg(unix)]
pub(crate) struct Termination(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Termination {
    /// # Errors
    /// When the system refuses a handler. The signal then ends the program at once.
    pub fn new() -> io::Result<Self> {
        Self::of(ending().chain(QUIT))
    }

    /// As [`Termination::new`], but without QUIT, which Ctrl-\ sends and [`Signals`] handles.
    ///
    /// # Errors
    /// As [`Termination::new`].
    pub(crate) fn without_keys() -> io::Result<Self> {
        Self::of(ending())
    }

    fn of(signals: impl Iterator<Item = i32>) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored();
        let wanted = signals.filter(|number| ignored & 1 << (number - 1) == 0);
        wanted.map(|number| signal(SignalKind::from_raw(number))).collect::<io::Result<_>>().map(Self)
    }

    pub async fn recv(&mut self) {
        let any = |context: &mut Context<'_>| {
            let mut has_come = false;
            for signal in &mut self.0 {
                // Polls every signal, so that each can wake the task.
                has_come |= signal.poll_recv(context).is_ready();
            }
            if has_come { Poll::Ready(()) } else { Poll::Pending }
        };
        std::future::poll_fn(any).await;
    }
}

/// The signals that the parent process had the program ignore, one bit each, bit 0 for signal 1. Call it before a handler is installed.
/// Works on Linux only.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// The system's request to end: Ctrl-Break, or the window closes, the user logs off or the system shuts down. After the last three
/// Windows waits a few seconds, then it ends the program.
#[cfg(windows)]
pub(crate) struct Termination {
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Termination {
    /// # Errors
    /// When the system refuses a handler. The signal then ends the program at once.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown};
        let (ctrl_break, close, logoff, shutdown) = (ctrl_break()?, ctrl_close()?, ctrl_logoff()?, ctrl_shutdown()?);
        Ok(Self { ctrl_break, close, logoff, shutdown })
    }

    /// # Errors
    /// As [`Termination::new`].
    pub(crate) fn without_keys() -> io::Result<Self> {
        Self::new()
    }

    pub async fn recv(&mut self) {
        tokio::select! {
            _ = self.ctrl_break.recv() => {}
            _ = self.close.recv() => {}
            _ = self.logoff.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}

/// From now on, a write beyond the file size limit (`ulimit -f`) fails as on a full disk instead of ending the program. Call it on a
/// runtime.
///
/// # Errors
/// As [`Termination::new`].
#[cfg(unix)]
pub(crate) fn survive_file_size_limit() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    // A handler is enough, and it stays installed.
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop)
}

#[cfg(not(unix))]
pub(crate) fn survive_file_size_limit() -> io::Result<()> {
    Ok(())
}

/// Receives each Ctrl-C, even one that comes between two waits.
#[cfg(unix)]
pub(crate) struct Interrupts(tokio::signal::unix::Signal);

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

#[cfg(windows)]
pub(crate) struct Interrupts(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Interrupts {
    /// # Errors
    /// As [`Termination::new`].
    pub fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    pub async fn recv(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(unix)]
pub struct Signals {
    termination: Termination,
    interrupts: Interrupts,
    quit: Termination,
    suspend: tokio::signal::unix::Signal,
    /// The next request to suspend is the one that hookglass sent to its own process group.
    is_own_suspend_due: bool,
}

#[cfg(unix)]
impl Signals {
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            termination: Termination::without_keys()?,
            interrupts: Interrupts::new()?,
            quit: Termination::of(QUIT.into_iter())?,
            suspend: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            is_own_suspend_due: false,
        })
    }

    pub async fn next(&mut self) -> Asked {
        loop {
            tokio::select! {
                () = self.termination.recv() => return Asked::Stop,
                () = self.interrupts.recv() => return Asked::Interrupt,
                () = self.quit.recv() => return Asked::Interrupt,
                _ = self.suspend.recv() => {
                    if !std::mem::take(&mut self.is_own_suspend_due) {
                        return Asked::Suspend;
                    }
                }
            }
        }
    }

    /// Ignores the next request to suspend. Call it after sending one to the own process group: hookglass receives it too, perhaps later.
    pub(crate) fn ignore_own_suspend(&mut self) {
        self.is_own_suspend_due = true;
    }
}

/// There is no suspending on Windows.
#[cfg(windows)]
pub struct Signals {
    termination: Termination,
    interrupts: Interrupts,
}

#[cfg(windows)]
impl Signals {
    pub fn new() -> io::Result<Self> {
        Ok(Self { termination: Termination::new()?, interrupts: Interrupts::new()? })
    }

    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            () = self.termination.recv() => Asked::Stop,
            () = self.interrupts.recv() => Asked::Interrupt,
        }
    }

    pub(crate) fn ignore_own_suspend(&mut self) {}
}
