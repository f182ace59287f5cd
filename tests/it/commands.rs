//! `send` and `events`, and errors at startup.

use crate::support::recorder::Recorder;
use crate::support::sandbox::{Ran, SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::core::export::Fixture;
use std::net::TcpListener;

/// A listener that has received two events.
fn listening_with_two(sandbox: &Sandbox) -> crate::support::sandbox::Listening {
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let body = body_of("user.signup", "evt_forged");
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_forged", body: &body, ..Webhook::default() };
    assert_eq!(forged.send(listening.address).status, 401);
    listening
}

#[test]
fn deliveries_are_printed_with_everything_that_is_stored() {
    let sandbox = Sandbox::new();
    let app = Recorder::start(418, "a teapot");
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    drop(listening);
    assert_eq!(sandbox.run(&["replay", "1", "--to", &app.port()]).code, Some(1));
    let ran = sandbox.run(&["events", "show", "1", "--deliveries"]);
    assert_eq!((ran.code, ran.text().lines().count()), (Some(0), 1));
    for part in
        ["\"manner\":\"resigned\"", "\"status\":418", "\"body\":\"a teapot\"", "[\"hookglass-delivery\",\"resigned\"]"]
    {
        assert!(ran.text().contains(part), "{part}: {}", ran.text());
    }
}

#[test]
fn events_are_listed_during_and_after_listening() {
    let sandbox = Sandbox::new();
    let mut listening = listening_with_two(&sandbox);
    for is_listening in [true, false] {
        let listed = sandbox.run(&["events"]);
        let lines: Vec<&str> = listed.text().lines().collect();
        assert_eq!((listed.code, lines.len()), (Some(0), 2), "{listed:?}");
        assert!(lines[0].trim_start().starts_with("1 ") && lines[0].contains("verified"), "{}", lines[0]);
        assert!(lines[1].trim_start().starts_with("2 ") && lines[1].contains("invalid (signature-mismatch)"));
        let newest = sandbox.run(&["events", "--limit", "1", "--json"]);
        assert_eq!(newest.text().lines().count(), 1);
        assert!(newest.text().starts_with("{\"seq\":2,\"received_at\":\""), "{}", newest.text());
        if is_listening {
            assert!(listening.stop().success());
        }
    }
}

#[test]
fn a_list_without_events_says_why() {
    let sandbox = Sandbox::new();
    let said = |arguments: &[&str]| {
        let ran = sandbox.run(&[&["events"], arguments].concat());
        assert_eq!((ran.code, ran.text()), (Some(0), ""));
        ran.stderr
    };
    let listening = sandbox.listen(&[]);
    assert_eq!(said(&[]), "hookglass: no events yet\n");
    assert_eq!(said(&["--filter", "is:verified", "--json"]), "hookglass: no events yet\n");
    drop(listening);
}

#[test]
fn a_body_that_is_not_json_is_named_where_its_response_is_shown() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook { body: b"hello", ..Webhook::default() }.send(listening.address).status, 400);
    assert!(listening.line().ends_with("5 bytes  → 400 (body is not JSON)"));
    assert!(sandbox.run(&["events"]).text().ends_with("5 bytes  → 400 (body is not JSON)\n"));
    assert!(sandbox.run(&["events", "show", "1"]).text().contains("responded 400 (body is not JSON), 5 bytes"));
    assert!(sandbox.run(&["verify", "1"]).text().contains("the body is "));
}

#[test]
fn flags_of_the_program_may_come_before_the_command() {
    let sandbox = Sandbox::new();
    let listening = listening_with_two(&sandbox);
    let file = sandbox.file("my.toml", "port = 1\n");
    assert_eq!(sandbox.run(&["--config", &file, "events", "--json"]).text().lines().count(), 2);
    drop(listening);
}

