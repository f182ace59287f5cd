//! `--log`: what a bug report needs, and nothing that a person sent or typed.

use crate::support::http::ask;
use crate::support::recorder::Recorder;
use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::Webhook;
use std::os::unix::fs::PermissionsExt;

const OTHER_SECRET: &str = "whsec_b3RoZXItcHJpdmF0ZS1rZXktb2YtdGVzdHM=";
const BODY: &[u8] = b"{\"id\":\"evt_private_id\",\"type\":\"user.signup\",\"data\":{\"email\":\"jane.roe@example.net\",\"name\":\"Jane Private\"}}";

/// Texts that must not appear in the log. Everything that begins with `private` is covered by the first.
const PRIVATE: [&str; 9] = [
    "private",
    "Private",
    "jane.roe",
    "example.net",
    "c2VjcmV0LWtleS1mb3ItdGhlLXRlc3Rz",
    "b3RoZXItcHJpdmF0ZS1rZXktb2YtdGVzdHM",
    "msg_2aBcDeFgHiJ",
    "evt_",
    "v1,",
];

/// Everything that a person can send or type, with something private in it.
fn busy_session(sandbox: &Sandbox, log: &str) {
    let app = Recorder::start(200, "private response of jane.roe@example.net");
    let to = format!("http://127.0.0.1:{}/private-path?token=private-query", app.port());
    let with_password = to.replace("//", "//private-user:private-password@");
    let known = sandbox.file("private-known", OTHER_SECRET);
    sandbox.file(".env", "OTHER=private-variable\n");
    let mut listening = sandbox.listen(&[
        "--log",
        log,
        "--forward-to",
        &to,
        "--known-secret-file",
        &known,
        "--override",
        "deny:\"private words\"",
    ]);
    let headers = "Authorization: Bearer private-token\r\nX-Private: private-value\r\nCookie: private=1\r\n";
    let good = Webhook { body: BODY, headers, ..Webhook::default() };
    assert_eq!(good.send(listening.address).status, 201);
    for secret in [OTHER_SECRET, "whsec_cHJpdmF0ZQ=="] {
        assert_eq!(Webhook { secret, body: BODY, headers, ..Webhook::default() }.send(listening.address).status, 401);
    }
    assert_eq!(
        Webhook { age_s: 1000, body: b"private, not JSON", ..Webhook::default() }.send(listening.address).status,
        401
    );
    for request in [
        &b"POST /private-path?token=private-query HTTP/1.1\r\nHost: private\r\nContent-Length: 7\r\n\r\nprivate"[..],
        b"GET /private HTTP/1.1\r\nHost: x\r\n\r\n",
        b"private nonsense of jane.roe@example.net\r\n\r\n",
        b"POST /private HTTP/1.1\r\nHost: x\r\nContent-Length: private\r\n\r\n",
    ] {
        ask(listening.address, request);
    }
    app.next();
    assert!(listening.stop().success());
    for (arguments, code) in [
        (&["replay", "1", "--to", &to][..], 0),
        (&["send", "user.signup", "--to", &to, "--set", "data.email=private@example.net"], 0),
        (&["send", "user.signup", "--to", &with_password], 2),
        (&["send", "user.signup", "--to", "ftp://private"], 2),
        (&["rehearse", "--to", &to, "--only", "unsigned"], 1),
        (&["verify", "2"], 1),
        (&["verify", "private-fixture"], 2),
        (&["events", "--filter", "jane.roe@example.net"], 0),
        (&["events", "--filter", "private:x"], 2),
        (&["events", "--db", "private.db"], 2),
        (&["--headless", "--secret-file", SECRET], 2),
        (&["--headless", "--secret-file", "private-missing"], 2),
    ] {
        let ran = sandbox.run(&[arguments, &["--log", log]].concat());
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn the_log_of_a_busy_session_has_nothing_private() {
    let sandbox = Sandbox::new().with("HOOKGLASS_LOG", "trace");
    busy_session(&sandbox, "session.log");
    let path = sandbox.folder().join("session.log");
    let log = std::fs::read_to_string(&path).unwrap();
    for private in PRIVATE.into_iter().chain([sandbox.folder().to_str().unwrap()]) {
        let line = log.lines().find(|line| line.contains(private));
        assert!(line.is_none(), "`{private}` is in the log: {}", line.unwrap_or_default());
    }
    for expected in [
        "INFO process: started version=",
        "INFO process: listening address=127.0.0.1:",
        "INFO request: stored seq=1 method=\"POST\" path_bytes=18",
        "verdict=\"verified\" reason=\"\" status=201 verify_us=",
        "reason=\"timestamp-too-old\"",
        "WARN request: refused status=400",
        "DEBUG store: committed rows=",
        "INFO delivery: ended event=1 origin=\"forwarded\"",
        "ERROR process: failed why=",
        "INFO process: ended is_success=true",
    ] {
        assert!(log.contains(expected), "no `{expected}` in\n{log}");
    }
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_log_that_cannot_be_written_is_one_clear_line() {
    let sandbox = Sandbox::new();
    sandbox.file("notes.txt", "remember the milk\n");
    std::os::unix::fs::symlink("elsewhere", sandbox.folder().join("link")).unwrap();
    for (path, line) in [
        ("missing/log", "hookglass: cannot write the log `missing/log`: No such file or directory (os error 2)"),
        ("link", "hookglass: cannot write the log `link`: it is a symbolic link"),
        ("notes.txt", "hookglass: cannot write the log `notes.txt`: it is not a log of hookglass"),
    ] {
        let ran = sandbox.run(&["events", "--log", path]);
        let lines: Vec<_> = ran.stderr.lines().collect();
        assert_eq!((ran.code, lines.len(), lines[0]), (Some(2), 2, line));
        assert!(lines[1].starts_with("hint: "), "{}", lines[1]);
    }
    let ran = sandbox.with("HOOKGLASS_LOG", "loud").run(&["events", "--log", "log"]);
    assert!(ran.stderr.starts_with("hookglass: `HOOKGLASS_LOG`: `loud` is not a level\nhint: use `error`"), "{ran:?}");
}

#[test]
fn a_flood_of_refused_requests_is_no_flood_of_lines() {
    const REQUESTS: usize = 200;
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&["--log", "log"]);
    for _ in 0..REQUESTS {
        assert_eq!(ask(listening.address, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n").status, 400);
    }
    assert!(listening.stop().success());
    let log = std::fs::read_to_string(sandbox.folder().join("log")).unwrap();
    let lines = log.lines().filter(|line| line.contains("refused")).count();
    assert!((1..REQUESTS).contains(&lines), "{lines} lines in\n{log}");
}

#[test]
fn the_delivery_of_a_sample_has_no_number_in_the_log() {
    let sandbox = Sandbox::new();
    let app = Recorder::start(200, "");
    let ran = sandbox.run(&["send", "user.signup", "--to", &app.port(), "--log", "log"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let log = std::fs::read_to_string(sandbox.folder().join("log")).unwrap();
    assert!(log.contains("INFO delivery: ended origin=\"asked\""), "{log}");
}
