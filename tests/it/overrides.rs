//! Overrides over real sockets: each kind, counted exactly, and none that outlives its sender or the listener.

use crate::support::http::{Client, ask, post};
use crate::support::ingest::Ingest;
use crate::support::patience::PATIENCE;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::core::response::ResponseState::{self, Sent};
use hookglass::listener::Settings;
use std::time::Duration;
use tempfile::TempDir;

const LOGIN: &[u8] = b"{\"type\":\"user.login\"}";
const ROLE: &[u8] = b"{\"type\":\"role.created\"}";
const SIGNUP: &[u8] = b"{\"trigger_point\":\"PRE_SIGNUP\"}";

struct Responding {
    _folder: TempDir,
    ingest: Ingest,
    answers: SharedOverrides,
}

fn start(answers: &[&str]) -> Responding {
    start_with(Settings::default(), answers)
}

fn start_with(settings: Settings, answers: &[&str]) -> Responding {
    let folder = tempfile::tempdir().unwrap();
    let answers = SharedOverrides::new(answers.iter().map(|text| text.parse().unwrap()));
    let ingest = Ingest::start_responding(&folder.path().join("history.db"), settings, answers.clone());
    Responding { _folder: folder, ingest, answers }
}

/// Starts a listener on a paused clock, with time limits that the longest delay exceeds.
fn start_on_a_held_clock(answers: &[&str]) -> Responding {
    let folder = tempfile::tempdir().unwrap();
    let answers = SharedOverrides::new(answers.iter().map(|text| text.parse().unwrap()));
    let settings = Settings {
        head_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(5),
        ..Settings::default()
    };
    let path = folder.path().join("history.db");
    let ingest = Ingest::start_responding_on_a_held_clock(&path, settings, answers.clone());
    Responding { _folder: folder, ingest, answers }
}

impl Responding {
    fn status(&self, body: &[u8]) -> u16 {
        ask(self.ingest.address, &post("", body)).status
    }

