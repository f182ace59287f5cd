//! What Scalekit sends besides webhooks: trigger events, interceptors and logouts.

use crate::support::http::{ask, post};
use crate::support::sandbox::Sandbox;

const TRIGGER_SECRET: &str = "whsec_dHJpZ2dlcnMtaGF2ZS1hLXNlY3JldC1vZi10aGVpci1vd24=";

#[test]
fn trigger_events_have_a_secret_of_their_own_and_logouts_need_none() {
    let sandbox = Sandbox::new().with("SCALEKIT_TRIGGER_SECRET", TRIGGER_SECRET);
    let mut listening = sandbox.listen(&["--json"]);
    let to = listening.address.to_string();
    let sent = sandbox.run(&["send", "--all", "triggers", "--seed", "7", "--times", "2", "--to", &to]);
    assert_eq!(sent.code, Some(0), "{}", sent.stderr);
    for _ in 0..2 {
        let line = listening.line();
        assert!(line.contains(r#""type":"slack.message.posted","verdict":"verified""#), "{line}");
        assert!(line.contains(r#""event_id":"dedupe_key:"#), "{line}");
    }
    let form = b"logout_token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSIsImlhdCI6MTc2ODQ4NTYwMH0.c2ln";
    let response = ask(listening.address, &post("content-type: application/x-www-form-urlencoded\r\n", form));
    assert_eq!(response.status, 200);
    let line = listening.line();
    let shown = r#""type":"back-channel-logout","verdict":"unchecked","reason":"back-channel-logout""#;
    assert!(line.contains(shown), "{line}");
    let shaped = b"{\"anything\":1}";
    assert_eq!(ask(listening.address, &post("interceptor-id: a\r\nx-api-key: k1\r\n", shaped)).status, 401);
    assert!(listening.line().contains(r#""type":"interceptor""#));
    let explained = sandbox.run(&["verify", "3"]);
    assert_eq!(explained.code, Some(1));
    assert!(explained.text().contains(r#"sub               "usr_1", not verified"#), "{}", explained.text());
    let shown = sandbox.run(&["events", "show", "4"]);
    assert!(shown.text().contains("x-api-key: ***\n"), "{}", shown.text());
    assert!(sandbox.run(&["events", "show", "4", "--with-credentials"]).text().contains("x-api-key: k1\n"));
    // A secret for trigger events does not verify a webhook, but hookglass says that it signed one.
    let only = Sandbox::bare().with("SCALEKIT_WEBHOOK_SECRET", TRIGGER_SECRET);
    assert_eq!(only.run(&["send", "user.signup", "--to", &to]).code, Some(1));
    assert!(listening.line().contains(r#""verdict":"invalid","reason":"wrong-secret""#));
    assert!(listening.stop().success());
}
