//! `kill -9` under load: what was acknowledged is there.

use crate::support::http::{Client, post};
use crate::support::ingest::Ingest;
use hookglass::core::event::Seq;
use hookglass::listener::Settings;
use hookglass::store::{Reader, Store};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

/// Not a test by itself: the process that [`kill_nine_under_load_loses_nothing_acknowledged`] kills.
#[test]
fn as_a_child_it_captures_until_it_is_killed() {
    let (Ok(path), Ok(parent)) = (std::env::var("HOOKGLASS_TEST_DB"), std::env::var("HOOKGLASS_TEST_PARENT")) else {
        return;
    };
    let ingest = Ingest::start(Path::new(&path), Settings::default());
    let mut parent = TcpStream::connect(parent).unwrap();
    writeln!(parent, "{}", ingest.address).unwrap();
    // Ends when the parent does, if it is not killed before.
    let _ = BufReader::new(parent).read_line(&mut String::new());
}

#[test]
fn kill_nine_under_load_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let meeting = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "durability::as_a_child_it_captures_until_it_is_killed"])
            .env("HOOKGLASS_TEST_DB", &path)
            .env("HOOKGLASS_TEST_PARENT", meeting.local_addr().unwrap().to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (stream, _) = meeting.accept().unwrap();
        let mut address = String::new();
        BufReader::new(&stream).read_line(&mut address).unwrap();
        let address: SocketAddr = address.trim().parse().unwrap();

        let (sender, receiver) = mpsc::channel();
        let senders: Vec<_> = (0..8)
            .map(|lane| {
                let (sender, acknowledged) = (sender.clone(), Arc::clone(&acknowledged));
                thread::spawn(move || {
                    let mut client = Client::connect(address);
                    for number in 0.. {
                        let name = format!("{round}-{lane}-{number}");
                        if !client.try_send(&post(&format!("x-type: {name}\r\n"), b"{}")) {
                            break;
                        }
                        let Some(answer) = client.read_answer(true) else { break };
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
        child.kill().unwrap();
        child.wait().unwrap();
        for sender in senders {
            sender.join().unwrap();
        }
        let mut kept = BTreeSet::new();
        let reader = Reader::open(&path).unwrap();
        reader.for_each_summary(Seq::MAX, |summary| kept.extend(summary.event_type)).unwrap();
        let lost: Vec<_> = acknowledged.lock().unwrap().difference(&kept).cloned().collect();
        assert_eq!(lost, [] as [String; 0], "round {round}");
    }
    assert!(Store::open(&path).unwrap().notice().is_none());
}
