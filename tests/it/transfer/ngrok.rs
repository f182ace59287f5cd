//! `hookglass import ngrok`, and the offer on the screen: what ngrok's agent captured while nothing listened.

use crate::support::agent::{Agent, Says, tunnel_list};
use crate::support::recorder::Recorder;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hookglass::app::tunnel::captures;
use hookglass::store::Reader;
use jiff::{SignedDuration, Timestamp};

const HOST: &str = "ab12.ngrok-free.app";
/// The list of tunnels, then the list of requests, by path.
const TUNNELS: &str = "/api/tunnels";
const REQUESTS: &str = "/api/requests/http?limit=";

/// An entry of the list that the agent captured `seconds` ago.
fn entry(tunnel: &str, raw: &[u8], seconds: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_secs(seconds);
    let method = raw.split(|byte| *byte == b' ').next().unwrap();
    format!(
        r#"{{"uri":"/api/requests/http/airt_1","id":"airt_1","tunnel_name":"{tunnel}","remote_addr":"192.0.2.1",
        "start":"{at}","duration":1500000,"request":{{"method":"{}","proto":"HTTP/1.1","headers":{{"Host":["{HOST}"]}},
        "uri":"/webhooks/scalekit?a=1","raw":"{}"}},"response":{{"status":"502 Bad Gateway","status_code":502,
        "proto":"HTTP/1.1","headers":{{}},"raw":""}}}}"#,
        String::from_utf8_lossy(method),
        STANDARD.encode(raw)
    )
}

