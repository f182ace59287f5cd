//! Rehearsals against real servers: `hookglass rehearse`, interrupts, and the engine with a history.

mod ending;
mod engine;
mod interceptors;
mod mistakes;
mod signing;
mod state;

use crate::support::app::{App, Correct};
use crate::support::closed_address;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::BODY;
use hookglass::core::catalog::Family;
use hookglass::core::export::Fixture;
use hookglass::core::rehearsal::Rehearsal;
use jiff::Timestamp;

/// The rehearsals of a webhook with one known secret, and those of them that must be rejected.
const COUNT: usize = 30;
const FORGED: usize = 12;

/// Names and results in the order printed.
type Results = Vec<(String, String)>;

#[derive(serde::Deserialize)]
struct Line {
    rehearsal: String,
    expected: String,
    grade: String,
    result: String,
    got: Vec<Response>,
    found: String,
    why: String,
    next: Option<String>,
    state: Option<String>,
}

#[derive(serde::Deserialize)]
struct Response {
    request: String,
    status: Option<u16>,
    failure: Option<String>,
}

#[derive(serde::Deserialize)]
struct End {
    rehearsals: usize,
    passed: usize,
    shown: usize,
    warned: usize,
    inconclusive: usize,
    unjudged: usize,
    failed: usize,
    cancelled: usize,
    is_passed: bool,
    causes: Vec<Cause>,
    note: Option<String>,
}

#[derive(serde::Deserialize)]
struct Cause {
    cause: String,
    rehearsals: Vec<String>,
}

fn rehearse(sandbox: &Sandbox, url: &str, further: &[&str]) -> Ran {
    sandbox.run(&[&["rehearse", "--to", url], further].concat())
}

fn in_json(ran: &Ran) -> (Vec<Line>, End) {
    let mut lines: Vec<&str> = ran.text().lines().collect();
    let end = lines.pop().unwrap_or_else(|| panic!("nothing was printed: {ran:?}"));
    let lines =
        lines.into_iter().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    (lines.collect(), serde_json::from_str(end).unwrap())
}

/// Runs with `--json` and returns the exit code, the grades and the last line.
fn results(sandbox: &Sandbox, url: &str, further: &[&str]) -> (Option<i32>, Results, End) {
    let ran = rehearse(sandbox, url, &[&["--json"], further].concat());
    let (lines, end) = in_json(&ran);
    (ran.code, lines.into_iter().map(|line| (line.rehearsal, line.grade)).collect(), end)
}

fn all(result: impl Fn(Rehearsal) -> &'static str) -> Results {
    let all = Rehearsal::ALL.into_iter();
    let all = all.filter(|each| each.fits(Family::Webhook) && *each != Rehearsal::OtherSecret);
    all.map(|each| (each.name().to_owned(), result(each).to_owned())).collect()
}

#[test]
fn a_correct_handler_passes_everything_with_any_event() {
    let sandbox = Sandbox::new();
    let correct = Correct::default();
    let handler = correct.clone();
    let app = App::start(move |request| Some(handler.status(request)));
    let fixture = Fixture {
        method: b"POST".to_vec(),
        path: b"/".to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
        headers: vec![(b"Webhook-Signature".to_vec(), b"v1,old".to_vec())],
        body: BODY.to_vec(),
    };
    let fixture = sandbox.file("event.json", fixture.write());
    for further in [&[][..], &["--event", "scalekit.dir.user.create"], &["--event", &fixture, "--sign"]] {
        let before = correct.count();
        let (code, found, end) = results(&sandbox, &app.url(), further);
        assert_eq!((code, found), (Some(0), all(|_| "passed")), "{further:?}");
        assert!(
            end.is_passed && (end.rehearsals, end.passed, end.cancelled) == (COUNT, COUNT, 0) && end.note.is_none()
        );
        // The control, 8 with unusual content, 3 with unusual headers, the two that are repeated, 6 of two users, and the bursts.
        assert_eq!(correct.count() - before, 1 + 8 + 3 + 2 + 6 + 24);
    }
}

#[test]
fn the_listener_of_hookglass_is_a_correct_handler() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    let ran = rehearse(&sandbox, &format!("http://{}", listening.address), &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.text().ends_with("\n30 rehearsals: 30 passed\n"), "{}", ran.text());
    assert_eq!(ran.text().matches("\nnote  ").count(), 1, "the note on duplicates: {}", ran.text());
}

