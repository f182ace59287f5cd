//! In `through` mode the sender gets the response of the app.

use crate::support::closed_address;
use crate::support::forwarding::{Bystander, Running, app, enough, short, to};
use crate::support::http::{Client, ask, post};
use crate::support::patience::PATIENCE;
use crate::support::recorder::Recorder;
use crate::support::webhook::{Webhook, body_of};
use hookglass::client::Limits;
use hookglass::core::delivery::{Ending, FailureKind, ForwardMode, Forwarded, Forwarding, MAX_RESPONSE_BODY};
use hookglass::core::response::ResponseState;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::channel;

fn through(routes: &[String]) -> Forwarding {
    Forwarding { mode: ForwardMode::Through, ..to(routes) }
}

/// An app that responds with these bytes and closes the connection.
fn answering(answer: impl Into<Vec<u8>>) -> String {
    let answer = answer.into();
    app(move |mut stream, _| stream.write_all(&answer).unwrap()).to_string()
}

#[test]
fn status_headers_and_body_of_the_app_reach_the_sender() {
    let app = answering(
        "HTTP/1.1 422 No\r\nX-App: one\r\nx-app: two\r\nContent-Encoding: gzip\r\nConnection: x-hop, close\r\nX-Hop: 1\r\n\
         Transfer-Encoding: chunked\r\n\r\n5\r\nnot g\r\n3\r\nzip\r\n0\r\n\r\n",
    );
    let running = Running::start(through(&[app]));
    let answer = Webhook::default().send(running.address);
    assert_eq!((answer.status, answer.body.as_str()), (422, "not gzip"), "nothing is decompressed");
    let apps = answer.headers.iter().filter(|(name, _)| name == "x-app").map(|(_, value)| value.as_str());
    assert_eq!(apps.collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!((answer.header("content-encoding"), answer.header("content-length")), (Some("gzip"), Some("8")));
    assert_eq!((answer.header("x-hop"), answer.header("transfer-encoding")), (None, None));
    let (delivery, status) = running.answered_through();
    assert_eq!((delivery.ending(), status), (Ending::Responded(422), 422));
    assert_eq!(&delivery.outcome.unwrap().body[..], b"not gzip");
}

#[test]
fn an_interceptor_gets_the_apps_decision() {
    let app = answering("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"decision\":\"DENY\"}");
    let running = Running::start(Forwarding { forwarded: Forwarded::All, ..through(&[app]) });
    let body = b"{\"trigger_point\":\"PRE_SIGNUP\",\"data\":{}}";
    let answer = ask(running.address, &post("", body));
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"decision\":\"DENY\"}"));
}

#[test]
fn the_first_matching_target_responds_and_the_others_get_the_event_too() {
    let (first, second, third) = (Recorder::start(202, "first"), Recorder::start(500, ""), Recorder::start(500, ""));
    let users = format!("user.*=http://{}", first.address);
    let running = Running::start(through(&[users, second.address.to_string(), third.address.to_string()]));
    let answer = Webhook::default().send(running.address);
    assert_eq!((answer.status, answer.body.as_str()), (202, "first"));
    drop((first.next(), second.next(), third.next()));
    let other = Webhook { body: &body_of("role.created", "evt_2"), ..Webhook::default() };
    assert_eq!(other.send(running.address).status, 500);
}

#[test]
fn events_that_are_not_forwarded_get_the_default_response() {
    let nobody = Bystander::new();
    let running = Running::start(through(&[format!("role.*=http://{}", nobody.address())]));
    assert_eq!(ask(running.address, &post("", b"{}")).status, 401);
    assert_eq!(Webhook::default().send(running.address).status, 201);
    let not_json = Webhook { body: b"role", ..Webhook::default() };
    assert_eq!(not_json.send(running.address).status, 400);
    nobody.assert_unvisited();
}

#[test]
fn an_override_takes_precedence_and_the_app_still_gets_the_event() {
    let app = Recorder::start(202, "");
    let limits = Limits::default();
    let running = Running::start_with(through(&[app.address.to_string()]), limits, Some("418"));
    assert_eq!(Webhook::default().send(running.address).status, 418);
    app.next();
    assert_eq!(running.delivered().ending(), Ending::Responded(202));
    assert_eq!(running.event(1).summary.response, ResponseState::Sent(418));
}

#[test]
fn an_app_that_is_down_becomes_502_with_the_reason() {
    let free = closed_address();
    let running = Running::start(through(&[free.to_string()]));
    let answer = Webhook::default().send(running.address);
    assert_eq!((answer.status, answer.body), (502, format!("nothing listens on `{free}`\n")));
    assert_eq!(answer.headers.iter().find(|(name, _)| name == "content-type").unwrap().1, "text/plain; charset=utf-8");
    assert_eq!(running.delivered().ending(), Ending::Failed(FailureKind::Refused));
}

