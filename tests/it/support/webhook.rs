//! Requests as the provider sends them, signed here.

use super::http::{Response, ask};
use hookglass::core::signature::{Secret, sign};
use jiff::Timestamp;
use std::net::SocketAddr;

/// A webhook to be sent; `Default` is one of today, signed with the tests' secret.
pub struct Webhook<'a> {
    pub secret: &'a str,
    pub id: &'a str,
    pub body: &'a [u8],
    /// Seconds before now.
    pub age_s: i64,
    /// Further header lines, each ended by CR LF.
    pub headers: &'a str,
}

pub const BODY: &[u8] = b"{\"spec_version\":\"1\",\"id\":\"evt_0123456789\",\"type\":\"user.signup\",\
    \"data\":{\"email\":\"jane@example.com\",\"n\":1e2},\"zulu\":1,\"alpha\":123456789012345678901234567890}";

impl Default for Webhook<'_> {
    fn default() -> Self {
        let headers = "Content-Type: application/json\r\n";
        Self { secret: super::sandbox::SECRET, id: "msg_2aBcDeFgHiJ", body: BODY, age_s: 0, headers }
    }
}

impl Webhook<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let timestamp_s = Timestamp::now().as_second() - self.age_s;
        let secret = Secret::new("test", self.secret);
        let signature = sign(&secret, self.id.as_bytes(), timestamp_s, self.body).unwrap();
        let head = format!(
            "POST /webhooks/scalekit HTTP/1.1\r\nHost: x\r\n{}webhook-id: {}\r\nwebhook-timestamp: {timestamp_s}\r\n\
             webhook-signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.headers,
            self.id,
            self.body.len()
        );
        [head.as_bytes(), self.body].concat()
    }

    pub fn send(&self, address: SocketAddr) -> Response {
        ask(address, &self.bytes())
    }
}

/// A body of an event with this type and id.
pub fn body_of(event_type: &str, id: &str) -> Vec<u8> {
    format!("{{\"id\":\"{id}\",\"type\":\"{event_type}\",\"data\":{{}}}}").into_bytes()
}
