//! Apps that misbehave: each delivery ends within its time limit with a clear outcome, in both modes.

use crate::support::closed_address;
use crate::support::forwarding::{Running, app, enough, short, to};
use crate::support::patience::PATIENCE;
use crate::support::webhook::Webhook;
use hookglass::client::Limits;
use hookglass::core::delivery::{
    Completeness, Delivery, Ending, FailureKind, ForwardMode, Forwarding, MAX_RESPONSE_BODY,
};
use hookglass::store::Reader;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Reads until the peer closes the connection.
fn wait_for_the_end(mut stream: TcpStream) {
    while let Ok(1..) = stream.read(&mut [0; 4096]) {}
}

/// An app that writes `response` and then hangs.
fn hanging_after(response: &'static [u8]) -> SocketAddr {
    app(move |mut stream, _| {
        stream.write_all(response).unwrap();
        wait_for_the_end(stream);
    })
}

/// Accepts connections and never reads.
fn deaf() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let _open: Vec<_> = listener.incoming().collect();
    });
    address
}

/// Resets the connection after the peer has read `response`.
fn resetting_after(response: &'static [u8]) -> SocketAddr {
    app(move |mut stream, _| {
        stream.write_all(response).unwrap();
        // Closing with unread bytes resets a connection. There are none here, so the reset is requested explicitly.
        rustix::net::sockopt::set_socket_linger(&stream, Some(std::time::Duration::ZERO)).unwrap();
    })
}

/// Up to 100 MB, as much as the peer reads.
fn flooding() -> SocketAddr {
    app(|mut stream, _| {
        let chunk = vec![b'x'; 1 << 16];
        let mut left = 100 << 20;
        let mut is_taken = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n").is_ok();
        while is_taken && left > 0 {
            is_taken = stream.write_all(&chunk).is_ok();
            left -= chunk.len();
        }
        assert!(left > 50 << 20, "the peer read most of the flood");
    })
}

/// A server with an untrusted certificate.
fn untrusted() -> SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../cases/localhost-certificate.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../cases/localhost-key.pem")).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
    let config = std::sync::Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = stream.unwrap();
            // The client ends this.
            while connection.complete_io(&mut stream).is_ok() {}
        }
    });
    address
}

/// The expected ending of the delivery, and the response to a sender that waits for it.
enum Expected {
    Failure(FailureKind, u16),
    /// The status and the completeness of the body, and the status that the sender gets.
    Response(u16, Completeness, u16),
}

fn assert_outcome(name: &str, delivery: &Delivery, expected: &Expected) {
    match (&delivery.outcome, expected) {
        (Err(failure), Expected::Failure(kind, _)) => {
            assert_eq!(failure.kind, *kind, "{name}: {}", failure.text);
            assert!(!failure.text.is_empty() && !failure.text.contains('\n'), "{name}: {}", failure.text);
        }
        (Ok(response), Expected::Response(status, completeness, _)) => {
            assert_eq!((response.status, response.completeness), (*status, *completeness), "{name}");
            let ending = match completeness {
                Completeness::Whole | Completeness::TooLong => Ending::Responded(*status),
                Completeness::BrokenOff => Ending::Failed(FailureKind::Reset),
                Completeness::TimedOut => Ending::Failed(FailureKind::TimedOut),
            };
            assert_eq!(delivery.ending(), ending, "{name}");
            assert!(response.body.len() <= MAX_RESPONSE_BODY, "{name}");
        }
        (other, _) => panic!("{name}: {other:?}"),
    }
}

/// The deliveries as the screen reads them from an older history.
fn endings(reader: &Reader) -> Vec<Ending> {
    let mut endings = Vec::new();
    reader.for_each_ending(u64::MAX, |_, _, ending, _| endings.push(ending)).unwrap();
    endings
}

#[test]
fn every_fault_of_the_app_has_the_expected_outcome_in_both_modes() {
    use Completeness::{BrokenOff, TooLong};
    use Expected::{Failure, Response};
    use FailureKind::{Garbled, Refused, Reset, TimedOut, Tls};
    type Start = fn() -> SocketAddr;
    let faults: [(&str, Start, &str, Expected); 14] = [
        ("refuses", closed_address, "http", Failure(Refused, 502)),
        ("never reads", deaf, "http", Failure(TimedOut, 504)),
        ("reads and is silent", || hanging_after(b""), "http", Failure(TimedOut, 504)),
        ("hangs in its headers", || hanging_after(b"HTTP/1.1 200 OK\r\nX-A: "), "http", Failure(TimedOut, 504)),
        (
            "hangs in its body",
            || hanging_after(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"),
            "http",
            Response(200, Completeness::TimedOut, 504),
        ),
        ("is no web server", || hanging_after(b"220 smtp.example ESMTP\r\n"), "http", Failure(Garbled, 502)),
        ("speaks in bytes", || hanging_after(b"\x00\xff\xfe\r\n\r\n"), "http", Failure(Garbled, 502)),
        ("closes at once", || app(|stream, _| drop(stream)), "http", Failure(Reset, 502)),
        ("resets in its headers", || resetting_after(b"HTTP/1.1 200"), "http", Failure(Reset, 502)),
        (
            "closes in its body",
            || app(|mut stream, _| drop(stream.write_all(b"HTTP/1.1 201 A\r\nContent-Length: 5\r\n\r\nabc"))),
            "http",
            Response(201, BrokenOff, 502),
        ),
        (
            "resets in its body",
            || resetting_after(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"),
            "http",
            Response(200, BrokenOff, 502),
        ),
        ("answers 100 MB", flooding, "http", Response(200, TooLong, 200)),
        ("has a bad certificate", untrusted, "https", Failure(Tls, 502)),
        ("speaks no TLS", || hanging_after(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https", Failure(TimedOut, 504)),
    ];
    for (name, start, scheme, expected) in faults {
        let targets = [format!("{scheme}://{}", start())];
        for mode in ForwardMode::ALL {
            // Cases that should time out have a short limit, the others one that they never reach.
            let limits = match expected {
                Failure(TimedOut, _) => short(),
                Response(_, _, 504) => enough(),
                _ => Limits { whole: PATIENCE * 2, ..Limits::default() },
            };
            let running = Running::start_with(Forwarding { mode, ..to(&targets) }, limits, None);
            let response = Webhook::default().send(running.address);
            let through = match expected {
                Failure(_, status) | Response(_, _, status) => status,
            };
            let status = if mode == ForwardMode::After { 201 } else { through };
            assert_eq!(
                response.status,
                status,
                "{name} {mode:?}: {}",
                response.body.get(..200).unwrap_or(&response.body)
            );
            running.delivered();
            let kept = running.reader().deliveries(1, usize::MAX).unwrap();
            assert_eq!(kept.len(), 1, "{name}");
            assert_outcome(name, &kept[0], &expected);
            assert_eq!(endings(&running.reader()), [kept[0].ending()], "{name}");
        }
    }
}

#[test]
fn a_flood_does_not_grow_the_memory_beyond_what_is_stored() {
    const FLOODS: usize = 40;
    let running = Running::start(to(&[flooding().to_string()]));
    let flood = || {
        assert_eq!(Webhook::default().send(running.address).status, 201);
        running.delivered();
    };
    (0..5).for_each(|_| flood());
    let Some(before) = resident_kib() else {
        eprintln!("skipped: this system does not say how much memory a process has");
        return;
    };
    (0..FLOODS).for_each(|_| flood());
    let grown = resident_kib().unwrap().saturating_sub(before);
    // Tests that run in parallel need memory too. The floods together are 4 GB.
    assert!(grown < 200 << 10, "{grown} KiB more");
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
