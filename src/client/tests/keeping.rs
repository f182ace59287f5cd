//! Connections that are kept open: when one carries another request, and when it must not.

use super::tls::{CERTIFICATE, tls_acceptor, trusting};
use super::*;
use crate::client::response::{After, exchange};
use crate::core::delivery::CustomHeaders;
use tokio::sync::mpsc;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server that treats its connections in turn: it responds on each with `response` to every request, and with `last` instead of the
/// response to the request of that number, counted over all connections. It then closes the connection. Each request is reported with
/// the number of its connection, and each end as `None`.
async fn responding(
    response: &'static [u8],
    last: Option<(usize, Last)>,
) -> (SocketAddr, mpsc::UnboundedReceiver<Option<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (report, reports) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut count = 0;
        for connection in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            while has_request(&mut stream).await {
                count += 1;
                report.send(Some(connection)).unwrap();
                match last.filter(|(number, _)| *number == count) {
                    None => stream.write_all(response).await.unwrap(),
                    Some((_, last)) => {
                        if let Last::With(bytes) = last {
                            stream.write_all(bytes).await.unwrap();
                        }
                        if let Last::Reset = last {
                            stream.set_zero_linger().unwrap();
                        }
                        break;
                    }
                }
            }
            drop(stream);
            let _ = report.send(None);
        }
    });
    (address, reports)
}

