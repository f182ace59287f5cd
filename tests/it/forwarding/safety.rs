//! Nothing of an event chooses where it goes, and nothing goes round for ever.

use crate::support::forwarding::{Bystander, Running, app, to};
use crate::support::http::ask;
use crate::support::recorder::Recorder;
use crate::support::webhook::Webhook;
use hookglass::app::forward::Report;
use hookglass::core::delivery::{Ending, ForwardMode, Forwarding};
use std::io::Write;

#[test]
fn a_redirect_is_passed_on_or_kept_and_never_followed() {
    for mode in ForwardMode::ALL {
        let elsewhere = Bystander::new();
        let location = format!("http://{}/stolen", elsewhere.address());
        let answer = format!("HTTP/1.1 308 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let redirecting = app(move |mut stream, _| stream.write_all(answer.as_bytes()).unwrap());
        let running = Running::start(Forwarding { mode, ..to(&[redirecting.to_string()]) });
        let answer = Webhook::default().send(running.address);
        let expected = if mode == ForwardMode::After { (201, None) } else { (308, Some(location.as_str())) };
        assert_eq!((answer.status, answer.header("location")), expected);
        assert_eq!(running.delivered().ending(), Ending::Answered(308));
        elsewhere.assert_unvisited();
    }
}

#[test]
fn the_received_path_is_kept_on_request_and_chooses_nothing_else() {
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
fn what_has_been_through_a_hookglass_is_kept_and_goes_no_further() {
    for (mode, status) in [(ForwardMode::After, 201), (ForwardMode::Through, 508)] {
        let target = Bystander::new();
        let running = Running::start(Forwarding { mode, ..to(&[target.address().to_string()]) });
        let marked = Webhook { headers: "HookGlass-Delivery: as-received\r\n", ..Webhook::default() };
        let answer = marked.send(running.address);
        assert_eq!(answer.status, status);
        assert_eq!(answer.body.contains("already been through a hookglass"), mode == ForwardMode::Through);
        assert_eq!(running.event(1).summary.status, Some(status));
        match running.report() {
            Report::NotSent { seq: 1, why } => assert!(why.contains("already been through a hookglass"), "{why}"),
            other => panic!("{other:?}"),
        }
        target.assert_unvisited();
    }
}

#[test]
fn two_that_forward_to_each_other_stop_at_once() {
    for (mode, status) in [(ForwardMode::After, 201), (ForwardMode::Through, 508)] {
        // The tunnel's part: it leads back to the first, whose address is known only when it runs.
        let (sender, back) = std::sync::mpsc::channel::<std::net::SocketAddr>();
        let back = std::sync::Mutex::new((back, None));
        let tunnel = app(move |mut stream, request| {
            let address = {
                let mut known = back.lock().unwrap();
                let address = known.1.unwrap_or_else(|| known.0.recv().unwrap());
                known.1 = Some(address);
                address
            };
            let answer = ask(address, &[request.head.bytes(), &request.body].concat());
            let head = format!("HTTP/1.1 {} X\r\nContent-Length: 0\r\n\r\n", answer.status);
            stream.write_all(head.as_bytes()).unwrap();
        });
        let running = Running::start(Forwarding { mode, ..to(&[tunnel.to_string()]) });
        sender.send(running.address).unwrap();
        assert_eq!(Webhook::default().send(running.address).status, status);
        assert_eq!(running.delivered_first().ending(), Ending::Answered(status));
        assert_eq!(running.reader().last_seq().unwrap(), 2);
    }
}
