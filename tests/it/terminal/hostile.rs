//! Hostile requests are stored byte for byte, shown safely, and do not break the keys.

use crate::support::http::ask;
use crate::support::sandbox::{Sandbox, Screen};
use crate::support::sequences::first_stranger;
use crate::support::webhook::Webhook;

/// Control characters, C1 in both encodings, bidi, zero width, OSC title and clipboard sequences, many combining marks.
pub(super) const NASTY: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{7}\u{9b}31m\u{90}q\u{9c}\u{202e}\u{2066}\u{200b}\u{feff}\u{0}\u{8}\u{7f}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";

fn post(first_line: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let head = format!("{first_line} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", body.len());
    [head.as_bytes(), headers, b"\r\n", body].concat()
}

/// Checks the number of events on the screen, and that keys still work.
#[track_caller]
fn assert_responsive(screen: &Screen, count: usize) {
    screen.wait_for(&if count == 1 { "1 event ".to_owned() } else { format!("{count} events ") });
    for tab in ["2", "3", "4", "5", "6", "1"] {
        screen.type_keys(tab);
    }
    screen.type_keys("?");
    screen.wait_for("type to filter, ↑ ↓ scroll");
    screen.type_keys("\x1b");
    screen.wait_until_gone("type to filter, ↑ ↓ scroll");
}

#[track_caller]
fn assert_stored(sandbox: &Sandbox, seq: usize, body: &[u8]) {
    let shown = sandbox.run(&["events", "show", &seq.to_string(), "--body"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout == body, "event {seq} has {} bytes instead of {}", shown.stdout.len(), body.len());
}

#[test]
fn bodies_of_every_kind_are_stored_byte_for_byte() {
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let bodies: [&[u8]; 10] = [
        b"not JSON",
        b"\xff\xfe\x00\x9b\xc3",
        b"",
        &deep,
        b"{\"a\":1,\"a\":2,\"type\":\"x\",\"type\":\"y\"}",
        b"{\"n\":123456789012345678901234567890,\"e\":1e2,\"z\":-0.0}",
        b"{\"open\":[1,2",
        b"\xef\xbb\xbf{\"bom\":true}\r\n",
        b"null",
        NASTY.as_bytes(),
    ];
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    for (place, body) in bodies.iter().enumerate() {
        let status = Webhook { id: &format!("msg_{place}"), body, ..Webhook::default() }.send(screen.address).status;
        assert!([201, 400].contains(&status), "body {place}: {status}");
        assert_responsive(&screen, place + 1);
    }
    for (place, body) in bodies.iter().enumerate() {
        assert_stored(&sandbox, place + 1, body);
    }
    assert_eq!(first_stranger(&screen.quit()), None);
}

#[test]
fn a_body_of_ten_megabytes_is_stored_and_shown() {
    let items = "{\"name\":\"somebody\",\"number\":12345},".repeat(290_000);
    let body = format!("{{\"type\":\"user.large\",\"items\":[{items}null]}}");
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    assert_eq!(Webhook { body: body.as_bytes(), ..Webhook::default() }.send(screen.address).status, 201);
    screen.wait_for("✓ user.large");
    screen.wait_for("\"name\": \"somebody\"");
    assert_responsive(&screen, 1);
    assert_stored(&sandbox, 1, body.as_bytes());
    screen.quit();
}

#[test]
fn requests_with_other_methods_are_not_stored() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    for (method, status) in [("GET", 200), ("DELETE", 405), ("PA'T`CH", 405)] {
        assert_eq!(ask(screen.address, &post(&format!("{method} /webhooks/scalekit"), b"", b"")).status, status);
    }
    assert_eq!(Webhook::default().send(screen.address).status, 201);
    assert_responsive(&screen, 1);
    screen.quit();
}

#[test]
fn control_characters_in_any_field_never_reach_the_terminal() {
    let sandbox = Sandbox::new();
    let screen = sandbox.open(&[]);
    let escaped: String = NASTY.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let fields = ["id", "type", "object", "organization_id", "environment_id", "occurred_at", "display_name", "email"];
    let filled = |value: &str| {
        let pairs: Vec<String> = fields.iter().map(|name| format!("\"{name}\":\"{value}\"")).collect();
        format!("{{{0},\"data\":{{{0}}},\"{value}\":1}}", pairs.join(","))
    };
    let visible: String = NASTY.chars().filter(|c| !c.is_ascii_control()).collect();
    let nasty_header = [b"X-Nasty: \x80\x9b31m\xff ", visible.as_bytes(), b"\r\n"].concat();
    let signed_nasty = [
        b"webhook-id: ",
        visible.as_bytes(),
        b"\r\nwebhook-timestamp: ",
        visible.as_bytes(),
        b"\r\nwebhook-signature: v1,",
        visible.as_bytes(),
        b"\r\n",
    ]
    .concat();
    let requests = [
        post("POST /webhooks/scalekit", b"", filled(&escaped).as_bytes()),
        post("POST /webhooks/scalekit", b"Content-Type: application/json\r\n", filled(NASTY).as_bytes()),
        post("POST /webhooks/scalekit", &nasty_header, b"{}"),
        post("POST /webhooks/scalekit", &signed_nasty, b"{}"),
        post("POST /%1b%5b2J%e2%80%ae?%07", b"Content-Type: \x9b31m\r\n", b"{}"),
        post("PUT /webhooks/scalekit", b"", b""),
    ];
    for (place, request) in requests.iter().enumerate() {
        assert_eq!(ask(screen.address, request).status, 401, "request {place}");
        assert_responsive(&screen, place + 1);
    }
    for keys in ["yy", "yh", "yc", "yi"] {
        screen.copy(keys);
    }
    let body = filled(&escaped);
    let verified = Webhook { body: body.as_bytes(), id: "msg_fine", ..Webhook::default() };
    assert_eq!(verified.send(screen.address).status, 201);
    assert_responsive(&screen, requests.len() + 1);
    for arguments in [&["events"][..], &["events", "--json"]] {
        let listed = sandbox.run(arguments);
        assert_eq!(first_stranger(&listed.stdout), None);
        assert_eq!(listed.text().lines().count(), requests.len() + 1);
    }
    for seq in 1..=requests.len() {
        let shown = sandbox.run(&["events", "show", &seq.to_string()]);
        assert_eq!((shown.code, first_stranger(&shown.stdout)), (Some(0), None));
    }
    assert_eq!(first_stranger(&screen.quit()), None);
}
