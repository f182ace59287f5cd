//! Nothing in an event changes its target, and no event is forwarded in a loop.

use crate::support::forwarding::{Bystander, Running, app, to};
use crate::support::http::{ask, post};
use crate::support::patience::PATIENCE;
use crate::support::recorder::Recorder;
use crate::support::webhook::Webhook;
use hookglass::app::forward::forwarder::Report;
use hookglass::core::delivery::{Ending, ForwardMode, Forwarded, Forwarding};
use hookglass::core::response::ResponseState;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};

#[test]
fn a_redirect_is_passed_on_or_stored_and_never_followed() {
    for mode in ForwardMode::ALL {
        let elsewhere = Bystander::new();
        let location = format!("http://{}/stolen", elsewhere.address());
        let answer = format!("HTTP/1.1 308 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let redirecting = app(move |mut stream, _| stream.write_all(answer.as_bytes()).unwrap());
        let running = Running::start(Forwarding { mode, ..to(&[redirecting.to_string()]) });
        let answer = Webhook::default().send(running.address);
        let expected = if mode == ForwardMode::After { (201, None) } else { (308, Some(location.as_str())) };
        assert_eq!((answer.status, answer.header("location")), expected);
        assert_eq!(running.delivered().ending(), Ending::Responded(308));
        elsewhere.assert_unvisited();
    }
}

#[test]
fn keep_path_changes_only_the_path() {
    for (received, expected) in [
        ("/webhooks/scalekit?a=../b&c=%2e", "/webhooks/scalekit?a=../b&c=%2e"),
        ("//BYSTANDER/x", "//BYSTANDER/x"),
        ("http://BYSTANDER/x?y", "/x?y"),
        ("http://user@BYSTANDER", "/"),
    ] {
        for keeps_path in [true, false] {
            let (target, elsewhere) = (Recorder::start(200, ""), Bystander::new());
            let [received, expected] =
                [received, expected].map(|text| text.replace("BYSTANDER", &elsewhere.address().to_string()));
            let url = format!("http://{}/own?path", target.address);
            let running = Running::start(Forwarding { keeps_path, ..to(&[url]) });
            let request = String::from_utf8(Webhook::default().bytes()).unwrap();
            let request = request.replace("POST /webhooks/scalekit ", &format!("POST {received} "));
            let request = request.replace("Host: x", &format!("Host: {}", elsewhere.address()));
            assert_eq!(ask(running.address, request.as_bytes()).status, 201, "{received}");
            let arrived = target.next();
            let expected = if keeps_path { expected.as_bytes() } else { b"/own?path" };
            assert_eq!(arrived.head.target().escape_ascii().to_string(), expected.escape_ascii().to_string());
            assert_eq!(arrived.value("host"), Some(target.address.to_string()));
            elsewhere.assert_unvisited();
        }
    }
}

#[test]
fn a_request_from_hookglass_is_stored_but_not_forwarded() {
    for (mode, status) in [(ForwardMode::After, 201), (ForwardMode::Through, 508)] {
        let target = Bystander::new();
        let running = Running::start(Forwarding { mode, ..to(&[target.address().to_string()]) });
        let marked = Webhook { headers: "HookGlass-Delivery: as-received\r\n", ..Webhook::default() };
        let answer = marked.send(running.address);
        assert_eq!(answer.status, status);
        assert_eq!(answer.body.contains("already passed through hookglass"), mode == ForwardMode::Through);
        assert_eq!(running.event(1).summary.response, ResponseState::Sent(status));
        match running.report() {
            Report::NotSent { seq: 1, why } => assert!(why.contains("already passed through hookglass"), "{why}"),
            other => panic!("{other:?}"),
        }
        target.assert_unvisited();
    }
}

/// A tunnel to an address that is known only once the listener runs. Returns its own address and where to send that one.
/// `carried` selects the parts of a request's head that it passes on.
fn tunnel(carried: impl Fn(&str) -> String + Send + Sync + 'static) -> (SocketAddr, Sender<SocketAddr>) {
    let (sender, back) = channel::<SocketAddr>();
    let (back, known) = (Mutex::new(back), OnceLock::new());
    let tunnel = app(move |mut stream, request| {
        let address = *known.get_or_init(|| back.lock().unwrap().recv_timeout(PATIENCE).unwrap());
        let head = carried(std::str::from_utf8(request.head.bytes()).unwrap());
        let answer = ask(address, &[head.as_bytes(), &request.body].concat());
        let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
        for (name, value) in answer.headers.iter().filter(|(name, _)| name != "content-length") {
            head += &format!("{name}: {value}\r\n");
        }
        // The client may have timed out.
        let _ = stream.write_all(format!("{head}Content-Length: 0\r\n\r\n").as_bytes());
    });
    (tunnel, sender)
}

#[test]
fn two_listeners_that_forward_to_each_other_do_not_loop() {
    for (mode, status) in [(ForwardMode::After, 201), (ForwardMode::Through, 508)] {
        let (tunnel, leads_to) = tunnel(str::to_owned);
        let running = Running::start(Forwarding { mode, ..to(&[tunnel.to_string()]) });
        leads_to.send(running.address).unwrap();
        assert_eq!(Webhook::default().send(running.address).status, status);
        assert_eq!(running.delivered_first().ending(), Ending::Responded(status));
        assert_eq!(running.reader().last_seq().unwrap(), 2);
    }
}

#[test]
fn a_target_that_leads_back_without_the_delivery_header_gets_one_event() {
    let request = Webhook::default().bytes();
    for (forwarded, request, status) in [
        (Forwarded::Verified, request.clone(), 201),
        (Forwarded::All, request, 201),
        (Forwarded::All, post("", b"{}"), 401),
    ] {
        let (tunnel, leads_to) = tunnel(|head| {
            head.split_inclusive("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("hookglass-")).collect()
        });
        let app = Recorder::start(200, "");
        let running = Running::start(Forwarding { forwarded, ..to(&[tunnel.to_string(), app.address.to_string()]) });
        leads_to.send(running.address).unwrap();
        assert_eq!(ask(running.address, &request).status, status);
        // One for the event and one for its copy.
        let (mut led_back, mut not_sent, mut delivered) = (Vec::new(), Vec::new(), Vec::new());
        while not_sent.is_empty() || delivered.len() < 3 || led_back.is_empty() {
            match running.report() {
                Report::LoopFound(target) => led_back.push(target),
                Report::NotSent { seq, why } => not_sent.push((seq, why)),
                Report::Delivered { delivery, .. } => delivered.push(delivery.event),
                other => panic!("{other:?}"),
            }
        }
        let target = format!("http://{tunnel}/");
        assert_eq!(not_sent, [(2, format!("`{target}` leads back to hookglass itself"))]);
        assert_eq!((led_back, running.reader().last_seq().unwrap()), (vec![target], 2));
        delivered.sort_unstable();
        assert_eq!(delivered, [1, 1, 2], "the other target gets every event");
    }
}

#[test]
fn responses_name_their_run_only_while_forwarding() {
    let elsewhere = Bystander::new();
    let routes = [Vec::new(), vec![elsewhere.address().to_string()]];
    let runs = routes.map(|routes| {
        let running = Running::start(to(&routes));
        ask(running.address, &post("", b"{}")).header("hookglass-run").map(str::to_owned)
    });
    assert!(runs[0].is_none() && runs[1].is_some(), "{runs:?}");
}
