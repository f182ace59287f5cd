//! Requests with the headers that the user adds.

use super::*;
use crate::core::delivery::CustomHeader;

#[tokio::test]
async fn custom_headers_are_sent_and_only_their_names_are_recorded() {
    let headers = ["Host: app.test", "X-Bypass: hunter2", "content-type: text/plain"];
    let headers = headers.map(|text| CustomHeader::parse(text).unwrap()).to_vec();
    let client = Client::with(Limits::default(), CustomHeaders::new(headers), tls_of_the_system());
    let head = "POST /x HTTP/1.1\r\nwebhook-id: m\r\nx-bypass: theirs\r\nContent-Type: application/json\r\n\r\n";
    let (address, served) = replying(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    let exchange = client.deliver(&target(address), &outgoing(head, b"{}")).await;
    let arrived = String::from_utf8(served.await.unwrap()).unwrap();
    let expected = "POST /hooks?a=../b HTTP/1.1\r\nhost: app.test\r\nwebhook-id: m\r\nhookglass-delivery: as-received\r\n\
        X-Bypass: hunter2\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(arrived, expected);
    let sent: Vec<_> = exchange.sent_headers.iter().map(|(name, value)| [&name[..], b": ", value].concat()).collect();
    let sent = String::from_utf8(sent.join(&b"\n"[..])).unwrap();
    assert!(sent.contains("host: app.test\nwebhook-id: m\n") && sent.contains("\nX-Bypass: ***\n"), "{sent}");
    assert!(!sent.contains("hunter2") && !sent.contains("theirs"), "{sent}");
}

fn tls_of_the_system() -> crate::client::tls::Trust {
    crate::client::tls::Trust::default()
}
