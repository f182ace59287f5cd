//! The targets of an event are decided when it is stored. Later changes of the secrets change its verdict, not its targets.

use crate::support::forwarding::{HeldApp, Running};
use crate::support::http::{Client, ask};
use crate::support::patience::PATIENCE;
use crate::support::webhook::Webhook;
use hookglass::core::delivery::ForwardMode;
use hookglass::core::signature::Verdict;

const OTHER_SECRET: &str = "whsec_YW5vdGhlci1rZXktZm9yLXRoZS10ZXN0cw==";

fn webhook(id: &str, secret: &str) -> Vec<u8> {
    Webhook { id, secret, ..Webhook::default() }.bytes()
}

/// The forwards in the history: event, target and state.
fn stored(running: &Running) -> Vec<(i64, String, String)> {
    let history = rusqlite::Connection::open(&running.path).unwrap();
    let mut statement = history.prepare("SELECT event, target, state FROM forward ORDER BY event, place").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn an_event_that_no_longer_verifies_while_it_is_queued_is_forwarded_all_the_same() {
    let app = HeldApp::start();
    let running = Running::start(app.forwarding(ForwardMode::After));
    running.keyring.add("second", OTHER_SECRET.to_owned());
    for id in ["msg_1", "msg_2", "msg_3"] {
        assert_eq!(ask(running.address, &webhook(id, OTHER_SECRET)).status, 201);
        // The others arrive while the app is busy.
        assert!(id != "msg_1" || app.arrivals.recv_timeout(PATIENCE).is_ok());
    }
    assert!(running.keyring.forget_last_added());
    running.verify_again();
    assert_eq!((running.event(3).summary.verdict, running.backlog.count()), (Verdict::Invalid, 3));
    let target = format!("http://{}/", app.address);
    let states = |state: &str| [1, 2, 3].map(|seq| (seq, target.clone(), state.to_owned())).to_vec();
    assert_eq!(stored(&running), states("pending"));

    drop(app.release);
    let events = running.delivered_events(3);
    assert_eq!((events, running.backlog.count()), (vec![1, 2, 3], 0));
    assert_eq!(stored(&running), states("ended"));
}

#[test]
fn a_sender_that_waits_gets_the_apps_response_whatever_becomes_of_the_secret() {
    let app = HeldApp::start();
    let running = Running::start(app.forwarding(ForwardMode::Through));
    running.keyring.add("second", OTHER_SECRET.to_owned());
    let mut senders = ["msg_1", "msg_2", "msg_3"].map(|id| {
        let mut sender = Client::connect(running.address);
        sender.send(&webhook(id, OTHER_SECRET));
        running.wait_for_events(1);
        assert!(id != "msg_1" || app.arrivals.recv_timeout(PATIENCE).is_ok());
        sender
    });
    assert!(running.keyring.forget_last_added());
    running.verify_again();
    drop(app.release);
    assert_eq!(senders.each_mut().map(|sender| sender.answer().status), [202, 202, 202]);
    (0..3).for_each(|_| drop(running.delivered()));
    assert_eq!(running.backlog.count(), 0);
}

#[test]
fn an_event_that_verifies_only_later_is_not_forwarded() {
    let app = HeldApp::start();
    let running = Running::start(app.forwarding(ForwardMode::After));
    let first = Webhook::default().secret;
    for (id, secret, status) in
        [("msg_1", first, 201), ("msg_2", first, 201), ("msg_3", OTHER_SECRET, 401), ("msg_4", first, 201)]
    {
        assert_eq!(ask(running.address, &webhook(id, secret)).status, status);
        assert!(id != "msg_1" || app.arrivals.recv_timeout(PATIENCE).is_ok());
    }
    running.keyring.add("second", OTHER_SECRET.to_owned());
    running.verify_again();
    assert_eq!((running.event(3).summary.verdict, running.backlog.count()), (Verdict::Verified, 3));
    drop(app.release);
    let events = running.delivered_events(3);
    assert_eq!((events, running.backlog.count()), (vec![1, 2, 4], 0));
}
