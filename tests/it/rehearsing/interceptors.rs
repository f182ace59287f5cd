//! `hookglass rehearse` with an interceptor: only a decision passes.

use super::{FORGED, in_json, rehearse};
use crate::support::app::{App, Correct};
use crate::support::sandbox::Sandbox;
use hookglass::core::export::Fixture;
use jiff::Timestamp;

const ALLOW: &str = r#"{"decision":"ALLOW"}"#;
const DENY: &str = r#"{"decision":"DENY","error":{"message":"no guests"}}"#;

/// The rehearsals of an interceptor, and those of trigger points that are not its own.
const COUNT: usize = 31;
const OTHER_POINTS: usize = 5;

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
        let shown = if wrong.is_some() { OTHER_POINTS } else { 0 };
        let failed = if wrong.is_some() { COUNT - FORGED - OTHER_POINTS } else { 0 };
        assert_eq!((end.rehearsals, end.failed), (COUNT, failed), "{status} {body}: {ran:?}");
        assert_eq!((end.passed, end.shown), (COUNT - shown - failed, shown), "{status} {body}: {ran:?}");
        assert_eq!(ran.code, Some(if wrong.is_some() { 1 } else { 0 }));
        let control = &lines[0];
        assert_eq!((control.rehearsal.as_str(), control.expected.as_str()), ("control", "200 + decision"));
        if let Some((status, wrong)) = wrong {
            let expected = format!(
                "the app responded {status} to a valid event{wrong}: the flow that waits for it, such as a login, is blocked \
                 (FAIL_CLOSED) or continues unchecked (FAIL_OPEN)"
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
    assert!(ran.text().ends_with("\n31 rehearsals: 31 passed\n"), "{}", ran.text());
}

#[test]
fn a_denial_without_a_message_and_misplaced_claims_are_warnings() {
    let sandbox = Sandbox::new();
    let arguments = arguments(&sandbox);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(["--json", "--only", "pre-signup"]).collect();
    for (body, remark) in [
        (r#"{"decision":"DENY"}"#, " with `DENY` and no `error.message`"),
        (
            r#"{"decision":"ALLOW","response":{"claims":{}}}"#,
            " with `response.claims`, which this trigger point ignores",
        ),
    ] {
        let app = App::with_bodies(move |_| Some((200, body)));
        let (lines, end) = in_json(&rehearse(&sandbox, &app.url(), &arguments));
        assert_eq!((end.rehearsals, end.warned, end.is_passed), (2, 2, true), "{body}");
        assert!(lines[1].found.contains(remark), "{}", lines[1].found);
    }
}
