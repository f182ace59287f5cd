//! Sending stored events: as retries, byte for byte, with changes, and unverified ones.

use super::{deliveries, with_history};
use crate::support::closed_address;
use crate::support::recorder::Recorder;
use crate::support::sandbox::{SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::core::delivery::{Manner, Origin};
use hookglass::core::export::Fixture;
use hookglass::core::signature::{Secret, sign};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn replayed_events_arrive_in_order_with_their_ids_and_fresh_signatures() {
    let (sandbox, app) = (with_history(), Recorder::start(201, "ok"));
    let ran = sandbox.run(&["replay", "3", "1-2", "2", "--to", &app.port()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for (number, event_type) in (1..).zip(["user.login", "user.signup", "role.created"]) {
        let request = app.next();
        assert_eq!(request.value("webhook-id"), Some(format!("msg_{number}")));
        assert_eq!(request.body, body_of(event_type, &format!("evt_{number}")));
        assert_eq!(request.value("hookglass-delivery").as_deref(), Some("resigned"));
        assert!(request.is_verified());
        let [delivery] = &deliveries(&sandbox, number)[..] else { panic!("one delivery of {number}") };
        assert_eq!((delivery.origin, delivery.manner), (Origin::Asked, Manner::Resigned));
        assert!(delivery.ending().is_delivered());
    }
    assert!(app.all().is_empty());
    let lines: Vec<&str> = ran.text().lines().collect();
    assert!(lines[0].starts_with("event 1 responded 201 in "), "{}", ran.text());
    assert_eq!(lines[4], format!("3 of 3 delivered to http://localhost:{}/", app.port()));
    assert!(lines[5].trim_start().starts_with("p50 "), "{}", ran.text());
}

#[test]
fn byte_for_byte_sends_the_event_as_received() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    let old = Webhook { headers: "X-Odd:  a\t b \r\nx-odd: 2\r\n", ..Webhook::default() };
    let received = old.bytes();
    assert_eq!(crate::support::http::ask(listening.address, &received).status, 201);
    assert!(listening.stop().success());
    let app = Recorder::start(201, "");
    assert_eq!(sandbox.run(&["replay", "1", "--as-received", "--to", &app.port()]).code, Some(0));
    let request = app.next();
    assert_eq!(request.body, BODY);
    let own = ["host", "content-length", "hookglass-delivery"];
    let names: Vec<_> = request.headers_without(&own).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [&b"X-Odd"[..], b"x-odd", b"webhook-id", b"webhook-timestamp", b"webhook-signature"]);
    let text = String::from_utf8(received).unwrap();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(text.contains(&format!("\r\n{name}: {}\r\n", request.value(name).unwrap())));
    }
}

#[test]
fn each_sent_event_is_new() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    assert_eq!(sandbox.run(&["send", "1", "--times", "2", "--to", &app.port()]).code, Some(0));
    let (first, second) = (app.next(), app.next());
    for request in [&first, &second] {
        assert_eq!(request.body, body_of("user.login", "evt_1"));
        assert_eq!(request.value("hookglass-delivery").as_deref(), Some("new"));
        assert!(request.is_verified());
    }
    let ids = [&first, &second].map(|request| request.value("webhook-id").unwrap());
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 31), "{ids:?}");
    assert_eq!(deliveries(&sandbox, 1).len(), 2);
}

#[test]
fn setting_a_value_leaves_every_other_byte_unchanged() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    let app = Recorder::start(200, "");
    let expected = std::str::from_utf8(BODY)
        .unwrap()
        .replace("jane@example.com", "a@example.com")
        .replace("\"n\":1e2}", "\"n\":[1, 2],\"new\":\"x\"}");
    for command in ["send", "replay"] {
        let settings = ["--set", "data.email=a@example.com", "--set", "data.n=[1, 2]", "--set", "data.new=x"];
        let ran = sandbox.run(&[&[command, "1", "--to", &app.port()], &settings[..]].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let request = app.next();
        assert_eq!(String::from_utf8(request.body.clone()).unwrap(), expected);
        assert!(request.is_verified());
        assert_ne!(request.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"));
    }
    let [delivery, _] = &deliveries(&sandbox, 1)[..] else { panic!("two deliveries") };
    assert_eq!((delivery.manner, delivery.sent_body.as_deref()), (Manner::Edited, Some(expected.as_bytes())));
}

#[test]
fn a_missing_path_is_reported_and_nothing_is_sent() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let ran = sandbox.run(&["send", "1", "--set", "data.user.name=x", "--to", &app.port()]);
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    assert_eq!(ran.stderr, "hookglass: event 1 was not sent: cannot set `data.user.name`: there is no `data.user`\n");
    assert!(app.all().is_empty() && deliveries(&sandbox, 1).is_empty());
}

