//! `kill -9` while events are sent on: whatever a sender was told is kept, and the history is sound.

use crate::support::forwarding::app;
use crate::support::http::Client;
use crate::support::recorder::reply;
use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;
use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};
use std::thread;

const ROUNDS: usize = 3;
const SENDERS: usize = 8;
/// Overrides in a round before the end comes.
const ANSWERS: usize = 200;

#[test]
fn an_answer_of_ours_outlives_kill_nine() {
    assert_nothing_acknowledged_is_lost("after", 201);
}

#[test]
fn an_answer_of_the_app_outlives_kill_nine() {
    assert_nothing_acknowledged_is_lost("through", 200);
}

#[track_caller]
fn assert_nothing_acknowledged_is_lost(mode: &str, status: u16) {
    let to = app(|mut stream, _| {
        reply(&mut stream, 200, "");
    });
    let sandbox = Sandbox::new();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let listening =
            sandbox.listen(&["--forward-to", &to.to_string(), "--forward-mode", mode, "--forward-parallel", "4"]);
        let address = listening.address;
        let (told, answers) = channel();
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let told = told.clone();
                thread::spawn(move || send_until_the_end(Client::connect(address), &format!("{round}-{sender}"), &told))
            })
            .collect();
        drop(told);
        for (id, answered) in answers.iter().take(ANSWERS) {
            assert_eq!(answered, status, "{id}");
            acknowledged.insert(id);
        }
        // Killed, not asked to end.
        drop(listening);
        acknowledged.extend(answers.iter().map(|(id, _)| id));
        senders.into_iter().for_each(|sender| sender.join().unwrap());

        let listed = sandbox.run(&["events", "--json", "--limit", "1000000"]);
        assert_eq!(listed.code, Some(0), "{}", listed.stderr);
        let id = |line: &str| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["webhook_id"].as_str().map(String::from)
        };
        let kept: BTreeSet<_> = listed.text().lines().filter_map(id).collect();
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert_eq!(lost, [] as [&String; 0], "round {round}");
    }
    assert!(acknowledged.len() >= ROUNDS * ANSWERS);
    let history = rusqlite::Connection::open(sandbox.data().join("events.db")).unwrap();
    let check: String = history.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// Sends one event after the other and tells the id of each that was answered, until nobody is there.
fn send_until_the_end(mut client: Client, name: &str, told: &Sender<(String, u16)>) {
    for number in 0.. {
        let id = format!("msg_{name}-{number}");
        if !client.try_send(&Webhook { id: &id, ..Webhook::default() }.bytes()) {
            return;
        }
        let Some(answer) = client.read_answer(true) else { return };
        told.send((id, answer.status)).unwrap();
    }
}
