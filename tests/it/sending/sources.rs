//! What can be sent: event numbers, filters, fixtures and samples. Anything else is an error with a hint.

use super::with_history;
use crate::support::recorder::Recorder;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::body_of;
use hookglass::core::export::Fixture;
use hookglass::store::Reader;

fn ids(app: &Recorder) -> Vec<String> {
    app.all().iter().map(|request| request.value("webhook-id").unwrap()).collect()
}

#[test]
fn a_filter_selects_from_all_events_or_the_given_ones() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    for (arguments, expected) in [
        (&["--filter", "type:user.* is:verified"][..], &["msg_1", "msg_2"][..]),
        (&["--filter", "-is:invalid -type:role.*"], &["msg_1", "msg_2"]),
        (&["--filter", ""], &["msg_1", "msg_2", "msg_3", "msg_4"]),
        (&["2-9", "--filter", "is:verified"], &["msg_2", "msg_3"]),
        (&["4", "1", "--filter", "user"], &["msg_1", "msg_4"]),
    ] {
        let ran = sandbox.run(&[&["replay", "--to", &app.port()], arguments].concat());
        assert_eq!(
            (ran.code, ids(&app)),
            (Some(0), expected.iter().map(ToString::to_string).collect()),
            "{arguments:?}"
        );
    }
}

#[test]
fn events_can_be_selected_by_their_last_delivery() {
    let (sandbox, failing) = (with_history(), Recorder::start(500, ""));
    let app = Recorder::start(200, "");
    assert_eq!(sandbox.run(&["replay", "2", "--to", &failing.port()]).code, Some(1));
    assert_eq!(sandbox.run(&["replay", "--filter", "is:failed", "--to", &app.port()]).code, Some(0));
    assert_eq!(ids(&app), ["msg_2"]);
    assert_eq!(
        sandbox.run(&["replay", "--filter", "is:failed", "--to", &app.port()]).code,
        Some(2),
        "it was delivered"
    );
}

#[test]
fn a_fixture_is_sent_as_its_original_event() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let event = Reader::open(&sandbox.data().join("events.db")).unwrap().event(2).unwrap().unwrap();
    let fixture = Fixture::of(&event).write();
    // Without a history.
    let other = Sandbox::new();
    let path = other.file("signup.json", fixture);
    assert_eq!(other.run(&["replay", &path, "--to", &app.port()]).code, Some(0));
    let replayed = app.next();
    assert_eq!(replayed.body, body_of("user.signup", "evt_2"));
    assert_eq!(replayed.value("webhook-id").as_deref(), Some("msg_2"));
    assert!(replayed.is_verified());
    assert_eq!(other.run(&["send", &path, "--set", "data.a=1", "--to", &app.port()]).code, Some(0));
    let sent = app.next();
    assert_eq!(sent.body, b"{\"id\":\"evt_2\",\"type\":\"user.signup\",\"data\":{\"a\":1}}");
    assert!(sent.is_verified() && sent.value("webhook-id") != replayed.value("webhook-id"));
    assert!(!other.data().exists());
}

#[test]
fn samples_are_new_each_time_and_can_be_changed() {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(201, ""));
    let arguments = ["send", "user.signup", "--set", "organization_id=org_x", "--times", "3", "--to", &app.port()];
    assert_eq!(sandbox.run(&arguments).code, Some(0));
    let requests = app.all();
    assert_eq!(requests.len(), 3);
    let mut ids: Vec<_> = requests.iter().map(|request| request.value("webhook-id").unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for request in requests {
        assert!(request.is_verified());
        assert!(String::from_utf8(request.body).unwrap().contains("\"organization_id\":\"org_x\""));
    }
    assert!(!sandbox.data().exists());
}

