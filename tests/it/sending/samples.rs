//! Samples: all types, stories, and the same bodies for the same seed.

use crate::support::recorder::{Recorded, Recorder};
use crate::support::sandbox::Sandbox;
use hookglass::core::catalog::{Family, catalog};
use serde_json::Value;

fn sent(arguments: &[&str]) -> Vec<Recorded> {
    let (sandbox, app) = (Sandbox::new(), Recorder::start(200, ""));
    let ran = sandbox.run(&[&["send", "--to", &app.port()], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    app.all()
}

fn bodies(arguments: &[&str]) -> Vec<Vec<u8>> {
    sent(arguments).into_iter().map(|request| request.body).collect()
}

fn parsed(body: &[u8]) -> Value {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}

#[test]
fn every_type_of_a_family_is_sent_once_with_the_headers_of_its_family() {
    for (arguments, family, count, header) in [
        (&["--all"][..], Family::Webhook, 49, "webhook-signature"),
        (&["--all", "interceptors"], Family::Interceptor, 6, "interceptor-signature"),
        (&["--all=triggers"], Family::Trigger, 1, "webhook-signature"),
    ] {
        let sent = sent(arguments);
        let names = sent.iter().map(|request| {
            let body = parsed(&request.body);
            let name = ["type", "trigger_point", "trigger_type"]
                .into_iter()
                .find_map(|key| body.get(key)?.as_str().map(str::to_owned));
            assert!(request.value(header).is_some(), "{arguments:?}");
            name.unwrap()
        });
        let expected = catalog().events().iter().filter(|event| event.family == family).map(|event| event.name.clone());
        assert_eq!((names.collect::<Vec<_>>(), sent.len()), (expected.collect(), count));
    }
}

#[test]
fn a_story_is_about_one_user_in_order() {
    let bodies: Vec<_> =
        bodies(&["--story", "directory-sync", "--times", "2"]).iter().map(|body| parsed(body)).collect();
    let steps: Vec<_> = catalog().story("directory-sync").map(|event| event.name.as_str()).collect();
    let names: Vec<_> = bodies.iter().map(|body| body["type"].as_str().unwrap()).collect();
    assert_eq!(names, [&steps[..], &steps[..]].concat());
    let users = bodies.iter().filter(|body| body["type"].as_str().unwrap().starts_with("organization.directory.user_"));
    let users: Vec<_> = users.map(|body| body["data"]["id"].as_str().unwrap()).collect();
    assert_eq!(users.len(), 6);
    assert!(users[..3].iter().all(|user| *user == users[0]), "{users:?}");
    assert!(users[3..].iter().all(|user| *user == users[3] && *user != users[0]), "{users:?}");
}

#[test]
fn the_same_seed_gives_the_same_bodies() {
    let with_seed = |seed: &str| bodies(&["user.signup", "user.login", "--times", "2", "--seed", seed]);
    let first = with_seed("7");
    assert_eq!(first, with_seed("7"));
    assert_ne!(first, with_seed("70"));
    assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    assert_ne!(bodies(&["user.signup"]), bodies(&["user.signup"]));
}
