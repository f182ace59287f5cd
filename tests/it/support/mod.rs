//! What the tests share: requests without a network, an ingest on a thread of its own, raw HTTP, the program itself
//! in a terminal.

pub mod agent;
#[cfg(unix)]
pub mod app;
#[cfg(unix)]
pub mod forwarding;
pub mod http;
pub mod ingest;
pub mod patience;
#[cfg(unix)]
pub mod reading;
pub mod recorder;
#[cfg(unix)]
pub mod sandbox;
pub mod screen;
#[cfg(unix)]
pub mod sequences;
pub mod story;
#[cfg(unix)]
pub mod terminal;
#[cfg(unix)]
pub mod webhook;

use bytes::Bytes;
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{Arrival, NewEvent};
use hookglass::core::reply::reply_for;
use hookglass::core::request::{Head, values};
use hookglass::core::signature::{Reason, Scheme, Verdict, Verification};
use hookglass::listener::Responding;
use jiff::Timestamp;
#[cfg(unix)]
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use tokio::net::TcpSocket;

/// An address that refuses connections. It stays bound until the tests end, so that no other test listens there.
#[cfg(unix)]
pub fn closed_address() -> SocketAddr {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    std::mem::forget(socket);
    address
}

/// A `POST` to `/hook` with `body`, as it arrives.
pub fn arrival(body: &[u8]) -> Arrival {
    let head =
        format!("POST /hook?a=1 HTTP/1.1\r\nHost: x\r\nWebhook-Id: msg_1\r\nContent-Length: {}\r\n\r\n", body.len());
    Arrival {
        received_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(),
        head: Head::parse(head.as_bytes()).unwrap(),
        body: Bytes::copy_from_slice(body),
    }
}

/// The event of a request, with the verdict in its header `x-verdict` and the type in `x-type`. A body that begins with `{` is JSON.
pub fn new_event_from(arrival: Arrival) -> NewEvent {
    event_and_response(arrival).0
}

/// As [`new_event_from`], with the response. The header `x-status` may choose its status.
pub fn event_and_response(arrival: Arrival) -> (NewEvent, Responding) {
    let headers = arrival.head.headers();
    let text = |name| values(&headers, name).next().map(|value| String::from_utf8_lossy(value).into_owned());
    let verdict = text("x-verdict").and_then(|word| Verdict::parse(&word)).unwrap_or(Verdict::Unchecked);
    let reason = match verdict {
        Verdict::Verified => None,
        Verdict::Invalid => Some(Reason::WrongSecret),
        Verdict::Unsigned => Some(Reason::Unsigned),
        Verdict::Unchecked => Some(Reason::NoSecret),
    };
    let scheme = text("x-scheme").and_then(|word| Scheme::parse(&word)).unwrap_or(Scheme::None);
    let fixed = text("x-status").and_then(|code| code.parse().ok());
    let secret = (verdict == Verdict::Verified).then(|| "main".into());
    let verification = Verification { verdict, scheme, reason, secret };
    let envelope = Envelope { event_type: text("x-type"), ..Envelope::default() };
    let reply = reply_for(&verification, &envelope, arrival.body.first() == Some(&b'{'), fixed);
    (NewEvent::new(arrival, envelope, verification, reply.status), Responding::With(reply))
}

/// An unchecked event with `body`.
pub fn new_event(body: &[u8]) -> NewEvent {
    new_event_from(arrival(body))
}
