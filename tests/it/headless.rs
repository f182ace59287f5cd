//! Listening without a screen: lines for people, JSON for scripts.

use crate::support::http::{Client, ask, post};
use crate::support::patience::PATIENCE;
use crate::support::recorder::Recorder;
use crate::support::sandbox::{Listening, PROGRAM, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use rustix::process::Signal;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;

#[test]
fn each_event_is_printed_as_one_line() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(listening.first, format!("listening on http://{}", listening.address));
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let line = listening.line();
    assert!(line.contains("verified") && line.contains("user.signup") && line.contains("jane@example.com"), "{line}");
    let old = Webhook { age_s: 3600, id: "msg_old", ..Webhook::default() };
    assert_eq!(old.send(listening.address).status, 401);
    let line = listening.line();
    assert!(line.contains("invalid (timestamp-too-old)") && line.ends_with("401"), "{line}");
    assert!(listening.stop().success());
}

#[test]
fn json_lines_have_their_fields_in_order() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&["--json"]);
    assert_eq!(listening.first, format!("{{\"listening\":\"http://{}\"}}", listening.address));
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let line = listening.line();
    let (start, rest) = line.split_once("\"received_at\":\"").unwrap();
    let (time, rest) = rest.split_once('"').unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_eq!(start, "{\"seq\":1,");
    assert_eq!(
        rest,
        format!(
            ",\"method\":\"POST\",\"path\":\"/webhooks/scalekit\",\"webhook_id\":\"msg_2aBcDeFgHiJ\",\
             \"event_id\":\"evt_0123456789\",\"type\":\"user.signup\",\"verdict\":\"verified\",\"reason\":null,\
             \"size\":{},\"status\":201,\"response\":\"sent\"}}",
            BODY.len()
        )
    );
    assert_eq!(ask(listening.address, &post("", b"x")).status, 401);
    assert!(listening.line().contains("\"type\":null,\"verdict\":\"unsigned\",\"reason\":\"unsigned\""));
    assert!(listening.stop().success());
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_program_quietly() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["--json", "--port", "0"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    let address = crate::support::sandbox::address_in(first.trim_end());
    assert_eq!(Webhook::default().send(address).status, 201);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn a_slow_reader_loses_nothing() {
    const CONNECTIONS: usize = 4;
    const EACH: usize = 1500;
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["--json", "--port", "0", "--ephemeral"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let address = crate::support::sandbox::address_in(first.trim_end());
    // More than the pipe and the queue of the printer can hold. All are acknowledged before anything is read.
    let request = post("", &body_of("user.login", "evt_1"));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut client = Client::connect(address);
                client.send(&request.repeat(EACH));
                for _ in 0..EACH {
                    assert_eq!(client.answer().status, 401);
                }
            });
        }
    });
    for seq in 1..=CONNECTIONS * EACH {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("{{\"seq\":{seq},")), "{line}");
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn events_acknowledged_during_shutdown_are_printed() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&["--json", "--forward-to", "1", "--forward", "all"]);
    let request = post("", &body_of("user.login", "evt_1"));
    let (begin, end) = request.split_at(request.len() - 1);
    let mut client = Client::connect(listening.address);
    client.send(begin);
    let mut resting = Client::connect(listening.address);
    resting.send(&request);
    assert_eq!(resting.answer().status, 401);
    assert!(listening.line().starts_with("{\"seq\":1,"));
    listening.signal(Signal::TERM);
    assert!(resting.is_ended(), "the connection was not closed");
    assert!(TcpStream::connect(listening.address).is_err(), "it still accepts connections");
    client.send(end);
    assert_eq!(client.answer().status, 401);
    assert!(listening.wait().success());
    assert!(listening.line().starts_with("{\"seq\":2,"));
}

#[test]
fn with_nohup_the_program_outlives_its_terminal() {
    let sandbox = Sandbox::new();
    let script = "trap '' HUP; exec \"$0\" --headless --port 0";
    let mut listening = Listening::start(sandbox.command_of("/bin/sh", &["-c", script, PROGRAM]));
    listening.signal(Signal::HUP);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("verified"));
    assert!(listening.stop().success());
}

#[test]
fn without_a_terminal_on_stdout_lines_are_printed() {
    let sandbox = Sandbox::new();
    let mut listening = Listening::start(sandbox.command(&["--port", "0"]));
    assert!(listening.first.starts_with("listening on http://127.0.0.1:"));
    assert!(listening.stop().success());
}

#[test]
fn a_missing_secret_is_reported() {
    let sandbox = Sandbox::bare();
    let listening = sandbox.listen(&[]);
    assert!(listening.talk().contains("no signing secret, so events are unchecked"));
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("unchecked"));
}

