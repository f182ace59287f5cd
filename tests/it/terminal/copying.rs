//! What `y` copies to the terminal's clipboard or to a file.

use crate::hostile::is_refused;
use crate::support::recorder::Recorder;
use crate::support::sandbox::{Sandbox, Screen};
use crate::support::webhook::{BODY, Webhook};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

const PRETTY: &str = r#"{
  "spec_version": "1",
  "id": "evt_0123456789",
  "type": "user.signup",
  "data": {
    "email": "jane@example.com",
    "n": 1e2
  },
  "zulu": 1,
  "alpha": 123456789012345678901234567890
}"#;

fn screen_with(sandbox: &Sandbox, arguments: &[&str], webhook: &Webhook<'_>) -> Screen {
    let screen = sandbox.open(arguments);
    webhook.send(screen.address);
    screen.wait_for("1 event ");
    screen
}

#[test]
fn payload_body_headers_and_id_are_sent_to_the_terminal() {
    let sandbox = Sandbox::new();
    let screen = screen_with(&sandbox, &[], &Webhook::default());
    screen.type_keys("y");
    screen.wait_for("curl command that");
    assert_eq!(String::from_utf8(screen.copy("y")).unwrap(), PRETTY);
    screen.wait_for("sent to the terminal (OSC 52)");
    assert_eq!(screen.copy("yb"), BODY);
    assert_eq!(screen.copy("yi"), b"evt_0123456789");
    let headers = String::from_utf8(screen.copy("yh")).unwrap();
    let names: Vec<_> = headers.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        names,
        ["Host", "Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature", "Content-Length"]
    );
    assert!(headers.contains("webhook-id: msg_2aBcDeFgHiJ\n"), "{headers}");
    screen.quit();
}

#[test]
fn the_path_and_the_value_at_the_cursor_are_sent_to_the_terminal() {
    let body = br#"{"a b":{"quoted":"it\u0027s \"x\"","n":1e2}}"#;
    let sandbox = Sandbox::new();
    let screen = screen_with(&sandbox, &[], &Webhook { body, ..Webhook::default() });
    screen.type_keys("\rjj");
    screen.wait_for(r#"["a b"].quoted"#);
    assert_eq!(screen.copy("yp"), br#"["a b"].quoted"#);
    assert_eq!(screen.copy("yv"), br#"it's "x""#);
    assert_eq!(screen.copy("kyv"), br#"{"quoted":"it\u0027s \"x\"","n":1e2}"#);
    screen.quit();
}

#[test]
fn a_copied_curl_command_sends_the_event_again() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: `curl` is not installed");
        return;
    }
    let app = Recorder::start(204, "");
    let target = format!("http://{}/webhooks/scalekit?a=[1]", app.address);
    let sandbox = Sandbox::new();
    let body = b"{\"type\":\"user.signup\",\"quote\":\"it's $(exit 3) `exit 3` \\\\ @x %s !\"}";
    let webhook = Webhook { body, headers: "X-Quote: it's\r\nX-Quote: twice\r\n", ..Webhook::default() };
    let screen = screen_with(&sandbox, &["--target", &target], &webhook);
    let command = screen.copy("yc");
    let mut shell = Command::new("sh");
    shell.env("NO_PROXY", "*").env("HOME", "/nonexistent").stdin(Stdio::piped()).stderr(Stdio::null());
    let mut shell = shell.spawn().unwrap();
    shell.stdin.take().unwrap().write_all(&command).unwrap();
    assert!(shell.wait().unwrap().success());
    let request = app.next();
    assert_eq!(request.body, body);
    assert_eq!(request.head.target(), b"/webhooks/scalekit?a=[1]");
    assert_eq!(request.value("webhook-id").as_deref(), Some("msg_2aBcDeFgHiJ"));
    let quotes = request.head.headers().iter().filter(|header| header.is("x-quote")).count();
    assert_eq!(quotes, 2);
    screen.quit();
}

/// The only file in the folder for copies.
fn copied_file(sandbox: &Sandbox) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(sandbox.data().join("copied")).unwrap();
    let path = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    path
}

#[test]
fn binary_bodies_are_written_to_a_private_file() {
    let sandbox = Sandbox::new();
    let body = b"\xff\x00\x1b[31m\r\n";
    let screen = screen_with(&sandbox, &[], &Webhook { body, ..Webhook::default() });
    screen.type_keys("yb");
    screen.wait_for("written to ");
    let path = copied_file(&sandbox);
    assert_eq!(std::fs::read(&path).unwrap(), body);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(screen.seen(|seen| seen.copies().len()), 0);
    screen.quit();
}

#[test]
fn a_body_that_is_unsafe_to_paste_is_written_to_a_file() {
    for (body, reason) in [
        (&b"\x1b[201~\nid\n"[..], "body contains control characters; written to `"),
        (b"{\"type\":\"user.signup\"}\r\n", "body contains control characters; written to `"),
        ("{\"type\":\"\u{202e}\"}".as_bytes(), "body contains invisible characters; written to `"),
    ] {
        let sandbox = Sandbox::new();
        let screen = screen_with(&sandbox, &[], &Webhook { body, ..Webhook::default() });
        screen.type_keys("yb");
        screen.wait_for(reason);
        assert_eq!(std::fs::read(copied_file(&sandbox)).unwrap(), body);
        assert_eq!(screen.seen(|seen| seen.copies().len()), 0);
        screen.quit();
    }
}

/// Whether pasting `text` only inserts it.
fn is_pasteable(text: &[u8]) -> bool {
    let is_line_end = |c: char| matches!(c, '\n' | '\t');
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(|c| is_line_end(c) || !is_refused(c)))
}

