//! The scripts of `hookglass completions`, in real shells.

use crate::support::sandbox::Sandbox;
use crate::support::terminal::Terminal;

/// A line as typed up to the Tab key, and how the shell completes it.
const COMPLETED: [(&str, &str); 8] = [
    ("hookglass compl", "hookglass completions "),
    ("hookglass completions fi", "hookglass completions fish"),
    ("hookglass send user.si", "hookglass send user.signup"),
    ("hookglass send ./fixt", "hookglass send ./fixture.json"),
    ("hookglass send 7 --retry ref", "hookglass send 7 --retry reference"),
    ("hookglass explain timestamp-too", "hookglass explain timestamp-too-old"),
    ("hookglass explain body-altered:trailing-n", "body-altered:trailing-newline"),
    ("hookglass events --filter reason:body-altered:trailing-n", "reason:body-altered:trailing-newline"),
];

/// Starts a shell that knows the script, or says on stderr that there is none.
fn shell(sandbox: &Sandbox, name: &str, arguments: &[&str], setup: &str) -> Option<Terminal> {
    let path = std::env::var_os("PATH")?;
    let Some(program) = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file()) else {
        eprintln!("skipped: there is no {name}");
        return None;
    };
    let ran = sandbox.run(&["completions", name]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    sandbox.file("_hookglass", ran.stdout);
    sandbox.file("fixture.json", "{}");
    let terminal = Terminal::start(sandbox.in_terminal(program, arguments), 24, 100);
    terminal.type_keys(&format!("{setup}; echo rea''dy\r"));
    terminal.wait_for("ready");
    Some(terminal)
}

#[track_caller]
fn completes(mut terminal: Terminal) {
    for (typed, completed) in COMPLETED {
        terminal.type_keys(&format!("{typed}\t"));
        terminal.wait_for(completed);
        // Ctrl-u forgets the line, and Ctrl-l clears the screen.
        terminal.type_keys("\x15\x0c");
        terminal.wait_until_gone("hookglass");
    }
    terminal.type_keys("exit\r");
    terminal.wait_for_end();
}

#[test]
fn bash_completes_commands_event_types_files_and_filters() {
    let sandbox = Sandbox::new();
    if let Some(terminal) = shell(&sandbox, "bash", &["--norc", "--noprofile", "-i"], "source ./_hookglass") {
        completes(terminal);
    }
}

#[test]
fn zsh_completes_commands_event_types_files_and_filters() {
    let sandbox = Sandbox::new();
    let setup = "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D";
    if let Some(terminal) = shell(&sandbox, "zsh", &["-f", "-i"], setup) {
        completes(terminal);
    }
}

#[test]
fn fish_completes_commands_event_types_files_and_filters() {
    let sandbox = Sandbox::new();
    if let Some(terminal) = shell(&sandbox, "fish", &["--no-config", "-i"], "source ./_hookglass") {
        completes(terminal);
    }
}