#[test]
fn the_response_can_be_overridden_on_the_command_line() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--override", "503"]);
    assert_eq!(Webhook::default().send(listening.address).status, 503);
    assert!(listening.line().ends_with("503"));
    assert!(listening.talk().contains("every event gets 503"));
}

#[test]
fn overrides_are_reported_at_startup_and_when_they_end() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--json", "--override", "drop next:1", "--override", "deny:\"no way\" delay:4s"]);
    assert_eq!(
        listening.talk(),
        "hookglass: override: the next event gets no response: hookglass closes the connection"
    );
    assert_eq!(listening.talk(), "hookglass: override: every interceptor gets DENY \"no way\" after 4 s");
    assert_eq!(listening.talk(), "hookglass: the provider waits only 3 to 5 s for a decision");
    let mut client = Client::connect(listening.address);
    client.send(&Webhook::default().bytes());
    assert!(client.is_ended());
    assert!(listening.line().ends_with("\"status\":null,\"response\":\"none\"}"));
    assert_eq!(listening.talk(), "hookglass: override used up; still on: DENY +4s");
    assert_eq!(Webhook::default().send(listening.address).status, 201);
}

#[test]
fn an_invalid_override_is_refused_before_listening() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["--headless", "--port", "0", "--override", "503 delay:3"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("column 11: expected a time from `1ms` to `60s`"), "{}", ran.stderr);
}

#[test]
fn each_forward_is_reported_with_its_response_and_the_address_that_gave_it() {
    let app = Recorder::start(202, "");
    let sandbox = Sandbox::new();
    let port = app.address.port();
    for (host, peer) in [("127.0.0.1", ""), ("localhost", " (127.0.0.1:PORT)")] {
        let listening = sandbox.listen(&["--forward-to", &format!("http://{host}:{port}")]);
        assert_eq!(Webhook::default().send(listening.address).status, 201);
        assert_eq!(app.next().body, BODY);
        let talk = listening.talk();
        let peer = peer.replace("PORT", &port.to_string());
        let begin = format!("forwarded to http://{host}:{port}/{peer}: responded 202 in ");
        assert!(talk.starts_with("hookglass: event ") && talk.contains(&begin) && talk.ends_with('s'), "{talk}");
    }
}

#[test]
fn a_stalled_reader_delays_neither_senders_nor_shutdown() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["--json", "--port", "0"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let address = crate::support::sandbox::address_in(first.trim_end());
    // More lines than a pipe holds. Nobody reads them.
    let mut client = Client::connect(address);
    for _ in 0..600 {
        client.send(&post("", b"x"));
        assert_eq!(client.answer().status, 401);
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait().unwrap().code()).unwrap());
    assert_eq!(end.recv_timeout(PATIENCE), Ok(Some(0)));
    drop(stdout);
}

#[test]
fn a_flood_of_refused_requests_is_counted() {
    const REQUESTS: usize = 600;
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    for _ in 0..REQUESTS {
        assert_eq!(ask(listening.address, b"no request\r\n\r\n").status, 400);
    }
    assert!(listening.stop().success());
    let lines = listening.rest_of_talk();
    let told = lines.iter().filter(|line| line.starts_with("hookglass: refused with 400: ")).count();
    let counted = lines.iter().filter_map(|line| line.strip_prefix("hookglass: … ")?.split(' ').next());
    let counted: usize = counted.map(|count| count.parse::<usize>().unwrap()).sum();
    assert!(told >= 10 && counted > 0 && told + counted == REQUESTS, "{lines:?}");
}

#[test]
fn an_unreadable_body_does_not_hide_the_list() {
    let sandbox = Sandbox::bare();
    let mut listening = sandbox.listen(&["--db", "events.db"]);
    assert_eq!(ask(listening.address, &post("", &vec![b'q'; 200_000])).status, 400);
    assert_eq!(ask(listening.address, &post("", b"{}")).status, 201);
    assert!(listening.stop().success());
    let path = sandbox.folder().join("events.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The pages that hold nothing but a part of the body and the number of the next such page.
    let pages = bytes.chunks_mut(16_384).filter(|page| page[4..].iter().all(|byte| *byte == b'q'));
    let broken = pages.map(|page| page[..4].fill(0xff)).count();
    assert!(broken > 0);
    std::fs::write(&path, bytes).unwrap();
    let shown = sandbox.run(&["events", "show", "1", "--db", "events.db"]);
    assert_eq!(shown.code, Some(2), "{shown:?}");
    let listed = sandbox.run(&["events", "--db", "events.db"]);
    assert_eq!((listed.code, listed.text().lines().count()), (Some(0), 2), "{listed:?}");
}