#[test]
fn every_other_copy_of_a_hostile_event_is_safe_to_paste() {
    let body = "{\"type\":\"a\",\"id\":\"\u{202e}\u{9b}201~\\u001b[201~\",\"b\":\"\u{7f}\u{200b}\u{e000}\"}\r\n";
    let sandbox = Sandbox::new();
    let headers = "X-Nasty: \u{9b}201~\u{202e}\u{200b}\r\n";
    let screen = screen_with(&sandbox, &[], &Webhook { body: body.as_bytes(), headers, ..Webhook::default() });
    for keys in ["yy", "yh", "yi", "yc"] {
        let copied = screen.copy(keys);
        assert!(is_pasteable(&copied), "{keys}: {:?}", String::from_utf8_lossy(&copied));
    }
    let payload = screen.copy("yy");
    let value = |json: &[u8]| serde_json::from_str::<serde_json::Value>(std::str::from_utf8(json).unwrap()).unwrap();
    assert_eq!(value(&payload), value(body.as_bytes()), "the same JSON");
    screen.quit();
}

#[test]
fn tmux_never_gets_text_that_is_unsafe_to_paste() {
    let sandbox = Sandbox::new();
    let tmux = sandbox.file("tmux", "#!/bin/sh\ncat >> buffer\n");
    std::fs::set_permissions(&tmux, std::fs::Permissions::from_mode(0o700)).unwrap();
    let path = format!("{}:{}", sandbox.folder().display(), std::env::var("PATH").unwrap());
    let sandbox = sandbox.with("TMUX", "/nonexistent/tmux,1,0").with("PATH", &path);
    let screen = screen_with(&sandbox, &[], &Webhook { body: b"\x1b[201~id\n", ..Webhook::default() });
    screen.type_keys("yb");
    screen.wait_for("body contains control characters; written to `");
    screen.type_keys("yy");
    screen.wait_for("payload copied to the tmux buffer");
    assert_eq!(std::fs::read(sandbox.folder().join("buffer")).unwrap(), b"[201~id");
    screen.quit();
}

#[test]
fn without_a_working_clipboard_the_text_goes_to_a_file() {
    let sandbox = Sandbox::new().with("TMUX", "/nonexistent/tmux,1,0");
    let screen = screen_with(&sandbox, &[], &Webhook::default());
    screen.type_keys("yy");
    screen.wait_for("written to ");
    assert_eq!(std::fs::read_to_string(copied_file(&sandbox)).unwrap(), PRETTY);
    assert_eq!(screen.seen(|seen| seen.copies().len()), 0);
    screen.quit();
}

#[test]
fn keys_without_an_event_say_what_to_do() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.type_keys("yr");
    screen.wait_for("no event to re-deliver yet; press `T` to send a sample");
    screen.quit();
}
