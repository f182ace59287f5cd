//! SIGKILL under load, several times: every acknowledged event is stored, and the history is intact.
//!
//! 2 rounds, or as many as `HOOKGLASS_KILL_ROUNDS` says. Each prints its counts on stderr.

use crate::support::forwarding::app;
use crate::support::http::Client;
use crate::support::recorder::reply;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use hookglass::core::delivery::Ending;
use hookglass::core::event::Summary;
use hookglass::core::response::ResponseState;
use hookglass::store::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

const SENDERS: usize = 8;
/// The responses in a round before SIGKILL.
const RESPONSES: usize = 200;

#[test]
fn a_response_of_hookglass_survives_sigkill() {
    assert_nothing_acknowledged_is_lost("after");
}

#[test]
fn a_response_of_the_app_survives_sigkill() {
    assert_nothing_acknowledged_is_lost("through");
}

/// The response of the app to the message with this id.
fn status_of(id: &str) -> u16 {
    if id.ends_with(['1', '3', '5', '7', '9']) { 202 } else { 422 }
}

#[track_caller]
fn assert_nothing_acknowledged_is_lost(mode: &str) {
    let rounds = std::env::var("HOOKGLASS_KILL_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    let got = Arc::<Mutex<BTreeSet<String>>>::default();
    let to = {
        let got = Arc::clone(&got);
        app(move |mut stream, request| {
            let id = request.value("webhook-id").unwrap();
            let status = status_of(&id);
            got.lock().unwrap().insert(id);
            // The client may have been killed.
            let _ = reply(&mut stream, status, "");
        })
    };
    let sandbox = Sandbox::new();
    let mut acknowledged = BTreeMap::new();
    for round in 0..rounds {
        let listening =
            sandbox.listen(&["--forward-to", &to.to_string(), "--forward-mode", mode, "--forward-parallel", "4"]);
        let address = listening.address;
        let (told, responses) = channel();
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let told = told.clone();
                thread::spawn(move || send_until_the_end(Client::connect(address), &format!("{round}-{sender}"), &told))
            })
            .collect();
        drop(told);
        acknowledged.extend(responses.iter().take(RESPONSES));
        // SIGKILL, so nothing can be stored any more.
        drop(listening);
        acknowledged.extend(responses.iter());
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        let history = History::read(&sandbox.data().join("events.db"));
        history.assert_holds(mode, &acknowledged, &got.lock().unwrap());
    }
    assert!(acknowledged.len() >= rounds * RESPONSES);
    let history = rusqlite::Connection::open(sandbox.data().join("events.db")).unwrap();
    let check: String = history.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// What the history contains for each message.
struct History {
    events: BTreeMap<String, (Summary, Vec<Ending>)>,
    /// The numbers of the events whose forwards are pending, or were when a round ended.
    pending: BTreeSet<u64>,
}

impl History {
    fn read(path: &Path) -> Self {
        let reader = Reader::open(path).unwrap();
        let with_id = |summary: Summary| {
            let deliveries = reader.deliveries(summary.seq, usize::MAX).unwrap();
            (summary.webhook_id.clone().unwrap(), (summary, deliveries.iter().map(|it| it.ending()).collect()))
        };
        let events = reader.newest(usize::MAX).unwrap().into_iter().map(with_id).collect();
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut statement =
            connection.prepare("SELECT event FROM forward WHERE state IN ('pending', 'queued', 'unknown')").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        Self { events, pending: rows.map(|row| u64::try_from(row.unwrap()).unwrap()).collect() }
    }

    #[track_caller]
    fn assert_holds(&self, mode: &str, acknowledged: &BTreeMap<String, u16>, got: &BTreeSet<String>) {
        for (id, status) in acknowledged {
            let (summary, endings) = self.events.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
            assert_eq!(summary.response, ResponseState::Sent(*status), "{id}");
            if mode == "through" {
                assert_eq!((*status, &endings[..]), (status_of(id), &[Ending::Responded(*status)][..]), "{id}");
            }
        }
        let mut unknown = 0;
        for (id, (summary, endings)) in &self.events {
            let is_pending = self.pending.contains(&summary.seq);
            assert!(is_pending != (endings.len() == 1) && endings.len() < 2, "{id}: {is_pending} {endings:?}");
            assert!(is_pending || got.contains(id), "{id} is stored as forwarded, but the app did not get it");
            match summary.response {
                ResponseState::Unknown => unknown += 1,
                ResponseState::Sent(_) => {}
                other => panic!("{id}: {other:?}"),
            }
        }
        eprintln!(
            "{mode}: {} acknowledged, {} stored, {} got by the app, {} pending forwards, {unknown} unknown responses",
            acknowledged.len(),
            self.events.len(),
            got.len(),
            self.pending.len()
        );
    }
}

/// Sends one event after the other and reports the id of each that got a response, until the connection is refused.
fn send_until_the_end(mut client: Client, name: &str, told: &Sender<(String, u16)>) {
    for number in 0.. {
        let id = format!("msg_{name}-{number}");
        if !client.try_send(&Webhook { id: &id, ..Webhook::default() }.bytes()) {
            return;
        }
        let Some(answer) = client.read_response(true) else { return };
        told.send((id, answer.status)).unwrap();
    }
}
