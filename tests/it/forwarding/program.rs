//! Forwarding as set by flags and the configuration file, and how the program reports it.

use crate::support::forwarding::{Bystander, app};
use crate::support::http::{Client, ask, post};
use crate::support::recorder::Recorder;
use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::core::delivery::{Delivery, Ending, FailureKind};
use hookglass::store::Reader;
use std::io::Write;
use std::net::TcpListener;

impl Sandbox {
    /// Writes the configuration file to its default path.
    fn configure(&self, text: &str) {
        let folder = self.folder().join("config/hookglass");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// A sandbox with a folder for configuration files.
    fn configurable(self) -> Self {
        let folder = self.folder().join("config");
        self.with("XDG_CONFIG_HOME", folder.to_str().unwrap())
    }
}

#[test]
fn a_line_is_printed_after_the_apps_response_with_its_status() {
    let app = Recorder::start(202, "thanks");
    let sandbox = Sandbox::new();
    let to = app.address.to_string();
    let mut listening = sandbox.listen(&["--json", "--forward-to", &to, "--forward-mode", "through"]);
    assert_eq!(Webhook::default().send(listening.address).body, "thanks");
    assert_eq!(ask(listening.address, &post("", b"x")).status, 401);
    assert!(listening.line().contains("\"status\":202,"));
    assert!(listening.line().contains("\"status\":401,"));
    assert!(listening.talk().starts_with(&format!("hookglass: event 1 forwarded to http://{to}/: responded 202 in ")));
    assert!(listening.stop().success());
    assert!(sandbox.run(&["events"]).text().contains("bytes  → 202"));
}

#[test]
fn a_404_from_a_target_without_a_path_suggests_the_url() {
    let (app, sandbox) = (Recorder::start(404, ""), Sandbox::new());
    let mut listening = sandbox.listen(&["--forward-to", &app.port()]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let (talk, port) = (listening.talk(), app.port());
    let advice = format!(
        "; the target has no path; use `http://localhost:{port}/webhooks/scalekit`, or add `--keep-path` to `--forward-to`"
    );
    assert!(talk.contains(": responded 404 in ") && talk.ends_with(&advice), "{talk}");
    assert!(listening.stop().success());
}

#[test]
fn a_disconnected_sender_does_not_delay_the_last_lines() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox = Sandbox::new();
    let to = silent.local_addr().unwrap().to_string();
    let mut listening = sandbox.listen(&["--forward-to", &to, "--forward-mode", "through"]);
    let mut sender = Client::connect(listening.address);
    sender.send(&Webhook::default().bytes());
    drop(silent.accept().unwrap());
    assert_eq!(sender.answer().status, 502);
    let mut sender = Client::connect(listening.address);
    sender.send(&Webhook::default().bytes());
    let _held = silent.accept().unwrap();
    assert!(listening.line().ends_with("  → 502"));
    assert!(listening.stop().success());
    let line = listening.line();
    assert!(line.ends_with("  → 503") || line.ends_with("  no response"), "{line}");
    assert_eq!(sender.answer().status, 503);
}

#[test]
fn deliveries_cancelled_at_exit_are_reported() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&["--forward-to", &silent.local_addr().unwrap().to_string()]);
    for _ in 0..2 {
        assert_eq!(Webhook::default().send(listening.address).status, 201);
    }
    let _held = silent.accept().unwrap();
    assert!(listening.stop().success());
    let cancelled = listening.talk();
    assert!(
        cancelled.starts_with("hookglass: forwarding event 1 to ")
            && cancelled.contains("cancelled: hookglass exited before"),
        "{cancelled}"
    );
    assert_eq!(listening.talk(), "hookglass: 1 pending delivery was not sent");
    // A delivery that never started is not stored.
    let history = Reader::open(&sandbox.data().join("events.db")).unwrap();
    let endings = |seq| history.deliveries(seq, usize::MAX).unwrap().iter().map(Delivery::ending).collect::<Vec<_>>();
    assert_eq!(endings(1), [Ending::Failed(FailureKind::Cancelled)]);
    assert_eq!(endings(2), []);
}