#[test]
fn an_event_that_was_never_verified_is_signed_only_with_sign() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    for command in ["replay", "send"] {
        let ran = sandbox.run(&[command, "4", "--to", &app.port()]);
        assert_eq!(ran.code, Some(0));
        assert!(
            ran.stderr.contains("sent 1 request byte for byte: its event was never verified\nhint: pass `--sign`"),
            "{ran:?}"
        );
        let request = app.next();
        assert_eq!(request.value("hookglass-delivery").as_deref(), Some("as-received"));
        assert!(request.body == BODY && !request.is_verified());

        let ran = sandbox.run(&[command, "4", "--set", "zulu=2", "--to", &app.port()]);
        assert_eq!((ran.code, app.all().len()), (Some(2), 0));
        assert!(
            ran.stderr
                .contains("it was never verified, so hookglass does not sign it; pass `--sign` to sign it anyway"),
            "{ran:?}"
        );

        let ran = sandbox.run(&[command, "4", "--sign", "--to", &app.port()]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let request = app.next();
        assert!(request.is_verified());
        assert_eq!(request.value("webhook-id").as_deref() == Some("msg_4"), command == "replay");
    }
}

#[test]
fn the_likely_causes_of_a_rejection_are_printed_once_at_the_end() {
    const HEADING: &str = "hookglass: the app rejected a request that verifies; the likely causes:\n  why   ";
    let sandbox = with_history();
    let said = |status, arguments: &[&str]| {
        let app = Recorder::start(status, "");
        let ran = sandbox.run(&[arguments, &["--to", &app.port()]].concat());
        assert_eq!(ran.code, Some(i32::from(status != 200)), "{ran:?}");
        ran.stderr
    };
    let causes = said(401, &["replay", "1-3"]);
    assert_eq!(causes.matches(HEADING).count(), 1, "{causes}");
    assert!(
        causes.contains("the app passes a `Headers` object to the Node SDK") && !causes.contains("s old"),
        "{causes}"
    );
    assert!(causes.lines().all(|line| line.chars().count() <= 100), "{causes}");
    assert!(said(403, &["replay", "1", "--as-received"]).starts_with(HEADING));
    let of_sample = said(400, &["send", "user.signup"]);
    let secret = "compare it with `SCALEKIT_WEBHOOK_SECRET`, which signed the event here";
    assert!(of_sample.starts_with(HEADING) && in_a_row(&of_sample).contains(secret), "{of_sample}");
    let signed = said(401, &["replay", "4", "--sign"]);
    assert!(signed.starts_with(HEADING), "{signed}");
    // Unverified events, and responses that are not rejections.
    assert_eq!(said(401, &["replay", "4", "--as-received"]), "");
    assert!(said(500, &["replay", "1"]).starts_with("hookglass: the app failed while it handled the event; see"));
    assert_eq!(said(200, &["replay", "1"]), "");
}

