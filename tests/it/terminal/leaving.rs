//! Every way out restores the terminal: line discipline, main screen, cursor, mouse, paste mode.

use crate::support::sandbox::{PROGRAM, Sandbox};
use crate::support::terminal::Terminal;
use crate::support::webhook::Webhook;
use rustix::process::Signal;

const WAITING: &str = "Waiting for the first webhook";

#[test]
fn keys_and_signals_restore_the_terminal() {
    type Leave = Box<dyn Fn(&Terminal)>;
    let keys = [("q", "q"), ("Ctrl-C", "\x03"), ("Ctrl-C in a field", "/a\x03")]
        .map(|(name, keys)| (name.to_owned(), Box::new(|terminal: &Terminal| terminal.type_keys(keys)) as Leave));
    let signals = ending_signals().into_iter().map(|number| {
        (format!("signal {number}"), Box::new(move |terminal: &Terminal| terminal.signal_number(number)) as Leave)
    });
    for (name, leave) in keys.into_iter().chain(signals) {
        let sandbox = Sandbox::new();
        let mut screen = sandbox.open(&[]);
        screen.wait_for(WAITING);
        assert!(screen.is_raw(), "{name}");
        screen.wait_until("all modes", |seen| {
            let screen = seen.screen();
            screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor()
        });
        leave(&screen);
        let status = screen.terminal.wait_for_end();
        assert_eq!((status.exit_code(), status.signal()), (0, None), "{name}");
        screen.assert_given_back();
    }
}

/// Signals that end a program unless it catches them.
fn ending_signals() -> Vec<i32> {
    let named = [
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::TERM,
        Signal::ABORT,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::USR1,
        Signal::USR2,
        Signal::XCPU,
        #[cfg(target_os = "linux")]
        Signal::IO,
        #[cfg(target_os = "linux")]
        Signal::POWER,
        #[cfg(target_os = "linux")]
        Signal::STKFLT,
    ];
    // The first and the last of the real-time signals.
    let real_time = if cfg!(target_os = "linux") { &[35, 64][..] } else { &[] };
    named.map(Signal::as_raw).into_iter().chain(real_time.iter().copied()).collect()
}

#[test]
fn after_quitting_a_line_says_where_the_events_are() {
    let sandbox = Sandbox::new();
    let mut screen = sandbox.open(&[]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("q");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    let text = screen.text().replace('\n', "");
    assert!(text.contains("1 event is in `") && text.contains("`hookglass events` lists it"), "{text}");

    let mut screen = sandbox.open(&["--ephemeral"]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("q");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    assert!(!screen.text().contains("lists it"), "{}", screen.text());
}

#[test]
fn the_title_of_the_terminal_has_the_counts_and_is_given_back() {
    let sandbox = Sandbox::new();
    let mut screen = sandbox.open(&[]);
    assert_eq!(Webhook { secret: "whsec_b3RoZXI=", ..Webhook::default() }.send(screen.address).status, 401);
    let has = |seen: &crate::support::terminal::Seen, text: &str| {
        memchr::memmem::find(&seen.output, text.as_bytes()).is_some()
    };
    screen.wait_until("the title", |seen| has(seen, "· 1 event 1 ✗\x07"));
    screen.type_keys("q");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    screen.wait_until("the former title", |seen| has(seen, "\x1b[22;0t") && has(seen, "\x1b[23;0t"));
}

#[test]
fn m_releases_and_captures_the_mouse() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    screen.wait_for(WAITING);
    let captured =
        |seen: &crate::support::terminal::Seen| seen.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None;
    screen.wait_until("the mouse captured", captured);
    screen.type_keys("m");
    screen.wait_until("the mouse free", |seen| !captured(seen));
    screen.type_keys("m");
    screen.wait_until("the mouse captured again", captured);
    screen.quit();
}

#[test]
fn quit_asks_while_a_delivery_is_in_flight() {
    // It accepts connections and never responds.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox = Sandbox::new();
    let mut screen = sandbox.open(&["--target", &silent.local_addr().unwrap().port().to_string()]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("rq");
    screen.wait_for("Quit anyway?");
    screen.type_keys("n");
    screen.wait_until_gone("Quit anyway?");
    screen.type_keys("q");
    screen.wait_for("Quit anyway?");
    screen.type_keys("y");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    screen.assert_given_back();
}

#[test]
fn quit_asks_while_events_are_being_forwarded() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox = Sandbox::new();
    let mut screen = sandbox.open(&["--forward-to", &silent.local_addr().unwrap().port().to_string()]);
    for _ in 0..2 {
        assert_eq!(Webhook::default().send(screen.address).status, 201);
    }
    screen.type_keys("q");
    screen.wait_for("2 deliveries are pending. Quit anyway?");
    screen.type_keys("q");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    screen.assert_given_back();
}

#[test]
fn closing_the_terminal_ends_the_program() {
    let sandbox = Sandbox::new();
    let command = sandbox.in_terminal(PROGRAM, &["--port", "0"]);
    let terminal = Terminal::start_reading_until(command, 40, 140, |seen| seen.text().contains(WAITING));
    terminal.wait_for(WAITING);
    terminal.take_away();
}

#[test]
fn closing_the_terminal_without_a_signal_ends_the_program_too() {
    let sandbox = Sandbox::new();
    // Only the shell gets SIGHUP, and it ignores the signal.
    let script = "trap '' HUP; \"$0\" --port 0; echo \"$?\" > ended";
    let command = sandbox.in_terminal("/bin/sh", &["-c", script, PROGRAM]);
    let terminal = Terminal::start_reading_until(command, 40, 140, |seen| seen.text().contains(WAITING));
    terminal.wait_for(WAITING);
    terminal.take_away();
    assert!(sandbox.folder().join("ended").exists());
}

#[test]
fn resizing_does_not_end_the_program() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open_sized(&[], 10, 40);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    for (keys, title) in [("?", "Keys"), ("y", "Copy"), ("/a", "/ a"), ("K", "Signing secret"), ("=", "╭ Target ")] {
        screen.resize(40, 140);
        screen.wait_until("the whole list", |seen| seen.text().contains("Types"));
        screen.type_keys(keys);
        screen.wait_for(title);
        for (rows, columns) in [(1, 1), (2, 3), (1, 200), (60, 1), (10, 40)] {
            screen.resize(rows, columns);
        }
        screen.wait_for(title);
        screen.type_keys("\x1b");
        screen.wait_until_gone(title);
    }
    screen.quit();

    let mut terminal = sandbox.terminal(&["--port", "0"], 1, 1);
    terminal.wait_until("the screen", |seen| seen.screen().alternate_screen());
    terminal.type_keys("j");
    terminal.resize(10, 40);
    terminal.wait_for("hookglass");
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_given_back();
}

#[test]
fn after_quitting_the_line_names_a_history_that_plain_events_would_not_open() {
    let sandbox = Sandbox::new();
    let config = sandbox.file("named.toml", "db = \"named.db\"\n");
    let mut screen = sandbox.open(&["--config", &config]);
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    screen.wait_for("✓ user.signup");
    screen.type_keys("q");
    assert_eq!(screen.terminal.wait_for_end().exit_code(), 0);
    let text = screen.text().replace('\n', "");
    assert!(text.contains("named.db`; `hookglass events --db "), "{text}");
}
