//! Deliveries in parallel, one after another, or interrupted, and the summary at the end.

use super::{deliveries, with_history};
use crate::support::closed_address;
use crate::support::recorder::{self, Recorder};
use crate::support::sandbox::{PROGRAM, Sandbox};
use crate::support::terminal::Terminal;
use hookglass::core::delivery::{Delivery, Ending, FailureKind};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

/// An app that responds 200 to each request, but only once `count` requests have arrived.
fn patient_app(count: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    std::thread::spawn(move || {
        loop {
            let mut waiting: Vec<TcpStream> = (0..count).map(|_| listener.accept().unwrap().0).collect();
            for stream in &mut waiting {
                let mut bytes = [0; 65536];
                let _ = stream.read(&mut bytes).unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
        }
    });
    port
}

#[test]
fn the_requested_number_of_deliveries_is_in_flight() {
    let sandbox = Sandbox::new();
    let port = patient_app(4);
    let ran = sandbox.run(&["send", "user.signup", "--times", "8", "--parallel", "4", "--to", &port]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.text().contains("\n8 of 8 delivered to "), "{}", ran.text());
}

#[test]
fn times_sends_the_whole_list_repeatedly_in_order() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    assert_eq!(sandbox.run(&["replay", "1-3", "--times", "2", "--rate", "1000/s", "--to", &app.port()]).code, Some(0));
    let ids: Vec<_> = app.all().iter().map(|request| request.value("webhook-id").unwrap()).collect();
    assert_eq!(ids, ["msg_1", "msg_2", "msg_3", "msg_1", "msg_2", "msg_3"]);
    assert_eq!(deliveries(&sandbox, 3).len(), 2);
}

#[test]
fn the_table_counts_each_kind_of_ending_and_the_exit_code_is_1() {
    let (sandbox, app) = (with_history(), Recorder::answering(vec![500, 200, 500], "no"));
    let ran = sandbox.run(&["replay", "1-3", "--to", &app.port()]);
    let cause = "hookglass: the app failed while it handled the event\n  seen  no\n  next  see the app's log";
    assert!(ran.code == Some(1) && ran.stderr.starts_with(cause), "{ran:?}");
    for part in [
        "event 1 responded 500 in ",
        "event 2 responded 200 in ",
        "\n1 of 3 delivered to ",
        "       2  responded 500\n",
    ] {
        assert!(ran.text().contains(part), "{part} in {}", ran.text());
    }
    let ran = sandbox.run(&["replay", "1-2", "--to", &closed_address().port().to_string()]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.text().contains("event 1 failed: nothing listens on `localhost:"), "{}", ran.text());
    assert!(ran.text().contains("       2  refused\n"), "{}", ran.text());
}

#[derive(serde::Deserialize)]
struct Line {
    source: String,
    event: Option<u64>,
    attempt: u32,
    manner: Option<String>,
    webhook_id: Option<String>,
    delivered: bool,
    status: Option<u16>,
    why: Option<String>,
    total_us: Option<u64>,
    kept: bool,
}

#[derive(serde::Deserialize)]
struct End {
    all: u64,
    done: u64,
    delivered: u64,
    stopped: bool,
    counts: Vec<Count>,
    p95_us: Option<u64>,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Count {
    count: u64,
    what: String,
}

#[test]
fn each_delivery_and_the_summary_are_json_objects() {
    let (sandbox, app) = (with_history(), Recorder::answering(vec![200, 422], ""));
    let ran = sandbox.run(&["replay", "1-2", "4", "--set", "id=x", "--json", "--to", &app.port()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let lines: Vec<&str> = ran.text().lines().collect();
    assert_eq!(lines.len(), 4);
    let line = |place: usize| serde_json::from_str::<Line>(lines[place]).unwrap();
    let first = line(0);
    assert_eq!((first.source.as_str(), first.event, first.attempt), ("event 1", Some(1), 1));
    assert_eq!((first.delivered, first.status, first.kept), (true, Some(200), true));
    assert_eq!(first.manner.as_deref(), Some("edited"));
    assert_eq!(first.webhook_id, app.next().value("webhook-id"));
    assert!(first.total_us.is_some());
    assert_eq!((line(1).delivered, line(1).status), (false, Some(422)));
    let refused = line(2);
    assert_eq!((refused.source.as_str(), refused.event), ("event 4", Some(4)));
    assert_eq!((refused.status, refused.kept), (None, false));
    assert!(refused.why.unwrap().contains("`--sign`"));
    let end: End = serde_json::from_str(lines[3]).unwrap();
    assert_eq!((end.all, end.done, end.delivered, end.stopped), (3, 3, 1, false));
    let count = |count, what: &str| Count { count, what: what.into() };
    assert_eq!(end.counts[..2], [count(1, "delivered"), count(1, "responded 422")]);
    assert!(end.p95_us.is_some());
}

#[test]
fn an_interrupt_starts_no_more_deliveries_and_prints_the_table() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    // The second delivery would start after 15 minutes.
    let child = sandbox.command(&["replay", "1-3", "--rate", "0.001/s", "--to", &app.port()]).spawn().unwrap();
    app.next();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("\n1 of 3 delivered to ") && text.contains("       2  left\n"), "{text}");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("hookglass: stopping: "));
    assert_eq!((deliveries(&sandbox, 1).len(), deliveries(&sandbox, 2).len()), (1, 0));
}