#[test]
fn the_filter_selects_events_as_on_the_screen() {
    let sandbox = Sandbox::new();
    let _listening = listening_with_two(&sandbox);
    let numbers = |arguments: &[&str]| {
        let listed = sandbox.run(&[&["events"], arguments].concat());
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let number = |line: &str| line.split_whitespace().next().unwrap().to_owned();
        listed.text().lines().map(number).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(numbers(&["--filter", "is:invalid reason:signature-mismatch"]), "2");
    assert_eq!(numbers(&["--filter", "-is:unsigned"]), "1 2");
    assert_eq!(numbers(&["--filter", "-is:unsigned", "--limit", "1"]), "2");
    assert_eq!(numbers(&["--filter", "type:nothing"]), "");
    let wrong = sandbox.run(&["events", "--filter", "reason:"]);
    assert_eq!((wrong.code, wrong.stdout.len()), (Some(2), 0));
    assert!(wrong.stderr.starts_with("hookglass: invalid filter `reason:`: "), "{wrong:?}");
    let marked = sandbox.run(&["events", "--filter", "user -is:marked"]);
    assert_eq!((marked.code, marked.stdout.len()), (Some(2), 0));
    assert!(
        marked.stderr.contains("cannot use the filter `user -is:marked`: marks exist only on the screen"),
        "{marked:?}"
    );
}

#[test]
fn an_event_is_shown_completely() {
    let sandbox = Sandbox::new();
    let _listening = listening_with_two(&sandbox);
    let shown = sandbox.run(&["events", "show", "1"]);
    assert_eq!(shown.code, Some(0));
    for part in ["event 1, received ", "verified", "POST /webhooks/scalekit", "webhook-id: msg_2aBcDeFgHiJ"] {
        assert!(shown.text().contains(part), "{part} in {}", shown.text());
    }
    assert_eq!(sandbox.run(&["events", "show", "1", "--body"]).stdout, BODY);
    let fixture = sandbox.run(&["events", "show", "1", "--fixture"]);
    assert_eq!((fixture.code, Fixture::read(fixture.text()).unwrap().body), (Some(0), BODY.to_vec()));
    let file = sandbox.file("fixture.json", &fixture.stdout);
    let verified = sandbox.run(&["verify", &file]);
    assert!(verified.code == Some(0) && verified.text().starts_with("verified"), "{verified:?}");
}

#[test]
fn a_missing_event_is_reported_with_exit_code_1() {
    let sandbox = Sandbox::new();
    let _listening = listening_with_two(&sandbox);
    for arguments in [&["events", "show", "9"][..], &["events", "show", "9", "--body"]] {
        let shown = sandbox.run(arguments);
        assert_eq!((shown.code, shown.stdout.len()), (Some(1), 0));
        let said = "hookglass: there is no event 9 in the history\nhint: list the events with `hookglass events`\n";
        assert_eq!(shown.stderr, said);
    }
}

#[test]
fn another_history_can_be_read_by_its_path() {
    let sandbox = Sandbox::new();
    let database = sandbox.folder().join("a folder/mine.db");
    let database = database.to_str().unwrap();
    let listening = sandbox.listen(&["--db", database]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert_eq!(sandbox.run(&["events", "--db", database]).text().lines().count(), 1);
    assert_eq!(sandbox.run(&["events", "show", "1", "--body", "--db", database]).stdout, BODY);
    assert!(!sandbox.data().exists());
}

#[test]
fn a_pipe_that_closes_early_ends_the_listing_quietly() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let body = [body_of("user.login", "evt_1"), vec![b' '; 1 << 20]].concat();
    assert_eq!(Webhook { body: &body, ..Webhook::default() }.send(listening.address).status, 201);
    let mut child = sandbox.command(&["events", "show", "1", "--body"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_sample_is_signed_with_a_secret_from_any_source() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let port = listening.address.port().to_string();
    let send = |from: &Sandbox, further: &[&str]| {
        let sent = from.run(&[&["send", "user.signup", "--to", &port], further].concat());
        (sent.code, sent.text().contains(" responded 201 in "), listening.line().contains("verified"))
    };
    assert_eq!(send(&sandbox, &[]), (Some(0), true, true));

    let with_file = Sandbox::bare();
    let path = with_file.file("secret", format!("{SECRET}\n"));
    assert_eq!(send(&with_file, &["--secret-file", &path]), (Some(0), true, true));

    let with_dot_env = Sandbox::bare();
    with_dot_env.file(".env", format!("OTHER=1\n{SECRET_VARIABLE}=\"{SECRET}\"\n"));
    assert_eq!(send(&with_dot_env, &[]), (Some(0), true, true));
}

#[test]
fn the_listener_reads_its_secret_from_any_source() {
    let with_file = Sandbox::bare();
    let path = with_file.file("secret", SECRET);
    let listening = with_file.listen(&["--secret-file", &path]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("verified"));

    let with_dot_env = Sandbox::bare();
    with_dot_env.file(".env", format!("{SECRET_VARIABLE}={SECRET}\n"));
    let listening = with_dot_env.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("verified"));
}

#[test]
fn a_rejected_sample_is_reported_with_exit_code_1() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let other = Sandbox::new().with(SECRET_VARIABLE, "whsec_b3RoZXI=");
    let port = listening.address.port().to_string();
    let sent = other.run(&["send", "user.signup", "--to", &port]);
    assert_eq!(sent.code, Some(1));
    assert!(sent.text().contains("responded 401"), "{sent:?}");
    drop(listening);
    let sent = other.run(&["send", "user.signup", "--to", &port]);
    assert_eq!((sent.code, sent.stdout.len()), (Some(1), 0));
    assert!(sent.stderr.starts_with("hookglass: "), "{}", sent.stderr);
}

/// One message and one hint, exit code 2, nothing on stdout.
#[track_caller]
fn assert_could_not_run(ran: &Ran, message: &str) {
    assert_eq!((ran.code, ran.stdout.as_slice()), (Some(2), &b""[..]), "{message}: {ran:?}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("hookglass: ") && lines[0].contains(message), "{message}: {}", ran.stderr);
    assert!(lines.len() == 2 && lines[1].starts_with("hint: "), "{message}: {}", ran.stderr);
}

#[test]
fn startup_errors_have_a_hint() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sandbox = Sandbox::new();
    let file = sandbox.file("file", "text");
    let beneath = format!("{file}/folder/events.db");
    let (missing, empty, bytes) = (sandbox.folder(), sandbox.file("empty", "\n"), sandbox.file("bytes", b"\xff"));
    let missing = missing.join("missing");
    let missing = missing.to_str().unwrap();
    let cases: [(&[&str], &str); 12] = [
        (&["--headless", "--port", &port], &format!("cannot listen on `127.0.0.1:{port}`")),
        (&["--headless", "--port", "0", "--secret-file", missing], "cannot read the secret file"),
        (&["--headless", "--port", "0", "--secret-file", &empty], "is empty"),
        (&["--headless", "--port", "0", "--secret-file", &bytes], "is not UTF-8 text"),
        (&["--headless", "--port", "0", "--db", &beneath], "cannot create the data folder"),
        (&["--headless", "--port", "0", "--target", "ftp://x"], "`--target`"),
        (&["--headless", "--port", "0", "--forward-to", "http://"], "`--forward-to`"),
        (&["send", "user.signup", "--to", "http://x:99999"], "`--to`"),
        (&["send", "no.such", "--to", "1"], "`no.such` is not an event number, a sample or a file"),
        (&["events"], "there is no history at"),
        (&["events", "show", "1"], "there is no history at"),
        (&["events", "--db", &file], "file"),
    ];
    for (arguments, message) in cases {
        assert_could_not_run(&sandbox.run(arguments), message);
    }
    assert!(!sandbox.data().exists());
}

#[test]
fn the_program_on_the_port_is_named_and_how_to_go_on() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let port = listening.address.port();
    let ran = sandbox.run(&["--headless", "--port", &port.to_string(), "--ephemeral"]);
    assert_could_not_run(&ran, &format!("`127.0.0.1:{port}`: another hookglass listens there"));
    assert!(ran.stderr.contains("`hookglass --port "), "{}", ran.stderr);

    // It accepts connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let ran = sandbox.run(&["--headless", "--port", &port.to_string(), "--ephemeral"]);
    assert_could_not_run(&ran, "another program uses this port");
    let other = port.checked_add(1).unwrap_or(3001);
    let commands = format!("`hookglass --port {other} --forward-to {port}` and `ngrok http {other}`");
    assert!(ran.stderr.contains(&commands), "{}", ran.stderr);
}