#[derive(Clone, Copy)]
enum Last {
    /// Writes this and closes the connection.
    With(&'static [u8]),
    Close,
    Reset,
}

/// Reads a request, if one comes.
async fn has_request(stream: &mut TcpStream) -> bool {
    stream.peek(&mut [0]).await.is_ok_and(|count| count > 0) && !read_request(stream).await.is_empty()
}

/// Delivers twice, and returns on how many connections, with both statuses.
async fn twice(client: &Client, response: &'static [u8]) -> (usize, [u16; 2]) {
    let (address, mut reports) = responding(response, None).await;
    let mut statuses = [0; 2];
    for status in &mut statuses {
        *status = client.deliver(&target(address), &simple()).await.outcome.unwrap().status;
    }
    let mut connections = 0;
    for _ in 0..2 {
        while let Some(report) = reports.recv().await {
            if let Some(connection) = report {
                connections = connection + 1;
                break;
            }
        }
    }
    (connections, statuses)
}

#[tokio::test]
async fn a_connection_is_used_again_when_the_end_of_the_response_is_certain() {
    for response in [
        OK,
        b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let (connections, [first, second]) = twice(&client(), response).await;
        assert_eq!((connections, first), (1, second), "{}", response.escape_ascii());
    }
}

#[tokio::test]
async fn a_connection_is_not_used_again_after_a_doubtful_response() {
    for response in [
        &b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"[..],
        b"HTTP/1.1 200 OK\r\nconnection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        // More than it announces, and a second response that belongs to no request.
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ] {
        let (connections, [first, second]) = twice(&client(), response).await;
        assert_eq!((connections, first), (2, second), "{}", response.escape_ascii());
    }
}

#[tokio::test]
async fn without_keep_alive_each_request_has_its_own_connection() {
    assert_eq!(twice(&client().keep_alive(false), OK).await, (2, [200, 200]));
}

#[tokio::test]
async fn a_truncated_or_endless_response_ends_its_connection() {
    let short = Client::new(Limits { response_body: 1, ..Limits::default() });
    assert_eq!(twice(&short, OK).await, (2, [200, 200]));
    let (address, mut reports) = responding(OK, Some((1, Last::With(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")))).await;
    let client = client();
    for body in ["until the end", "ok"] {
        let response = client.deliver(&target(address), &simple()).await.outcome.unwrap();
        assert_eq!((response.status, &response.body[..]), (200, body.as_bytes()));
    }
    assert_eq!(
        [reports.recv().await, reports.recv().await, reports.recv().await],
        [Some(Some(0)), Some(None), Some(Some(1))]
    );
}

#[tokio::test]
async fn the_head_is_the_same_byte_for_byte_on_a_connection_that_is_used_again() {
    let head = "PUT /y HTTP/1.1\r\nWebhook-Id: m\r\nx-a: 1\r\nX-b: 2\r\nx-A: 3\r\n\r\n";
    let (address, served) = server(|mut stream| async move {
        let mut requests = Vec::new();
        for _ in 0..2 {
            requests.push(read_request(&mut stream).await);
            stream.write_all(OK).await.unwrap();
        }
        requests
    })
    .await;
    let client = client();
    let mut exchanges = Vec::new();
    for body in [&b"{}"[..], b"[]"] {
        exchanges.push(client.deliver(&target(address), &outgoing(head, body)).await);
    }
    let [first, second] = &served.await.unwrap()[..] else { panic!("two requests") };
    let expected = format!(
        "PUT /hooks?a=../b HTTP/1.1\r\nHost: {address}\r\nWebhook-Id: m\r\nx-a: 1\r\nX-b: 2\r\nx-A: 3\r\n\
         hookglass-delivery: as-received\r\nContent-Length: 2\r\n\r\n"
    );
    assert_eq!(String::from_utf8_lossy(first), format!("{expected}{{}}"));
    assert_eq!(String::from_utf8_lossy(second), format!("{expected}[]"));
    assert_eq!((exchanges[0].peer, &exchanges[0].sent_headers), (exchanges[1].peer, &exchanges[1].sent_headers));
    let Timing { connected_us, first_byte_us, total_us } = exchanges[1].timing;
    assert!(connected_us.is_some() && connected_us <= first_byte_us && first_byte_us <= Some(total_us));
}

#[tokio::test]
async fn a_connection_that_the_app_has_closed_meanwhile_is_not_used() {
    // A server that gives up waiting may say so before it closes the connection (RFC 9110 section 15.5.9).
    const GIVING_UP: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for (is_reset, notice) in [(false, &b""[..]), (true, b""), (false, GIVING_UP)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = client();
        let accept = async || {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            stream
        };
        let (target, outgoing) = (target(address), simple());
        let (exchange, mut stream) = tokio::join!(client.deliver(&target, &outgoing), accept());
        assert_eq!(exchange.outcome.unwrap().status, 200);
        stream.write_all(notice).await.unwrap();
        if is_reset {
            stream.set_zero_linger().unwrap();
        }
        drop(stream);
        let (exchange, _stream) = tokio::join!(client.deliver(&target, &outgoing), accept());
        assert_eq!(exchange.outcome.unwrap().status, 200, "{is_reset}");
    }
}

#[tokio::test]
async fn a_request_that_the_app_may_have_processed_is_sent_once_and_the_outcome_says_so() {
    for (last, what) in [(Last::Close, "closed"), (Last::Reset, "reset")] {
        let (address, mut reports) = responding(OK, Some((2, last))).await;
        let client = client();
        assert_eq!(client.deliver(&target(address), &simple()).await.outcome.unwrap().status, 200);
        let exchange = client.deliver(&target(address), &simple()).await;
        assert!(!exchange.sent_headers.is_empty());
        let (kind, text) = failed(exchange);
        let expected =
            format!("`{address}` {what} the connection without a response: the app may have processed the request; ");
        assert!(kind == FailureKind::Reset && text.starts_with(&expected), "{text}");
        assert_eq!(client.deliver(&target(address), &simple()).await.outcome.unwrap().status, 200);
        let [first, second, end, third] =
            [reports.recv().await, reports.recv().await, reports.recv().await, reports.recv().await]
                .map(Option::unwrap);
        assert_eq!([first, second, end, third], [Some(0), Some(0), None, Some(1)]);
    }
}

#[tokio::test]
async fn a_broken_response_on_a_reused_connection_is_no_reason_to_send_again() {
    let (address, mut reports) = responding(OK, Some((2, Last::With(b"HTTP/1.1 200 OK\r\n")))).await;
    let client = client();
    assert_eq!(client.deliver(&target(address), &simple()).await.outcome.unwrap().status, 200);
    let (kind, text) = failed(client.deliver(&target(address), &simple()).await);
    assert_eq!(
        (kind, text),
        (FailureKind::Reset, format!("`{address}` closed the connection after 17 bytes of the response"))
    );
    drop(client);
    assert_eq!(
        [reports.recv().await, reports.recv().await, reports.recv().await],
        [Some(Some(0)), Some(Some(0)), Some(None)]
    );
}

#[tokio::test]
async fn nothing_of_a_request_is_written_to_a_connection_whose_end_has_arrived() {
    let (address, served) = server(|mut stream| async move {
        stream.shutdown().await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.map(|_| bytes)
    })
    .await;
    let stream = TcpStream::connect(address).await.unwrap();
    stream.readable().await.unwrap();
    let mut course =
        Course { started: Instant::now(), timing: Timing::default(), sent_headers: Vec::new(), peer: None };
    let (target, limits) = (target(address), Limits::default());
    let request = wire::Request::new(&target, &simple(), &CustomHeaders::default()).unwrap();
    let (outcome, after) = exchange(Either::Left(stream), true, &target, &request, limits, &mut course).await;
    assert!(outcome.is_err() && matches!(after, After::Untouched));
    assert_eq!(served.await.unwrap().unwrap(), b"");
}

#[tokio::test]
async fn a_server_that_closes_without_a_word_never_gets_a_second_request_on_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
        }
    });
    let client = client();
    for _ in 0..50 {
        assert_eq!(client.deliver(&target(address), &simple()).await.outcome.unwrap().status, 200);
    }
}

#[tokio::test]
async fn an_early_response_to_a_large_body_ends_the_connection() {
    let large = outgoing("POST / HTTP/1.1\r\na: 1\r\n\r\n", &vec![b'x'; 16 * 1024 * 1024]);
    let (address, served) = server(|mut stream| async move {
        stream.read_exact(&mut [0; 10]).await.unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").await.unwrap();
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
        read.len()
    })
    .await;
    assert_eq!(client().deliver(&target(address), &large).await.outcome.unwrap().status, 413);
    assert!(served.await.unwrap() < large.body.len(), "the rest was sent after the response");
}

#[tokio::test]
async fn a_connection_that_waits_too_long_is_closed() {
    let (address, mut reports) = responding(OK, None).await;
    let client = client();
    client.deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!(reports.recv().await, Some(Some(0)));
    // The clock jumps as soon as nothing else is left to do.
    tokio::time::pause();
    assert_eq!(reports.recv().await, Some(None));
}

#[tokio::test]
async fn a_request_with_its_own_connection_first_closes_those_that_wait() {
    // This server accepts the second connection only after the end of the first.
    let (address, mut reports) = responding(OK, None).await;
    let client = client();
    client.deliver(&target(address), &simple()).await.outcome.unwrap();
    client.clone().keep_alive(false).deliver(&target(address), &simple()).await.outcome.unwrap();
    assert_eq!(
        [reports.recv().await, reports.recv().await, reports.recv().await],
        [Some(Some(0)), Some(None), Some(Some(1))]
    );
}

#[tokio::test]
async fn deliveries_in_parallel_have_a_connection_each_and_use_these_again() {
    const COUNT: usize = 4;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let mut streams = Vec::new();
        for _ in 0..COUNT {
            let mut stream = listener.accept().await.unwrap().0;
            read_request(&mut stream).await;
            streams.push(stream);
        }
        for stream in &mut streams {
            stream.write_all(OK).await.unwrap();
        }
        for stream in &mut streams {
            read_request(stream).await;
        }
        for stream in &mut streams {
            stream.write_all(OK).await.unwrap();
        }
    });
    let (client, target, outgoing) = (client(), target(address), simple());
    for _ in 0..2 {
        let all = (0..COUNT).map(|_| client.deliver(&target, &outgoing));
        for exchange in futures_util::future::join_all(all).await {
            assert_eq!(exchange.outcome.unwrap().status, 200);
        }
    }
    served.await.unwrap();
}

#[tokio::test]
async fn a_connection_with_tls_is_used_again() {
    let acceptor = tls_acceptor(CERTIFICATE);
    let (address, served) = server(|stream| async move {
        let mut stream = acceptor.accept(stream).await.unwrap();
        for _ in 0..2 {
            read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
        }
        // The client closes the connection when it is dropped.
        let _ = stream.read(&mut [0]).await;
    })
    .await;
    let target = Target::parse(&format!("https://{address}")).unwrap();
    let client = trusting(CERTIFICATE);
    for _ in 0..2 {
        assert_eq!(client.deliver(&target, &simple()).await.outcome.unwrap().status, 200);
    }
    drop(client);
    served.await.unwrap();
}
