//! `hookglass events compare`: what happened according to the provider, beside what arrived.

use crate::support::app::{App, Correct};
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::Webhook;
use jiff::{SignedDuration, Timestamp};

fn body(event_type: &str, id: &str, occurred_at: Timestamp) -> String {
    format!(
        r#"{{"id":"{id}","type":"{event_type}","occurred_at":"{occurred_at}","data":{{"email":"{id}@example.com"}}}}"#
    )
}

fn states(ran: &Ran) -> Vec<(String, String, Vec<u64>)> {
    let lines = ran.text().lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let lines = lines.filter(|line| line.get("state").is_some());
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let state = |line: serde_json::Value| {
        let seqs = serde_json::from_value(line["events"].clone()).unwrap();
        (text(&line, "event_id"), format!("{} {}", text(&line, "state"), text(&line, "matched_by")), seqs)
    };
    lines.map(state).collect()
}

#[test]
fn what_never_arrived_is_listed_and_can_be_delivered_from_its_fixture() {
    let sandbox = Sandbox::new();
    let app = App::start(|request| {
        let is_role = request.body.windows(5).any(|part| part == b"role.");
        Some(if is_role { 500 } else { Correct::default().status(request) })
    });
    let mut listening = sandbox.listen(&["--forward-to", &app.url(), "--forward-mode", "through"]);
    let now = Timestamp::now();
    let ago = |seconds| now - SignedDuration::from_secs(seconds);
    let happened = [
        ("user.login", "evt_ok", 9),
        ("user.logout", "evt_renamed", 8),
        ("role.created", "evt_refused", 7),
        ("user.signup", "evt_forged", 6),
        ("user.login", "evt_old", 3600),
        ("organization.created", "evt_missing", 5),
        ("auth_request.started", "evt_unsent", 4),
    ];
    for (event_type, id, seconds) in &happened[..5] {
        let secret = if *id == "evt_forged" { "whsec_b3RoZXI=" } else { Webhook::default().secret };
        let id = id.replace("renamed", "other");
        let body = body(event_type, &id, ago(*seconds)).replace("other@", "renamed@");
        Webhook { id: &id, secret, body: body.as_bytes(), ..Webhook::default() }.send(listening.address);
    }
    assert!(listening.stop().success());

    let events: Vec<_> = happened.iter().map(|(event_type, id, seconds)| body(event_type, id, ago(*seconds))).collect();
    let page = sandbox.file("page.json", format!("{{\"events\":[{}],\"next_page_token\":\"\"}}", events.join(",\n")));
    let fixtures = sandbox.folder().join("missing");
    let arguments = ["events", "compare", &page, "--json", "--save-dir", fixtures.to_str().unwrap()];
    let ran = sandbox.run(&arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let expected = [
        ("evt_old", "late id", vec![5]),
        ("evt_ok", "handled id", vec![1]),
        ("evt_renamed", "handled time", vec![2]),
        ("evt_refused", "refused id", vec![3]),
        ("evt_forged", "refused id", vec![4]),
        ("evt_missing", "missing -", vec![]),
        ("evt_unsent", "unsent -", vec![]),
    ];
    assert_eq!(states(&ran), expected.map(|(id, state, seqs)| (id.to_owned(), state.to_owned(), seqs)));
    assert!(ran.text().contains(r#""fixture":"organization.created-tmissing.json""#), "{}", ran.text());
    assert!(ran.stderr.contains("1 missing event in `"), "{}", ran.stderr);

    let again = sandbox.run(&arguments);
    assert_eq!((again.code, again.text()), (Some(1), ran.text()), "{}", again.stderr);
    assert_eq!(std::fs::read_dir(&fixtures).unwrap().count(), 1, "a second run adds nothing");
    let fixture = fixtures.join("organization.created-tmissing.json");
    let text = std::fs::read_to_string(&fixture).unwrap();
    assert!(text.contains("\"note\": \"made from the provider's Events API: this event never arrived."), "{text}");
    let fixture = fixture.to_str().unwrap();
    let unsigned = sandbox.run(&["send", fixture, "--to", &app.url()]);
    assert_eq!(unsigned.code, Some(1), "{}", unsigned.text());
    let sent = sandbox.run(&["send", fixture, "--sign", "--to", &app.url()]);
    assert_eq!(sent.code, Some(0), "{}", sent.stderr);

    let text = sandbox.run(&["events", "compare", &page]);
    let first = text.text().lines().next().unwrap();
    assert_eq!(first, "7 events: 2 handled, 1 never arrived, 2 refused, 1 late, 1 of types that no webhook has");
    assert!(text.text().contains("  event 3: your app responded 500\n"), "{}", text.text());
    assert!(text.text().contains("  event 4: the signature did not verify: "), "{}", text.text());
    let hint = "no event of these types has ever arrived: `organization.created`";
    assert!(text.stderr.contains(hint), "{}", text.stderr);
    let logins = sandbox.run(&["events", "compare", &page, "--type", "user.log*"]);
    assert_eq!((logins.code, logins.text().lines().next()), (Some(0), Some("3 events: 2 handled, 1 late")));
}

#[test]
fn a_file_that_ends_early_is_compared_as_far_as_it_goes() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert!(listening.stop().success());
    let login = body("user.login", "evt_1", Timestamp::UNIX_EPOCH);
    let cut = sandbox.file("cut.json", format!("{{\"events\":[{login},\n{{\"id\":\"evt_2"));
    let whole = sandbox.file("whole.ndjson", format!("{login}\n"));
    let ran = sandbox.run(&["events", "compare", &cut, &whole]);
    assert_eq!(ran.code, Some(2), "{}", ran.text());
    assert!(ran.stderr.contains("cut.json`, line 2: the file ends before its JSON does; the event"), "{}", ran.stderr);
    assert!(ran.text().starts_with("1 event: 0 handled, 1 never arrived; listed again: 1\n"), "{}", ran.text());
    let empty = sandbox.run(&["events", "compare", &sandbox.file("empty.json", " \n")]);
    assert_eq!((empty.code, empty.text()), (Some(2), ""));
    assert!(empty.stderr.contains("empty.json`: it is empty\nhint: "), "{}", empty.stderr);
}
