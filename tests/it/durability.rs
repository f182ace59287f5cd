//! `kill -9` under load loses no acknowledged event.

use crate::support::http::{Client, post};
use crate::support::sandbox::Sandbox;
use hookglass::core::event::Seq;
use hookglass::store::{Reader, Store};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

#[test]
fn kill_nine_under_load_loses_no_acknowledged_event() {
    let sandbox = Sandbox::bare();
    let path = sandbox.data().join("events.db");
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    for round in 0..3 {
        let listening = sandbox.listen(&[]);
        let address = listening.address;
        let (sender, receiver) = mpsc::channel();
        let senders: Vec<_> = (0..8)
            .map(|lane| {
                let (sender, acknowledged) = (sender.clone(), Arc::clone(&acknowledged));
                thread::spawn(move || {
                    let mut client = Client::connect(address);
                    for number in 0.. {
                        let name = format!("{round}-{lane}-{number}");
                        if !client.try_send(&post("", format!("{{\"type\":\"{name}\"}}").as_bytes())) {
                            break;
                        }
                        let Some(answer) = client.read_response(true) else { break };
                        assert_eq!(answer.status, 201);
                        acknowledged.lock().unwrap().insert(name);
                        if sender.send(()).is_err() {
                            break;
                        }
                    }
                })
            })
            .collect();
        assert_eq!(receiver.iter().take(400).count(), 400);
        // Dropping it kills it.
        drop(listening);
        for sender in senders {
            sender.join().unwrap();
        }
        let mut stored = BTreeSet::new();
        let reader = Reader::open(&path).unwrap();
        reader
            .for_each_listed(0, Seq::MAX, |event| {
                stored.insert(event.event_type.to_owned());
            })
            .unwrap();
        let lost: Vec<_> = acknowledged.lock().unwrap().difference(&stored).cloned().collect();
        assert_eq!(lost, [] as [String; 0], "round {round}");
    }
    assert!(Store::open(&path).unwrap().notice().is_none());
}
