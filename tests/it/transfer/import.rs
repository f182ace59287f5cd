//! `hookglass import`, and importing while a listener runs.

use crate::support::recorder::Recorder;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::core::event::Event;
use hookglass::store::Reader;
use std::fs;

fn event(sandbox: &Sandbox, seq: u64) -> Event {
    Reader::open(&sandbox.data().join("events.db")).unwrap().event(seq).unwrap().unwrap()
}

/// A history of two verified events, one of them with a body that is not UTF-8, and a forged one.
fn sandbox_with_three() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    let headers = "Authorization: Bearer top-secret\r\nX-A:  1\r\nx-a: 2\r\n";
    Webhook { id: "msg_2", body: b"\xff\x00", headers, ..Webhook::default() }.send(listening.address);
    let forged = "whsec_b3RoZXI=";
    Webhook { id: "msg_3", body: &body_of("a.b", "evt_3"), secret: forged, ..Webhook::default() }
        .send(listening.address);
    listening.stop();
    sandbox
}

fn assert_same(exported: &Event, imported: &Event) {
    assert_eq!(exported.head.headers(), imported.head.headers());
    assert_eq!((exported.head.target(), &exported.body), (imported.head.target(), &imported.body));
    assert_eq!(exported.summary.received_at, imported.summary.received_at);
    assert_eq!(exported.summary.verdict, imported.summary.verdict);
}

#[test]
fn every_exported_format_is_imported_byte_for_byte_and_only_once() {
    let from = sandbox_with_three();
    for name in ["a.har", "a.ndjson", "fixtures/"] {
        let ran = from.run(&["export", "--with-credentials", name]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let path = from.folder().join(name);
        let path = path.to_str().unwrap();
        let to = Sandbox::new();
        let ran = to.run(&["import", path]);
        let count = ran.text().lines().filter(|line| line.starts_with("imported ")).count();
        assert_eq!((ran.code, count), (Some(0), if name == "fixtures/" { 3 } else { 1 }), "{ran:?}");
        for seq in 1..=3 {
            let imported = event(&to, seq);
            let exported = (1..=3).map(|seq| event(&from, seq)).find(|event| event.body == imported.body).unwrap();
            assert_same(&exported, &imported);
        }
        assert_eq!(to.run(&["events", "--filter", "is:imported"]).text().lines().count(), 3);
        let again = to.run(&["import", path]);
        assert!(again.text().lines().all(|line| line.starts_with("imported 0 events")), "{again:?}");
        // The masked credential is the only difference from the original.
        from.run(&["export", "masked.har"]);
        let ran = from.run(&["import", "masked.har"]);
        assert_eq!(ran.text(), "imported 0 events from `masked.har`; 3 were in the history\n");
        fs::remove_file(from.folder().join("masked.har")).unwrap();
    }
}

#[test]
fn a_broken_file_says_at_which_entry_and_what_was_taken_over() {
    let from = sandbox_with_three();
    assert_eq!(from.run(&["export", "a.har"]).code, Some(0));
    let har = fs::read_to_string(from.folder().join("a.har")).unwrap();
    let third = har.find("\"seq\":2").unwrap() + 100;
    let to = Sandbox::new();
    to.file("cut.har", &har[..third]);
    to.file(
        "lies.http",
        "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}POST /b HTTP/1.1\r\ncontent-length: 999999999999\r\n\r\n{}",
    );
    to.file("empty", "");
    for (name, stdout, stderr) in [
        (
            "cut.har",
            "imported 2 events from `cut.har`\n",
            "cannot import all of `cut.har`: entry 3: the file ends before its JSON does; the 2 entries before it were taken over",
        ),
        (
            "lies.http",
            "imported 1 event from `lies.http`\n",
            "cannot import all of `lies.http`: entry 2: it ends in the middle: 2 of 999999999999 bytes of the body; the entry before it was taken over",
        ),
        ("empty", "imported 0 events from `empty`\n", "cannot import `empty`: it is empty"),
        ("none", "imported 0 events from `none`\n", "cannot import `none`: No such file"),
    ] {
        let ran = to.run(&["import", name]);
        assert_eq!((ran.code, ran.text()), (Some(1), stdout), "{ran:?}");
        assert!(ran.stderr.contains(stderr), "{ran:?}");
    }
    assert_eq!(to.run(&["events"]).text().lines().count(), 3, "nothing that was stored before is harmed");
}

#[test]
fn importing_beside_a_listener_forwards_nothing_and_is_shown() {
    let app = Recorder::start(200, "");
    let sandbox = Sandbox::new();
    let request = [&b"POST /hooks HTTP/1.1\r\nwebhook-id: msg_9\r\n\r\n"[..], BODY].concat();
    sandbox.file("one.http", request);
    let screen = sandbox.open(&["--forward-to", &app.port()]);
    let ran = sandbox.run(&["import", "one.http"]);
    assert_eq!((ran.code, ran.text()), (Some(0), "imported 1 event from `one.http`\n"), "{ran:?}");
    screen.wait_for("user.signup");
    // A pin, a note and an export on the screen.
    screen.type_keys("*");
    screen.wait_for("event 1 pinned");
    screen.type_keys("iseen twice\r");
    screen.wait_for("note saved");
    screen.type_keys("S\r");
    screen.wait_for("exported 1 event to `events.ndjson`");
    screen.quit();
    let shown = sandbox.run(&["events", "show", "1", "--json"]);
    assert!(shown.text().contains("\"pinned\":true,\"imported\":true,\"note\":\"seen twice\""), "{shown:?}");
    assert_eq!(app.all().len(), 0, "an imported event is not forwarded");
    let ran = sandbox.run(&["events", "delete", "--filter", "twice", "--yes"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("1 pinned event stays"), "{ran:?}");
    let other = Sandbox::new();
    assert_eq!(other.run(&["import", sandbox.folder().join("events.ndjson").to_str().unwrap()]).code, Some(0));
    let shown = other.run(&["events", "show", "1", "--json"]);
    assert!(shown.text().contains("\"pinned\":true,\"imported\":true,\"note\":\"seen twice\""), "{shown:?}");
}
