//! An app that records the requests it receives, byte for byte, and gives the responses it was started with.

use super::patience::PATIENCE;
use hookglass::core::request::{Head, values};
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// One request as it arrived.
pub struct Recorded {
    pub head: Head,
    pub body: Vec<u8>,
}

impl Recorded {
    /// Whether it verifies now with the secret of the tests.
    pub fn is_verified(&self) -> bool {
        let keyring = Keyring { verifying: vec![Secret::new("", super::sandbox::SECRET)], known_only: Vec::new() };
        let now_ms = jiff::Timestamp::now().as_millisecond();
        verify_request(&self.head.headers(), &self.body, now_ms, &keyring).verdict == Verdict::Verified
    }

    pub fn value(&self, name: &str) -> Option<String> {
        values(&self.head.headers(), name).next().map(|value| String::from_utf8(value.to_vec()).unwrap())
    }

    /// The headers, without those named in `without`.
    pub fn headers_without(&self, without: &[&str]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let all = self.head.headers();
        let kept = all.iter().filter(|header| !without.iter().any(|name| header.is(name)));
        kept.map(|header| (header.name.to_vec(), header.value.to_vec())).collect()
    }
}

pub struct Recorder {
    pub address: SocketAddr,
    requests: Receiver<Recorded>,
}

impl Recorder {
    /// Responds to every request with `status` and `body`.
    pub fn start(status: u16, body: &'static str) -> Self {
        Self::answering(vec![status], body)
    }

    /// Responds with these statuses in turn, then always with the last one.
    pub fn answering(statuses: Vec<u16>, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            let mut statuses = statuses.into_iter();
            let mut status = statuses.next().unwrap();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(recorded) = read(&mut stream) else { continue };
                // Before the response, so that a client that has it finds the request in `all`.
                if sender.send(recorded).is_err() {
                    return;
                }
                reply(&mut stream, status, body);
                status = statuses.next().unwrap_or(status);
            }
        });
        Self { address, requests }
    }

    pub fn port(&self) -> String {
        self.address.port().to_string()
    }

    /// The requests so far that were not returned yet.
    pub fn all(&self) -> Vec<Recorded> {
        self.requests.try_iter().collect()
    }

    /// The next request, in the order of arrival.
    #[track_caller]
    pub fn next(&self) -> Recorded {
        self.requests.recv_timeout(PATIENCE).expect("a request to the app")
    }
}

/// Reads one request; `None` if it is incomplete.
pub fn read(stream: &mut TcpStream) -> Option<Recorded> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 65536];
    loop {
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let Ok(head) = Head::parse(&bytes) else { continue };
        let length = values(&head.headers(), "content-length")
            .next()
            .map_or(0, |value| std::str::from_utf8(value).unwrap().parse::<usize>().unwrap());
        let start = head.bytes().len();
        if bytes.len() >= start + length {
            return Some(Recorded { head, body: bytes[start..].to_vec() });
        }
    }
}

/// Sends the response, which ends the connection.
pub fn reply(stream: &mut TcpStream, status: u16, body: &str) -> Option<()> {
    let reply = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(reply.as_bytes()).ok()
}
