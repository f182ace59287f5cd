//! Connecting to a target: addresses, names and the time limit.

use super::*;

#[tokio::test]
async fn a_refused_connection_names_the_address() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let exchange = client().deliver(&target(address), &simple()).await;
    assert_eq!((exchange.timing.connected_us, exchange.sent_headers.len()), (None, 0));
    assert_eq!(failed(exchange), (FailureKind::Refused, format!("nothing listens on `{address}`")));
    let local = Target::parse(&address.port().to_string()).unwrap();
    let text = format!("nothing listens on `localhost:{}`", address.port());
    assert_eq!(failed(client().deliver(&local, &simple()).await), (FailureKind::Refused, text));
}

#[tokio::test]
async fn localhost_finds_a_listener_on_either_family() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address).await else {
            eprintln!("skipped: no listener on {address}");
            continue;
        };
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            reply(listener.accept().await.unwrap().0, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").await
        });
        let exchange = client().deliver(&Target::parse(&port.to_string()).unwrap(), &simple()).await;
        assert_eq!(exchange.outcome.map(|response| response.status), Ok(201), "{address}");
        assert!(served.await.unwrap().starts_with(format!("POST / HTTP/1.1\r\nhost: localhost:{port}\r\n").as_bytes()));
    }
}

#[tokio::test]
async fn a_connection_that_takes_too_long_times_out() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Longer than a connection on loopback takes that the system accepts.
    let patience = Duration::from_secs(1);
    let mut waiting = Vec::new();
    while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        waiting.push(connected);
        if waiting.len() > 64 {
            eprintln!("skipped: this system completes connections that nobody accepts");
            return;
        }
    }
    tokio::time::pause();
    let text = format!("no connection to `{address}` within 2 s");
    assert_eq!(failed(client().deliver(&target(address), &simple()).await), (FailureKind::TimedOut, text));
}

#[tokio::test]
async fn an_unknown_host_is_reported() {
    // No label is longer than 63 bytes (RFC 1035 section 2.3.4): the system refuses this name without asking a server.
    let host = format!("{}.invalid", "x".repeat(64));
    let target = Target::parse(&format!("http://{host}:1/")).unwrap();
    let (kind, text) = failed(client().deliver(&target, &simple()).await);
    assert_eq!(kind, FailureKind::Resolve, "{text}");
    assert!(text.starts_with(&format!("cannot resolve `{host}`: ")), "{text}");
}
