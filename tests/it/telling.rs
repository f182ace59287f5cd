//! `hookglass events --about`: the story of one id.

use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use jiff::{SignedDuration, Timestamp};

#[test]
fn a_story_is_told_in_the_order_in_which_it_happened() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    let now = Timestamp::now();
    for (id, event_type, user, seconds) in [
        ("msg_1", "organization.directory.user_updated", "diruser_1", 5),
        ("msg_2", "organization.directory.user_updated", "diruser_1", 900),
        ("msg_3", "organization.directory.user_created", "diruser_12", 8),
        ("msg_2", "organization.directory.user_updated", "diruser_1", 900),
    ] {
        let occurred_at = now - SignedDuration::from_secs(seconds);
        let body = format!(r#"{{"type":"{event_type}","occurred_at":"{occurred_at}","data":{{"id":"{user}"}}}}"#);
        assert_eq!(Webhook { id, body: body.as_bytes(), ..Webhook::default() }.send(listening.address).status, 201);
    }
    assert!(listening.stop().success());
    let ran = sandbox.run(&["events", "--about", "diruser_1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<_> = ran.text().lines().collect();
    assert_eq!(lines[0], "diruser_1: 2 events, 1 late, 1 out of order, 1 gap");
    assert!(lines[2].ends_with("gap: no `organization.directory.user_created` before it"), "{lines:#?}");
    assert!(
        lines[3].ends_with("        2  organization.directory.user_updated  verified  diruser_1  ×2"),
        "{lines:#?}"
    );
    assert!(lines[4].ends_with(" arrived 15 min after it happened"), "{lines:#?}");
    assert!(lines[5].ends_with(" arrived after event 1, which happened later"), "{lines:#?}");
    let ran = sandbox.run(&["events", "--about", "diruser_1", "--json", "--limit", "1"]);
    assert!(ran.text().starts_with("{\"seq\":1,\"occurred_at\":\""), "{}", ran.text());
    assert!(
        ran.text().ends_with("\"attempts\":1,\"late_s\":null,\"arrived_after\":null,\"gap\":null}\n"),
        "{}",
        ran.text()
    );
    let ran = sandbox.run(&["events", "--about", "diruser_"]);
    assert_eq!((ran.code, ran.text()), (Some(0), ""));
    assert!(ran.stderr.contains("no stored event mentions `diruser_`"), "{}", ran.stderr);
}
