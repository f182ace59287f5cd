//! HTTP by hand: bytes out, responses in.

use super::patience::PATIENCE;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Sends as far as the peer takes it.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub fn end_sending(&mut self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Whether nothing has come that was not read, and the peer has not ended the connection.
    pub fn is_waiting(&mut self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0; 1]);
        self.stream.set_nonblocking(false).unwrap();
        self.buffer.is_empty() && peeked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The next response; to `HEAD`, without a body.
    pub fn answer(&mut self) -> Response {
        self.read_response(true).expect("the connection ended without an answer")
    }

    pub fn answer_to_head(&mut self) -> Response {
        self.read_response(false).expect("the connection ended without an answer")
    }

    /// Whether the peer ends the connection without another byte.
    #[track_caller]
    pub fn is_ended(&mut self) -> bool {
        self.buffer.is_empty() && self.read(&mut [0; 1]) == 0
    }

    pub fn read_response(&mut self, has_body: bool) -> Option<Response> {
        let (length, status, headers) = loop {
            if let Some(head) = parse_head(&self.buffer) {
                break head;
            }
            self.fill()?;
        };
        self.buffer.drain(..length);
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
        let length = if has_body { length } else { 0 };
        while self.buffer.len() < length {
            self.fill()?;
        }
        let body = String::from_utf8(self.buffer.drain(..length).collect()).unwrap();
        Some(Response { status, headers, body })
    }

    /// The next so many bytes.
    pub fn read_bytes(&mut self, count: usize) -> Vec<u8> {
        while self.buffer.len() < count {
            self.fill().expect("the connection ended before");
        }
        self.buffer.drain(..count).collect()
    }

    #[track_caller]
    fn fill(&mut self) -> Option<()> {
        let mut chunk = [0; 4096];
        let read = self.read(&mut chunk);
        self.buffer.extend_from_slice(&chunk[..read]);
        (read > 0).then_some(())
    }

    /// 0 when the peer has closed or reset the connection. A hang fails the test.
    #[track_caller]
    fn read(&mut self, chunk: &mut [u8]) -> usize {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        let read = self.stream.read(chunk);
        let is_late = read.as_ref().is_err_and(|error| matches!(error.kind(), WouldBlock | TimedOut));
        assert!(!is_late, "the peer neither sent a byte nor ended the connection within {PATIENCE:?}");
        read.unwrap_or(0)
    }
}

type ParsedHead = (usize, u16, Vec<(String, String)>);

fn parse_head(bytes: &[u8]) -> Option<ParsedHead> {
    let mut slots = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut slots);
    let httparse::Status::Complete(length) = response.parse(bytes).unwrap() else { return None };
    let headers = response
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    Some((length, response.code.unwrap(), headers))
}

/// A `POST` of `body` with `headers` as written, each ended by CR LF.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST /hook HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The response to one request on a connection of its own.
pub fn ask(address: SocketAddr, request: &[u8]) -> Response {
    let mut client = Client::connect(address);
    client.send(request);
    client.answer()
}
