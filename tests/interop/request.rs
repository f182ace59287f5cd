//! One generated request: its bytes on the wire, and itself in words when an answer differs.

use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Scheme, Secret, verify_request};

/// Bytes of a body that are printed.
const SHOWN_BODY: usize = 400;

#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What is special about it.
    pub notes: Vec<&'static str>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| Header::new(name, value)).collect()
    }

    /// The path that asks an SDK's server for the method an application would call, with `secret`.
    pub fn path(&self, secret: &str) -> String {
        let keyring = Keyring { verifying: vec![Secret::new("main", secret)], known_only: Vec::new() };
        let scheme = verify_request(&self.headers(), &self.body, 0, &keyring).scheme;
        verifying_path(scheme, secret)
    }

    /// The whole request as it is sent.
    pub fn wire(&self, path: &str) -> Vec<u8> {
        let mut wire = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        for (name, value) in &self.headers {
            wire.extend([name.as_bytes(), b":", value, b"\r\n"].concat());
        }
        wire.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).into_bytes());
        wire.extend(&self.body);
        wire
    }

    /// Everything needed to send it again by hand; what is not ASCII is escaped.
    pub fn shown(&self, secret: &str) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("    {name}:{}\n", value.escape_ascii()));
        let (body, length) = (&self.body[..self.body.len().min(SHOWN_BODY)], self.body.len());
        let rest = if length > SHOWN_BODY { "…" } else { "" };
        format!(
            "{}; secret {secret:?}\n{}    body of {length} bytes: {}{rest}",
            self.notes.join(", "),
            headers.collect::<String>(),
            body.escape_ascii(),
        )
    }
}

/// See [`Request::path`].
pub fn verifying_path(scheme: Scheme, secret: &str) -> String {
    let method = if scheme == Scheme::Interceptor { "interceptor" } else { "webhook" };
    let in_hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("/{method}/{in_hex}")
}
