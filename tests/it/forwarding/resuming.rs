//! Forwards that were pending when hookglass ended: the next start offers or resumes them.

use crate::support::forwarding::app;
use crate::support::recorder::{Recorded, reply};
use crate::support::sandbox::{Listening, Sandbox};
use crate::support::webhook::Webhook;
use rustix::process::Signal;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

/// An app that does not respond to the first request, as long as the test runs.
struct App {
    address: SocketAddr,
    requests: Receiver<Recorded>,
}

impl App {
    fn start() -> Self {
        let (arrived, requests) = channel();
        let (arrived, held) = (Mutex::new(arrived), Arc::<Mutex<Option<TcpStream>>>::default());
        let address = app(move |mut stream, request| {
            // The test may be over.
            let _ = arrived.lock().unwrap().send(request);
            let mut held = held.lock().unwrap();
            if held.is_none() {
                *held = Some(stream);
            } else {
                let _ = reply(&mut stream, 200, "");
            }
        });
        Self { address, requests }
    }

    /// The ids of the next `count` requests.
    fn ids(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.requests.recv().unwrap().value("webhook-id").unwrap()).collect()
    }
}

fn send(listening: &Listening, ids: &[&str]) {
    for id in ids {
        assert_eq!(Webhook { id, ..Webhook::default() }.send(listening.address).status, 201);
    }
}

#[test]
fn what_was_queued_is_offered_and_forwarded_only_on_request() {
    let (app, sandbox) = (App::start(), Sandbox::new());
    let to = app.address.to_string();
    let mut first = sandbox.listen(&["--forward-to", &to]);
    send(&first, &["msg_1", "msg_2", "msg_3"]);
    let received = app.requests.recv().unwrap();
    assert_eq!(received.value("webhook-id").unwrap(), "msg_1");
    assert!(first.stop().success());

    let unknown = format!(
        "hookglass: event 1 was on the way to `http://{to}/` when hookglass ended: outcome unknown; `hookglass replay 1 --to \
         'http://{to}/'` sends it again"
    );
    // Not to other targets, and not unasked.
    let mut elsewhere = sandbox.listen(&["--forward-to", "127.0.0.1:9", "--resume-forwarding"]);
    assert!(elsewhere.stop().success());
    assert_eq!(elsewhere.rest_of_talk(), Vec::<String>::new());
    let mut asking = sandbox.listen(&["--forward-to", &to]);
    let queued = asking.talk();
    let (told, hint) = queued.split_once(" ago; ").unwrap_or_else(|| panic!("{queued}"));
    let expected =
        format!("hookglass: 2 events were still queued for `http://{to}/` when hookglass ended; the oldest arrived ");
    assert!(told.starts_with(&expected), "{queued}");
    assert_eq!(hint, "`--resume-forwarding` forwards them at startup");
    assert_eq!(asking.talk(), unknown);
    assert!(asking.stop().success());

    // In the order of arrival, signed again, and before what arrives now.
    let mut resuming = sandbox.listen(&["--forward-to", &to, "--resume-forwarding"]);
    assert!(resuming.talk().ends_with(" ago; hookglass forwards them now"));
    assert_eq!(resuming.talk(), unknown);
    send(&resuming, &["msg_4"]);
    let resumed = app.requests.recv().unwrap();
    assert_eq!(resumed.value("webhook-id").unwrap(), "msg_2");
    assert!(resumed.is_verified() && resumed.value("hookglass-delivery").as_deref() == Some("resigned"));
    assert_eq!(app.ids(2), ["msg_3", "msg_4"]);
    for event in [2, 3, 4] {
        assert!(resuming.talk().starts_with(&format!("hookglass: event {event} forwarded to ")));
    }
    assert!(resuming.stop().success());

    // The user re-delivers the unknown one, so nothing is left.
    assert!(sandbox.run(&["replay", "1", "--to", &to]).code == Some(0));
    assert_eq!(app.ids(1), ["msg_1"]);
    let mut last = sandbox.listen(&["--forward-to", &to, "--resume-forwarding"]);
    assert!(last.stop().success());
    assert_eq!(last.rest_of_talk(), Vec::<String>::new());
}

#[test]
fn after_sigkill_what_may_have_been_in_flight_is_unknown() {
    let (app, sandbox) = (App::start(), Sandbox::new());
    let to = app.address.to_string();
    let mut killed = sandbox.listen(&["--forward-to", &to]);
    send(&killed, &["msg_1", "msg_2"]);
    assert_eq!(app.ids(1), ["msg_1"]);
    killed.signal(Signal::KILL);
    assert!(!killed.wait().success());
    let mut listening = sandbox.listen(&["--forward-to", &to, "--resume-forwarding"]);
    let told = listening.talk();
    let expected =
        format!("hookglass: events 1-2 were on the way to `http://{to}/` when hookglass ended: outcome unknown");
    assert!(told.starts_with(&expected), "{told}");
    assert!(listening.stop().success());
    assert!(app.requests.try_recv().is_err(), "an event that may have arrived was sent unasked");
}

#[test]
fn what_may_have_arrived_stays_unknown_until_it_is_delivered() {
    let (arrived, requests) = channel();
    let (arrived, held) = (Mutex::new(arrived), Mutex::new(Vec::new()));
    // It never responds.
    let address = app(move |stream, _| {
        held.lock().unwrap().push(stream);
        // The test may be over.
        let _ = arrived.lock().unwrap().send(());
    });
    let (to, sandbox) = (address.to_string(), Sandbox::new());
    let mut killed = sandbox.listen(&["--forward-to", &to]);
    send(&killed, &["msg_1", "msg_2"]);
    requests.recv().unwrap();
    killed.signal(Signal::KILL);
    assert!(!killed.wait().success());
    // The user sends both. The first is in flight and the second waits for it when hookglass ends.
    let mut screen = sandbox.open(&["--forward-to", &to]).terminal;
    screen.wait_for("events 1-2 were on the way");
    screen.type_keys("a");
    requests.recv().unwrap();
    screen.type_keys("q");
    screen.wait_for("2 deliveries are pending");
    screen.type_keys("y");
    assert!(screen.wait_for_end().success());
    let mut listening = sandbox.listen(&["--forward-to", &to]);
    let told = listening.talk();
    assert!(told.starts_with("hookglass: events 1-2 were on the way") && told.contains("outcome unknown"), "{told}");
    assert!(listening.stop().success());
    assert_eq!(listening.rest_of_talk(), Vec::<String>::new());
}