#[test]
fn a_delivery_that_ends_during_shutdown_is_reported_with_its_outcome() {
    let (app, sandbox) = (Recorder::start(422, ""), Sandbox::new());
    let to = app.address.to_string();
    let mut listening = sandbox.listen(&["--forward-to", &to, "--forward-mode", "through", "--json"]);
    assert_eq!(Webhook::default().send(listening.address).status, 422);
    assert!(listening.stop().success());
    let line = listening.line();
    assert!(line.contains("\"status\":422"), "{line}");
    assert!(listening.talk().contains(" responded 422 in "));
}

#[test]
fn a_forwarding_report_states_only_what_is_known() {
    let broken = app(|mut stream, _| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx").unwrap());
    let closing = app(|stream, _| drop(stream));
    let sandbox = Sandbox::new();
    for (target, said) in [(broken, "forwarded to"), (closing, "forwarding event 1 to")] {
        let listening = sandbox.listen(&["--ephemeral", "--forward-to", &target.to_string()]);
        assert_eq!(Webhook::default().send(listening.address).status, 201);
        let talk = listening.talk();
        assert!(talk.contains(said), "{talk}");
        assert_eq!(talk.ends_with(", but its body was cut off"), target == broken, "{talk}");
        assert_eq!(talk.contains(" failed: `"), target == closing, "{talk}");
    }
}

#[test]
fn a_success_at_one_target_does_not_hide_a_failure_at_another() {
    let (refusing, taking, sandbox) = (Recorder::start(500, ""), Recorder::start(201, ""), Sandbox::new());
    let targets = [refusing.address.to_string(), taking.address.to_string()];
    for targets in [[&targets[0], &targets[1]], [&targets[1], &targets[0]]] {
        let listening = sandbox.listen(&["--forward-to", targets[0], "--forward-to", targets[1]]);
        assert_eq!(Webhook::default().send(listening.address).status, 201);
        drop((listening.talk(), listening.talk()));
    }
    assert_eq!(sandbox.run(&["events", "--filter", "is:failed"]).text().lines().count(), 2);
    assert_eq!(sandbox.run(&["events", "--filter", "is:delivered"]).text().lines().count(), 0);
}

#[test]
fn a_duplicate_target_causes_a_warning() {
    let (app, sandbox) = (Recorder::start(200, ""), Sandbox::new());
    let (address, by_type) = (app.address.to_string(), format!("user.*=http://{}/", app.address));
    let twice = ["--forward-to", &address, "--forward-to", &by_type, "--forward-to", &address];
    let listening = sandbox.listen(&[&twice[..], &["--forward", "all"]].concat());
    let warning = listening.talk();
    assert!(
        warning.contains(&format!("`http://{address}/` is a target twice, so events that match both")),
        "{warning}"
    );
    assert!(warning.ends_with("; remove one of them"), "{warning}");
    assert!(listening.talk().contains("`--forward all`"));
    drop(listening);

    let screen = sandbox.open(&twice);
    screen.wait_for("is a target twice, so events that match both");
    screen.wait_for(" · remove one of them");
    screen.quit();
}

#[test]
fn all_events_are_forwarded_on_request_with_a_warning() {
    let app = Recorder::start(200, "");
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--forward-to", &app.address.to_string(), "--forward", "all"]);
    let warning = listening.talk();
    assert!(warning.contains("`--forward all`") && warning.contains("anyone who knows the public URL"), "{warning}");
    assert_eq!(ask(listening.address, &post("", b"forged")).status, 401);
    assert_eq!(app.next().body, b"forged");
}

#[test]
fn without_a_secret_one_warning_says_that_nothing_is_forwarded() {
    let app = Bystander::new();
    let sandbox = Sandbox::bare();
    let listening = sandbox.listen(&["--forward-to", &app.address().to_string()]);
    assert!(listening.talk().contains("no signing secret, so events are unchecked"));
    let said = listening.talk();
    assert!(said.contains("unchecked events are not forwarded") && said.contains("`--forward all`"), "{said}");
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.line().contains("unchecked"));
    app.assert_unvisited();
}

