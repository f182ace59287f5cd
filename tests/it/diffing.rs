//! `hookglass events diff`: events and files, as text and as JSON.

use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use std::fs;

#[test]
fn the_command_compares_events_fixtures_and_bodies() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    let bodies = [
        r#"{"type":"user.signup","data":{"email":"jane@a.io","n":1}}"#,
        r#"{"type":"user.signup","data":{"n":1,"email":"amy\u001b[2J@a.io","new":true}}"#,
        r#"{ "data":{"n":1,"email":"jane@a.io"}, "type":"user.signup"}"#,
    ];
    for (number, body) in (1..).zip(bodies) {
        Webhook { id: &format!("evt_{number}"), body: body.as_bytes(), ..Webhook::default() }.send(listening.address);
    }
    assert!(listening.stop().success());

    let same = sandbox.run(&["events", "diff", "1", "1"]);
    assert_eq!((same.code, same.text()), (Some(0), "the same, byte for byte\n"));
    let differs = sandbox.run(&["events", "diff", "1", "2"]);
    assert_eq!(differs.code, Some(1));
    let text = differs.text();
    assert!(text.starts_with("1 changed, 1 added; the bytes differ from 31 on\n"), "{text}");
    assert!(text.contains("~ data.email\n    - \"jane@a.io\"\n    + \"amy\\u001b[2J@a.io\"\n"), "{text}");
    let json = sandbox.run(&["events", "diff", "1", "2", "--json"]);
    assert_eq!(
        (json.code, json.text()),
        (
            Some(1),
            "{\"same\":false,\"same_json\":false,\"changes\":[{\"kind\":\"changed\",\"path\":\"data.email\",\
             \"before\":\"jane@a.io\",\"after\":\"amy\\u001b[2J@a.io\"},{\"kind\":\"added\",\"path\":\"data.new\",\
             \"after\":true}],\"changes_omitted\":0,\"first_difference\":31,\"sizes\":[57,76]}\n"
        )
    );

    let fixture = sandbox.run(&["events", "show", "1", "--fixture"]);
    let (fixture_path, body_path) = (sandbox.data().join("one.json"), sandbox.data().join("body.json"));
    fs::write(&fixture_path, fixture.text()).unwrap();
    fs::write(&body_path, bodies[2]).unwrap();
    let (fixture_path, body_path) = (fixture_path.to_str().unwrap(), body_path.to_str().unwrap());
    assert_eq!(sandbox.run(&["events", "diff", fixture_path, "1"]).code, Some(0));
    let spelled = sandbox.run(&["events", "diff", fixture_path, body_path]);
    assert_eq!(spelled.code, Some(1));
    assert!(spelled.text().starts_with("the same JSON: only white space, the order of keys"), "{}", spelled.text());

    let missing = sandbox.run(&["events", "diff", "1", "9"]);
    assert_eq!((missing.code, missing.text()), (Some(2), ""));
    assert!(missing.stderr.contains("cannot compare event 9: it is not in the history"), "{}", missing.stderr);
}