#[test]
fn replay_uses_what_a_rehearsal_told_of_the_target() {
    let sandbox = with_history();
    let app = Recorder::start(401, "");
    let likely = || {
        let said = sandbox.run(&["replay", "2", "--to", &app.port()]).stderr;
        said.lines().find_map(|line| line.strip_prefix("  why   ")).unwrap().to_owned()
    };
    assert!(!likely().contains("old secret"), "{}", likely());
    let ran = sandbox.run(&["rehearse", "--event", "1", "--only", "unsigned", "--to", &app.port()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(likely().contains("the app has an old secret"), "{}", likely());
}

#[test]
fn an_app_that_rejects_an_old_timestamp_is_right() {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(401, ""));
    let signed = sandbox.file("old.json", fixture_of(1_700_000_000));
    let ran = sandbox.run(&["replay", &signed, "--as-received", "--to", &app.port()]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.starts_with("hookglass: the app was right to reject the request: its timestamp was "),
        "{ran:?}"
    );
    assert!(!ran.stderr.contains("likely causes"), "{ran:?}");
}

/// A fixture with this timestamp and a valid signature.
fn fixture_of(signed_at_s: i64) -> String {
    let signature = sign(&Secret::new("", SECRET), b"msg_1", signed_at_s, b"{}").unwrap();
    let headers =
        [("webhook-id", "msg_1"), ("webhook-timestamp", &signed_at_s.to_string()), ("webhook-signature", &signature)];
    let fixture = Fixture {
        method: b"POST".to_vec(),
        path: b"/".to_vec(),
        received_at: Timestamp::from_second(signed_at_s).unwrap(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).to_vec(),
        body: b"{}".to_vec(),
    };
    fixture.write()
}

#[test]
fn nothing_listening_says_what_to_do() {
    let sandbox = with_history();
    let port = closed_address().port().to_string();
    for sources in [&["user.signup"][..], &["1-3"]] {
        let ran = sandbox.run(&[&["send"], sources, &["--to", &port]].concat());
        assert!(ran.stderr.ends_with("hint: start the app, or check the port in `--to`\n"), "{ran:?}");
    }
}

/// The text with its wrapped lines joined.
fn in_a_row(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_404_from_a_target_without_a_path_suggests_the_url_once() {
    let (sandbox, app) = (with_history(), Recorder::start(404, ""));
    let said = |arguments: &[&str]| sandbox.run(&[arguments, &["--to", &app.port()]].concat()).stderr;
    let url = format!("`http://localhost:{}/webhooks/scalekit`", app.port());
    assert_eq!(
        said(&["replay", "1-3"]),
        format!("hookglass: the target has no path; use {url} if your handler has the path the event was sent to\n")
    );
    assert_eq!(
        said(&["send", "user.signup"]),
        format!("hookglass: the target has no path; add your handler's path, for example {url}\n")
    );
}

#[test]
fn an_unsigned_interceptor_request_is_signed_with_interceptor_headers() {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(200, ""));
    let fixture = Fixture {
        method: b"POST".to_vec(),
        path: b"/".to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
        headers: Vec::new(),
        body: br#"{"trigger_point":"PRE_SIGNUP"}"#.to_vec(),
    };
    let fixture = sandbox.file("unsigned.json", fixture.write());
    for command in ["replay", "send"] {
        let ran = sandbox.run(&[command, &fixture, "--sign", "--to", &app.port()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let request = app.next();
        assert!(request.is_verified() && request.value("interceptor-id").is_some(), "{command}");
        assert_eq!(request.value("webhook-id"), None, "{command}");
    }
}

#[test]
fn without_a_secret_nothing_is_signed_or_sent() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let sandbox = sandbox.with(SECRET_VARIABLE, "");
    for further in [&["--sign"][..], &["--set", "zulu=1"]] {
        let ran = sandbox.run(&[&["send", "1", "--to", &app.port()], further].concat());
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("hookglass: no signing secret, so no event can be signed\nhint: "));
    }
    let ran = sandbox.run(&["replay", "1", "--to", &app.port()]);
    assert_eq!((ran.code, app.all().len()), (Some(2), 0));
    assert!(ran.stderr.contains("event 1 was not sent: no signing secret, so it cannot be signed"), "{ran:?}");
    assert_eq!(sandbox.run(&["replay", "1", "--as-received", "--to", &app.port()]).code, Some(0));
}

#[test]
fn deliveries_are_stored_while_another_process_listens() {
    let (sandbox, app) = (with_history(), Recorder::start(200, ""));
    let mut listening = sandbox.listen(&[]);
    let ran = sandbox.run(&["replay", "1", "--json", "--to", &app.port()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.text().contains("\"stored\":true,\"kept\":true"), "{}", ran.text());
    assert!(app.next().is_verified());
    let later = Webhook { id: "msg_later", ..Webhook::default() };
    assert_eq!(later.send(listening.address).status, 201, "the listener still runs");
    let ran = sandbox.run(&["replay", "5", "--json", "--to", &app.port()]);
    assert!(ran.text().contains("\"stored\":true,\"kept\":true"), "{}", ran.text());
    assert!(listening.stop().success());
    assert_eq!((deliveries(&sandbox, 1).len(), deliveries(&sandbox, 5).len()), (1, 1));
}

#[test]
fn a_long_send_does_not_prevent_listening() {
    let (sandbox, app) = (with_history(), Recorder::start(500, ""));
    let arguments = ["replay", "1", "--retry", "minutes", "--speed", "1", "--to", &app.port()];
    let mut sending = sandbox.command(&arguments).spawn().unwrap();
    app.next();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    kill_process(Pid::from_child(&sending), Signal::INT).unwrap();
    sending.wait().unwrap();
    assert_eq!(deliveries(&sandbox, 1).len(), 1);
}
