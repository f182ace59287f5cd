//! `hookglass rehearse --check`: what a handler does to its data.

use super::{in_json, rehearse};
use crate::support::app::{App, Correct};
use crate::support::recorder::Recorded;
use crate::support::sandbox::Sandbox;
use hookglass::core::envelope;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const ONLY: &str = "--only=unsigned,twice-at-once,ten-times,late-update";

/// A right handler by its responses. It acts on each request that `acts` says, by appending a line to a file.
fn app(path: &Path, acts: impl Fn(bool, &Recorded) -> bool + Send + Sync + 'static) -> App {
    File::create(path).unwrap();
    let (file, correct) = (Mutex::new(File::options().append(true).open(path).unwrap()), Correct::default());
    App::start(move |request| {
        let mut file = file.lock().unwrap();
        let status = correct.status(request);
        if acts(status == 201, request) {
            file.write_all(b"x\n").unwrap();
        }
        Some(status)
    })
}

fn checked(sandbox: &Sandbox, app: &App, path: &Path, further: &[&str]) -> (Vec<(String, String)>, bool) {
    let command = format!("wc -l < '{}'", path.display());
    let arguments = [&["--json", "--check", &command], further].concat();
    let ran = rehearse(sandbox, &app.url(), &arguments);
    let (lines, end) = in_json(&ran);
    (
        lines
            .into_iter()
            .map(|line| (line.rehearsal, format!("{} {}", line.grade, line.state.unwrap_or_default())))
            .collect(),
        end.is_passed,
    )
}

fn id(request: &Recorded) -> String {
    request.value("webhook-id").unwrap_or_default()
}

fn pairs(results: &[(&str, &str)]) -> Vec<(String, String)> {
    results.iter().map(|(name, result)| ((*name).to_owned(), (*result).to_owned())).collect()
}

fn file(sandbox: &Sandbox) -> PathBuf {
    PathBuf::from(sandbox.file("acted", ""))
}

#[test]
fn a_handler_that_acts_once_passes_and_one_that_acts_again_fails() {
    let sandbox = Sandbox::new();
    let path = file(&sandbox);
    let seen = Mutex::new(HashSet::new());
    // An update after the deletion is of another id, so this handler acts on it.
    let once = app(&path, move |is_right, request| is_right && seen.lock().unwrap().insert(id(request)));
    let expected = [
        ("control", "passed changed"),
        ("unsigned", "passed same"),
        ("twice-at-once", "passed same"),
        ("ten-times", "passed same"),
        ("late-update", "failed changed"),
    ];
    assert_eq!(checked(&sandbox, &once, &path, &[ONLY, "--settle", "1ms"]), (pairs(&expected), false));

    let again = app(&path, |is_right, _| is_right);
    let expected = [
        ("control", "passed changed"),
        ("unsigned", "passed same"),
        ("twice-at-once", "failed changed"),
        ("ten-times", "failed changed"),
        ("late-update", "failed changed"),
    ];
    assert_eq!(checked(&sandbox, &again, &path, &[ONLY]), (pairs(&expected), false));
}

#[test]
fn a_handler_that_acts_on_what_it_rejects_fails() {
    let sandbox = Sandbox::new();
    let path = file(&sandbox);
    let careless = app(&path, |is_right, _| !is_right);
    let expected = [
        ("control", "passed same"),
        ("unsigned", "failed changed"),
        ("twice-at-once", "passed same"),
        ("ten-times", "passed same"),
        ("late-update", "passed same"),
    ];
    assert_eq!(checked(&sandbox, &careless, &path, &[ONLY]), (pairs(&expected), false));
}

#[test]
fn a_trigger_event_under_a_second_id_must_change_nothing() {
    let sandbox = Sandbox::new();
    let path = file(&sandbox);
    let further = ["--event=slack.message.posted", "--only=same-key,by-reference,new-values"];
    let results = |acts_again| {
        [
            ("control", "passed changed"),
            ("same-key", if acts_again { "failed changed" } else { "passed same" }),
            ("by-reference", "passed "),
            ("new-values", "passed "),
        ]
    };
    let keys = Mutex::new(HashSet::new());
    let by_key = app(&path, move |is_right, request| {
        is_right && keys.lock().unwrap().insert(envelope::read(&request.body).unwrap().event_id)
    });
    assert_eq!(checked(&sandbox, &by_key, &path, &further), (pairs(&results(false)), true));

    let ids = Mutex::new(HashSet::new());
    let by_id = app(&path, move |is_right, request| is_right && ids.lock().unwrap().insert(id(request)));
    assert_eq!(checked(&sandbox, &by_id, &path, &further), (pairs(&results(true)), false));
}

#[test]
fn a_check_that_is_never_the_same_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let path = file(&sandbox);
    let app = app(&path, |_, _| true);
    let command = format!("echo x >> '{0}.own'; wc -l < '{0}.own'", path.display());
    let ran = rehearse(&sandbox, &app.url(), &["--check", &command]);
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{ran:?}");
    assert!(
        ran.stderr.contains("prints something else each time") && ran.stderr.contains("\nhint: "),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read(&path).unwrap(), b"", "nothing was sent");
}
