//! What the pictures show. The first minute: listen, add the secret, see events arrive, learn why one fails, deliver one, copy it. And a
//! search: find a deletion, follow the story of its user, compare, save.

use super::film::Film;
use super::support::http::ask;
use super::support::recorder::{read, reply};
use super::support::sandbox::{SECRET, Sandbox};
use super::support::terminal::Terminal;
use hookglass::core::catalog::{SampleFacts, catalog};
use hookglass::core::signature::{Secret, sign};
use jiff::Timestamp;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

const ROWS: u16 = 32;
const COLUMNS: u16 = 116;
const LISTENER: u16 = 3000;
const APP: u16 = 4000;
/// A screen to which nothing is written for so long is drawn.
const QUIET: Duration = Duration::from_millis(150);

/// The program with the camera on it.
struct Set {
    terminal: Terminal,
    film: Film,
}

impl Set {
    /// Waits until the screen shows `text` and is drawn, and films it.
    fn shot(&mut self, text: &str, caption: &'static str, seconds: f64) {
        self.terminal.wait_for(text);
        self.settle();
        let film = &mut self.film;
        self.terminal.seen(|seen| film.add(seen.screen(), caption, seconds));
    }

    /// Waits until nothing more is drawn: a frame may come in parts, and what it shows may be read from the history after it.
    fn settle(&self) {
        let mut before = None;
        loop {
            let written = Some(self.terminal.seen(|seen| seen.output.len()));
            if written == before {
                return;
            }
            before = written;
            std::thread::park_timeout(QUIET);
        }
    }

    /// Types `text` as a person does.
    fn type_slowly(&mut self, text: &str, caption: &'static str) {
        for end in 1..=text.len() {
            self.terminal.type_keys(&text[end - 1..end]);
            self.shot(&text[..end], caption, 0.07);
        }
    }
}

pub fn first_minute() -> Film {
    let sandbox = Sandbox::bare();
    let terminal = sandbox.terminal(&["--port", &LISTENER.to_string()], ROWS, COLUMNS);
    let mut set = Set { terminal, film: Film::new(ROWS, COLUMNS) };
    start_app();
    arrivals(&mut set);
    diagnosis(&mut set);
    delivery(&mut set);
    set.terminal.type_keys("q");
    assert_eq!(set.terminal.wait_for_end().exit_code(), 0);
    set.film
}

