//! The bytes on the wire: sends a request head exactly as given, and keeps a response head byte for byte.
//!
//! hyper frames the messages, but it writes all header names in one case and repeated ones in its own order. So a [`Tap`] replaces
//! its request head by the real one, and keeps a copy of what is read. A stream that carries several requests gets a new tap for each.

use crate::client::failure;
use crate::core::delivery::{CustomHeaders, Failure, FailureKind, Outgoing, Target};
use crate::core::request::MAX_HEADERS;
use bytes::{Buf, Bytes};
use hyper::header::{HeaderName, HeaderValue};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// The most bytes of a response head: status line and headers.
pub(crate) const MAX_RESPONSE_HEAD: usize = 64 * 1024;

/// Names and values in order.
pub type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// A request ready to send.
pub struct Request {
    pub method: hyper::Method,
    /// Request line, headers and the empty line.
    pub head: Bytes,
    /// The headers in `head`, as they may be shown and stored.
    pub headers: Headers,
    pub body: Bytes,
}

impl Request {
    /// The bytes of the request on the wire.
    pub fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Adds the headers that follow from the target and the body: `Host` first, `Content-Length` last. Each of `custom` replaces the headers
    /// of its name.
    pub fn new(target: &Target, outgoing: &Outgoing, custom: &CustomHeaders) -> Result<Self, Failure> {
        let method = hyper::Method::from_bytes(outgoing.method.as_bytes())
            .map_err(|_| failure(FailureKind::Other, "cannot send the request: its method is not valid"))?;
        // If the names are in lower case, ours are too: some receivers only ever see lower case.
        let is_lower = outgoing.headers.first().is_some_and(|(name, _)| !name.iter().any(u8::is_ascii_uppercase));
        let (host, length) = if is_lower { ("host", "content-length") } else { ("Host", "Content-Length") };
        let mut headers = Headers::with_capacity(outgoing.headers.len() + 2);
        headers.push((host.into(), custom.host().map_or_else(|| target.authority(), str::to_owned).into_bytes()));
        let is_kept = |(name, _): &&(Vec<u8>, Vec<u8>)| !is_client_header(name) && !custom.replace(name);
        headers.extend(outgoing.headers.iter().filter(is_kept).cloned());
        headers.extend(custom.others());
        headers.push((length.into(), outgoing.body.len().to_string().into_bytes()));

        let mut head = format!("{method} {} HTTP/1.1\r\n", target.path()).into_bytes();
        for (name, value) in &headers {
            if HeaderName::from_bytes(name).is_err() || HeaderValue::from_bytes(value).is_err() {
                let text = format!("cannot send the header `{}`: its name or value is not valid", name.escape_ascii());
                return Err(failure(FailureKind::Other, text));
            }
            head.extend_from_slice(name);
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Ok(Self { method, head: head.into(), headers: custom.masked(headers), body: outgoing.body.clone() })
    }
}

/// Whether only the client writes this header, because it frames the request or names its receiver.
fn is_client_header(name: &[u8]) -> bool {
    [&b"host"[..], b"content-length", b"transfer-encoding"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// What a [`Tap`] has read.
#[derive(Default)]
pub(crate) struct Record {
    /// The first [`MAX_RESPONSE_HEAD`] bytes.
    pub received: Vec<u8>,
    pub received_count: u64,
    pub first_byte_at: Option<Instant>,
    /// The bytes of the request that were written to the stream.
    pub written_count: usize,
}

/// A stream that replaces the first head written to it by its own, and records what is read.
pub(crate) struct Tap<S> {
    stream: S,
    record: Arc<Mutex<Record>>,
    /// The part of the head that is still to be written.
    head: Bytes,
    /// Whether hyper's own head, which is discarded, is still to come.
    is_swapping: bool,
}

impl<S> Tap<S> {
    pub fn new(stream: S, head: Bytes) -> (Self, Recorder) {
        let record = Arc::<Mutex<Record>>::default();
        (Self { stream, record: Arc::clone(&record), head, is_swapping: true }, Recorder(record))
    }

    pub fn into_stream(self) -> S {
        self.stream
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the record of a [`Tap`].
pub struct Recorder(Arc<Mutex<Record>>);

impl Recorder {
    pub fn read(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: AsyncWrite + Unpin> Tap<S> {
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.head.is_empty() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.head))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.head.advance(count);
            self.record().written_count += count;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_swapping {
            // hyper encodes the head in one piece and writes it first.
            let end = memchr::memmem::find(bytes, b"\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
            self.is_swapping = false;
            return Poll::Ready(Ok(end + 4));
        }
        ready!(self.poll_head(cx))?;
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.record().written_count += count;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_swapping {
            ready!(self.poll_head(cx))?;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let bytes = &buffer.filled()[before..];
        if !bytes.is_empty() {
            let mut record = self.record();
            let room = MAX_RESPONSE_HEAD.saturating_sub(record.received.len()).min(bytes.len());
            record.received.extend_from_slice(&bytes[..room]);
            record.received_count += bytes.len() as u64;
            record.first_byte_at.get_or_insert_with(Instant::now);
        }
        Poll::Ready(Ok(()))
    }
}

/// The headers of the final response in `received`, after any interim ones (1xx). `None` if they are incomplete.
pub(crate) fn response_headers(mut received: &[u8]) -> Option<Headers> {
    loop {
        let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut slots);
        let Ok(httparse::Status::Complete(length)) = response.parse(received) else {
            return None;
        };
        if !matches!(response.code, Some(100 | 102..200)) {
            return Some(response.headers.iter().map(|header| (header.name.into(), header.value.into())).collect());
        }
        received = &received[length..];
    }
}
