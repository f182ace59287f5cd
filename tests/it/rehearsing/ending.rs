//! An interrupted `hookglass rehearse` prints the results so far.

use super::{COUNT, End, in_json};
use crate::support::recorder;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::Webhook;
use hookglass::core::delivery::{Ending, FailureKind};
use hookglass::store::Reader;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Output};

/// A running rehearsal: the first request, the control, got a 201; the second one waits for a response.
struct Waiting {
    child: Child,
    second: TcpStream,
    /// Kept open until the test ends, so that no connection is refused.
    _listener: TcpListener,
}

impl Waiting {
    fn start(sandbox: &Sandbox, further: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let child = sandbox.command(&[&["rehearse", "--to", &port], further].concat()).spawn().unwrap();
        let mut first = listener.accept().unwrap().0;
        recorder::read(&mut first).unwrap();
        recorder::reply(&mut first, 201, "").unwrap();
        let mut second = listener.accept().unwrap().0;
        recorder::read(&mut second).unwrap();
        Self { child, second, _listener: listener }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Sends the first Ctrl-C and waits until hookglass reports it.
    fn interrupt(&mut self) {
        self.signal(Signal::INT);
        let mut talk = BufReader::new(self.child.stderr.as_mut().unwrap());
        let mut line = String::new();
        while !line.starts_with("hookglass: stopping: ") {
            line.clear();
            assert_ne!(talk.read_line(&mut line).unwrap(), 0, "the end of stderr");
        }
    }

    fn end(self) -> Ran {
        let Output { status, stdout, stderr } = self.child.wait_with_output().unwrap();
        Ran { code: status.code(), stdout, stderr: String::from_utf8(stderr).unwrap() }
    }
}

#[track_caller]
fn assert_stopped_early(ran: &Ran, count: usize) {
    let (lines, End { rehearsals, passed, cancelled, is_passed, .. }) = in_json(ran);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!((lines.len(), rehearsals, passed, cancelled, is_passed), (count, COUNT, count, COUNT - count, false));
}

#[test]
fn an_interrupt_waits_for_the_request_in_flight_and_prints_the_results_so_far() {
    let sandbox = Sandbox::new();
    for further in [&[][..], &["--json"]] {
        let mut waiting = Waiting::start(&sandbox, further);
        waiting.interrupt();
        recorder::reply(&mut waiting.second, 401, "").unwrap();
        let ran = waiting.end();
        if further.is_empty() {
            assert_eq!(ran.code, Some(1));
            let starts: Vec<_> = ran.text().lines().map(|line| line.split("  ").next().unwrap()).collect();
            assert_eq!(
                starts,
                [
                    "rehearsal",
                    "control",
                    "timestamps out of the window",
                    "expired",
                    "",
                    "30 rehearsals: 2 passed, 28 cancelled"
                ],
                "{}",
                ran.text()
            );
        } else {
            assert_stopped_early(&ran, 2);
        }
    }
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let mut waiting = Waiting::start(&Sandbox::new(), &["--json"]);
    waiting.interrupt();
    waiting.signal(Signal::INT);
    assert_stopped_early(&waiting.end(), 1);
}

#[test]
fn a_request_to_terminate_stores_the_request_in_flight_as_cancelled() {
    for signal in [Signal::TERM, Signal::USR1] {
        let sandbox = Sandbox::new();
        let mut listening = sandbox.listen(&[]);
        assert_eq!(Webhook::default().send(listening.address).status, 201);
        assert!(listening.stop().success());
        let waiting = Waiting::start(&sandbox, &["--event", "1", "--json"]);
        waiting.signal(signal);
        let ran = waiting.end();
        assert_stopped_early(&ran, 1);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        let kept = Reader::open(&sandbox.data().join("events.db")).unwrap().deliveries(1, usize::MAX).unwrap();
        let endings: Vec<_> = kept.iter().map(|delivery| delivery.ending()).collect();
        assert_eq!(endings, [Ending::Responded(201), Ending::Failed(FailureKind::Cancelled)]);
    }
}