#[test]
fn a_late_app_becomes_504_and_the_time_in_the_queue_counts() {
    const SENDERS: usize = 3;
    // It reads and never responds.
    let silent = app(|mut stream, _| drop(stream.read(&mut [0])));
    let running = Running::start_with(through(&[silent.to_string()]), short(), None);
    let mut senders: Vec<_> = (0..SENDERS).map(|_| Client::connect(running.address)).collect();
    for sender in &mut senders {
        sender.send(&Webhook::default().bytes());
    }
    for sender in &mut senders {
        let answer = sender.answer();
        assert_eq!(answer.status, 504, "{answer:?}");
        assert!(answer.body.ends_with('\n') && answer.body.lines().count() == 1, "{answer:?}");
    }
    for _ in 0..SENDERS {
        assert_eq!(running.delivered().ending(), Ending::Failed(FailureKind::TimedOut));
    }
}

#[test]
fn a_timeout_in_the_queue_is_not_blamed_on_the_app() {
    // It reads and never responds.
    let silent = app(|mut stream, _| drop(stream.read(&mut [0])));
    let running = Running::start_with(through(&[silent.to_string()]), enough(), None);
    // Both arrive before the first times out.
    let mut senders = [Client::connect(running.address), Client::connect(running.address)];
    for sender in &mut senders {
        sender.send(&Webhook::default().bytes());
    }
    let mut answers = senders.map(|mut sender| sender.answer().body);
    answers.sort_by_key(|answer| answer.contains("behind earlier events; raise `--forward-parallel`"));
    let [first, second] = answers;
    assert!(first.starts_with(&format!("no response from `{silent}` within ")) && first.ends_with(")\n"), "{first}");
    assert!(second.contains(" (queued for ") && second.ends_with("; raise `--forward-parallel`)\n"), "{second}");
    // The history has the status that the sender got.
    drop((running.delivered(), running.delivered()));
    let text = |seq| running.reader().deliveries(seq, 1).unwrap().remove(0).outcome.unwrap_err().text;
    assert_eq!([format!("{}\n", text(1)), format!("{}\n", text(2))], [first, second]);
}

#[test]
fn a_long_response_is_passed_on_truncated() {
    let head = format!("HTTP/1.1 203 Long\r\nContent-Length: {}\r\n\r\n", MAX_RESPONSE_BODY + 1);
    let running = Running::start(through(&[answering([head.as_bytes(), &vec![b'x'; MAX_RESPONSE_BODY + 1]].concat())]));
    let answer = Webhook::default().send(running.address);
    assert_eq!((answer.status, answer.body.len()), (203, MAX_RESPONSE_BODY));
}

#[test]
fn a_truncated_response_becomes_502_and_a_hanging_one_504() {
    let part = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    let running = Running::start(through(&[answering(part)]));
    let answer = Webhook::default().send(running.address);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (502, "the app's response was cut off after 3 bytes of its body\n")
    );

    let hanging = app(move |mut stream, _| {
        stream.write_all(part.as_bytes()).unwrap();
        drop(stream.read(&mut [0]));
    });
    let running = Running::start_with(through(&[hanging.to_string()]), enough(), None);
    let answer = Webhook::default().send(running.address);
    assert_eq!((answer.status, answer.body.contains("timed out after 3 bytes")), (504, true), "{answer:?}");
}

#[test]
fn deliveries_in_flight_at_the_end_are_stored_as_cancelled() {
    for mode in ForwardMode::ALL {
        let (arrived, arrivals) = channel();
        let arrived = Mutex::new(arrived);
        let silent = app(move |mut stream: TcpStream, _| {
            arrived.lock().unwrap().send(()).unwrap();
            drop(stream.read(&mut [0]));
        });
        let mut running = Running::start(Forwarding { mode, ..to(&[silent.to_string()]) });
        let mut sender = Client::connect(running.address);
        sender.send(&Webhook::default().bytes());
        arrivals.recv_timeout(PATIENCE).unwrap();
        running.end();
        let status = if mode == ForwardMode::After { 201 } else { 503 };
        assert_eq!(sender.answer().status, status);
        let deliveries = running.reader().deliveries(1, usize::MAX).unwrap();
        assert_eq!(deliveries.len(), 1, "{mode:?}");
        assert_eq!(deliveries[0].ending(), Ending::Failed(FailureKind::Cancelled));
        assert!(!deliveries[0].sent_headers.is_empty() && deliveries[0].timing.connected_us.is_some());
        assert_eq!(running.event(1).summary.response, ResponseState::Sent(status));
    }
}

#[test]
fn a_sender_that_disconnects_affects_neither_its_event_nor_others() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let (arrived, arrivals) = channel();
    let arrived = Mutex::new(arrived);
    let slow = app(move |mut stream: TcpStream, _| {
        arrived.lock().unwrap().send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let running = Running::start(through(&[slow.to_string()]));
    let mut sender = Client::connect(running.address);
    sender.send(&Webhook::default().bytes());
    arrivals.recv_timeout(PATIENCE).unwrap();
    drop(sender);
    drop(release);
    assert_eq!(running.delivered().ending(), Ending::Responded(200));
    assert_eq!(Webhook::default().send(running.address).status, 200);
}
