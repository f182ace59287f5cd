//! The app gets every request byte for byte as received: generated requests through the real listener.
//!
//! 1000 requests, or as many as `HOOKGLASS_GENERATED_REQUESTS` says.

use crate::support::forwarding::{Running, to};
use crate::support::http::Client;
use crate::support::recorder::{Recorded, Recorder};
use fastrand::Rng;
use hookglass::core::delivery::{Forwarded, Forwarding};
use std::net::SocketAddr;
use std::num::NonZeroUsize;

const CONNECTIONS: usize = 4;
const MAX_BODY: usize = 5000;

/// Every byte of a token (RFC 9110 section 5.6.2).
const TOKEN: &[u8] = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Hop-by-hop headers and those that frame a message, in lower case. They are generated separately.
const HOPS: [&str; 8] =
    ["connection", "keep-alive", "te", "trailer", "upgrade", "proxy-authorization", "proxy-connection", "x-named"];
const FRAMING: [&str; 4] = ["host", "content-length", "transfer-encoding", "expect"];
/// The header with the number of the request.
const NUMBER: &str = "X-Number";

fn count() -> usize {
    let asked = std::env::var("HOOKGLASS_GENERATED_REQUESTS");
    asked.map_or(1000, |count| count.parse().expect("HOOKGLASS_GENERATED_REQUESTS is a number"))
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

struct Generated {
    bytes: Vec<u8>,
    method: &'static str,
    /// The headers that must arrive.
    headers: Headers,
    body: Vec<u8>,
}

/// The request for `number`; the same every time.
fn generate(number: usize) -> Generated {
    let mut rng = Rng::with_seed(number as u64);
    let method = ["POST", "PUT", "PATCH"][rng.usize(..3)];
    let size = if rng.u8(..8) == 0 { 0 } else { rng.usize(..MAX_BODY) };
    let mut body = vec![0; size];
    rng.fill(&mut body);
    let mut lines: Vec<(Vec<u8>, Vec<u8>, bool)> = Vec::new();
    for _ in 0..rng.usize(..16) {
        let line = match rng.u8(..10) {
            // The same name again, perhaps in another case.
            0 | 1 if !lines.is_empty() => {
                let place = rng.usize(..lines.len());
                (any_case(&mut rng, &lines[place].0), value(&mut rng))
            }
            2 => {
                let name = HOPS[rng.usize(..HOPS.len())];
                let value = if name == "connection" { b"keep-alive, X-NAMED".to_vec() } else { value(&mut rng) };
                (any_case(&mut rng, name.as_bytes()), value)
            }
            3 => (any_case(&mut rng, b"webhook-signature"), value(&mut rng)),
            _ => (name(&mut rng), value(&mut rng)),
        };
        let lower = String::from_utf8(line.0.to_ascii_lowercase()).unwrap();
        lines.push((line.0, line.1, !HOPS.contains(&lower.as_str())));
    }
    // It is an ordinary header unless `Connection` names it.
    if !lines.iter().any(|(name, ..)| name.eq_ignore_ascii_case(b"connection")) {
        lines.iter_mut().filter(|(name, ..)| name.eq_ignore_ascii_case(b"x-named")).for_each(|line| line.2 = true);
    }
    lines.insert(rng.usize(..=lines.len()), (NUMBER.into(), number.to_string().into(), true));
    let mut bytes = format!("{method} /hook HTTP/1.1\r\nHost: x\r\n").into_bytes();
    for (name, value, _) in &lines {
        let white = [&b""[..], b" ", b"\t", b" \t "];
        let parts = [&name[..], b":", white[rng.usize(..4)], value, white[rng.usize(..4)], b"\r\n"];
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
    }
    bytes.extend_from_slice(format!("content-LENGTH: {size}\r\n\r\n").as_bytes());
    bytes.extend_from_slice(&body);
    let arriving = lines.into_iter().filter(|(.., arrives)| *arrives);
    Generated { bytes, method, headers: arriving.map(|(name, value, _)| (name, value)).collect(), body }
}

fn name(rng: &mut Rng) -> Vec<u8> {
    loop {
        let length = rng.usize(1..20);
        let name: Vec<u8> = std::iter::repeat_with(|| TOKEN[rng.usize(..TOKEN.len())]).take(length).collect();
        let lower = String::from_utf8(name.to_ascii_lowercase()).unwrap();
        let is_special = HOPS.contains(&lower.as_str()) || FRAMING.contains(&lower.as_str());
        if !is_special && !lower.starts_with("proxy-") {
            return name;
        }
    }
}

/// Any byte that a value may have (RFC 9110 section 5.5), with white space only inside; sometimes empty.
fn value(rng: &mut Rng) -> Vec<u8> {
    let length = if rng.u8(..6) == 0 { 0 } else { rng.usize(..60) };
    let allowed = |rng: &mut Rng| loop {
        let byte = rng.u8(..);
        if byte == b'\t' || byte >= b' ' && byte != 0x7f {
            return byte;
        }
    };
    let value: Vec<u8> = std::iter::repeat_with(|| allowed(rng)).take(length).collect();
    value.trim_ascii().to_vec()
}

fn any_case(rng: &mut Rng, name: &[u8]) -> Vec<u8> {
    let turned = |byte: &u8| if rng.bool() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    name.iter().map(turned).collect()
}

/// Sends every [`CONNECTIONS`]th request on one persistent connection.
fn send_all(address: SocketAddr, first: usize, count: usize) {
    let mut client = Client::connect(address);
    for number in (first..count).step_by(CONNECTIONS) {
        client.send(&generate(number).bytes);
        assert_eq!(client.answer().status, 401, "request {number}");
    }
}

#[track_caller]
fn assert_same(arrived: &Recorded, host: &str) -> usize {
    let number: usize = arrived.value(NUMBER).unwrap().parse().unwrap();
    let sent = generate(number);
    assert_eq!((arrived.head.method(), arrived.head.target()), (sent.method.as_bytes(), &b"/own"[..]), "{number}");
    assert!(arrived.body == sent.body, "request {number} has another body");
    let mut headers = arrived.headers_without(&[]);
    let mut last = || headers.pop().map(|(name, value)| (name.to_ascii_lowercase(), value)).unwrap();
    assert_eq!(last(), (b"content-length".to_vec(), sent.body.len().to_string().into_bytes()), "{number}");
    assert_eq!(last(), (b"hookglass-delivery".to_vec(), b"as-received".to_vec()), "{number}");
    let (name, value) = headers.remove(0);
    assert!(name.eq_ignore_ascii_case(b"host") && value == host.as_bytes(), "{number}");
    let words = |headers: &Headers| {
        let line = |(name, value): &(Vec<u8>, Vec<u8>)| format!("{}: {}", name.escape_ascii(), value.escape_ascii());
        headers.iter().map(line).collect::<Vec<_>>()
    };
    if headers != sent.headers {
        assert_eq!(words(&headers), words(&sent.headers), "{number}");
    }
    number
}

#[test]
fn generated_requests_arrive_byte_for_byte() {
    let count = count();
    let app = Recorder::start(200, "");
    let url = format!("http://{}/own", app.address);
    let parallel = NonZeroUsize::new(CONNECTIONS).unwrap();
    let running = Running::start(Forwarding { forwarded: Forwarded::All, parallel, ..to(&[url]) });
    let host = app.address.to_string();
    let mut has_arrived = vec![false; count];
    std::thread::scope(|scope| {
        for first in 0..CONNECTIONS {
            let address = running.address;
            scope.spawn(move || send_all(address, first, count));
        }
        for _ in 0..count {
            let number = assert_same(&app.next(), &host);
            assert!(!std::mem::replace(&mut has_arrived[number], true), "request {number} arrived twice");
        }
    });
}
