//! A program in a terminal of its own: keys in, screen out. Every wait is bounded and driven by what comes out; a failure shows the
//! screen.

use super::patience::PATIENCE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use vt100::{MouseProtocolMode, Parser};

/// What begins a text for the clipboard of the terminal (OSC 52).
const COPY: &[u8] = b"\x1b]52;c;";
/// The question for the cursor's place.
const WHERE: &[u8] = b"\x1b[6n";

/// What has come out of the program so far.
pub struct Seen {
    parser: Parser,
    pub output: Vec<u8>,
    has_ended: bool,
}

impl Seen {
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// The texts that were sent to the terminal's clipboard.
    pub fn copies(&self) -> Vec<Vec<u8>> {
        let mut copies = Vec::new();
        let mut rest = self.output.as_slice();
        while let Some(start) = memchr::memmem::find(rest, COPY) {
            rest = &rest[start + COPY.len()..];
            let Some(end) = memchr::memchr(0x07, rest) else { break };
            copies.push(STANDARD.decode(&rest[..end]).expect("OSC 52 carries base64"));
            rest = &rest[end..];
        }
        copies
    }
}

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

pub struct Terminal {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    reader: Option<JoinHandle<()>>,
    process: Pid,
    exited: Receiver<ExitStatus>,
    modes_before: String,
}

/// Rows or columns, of which the emulator wants at least one.
fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

impl Terminal {
    pub fn start(command: CommandBuilder, rows: u16, columns: u16) -> Self {
        Self::start_reading_until(command, rows, columns, |_| false)
    }

