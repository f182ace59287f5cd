//! Records the exact bytes of request heads while hyper reads a connection, because hyper lower-cases names and groups duplicates.
//!
//! Every byte read goes onto a tape. When hyper returns a request, the tape starts with its head. The body length that hyper reports
//! then tells where the next head starts. Bodies are not recorded.

use crate::core::request::{Head, HeadError};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What a connection is doing, for its timeouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No byte has arrived yet.
    Fresh,
    /// Between requests.
    Idle,
    /// Reading a request's head.
    Head,
    /// Reading a request's body, or processing the request.
    Request,
}

/// The bytes read from a connection that are not taken yet.
#[derive(Debug)]
pub(super) struct Tape {
    log: Vec<u8>,
    /// Bytes of the body that have yet to arrive.
    skip: u64,
    /// Nothing is recorded after a body of unknown length, because the connection ends with it.
    is_deaf: bool,
    /// Whether the peer may still be sending when the connection ends.
    is_lingering: bool,
    /// Whether a response is being delayed by an override.
    is_held: bool,
    phase: Phase,
    /// When the phase started; [`Phase::Request`] keeps the start of the head.
    since: Instant,
}

impl Tape {
    fn new() -> Self {
        Self {
            log: Vec::new(),
            skip: 0,
            is_deaf: false,
            is_lingering: false,
            is_held: false,
            phase: Phase::Fresh,
            since: Instant::now(),
        }
    }

    fn record(&mut self, bytes: &[u8]) {
        if self.is_deaf {
            return;
        }
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        self.log.extend_from_slice(&bytes[skipped..]);
        if !self.log.is_empty() && matches!(self.phase, Phase::Fresh | Phase::Idle) {
            self.enter(Phase::Head);
        }
    }

    /// Takes the head that hyper has just read. `body` is the length of the body that follows, `None` if only its encoding tells where
    /// it ends.
    pub(super) fn take_head(&mut self, body: Option<u64>) -> Result<Head, HeadError> {
        // Empty lines before a request are skipped (RFC 9112 section 2.2).
        let start = self.log.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(self.log.len());
        let head = Head::parse(&self.log[start..])?;
        let end = start + head.bytes().len();
        self.phase = Phase::Request;
        match body {
            Some(length) => {
                let here = usize::try_from(length).unwrap_or(usize::MAX).min(self.log.len() - end);
                self.skip = length - here as u64;
                self.log.drain(..end + here);
            }
            None => {
                self.is_deaf = true;
                self.log.clear();
            }
        }
        Ok(head)
    }

    /// The bytes read that belong to no request yet.
    pub(super) fn unread(&self) -> &[u8] {
        &self.log
    }

    /// Notes the response to a request. While the response is delayed, [`Tape::release`] does it instead.
    pub(super) fn responded(&mut self) {
        if !self.is_held {
            self.enter(if self.log.is_empty() { Phase::Idle } else { Phase::Head });
        }
    }

    /// Notes that the response is being delayed.
    pub(super) fn hold(&mut self) {
        self.is_held = true;
    }

    /// Notes that the delayed response was sent.
    pub(super) fn release(&mut self) {
        self.is_held = false;
        self.responded();
    }

    /// Notes that the connection will close although the peer may still be sending.
    pub(super) fn linger(&mut self) {
        self.is_lingering = true;
    }

    pub(super) fn is_lingering(&self) -> bool {
        self.is_lingering
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn since(&self) -> Instant {
        self.since
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// The tape, shared by the reader, the service and the timer of a connection, all on one task.
#[derive(Clone, Debug)]
pub(super) struct SharedTape(Arc<Mutex<Tape>>);

impl SharedTape {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Tape::new())))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tape> {
        // A panic in a request ends its connection, but never leaves the tape half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that records what is read on a tape.
#[derive(Debug)]
pub(super) struct Recorder {
    stream: TcpStream,
    tape: SharedTape,
}

impl Recorder {
    pub(super) fn new(stream: TcpStream, tape: SharedTape) -> Self {
        Self { stream, tape }
    }

    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Ready when the peer has closed its sending side. Does not notice that while sent bytes are still unread.
    fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let mut byte = [0];
        match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut byte)) {
            Poll::Ready(Ok(0)) => Poll::Ready(io::ErrorKind::UnexpectedEof.into()),
            Poll::Ready(Err(error)) => Poll::Ready(error),
            Poll::Ready(Ok(_)) | Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Recorder {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            self.tape.lock().record(read);
        }
        polled
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    /// hyper does not read while it waits for a response, so that a half-closed peer still gets one. A delayed response must end when
    /// its peer disconnects, so that is checked here, where hyper polls every time.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_held = self.tape.lock().is_held;
        if is_held && let Poll::Ready(error) = self.poll_closed(cx) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelined_heads_are_separated_wherever_reads_split_them() {
        let first = b"\r\nPOST /1 HTTP/1.1\r\nContent-Length: 5\r\nX-A: b\r\n\r\n";
        let second = b"PUT /2 HTTP/1.1\r\nx-a:  B\r\n\r\n";
        let wire = [&first[..], b"hello", &second[..]].concat();
        for cut in first.len()..=wire.len() {
            let mut tape = Tape::new();
            tape.record(&wire[..cut]);
            assert_eq!(tape.take_head(Some(5)).unwrap().bytes(), &first[2..], "cut at {cut}");
            tape.record(&wire[cut..]);
            tape.responded();
            assert_eq!(tape.take_head(Some(0)).unwrap().bytes(), second, "cut at {cut}");
            tape.responded();
            assert_eq!(tape.phase(), Phase::Idle);
        }
    }

    #[test]
    fn nothing_is_recorded_after_a_body_without_a_length() {
        let mut tape = Tape::new();
        tape.record(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n");
        tape.take_head(None).unwrap();
        tape.record(b"GET /hidden HTTP/1.1\r\n\r\n");
        assert_eq!(tape.take_head(Some(0)), Err(HeadError::Incomplete));
    }
}
