//! `hookglass events delete`, and deleting on the screen of the real program.

use crate::support::http::Client;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::{Webhook, body_of};
use std::fs;
use std::net::SocketAddr;

/// Sends events 1 to 3; the third is not signed with the known secret.
fn send_three(address: SocketAddr) {
    for (number, event_type) in (1..).zip(["user.signup", "role.created", "user.login"]) {
        let (id, body) = (format!("evt_{number}"), body_of(event_type, &format!("evt_secret-{number}")));
        let secret = if number == 3 { "whsec_b3RoZXI=" } else { Webhook::default().secret };
        Webhook { id: &id, body: &body, secret, ..Webhook::default() }.send(address);
    }
}

fn listed(sandbox: &Sandbox) -> Vec<String> {
    let ran = sandbox.run(&["events", "--json"]);
    let number = |line: &str| line.split(['{', ':', ',']).nth(2).unwrap_or_default().to_owned();
    ran.text().lines().map(number).collect()
}

/// Whether any file of the history contains `text`.
fn is_in_files(sandbox: &Sandbox, text: &str) -> bool {
    let files = fs::read_dir(sandbox.data()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(text))
}

#[test]
fn the_command_deletes_for_good_while_hookglass_listens() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    send_three(listening.address);
    let refused = sandbox.run(&["events", "delete", "1"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("cannot ask whether to delete 1 event"), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: pass `--yes`"), "{}", refused.stderr);
    let deleted = sandbox.run(&["events", "delete", "1", "1", "--yes"]);
    assert_eq!((deleted.code, deleted.text()), (Some(0), "deleted 1 event\n"));
    let deleted = sandbox.run(&["events", "delete", "--filter", "is:invalid", "--yes", "--json"]);
    assert_eq!((deleted.code, deleted.text()), (Some(0), "{\"deleted\":1,\"pending\":[]}\n"));
    assert_eq!(listed(&sandbox), ["2"]);
    assert!(listening.stop().success());
    assert_eq!([1, 2, 3].map(|seq| is_in_files(&sandbox, &format!("evt_secret-{seq}"))), [false, true, false]);
    // No number is used again.
    let listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    drop(listening);
    assert_eq!(listed(&sandbox), ["2", "4"]);
}

#[test]
fn nothing_is_deleted_when_an_event_is_missing_or_none_matches() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    send_three(listening.address);
    listening.stop();
    let assert_nothing = |ran: Ran, message: &str| {
        assert_eq!((ran.code, ran.text()), (Some(1), ""));
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    };
    assert_nothing(sandbox.run(&["events", "delete", "1", "9", "--yes"]), "there is no event 9 in the history");
    assert_nothing(
        sandbox.run(&["events", "delete", "--filter", "type:nothing", "--yes"]),
        "no event matches the filter, so nothing was deleted",
    );
    assert_eq!(listed(&sandbox).len(), 3);
    assert_eq!(sandbox.run(&["events", "delete", "--yes"]).code, Some(2));
    assert_eq!(sandbox.run(&["events", "delete", "1", "--filter", "is:invalid"]).code, Some(2));
    let missing = sandbox.run(&["events", "delete", "1", "--yes", "--db", "missing.db"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn the_command_asks_on_a_terminal() {
    for (answer, left) in [("n\r", 3), ("\r", 3), ("y\r", 2)] {
        let sandbox = Sandbox::new();
        let mut listening = sandbox.listen(&[]);
        send_three(listening.address);
        listening.stop();
        let mut terminal = sandbox.terminal(&["events", "delete", "2"], 24, 80);
        terminal.wait_for("Delete 1 event? This cannot be undone. [y/N]");
        terminal.type_keys(answer);
        let status = terminal.wait_for_end();
        assert_eq!(status.success(), left == 2, "{answer:?}");
        assert_eq!(listed(&sandbox).len(), left, "{answer:?}");
    }
}

#[test]
fn an_event_that_still_waits_for_the_app_is_not_deleted() {
    let sandbox = Sandbox::new();
    // An app that accepts the connection and never responds.
    let app = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}", app.local_addr().unwrap());
    let listening = sandbox.listen(&["--forward-to", &target]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let _waiting = app.accept().unwrap();
    let ran = sandbox.run(&["events", "delete", "1", "--yes", "--json"]);
    assert_eq!((ran.code, ran.text()), (Some(1), "{\"deleted\":0,\"pending\":[1]}\n"));
    assert!(ran.stderr.contains("event 1 stays, because a delivery of it is pending"), "{}", ran.stderr);
    drop(listening);
}

#[test]
fn the_screen_deletes_and_restores_and_the_end_is_final() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    send_three(screen.address);
    screen.wait_for("role.created");
    screen.wait_for("user.login");
    screen.type_keys("x");
    screen.wait_for("event 3 deleted; `Z` restores it until hookglass exits");
    assert_eq!(listed(&sandbox), ["1", "2"], "another program sees it at once");
    screen.type_keys("Z");
    screen.wait_for("1 event restored");
    assert_eq!(listed(&sandbox), ["1", "2", "3"]);
    screen.type_keys("Xy");
    screen.wait_for("3 events deleted");
    screen.wait_until_gone("role.created");
    assert!(is_in_files(&sandbox, "evt_secret-1"));
    // The listener goes on.
    let mut client = Client::connect(screen.address);
    client.send(&Webhook { id: "evt_4", body: &body_of("user.logout", "evt_secret-4"), ..Webhook::default() }.bytes());
    assert_eq!(client.answer().status, 201);
    screen.wait_for("user.logout");
    drop(client);
    screen.quit();
    assert_eq!(
        [1, 2, 3, 4].map(|seq| is_in_files(&sandbox, &format!("evt_secret-{seq}"))),
        [false, false, false, true]
    );
    assert_eq!(listed(&sandbox), ["4"]);
}