#[test]
fn a_handler_that_accepts_everything_fails_what_it_should_reject() {
    let sandbox = Sandbox::new();
    let app = App::answering(200);
    let (code, found, end) = results(&sandbox, &app.url(), &[]);
    let result = |each: Rehearsal| if each.must_be_rejected() { "failed" } else { "passed" };
    assert_eq!((code, found), (Some(1), all(result)));
    assert_eq!((end.passed, end.failed, end.is_passed), (COUNT - FORGED, FORGED, false));
    let causes: Vec<_> = end.causes.iter().map(|cause| (cause.cause.as_str(), cause.rehearsals.len())).collect();
    assert_eq!(causes, [("verification-ignored", FORGED)]);

    let shown = rehearse(&sandbox, &app.url(), &["--only", "unsigned"]);
    assert_eq!(shown.code, Some(1));
    let lines: Vec<&str> = shown.text().lines().collect();
    assert!(lines[0].starts_with("rehearsal ") && lines[1].starts_with("control "), "{}", shown.text());
    assert_eq!(lines[2], "forgeries  1 ✗");
    assert!(lines[3].contains("  401, 400 or 403  200       ✗ failed  "), "{}", lines[3]);
    for part in [
        "\n✗ unsigned\n  got   the app responded 200 to an event without signature headers: ",
        "\n  why   the URL is not a secret",
        "\n  next  verify the raw body with the SDK",
    ] {
        assert!(shown.text().contains(part), "{part} in {}", shown.text());
    }
    assert!(shown.text().ends_with("\n2 rehearsals: 1 passed, 1 failed\n"));
    assert!(!shown.text().contains('\u{1b}'));
    let expected =
        format!("hookglass: rehearsing `{}` with organization.directory.user_created, signed with ", app.url());
    assert!(shown.stderr.starts_with(&expected) && shown.stderr.lines().count() == 1, "{}", shown.stderr);
}

#[test]
fn a_crash_on_a_missing_header_names_that_header() {
    let sandbox = Sandbox::new();
    let correct = Correct::default();
    let app = App::start(move |request| {
        let is_whole = request.value("webhook-timestamp").is_some();
        Some(if is_whole { correct.status(request) } else { 500 })
    });
    let ran = rehearse(&sandbox, &app.url(), &["--json"]);
    let (lines, end) = in_json(&ran);
    assert_eq!((ran.code, end.passed, end.failed), (Some(1), COUNT - 2, 2));
    let line = lines.iter().find(|line| line.rehearsal == "missing-header").unwrap();
    assert_eq!((line.result.as_str(), line.expected.as_str()), ("failed", "401, 400 or 403"));
    let statuses: Vec<_> = line.got.iter().map(|answer| (answer.request.as_str(), answer.status)).collect();
    let expected = [("id", 401), ("timestamp", 500), ("signature", 401)];
    let expected = expected.map(|(part, status)| (format!("an event without `webhook-{part}`"), Some(status)));
    assert_eq!(statuses, expected.each_ref().map(|(request, status)| (request.as_str(), *status)));
    assert!(
        line.found.starts_with("the app responded 500 to an event without `webhook-timestamp`: the handler crashes")
    );
    assert!(line.next.as_ref().unwrap().starts_with("catch what the SDK throws") && !line.why.is_empty());
}

#[test]
fn an_app_that_is_down_gets_no_further_rehearsals() {
    let sandbox = Sandbox::new();
    let ran = rehearse(&sandbox, &closed_address().to_string(), &["--json"]);
    let (lines, end) = in_json(&ran);
    assert_eq!((ran.code, end.inconclusive, end.is_passed), (Some(1), COUNT, false));
    assert_eq!(lines[0].got[0].failure.as_deref(), Some("refused"));
    assert!(lines[0].next.as_ref().unwrap().starts_with("start the app"), "{:?}", lines[0].next);
    assert!(lines[1..].iter().all(|line| line.got.is_empty() && line.found.starts_with("not tried")));
}

#[test]
fn a_wrong_path_is_named_and_its_rejections_prove_nothing() {
    let sandbox = Sandbox::new();
    for (status, said) in [
        (404, ": there is probably no handler at this path"),
        (405, ": there is probably no handler at this path"),
        (308, ", a redirect instead of a 2xx: the provider counts it as failed and retries"),
    ] {
        let ran = rehearse(&sandbox, &App::answering(status).url(), &["--json"]);
        let (lines, end) = in_json(&ran);
        assert_eq!((ran.code, end.failed, end.inconclusive), (Some(1), 1, COUNT - 1), "{status}");
        let is_said = |line: &Line| {
            line.found.starts_with(&format!("the app responded {status} to ")) && line.found.ends_with(said)
        };
        assert!(lines.iter().all(|line| is_said(line) == (line.result == "failed")), "{status}");
        assert!(end.note.unwrap().contains("prove nothing"), "{status}");
    }
}

#[test]
fn rejecting_with_an_unusual_status_is_a_warning() {
    let sandbox = Sandbox::new();
    for status in [404, 405, 302, 422] {
        let correct = Correct::default();
        let app = App::start(move |request| Some(if correct.status(request) == 201 { 201 } else { status }));
        let ran = rehearse(&sandbox, &app.url(), &["--json"]);
        let (lines, end) = in_json(&ran);
        assert_eq!(
            (ran.code, end.passed, end.warned, end.is_passed),
            (Some(0), COUNT - FORGED, FORGED, true),
            "{status}"
        );
        let warned = lines.iter().filter(|line| line.result == "warned");
        let is_said = |line: &&Line| {
            let them = if line.rehearsal == "missing-header" { "them" } else { "it" };
            let said = format!(", which rejects {them} but means something else; the guide recommends 401");
            line.found.starts_with(&format!("the app responded {status} to ")) && line.found.ends_with(&said)
        };
        assert_eq!(warned.filter(is_said).count(), FORGED);
    }
}

