//! The listener over raw sockets: every status, exact bytes and hostile clients.

use crate::support::http::{Client, ask, post};
use crate::support::ingest::Ingest;
use crate::support::patience::PATIENCE;
use hookglass::core::reply::AppendError;
use hookglass::core::response::ResponseState::Sent;
use hookglass::core::signature::Reason;
use hookglass::core::signature::Verdict;
use hookglass::listener::{self, Settings};
use std::time::Duration;
use tempfile::TempDir;

fn start() -> (TempDir, Ingest) {
    start_with(Settings::default())
}

fn start_with(settings: Settings) -> (TempDir, Ingest) {
    let folder = tempfile::tempdir().unwrap();
    let ingest = Ingest::start(&folder.path().join("history.db"), settings);
    (folder, ingest)
}

fn start_on_a_held_clock(settings: Settings) -> (TempDir, Ingest) {
    let folder = tempfile::tempdir().unwrap();
    let ingest = Ingest::start_on_a_held_clock(&folder.path().join("history.db"), settings);
    (folder, ingest)
}

#[test]
fn each_request_gets_its_status_and_is_stored_with_it() {
    let (_folder, ingest) = start();
    let cases: [(&str, &[u8], u16, &str); 9] = [
        ("x-verdict: verified\r\n", b"{}", 201, ""),
        ("", b"{}", 201, ""),
        ("x-verdict: invalid\r\n", b"{}", 401, "the signature is not valid\n"),
        ("x-verdict: unsigned\r\n", b"{}", 401, "the request is not signed\n"),
        ("x-verdict: verified\r\n", b"nonsense", 400, "the body is not JSON\n"),
        ("x-verdict: invalid\r\n", b"", 401, "the signature is not valid\n"),
        ("x-scheme: interceptor\r\n", b"{}", 200, "{\"decision\":\"ALLOW\"}"),
        ("x-status: 503\r\n", b"{}", 503, ""),
        ("x-status: 204\r\nx-scheme: interceptor\r\n", b"{}", 204, ""),
    ];
    let mut client = Client::connect(ingest.address);
    for (headers, body, status, text) in cases {
        client.send(&post(headers, body));
        let answer = client.answer();
        assert_eq!((answer.status, answer.body.as_str()), (status, text), "{headers:?}");
        let kept = ingest.next_stored();
        assert_eq!((kept.response, kept.size), (Sent(status), body.len() as u64), "{headers:?}");
        assert_eq!(&ingest.reader().event(kept.seq).unwrap().unwrap().body[..], body);
    }
}