#[test]
fn proxy_settings_in_the_environment_are_ignored() {
    let (app, proxy) = (Recorder::start(200, ""), Bystander::new());
    let url = format!("http://{}", proxy.address());
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let sandbox = names.iter().fold(Sandbox::new(), |sandbox, name| sandbox.with(name, &url));
    let listening = sandbox.listen(&["--forward-to", &app.address.to_string()]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert_eq!(app.next().body, BODY);
    assert!(listening.talk().contains("responded 200"));
    proxy.assert_unvisited();
}

#[test]
fn flags_override_the_configuration_file() {
    let (users, all, flagged) = (Recorder::start(200, ""), Recorder::start(200, ""), Recorder::start(200, ""));
    let sandbox = Sandbox::bare().configurable();
    sandbox.configure(&format!(
        "forward_to = [\"user.*=http://{}\", \"{}\"]\nforward_mode = \"through\"\nkeep_path = true\n\
         secret_files = [\"secret\"]\ndb = \"own.db\"\nport = 0\n",
        users.address, all.address
    ));
    std::fs::write(sandbox.folder().join("config/hookglass/secret"), SECRET).unwrap();

    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 200, "the response of the app");
    let role = body_of("role.created", "evt_1");
    assert_eq!(Webhook { body: &role, ..Webhook::default() }.send(listening.address).status, 200);
    assert_eq!((users.next().head.target(), all.next().body), (&b"/webhooks/scalekit"[..], BODY.to_vec()));
    assert_eq!(all.next().body, role);
    assert!(listening.stop().success());
    assert_eq!(sandbox.run(&["events"]).text().lines().count(), 2, "the other commands read the same history");

    let listening = sandbox.listen(&["--forward-to", &flagged.address.to_string(), "--forward-mode", "after"]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert_eq!(flagged.next().body, BODY);
    assert!(listening.talk().starts_with("hookglass: event 3 forwarded to "));
}

#[test]
fn an_invalid_configuration_file_is_reported_with_its_line() {
    let sandbox = Sandbox::new().configurable();
    sandbox.configure("port = 0\nforward-to = [\"4000\"]\n");
    let ran = sandbox.run(&["--headless"]);
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    let begin = format!("hookglass: error in the configuration file `{}/config/", sandbox.folder().display());
    assert!(ran.stderr.starts_with(&begin), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("line 2: there is no key `forward-to`") && ran.stderr.contains("\nhint: "),
        "{}",
        ran.stderr
    );

    let named = sandbox.file("mine.toml", "port = 0\n");
    let mut listening = sandbox.listen(&["--config", &named]);
    assert!(listening.stop().success());
    let ran = sandbox.run(&["events", "--config", "/no/such/file"]);
    assert!(
        ran.stderr.starts_with("hookglass: cannot read the configuration file `/no/such/file`: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn obvious_mistakes_are_refused_at_startup() {
    let sandbox = Sandbox::new();
    // A port that was free a moment ago, so it is known before the program listens on it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let own = format!("http://127.0.0.1:{port}/x");
    let cases: [(&[&str], &str); 8] = [
        (&["--port", &port, "--forward-to", &port], "cannot forward to `http://localhost:"),
        (&["--port", &port, "--forward-to", "1", "--forward-to", &own], "hookglass itself listens on"),
        (&["--forward-to", "app?x=y"], "could be a host with a query"),
        (&["--forward-to", "user.*=http://me:word@app"], "`--forward-to`: `user.*=http://***@app` is not a valid URL"),
        (&["--target", "me:wo/rd@app"], "`--target`: `***@app` is not a valid URL"),
        (&["--forward-to", "=4000"], "no type before `=`"),
        (&["--forward-to", "4000", "--forward-parallel", "65"], "expected a number from 1 to 64"),
        (&["--forward-to", "4000", "--forward-mode", "before"], "after, through"),
    ];
    for (arguments, said) in cases {
        let ran = sandbox.run(&[&["--headless"], arguments].concat());
        assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    assert!(!sandbox.data().exists());
}

#[test]
fn the_screen_shows_that_nothing_is_forwarded_and_the_response_to_the_sender() {
    let app = Recorder::start(202, "");
    let sandbox = Sandbox::bare();
    let to = app.address.to_string();
    let screen = sandbox.open(&["--forward-to", &to, "--forward-to", "role.*=1", "--forward-mode", "through"]);
    screen.wait_for(&format!("⇄ {to} +1"));
    screen.wait_for("nothing can be verified or forwarded");
    screen.type_keys("K");
    screen.wait_for("Signing secret");
    screen.type_keys(&format!("{SECRET}\r"));
    screen.wait_until_gone("nothing can be verified or forwarded");
    assert_eq!(Webhook::default().send(screen.address).status, 202);
    screen.wait_for("4 Deliveries 202");
    screen.quit();
}