    /// A client whose request is stored and whose response is delayed, although a later request got its response.
    fn held(&self, body: &[u8]) -> Client {
        let mut client = Client::connect(self.ingest.address);
        client.send(&post("", body));
        assert_eq!(self.ingest.next_stored().response, Sent(503));
        assert_eq!(ask(self.ingest.address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
        assert!(client.is_waiting(), "the response was not delayed");
        client
    }

    fn stored_override(&self, seq: u64) -> Option<String> {
        self.ingest.reader().event(seq).unwrap().unwrap().override_text
    }

    fn stored_response(&self, seq: u64) -> ResponseState {
        self.ingest.reader().event(seq).unwrap().unwrap().summary.response
    }
}

#[test]
fn an_override_applies_to_the_next_events_of_its_type_and_then_ends() {
    let listening = start(&["503 next:2 type:user.*"]);
    let statuses = [ROLE, LOGIN, ROLE, LOGIN, LOGIN].map(|body| listening.status(body));
    assert_eq!(statuses, [201, 503, 201, 503, 201]);
    let kept = statuses.map(|_| listening.ingest.next_stored().response);
    assert_eq!(kept, statuses.map(Sent));
    listening.answers.set("422".parse().unwrap());
    assert_eq!(listening.status(ROLE), 422);
}

#[test]
fn an_override_is_counted_exactly_under_concurrency() {
    const SENDERS: usize = 8;
    const EACH: usize = 5;
    let listening = start(&["503 next:17"]);
    let address = listening.ingest.address;
    let refused: usize = std::thread::scope(|scope| {
        let send = || (0..EACH).filter(|_| ask(address, &post("", LOGIN)).status == 503).count();
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!(refused, 17);
    assert!(listening.answers.get().is_off());
}

#[test]
fn an_interceptor_gets_the_decision_and_a_webhook_the_general_override() {
    let listening = start(&["deny:\"no \\\"way\\\"\" next:1", "500"]);
    let denied = ask(listening.ingest.address, &post("", SIGNUP));
    assert_eq!((denied.status, denied.header("content-type")), (200, Some("application/json")));
    assert_eq!(denied.body, r#"{"decision":"DENY","error":{"message":"no \"way\""}}"#);
    assert_eq!((listening.status(LOGIN), listening.status(SIGNUP)), (500, 500));
    listening.answers.set("default".parse().unwrap());
    listening.answers.set("deny:no".parse().unwrap());
    listening.answers.set("allow".parse().unwrap());
    assert_eq!(ask(listening.ingest.address, &post("", SIGNUP)).body, "{\"decision\":\"ALLOW\"}");
    assert_eq!(listening.status(LOGIN), 201);
    let orders: Vec<_> = (1..=5).map(|seq| listening.stored_override(seq)).collect();
    let orders: Vec<_> = orders.iter().map(|order| order.as_deref()).collect();
    assert_eq!(orders, [Some("deny:\"no \\\"way\\\"\""), Some("500"), Some("500"), Some("allow"), None]);
}

#[test]
fn a_status_override_has_no_body_and_keeps_the_connection_open() {
    let listening = start(&[]);
    let mut client = Client::connect(listening.ingest.address);
    for status in [204, 205, 304, 302, 200, 400, 401, 599] {
        listening.answers.set(status.to_string().parse().unwrap());
        client.send(&post("", LOGIN));
        let answer = client.answer();
        assert_eq!((answer.status, answer.body.as_str()), (status, ""));
    }
}

#[test]
fn drop_closes_the_connection_without_a_response_and_stores_no_status() {
    for setting in ["drop next:1", "drop next:1 delay:1ms"] {
        let listening = start(&[setting]);
        let mut client = Client::connect(listening.ingest.address);
        client.send(&post("", LOGIN));
        assert!(client.is_ended(), "{setting}");
        let kept = listening.ingest.next_stored();
        assert_eq!((kept.response, kept.event_type.as_deref()), (ResponseState::None, Some("user.login")));
        assert_eq!(listening.stored_response(kept.seq), ResponseState::None);
        assert_eq!(listening.stored_override(kept.seq).as_deref(), Some(setting.replace(" next:1", "").as_str()));
        assert_eq!(listening.status(LOGIN), 201, "{setting}");
    }
}

#[test]
fn overrides_do_not_apply_to_pages() {
    let listening = start(&["drop"]);
    for method in ["GET", "DELETE"] {
        let answer = ask(listening.ingest.address, format!("{method} / HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert!([200, 405].contains(&answer.status), "{method}");
    }
}

#[test]
fn a_delayed_event_is_stored_at_once_and_its_response_sent_when_the_listener_stops() {
    let listening = start(&["503 delay:60s"]);
    let mut client = listening.held(LOGIN);
    let path = listening.ingest.path.clone();
    listening.ingest.stop();
    assert_eq!(client.answer().status, 503);
    let kept = hookglass::store::Reader::open(&path).unwrap().event(1).unwrap().unwrap();
    assert_eq!((kept.summary.response, listening.answers.get().left), (Sent(503), 0));
}

#[tokio::test]
async fn a_delayed_response_ends_with_its_sender_and_the_history_shows_none() {
    let listening = start_with(Settings { max_connections: 2, ..Settings::default() }, &["503 delay:60s next:2"]);
    let mut changes = listening.answers.changes();
    // One sender closes the connection; the other closes only its sending side.
    for end in [drop::<Client>, |mut client: Client| {
        client.end_sending();
        assert!(client.is_ended());
    }] {
        let client = listening.held(LOGIN);
        let left = listening.answers.get().left;
        end(client);
        let told = changes.wait_for(|answers| answers.left == left + 1);
        drop(tokio::time::timeout(PATIENCE, told).await.expect("the departure is reported").unwrap());
        let seq = listening.answers.get().last_left.unwrap();
        assert_eq!(listening.stored_response(seq), ResponseState::SenderLeft, "{seq}");
    }
    // Its connection slot is free again.
    listening.answers.set("503 delay:60s next:1".parse().unwrap());
    listening.held(LOGIN);
}

#[test]
fn no_timeout_ends_a_delayed_or_slow_response() {
    let listening = start_on_a_held_clock(&[]);
    for setting in ["503 delay:60s", "503 slow:60s", "503 delay:30s slow:30s"] {
        listening.answers.set(setting.parse().unwrap());
        let mut client = Client::connect(listening.ingest.address);
        client.send(&post("", LOGIN));
        listening.ingest.next_stored();
        let (answer, is_ended) = listening.ingest.clock().pass_while(|| (client.answer(), client.is_ended()));
        assert_eq!(answer.status, 503, "{setting}");
        assert_eq!(answer.body.is_empty(), !setting.contains("slow"), "{setting}");
        assert!(is_ended, "the connection stays open too long: {setting}");
    }
}

#[test]
fn pipelined_requests_get_their_responses_after_a_slow_one() {
    let listening = start_on_a_held_clock(&["503 slow:60s next:1"]);
    let mut client = Client::connect(listening.ingest.address);
    client.send(&[post("", LOGIN), post("", ROLE)].concat());
    listening.ingest.next_stored();
    let (slow, next) = listening.ingest.clock().pass_while(|| (client.answer(), client.answer()));
    assert_eq!((slow.status, slow.header("content-type")), (503, Some("text/plain; charset=utf-8")));
    assert_eq!(slow.body, "this response was sent slowly on purpose\n");
    assert_eq!(next.status, 201);
}

#[test]
fn a_slow_body_follows_its_head_and_is_sent_at_once_when_the_listener_stops() {
    let listening = start(&["deny:no slow:60s"]);
    let mut client = Client::connect(listening.ingest.address);
    client.send(&post("", SIGNUP));
    // Reads the head only.
    let head = client.answer_to_head();
    assert_eq!((head.status, head.header("content-length")), (200, Some("44")));
    assert!(client.is_waiting(), "the body came with its head");
    listening.ingest.stop();
    assert_eq!(client.read_bytes(44), br#"{"decision":"DENY","error":{"message":"no"}}"#[..]);
}

#[test]
fn a_slow_response_ends_with_its_sender() {
    let listening = start_with(Settings { max_connections: 1, ..Settings::default() }, &["503 slow:60s next:1"]);
    let mut client = Client::connect(listening.ingest.address);
    client.send(&post("", LOGIN));
    assert_eq!(client.answer_to_head().status, 503);
    drop(client);
    assert_eq!(listening.status(LOGIN), 201);
}

#[test]
fn delayed_responses_leave_half_of_the_connections_free() {
    let listening = start_with(Settings { max_connections: 2, ..Settings::default() }, &["503 delay:60s"]);
    let held = listening.held(LOGIN);
    assert_eq!(listening.status(LOGIN), 503);
    drop(held);
}

#[test]
fn a_delayed_event_frees_its_share_of_the_body_budget() {
    let listening = start_with(Settings { max_bodies: 30, ..Settings::default() }, &["503 delay:60s next:1"]);
    let held = listening.held(LOGIN);
    assert_eq!(listening.status(LOGIN), 201);
    drop(held);
}
