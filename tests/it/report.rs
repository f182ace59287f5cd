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
    assert!(ran.text().contains("History\n  error "), "{}", ran.text());
}
