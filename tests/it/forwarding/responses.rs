//! In `through` mode the response to the sender is stored before it is sent. If none was decided, the history says so.

use crate::support::forwarding::{HeldApp, Running, to};
use crate::support::http::Client;
use crate::support::patience::PATIENCE;
use crate::support::recorder::Recorder;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use hookglass::core::delivery::{Ending, ForwardMode, Forwarding};
use hookglass::core::response::ResponseState;
use hookglass::store::Reader;

#[test]
fn a_response_is_stored_with_its_delivery_before_the_sender_has_it() {
    let app = Recorder::start(202, "");
    let running = Running::start(Forwarding { mode: ForwardMode::Through, ..to(&[app.address.to_string()]) });
    let reader = running.reader();
    for seq in 1..=50 {
        assert_eq!(Webhook::default().send(running.address).status, 202);
        let deliveries = reader.deliveries(seq, usize::MAX).unwrap();
        assert_eq!(deliveries.iter().map(|it| it.ending()).collect::<Vec<_>>(), [Ending::Responded(202)], "{seq}");
        assert_eq!(reader.event(seq).unwrap().unwrap().summary.response, ResponseState::Sent(202), "{seq}");
    }
}

#[test]
fn a_success_that_cannot_be_stored_is_an_error_for_the_sender() {
    let app = HeldApp::start();
    let running = Running::start(app.forwarding(ForwardMode::Through));
    let mut sender = Client::connect(running.address);
    sender.send(&Webhook::default().bytes());
    app.arrivals.recv_timeout(PATIENCE).unwrap();
    std::fs::remove_file(&running.path).unwrap();
    drop(app.release);
    let answer = sender.answer();
    assert_eq!((answer.status, answer.body.as_str()), (503, "the app's response could not be stored\n"));
}

#[test]
fn a_response_prevented_by_sigkill_is_unknown() {
    let (app, sandbox) = (HeldApp::start(), Sandbox::new());
    let through = ["--forward-to", &app.address.to_string(), "--forward-mode", "through"];
    let listening = sandbox.listen(&through);
    let mut sender = Client::connect(listening.address);
    sender.send(&Webhook::default().bytes());
    app.arrivals.recv_timeout(PATIENCE).unwrap();
    let shown = |what: &[&str]| sandbox.run(&[&["events"], what].concat()).text().to_owned();
    assert!(shown(&["--json"]).contains("\"status\":null,\"response\":\"pending\""));
    assert!(shown(&["show", "1"]).contains("no response yet"));

    // SIGKILL, so nothing can be stored any more.
    drop(listening);
    assert!(sender.read_response(true).is_none());
    let is_unknown = || {
        assert!(shown(&["--json"]).contains("\"status\":null,\"response\":\"unknown\""));
        assert!(shown(&["show", "1"]).contains("response unknown: hookglass ended first, or the history was damaged"));
    };
    is_unknown();
    let listening = sandbox.listen(&through);
    is_unknown();
    drop(listening);
    let reader = Reader::open(&sandbox.data().join("events.db")).unwrap();
    assert_eq!(reader.event(1).unwrap().unwrap().summary.response, ResponseState::Unknown);
}