#[test]
fn a_handler_that_closes_the_connection_instead_of_rejecting_fails() {
    let sandbox = Sandbox::new();
    let correct = Correct::default();
    let app = App::start(move |request| Some(correct.status(request)).filter(|status| *status == 201));
    let ran = rehearse(&sandbox, &app.url(), &["--json"]);
    let (lines, end) = in_json(&ran);
    assert_eq!((ran.code, end.passed, end.failed), (Some(1), COUNT - FORGED, FORGED));
    let failed = lines.iter().filter(|line| line.result == "failed");
    assert_eq!(
        failed
            .filter(|line| line.found.starts_with("no complete response to ") && line.found.contains(" (reset)"))
            .count(),
        FORGED
    );
}

#[test]
fn a_handler_that_rejects_everything_fails() {
    let sandbox = Sandbox::new();
    let (code, found, end) = results(&sandbox, &App::answering(401).url(), &[]);
    let result = |each| if each == Rehearsal::Control { "failed" } else { "inconclusive" };
    assert_eq!((code, found), (Some(1), all(result)));
    assert_eq!(end.causes.iter().map(|cause| cause.cause.as_str()).collect::<Vec<_>>(), ["guard"]);
    assert!(!end.is_passed && end.note.unwrap().contains("prove nothing"));
}

#[test]
fn json_has_the_old_names_beside_the_new_ones() {
    let sandbox = Sandbox::new();
    let ran = rehearse(&sandbox, &App::answering(401).url(), &["--only", "expired", "--json"]);
    let (lines, end) = in_json(&ran);
    let names = |line: &Line| (line.grade.clone(), line.result.clone());
    let expected = [("failed", "failed"), ("inconclusive", "unjudged")];
    assert_eq!(
        lines.iter().map(names).collect::<Vec<_>>(),
        expected.map(|(new, old)| (new.to_owned(), old.to_owned()))
    );
    assert_eq!((end.inconclusive, end.unjudged), (1, 1));
}

#[test]
fn the_control_also_runs_before_a_single_rehearsal() {
    let sandbox = Sandbox::new();
    let (code, found, end) = results(&sandbox, &App::answering(401).url(), &["--only", "expired"]);
    let expected = [("control", "failed"), ("expired", "inconclusive")];
    assert_eq!((code, found), (Some(1), expected.map(|(name, result)| (name.to_owned(), result.to_owned())).to_vec()));
    assert!(!end.is_passed && end.note.unwrap().contains("prove nothing"));
}

#[test]
fn an_event_that_cannot_be_rehearsed_is_reported_with_a_hint() {
    let sandbox = Sandbox::bare();
    let with_secret = Sandbox::new();
    let file = with_secret.file("no fixture", "{}");
    let decision = with_secret.file(
        "interceptor",
        Fixture {
            method: b"POST".to_vec(),
            path: b"/".to_vec(),
            received_at: Timestamp::UNIX_EPOCH,
            headers: Vec::new(),
            body: br#"{"trigger_point":"PRE_SIGNUP"}"#.to_vec(),
        }
        .write(),
    );
    let cases: [(&Sandbox, &[&str], &str); 6] = [
        (&sandbox, &[], "no signing secret, so the rehearsals cannot be signed"),
        (&with_secret, &["--event", "no.such"], "is not an event number, a file or the type of a sample"),
        (&with_secret, &["--event", &file], "is not a fixture: it has no `hookglass_fixture`"),
        (&with_secret, &["--event", "7"], "there is no history at"),
        (&with_secret, &["--event", &decision, "--sign", "--only", "out-of-order"], "an interceptor's event"),
        (&with_secret, &["--only", "no-such"], "no-such"),
    ];
    for (sandbox, arguments, message) in cases {
        let ran = rehearse(sandbox, "1", arguments);
        assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{message}: {ran:?}");
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
        assert!(ran.stderr.contains("\nhint: ") || message == "no-such", "{message}: {}", ran.stderr);
    }
    assert_eq!(sandbox.run(&["rehearse"]).code, Some(2));
}

#[test]
fn a_terminal_shows_the_progress_until_the_end() {
    let app = App::answering(200);
    let mut terminal = Sandbox::new().terminal(&["rehearse", "--to", &app.url(), "--only", "expired"], 30, 120);
    assert_eq!(terminal.wait_for_end().exit_code(), 1);
    let output = terminal.seen(|seen| String::from_utf8_lossy(&seen.output).into_owned());
    assert!(output.contains("\r2 of 2: expired timestamp "), "{output}");
    let text = terminal.text();
    assert!(!text.contains("2 of 2") && text.contains("\nrehearsal ") && text.contains("✗ failed"), "{text}");
}

#[test]
fn every_rehearsal_is_listed() {
    let listed = Sandbox::bare().run(&["rehearse", "--list"]);
    assert_eq!(listed.code, Some(0));
    let names: Vec<_> = listed.text().lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, Rehearsal::ALL.map(Rehearsal::name));
}
