//! Ctrl-Z and `fg` under a shell with job control.

use crate::support::sandbox::{PROGRAM, Sandbox};
use crate::support::terminal::Terminal;
use rustix::process::{Signal, kill_process};

/// Resumes the job at each Enter until it has ended.
const SHELL: &str = "set -m; \"$0\" --port 0; \
    while [ $? -gt 128 ]; do echo stopped; read -r line; fg > /dev/null; done; echo ended";

#[test]
fn a_suspended_program_restores_the_terminal_and_resumes() {
    let sandbox = Sandbox::new();
    let command = sandbox.in_terminal("/bin/sh", &["-c", SHELL, PROGRAM]);
    let mut terminal = Terminal::start(command, 40, 140);
    let stops: [fn(&Terminal); 3] = [
        |terminal| terminal.type_keys("\x1a"),
        |terminal| terminal.type_keys("\x1a"),
        |terminal| kill_process(terminal.foreground(), Signal::TSTP).unwrap(),
    ];
    for (place, stop) in stops.into_iter().enumerate() {
        terminal.wait_for("Waiting for the first webhook");
        terminal.wait_until("raw mode", |_| terminal.is_raw());
        stop(&terminal);
        // The shell prints it each time, and the main screen still shows the earlier ones.
        terminal.wait_until("a stop", |seen| seen.text().matches("stopped").count() == place + 1);
        terminal.assert_given_back();
        terminal.type_keys("\n");
    }
    terminal.wait_for("Waiting for the first webhook");
    terminal.type_keys("?");
    terminal.wait_for("Keys");
    terminal.type_keys("?");
    terminal.wait_until_gone("Keys");
    terminal.type_keys("q");
    terminal.wait_for("ended");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_given_back();
}
