//! `--save-dir` and `--save`: events saved as fixtures while they arrive.

use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::{Webhook, body_of};
use hookglass::app::fixtures::arrivals::{Arrivals, LIMITS, Limits, NotSaved, Saving};
use hookglass::app::fixtures::folder::FixtureFolder;
use hookglass::core::filter::Filter;
use hookglass::store::Reader;
use std::path::Path;
use std::sync::mpsc::channel;

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const OTHER_SECRET: &str = "whsec_b3RoZXItc2VjcmV0";

/// What is saved of four events: two verified, one invalid, one verified again.
fn saved(arguments: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[&["--save-dir", "saved"], arguments].concat());
    let post = |id: &str, event_type: &str, secret: &str| {
        let body = body_of(event_type, id);
        Webhook { id, body: &body, secret, ..Webhook::default() }.send(listening.address);
    };
    post("evt_1", "user.signup", SECRET);
    post("evt_2", "user.deleted", SECRET);
    post("evt_3", "user.signup", OTHER_SECRET);
    post("evt_4", "role.created", SECRET);
    listening.stop();
    names(&sandbox.folder().join("saved"))
}

#[test]
fn verified_events_that_match_are_saved_before_the_program_ends() {
    assert_eq!(saved(&[]), ["role.created-evt4.json", "user.deleted-evt2.json", "user.signup-evt1.json"]);
    assert_eq!(saved(&["--save", "type:user.*"]), ["user.deleted-evt2.json", "user.signup-evt1.json"]);
}

#[test]
fn events_in_another_state_are_saved_only_if_the_filter_names_it() {
    assert_eq!(saved(&["--save", "is:invalid"]), ["user.signup-evt3.json"]);
    assert_eq!(saved(&["--save", "type:user.signup"]), ["user.signup-evt1.json"]);
}

#[test]
fn a_filter_that_cannot_apply_is_refused_at_the_start() {
    let sandbox = Sandbox::new();
    for (arguments, why) in [
        (
            &["--headless", "--port", "0", "--save-dir", "x", "--save", "is:marked"][..],
            "marks exist only on the screen",
        ),
        (&["--headless", "--port", "0", "--save", "type:a"], "--save-dir"),
        (
            &["--headless", "--port", "0", "--save-dir", "x", "--save", "type:a -(is:failed OR status:5xx)"],
            "cannot save events by `is:failed`",
        ),
        (&["--headless", "--port", "0", "--save-dir", "x", "--save", "status:4xx"], "by `status:4xx`"),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(why), "{ran:?}");
    }
}

#[test]
fn a_full_folder_is_told_once() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    for id in ["evt_1", "evt_2", "evt_3", "evt_4"] {
        Webhook { id, body: &body_of("a", id), ..Webhook::default() }.send(listening.address);
    }
    listening.stop();
    for (limits, count) in [(Limits { files: 2, ..LIMITS }, 1), (Limits { bytes: 1 << 20, ..LIMITS }, 0)] {
        let folder = tempfile::tempdir().unwrap();
        // What was there counts, unless it is no fixture.
        std::fs::write(folder.path().join("notes.txt"), "x".repeat(2 << 20)).unwrap();
        std::fs::write(folder.path().join("old.json"), "x".repeat(1 << 20)).unwrap();
        let arrivals = Arrivals {
            folder: FixtureFolder::new(folder.path().into()),
            filter: Filter::default(),
            accepted: Default::default(),
            limits,
        };
        let (told, news) = channel();
        let reader = Reader::open(&sandbox.data().join("events.db")).unwrap();
        Saving::start(arrivals, reader, 0, move |why| told.send(why).unwrap()).unwrap().stop();
        let news: Vec<_> = news.iter().collect();
        assert!(matches!(news[..], [NotSaved::Full { .. }]), "{news:?}");
        assert_eq!(names(folder.path()).len(), 2 + count);
    }
}
