//! `hookglass export`, and what becomes of the file when it cannot be completed.

use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{BODY, Webhook, body_of};
use hookglass::app::transfer::export::{Contents, ExportError, export_to};
use hookglass::core::export::{ExportFormat, Fixture};
use hookglass::store::Reader;
use serde_json::Value;
use std::ops::ControlFlow;

/// A history of three events: two verified, one of them with credentials, and a forged one.
fn sandbox_with_three() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    let headers = "Authorization: Bearer top-secret\r\nX-Odd: \u{e9}\r\n";
    Webhook { id: "msg_2", body: &body_of("user.login", "evt_2"), headers, ..Webhook::default() }
        .send(listening.address);
    let forged = "whsec_b3RoZXI=";
    Webhook { id: "msg_3", body: &body_of("a.b", "evt_3"), secret: forged, ..Webhook::default() }
        .send(listening.address);
    listening.stop();
    sandbox
}

fn names(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(sandbox.folder().join(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn events_are_exported_in_each_format() {
    let sandbox = sandbox_with_three();
    let lines = sandbox.run(&["export"]);
    assert_eq!((lines.code, lines.text().lines().count()), (Some(0), 3), "{lines:?}");
    let first = lines.text().lines().next().unwrap();
    assert_eq!(Fixture::read(first).unwrap().body, BODY);
    assert!(first.contains("\"seq\":1,") && first.contains("\"verdict\":\"verified\""), "{first}");

    let ran = sandbox.run(&["export", "--filter", "is:verified", "a.har"]);
    assert_eq!((ran.code, ran.text()), (Some(0), "exported 2 events to `a.har`\n"), "{ran:?}");
    let har: Value = serde_json::from_str(&std::fs::read_to_string(sandbox.folder().join("a.har")).unwrap()).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["request"]["postData"]["text"].as_str().unwrap().as_bytes(), BODY);
    assert_eq!(
        (&entries[0]["response"]["status"], &entries[0]["request"]["url"]),
        (&201.into(), &"http://x/webhooks/scalekit".into())
    );

    let ran = sandbox.run(&["export", "--format", "fixtures", "kept"]);
    assert_eq!((ran.code, ran.text()), (Some(0), "exported 3 events as fixtures to `kept`\n"), "{ran:?}");
    assert_eq!(names(&sandbox, "kept"), ["a.b-evt3.json", "user.login-evt2.json", "user.signup-23456789.json"]);
    let again = sandbox.run(&["export", "--format", "fixtures", "kept"]);
    assert_eq!(again.text(), "exported 0 events as fixtures to `kept`; 3 were already there\n");
}

#[test]
fn credentials_are_masked_unless_they_are_asked_for() {
    let sandbox = sandbox_with_three();
    for format in ["ndjson", "har"] {
        let masked = sandbox.run(&["export", "--format", format]);
        assert!(!masked.text().contains("top-secret") && masked.text().contains("***"), "{masked:?}");
        let whole = sandbox.run(&["export", "--format", format, "--with-credentials"]);
        assert!(whole.text().contains("Bearer top-secret") && !whole.text().contains("***"), "{whole:?}");
        assert!(!whole.text().contains(SECRET));
    }
}

#[test]
fn an_export_that_cannot_be_made_says_why_and_leaves_no_file() {
    let sandbox = sandbox_with_three();
    sandbox.file("there.har", "mine");
    for (arguments, code, said) in [
        (&["export", "there.har"][..], 2, "`there.har` already exists"),
        (&["export", "--format", "fixtures"], 2, "cannot write fixtures to stdout"),
        (&["export", "nowhere/a.har"], 2, "cannot write `nowhere/a.har`"),
        (
            &["export", "--filter", "type:none", "b.har"],
            1,
            "none of 3 events matches the filter, so nothing was exported",
        ),
    ] {
        let ran = sandbox.run(arguments);
        assert!(ran.code == Some(code) && ran.stderr.contains(said), "{arguments:?}: {ran:?}");
    }
    assert_eq!(names(&sandbox, "."), ["there.har"]);
    assert_eq!(std::fs::read(sandbox.folder().join("there.har")).unwrap(), b"mine");
}

#[test]
fn an_interrupted_export_leaves_no_file() {
    let sandbox = sandbox_with_three();
    let reader = Reader::open(&sandbox.data().join("events.db")).unwrap();
    let path = sandbox.folder().join("a.ndjson");
    let mut told = Vec::new();
    let result =
        export_to(&path, ExportFormat::Ndjson, Contents { has_credentials: true }, &reader, &[1, 2, 3], |done| {
            told.push(done);
            if done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    assert!(matches!(result, Err(ExportError::Interrupted(2))), "{result:?}");
    assert_eq!((told, names(&sandbox, ".")), (vec![0, 1, 2], Vec::new()));
}