#[test]
fn get_and_head_show_a_page_and_other_methods_are_refused() {
    let (_folder, ingest) = start();
    let page = ask(ingest.address, b"GET /any HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert!(page.body.contains("hookglass"));

    let mut client = Client::connect(ingest.address);
    client.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.answer_to_head().status, 200);
    for method in ["DELETE", "OPTIONS", "BREW"] {
        client.send(format!("{method} / HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        let answer = client.answer();
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, PATCH, POST, PUT")));
    }
    for method in ["PUT", "PATCH", "POST"] {
        client.send(format!("{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes());
        assert_eq!(client.answer().status, 201);
        assert_eq!(ingest.next_stored().method, method);
    }
    assert_eq!(ingest.reader().last_seq().unwrap(), 3);
}

#[test]
fn heads_are_stored_byte_for_byte() {
    let (_folder, ingest) = start();
    let heads: [&[u8]; 5] = [
        b"POST /a/../b//?x=%41&y={z} HTTP/1.1\r\nHost: x\r\nX-B: 1\r\nx-a:  two  \r\nX-b:\t\r\nX-B: 1\r\n\r\n",
        b"POST /\xc3\xa9 HTTP/1.1\r\nhOST:x\r\nX-Latin: caf\xe9 \xff\r\n\r\n",
        b"POST http://example.com/absolute HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /one HTTP/1.1\nHost: x\nX-Lf: yes\n\n",
        b"POST /twice HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\ncontent-length: 0\r\n\r\n",
    ];
    let mut client = Client::connect(ingest.address);
    for head in heads {
        client.send(b"\r\n");
        client.send(head);
        let answer = client.answer();
        assert_eq!((answer.status, answer.body.as_str()), (400, "the body is not JSON\n"), "{}", head.escape_ascii());
        let event = ingest.reader().event(ingest.next_stored().seq).unwrap().unwrap();
        assert_eq!(event.head.bytes(), head);
    }
}

#[test]
fn a_fragment_in_the_request_target_is_stored_as_sent() {
    let (_folder, ingest) = start();
    assert_eq!(ask(ingest.address, b"POST /a#fragment HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    assert_eq!(ingest.next_stored().path, "/a#fragment");
}

#[test]
fn pipelined_requests_keep_their_own_heads_wherever_reads_split_them() {
    let (_folder, ingest) = start();
    let requests = [
        post("X-One: 1\r\nx-status: 201\r\n", b"{\"n\":1}"),
        b"PUT /two?q HTTP/1.1\r\nhost: y\r\nX-TWO: 2\r\ncontent-length: 0\r\nx-status: 202\r\n\r\n".to_vec(),
        post("x-status: 203\r\nx-three:3\r\n", b"POST /in-the-body HTTP/1.1\r\n\r\n"),
    ];
    let wire = requests.concat();
    let reader = ingest.reader();
    for cut in 0..=wire.len() {
        let mut client = Client::connect(ingest.address);
        client.send(&wire[..cut]);
        client.send(&wire[cut..]);
        for (request, status) in requests.iter().zip(201..) {
            assert_eq!(client.answer().status, status, "cut at {cut}");
            let event = reader.event(ingest.next_stored().seq).unwrap().unwrap();
            assert_eq!([event.head.bytes(), &event.body[..]].concat(), *request, "cut at {cut}");
        }
    }
}

#[test]
fn a_chunked_body_is_stored_and_the_connection_closes() {
    let (_folder, ingest) = start();
    let mut client = Client::connect(ingest.address);
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\nX-A: B\r\n\r\n");
    client.send(b"3;ext=1\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nTrailer: t\r\n\r\nPOST /next HTTP/1.1\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("connection")), (201, Some("close")));
    assert!(client.is_ended());
    let event = ingest.reader().event(ingest.next_stored().seq).unwrap().unwrap();
    assert_eq!(&event.body[..], b"{\"a\":1}");
    assert!(event.head.bytes().ends_with(b"X-A: B\r\n\r\n"));
    assert_eq!(ingest.reader().last_seq().unwrap(), 1);
}

#[test]
fn unusual_bodies_are_stored_byte_for_byte() {
    let (_folder, ingest) = start();
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let big = [b"{".to_vec(), vec![b' '; 10 << 20], b"}".to_vec()].concat();
    let mut client = Client::connect(ingest.address);
    for body in [b"not json".to_vec(), b"\xff\xfe\0".to_vec(), Vec::new(), deep, big] {
        client.send(&post("x-status: 201\r\n", &body));
        assert_eq!(client.answer().status, 201);
        let event = ingest.reader().event(ingest.next_stored().seq).unwrap().unwrap();
        assert!(event.body == body, "{} bytes", body.len());
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_100_continue_and_its_head_stored() {
    let (_folder, ingest) = start_with(Settings { max_body: 1000, ..Settings::default() });
    let mut client = Client::connect(ingest.address);
    let head = b"POST /big HTTP/1.1\r\nHost: x\r\nX-Case: Yes\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n";
    client.send(head);
    let answer = client.answer();
    assert_eq!((answer.status, answer.body.as_str()), (413, "the body exceeds the size limit\n"));
    assert!(client.is_ended());
    let kept = ingest.next_stored();
    assert_eq!((kept.response, kept.size, kept.verdict), (Sent(413), 1001, Verdict::Unchecked));
    assert_eq!(kept.reason, Some(Reason::BodyTooLarge));
    let event = ingest.reader().event(kept.seq).unwrap().unwrap();
    assert_eq!((event.head.bytes(), event.body.len()), (&head[..], 0));
    assert_eq!(ingest.reader().requests_to_reverify(0, 10).unwrap().len(), 0);

    client = Client::connect(ingest.address);
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(client.answer().status, 100);
    client.send(b"{}");
    assert_eq!(client.answer().status, 201);
}

#[test]
fn a_sender_that_keeps_sending_still_reads_its_413() {
    let (_folder, ingest) = start_with(Settings { max_body: 1000, ..Settings::default() });
    let mut client = Client::connect(ingest.address);
    let body = vec![b'x'; 8 << 20];
    client.try_send(&post("", &body));
    assert_eq!(client.answer().status, 413);
    assert_eq!(ingest.next_stored().size, 8 << 20);

    let mut client = Client::connect(ingest.address);
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n");
    client.try_send(&body[..2000]);
    assert_eq!(client.answer().status, 413);
    assert!(ingest.next_stored().size > 1000);
}

#[test]
fn too_large_and_malformed_heads_are_refused_and_reported() {
    let (_folder, ingest) = start();
    let large = format!("POST / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "y".repeat(40_000));
    let many = format!("POST / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(300));
    for (request, status) in [
        (large.as_bytes(), 431),
        (many.as_bytes(), 431),
        (&b"POST / HTTP/1.1\r\nno colon\r\n\r\n"[..], 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ] {
        assert_eq!(ask(ingest.address, request).status, status);
        assert_eq!(ingest.next_refused().status, status);
    }
    let enough = format!("POST / HTTP/1.1\r\n{}Content-Length: 2\r\n\r\n{{}}", "a: b\r\n".repeat(255));
    assert_eq!(ask(ingest.address, enough.as_bytes()).status, 201);
    assert_eq!(ingest.reader().last_seq().unwrap(), 1);
}

#[test]
fn slow_clients_are_ended() {
    let (_folder, ingest) = start_on_a_held_clock(Settings::default());
    let cases: [&[u8]; 4] = [b"", b"P", b"POST / HTTP/1.1\r\nHost: x\r\n", b"\r\n\r\n"];
    for case in cases {
        let mut client = Client::connect(ingest.address);
        client.send(case);
        let is_ended = ingest.clock().pass_while(|| client.is_ended());
        assert!(is_ended, "{:?}", String::from_utf8_lossy(case));
    }
    let mut client = Client::connect(ingest.address);
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{");
    assert_eq!(ingest.clock().pass_while(|| client.answer()).status, 408);
    let cut = ingest.reader().event(1).unwrap().unwrap();
    assert_eq!((&cut.body[..], cut.verification.reason), (&b"{"[..], Some(Reason::BodyIncomplete)));

    let mut client = Client::connect(ingest.address);
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{");
    assert_eq!(ingest.clock().pass_while(|| client.answer()).status, 408);

    let mut client = Client::connect(ingest.address);
    client.send(&post("", b"{}"));
    assert_eq!(client.answer().status, 201);
    assert!(ingest.clock().pass_while(|| client.is_ended()), "an idle connection");
    assert_eq!(ingest.reader().last_seq().unwrap(), 3);
}

#[test]
fn a_dribbling_head_is_ended_although_bytes_keep_coming() {
    // Takes far longer than the time limit, and stays far below the size limit of a head.
    const BYTES: usize = 1000;
    let (_folder, ingest) = start_on_a_held_clock(Settings::default());
    let mut client = Client::connect(ingest.address);
    let is_open_to = |_: &usize| {
        ingest.clock().step();
        client.try_send(b"x")
    };
    assert!((0..BYTES).take_while(is_open_to).count() < BYTES, "still open");
    assert!(ingest.refused.try_recv().is_err(), "the size limit ended it, not the time limit");
}

#[test]
fn bodies_share_a_budget() {
    let settings = Settings { max_bodies: 100_000, ..Settings::default() };
    let (_folder, ingest) = start_with(settings);
    let large = vec![b'{'; 100_001];
    assert_eq!(ask(ingest.address, &post("", &large)).status, 503);
    assert_eq!(ingest.next_refused().status, 503);
    assert_eq!(ask(ingest.address, &post("", &large[..100_000])).status, 201);
    assert_eq!(
        ask(ingest.address, &post("", &large[..100_000])).status,
        201,
        "the first body must have freed its share"
    );
}

#[test]
fn more_connections_than_allowed_wait_until_silent_ones_are_ended() {
    let (_folder, ingest) = start_on_a_held_clock(Settings { max_connections: 2, ..Settings::default() });
    let silent: Vec<_> = (0..8).map(|_| Client::connect(ingest.address)).collect();
    let mut last = Client::connect(ingest.address);
    last.send(&post("", b"{}"));
    assert_eq!(ingest.clock().pass_while(|| last.answer()).status, 201);
    drop(silent);
}

#[test]
fn an_idle_connection_is_closed_when_all_are_in_use() {
    let settings = Settings { max_connections: 1, idle_timeout: PATIENCE * 1000, ..Settings::default() };
    let (_folder, ingest) = start_on_a_held_clock(settings);
    let mut resting = Client::connect(ingest.address);
    resting.send(&post("", b"{}"));
    assert_eq!(resting.answer().status, 201);
    let mut next = Client::connect(ingest.address);
    next.send(&post("", b"{}"));
    assert_eq!(ingest.clock().pass_while(|| next.answer()).status, 201);
    assert!(resting.is_ended());
}

#[test]
fn a_sender_that_half_closes_after_its_request_gets_a_response() {
    let (_folder, ingest) = start();
    let mut client = Client::connect(ingest.address);
    client.send(&post("", b"{}"));
    client.end_sending();
    assert_eq!(client.answer().status, 201);
}

#[test]
fn what_came_of_an_incomplete_body_is_stored_and_marked() {
    let (_folder, ingest) = start();
    for (seq, head, body, size, note) in [
        (1, "Content-Length: 10", "{}", 2, " (2 of 10 bytes)"),
        (2, "Content-Length: 10", "", 0, " (0 of 10 bytes)"),
        (3, "Transfer-Encoding: chunked", "5\r\nabcde\r\n", 5, " (5 bytes, with no length declared)"),
        (4, "Transfer-Encoding: chunked", "5\r\nabcde\r\nno size\r\n", 5, " (5 bytes, with no length declared)"),
    ] {
        let mut client = Client::connect(ingest.address);
        client.send(format!("POST /a HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{body}").as_bytes());
        client.end_sending();
        assert_eq!(client.answer().status, 400, "{head} {body:?}");
        let event = ingest.reader().event(seq).unwrap().unwrap();
        assert_eq!((event.summary.response, event.summary.size, event.body.len()), (Sent(400), size, size as usize));
        assert_eq!(event.verification.reason, Some(Reason::BodyIncomplete));
        assert_eq!((event.verification.verdict, event.response_note().as_str()), (Verdict::Unchecked, note));
    }
}

#[test]
fn stopping_closes_idle_and_unfinished_connections_in_time() {
    let settings = Settings { stop_timeout: Duration::from_millis(200), ..Settings::default() };
    let (_folder, ingest) = start_with(settings);
    let mut resting = Client::connect(ingest.address);
    resting.send(&post("", b"{}"));
    assert_eq!(resting.answer().status, 201);
    let mut half_sent = Client::connect(ingest.address);
    half_sent.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}");
    ingest.stop();
    assert!(resting.is_ended() && half_sent.is_ended());
}

#[test]
fn http_2_is_refused() {
    let (_folder, ingest) = start();
    let mut client = Client::connect(ingest.address);
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert!(client.is_ended());
    let refused = ingest.next_refused();
    assert!(refused.status == 400 && refused.why.contains("but HTTP/2, and"), "{refused:?}");
}

#[test]
fn tls_to_the_plain_port_gets_a_line_that_says_what_to_change() {
    let (_folder, ingest) = start();
    let mut client = Client::connect(ingest.address);
    // The start of a TLS 1.3 `ClientHello`.
    client.send(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03");
    assert_eq!(client.answer().status, 400);
    let refused = ingest.next_refused();
    assert!(refused.why.contains("but TLS") && refused.why.contains("at `http://`"), "{refused:?}");
}

#[test]
fn binding_a_taken_port_fails_with_its_address() {
    let (_folder, ingest) = start();
    let error = listener::bind(ingest.address).unwrap_err();
    assert_eq!(error.source.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(error.to_string(), format!("cannot listen on `{}`", ingest.address));
}

#[test]
fn nothing_is_acknowledged_once_the_history_file_is_removed() {
    let (folder, ingest) = start();
    assert_eq!(ask(ingest.address, &post("", b"{}")).status, 201);
    std::fs::remove_file(folder.path().join("history.db")).unwrap();
    assert_eq!(ask(ingest.address, &post("", b"{}")).status, 503);
    assert_eq!(ingest.next_refused().status, 503);
    assert_eq!(ingest.next_stored().seq, 1);
    assert!(ingest.kept.try_recv().is_err());
}

#[test]
fn a_request_that_cannot_be_stored_is_refused_with_the_reason() {
    for (error, status) in [
        (AppendError::DiskFull, 507),
        (AppendError::QuotaExceeded, 507),
        (AppendError::FileSizeLimit, 507),
        (AppendError::FileGone, 503),
        (AppendError::FileDamaged, 503),
        (AppendError::Busy, 503),
        (AppendError::Failed("oops".into()), 503),
    ] {
        let why = error.to_string();
        let ingest = Ingest::start_failing(error);
        let answer = ask(ingest.address, &post("", b"{}"));
        assert_eq!((answer.status, answer.body.lines().count()), (status, 1), "{why}");
        let refusal = ingest.next_refused();
        assert_eq!((refusal.status, refusal.why), (status, why));
    }
}
