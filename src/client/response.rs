//! Sends one request on an open connection and reads the response. Decides whether the connection can carry another request.

use crate::client::pool::Stream;
use crate::client::wire::{MAX_RESPONSE_HEAD, Recorder, Request, Tap, response_headers};
use crate::client::{Course, Limits, failure};
use crate::core::delivery::{Completeness, Failure, FailureKind, Response, Target};
use crate::core::request::MAX_HEADERS;
use crate::core::times::in_words;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::{Method, StatusCode, Version};
use hyper_util::rt::TokioIo;
use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The first bytes of TLS alert and handshake records. A TLS server sends them in response to plain HTTP, if it sends anything.
const TLS_RECORDS: [[u8; 2]; 2] = [[0x15, 0x03], [0x16, 0x03]];

/// The connection after a request.
pub(crate) enum After {
    /// Not a byte of the request was written, so the app cannot have processed it.
    Untouched,
    /// It can carry another request.
    Open(Stream),
    /// It must not be used again. If there is no response, the app may still have processed the request.
    Used,
}

/// Sends `request` on `stream` and reads the response. `is_reused` says whether another request came before on it.
pub(crate) async fn exchange(
    stream: Stream,
    is_reused: bool,
    target: &Target,
    request: &Request,
    limits: Limits,
    course: &mut Course,
) -> (Result<Response, Failure>, After) {
    course.timing.connected_us = Some(course.elapsed_us(Instant::now()));
    let (tap, recorder) = Tap::new(stream, request.head.clone());
    course.sent_headers.clone_from(&request.headers);
    let deadline = course.started + limits.whole;

    let handshake = http1::Builder::new()
        .writev(true)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_RESPONSE_HEAD)
        .handshake(TokioIo::new(tap))
        .await;
    let (mut sender, connection) = match handshake {
        Ok(made) => made,
        Err(error) => {
            let text = format!("cannot send to `{}`: {error}", target.address());
            return (Err(failure(FailureKind::Other, text)), After::Untouched);
        }
    };
    let mut line = Line { connection: Some(connection), error: None };

    // Only the framing of this request matters. The tap replaces its head by the real one.
    let framing = hyper::Request::builder()
        .method(request.method.clone())
        .header(CONTENT_LENGTH, request.body.len())
        .body(Full::new(request.body.clone()))
        .expect("a method, a number and a body make a request");
    let sent = timeout_at(deadline, line.drive(sender.send_request(framing))).await;

    course.timing.first_byte_us = recorder.read().first_byte_at.map(|at| course.elapsed_us(at));
    let response = match sent {
        Ok(Ok(response)) => response,
        unsent => {
            let is_untouched = recorder.read().written_count == 0;
            let why = match unsent {
                _ if recorder.read().received.first_chunk().is_some_and(|first| TLS_RECORDS.contains(first)) => {
                    let text = format!("`{}` speaks TLS: start the URL with `https://`", target.address());
                    failure(FailureKind::Garbled, text)
                }
                Ok(Err(error)) => refusal(target, line.error.as_ref().unwrap_or(&error), is_reused, &recorder),
                _ => timed_out(&target.address(), limits, course, &recorder),
            };
            return (Err(why), if is_untouched { After::Untouched } else { After::Used });
        }
    };
    let may_stay_open = is_well_framed(&request.method, &response);
    let status = response.status().as_u16();
    let as_parsed = || {
        let headers = response.headers().iter();
        headers.map(|(name, value)| (name.as_str().into(), value.as_bytes().into())).collect()
    };
    let headers = response_headers(&recorder.read().received).unwrap_or_else(as_parsed);
    let (body, completeness) = read_body(response.into_body(), &mut line, limits, deadline).await;
    let after = match completeness {
        Completeness::Whole if may_stay_open => line.reclaim(sender, request, &recorder).await,
        _ => None,
    };
    (Ok(Response { status, headers, body, completeness }), after.map_or(After::Used, After::Open))
}

/// Whether the end of `response` is beyond doubt, so that what follows belongs to the next one. hyper obeys `Connection: close`.
fn is_well_framed<B>(method: &Method, response: &hyper::Response<B>) -> bool {
    let has = |name| response.headers().contains_key(name);
    let is_without_body = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let has_one_length = !(has(CONTENT_LENGTH) && has(TRANSFER_ENCODING));
    let is_tunnel = response.status() == StatusCode::SWITCHING_PROTOCOLS || method == Method::CONNECT;
    let announces_body = has(CONTENT_LENGTH) || has(TRANSFER_ENCODING);
    response.version() == Version::HTTP_11 && has_one_length && !is_tunnel && !(is_without_body && announces_body)
}

