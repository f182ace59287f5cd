//! `hookglass report`: the text for a bug report.

use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::Webhook;

#[test]
fn a_report_says_what_is_set_but_no_values() {
    let sandbox = Sandbox::new()
        .with("TMUX", "/tmp/private-socket,1,0")
        .with("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.8 22")
        .with("COLORTERM", "truecolor")
        .with("EDITOR", "private-editor");
    let config =
        sandbox.file("private.toml", "target = \"http://private-host:4000\"\nport = 4321\nlog = \"private.log\"\n");
    let known = sandbox.file("private-known", "whsec_b3RoZXI=");
    let mut listening = sandbox.listen(&["--config", &config]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    let ran = sandbox.run(&["report", "--config", &config, "--known-secret-file", &known]);
    let text = ran.text();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for private in ["private", SECRET, "192.0.2", "4321", "jane", sandbox.folder().to_str().unwrap()] {
        assert!(!text.contains(private), "{private} is in\n{text}");
    }
    for expected in [
        concat!("version              ", env!("CARGO_PKG_VERSION")),
        "TERM                 xterm-256color",
        "COLORTERM            truecolor",
        "also set             TMUX, SSH_CONNECTION, EDITOR",
        "copies go to         tmux, then a file",
        "set in the file      port, target, log",
        "in the environment   1",
        "known, not verifying 1",
        "events               1\n",
        "INFO process: listening",
        "INFO process: ended is_success=true",
    ] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
    }
}

#[test]
fn a_report_is_possible_while_the_configuration_has_a_mistake() {
    let sandbox = Sandbox::bare();
    let config = sandbox.file("config.toml", "prot = 1\n");
    let ran = sandbox.run(&["report", "--config", &config]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.text().contains("error                error in the configuration file `…`, line 1: there is no key `…`"),
        "{}",
        ran.text()
    );
    let ran = sandbox.run(&["report"]);
    assert!(ran.text().contains("Log\n  none; `--log FILE` writes one"), "{}", ran.text());
    assert!(ran.text().contains("History\n  file                 none\n"), "{}", ran.text());
}

#[test]
fn a_report_ends_with_the_last_lines_of_a_log_and_of_no_other_file() {
    let sandbox = Sandbox::bare();
    sandbox.file("notes.txt", "remember the milk\n");
    let ran = sandbox.run(&["report", "--log", "notes.txt"]);
    assert!(ran.text().ends_with("Log\n  cannot be read: it is not a log of hookglass\n"), "{}", ran.text());
    // Longer than the limit of one file, as two processes can make it.
    let line = |number| format!("2026-11-30T20:03:21.123456Z  INFO process: line {number:>1000} ended\n");
    sandbox.file("log", (0..26_000).map(line).collect::<String>());
    let ran = sandbox.run(&["report", "--log", "log"]);
    let (_, log) = ran.text().split_once("Log\n").unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 50, "{log}");
    assert!(lines[0].ends_with(" 25950 ended") && lines[49].ends_with(" 25999 ended"), "{log}");
}

#[test]
fn the_report_of_a_young_log_begins_with_the_end_of_the_old_one() {
    let sandbox = Sandbox::bare();
    let line = |number| format!("2026-11-30T20:03:21.123456Z  INFO process: line {number} ended\n");
    sandbox.file("log.old", (0..100).map(line).collect::<String>());
    sandbox.file("log", (100..110).map(line).collect::<String>());
    let ran = sandbox.run(&["report", "--log", "log"]);
    let (_, log) = ran.text().split_once("Log\n").unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 50, "{log}");
    assert!(lines[0].ends_with(" 60 ended") && lines[49].ends_with(" 109 ended"), "{log}");
}
