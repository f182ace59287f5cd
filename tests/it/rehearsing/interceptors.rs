//! `hookglass rehearse` with an interceptor: only a decision passes.

use super::{in_json, rehearse};
use crate::support::app::{App, Correct};
use crate::support::sandbox::Sandbox;
use hookglass::core::export::Fixture;
use jiff::Timestamp;

const ALLOW: &str = r#"{"decision":"ALLOW"}"#;
const DENY: &str = r#"{"decision":"DENY","error":{"message":"no guests"}}"#;

/// Arguments that select a fixture of an interceptor.
fn arguments(sandbox: &Sandbox) -> Vec<String> {
    let fixture = Fixture {
        method: b"POST".to_vec(),
        path: b"/".to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
        headers: Vec::new(),
        body: br#"{"trigger_point":"PRE_SIGNUP","data":{"email":"jane@example.com"}}"#.to_vec(),
    };
    ["--sign", "--event", &sandbox.file("interceptor.json", fixture.write())].map(str::to_owned).to_vec()
}

#[test]
fn a_handler_passes_only_with_a_decision() {
    let sandbox = Sandbox::new();
    let arguments = arguments(&sandbox);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(["--json"]).collect();
    for (status, body, wrong) in [
        (200, ALLOW, None),
        (200, DENY, None),
        (200, "true", Some((200, " without a decision"))),
        (201, "", Some((201, " without a decision"))),
        (201, ALLOW, Some((201, " with a decision, which counts only with 200"))),
    ] {
        let correct = Correct::default();
        let app = App::with_bodies(move |request| {
            Some(if correct.status(request) == 201 { (status, body) } else { (401, "") })
        });
        let ran = rehearse(&sandbox, &app.url(), &arguments);
        let (lines, end) = in_json(&ran);
        // The handler rejects what it must, and responds 2xx to the valid request, with or without a decision.
        let failed = if wrong.is_some() { 3 } else { 0 };
        assert_eq!((end.rehearsals, end.passed, end.failed), (9, 9 - failed, failed), "{status} {body}: {ran:?}");
        assert_eq!(ran.code, Some(if wrong.is_some() { 1 } else { 0 }));
        let control = &lines[0];
        assert_eq!((control.rehearsal.as_str(), control.expected.as_str()), ("control", "200 + decision"));
        if let Some((status, wrong)) = wrong {
            let expected = format!(
                "the app responded {status} to a valid event{wrong}: the flow that waits for it, such as a login, is blocked"
            );
            assert_eq!(control.found, expected);
            assert!(control.next.as_ref().unwrap().contains(ALLOW), "{:?}", control.next);
        }
    }
}

#[test]
fn the_listener_of_hookglass_decides() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let arguments = arguments(&sandbox);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ran = rehearse(&sandbox, &format!("http://{}", listening.address), &arguments);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.text().ends_with("\n9 rehearsals: 9 passed\n"), "{}", ran.text());
}
