//! Commands never pass control sequences from a request to the terminal.

use super::hostile::NASTY;
use crate::support::app::App;
use crate::support::sandbox::Sandbox;
use crate::support::sequences::first_stranger;
use crate::support::webhook::Webhook;

/// A history with one verified event that has a hostile body, header and type; and the app that it was delivered to.
fn hostile_history() -> (Sandbox, App) {
    let sandbox = Sandbox::new();
    let app = App::with_bodies(|_| Some((418, NASTY)));
    let escaped: String = NASTY.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let body = format!("{{\"type\":\"{escaped}\",\"id\":\"{escaped}\"}}\r\n{NASTY}");
    let visible: String = NASTY.chars().filter(|c| !c.is_ascii_control()).collect();
    let mut listening = sandbox.listen(&["--override", "201"]);
    let (body, headers) = (body.as_bytes(), &format!("X-Nasty: {visible}\r\n"));
    assert_eq!(Webhook { body, headers, ..Webhook::default() }.send(listening.address).status, 201);
    assert!(listening.stop().success());
    assert_eq!(sandbox.run(&["replay", "1", "--to", &app.url()]).code, Some(1));
    (sandbox, app)
}

#[test]
fn no_command_passes_control_sequences_to_a_terminal() {
    let (sandbox, app) = hostile_history();
    let url = app.url();
    let to = ["--to", &url];
    for (arguments, code) in [
        (vec!["events"], 0),
        (vec!["events", "--json"], 0),
        (vec!["events", "show", "1"], 0),
        (vec!["events", "show", "1", "--body"], 0),
        (vec!["events", "show", "1", "--fixture"], 0),
        (vec!["events", "show", "1", "--deliveries"], 0),
        (vec!["verify", "1"], 0),
        (vec!["verify", "1", "--json"], 0),
        ([&["send", "1"][..], &to].concat(), 1),
        ([&["send", "1", "--json"][..], &to].concat(), 1),
        ([&["replay", "1"][..], &to].concat(), 1),
        ([&["replay", "1", "--as-received", "--json"][..], &to].concat(), 1),
        ([&["rehearse", "--event", "1", "--only", "control"][..], &to].concat(), 1),
        ([&["rehearse", "--event", "1", "--only", "control", "--json"][..], &to].concat(), 1),
    ] {
        let mut terminal = sandbox.terminal(&arguments, 40, 140);
        let status = terminal.wait_for_end();
        let output = terminal.seen(|seen| seen.output.clone());
        let text = String::from_utf8_lossy(&output);
        assert_eq!(first_stranger(&output), None, "{arguments:?}: {text}");
        assert!(!output.contains(&0x1b), "{arguments:?}: {text}");
        assert_eq!(status.exit_code(), code, "{arguments:?}: {text}");
    }
}

#[test]
fn the_listener_prints_no_control_sequences() {
    for form in ["--headless", "--json"] {
        let sandbox = Sandbox::new();
        let terminal = sandbox.terminal(&[form, "--port", "0"], 40, 140);
        terminal.wait_for("http://127.0.0.1:");
        let address = terminal.text().split("http://").nth(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && !".:".contains(c)).unwrap_or(rest.len());
            rest[..end].parse().unwrap()
        });
        let escaped: String = NASTY.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let body = format!("{{\"type\":\"{escaped}\",\"id\":\"{escaped}\"}}");
        let webhook = Webhook { body: body.as_bytes(), ..Webhook::default() };
        assert_eq!(webhook.send(address.unwrap()).status, 201);
        terminal.wait_for("verified");
        assert_eq!(first_stranger(&terminal.seen(|seen| seen.output.clone())), None);
        terminal.type_keys("\x03");
    }
}

#[test]
fn a_body_on_a_terminal_comes_with_a_hint_how_to_get_its_bytes() {
    let (sandbox, _app) = hostile_history();
    let mut terminal = sandbox.terminal(&["events", "show", "1", "--body"], 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let text = terminal.text();
    assert!(text.contains("␛]52;c;b3duZWQ=␇<U+009B>31m"), "{text}");
    assert!(text.contains("hint: redirect the output to a file (`> FILE`) or a pipe to get the exact bytes"), "{text}");
}

#[test]
fn a_plain_body_on_a_terminal_comes_without_a_hint() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let mut terminal = sandbox.terminal(&["events", "show", "1", "--body"], 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(!terminal.text().contains("hint:"), "{}", terminal.text());
}
