//! Deliveries to small servers on loopback that record what arrives and misbehave in every known way.

mod fitted;
mod keeping;
mod reaching;
mod tls;

use super::*;
use crate::core::delivery::{Completeness, Manner, compose};
use crate::core::request::Head;
use bytes::Bytes;
use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

fn client() -> Client {
    Client::new(Limits::default())
}

fn target(address: SocketAddr) -> Target {
    Target::parse(&format!("http://{address}/hooks?a=../b")).unwrap()
}

fn outgoing(head: &str, body: &[u8]) -> Outgoing {
    let head = Head::parse(head.as_bytes()).unwrap();
    compose(&head, &Bytes::copy_from_slice(body), Manner::AsReceived, None)
}

fn simple() -> Outgoing {
    outgoing("POST /x HTTP/1.1\r\nwebhook-id: m\r\n\r\n", b"{}")
}

/// A server for one connection. The handle returns what it recorded.
async fn server<F, R>(serve: impl FnOnce(TcpStream) -> F + Send + 'static) -> (SocketAddr, JoinHandle<R>)
where
    F: Future<Output = R> + Send,
    R: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await }))
}

/// A server that closes or resets the connection after these bytes of a response.
async fn broken_off(response: &'static [u8], is_reset: bool) -> SocketAddr {
    let (address, _served) = server(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(response).await.unwrap();
        // On Linux a reset does not take away what has arrived before it.
        if is_reset {
            stream.set_zero_linger().unwrap();
        }
    })
    .await;
    address
}

/// Reads one request by its `Content-Length` and returns its bytes.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request ended early");
        let Ok(head) = Head::parse(&bytes) else { continue };
        let length = head.headers().iter().find(|header| header.is("content-length")).unwrap().value;
        let length: usize = std::str::from_utf8(length).unwrap().parse().unwrap();
        if bytes.len() >= head.bytes().len() + length {
            return bytes;
        }
    }
}

/// Reads a request, responds with `response`, and waits until the client disconnects.
async fn reply(mut stream: impl AsyncRead + AsyncWrite + Unpin, response: &[u8]) -> Vec<u8> {
    let request = read_request(&mut stream).await;
    stream.write_all(response).await.unwrap();
    let _ = stream.read(&mut [0]).await;
    request
}

async fn replying(response: &'static [u8]) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    server(move |stream| reply(stream, response)).await
}

