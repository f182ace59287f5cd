//! Each target gets its events in the order of arrival and blocks nobody else.

use crate::support::forwarding::{Running, app, to};
use crate::support::http::ask;
use crate::support::patience::PATIENCE;
use crate::support::recorder::{Recorded, Recorder};
use crate::support::webhook::{Webhook, body_of};
use hookglass::core::delivery::{ForwardMode, Forwarding};
use std::io::Write;
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn webhook(event_type: &str, id: &str) -> Vec<u8> {
    Webhook { id, body: &body_of(event_type, "evt_1"), ..Webhook::default() }.bytes()
}

fn id_of(request: &Recorded) -> String {
    request.value("webhook-id").unwrap()
}

#[test]
fn each_target_gets_only_the_types_of_its_route() {
    let (users, all) = (Recorder::start(200, ""), Recorder::start(200, ""));
    let running = Running::start(to(&[format!("USER.*=http://{}", users.address), all.address.to_string()]));
    for (number, event_type) in ["user.login", "organization.created", "user.signup"].iter().enumerate() {
        assert_eq!(ask(running.address, &webhook(event_type, &format!("msg_{number}"))).status, 201);
    }
    assert_eq!([users.next(), users.next()].map(|request| id_of(&request)), ["msg_0", "msg_2"]);
    assert_eq!([all.next(), all.next(), all.next()].map(|request| id_of(&request)), ["msg_0", "msg_1", "msg_2"]);
    let deliveries: Vec<_> = (0..5).map(|_| running.delivered()).collect();
    assert!(deliveries.iter().all(|delivery| delivery.peer.is_some() && delivery.ending().is_delivered()));
    assert_eq!(running.reader().deliveries(1, usize::MAX).unwrap().len(), 2);
    assert_eq!(running.reader().deliveries(2, usize::MAX).unwrap().len(), 1);
}

#[test]
fn a_hanging_target_blocks_neither_senders_nor_other_targets() {
    const EVENTS: usize = 50;
    let (release, released) = channel::<()>();
    let (arrived, arrivals) = channel();
    let (released, arrived) = (Mutex::new(released), Mutex::new(arrived));
    let slow = app(move |mut stream: TcpStream, request| {
        arrived.lock().unwrap().send(id_of(&request)).unwrap();
        // The first request waits for the signal, the others for the end of the channel.
        let _ = released.lock().unwrap().recv();
        stream.write_all(OK).unwrap();
    });
    let other = Recorder::start(200, "");
    let running = Running::start(to(&[slow.to_string(), other.address.to_string()]));
    let ids: Vec<_> = (0..EVENTS).map(|number| format!("msg_{number}")).collect();
    for id in &ids {
        assert_eq!(ask(running.address, &webhook("user.login", id)).status, 201);
        assert_eq!(id_of(&other.next()), *id);
    }
    assert_eq!(arrivals.recv_timeout(PATIENCE).unwrap(), "msg_0");
    assert!(arrivals.try_recv().is_err(), "the second event arrived before the response to the first");
    drop(release);
    for id in &ids[1..] {
        assert_eq!(arrivals.recv_timeout(PATIENCE).unwrap(), *id);
    }
}

#[test]
fn awaited_and_other_events_are_forwarded_in_one_order() {
    let (arrived, arrivals) = channel();
    let arrived = Mutex::new(arrived);
    let second = app(move |mut stream: TcpStream, request| {
        arrived.lock().unwrap().send(id_of(&request)).unwrap();
        stream.write_all(OK).unwrap();
    });
    let first = Recorder::start(201, "");
    let routes = [format!("user.*=http://{}", first.address), second.to_string()];
    let running = Running::start(Forwarding { mode: ForwardMode::Through, ..to(&routes) });
    let ids: Vec<_> = (0..40).map(|number| format!("msg_{number}")).collect();
    for (number, id) in ids.iter().enumerate() {
        // The second target responds to every other event. The rest it gets after the first target.
        let (event_type, status) = if number % 2 == 0 { ("user.login", 201) } else { ("role.created", 200) };
        assert_eq!(ask(running.address, &webhook(event_type, id)).status, status);
    }
    for id in &ids {
        assert_eq!(arrivals.recv_timeout(PATIENCE).unwrap(), *id);
    }
}

#[test]
fn the_number_of_parallel_deliveries_is_respected() {
    const PARALLEL: usize = 3;
    const ROUNDS: usize = 4;
    let together = Barrier::new(PARALLEL);
    let (here, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    // No request gets a response before this many have arrived.
    let address = app(move |mut stream: TcpStream, _| {
        seen.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        together.wait();
        here.fetch_sub(1, Ordering::SeqCst);
        together.wait();
        stream.write_all(OK).unwrap();
    });
    let parallel = NonZeroUsize::new(PARALLEL).unwrap();
    let running = Running::start(Forwarding { parallel, ..to(&[address.to_string()]) });
    for _ in 0..PARALLEL * ROUNDS {
        assert_eq!(ask(running.address, &webhook("user.login", "msg_1")).status, 201);
    }
    for _ in 0..PARALLEL * ROUNDS {
        assert!(running.delivered().ending().is_delivered());
    }
    assert_eq!(most.load(Ordering::SeqCst), PARALLEL);
}