#[test]
fn a_second_listener_on_a_history_is_refused() {
    let sandbox = Sandbox::new();
    let _listening = sandbox.listen(&[]);
    assert_could_not_run(&sandbox.run(&["--headless", "--port", "0"]), "another hookglass has");
}

#[test]
fn startup_errors_appear_before_the_screen_opens() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox = Sandbox::new();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut terminal = sandbox.terminal(&["--port", &port], 40, 140);
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
    let text = terminal.text();
    assert!(text.starts_with("hookglass: cannot listen on") && text.contains("\nhint: "), "{text}");
    assert!(!terminal.seen(|seen| seen.output.contains(&0x1b)));
    terminal.assert_given_back();
}

#[test]
fn the_printed_configuration_is_one_that_hookglass_reads() {
    let sandbox = Sandbox::new();
    let path = sandbox.run(&["config", "--path"]);
    let path = std::path::PathBuf::from(path.text().trim_end());
    assert!(path.ends_with("hookglass/config.toml"), "{}", path.display());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let printed = sandbox.run(&["config"]);
    std::fs::write(&path, &printed.stdout).unwrap();
    assert_eq!(sandbox.run(&["config", "--path"]).stderr, "");
    assert_eq!(sandbox.run(&["verify", "1"]).stderr.matches("config").count(), 0);
    // Every key is a comment. Without its `#`, it has its effect.
    std::fs::write(&path, printed.text().replace("\n#override = ", "\noverride = ")).unwrap();
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 503);
    drop(listening);
    std::fs::write(&path, "prot = 4000\n").unwrap();
    assert_eq!(sandbox.run(&["verify", "1"]).code, Some(2));
    for command in [&["config"][..], &["config", "--schema"], &["completions", "bash"], &["man"]] {
        let ran = sandbox.run(command);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command:?} reads no settings");
    }
    let missing = sandbox.run(&["config", "--path", "--config", "missing.toml"]);
    assert_eq!((missing.text(), missing.code), ("missing.toml\n", Some(0)));
    assert!(missing.stderr.contains("does not exist"), "{}", missing.stderr);
}