/// As [`replying`], and then time passes at once: the clock, paused here, jumps to the client's limit as soon as the client has taken
/// in the response and nothing is left to do.
async fn replying_too_little(response: &'static [u8]) -> SocketAddr {
    let (address, _served) = server(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(response).await.unwrap();
        tokio::time::pause();
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    address
}

fn failed(exchange: Exchange) -> (FailureKind, String) {
    let failure = exchange.outcome.unwrap_err();
    (failure.kind, failure.text)
}

#[tokio::test]
async fn the_request_arrives_byte_for_byte() {
    let head = "PUT http://elsewhere.example/y HTTP/1.1\r\nHost: elsewhere.example\r\nWebhook-Id: m\r\nx-a: 1\r\nX-b: 2\r\nx-A: 3\r\n\
        Connection: x-hop\r\nx-hop: 1\r\nContent-Length: 99\r\nempty:\r\n\r\n";
    let mut outgoing = outgoing(head, b"\x00\xff{ \"a\" : 1 }\n");
    outgoing.headers.insert(1, (b"bytes".to_vec(), b"\xe9\t\xff".to_vec()));
    let (address, served) = replying(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    let exchange = client().deliver(&target(address), &outgoing).await;
    let arrived = served.await.unwrap();
    let expected = [
        format!("PUT /hooks?a=../b HTTP/1.1\r\nHost: {address}\r\nWebhook-Id: m\r\n").as_bytes(),
        b"bytes: \xe9\t\xff\r\nx-a: 1\r\nX-b: 2\r\nx-A: 3\r\nempty: \r\nhookglass-delivery: as-received\r\n",
        b"Content-Length: 14\r\n\r\n\x00\xff{ \"a\" : 1 }\n",
    ]
    .concat();
    assert_eq!(arrived.escape_ascii().to_string(), expected.escape_ascii().to_string());
    let sent = Head::parse(&arrived).unwrap();
    let sent: Vec<_> = sent.headers().iter().map(|header| (header.name.to_vec(), header.value.to_vec())).collect();
    assert_eq!(exchange.sent_headers, sent);
    assert_eq!(exchange.outcome.unwrap().status, 204);
}

#[tokio::test]
async fn an_empty_post_has_a_content_length_and_added_headers_follow_the_case() {
    let (address, served) = replying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    client().deliver(&target(address), &outgoing("POST / HTTP/1.1\r\na: 1\r\n\r\n", b"")).await;
    let arrived = String::from_utf8(served.await.unwrap()).unwrap();
    assert!(arrived.ends_with("\r\ncontent-length: 0\r\n\r\n"), "{arrived}");
    assert!(arrived.contains("\r\nhost: 127.0.0.1:"), "{arrived}");
}

#[tokio::test]
async fn response_headers_keep_their_names_order_and_bytes() {
    let response = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 418 teapot\r\nX-B: \xff\r\nx-a: 1\r\nX-b: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    let (address, _served) = replying(response).await;
    let exchange = client().deliver(&target(address), &simple()).await;
    let response = exchange.outcome.unwrap();
    let header = |name: &str, value: &[u8]| (name.as_bytes().to_vec(), value.to_vec());
    assert_eq!(
        response.headers,
        [header("X-B", b"\xff"), header("x-a", b"1"), header("X-b", b"2"), header("Transfer-Encoding", b"chunked")]
    );
    assert_eq!((response.status, &response.body[..], response.completeness), (418, &b"abc"[..], Completeness::Whole));
    let Timing { connected_us, first_byte_us, total_us } = exchange.timing;
    assert!(connected_us <= first_byte_us && first_byte_us <= Some(total_us), "{:?}", exchange.timing);
}

#[tokio::test]
async fn silence_ends_at_the_limit() {
    let address = replying_too_little(b"").await;
    let exchange = client().deliver(&target(address), &simple()).await;
    tokio::time::resume();
    assert!(exchange.timing.connected_us.is_some() && exchange.timing.first_byte_us.is_none());
    assert!(!exchange.sent_headers.is_empty());
    let (kind, text) = failed(exchange);
    assert_eq!(kind, FailureKind::TimedOut);
    assert!(text.starts_with(&format!("no response from `{address}` within 10 s (connected after ")), "{text}");
    let address = replying_too_little(b"HTTP/1.1 200 OK\r\nA: ").await;
    let (kind, text) = failed(client().deliver(&target(address), &simple()).await);
    assert_eq!(kind, FailureKind::TimedOut);
    assert!(text.starts_with(&format!("no response from `{address}` within 10 s (connected after ")), "{text}");
    assert!(text.ends_with("s, received 20 bytes of the headers)"), "{text}");
}

#[tokio::test]
async fn a_hanging_body_is_returned_as_far_as_it_arrived() {
    let address = replying_too_little(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nabc").await;
    let answer = client().deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!((answer.status, &answer.body[..], answer.completeness), (201, &b"abc"[..], Completeness::TimedOut));
}

#[tokio::test]
async fn a_truncated_body_is_returned_as_far_as_it_arrived() {
    let (address, _served) = server(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").await.unwrap();
    })
    .await;
    let response = client().deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!(
        (response.status, &response.body[..], response.completeness),
        (500, &b"abc"[..], Completeness::BrokenOff)
    );
}

#[tokio::test]
async fn a_closed_connection_is_reported_with_the_bytes_received() {
    for (response, is_reset, expected) in [
        (&b""[..], false, "closed the connection without a response: check the app's log for a crash"),
        (b"", true, "reset the connection without a response: check the app's log for a crash"),
        (b"HTTP/1.1 200 OK\r\n", false, "closed the connection after 17 bytes of the response"),
        (b"HTTP/1.1 200 OK\r\n", true, "reset the connection after 17 bytes of the response"),
    ] {
        let address = broken_off(response, is_reset).await;
        let (kind, text) = failed(client().deliver(&target(address), &simple()).await);
        assert_eq!(kind, FailureKind::Reset);
        assert!(text.starts_with(&format!("`{address}` {expected}")), "{text}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_is_reported() {
    let long_head: &'static [u8] = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(70_000)).leak().as_bytes();
    for (response, expected) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "the response of `ADDRESS` is not HTTP/1: "),
        (b"\x00\x01\x02\x03 garbage \r\n\r\n", "the response of `ADDRESS` is not HTTP/1: "),
        (b"\x15\x03\x01\x00\x02\x02\x16", "`ADDRESS` speaks TLS: start the URL with `https://`"),
        (b"\x16\x03\x03\x00\x02", "`ADDRESS` speaks TLS: start the URL with `https://`"),
        (long_head, "the response of `ADDRESS` is not HTTP/1: more than 64 KiB of headers, or more than 256"),
    ] {
        let (address, _served) = server(move |mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(response).await;
            let _ = stream.read(&mut [0]).await;
        })
        .await;
        let (kind, text) = failed(client().deliver(&target(address), &simple()).await);
        assert_eq!(kind, FailureKind::Garbled, "{text}");
        assert!(text.starts_with(&expected.replace("ADDRESS", &address.to_string())), "{text}");
    }
}

#[tokio::test]
async fn an_endless_response_is_truncated_and_the_connection_closed() {
    for head in [&b"HTTP/1.1 200 OK\r\n\r\n"[..], b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"] {
        let (address, served) = server(move |mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(head).await.unwrap();
            let mut written: u64 = 0;
            while let Ok(count) = stream.write(&[b'x'; 65536]).await {
                written += count as u64;
            }
            written
        })
        .await;
        let response = client().deliver(&target(address), &simple()).await.outcome.unwrap();
        assert_eq!(
            (response.status, response.body.len(), response.completeness),
            (200, MAX_RESPONSE_BODY, Completeness::TooLong)
        );
        // The server could write no more than the socket buffers hold.
        assert!(served.await.unwrap() < 32 * 1024 * 1024);
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_complete() {
    let (address, _served) = replying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd").await;
    let client = Client::new(Limits { response_body: 4, ..Limits::default() });
    let response = client.deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!((&response.body[..], response.completeness), (&b"abcd"[..], Completeness::Whole));
}

#[tokio::test]
async fn a_redirect_is_returned_and_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/stolen", elsewhere.local_addr().unwrap());
    let response = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let (address, _served) = server(move |stream| async move { reply(stream, response.as_bytes()).await }).await;
    let response = client().deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!((response.status, &response.headers[0].1[..]), (307, location.as_bytes()));
    let probe = TcpStream::connect(elsewhere.local_addr().unwrap()).await.unwrap();
    let (_, first_peer) = elsewhere.accept().await.unwrap();
    assert_eq!(first_peer, probe.local_addr().unwrap(), "something connected before the probe");
}

#[tokio::test]
async fn a_large_body_arrives_complete_and_an_early_response_is_read() {
    let body: Vec<u8> = (0..8 * 1024 * 1024_u32).map(|index| index.to_le_bytes()[index as usize % 3]).collect();
    let large = outgoing("POST / HTTP/1.1\r\na: 1\r\n\r\n", &body);
    let (address, served) = replying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(client().deliver(&target(address), &large).await.outcome.unwrap().status, 200);
    assert!(served.await.unwrap().ends_with(&body));

    let (address, _served) = server(|mut stream| async move {
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").await.unwrap();
    })
    .await;
    let response = client().deliver(&target(address), &large).await.outcome.unwrap();
    assert_eq!((response.status, &response.body[..]), (413, &b"no"[..]));
}

#[tokio::test]
async fn an_invalid_request_fails_before_anything_is_sent() {
    for (name, value, expected) in [
        (&b"a"[..], &b"1\r\nb: 2"[..], "cannot send the header `a`: its name or value is not valid"),
        (b"a b", b"1", "cannot send the header `a b`: its name or value is not valid"),
        (b"a\x1b", b"1", "cannot send the header `a\\x1b`: its name or value is not valid"),
    ] {
        let mut outgoing = simple();
        outgoing.headers.push((name.to_vec(), value.to_vec()));
        let exchange = client().deliver(&Target::parse("1").unwrap(), &outgoing).await;
        assert_eq!(failed(exchange), (FailureKind::Other, expected.to_owned()));
    }
    let outgoing = Outgoing { method: "GET / HTTP/1.1\r\n".into(), ..simple() };
    let (kind, text) = failed(client().deliver(&Target::parse("1").unwrap(), &outgoing).await);
    assert_eq!((kind, text.as_str()), (FailureKind::Other, "cannot send the request: its method is not valid"));
}

#[tokio::test]
async fn framing_headers_of_a_request_are_not_sent_twice() {
    let mut edited = simple();
    for (name, value) in [("Content-Length", "1"), ("Transfer-Encoding", "chunked"), ("HOST", "elsewhere.example")] {
        edited.headers.push((name.into(), value.into()));
    }
    let (address, served) = replying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    client().deliver(&target(address), &edited).await;
    let arrived = served.await.unwrap();
    let head = Head::parse(&arrived).unwrap();
    let mut counts = BTreeMap::new();
    for header in head.headers() {
        *counts.entry(header.name.to_ascii_lowercase()).or_insert(0) += 1;
    }
    assert_eq!((counts[&b"host"[..]], counts[&b"content-length"[..]]), (1, 1));
    assert!(!counts.contains_key(&b"transfer-encoding"[..]));
}

#[tokio::test]
async fn hookglass_itself_is_never_delivered_to() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = client();
    client.forbid(listener.local_addr().unwrap());
    for url in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("127.0.0.5:{port}"),
        format!("0.0.0.0:{port}"),
    ] {
        let (kind, text) = failed(client.deliver(&Target::parse(&url).unwrap(), &simple()).await);
        assert_eq!((kind, text), (FailureKind::Loop, format!("`{url}` is hookglass itself: use your app's port")));
    }
    // An address of this machine that is not loopback. Connecting a UDP socket sends nothing.
    let outward = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    match outward.connect("192.0.2.1:9").and_then(|()| outward.local_addr()) {
        Ok(own) => {
            let target = Target::parse(&format!("{}:{port}", own.ip())).unwrap();
            assert_eq!(failed(client.deliver(&target, &simple()).await).0, FailureKind::Loop);
            assert_eq!(
                listener.accept().await.unwrap().0.read(&mut [0]).await.unwrap(),
                0,
                "the listener received bytes"
            );
        }
        Err(error) => eprintln!("skipped: this machine has only loopback addresses: {error}"),
    }
    let probe = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(
        listener.accept().await.unwrap().1,
        probe.local_addr().unwrap(),
        "a delivery connected before the probe"
    );
}

#[test]
fn a_delivery_is_send() {
    fn is_send<T: Send>(_: &T) {}
    let (client, target, outgoing) = (client(), Target::parse("1").unwrap(), simple());
    is_send(&client.deliver(&target, &outgoing));
}