/// An app that never responds: its socket and its port.
fn silent_app() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

#[track_caller]
fn assert_stored_as_cancelled(sandbox: &Sandbox, output: Output) {
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("event 1 failed: cancelled: hookglass exited before `localhost:"), "{text}");
    assert!(
        text.contains("\n0 of 3 delivered to ") && text.contains("       1  cancelled\n       2  left\n"),
        "{text}"
    );
    let [delivery] = &deliveries(sandbox, 1)[..] else { panic!("one delivery") };
    assert_eq!(delivery.ending(), Ending::Failed(FailureKind::Cancelled));
    assert!(delivery.sent_headers.iter().any(|(name, value)| name == b"webhook-id" && value == b"msg_1"));
    assert!(deliveries(sandbox, 2).is_empty());
}

#[test]
fn a_second_interrupt_stores_deliveries_in_flight_as_cancelled() {
    let sandbox = with_history();
    let (listener, port) = silent_app();
    let mut child = sandbox.command(&["replay", "1-3", "--to", &port]).spawn().unwrap();
    let mut connection = listener.accept().unwrap().0;
    recorder::read(&mut connection).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut said = [0; 20];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert_eq!(&said, b"hookglass: stopping:");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_stored_as_cancelled(&sandbox, child.wait_with_output().unwrap());
}

#[test]
fn sigterm_stores_deliveries_in_flight_as_cancelled() {
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::ABORT] {
        let sandbox = with_history();
        let (listener, port) = silent_app();
        // The test runner may have been started with signals ignored.
        let arguments = ["--default-signal", PROGRAM, "replay", "1-3", "--to", &port];
        let child = sandbox.command_of("/usr/bin/env", &arguments).spawn().unwrap();
        let mut connection = listener.accept().unwrap().0;
        recorder::read(&mut connection).unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_stored_as_cancelled(&sandbox, child.wait_with_output().unwrap());
    }
}

#[test]
fn all_parallel_deliveries_in_flight_are_stored_as_cancelled() {
    let sandbox = with_history();
    let (listener, port) = silent_app();
    let arguments = ["replay", "1-3", "--parallel", "3", "--retry", "minutes", "--to", &port];
    let child = sandbox.command(&arguments).spawn().unwrap();
    let mut connections = [(); 3].map(|()| listener.accept().unwrap().0);
    for connection in &mut connections {
        recorder::read(connection).unwrap();
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("       3  cancelled\n") && !text.contains("next attempt"), "{text}");
    for seq in 1..=3 {
        let endings: Vec<_> = deliveries(&sandbox, seq).iter().map(Delivery::ending).collect();
        assert_eq!(endings, [Ending::Failed(FailureKind::Cancelled)]);
    }
}

/// A full pipe that nobody reads. The returned reader keeps it open.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    while writer.write(&[b'x'; 4096]).is_ok() {}
    while writer.write(b"x").is_ok() {}
    rustix::io::ioctl_fionbio(&writer, false).unwrap();
    (reader, writer)
}

#[test]
fn a_stalled_reader_does_not_prevent_the_exit() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let (_reader, stdout) = full_pipe();
    let mut child = sandbox.command(&["replay", "1-3", "--to", &app.port()]).stdout(stdout).spawn().unwrap();
    app.next();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_sending() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let mut child = sandbox.command(&["replay", "1-3", "--times", "1000000", "--to", &app.port()]).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn the_progress_is_on_the_terminal_when_stdout_goes_elsewhere() {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(200, ""));
    let script = format!("exec {PROGRAM} send user.signup --times 3 --to {} >out", app.port());
    let mut terminal = Terminal::start(sandbox.in_terminal("/bin/sh", &["-c", &script]), 24, 80);
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.text().contains("3 of 3 done, 0 not delivered"), "{}", terminal.text());
    let out = std::fs::read_to_string(sandbox.folder().join("out")).unwrap();
    assert!(out.contains("user.signup responded 200 in ") && !out.contains('\r'), "{out}");
}