    /// As [`Terminal::start`], but nothing is read any more once `is_enough` says so.
    pub fn start_reading_until(
        command: CommandBuilder,
        rows: u16,
        columns: u16,
        is_enough: impl Fn(&Seen) -> bool + Send + 'static,
    ) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).unwrap();
        let modes_before = modes(&*pair.master);
        let mut child = pair.slave.spawn_command(command).unwrap();
        // The last handle on the program's side is the program's own, so that the output ends when it does.
        drop(pair.slave);
        let mut input = pair.master.try_clone_reader().unwrap();
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let seen = Seen { parser: Parser::new(cells(rows), cells(columns), 0), output: Vec::new(), has_ended: false };
        let shared = Arc::new(Shared { seen: Mutex::new(seen), changed: Condvar::new() });
        let reader = {
            let (shared, writer) = (shared.clone(), writer.clone());
            std::thread::spawn(move || {
                let mut chunk = [0; 4096];
                loop {
                    let count = input.read(&mut chunk).unwrap_or(0);
                    let is_done = take_in(&shared, &writer, &chunk[..count], &is_enough);
                    shared.changed.notify_all();
                    if is_done {
                        return;
                    }
                }
            })
        };
        let process = Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap()).unwrap();
        let (exit, exited) = channel();
        std::thread::spawn(move || exit.send(child.wait().unwrap()));
        let reader = Some(reader);
        Self { shared, master: pair.master, writer, reader, process, exited, modes_before }
    }

    /// Types keys, as the bytes that a terminal sends for them.
    pub fn type_keys(&self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Pastes as a terminal does that was asked to mark what is pasted.
    pub fn paste(&self, text: &str) {
        assert!(self.seen(|seen| seen.screen().bracketed_paste()), "the program did not ask for marked pastes");
        self.type_keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    pub fn resize(&self, rows: u16, columns: u16) {
        self.lock().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size(rows, columns)).unwrap();
    }

    /// By number, for the real-time signals have no names.
    pub fn signal_number(&self, number: i32) {
        let kill = format!("kill -{number} {}", self.process.as_raw_nonzero());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.lock())
    }

    pub fn text(&self) -> String {
        self.seen(Seen::text)
    }

    /// Waits until the screen shows `text` somewhere in a line.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("`{text}`"), |seen| seen.text().contains(text));
    }

    #[track_caller]
    pub fn wait_until_gone(&self, text: &str) {
        self.wait_until(&format!("no `{text}`"), |seen| !seen.text().contains(text));
    }

    /// Waits until `is_met` says of what was seen that it is.
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_met: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut guard = self.lock();
        loop {
            if is_met(&guard) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || guard.has_ended {
                let how = if guard.has_ended { "the program ended" } else { "it did not come in time" };
                let screen = guard.text();
                drop(guard);
                panic!("waited for {what}: {how}; the screen:\n{screen}");
            }
            guard = self.shared.changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Types `keys` and gives the text that they send to the terminal's clipboard.
    #[track_caller]
    pub fn copy(&self, keys: &str) -> Vec<u8> {
        let before = self.seen(|seen| seen.copies().len());
        self.type_keys(keys);
        self.wait_until(&format!("a copy by `{keys}`"), |seen| seen.copies().len() > before);
        self.seen(|seen| seen.copies().swap_remove(before))
    }

    /// Waits for the end of the program and of its output.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let Ok(status) = self.exited.recv_timeout(PATIENCE) else {
            panic!("the program does not end; the screen:\n{}", self.text());
        };
        self.wait_until("the end of the output", |seen| seen.has_ended);
        status
    }

    /// Asserts that the terminal is as it was before the program began.
    #[track_caller]
    pub fn assert_given_back(&self) {
        assert_eq!(modes(&*self.master), self.modes_before, "the line discipline was changed");
        assert!(self.modes_before.contains("ICANON") && self.modes_before.contains("ECHO"));
        let problem = self.seen(|seen| {
            let screen = seen.screen();
            [
                (screen.alternate_screen(), "the main screen is not back"),
                (screen.hide_cursor(), "the cursor is hidden"),
                (screen.bracketed_paste(), "pastes are still marked"),
                (screen.mouse_protocol_mode() != MouseProtocolMode::None, "the mouse is still captured"),
            ]
            .into_iter()
            .find_map(|(is_left, problem)| is_left.then_some(problem))
        });
        assert_eq!(problem, None, "{}", self.text());
    }

    /// Whether keys are handed over one by one, unseen, as a whole screen needs it.
    pub fn is_raw(&self) -> bool {
        let modes = modes(&*self.master);
        !modes.contains("ICANON") && !modes.contains("ISIG") && !modes.contains("ECHO ")
    }

    /// The leader of the jobs that have the terminal now.
    pub fn foreground(&self) -> Pid {
        Pid::from_raw(self.master.process_group_leader().unwrap()).unwrap()
    }

    /// Takes the terminal away, as a window that is closed does; gives the program's end, which must come soon.
    #[track_caller]
    pub fn take_away(mut self) -> ExitStatus {
        self.reader.take().expect("it is taken here alone").join().unwrap();
        let exited = std::mem::replace(&mut self.exited, channel().1);
        let process = self.process;
        drop(self);
        exited.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            kill_process(process, Signal::KILL).unwrap();
            panic!("the program goes on without its terminal")
        })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    /// Ends the program, if a failed test has left it running.
    fn drop(&mut self) {
        if self.reader.is_some() && matches!(self.exited.try_recv(), Err(TryRecvError::Empty)) {
            // It may end by itself at this moment.
            let _ = kill_process(self.process, Signal::KILL);
        }
    }
}

/// Takes in what was read and answers what it asks; tells whether nothing more is to be read.
fn take_in(
    shared: &Shared,
    writer: &Mutex<Box<dyn Write + Send>>,
    chunk: &[u8],
    is_enough: &impl Fn(&Seen) -> bool,
) -> bool {
    let mut seen = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let unseen = seen.output.len().saturating_sub(WHERE.len() - 1);
    seen.output.extend_from_slice(chunk);
    seen.parser.process(chunk);
    seen.has_ended = chunk.is_empty();
    if memchr::memmem::find(&seen.output[unseen..], WHERE).is_some() {
        let (row, column) = seen.screen().cursor_position();
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        // A program that asked and has gone misses nothing.
        let _ = writer.write_all(format!("\x1b[{};{}R", row + 1, column + 1).as_bytes());
    }
    seen.has_ended || is_enough(&seen)
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// The flags of the line discipline, in words.
fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().expect("the terminal is there as long as its driver");
    format!("{:?} {:?} {:?} ", modes.input_flags, modes.output_flags, modes.local_flags)
}
