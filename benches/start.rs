//! Start to first frame, in a real pseudo-terminal: with an empty history, with 1,100,000 events, and a bare process for comparison. Then
//! how long that history loads, what memory it takes, and what an idle screen writes.
//!
//! `cargo bench --bench start` prints the median and the spread of [`RUNS`] starts each, in milliseconds, taken in turns so that all see
//! the same machine. A frame counts as shown when the last word of its footer has been written.
//!
//! Making the history takes a minute and 1 GB. `HOOKGLASS_BENCH_HISTORY` names a file that is made once and used again.
//! `HOOKGLASS_BENCH_PROGRAM` names another build to measure.

#[path = "histories/fill.rs"]
mod fill;
mod histories;

use fill::fill;
use histories::EVENTS;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::error::Error;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const RUNS: usize = 25;
/// The last word of the first frame.
const LAST_WORD: &[u8] = b"FOLLOW";
/// How long the idle screen is watched.
const IDLE: Duration = Duration::from_secs(10);

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let history = match std::env::var_os("HOOKGLASS_BENCH_HISTORY") {
        Some(path) => PathBuf::from(path),
        None => folder.path().join("history.db"),
    };
    if !history.exists() {
        fill(&history, EVENTS)?;
    }
    let empty = folder.path().join("empty.db");
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        times[0].push(start(&["--version"], b"hookglass")?);
        times[1].push(start(&["--port", "0", "--db", &empty.to_string_lossy()], LAST_WORD)?);
        times[2].push(start(&["--port", "0", "--db", &history.to_string_lossy()], LAST_WORD)?);
    }
    for (name, times) in ["bare process", "empty history", "1,100,000 events"].iter().zip(&mut times) {
        times.sort_unstable();
        println!(
            "{name:>18}: median {:6.2} ms, fastest {:6.2} ms, slowest {:6.2} ms",
            milliseconds(times[RUNS / 2]),
            milliseconds(times[0]),
            milliseconds(times[RUNS - 1]),
        );
    }
    let empty = loaded(&empty)?;
    let large = loaded(&history)?;
    println!("{:>18}: {:6.0} ms after the start", "all loaded", milliseconds(large.time));
    if let (Some(empty), Some(large)) = (empty.resident, large.resident) {
        let each = large.saturating_sub(empty) as f64 / EVENTS as f64;
        println!(
            "{:>18}: {each:6.1} bytes an event ({} MiB, {} MiB without events)",
            "resident",
            large >> 20,
            empty >> 20
        );
    }
    println!("{:>18}: {} bytes in {} s", "idle screen", large.idle_bytes, IDLE.as_secs());
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The program in a terminal.
struct Running {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    began: Instant,
    terminal: Box<dyn MasterPty + Send>,
}

impl Running {
    fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let pty = native_pty_system().openpty(PtySize { rows: 40, cols: 140, pixel_width: 0, pixel_height: 0 })?;
        let program = std::env::var_os("HOOKGLASS_BENCH_PROGRAM");
        let mut command = CommandBuilder::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_hookglass").into()));
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        // Nothing listens there, so no tunnel is found.
        command.env("NGROK_WEB_ADDR", "127.0.0.1:9");
        let mut reader = pty.master.try_clone_reader()?;
        let (sender, output) = channel();
        let began = Instant::now();
        let child = pty.slave.spawn_command(command)?;
        std::thread::spawn(move || {
            let mut chunk = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, output, began, terminal: pty.master })
    }

    /// Waits until it has written `awaited`.
    fn wait_for(&self, awaited: &[u8]) -> Result<Duration, Failure> {
        let mut written = Vec::new();
        while !written.windows(awaited.len()).any(|window| window == awaited) {
            match self.output.recv() {
                Ok(chunk) => written.extend(chunk),
                Err(_) => return Err(format!("it ended early: {}", String::from_utf8_lossy(&written)).into()),
            }
        }
        Ok(self.began.elapsed())
    }

    /// The bytes that it writes until it is quiet for `pause`, with the time of the last of them.
    fn until_quiet(&self, pause: Duration) -> (Vec<u8>, Duration) {
        let (mut written, mut last) = (Vec::new(), self.began.elapsed());
        loop {
            match self.output.recv_timeout(pause) {
                Ok(chunk) => {
                    written.extend(chunk);
                    last = self.began.elapsed();
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return (written, last),
            }
        }
    }

    fn end(mut self) -> Result<(), Failure> {
        // What has ended by itself takes no key.
        let _ = self.terminal.take_writer()?.write_all(b"q");
        self.child.wait()?;
        Ok(())
    }
}

/// Runs the program until it has written `awaited`, then ends it.
fn start(arguments: &[&str], awaited: &[u8]) -> Result<Duration, Failure> {
    let running = Running::start(arguments)?;
    let time = running.wait_for(awaited)?;
    running.end()?;
    Ok(time)
}

/// What a screen does once it has loaded its history.
struct Loaded {
    time: Duration,
    /// In bytes; known only on Linux.
    resident: Option<u64>,
    idle_bytes: usize,
}

fn loaded(history: &Path) -> Result<Loaded, Failure> {
    let running = Running::start(&["--port", "0", "--db", &history.to_string_lossy()])?;
    running.wait_for(LAST_WORD)?;
    // The last thing that it draws is the header without the progress.
    let (_, time) = running.until_quiet(Duration::from_millis(1500));
    let resident = running.child.process_id().and_then(resident);
    let watched = Instant::now();
    let mut idle_bytes = 0;
    while let Some(left) = IDLE.checked_sub(watched.elapsed()) {
        idle_bytes += running.output.recv_timeout(left).map_or(0, |chunk| chunk.len());
    }
    running.end()?;
    Ok(Loaded { time, resident, idle_bytes })
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}
