//! Filters of the commands: all of the language, over what is stored.

use crate::support::recorder::Recorder;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;

/// A history of four events; the app refused the second.
fn history() -> Sandbox {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    for (id, headers, data) in [
        ("msg_1", "user-agent: Svix-Webhooks/1.2\r\n", r#"{"email":"jane\u0040acme.com","roles":[{"name":"admin"}]}"#),
        ("msg_2", "user-agent: curl/8\r\n", r#"{"email":"Bob@acme.com","note":"not jane"}"#),
        ("msg_3", "user-agent: curl/8\r\n", r#"{"email":"eve@globex.io","roles":[{"name":"guest"},{"name":"admin"}]}"#),
        ("msg_4", "", r#"{"email":null}"#),
    ] {
        let body = format!(r#"{{"id":"evt_{id}","type":"user.updated","organization_id":"org_{id}","data":{data}}}"#);
        let webhook = Webhook { id, headers, body: body.as_bytes(), ..Webhook::default() };
        assert_eq!(webhook.send(listening.address).status, 201);
    }
    drop(listening);
    let app = Recorder::start(500, "");
    assert_eq!(sandbox.run(&["replay", "2", "--to", &app.port()]).code, Some(1));
    sandbox
}

fn listed(sandbox: &Sandbox, arguments: &[&str]) -> Vec<u64> {
    let ran = sandbox.run(&[&["events", "--json"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    let seq = |line: &str| line.strip_prefix("{\"seq\":")?.split(',').next()?.parse().ok();
    ran.text().lines().map(|line| seq(line).unwrap()).collect()
}

#[test]
fn events_are_selected_by_their_requests_and_deliveries() {
    let sandbox = history();
    for (filter, expected) in [
        ("data.email:jane@*", &[1][..]),
        ("data.email:bob@*", &[2]),
        ("data.email:BOB@*", &[]),
        ("-data.email:*@acme.com", &[3, 4]),
        ("data.roles.name:admin", &[1, 3]),
        ("data.roles[0].name:admin", &[1]),
        ("data.email:null", &[4]),
        ("header.user-agent:curl*", &[2, 3]),
        ("header.User-Agent:*", &[1, 2, 3]),
        ("jane", &[1, 2]),
        ("\"not jane\" OR org:org_msg_4", &[2, 4]),
        ("id:msg_3 OR id:evt_msg_1", &[1, 3]),
        ("status:5xx", &[2]),
        ("is:failed -(globex OR jane)", &[]),
        ("path:/webhooks* response:2xx size:<10kb after:1h before:2200-01-01", &[1, 2, 3, 4]),
    ] {
        assert_eq!(listed(&sandbox, &["--filter", filter]), expected, "{filter}");
    }
    assert_eq!(listed(&sandbox, &["--filter", "data.roles.name:admin", "--limit", "1"]), [3], "the newest");
    let app = Recorder::start(200, "");
    let ran = sandbox.run(&["replay", "--filter", "data.roles.name:admin", "--to", &app.port()]);
    assert_eq!((ran.code, app.all().len()), (Some(0), 2), "{}", ran.stderr);
    let ran = sandbox.run(&["events", "--filter", "data.email:nobody"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), "hookglass: none of 4 events matches the filter\n"));
}

#[test]
fn saved_filters_are_used_by_name_and_a_wrong_one_is_reported_with_its_line() {
    let sandbox = history();
    let config = sandbox.file("good.toml", "port = 0\n[filters]\nadmins = \"data.roles.name:admin\"\n");
    let with = |filter| listed(&sandbox, &["--config", &config, "--filter", filter]);
    assert_eq!(with("@admins"), [1, 3]);
    assert_eq!(with("-@admins is:failed"), [2]);
    let ran = sandbox.run(&["events", "--config", &config, "--filter", "@admin"]);
    let said = "invalid filter `@admin`: column 1: expected a saved filter (`@admins`), or quotes around the text";
    assert!(ran.code == Some(2) && ran.stderr.contains(said), "{}", ran.stderr);
    let config =
        sandbox.file("bad.toml", "port = 0\n[filters]\nadmins = \"data.roles.name:admin\"\nbad = \"is:good\"\n");
    let ran = sandbox.run(&["events", "--config", &config]);
    assert!(ran.code == Some(2) && ran.stderr.contains("line 4: column 4: expected `verified`"), "{}", ran.stderr);
}

#[test]
fn events_are_selected_and_shown_by_what_differs_from_the_documentation() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let role = |data: &str| {
        format!(
            r#"{{"spec_version":"1","id":"evt_1","type":"role.created","object":"Role","environment_id":"env_1",
            "occurred_at":"2026-01-31T10:00:00Z","data":{data}}}"#
        )
    };
    for (id, body) in [
        ("msg_1", role(r#"{"id":"role_1","name":"a"}"#)),
        ("msg_2", role(r#"{"id":"role_1","name":7,"m\u001b[31m":1}"#)),
        ("msg_3", r#"{"type":"user.created"}"#.to_owned()),
        ("msg_4", "no JSON".to_owned()),
    ] {
        Webhook { id, body: body.as_bytes(), ..Webhook::default() }.send(listening.address);
    }
    for (filter, expected) in [
        ("check:*", &[2, 3, 4][..]),
        ("-check:*", &[1]),
        ("check:unknown-field", &[2]),
        ("check:WRONG-json-type", &[2]),
        ("check:unsent-type", &[3]),
        ("check:not-json OR check:*-type type:user.*", &[3, 4]),
    ] {
        assert_eq!(listed(&sandbox, &["--filter", filter]), expected, "{filter}");
    }
    let ran = sandbox.run(&["events", "--filter", "check:nothing"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("column 7: expected `not-json`, "), "{}", ran.stderr);

    assert!(!sandbox.run(&["events", "show", "1"]).text().contains("documentation"));
    let shown = sandbox.run(&["events", "show", "2"]);
    for line in [
        "2 differences from the documentation\n",
        "  data.name: a number; documented as a string (wrong-json-type)\n",
        "  data[\"m\\u001b[31m\"]: a field that is not documented (unknown-field)\n",
    ] {
        assert!(shown.text().contains(line), "{}", shown.text());
    }
    let json = |seq| -> serde_json::Value {
        serde_json::from_str(sandbox.run(&["events", "show", seq, "--json"]).text()).unwrap()
    };
    assert_eq!((&json("1")["checks"], &json("1")["seq"]), (&serde_json::json!([]), &serde_json::json!(1)));
    let first = &json("3")["checks"][0];
    assert_eq!((first["check"].as_str(), first["path"].as_str()), (Some("unsent-type"), Some("type")));
    let message = "Scalekit sends no `user.created`; at that moment it sends `user.signup`";
    assert_eq!(first["message"], message);
}

#[test]
fn accepted_differences_count_no_more() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&["--db", "h.db"]);
    for (id, more) in [("msg_1", "\"mine\":1"), ("msg_2", "\"mine\":2,\"yours\":3")] {
        let body = format!(
            r#"{{"spec_version":"1","id":"evt_1","type":"role.created","object":"Role","environment_id":"env_1",
            "occurred_at":"2026-01-31T10:00:00Z","data":{{"id":"role_1","name":"a",{more}}}}}"#
        );
        Webhook { id, body: body.as_bytes(), ..Webhook::default() }.send(listening.address);
    }
    let run = |arguments: &[&str]| sandbox.run(&[arguments, &["--db", "h.db"]].concat());
    let differing = || listed(&sandbox, &["--filter", "check:unknown-field", "--db", "h.db"]);
    assert_eq!(differing(), [1, 2]);
    let ran = run(&["events", "accept", "1"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(0), "hookglass: 1 difference accepted in all events of the type\n")
    );
    assert_eq!(differing(), [2]);
    let shown = run(&["events", "show", "2"]);
    assert!(shown.text().contains("\n1 difference from the documentation, 1 accepted\n"), "{shown:?}");
    assert!(!shown.text().contains("  data.mine:") && shown.text().contains("  data.yours:"), "{shown:?}");
    let json: serde_json::Value = serde_json::from_str(run(&["events", "show", "1", "--json"]).text()).unwrap();
    assert_eq!((&json["checks"][0]["path"], &json["checks"][0]["accepted"]), (&"data.mine".into(), &true.into()));
    assert_eq!(run(&["events", "accept"]).text(), "role.created  data.mine  unknown-field\n");
    assert_eq!(run(&["events", "accept", "2", "--path", "data.none"]).code, Some(1));
    assert_eq!(run(&["events", "accept", "2", "--path", "data.mine", "--remove"]).code, Some(0));
    assert_eq!(differing(), [1, 2]);

    let path = sandbox.folder().join("accepted.toml");
    std::fs::write(&path, "version = 2\n").unwrap();
    let refused = run(&["events", "accept", "1"]);
    assert!(
        refused.code == Some(2) && refused.stderr.contains("line 1: version 2 is of a newer hookglass"),
        "{refused:?}"
    );
    let ran = run(&["events", "--filter", "check:unknown-field"]);
    assert!(ran.code == Some(0) && ran.stderr.contains("until then, nothing is accepted"), "{ran:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"version = 2\n");
}