#[test]
fn events_fixtures_and_samples_can_be_sent_together() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let ran = sandbox.run(&["send", "user.signup", "2", "1", "--json", "--to", &app.port()]);
    assert_eq!(ran.code, Some(0));
    let sources: Vec<_> = ran.text().lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(
        sources,
        ["{\"source\":\"event 1\"", "{\"source\":\"event 2\"", "{\"source\":\"user.signup\"", "{\"all\":3"]
    );
}

/// One message and one hint, exit code 2, nothing on stdout.
#[track_caller]
fn assert_could_not_run(ran: &Ran, message: &str, hint: &str) {
    assert_eq!((ran.code, ran.stdout.as_slice()), (Some(2), &b""[..]), "{message}: {ran:?}");
    let (said, hinted) = ran.stderr.split_once("\nhint: ").unwrap_or_else(|| panic!("{message}: {}", ran.stderr));
    assert!(said.starts_with("hookglass: ") && said.contains(message), "{message}: {}", ran.stderr);
    assert!(hinted.contains(hint), "{hint}: {}", ran.stderr);
}

#[test]
fn an_invalid_source_is_reported_with_a_hint_before_anything_is_sent() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let no_fixture = sandbox.file("other.json", "{}");
    let split = "{\"hookglass_fixture\":1,\"method\":\"POST\",\"path\":\"/\",\"received_at\":\"2026-01-31T10:00:00Z\",\
        \"headers\":[[\"a\",\"1\\r\\nb: 2\"]],\"body\":\"\"}";
    let split = sandbox.file("split.json", split);
    let cases: [(&[&str], &str, &str); 14] = [
        (&["send"], "nothing to send", "samples such as `user.signup`"),
        (&["replay"], "nothing to send", "name stored events"),
        (&["send", "no.such"], "`no.such` is not an event number, a sample or a file", "`hookglass types`"),
        (&["send", "user.such"], "`user.such` is not an event number, a sample or a file", "`user.signup`"),
        (&["send", "1", "--seed", "7"], "`--seed` applies to samples", "name a sample"),
        (&["replay", "user.signup"], "cannot replay the sample `user.signup`", "`hookglass send user.signup --to URL`"),
        (&["send", "1", "9"], "there is no event 9 in the history", "`hookglass events`"),
        (&["send", "7-9"], "there is no event from 7 to 9", "`hookglass events`"),
        (&["send", "9-7"], "`9-7` is not a range of events", "7-9"),
        (&["send", "1", "--filter", "is:good"], "column 4: expected `verified`", "`hookglass events --help`"),
        (&["send", "--filter", "type:nothing"], "none of 4 events matches the filter", "`hookglass events`"),
        (&["send", "user.signup", "--filter", "a"], "`--filter` applies to stored events", "leave out"),
        (&["send", &no_fixture], "is not a fixture: it has no", "`hookglass events show NUMBER --fixture"),
        (&["send", &split], "not a request that HTTP/1 can carry", "`hookglass events show NUMBER --fixture"),
    ];
    for (arguments, message, hint) in cases {
        assert_could_not_run(&sandbox.run(&[arguments, &["--to", &app.port()]].concat()), message, hint);
    }
    assert!(app.all().is_empty());
}

#[test]
fn arguments_outside_their_range_are_refused() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--rate", "0"][..],
        &["--rate", "2000/s"],
        &["--parallel", "0"],
        &["--parallel", "65"],
        &["--times", "0"],
        &["--retry", "never"],
        &["--retry", "engine", "--speed", "0"],
        &["--speed", "5"],
        &["--set", "data.email"],
        &["--set", "a..b=1"],
    ] {
        let ran = sandbox.run(&[&["send", "user.signup", "--to", "1"], arguments].concat());
        assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
    for arguments in [&["--sign"][..], &["--set", "a=1"], &["--retry", "minutes"]] {
        let ran = sandbox.run(&[&["replay", "1", "--to", "1", "--as-received"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        let conflict = format!("'--as-received' cannot be used with '{}", arguments[0]);
        assert!(ran.stderr.contains(&conflict), "{arguments:?}: {}", ran.stderr);
    }
}
