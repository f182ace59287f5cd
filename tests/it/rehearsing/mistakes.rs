//! Handlers with the mistakes that people make: each fails with its own cause.

use crate::support::app::{App, Correct};
use crate::support::recorder::{Recorded, read, reply};
use crate::support::sandbox::SECRET;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::rehearse::{Options, Rehearsing};
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::app::outbound::samples::sample_event;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::catalog::catalog;
use hookglass::core::delivery::Target;
use hookglass::core::rehearsal::{Grade, Matrix, Original, Rehearsal, Step, causes};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use jiff::Timestamp;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Rehearses an app with a sample.
fn rehearsed(address: SocketAddr, wait_for_app: Duration, on_step: impl FnMut(Step)) -> Matrix {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let keyring = Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() };
        let (client, keyring) = (Client::new(Limits::default()), SharedKeyring::new(keyring));
        let sender = Sender { client, keyring, writer: None, deliveries: Deliveries::on(Handle::current()) };
        let sample = catalog().find("organization.directory.user_created").unwrap();
        let target = Target::parse(&format!("http://{address}/webhooks/scalekit")).unwrap();
        let rehearsing = Rehearsing::new(Original::of_sample(sample), sample_event(sample), sender, target).unwrap();
        let rehearsing = rehearsing.with(Options { wait_for_app, ..Options::default() });
        let planned = rehearsing.plan(&Rehearsal::ALL).unwrap();
        rehearsing.run(&planned, || false, on_step).await.unwrap()
    })
}

fn found(matrix: &Matrix) -> Vec<(&'static str, Vec<&'static str>)> {
    let names = |rehearsals: &[Rehearsal]| rehearsals.iter().map(|each| each.name()).collect();
    causes(matrix).iter().map(|cause| (cause.name, names(&cause.rehearsals))).collect()
}

fn is_verified(headers: &[Header<'_>], body: &[u8]) -> bool {
    let keyring = Keyring { verifying: vec![Secret::new("app", SECRET)], known_only: Vec::new() };
    verify_request(headers, body, Timestamp::now().as_millisecond(), &keyring).verdict == Verdict::Verified
}

/// A handler that verifies what `read` makes of the body.
fn reading(read: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Box<Handler> {
    Box::new(move |request| {
        let is_right = is_verified(&request.head.headers(), &read(&request.body));
        (if is_right { 201 } else { 401 }, "")
    })
}

type Handler = dyn Fn(&Recorded) -> (u16, &'static str) + Send + Sync;

fn ascii(body: &[u8]) -> Vec<u8> {
    body.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect()
}

/// The signature header without all entries but the first.
fn of_one_signature(request: &Recorded) -> (u16, &'static str) {
    let headers = request.head.headers();
    let cut = |header: &Header<'_>| {
        let value = if header.is("webhook-signature") {
            header.value.split(|byte| *byte == b' ').next().unwrap()
        } else {
            header.value
        };
        (header.name.to_vec(), value.to_vec())
    };
    let cut: Vec<_> = headers.iter().map(cut).collect();
    let cut: Vec<_> = cut.iter().map(|(name, value)| Header::new(name, value)).collect();
    (if is_verified(&cut, &request.body) { 201 } else { 401 }, "")
}

#[test]
fn each_mistake_fails_with_its_own_cause() {
    let forgeries: Vec<_> =
        Rehearsal::ALL.into_iter().filter(|each| each.must_be_rejected()).map(Rehearsal::name).collect();
    let status = |request: &Recorded| Correct::default().status(request);
    let handlers: Vec<(&str, Vec<&str>, Box<Handler>)> = vec![
        ("verification-ignored", forgeries.clone(), Box::new(|_| (200, ""))),
        (
            "failure-with-2xx",
            forgeries.clone(),
            Box::new(
                move |request| if status(request) == 201 { (201, "") } else { (200, r#"[{"error":"invalid"},401]"#) },
            ),
        ),
        ("uncaught", forgeries, Box::new(move |request| (if status(request) == 201 { 201 } else { 500 }, ""))),
        ("non-ascii", vec!["non-ascii"], reading(ascii)),
        ("padded", vec!["padded"], reading(|body| body.trim_ascii().to_vec())),
        (
            "large",
            vec!["large"],
            Box::new(move |request| (if request.body.len() > 100_000 { 413 } else { status(request) }, "")),
        ),
        ("v1a-beside", vec!["v1a-beside", "two-signatures"], Box::new(of_one_signature)),
        ("guard", vec!["control"], Box::new(|_| (403, "<h1>CSRF verification failed</h1>"))),
        ("guard", vec!["control"], Box::new(|_| (401, ""))),
    ];
    for (cause, rehearsals, handler) in handlers {
        let app = App::with_bodies(move |request| Some(handler(request)));
        let matrix = rehearsed(app.address, Duration::ZERO, |_| ());
        assert!(!matrix.is_passed(), "{cause}");
        let found = found(&matrix);
        assert_eq!(found[0].0, cause, "{found:?}");
        let explained: Vec<_> = found.into_iter().flat_map(|(_, names)| names).collect();
        assert_eq!(explained, rehearsals, "{cause}");
    }
}

#[test]
fn a_wrong_secret_is_not_taken_for_a_guard() {
    let app = App::start(|request| Some(if request.head.target().starts_with(b"/webhooks/") { 401 } else { 404 }));
    assert_eq!(found(&rehearsed(app.address, Duration::ZERO, |_| ())), [("control", vec!["control"])]);
}

/// Serves `listener` like a right handler, but dies at an unsigned request. Then it serves again once `restarts` says so.
fn dying(listener: TcpListener, restarts: mpsc::Receiver<()>) {
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let correct = Correct::default();
        let mut listener = Some(listener);
        while let Some(serving) = listener.take() {
            for stream in serving.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&mut stream) else { continue };
                if request.value("webhook-signature").is_none() && request.value("webhook-id").is_none() {
                    // First nothing listens any more, then the connection ends, as when a process does.
                    drop(serving);
                    break;
                }
                let _ = reply(&mut stream, correct.status(&request), "");
            }
            listener = restarts.recv().ok().map(|()| TcpListener::bind(address).unwrap());
        }
    });
}

#[test]
fn an_app_that_dies_is_named_with_the_request_and_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (restart, restarts) = mpsc::channel();
    dying(listener, restarts);
    let matrix = rehearsed(address, Duration::from_secs(60), |step| {
        if let Step::Died { .. } = step {
            restart.send(()).unwrap();
        }
    });
    assert_eq!(found(&matrix), [("app-died", vec!["unsigned"])]);
    let death = &matrix.deaths[0];
    assert_eq!((death.what.as_str(), death.is_back), ("an event without signature headers", true));
    assert_eq!((matrix.count(Grade::Failed), matrix.count(Grade::Passed)), (1, super::COUNT - 1));
    assert!(!matrix.is_passed());
}

#[test]
fn an_app_that_stays_down_gets_nothing_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (restart, restarts) = mpsc::channel();
    dying(listener, restarts);
    let matrix = rehearsed(address, Duration::ZERO, |_| ());
    drop(restart);
    let place = matrix.rows.iter().position(|row| row.rehearsal == Rehearsal::Unsigned).unwrap();
    assert_eq!(matrix.rows[place].finding.grade, Grade::Failed);
    assert!(
        matrix.rows[place + 1..]
            .iter()
            .all(|row| row.outcomes.is_empty() && row.finding.sentence == "not tried: the app died"),
        "{matrix:?}"
    );
}
