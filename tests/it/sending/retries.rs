//! The retry simulator on the command line.

use super::{deliveries, with_history};
use crate::support::recorder::{Recorded, Recorder};
use crate::support::sandbox::Sandbox;
use hookglass::core::delivery::{Ending, Origin};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};

const FASTEST: &str = "1000000";

#[test]
fn retries_keep_the_id_until_a_2xx() {
    let (sandbox, app) = (with_history(), Recorder::answering(vec![500, 503, 204], ""));
    let ran = sandbox.run(&["replay", "1", "--retry", "engine", "--speed", FASTEST, "--to", &app.port()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let requests = app.all();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.value("webhook-id").as_deref() == Some("msg_1")));
    assert!(requests.iter().all(|request| request.is_verified()));
    let timestamp = |request: &Recorded| request.value("webhook-timestamp").unwrap().parse::<i64>().unwrap();
    assert!(requests.is_sorted_by(|one, next| timestamp(one) < timestamp(next)), "each has a later timestamp");
    let kept = deliveries(&sandbox, 1);
    assert_eq!(
        kept.iter().map(|delivery| (delivery.origin, delivery.ending())).collect::<Vec<_>>(),
        [
            (Origin::Asked, Ending::Responded(500)),
            (Origin::Retried, Ending::Responded(503)),
            (Origin::Retried, Ending::Responded(204))
        ]
    );
    for part in ["event 1, attempt 1 of 8 responded 500 in ", "  next attempt in ", "attempt 3 of 8 responded 204"] {
        assert!(ran.text().contains(part), "{part} in {}", ran.text());
    }
}

#[test]
fn retries_of_an_event_that_was_never_verified_are_sent_byte_for_byte_with_a_hint() {
    let (sandbox, app) = (with_history(), Recorder::start(500, ""));
    let arguments = ["replay", "4", "--retry", "minutes", "--speed", FASTEST, "--to", &app.port()];
    let ran = sandbox.run(&arguments);
    let said =
        "hookglass: sent 1 request and its retries byte for byte: its event was never verified\nhint: pass `--sign` ";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    let signatures: Vec<_> = app.all().iter().map(|request| request.value("webhook-signature")).collect();
    assert!(signatures.len() == 4 && signatures.iter().all(|each| *each == signatures[0]), "{signatures:?}");
    let ran = sandbox.run(&[&arguments[..], &["--sign"]].concat());
    assert_eq!(
        ran.stderr,
        "hookglass: the app failed while it handled the event; see the app's log for the exception\n"
    );
    let requests = app.all();
    assert!(requests.len() == 4 && requests.iter().all(|request| request.is_verified()));
}

#[test]
fn retries_stop_at_the_end_of_the_schedule() {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(500, ""));
    let arguments = ["send", "user.signup", "--retry", "minutes", "--speed", FASTEST, "--json", "--to", &app.port()];
    let ran = sandbox.run(&arguments);
    assert_eq!((ran.code, ran.text().lines().count()), (Some(1), 5));
    let requests = app.all();
    let ids: Vec<_> = requests.iter().map(|request| request.value("webhook-id").unwrap()).collect();
    assert!(ids.len() == 4 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(ran.text().lines().last().unwrap().starts_with("{\"all\":1,\"done\":1,\"delivered\":0,"), "{}", ran.text());
}

#[test]
fn an_interrupt_ends_the_wait_for_the_next_attempt() {
    let (sandbox, app) = (with_history(), Recorder::start(500, ""));
    let arguments = ["replay", "1", "--retry", "minutes", "--speed", "1", "--to", &app.port()];
    let mut child = sandbox.command(&arguments).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut responded, mut waits, mut rest) = (String::new(), String::new(), String::new());
    out.read_line(&mut responded).unwrap();
    out.read_line(&mut waits).unwrap();
    assert_eq!(waits, "  next attempt in 60 s\n");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("stopped before the retry schedule was over"), "{rest}");
    assert_eq!(app.all().len(), 1);
}
