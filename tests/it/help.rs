//! Help texts and error messages of the command line, as they print.

use crate::reference::cli::commands;
use crate::support::sandbox::Sandbox;
use std::fmt::Write;

/// Widest line of a help text, in columns.
const MAX_WIDTH: usize = 100;
/// Most lines of a short help: a page.
const PAGE: usize = 44;

/// The help of `command` that `flag` prints.
fn help(sandbox: &Sandbox, command: &[&str], flag: &str) -> String {
    let ran = sandbox.run(&[command, &[flag]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command:?} {flag}");
    ran.text().lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn every_help_text_is_short_and_names_the_exit_codes() {
    let sandbox = Sandbox::new();
    for (name, _) in commands() {
        let command: Vec<_> = name.split(' ').skip(1).collect();
        let name = name.replace(' ', "-");
        for flag in ["-h", "--help"] {
            let help = help(&sandbox, &command, flag);
            for line in help.lines() {
                assert!(line.chars().count() <= MAX_WIDTH, "`{name} {flag}` has a wide line: {line}");
            }
            assert!(flag == "--help" || help.lines().count() <= PAGE, "`{name} -h` is over a page:\n{help}");
            assert!(help.contains("\nExit codes: 0 "), "`{name} {flag}`:\n{help}");
            let suffix = if flag == "-h" { "short" } else { "long" };
            insta::assert_snapshot!(format!("{name}-{suffix}"), help);
        }
    }
}

/// Common mistakes. Files: `empty` is empty, `both.toml` sets `override` and its old name, `wrong.toml` has
/// an unknown key, and there is no history.
const MISTAKES: [&[&str]; 57] = [
    &["lisen"],
    &["--prot", "3000"],
    &["--port", "70000"],
    &["--forward-mode", "before"],
    &["--forward-parallel", "65"],
    &["--override", "99"],
    &["--override", "503", "--answer", "drop"],
    &["--keep-path"],
    &["--target", "ftp://localhost"],
    &["--headless", "--secret-file", "missing"],
    &["--headless", "--secret-file", "empty"],
    &["--config", "both.toml"],
    &["--config", "wrong.toml"],
    &["--config", "same-key.toml"],
    &["--config", "no-colour.toml"],
    &["--config", "utf-16.toml"],
    &["--config", "missing.toml"],
    &["send", "user.signup"],
    &["send", "--to", "4000"],
    &["send", "user.sigup", "--to", "4000"],
    &["send", "user.signup", "--to", "4000", "--set", "data.email"],
    &["replay", "user.signup", "--to", "4000"],
    &["replay", "9-3", "--to", "4000"],
    &["events", "--db", "missing.db"],
    &["replay", "--filter", "is:good", "--to", "4000"],
    &["events", "show", "first"],
    &["history", "backup", "copy.db", "--db", "missing.db"],
    &["verify"],
    &["rehearse", "--to", "4000", "--only", "late"],
    &["completions", "tcsh"],
    &["man", "events", "shwo"],
    &["--db", "x.db", "events"],
    &["--port", "0", "events"],
    &["--port", "0", "evnts"],
    &["--port", "0", "xyz"],
    &["--json", "events", "show", "3"],
    &["events", "--db", "x.db", "show", "3"],
    &["events", "3"],
    &["show", "3"],
    &["events", "--limit", "0"],
    &["events", "--filter", "reason:foo"],
    &["--port", "abc"],
    &["--bind", "localhost"],
    &["send", "user.signup", "--to", "4000", "--times", "0"],
    &["send", "user.signup", "--to", "http//localhost:4000"],
    &["send", "user.signup", "--to", "http://"],
    &["--forward-to", "user.*="],
    &["--config", "port.toml"],
    &["--config", "no-value.toml"],
    &["verify", "hello"],
    &["verify", "--body", "empty"],
    &["verify", "empty"],
    &["verify", "half.json"],
    &["verify", "other.json"],
    &["verify", "early.json"],
    &["verify", "utf-16.toml"],
    &["send", "half.json", "--to", "4000"],
];

const FIXTURE: &str = r#"{"hookglass_fixture":1,"method":"POST","path":"/","received_at":"2026-01-31T10:00:00Z","headers":[],"body":"{}"}"#;

/// Mistakes with a secret that cannot sign, which is in the file `plain`.
const SECRET_MISTAKES: [&[&str]; 2] = [
    &["rehearse", "--to", "4000", "--secret-file", "plain"],
    &["send", "fixture.json", "--sign", "--to", "4000", "--secret-file", "plain"],
];

#[test]
fn common_mistakes_are_explained() {
    let sandbox = Sandbox::new();
    sandbox.file("empty", "");
    sandbox.file("both.toml", "answer = 503\noverride = 503\n");
    sandbox.file("same-key.toml", "[keys]\nquit = \"r\"\n");
    sandbox.file("no-colour.toml", "[colors]\nred = \"scarlet\"\n");
    sandbox.file("wrong.toml", "# a\nprot = 4000\n");
    sandbox.file("utf-16.toml", b"\xff\xfep\0");
    sandbox.file("port.toml", "port = \"x\"\n");
    sandbox.file("no-value.toml", "bind = \"::1\"\nport = \n");
    sandbox.file("half.json", "{\"a\": 1,\n");
    sandbox.file("other.json", "{\"a\": 1}");
    sandbox.file("early.json", "{\"hookglass_fixture\": 1}");
    let bare = Sandbox::bare();
    bare.file("plain", "hello\n");
    bare.file("fixture.json", FIXTURE);
    let mistakes = MISTAKES.iter().map(|mistake| (&sandbox, mistake));
    let mut transcript = String::new();
    for (sandbox, mistake) in mistakes.chain(SECRET_MISTAKES.iter().map(|mistake| (&bare, mistake))) {
        let ran = sandbox.run(mistake);
        assert_eq!((ran.code, ran.text()), (Some(2), ""), "{mistake:?}");
        writeln!(transcript, "$ hookglass {}\n{}", mistake.join(" "), ran.stderr).unwrap();
    }
    insta::assert_snapshot!("mistakes", transcript);
}

#[test]
fn the_old_names_still_work() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--answer", "503"]);
    assert_eq!(
        listening.talk(),
        "hookglass: override: every event gets 503 Service Unavailable, so the sender retries"
    );
    drop(listening);
    let file = sandbox.file("old.toml", "answer = 503\n");
    let listening = sandbox.listen(&["--config", &file]);
    assert_eq!(
        listening.talk(),
        "hookglass: override: every event gets 503 Service Unavailable, so the sender retries"
    );
    assert_eq!(sandbox.run(&["events", "--filter", "finding:*"]).code, Some(0));
}