/// Reads the body, up to the limits of size and time.
async fn read_body(mut body: Incoming, line: &mut Line, limits: Limits, deadline: Instant) -> (Bytes, Completeness) {
    let mut bytes = Vec::new();
    let completeness = loop {
        match timeout_at(deadline, line.drive(body.frame())).await {
            Ok(None) => break Completeness::Whole,
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                let room = limits.response_body - bytes.len();
                bytes.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    break Completeness::TooLong;
                }
            }
            Ok(Some(Err(_))) => break Completeness::BrokenOff,
            Err(_) => break Completeness::TimedOut,
        }
    };
    (bytes.into(), completeness)
}

/// A connection that is polled only while something waits for it, so that dropping the delivery closes it.
struct Line {
    connection: Option<http1::Connection<TokioIo<Tap<Stream>>, Full<Bytes>>>,
    /// Why the connection ended. It says more than the error that the waiting side gets.
    error: Option<hyper::Error>,
}

impl Line {
    /// The stream, if `request` is written, its response is read, and nothing follows the response.
    async fn reclaim(
        mut self,
        mut sender: http1::SendRequest<Full<Bytes>>,
        request: &Request,
        recorder: &Recorder,
    ) -> Option<Stream> {
        // Pending while hyper still writes, an error if the response says that the app closes the connection.
        self.drive(sender.ready()).now_or_never()?.ok()?;
        if recorder.read().written_count < request.len() {
            return None;
        }
        let parts = self.connection?.into_parts();
        parts.read_buf.is_empty().then(|| parts.io.into_inner().into_stream())
    }

    async fn drive<F: Future>(&mut self, wanted: F) -> F::Output {
        let mut wanted = std::pin::pin!(wanted);
        std::future::poll_fn(|cx| {
            if let Poll::Ready(output) = wanted.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            if let Some(connection) = &mut self.connection
                && let Poll::Ready(ended) = Pin::new(connection).poll(cx)
            {
                self.connection = None;
                self.error = ended.err();
            }
            wanted.as_mut().poll(cx)
        })
        .await
    }
}

fn refusal(target: &Target, error: &hyper::Error, is_reused: bool, recorder: &Recorder) -> Failure {
    let address = target.address();
    let count = recorder.read().received_count;
    if error.is_parse() {
        let cause = if error.is_parse_too_large() {
            format!("more than {} KiB of headers, or more than {MAX_HEADERS} of them", MAX_RESPONSE_HEAD / 1024)
        } else {
            cause_of(error)
        };
        return failure(FailureKind::Garbled, format!("the response of `{address}` is not HTTP/1: {cause}"));
    }
    let io_kind = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let is_reset = matches!(
        io_kind,
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe)
    );
    let is_closed = error.is_incomplete_message() || io_kind == Some(io::ErrorKind::UnexpectedEof);
    let hint = match is_reused {
        // Servers also close connections that have waited for the next request.
        true => {
            ": the app may have processed the request; check its log, or use `--no-keep-alive` if this happens again"
        }
        false if target.is_https() => "",
        // Most TLS servers close the connection without a word when they get plain HTTP.
        false => ": check the app's log for a crash, and whether the app needs `https://`",
    };
    match (is_reset, is_closed, count) {
        (true, _, 0) => {
            failure(FailureKind::Reset, format!("`{address}` reset the connection without a response{hint}"))
        }
        (true, _, _) => {
            failure(FailureKind::Reset, format!("`{address}` reset the connection after {count} bytes of the response"))
        }
        (_, true, 0) => {
            failure(FailureKind::Reset, format!("`{address}` closed the connection without a response{hint}"))
        }
        (_, true, _) => failure(
            FailureKind::Reset,
            format!("`{address}` closed the connection after {count} bytes of the response"),
        ),
        _ => failure(FailureKind::Other, format!("no response from `{address}`: {}", cause_of(error))),
    }
}

fn cause_of(error: &hyper::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn timed_out(address: &str, limits: Limits, course: &Course, recorder: &Recorder) -> Failure {
    let connected = in_words(Duration::from_micros(course.timing.connected_us.unwrap_or_default()));
    let after = match recorder.read().received_count {
        0 => format!("connected after {connected}"),
        count => format!("connected after {connected}, received {count} bytes of the headers"),
    };
    let text = format!("no response from `{address}` within {} ({after})", in_words(limits.whole));
    failure(FailureKind::TimedOut, text)
}
