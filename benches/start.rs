//! Start to first frame, in a real pseudo-terminal: with an empty history, with 100,000 events, and a bare process for comparison.
//!
//! `cargo bench --bench start` prints the median and the spread of [`RUNS`] starts each, in milliseconds, taken in turns so that all see
//! the same machine. A frame counts as shown when the last word of its footer has been written.

use hookglass::core::envelope;
use hookglass::core::event::{Arrival, NewEvent};
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::core::signature::{Keyring, verify_request};
use hookglass::store::{Queue, Store};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const RUNS: usize = 25;
const EVENTS: usize = 100_000;
/// The last word of the first frame.
const LAST_WORD: &[u8] = b"FOLLOW";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let history = folder.path().join("history.db");
    fill(&history)?;
    let empty = folder.path().join("empty.db");
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        times[0].push(start(&["--version"], b"hookglass")?);
        times[1].push(start(&["--port", "0", "--db", &empty.to_string_lossy()], LAST_WORD)?);
        times[2].push(start(&["--port", "0", "--db", &history.to_string_lossy()], LAST_WORD)?);
    }
    for (name, times) in ["bare process", "empty history", "100,000 events"].iter().zip(&mut times) {
        times.sort_unstable();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{name:>15}: median {:6.2} ms, fastest {:6.2} ms, slowest {:6.2} ms",
            milliseconds(times[RUNS / 2]),
            milliseconds(times[0]),
            milliseconds(times[RUNS - 1]),
        );
    }
    Ok(())
}

/// Runs the program until it has written `awaited`, then ends it.
fn start(arguments: &[&str], awaited: &[u8]) -> Result<Duration, Box<dyn Error>> {
    let pty = native_pty_system().openpty(PtySize { rows: 40, cols: 140, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hookglass"));
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    let mut reader = pty.master.try_clone_reader()?;
    let mut writer = pty.master.take_writer()?;
    let began = Instant::now();
    let mut child = pty.slave.spawn_command(command)?;
    let mut written = Vec::new();
    let mut chunk = [0; 65536];
    while !written.windows(awaited.len()).any(|window| window == awaited) {
        let count = reader.read(&mut chunk)?;
        if count == 0 {
            return Err(format!("it ended early: {}", String::from_utf8_lossy(&written)).into());
        }
        written.extend_from_slice(&chunk[..count]);
    }
    let time = began.elapsed();
    // What has ended by itself takes no key.
    let _ = writer.write_all(b"q");
    // Whatever else it writes is read, or it would wait for that.
    std::thread::spawn(move || while reader.read(&mut chunk).is_ok_and(|count| count > 0) {});
    child.wait()?;
    Ok(time)
}

/// Makes a history of [`EVENTS`] events of about 1 KB.
fn fill(path: &Path) -> Result<(), Box<dyn Error>> {
    let (writer, task) = Store::open(path)?.into_writer(Queue::default(), Arc::new(()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let writing = tokio::spawn(task.run());
        let mut appends = tokio::task::JoinSet::new();
        for number in 0..EVENTS {
            let (writer, judged) = (writer.clone(), judged(number)?);
            appends.spawn(async move { writer.append(judged).await });
            if appends.len() >= 512 {
                appends.join_next().await.expect("some are running")??;
            }
        }
        while let Some(appended) = appends.join_next().await {
            appended??;
        }
        drop(writer);
        writing.await?;
        Ok(())
    })
}

fn judged(number: usize) -> Result<NewEvent, Box<dyn Error>> {
    let head = format!("POST /webhooks/scalekit HTTP/1.1\r\nhost: localhost\r\nwebhook-id: msg_{number}\r\n\r\n");
    let body = format!(
        "{{\"id\":\"evt_{number}\",\"type\":\"user.{}\",\"data\":{{\"email\":\"user{number}@example.com\",\"pad\":\"{:800}\"}}}}",
        number % 40,
        ""
    );
    let received_at = jiff::Timestamp::from_second(1_900_000_000 + i64::try_from(number)?)?;
    let arrival = Arrival { received_at, head: Head::parse(head.as_bytes())?, body: body.into() };
    let headers = arrival.head.headers();
    let verification = verify_request(&headers, &arrival.body, received_at.as_millisecond(), &Keyring::default());
    drop(headers);
    let envelope = envelope::read(&arrival.body).unwrap_or_default();
    let size = arrival.body.len() as u64;
    Ok(NewEvent {
        arrival,
        envelope,
        verification,
        size,
        response: ResponseState::Sent(201),
        forwards: Vec::new(),
        directive: None,
        annotation: Default::default(),
    })
}