pub fn investigation() -> Film {
    let sandbox = Sandbox::new();
    let terminal = sandbox.terminal(&["--port", &LISTENER.to_string()], ROWS, COLUMNS);
    let mut set = Set { terminal, film: Film::new(ROWS, COLUMNS) };
    set.terminal.wait_for("Waiting for the first webhook");
    let story: Vec<_> = catalog().story("directory-sync").collect();
    for (number, event_type) in story.iter().enumerate() {
        let body = body(&event_type.name, 1);
        send(100 + number as u64, &body, &body);
    }
    let update = String::from_utf8(body("organization.directory.user_updated", 1)).unwrap();
    let later = update.replace(r#""title":"Engineer""#, r#""title":"Lead Engineer""#);
    send(200, later.as_bytes(), later.as_bytes());
    set.shot(&format!("{} events", story.len() + 1), "A directory was synchronised", 3.0);
    set.terminal.type_keys("/");
    set.terminal.wait_for("searches type, subject");
    set.type_slowly("type:*deleted", "/: which events were deletions?");
    set.terminal.type_keys("\r");
    set.shot("user_deleted", "/: which events were deletions?", 2.0);
    set.terminal.type_keys("As");
    set.shot("Story of", "A s: the story of this user, in the order in which it happened", 5.0);
    set.terminal.type_keys("\x1b");
    set.terminal.wait_until_gone("Story of");
    set.terminal.type_keys("/\x15type:*user_updated\r");
    set.shot("user_updated", "The updates of the user", 1.5);
    set.terminal.type_keys("6");
    set.shot("compared: the previous", "6: what differs from the previous update", 4.0);
    set.terminal.type_keys("s");
    set.shot("saved", "s: save it as a fixture for your tests", 3.0);
    set.terminal.type_keys("q");
    assert_eq!(set.terminal.wait_for_end().exit_code(), 0);
    set.film
}

fn arrivals(set: &mut Set) {
    set.shot("ngrok http 3000", "hookglass listens on port 3000", 3.0);
    set.terminal.type_keys("K");
    set.shot("whsec_", "K: paste the signing secret", 1.5);
    set.terminal.paste(SECRET);
    set.shot("••••", "K: paste the signing secret", 1.5);
    set.terminal.type_keys("\r");
    set.terminal.wait_until_gone("characters");
    for (number, event_type, awaited) in [
        (0, "user.signup", "user.signup"),
        (3, "organization.directory.user_created", "user_created"),
        (4, "user.login", "user.login"),
    ] {
        let body = body(event_type, number);
        send(number, &body, &body);
        set.shot(awaited, "Events arrive, are stored byte for byte, and verify", 1.2);
    }
    set.shot("✓ verified", "Events arrive, are stored byte for byte, and verify", 2.0);
}

fn diagnosis(set: &mut Set) {
    let signed = body("user.signup", 6);
    let text = String::from_utf8(signed.clone()).unwrap();
    let sent = text.replace("\":", "\": ").replace(",\"", ", \"");
    send(6, &signed, sent.as_bytes());
    set.shot("invalid", "This one does not verify", 2.0);
    set.terminal.type_keys("3");
    set.shot("re-serialised", "3: why the signature fails, and what to do now", 6.0);
}

fn delivery(set: &mut Set) {
    set.terminal.type_keys("k");
    set.shot("matches", "Back to one that verifies", 1.5);
    set.terminal.type_keys("r");
    set.shot("host:port", "r: re-deliver it to your app, signed again", 1.0);
    set.type_slowly("4000/webhooks/scalekit", "r: re-deliver it to your app, signed again");
    set.terminal.type_keys("\r");
    set.terminal.wait_for("401");
    set.terminal.type_keys("4");
    set.shot("rejected by the app", "4: your app rejects it. These are the likely causes", 6.0);
    set.terminal.type_keys("y");
    set.shot("curl", "y c: copy it as a curl command", 1.5);
    set.terminal.type_keys("c");
    set.shot("sent to the terminal", "y c: copy it as a curl command", 3.0);
}

fn body(event_type: &str, number: u64) -> Vec<u8> {
    catalog().find(event_type).unwrap().sample(SampleFacts { occurred_at: Timestamp::now(), number })
}

/// Sends `sent` with a signature of `signed`, as the provider sends.
fn send(number: u64, signed: &[u8], sent: &[u8]) {
    let (id, timestamp_s) = (format!("msg_2bq7kXv9pLr{number}"), Timestamp::now().as_second());
    let signature = sign(&Secret::new("dashboard", SECRET), id.as_bytes(), timestamp_s, signed).unwrap();
    let head = format!(
        "POST /webhooks/scalekit HTTP/1.1\r\nHost: ab12.ngrok-free.app\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Webhook-Id: {id}\r\nWebhook-Timestamp: {timestamp_s}\r\nWebhook-Signature: {signature}\r\n\
         User-Agent: Svix-Webhooks/1.100.0\r\nContent-Length: {}\r\n\r\n",
        sent.len()
    );
    ask(SocketAddr::from((Ipv4Addr::LOCALHOST, LISTENER)), &[head.as_bytes(), sent].concat());
}

/// An app whose handler does what many do: it gives the SDK a parsed object.
fn start_app() {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, APP)).expect("the picture shows port 4000, which another program has");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if read(&mut stream).is_some() {
                reply(&mut stream, 401, r#"{"error":"Invalid signature"}"#).unwrap();
            }
        }
    });
}
