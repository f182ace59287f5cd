//! Requests that are fitted to the app: its own headers, and certificates.

use super::{deliveries, with_history};
use crate::support::recorder::Recorder;
use crate::support::webhook::Webhook;

const TOKEN: &str = "hunter2-bypass";

#[test]
fn a_custom_header_reaches_the_app_and_nothing_else() {
    let (sandbox, app) = (with_history(), Recorder::start(200, "ok"));
    let config = sandbox.file("app.toml", format!("headers = [\"Host: app.test\", \"x-bypass: {TOKEN}\"]\n"));
    let log = sandbox.folder().join("hg.log").display().to_string();
    let ran = sandbox.run(&["replay", "1", "--json", "--config", &config, "--log", &log, "--to", &app.port()]);
    let sent = app.next();
    assert_eq!(sent.value("host").as_deref(), Some("app.test"));
    assert_eq!(sent.value("x-bypass").as_deref(), Some(TOKEN));
    assert!(sent.is_verified());
    let [delivery] = &deliveries(&sandbox, 1)[..] else { panic!("one delivery") };
    assert!(delivery.sent_headers.contains(&(b"x-bypass".to_vec(), b"***".to_vec())));
    let shown = sandbox.run(&["events", "show", "1", "--json"]);
    let log = std::fs::read_to_string(&log).unwrap();
    for text in [ran.text(), &ran.stderr, shown.text(), &shown.stderr, &log] {
        assert!(!text.contains(TOKEN), "{text}");
    }

    // A flag replaces the list of the file, and forwarding and rehearsals add it too.
    let flags = ["--config", &config, "--header", "x-other: 1"];
    let to = app.port();
    let args = [&["rehearse", "--only", "expired", "--to", &to][..], &flags].concat();
    sandbox.run(&args);
    let rehearsed = app.next();
    assert_eq!((rehearsed.value("x-other").as_deref(), rehearsed.value("x-bypass")), (Some("1"), None));
    let mut listening = sandbox.listen(&[&["--forward-to", &to][..], &flags].concat());
    app.all();
    assert_eq!(Webhook { id: "msg_9", ..Webhook::default() }.send(listening.address).status, 201);
    assert_eq!(app.next().value("x-other").as_deref(), Some("1"));
    assert!(listening.stop().success());
}

#[test]
fn a_wrong_header_or_certificate_file_stops_the_command_without_repeating_the_value() {
    let sandbox = with_history();
    let empty = sandbox.file("empty.pem", "");
    for (flags, said) in [
        (["--header", TOKEN], "hookglass: `--header`: expected `name: value`\nhint: write it as"),
        (["--header", "Webhook-Id: hunter2-bypass"], "hookglass: `--header`: hookglass sets `Webhook-Id` itself"),
        (["--ca", &empty], "it has no `-----BEGIN CERTIFICATE-----`\nhint: export the certificate as PEM"),
    ] {
        for command in [&["replay", "1", "--to", "9"][..], &["rehearse", "--to", "9"], &["send", "1", "--to", "9"]] {
            let ran = sandbox.run(&[command, &flags[..]].concat());
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(ran.stderr.contains(said) && !ran.stderr.contains(TOKEN), "{}", ran.stderr);
        }
    }
}
