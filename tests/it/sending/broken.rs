//! A delivery with a truncated response is not delivered, whatever the status.

use super::{deliveries, with_history};
use crate::support::forwarding::app;
use crate::support::recorder::{Recorder, reply};
use crate::support::sandbox::Sandbox;
use hookglass::core::delivery::{Completeness, Ending, FailureKind};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

const BROKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
const WHY: &str = "\"failure\":\"reset\",\"why\":\"the app's response was cut off after 3 bytes of its body\"";

#[test]
fn a_truncated_response_is_reported_as_not_delivered() {
    let broken = app(|mut stream, _| stream.write_all(BROKEN).unwrap()).to_string();
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["send", "user.signup", "--to", &broken]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let (first, body) = ran.text().split_once('\n').unwrap();
    assert!(first.starts_with(&format!("http://{broken}/ responded 200 in ")), "{first}");
    // It may take less than a millisecond.
    let is_told = [" ms", " µs"].iter().any(|unit| first.ends_with(&format!("{unit}, but its body was cut off")));
    assert_eq!((is_told, body), (true, "abc\n"), "{first}");

    let ran = sandbox.run(&["send", "user.signup", "--json", "--to", &broken]);
    let lines: Vec<_> = ran.text().lines().collect();
    assert_eq!((ran.code, lines.len()), (Some(1), 2));
    assert!(
        lines[0].contains(&format!("\"delivered\":false,\"status\":200,\"truncated\":true,\"cut\":true,{WHY}")),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("\"delivered\":0,") && lines[1].contains("\"p50_us\":null"), "{}", lines[1]);

    let whole = Recorder::start(200, "abc");
    let ran = sandbox.run(&["send", "user.signup", "--json", "--to", &whole.port()]);
    let said = "\"delivered\":true,\"status\":200,\"truncated\":false,\"cut\":false,\"failure\":null,\"why\":null";
    assert!(ran.code == Some(0) && ran.text().contains(said), "{}", ran.text());
}

#[test]
fn retries_continue_after_a_truncated_response() {
    let is_again = AtomicBool::new(false);
    let broken_first = app(move |mut stream, _| {
        if is_again.swap(true, Ordering::Relaxed) {
            reply(&mut stream, 204, "").unwrap();
        } else {
            stream.write_all(BROKEN).unwrap();
        }
    });
    let (sandbox, to) = (with_history(), broken_first.to_string());
    let ran = sandbox.run(&["replay", "1", "--retry", "engine", "--speed", "1000000", "--to", &to]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let kept = deliveries(&sandbox, 1);
    let endings: Vec<_> = kept.iter().map(|delivery| (delivery.status(), delivery.ending())).collect();
    let reset = Ending::Failed(FailureKind::Reset);
    assert_eq!(endings, [(Some(200), reset), (Some(204), Ending::Responded(204))]);
    let answer = kept[0].outcome.as_ref().unwrap();
    assert_eq!((&answer.body[..], answer.completeness), (&b"abc"[..], Completeness::BrokenOff));
    let shown = sandbox.run(&["events", "show", "1", "--deliveries"]);
    let first = shown.text().lines().next().unwrap();
    assert!(first.contains("\"delivered\":false,\"status\":200,"), "{first}");
    assert!(first.ends_with(&format!("\"body\":\"abc\",\"truncated\":true,\"cut\":true,{WHY}}}")), "{first}");
}

#[test]
fn events_with_a_truncated_response_match_failed() {
    let broken = app(|mut stream, _| stream.write_all(BROKEN).unwrap()).to_string();
    let (sandbox, whole) = (with_history(), Recorder::start(200, ""));
    assert_eq!(sandbox.run(&["replay", "2", "--to", &broken]).code, Some(1));
    assert_eq!(sandbox.run(&["replay", "--filter", "is:delivered", "--to", &whole.port()]).code, Some(2));
    assert_eq!(sandbox.run(&["replay", "--filter", "is:failed", "--to", &whole.port()]).code, Some(0));
    assert_eq!(whole.next().value("webhook-id").as_deref(), Some("msg_2"));
}
