//! A secret typed where something else belongs, and control characters in arguments: neither is repeated on the terminal.

use crate::support::sandbox::{Ran, Sandbox};

/// The key that must not be shown. It is pasted in several forms.
const KEY: &str = "C5HTKtiWE0r5SMVEBviGl0YO4rJcZTlFEnvbqaQ5M";

/// Texts that contain [`KEY`], and whether they are signing secrets.
fn secrets() -> [(String, bool); 13] {
    [
        (format!("whsec_{KEY}"), true),
        (format!("\"whsec_{KEY}\""), true),
        (format!(" whsec_{KEY}\n"), true),
        (format!("v1,whsec_{KEY}"), true),
        (format!("SCALEKIT_WEBHOOK_SECRET=whsec_{KEY}"), true),
        (format!("SCALEKIT_WEBHOOK_SECRET='{KEY}'"), true),
        (KEY.to_owned(), true),
        (format!("sk_live_{KEY}"), false),
        (format!("Authorization: Bearer {KEY}"), false),
        (format!("eyJhbGciOiJIUzI1NiJ9.{KEY}.{KEY}"), false),
        (format!("http://me:{KEY}@:localhost"), false),
        (format!("me:{KEY}@localhost"), false),
        (format!("http://localhost:x/hook?a=b&token={KEY}"), false),
    ]
}

/// Arguments that take no secret. `{}` stands for the misplaced one.
const PLACES: [&[&str]; 29] = [
    &["{}"],
    &["help", "{}"],
    &["--{}"],
    &["--port", "{}"],
    &["--port={}"],
    &["--bind", "{}"],
    &["--config", "{}"],
    &["--headless", "--port", "0", "--db", "{}/events.db", "--target", "ftp://x"],
    &["--headless", "--port", "0", "--secret-file", "{}"],
    &["--headless", "--port", "0", "--known-secret-file", "{}"],
    &["--headless", "--port", "0", "--target", "ftp://{}"],
    &["--headless", "--port", "0", "--forward-to", "ftp://{}"],
    &["--forward-mode", "{}"],
    &["--override", "{}"],
    &["--answer", "{}"],
    &["explain", "{}"],
    &["events", "{}"],
    &["events", "--db", "{}"],
    &["events", "--filter", "is:{}"],
    &["events", "show", "{}"],
    &["verify", "{}"],
    &["verify", "--headers", "{}", "--body", "{}"],
    &["verify", "1", "--at", "{}"],
    &["send", "{}", "--to", "1"],
    &["send", "./{}", "--to", "1"],
    &["send", "user.signup", "--to", "ftp:{}"],
    &["send", "user.signup", "--to", "1", "--set", "{}"],
    &["replay", "{}", "--to", "1"],
    &["rehearse", "--to", "1", "--event", "{}"],
];

#[track_caller]
fn assert_hidden(ran: &Ran, case: &str) {
    assert!(!ran.stderr.contains(KEY) && !ran.text().contains(KEY), "{case}: {ran:?}");
}

#[test]
fn a_secret_in_the_wrong_place_is_not_shown() {
    let sandbox = Sandbox::new();
    for place in PLACES {
        for (secret, is_signing_secret) in secrets() {
            let arguments: Vec<_> = place.iter().map(|argument| argument.replace("{}", &secret)).collect();
            let ran = sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let case = arguments.join(" ");
            assert_hidden(&ran, &case);
            assert!(matches!(ran.code, Some(1 | 2)), "{case}: {ran:?}");
            if is_signing_secret && ran.stderr.contains("***") {
                assert!(ran.stderr.contains("put a signing secret into `SCALEKIT_WEBHOOK_SECRET`"), "{case}: {ran:?}");
            }
        }
    }
}

#[test]
fn a_secret_in_the_configuration_file_is_not_shown() {
    let sandbox = Sandbox::new();
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
    for (secret, _) in secrets() {
        let value = quoted(&secret);
        for line in [
            format!("secret_files = [{value}]"),
            format!("known_secret_files = [{value}]"),
            format!("secret_files = {value}"),
            format!("port = {value}"),
            format!("bind = {value}"),
            format!("target = {value}\nforward_to = \"ftp://x\""),
            format!("forward_to = [{value}, {value}]\nport = 0\nanswer = [\"200\", \"201\"]"),
            format!("forward_mode = {value}"),
            format!("answer = {value}"),
            format!("{value} = 1"),
            format!("port = {}", secret.trim()),
            secret.clone(),
        ] {
            let path = sandbox.file("config.toml", &line);
            let ran = sandbox.run(&["--headless", "--port", "0", "--config", &path]);
            assert_hidden(&ran, &line);
            assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
        }
    }
}

#[test]
fn an_invalid_line_of_dot_env_is_not_shown() {
    let sandbox = Sandbox::bare();
    for (secret, _) in secrets() {
        sandbox.file(".env", format!("{secret} {secret}\n"));
        assert_hidden(&sandbox.run(&["events"]), &secret);
    }
}

#[test]
fn an_existing_secret_file_is_named_even_if_it_looks_like_a_secret() {
    let sandbox = Sandbox::bare();
    sandbox.file("whsec_production", "\n");
    let ran = sandbox.run(&["--headless", "--port", "0", "--secret-file", "whsec_production"]);
    assert!(ran.stderr.starts_with("hookglass: the secret file `whsec_production` is empty\n"), "{ran:?}");
}

#[test]
fn control_characters_in_arguments_do_not_reach_the_terminal() {
    let sandbox = Sandbox::new();
    for hostile in ["\x1b]0;x\x07", "\x1b[31m", "\u{9b}31m", "\u{202e}gpj", "a\nb\r", "-\x1b[31m", "--\x1b[31m=1"] {
        for place in PLACES {
            let arguments: Vec<_> = place.iter().map(|argument| argument.replace("{}", hostile)).collect();
            let ran = sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            let is_harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!ran.stderr.contains(is_harmful) && !ran.text().contains(is_harmful), "{arguments:?}: {ran:?}");
            assert!(!ran.stderr.contains("a\nb"), "{arguments:?}: {ran:?}");
        }
    }
}

#[test]
fn arguments_that_are_not_utf8_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["--target"]);
    let output = command.arg(std::ffi::OsStr::from_bytes(b"\xff\x1b[31m")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("invalid UTF-8") && !said.contains('\x1b'), "{said}");
}

#[test]
fn on_a_terminal_only_the_parser_adds_colours() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.terminal(&["--port", "\x1b]0;x\x07"], 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
    terminal.seen(|seen| {
        assert!(seen.text().contains("invalid value '␛]0;x␇' for '--port <PORT>'"), "{}", seen.text());
        let output = String::from_utf8_lossy(&seen.output);
        assert!(output.contains("\x1b[") && !output.contains("\x1b]"), "{output:?}");
    });
}

#[test]
fn help_and_version_go_to_stdout() {
    let sandbox = Sandbox::new();
    for (arguments, begin) in [(["--help"], "Inspect Scalekit webhooks"), (["--version"], "hookglass ")] {
        let ran = sandbox.run(&arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.text().starts_with(begin), "{}", ran.text());
    }
}
