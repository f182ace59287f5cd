//! The search for the tunnel: agents that are up, go down, lie, hang or are something else.

use crate::store::{folder, write};
use crate::support::agent::{Agent, Says, tunnels};
use crate::support::patience::PATIENCE;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use crate::support::{arrival, new_event_from};
use hookglass::app::tunnel::watch;
use hookglass::core::event::Arrival;
use hookglass::core::request::Head;
use hookglass::core::tunnel::{Found, PublicUrl, Used};
use hookglass::store::{Reader, Store};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;

fn listener() -> SocketAddr {
    "127.0.0.1:3000".parse().unwrap()
}

/// What is found while `agent` says one thing after another, in a history of one event that came through `host`.
fn found(agent: &Agent, host: &str, next: &[Says]) -> Vec<Found> {
    let (_folder, path) = folder();
    let head = format!("POST /hooks?a=1 HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let arrival = Arrival { head: Head::parse(head.as_bytes()).unwrap(), ..arrival(b"{}") };
    let (stored, _) =
        write(Store::open(&path).unwrap(), |writer| async move { writer.append(new_event_from(arrival)).await });
    assert_eq!(stored, Ok(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let reader = Reader::open(&path).unwrap();
        tokio::spawn(watch(agent.agents(), listener(), reader, Duration::from_millis(10), sender));
        let mut all = Vec::new();
        for says in next.iter().map(Some).chain([None]) {
            all.push(tokio::time::timeout(PATIENCE, receiver.recv()).await.unwrap().unwrap());
            says.into_iter().for_each(|says| agent.say(says.clone()));
        }
        all
    })
}

fn used(host: &str) -> Option<Used> {
    Some(Used { host: host.to_owned(), path: "/hooks".to_owned() })
}

#[test]
fn a_tunnel_is_found_goes_down_and_comes_back_with_another_url() {
    let agent = Agent::start(tunnels("https://a.ngrok.app", 3000));
    let next = [Says::Body(r#"{"tunnels":[],"uri":""}"#.to_owned()), tunnels("https://b.ngrok.app", 3000)];
    let found = found(&agent, "a.ngrok.app", &next);
    let public: Vec<_> = found.iter().map(|found| found.public.clone()).collect();
    let [first, second] = ["https://a.ngrok.app", "https://b.ngrok.app"].map(str::to_owned);
    assert_eq!(public, [PublicUrl::Here(first.clone()), PublicUrl::Down(first), PublicUrl::Here(second)]);
    assert!(found.iter().all(|found| found.used == used("a.ngrok.app")));
    assert_eq!(found.iter().map(Found::former_host).collect::<Vec<_>>(), [None, None, Some("a.ngrok.app")]);
    assert_eq!(found[2].endpoint().as_deref(), Some("https://b.ngrok.app/hooks"));
}

#[test]
fn a_tunnel_to_another_port_is_told_apart() {
    let agent = Agent::start(tunnels("https://a.ngrok.app", 4000));
    let expected = PublicUrl::OtherPort { url: "https://a.ngrok.app".to_owned(), port: 4000 };
    assert_eq!(found(&agent, "localhost:3000", &[]), [Found { public: expected, used: None }]);
}

#[test]
fn an_agent_that_hangs_lies_or_says_too_much_is_no_tunnel() {
    let large = format!("{{\"tunnels\":[],\"x\":\"{}\"}}", "x".repeat(10 << 20));
    for says in
        [Says::Nothing, Says::Status(404), Says::Status(302), Says::Body(large), Says::Body("<html>".to_owned())]
    {
        let agent = Agent::start(says);
        // The host is what there is to tell.
        assert_eq!(found(&agent, "a.ngrok.app", &[]), [Found { public: PublicUrl::None, used: used("a.ngrok.app") }]);
        let asked = agent.asked();
        assert!(asked.iter().all(|path| path == "/api/tunnels" || path == "/api/endpoints"), "{asked:?}");
    }
}

#[test]
fn the_screen_shows_the_public_url_and_u_copies_it() {
    let agent = Agent::start(Says::Body(r#"{"tunnels":[]}"#.to_owned()));
    let sandbox = Sandbox::new().with("NGROK_WEB_ADDR", &agent.address.to_string());
    let screen = sandbox.open(&[]);
    screen.wait_for("ngrok http");
    screen.type_keys("u");
    screen.wait_for("no public URL is known");
    agent.say(tunnels("https://ab12.ngrok-free.app", screen.address.port()));
    screen.wait_for("✓ public URL");
    screen.wait_for("https://ab12.ngrok-free.app/webhooks/scalekit");
    assert_eq!(screen.copy("u"), b"https://ab12.ngrok-free.app/webhooks/scalekit");
    Webhook::default().send(screen.address);
    screen.wait_for("← https://ab12.ngrok-free.app/webhooks/scalekit");
    screen.quit();
}

#[test]
fn a_named_url_is_shown_without_looking_for_a_tunnel() {
    let agent = Agent::start(tunnels("https://other.ngrok.app", 3000));
    let sandbox = Sandbox::new().with("NGROK_WEB_ADDR", &agent.address.to_string());
    let screen = sandbox.open(&["--public-url", "hooks.example.com"]);
    screen.wait_for("https://hooks.example.com/webhooks/scalekit");
    screen.quit();
    assert!(agent.asked().is_empty());
}

#[test]
fn an_agent_on_another_machine_is_refused_with_a_hint() {
    let sandbox = Sandbox::new().with("NGROK_WEB_ADDR", "192.0.2.1:4040");
    let screen = sandbox.open(&[]);
    screen.wait_for("is not an address of this machine");
    screen.quit();
}
