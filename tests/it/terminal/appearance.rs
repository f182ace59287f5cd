//! The screen without colours, and output on a dumb terminal.

use crate::support::http::{ask, post};
use crate::support::sandbox::Sandbox;
use crate::support::sequences::{Piece, colours, first_stranger, pieces};
use crate::support::webhook::Webhook;

#[test]
fn no_color_keeps_bold_and_reverse() {
    let sandbox = Sandbox::new().with("NO_COLOR", "1");
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    assert_eq!(ask(screen.address, &post("", b"{}")).status, 401);
    screen.wait_for("unsigned");
    screen.wait_for("✓ user.signup");
    screen.type_keys("3");
    screen.wait_for("why");
    let output = screen.quit();
    assert_eq!(colours(&output), [""; 0]);
    let has_style = |code: &str| {
        pieces(&output).iter().any(
            |piece| matches!(piece, Piece::Control(parameters, 'm') if parameters.split(';').any(|part| part == code)),
        )
    };
    assert!(has_style("1") && has_style("7"), "bold or reverse is missing");
}

#[test]
fn the_screen_uses_colours_by_default() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.wait_for("Waiting for the first webhook");
    let output = screen.quit();
    assert!(!colours(&output).is_empty());
    assert_eq!(first_stranger(&output), None);
}

#[test]
fn the_configuration_sets_theme_colours_and_keys() {
    let sandbox = Sandbox::new().with("COLORTERM", "truecolor");
    let config = "theme = \"dark\"\n[colors]\nbackground = \"#010203\"\n[keys]\nshow-palette = \"F5\"\nquit = \"Ctrl-g\"\nshow-help = []\n";
    let config = sandbox.file("config.toml", config);
    let mut screen = sandbox.open(&["--config", &config]);
    screen.wait_for("Waiting for the first webhook");
    screen.wait_for("F5 actions");
    screen.type_keys("q?");
    screen.type_keys("\x1b[15~show the payl");
    screen.wait_for("1  show the payload");
    screen.type_keys("\x1b");
    screen.wait_until_gone("1  show the payload");
    screen.type_keys("\x07");
    assert!(screen.terminal.wait_for_end().success());
    let output = screen.seen(|seen| seen.output.clone());
    assert!(String::from_utf8_lossy(&output).contains("48;2;1;2;3"), "the background of the configuration is not set");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let sandbox = Sandbox::new().with("TERM", "dumb");
    let mut terminal = sandbox.terminal(&["--port", "0"], 40, 140);
    terminal.wait_for("listening on http://127.0.0.1:");
    let text = terminal.text();
    let address = crate::support::sandbox::address_in(text.trim_end());
    assert_eq!(Webhook::default().send(address).status, 201);
    terminal.wait_for("verified");
    assert!(!terminal.seen(|seen| seen.output.contains(&0x1b)));
    terminal.type_keys("\x03");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_given_back();
}

#[test]
fn startup_problems_stay_on_the_screen() {
    let sandbox = Sandbox::new();
    sandbox.file(".env", "what is this\n");
    let history = sandbox.folder().join("events.db").to_str().unwrap().to_owned();
    let mut listening = sandbox.listen(&["--db", &history]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    // Without its first page, the history is damaged.
    let mut bytes = std::fs::read(&history).unwrap();
    bytes[..16_384].fill(0);
    std::fs::write(&history, bytes).unwrap();
    let screen = sandbox.open(&["--db", &history, "--forward-to", "192.0.2.1", "--forward", "all"]);
    screen.wait_for("`--forward all`: anyone who knows the public URL");
    screen.wait_for("was damaged: hookglass saved the only event");
    screen.wait_for("expected `NAME=value`, so the line was skipped · correct the line");
    screen.quit();
}