fn list(entries: &[String]) -> String {
    format!(r#"{{"uri":"/api/requests/http","requests":[{}]}}"#, entries.join(","))
}

fn agent(port: u16, requests: Option<String>) -> Says {
    Says::ByPath(vec![(TUNNELS, Some(tunnel_list(&format!("https://{HOST}"), port))), (REQUESTS, requests)])
}

fn errors(says: Says) -> String {
    let agent = Agent::start(says);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(captures(agent.agents(), 3000)).unwrap_err();
    error.to_string().replace(&agent.address.to_string(), "ADDRESS")
}

#[test]
fn captured_requests_are_imported_byte_for_byte_and_only_once() {
    let day = 24 * 60 * 60;
    let odd = Webhook {
        id: "msg_2",
        body: b"\xff\x00",
        headers: "X-Odd:   1 \r\nx-odd: 2\r\n",
        age_s: day,
        ..Webhook::default()
    };
    let (odd, signed) = (odd.bytes(), Webhook { age_s: day, ..Webhook::default() }.bytes());
    let cut = &signed[..signed.len() - 7];
    let entries = [
        entry("command_line", &odd, day - 60),
        entry("command_line", cut, day),
        entry("command_line", &signed, day),
        entry("other", b"POST /other HTTP/1.1\r\nHost: other.ngrok.app\r\n\r\n", day).replace(HOST, "other.ngrok.app"),
        entry("command_line", b"GET / HTTP/1.1\r\n\r\n", day),
    ];
    let agent = Agent::start(agent(3456, Some(list(&entries))));
    let sandbox = Sandbox::new().with("NGROK_WEB_ADDR", &agent.address.to_string());
    let command = ["import", "ngrok", "--port", "3456"];
    let dry = sandbox.run(&[&command[..], &["--dry-run"]].concat());
    assert!(dry.text().starts_with("would import 2 requests, ") && dry.code == Some(1), "{dry:?}");
    assert!(!sandbox.data().join("events.db").exists(), "a dry run stores nothing");
    let ran = sandbox.run(&command);
    assert!(ran.code == Some(1) && ran.text().starts_with("imported 2 requests, "), "{ran:?}");
    let (found, declared) = (signed.len() - 7, signed.len());
    let head = signed.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let cause = format!("it ends in the middle: {} of {} bytes of the body", found - head, declared - head);
    assert!(ran.stderr.contains("left out the request to `/webhooks/scalekit` of "), "{ran:?}");
    assert!(ran.stderr.contains(&cause), "{ran:?}");
    let again = sandbox.run(&command);
    assert_eq!(again.text(), "imported 0 requests; 2 were in the history\n", "{again:?}");
    let reader = Reader::open(&sandbox.data().join("events.db")).unwrap();
    for (seq, raw) in [(1, signed), (2, odd)] {
        let event = reader.event(seq).unwrap().unwrap();
        assert_eq!([event.head.bytes(), &event.body].concat(), raw);
        assert!(event.annotation.is_imported);
    }
    // Verified as of their own time, though that is a day ago.
    assert_eq!(sandbox.run(&["events", "--filter", "is:imported is:verified"]).text().lines().count(), 2);
}

#[test]
fn the_screen_offers_what_came_before_it_started_and_forwards_nothing() {
    let app = Recorder::start(200, "");
    let before = Webhook { id: "msg_before", age_s: 300, ..Webhook::default() }.bytes();
    let agent_of_ngrok = Agent::start(Says::Body(r#"{"tunnels":[]}"#.to_owned()));
    let sandbox = Sandbox::new().with("NGROK_WEB_ADDR", &agent_of_ngrok.address.to_string());
    let screen = sandbox.open(&["--forward-to", &app.port()]);
    // hookglass received the second one itself, from the tunnel, which adds headers.
    let live = Webhook { id: "msg_live", ..Webhook::default() };
    live.send(screen.address);
    screen.wait_for("user.signup");
    let forwarded =
        String::from_utf8(live.bytes()).unwrap().replace("\r\nHost: x", "\r\nHost: x\r\nX-Forwarded-Proto: https");
    let entries = [entry("command_line", forwarded.as_bytes(), 0), entry("command_line", &before, 300)];
    agent_of_ngrok.say(agent(screen.address.port(), Some(list(&entries))));
    screen.wait_for("captured by ngrok, but not in the history: 1 request, ");
    screen.type_keys("I");
    screen.wait_for("from ngrok; forwards nothing");
    screen.type_keys("\r");
    screen.wait_for("imported 1 event from `ngrok`; 1 in the history already");
    screen.quit();
    assert_eq!(sandbox.run(&["events"]).text().lines().count(), 2);
    let forwarded: Vec<_> = app.all().iter().filter_map(|request| request.value("webhook-id")).collect();
    assert_eq!(forwarded, ["msg_live"]);
}

#[test]
fn an_agent_that_lies_hangs_or_says_too_much_imports_nothing() {
    assert_eq!(errors(Says::Nothing), "no agent of ngrok responds on this machine");
    assert_eq!(errors(Says::Body("<html>".to_owned())), "no agent of ngrok responds on this machine");
    let elsewhere = "no tunnel of ngrok leads to port 3000; `https://ab12.ngrok-free.app` leads to port 4000";
    assert_eq!(errors(agent(4000, None)), elsewhere);
    let silent = "ngrok's agent at `ADDRESS` did not list the requests that it captured within 2 s";
    assert_eq!(errors(agent(3000, None)), silent);
    let no_list = "ngrok's agent at `ADDRESS` responded with something else than a list of at most 32 MiB";
    assert_eq!(errors(agent(3000, Some("<html>".to_owned()))), no_list);
    assert_eq!(errors(agent(3000, Some(r#"{"requests":"all"}"#.to_owned()))), no_list);
}

#[test]
fn a_list_that_is_too_long_is_asked_for_again_with_fewer_requests() {
    let long = format!(r#"{{"requests":[],"x":"{}"}}"#, "x".repeat(33 << 20));
    let short = list(&[entry("command_line", &Webhook::default().bytes(), 0)]);
    let tunnel = tunnel_list(&format!("https://{HOST}"), 3000);
    let by_path = vec![
        (TUNNELS, Some(tunnel)),
        ("/api/requests/http?limit=1000", Some(long)),
        ("/api/requests/http?limit=100", Some(short)),
    ];
    let agent = Agent::start(Says::ByPath(by_path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(captures(agent.agents(), 3000)).is_ok());
    assert_eq!(agent.asked(), [TUNNELS, "/api/requests/http?limit=1000", "/api/requests/http?limit=100"]);
}
