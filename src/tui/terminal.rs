//! The terminal: opening and closing the screen, suspending, and restoring the terminal however the program ends.

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use std::io::{self, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Whether the screen is open.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);
/// The message of a panic while the screen was open.
static PANIC: Mutex<Option<String>> = Mutex::new(None);
static PANICKED: Notify = Notify::const_new();

/// Saves the titles of window and icon, and restores them (XTWINOPS): [`SetTitle`] sets both. Terminals without this
/// ignore it.
const SAVE_TITLE: &str = "\x1b[22;0t";
const RESTORE_TITLE: &str = "\x1b[23;0t";

pub type Screen = Terminal<CrosstermBackend<Stdout>>;

/// Whether a screen can be opened: input and output are a terminal that can move its cursor.
pub(crate) fn is_usable(term: Option<&str>) -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal() && term != Some("dumb")
}

/// Whether the terminal still exists. Reading from a closed one returns at once, without end.
#[cfg(unix)]
pub(crate) fn is_alive() -> bool {
    rustix::termios::tcgetattr(io::stdin()).is_ok()
}

#[cfg(not(unix))]
pub(crate) fn is_alive() -> bool {
    true
}

/// The open screen. Dropping it restores the terminal.
pub struct Entered {
    pub screen: Screen,
    is_mouse_captured: bool,
    title: String,
}

impl Entered {
    /// Opens the screen. While it is open, panics go to [`panicked`] instead of being printed over it.
    pub fn enter(is_mouse_captured: bool) -> io::Result<Self> {
        // Our theme handles NO_COLOR. crossterm's own handling would also drop bold and reverse.
        crossterm::style::force_color_output(true);
        hold_panics();
        let screen = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let mut entered = Self { screen, is_mouse_captured, title: String::new() };
        entered.take()?;
        Ok(entered)
    }

    /// Hands the terminal to another program.
    pub(crate) fn lend(&mut self) {
        leave();
    }

    /// Takes the terminal, or takes it back.
    pub fn take(&mut self) -> io::Result<()> {
        IS_ENTERED.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(io::stdout(), Print(SAVE_TITLE), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        self.title.clear();
        if self.is_mouse_captured {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        // Not `clear`: that queries the cursor position and waits for the terminal.
        let size = self.screen.size()?;
        self.screen.resize(Rect::from((Position::ORIGIN, size)))
    }

    pub(crate) fn capture_mouse(&mut self, is_captured: bool) -> io::Result<()> {
        self.is_mouse_captured = is_captured;
        if is_captured {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }

    /// Restores the terminal, stops the process group as the shell expects, and takes the terminal back when it
    /// continues.
    #[cfg(unix)]
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
        leave();
        // The whole process group stops, so a program that started hookglass stops too. Our own handler ignores this
        // TSTP.
        kill_current_process_group(Signal::TSTP)?;
        kill_process(getpid(), Signal::STOP)?;
        self.take()
    }

    #[cfg(not(unix))]
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Stops only this process, while another program owns the terminal.
    #[cfg(unix)]
    pub fn stop(&self) -> io::Result<()> {
        use rustix::process::{Signal, getpid, kill_process};
        Ok(kill_process(getpid(), Signal::STOP)?)
    }

    #[cfg(not(unix))]
    pub fn stop(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sets the title of the window, unless it is already set.
    pub(crate) fn set_title(&mut self, title: &str) -> io::Result<()> {
        if self.title != title {
            title.clone_into(&mut self.title);
            execute!(io::stdout(), SetTitle(title))?;
        }
        Ok(())
    }

    /// Writes a control sequence that is not part of a frame, such as OSC 52.
    pub fn write(&mut self, sequence: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout();
        stdout.write_all(sequence)?;
        stdout.flush()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        leave();
    }
}

/// Restores the terminal: main screen, cursor, mouse, paste, cooked mode. A second call does nothing.
pub fn leave() {
    if !IS_ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // Every step is tried even if another failed. There is no one left to report an error to.
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show,
        Print(RESTORE_TITLE)
    );
    let _ = disable_raw_mode();
}

/// Waits until a thread panics while the screen is open; returns its message.
pub async fn panicked() -> String {
    loop {
        if let Some(text) = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return text;
        }
        PANICKED.notified().await;
    }
}

/// Installs a panic hook that keeps messages off the open screen.
fn hold_panics() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    if IS_SET.swap(true, Ordering::SeqCst) {
        return;
    }
    let screen_thread = std::thread::current().id();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_screen_thread = std::thread::current().id() == screen_thread;
        let is_entered = IS_ENTERED.load(Ordering::SeqCst);
        if is_screen_thread || !is_entered {
            leave();
            print(info);
        }
        if !is_entered {
            return;
        }
        // Reported for the screen's own thread too: a task that panics there ends only that task.
        let name = std::thread::current().name().unwrap_or("unnamed").to_owned();
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("thread `{name}`: {info}"));
        PANICKED.notify_one();
    }));
}
