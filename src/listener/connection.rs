//! One connection: hyper reads it, the recorder records the exact heads, and one timer closes it when it is too slow.

use super::capture::{LeftUnread, Recorded, close, left_unread, respond};
use super::delayed::{self, NoResponse};
use super::malformed;
use super::recorder::{Phase, Recorder, SharedTape};
use super::shared::Shared;
use crate::core::reply::text;
use crate::core::request::{Head, MAX_HEADERS};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};

/// hyper's read buffer must hold a complete head, and one read of a body.
const SMALLEST_BUFFER: usize = 64 * 1024;
/// The most bytes that are read and discarded after a response, so that a peer that is still sending can read it.
const MAX_LINGER_BYTES: usize = 64 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// What a connection shares with the accept loop.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) router: Router,
    pub(super) slots: Arc<Semaphore>,
    /// Changes once, when the listener stops.
    pub(super) stop: watch::Receiver<bool>,
}

/// Serves one connection to its end.
pub(super) async fn drive(stream: TcpStream, mut place: Place) {
    let tape = SharedTape::new();
    let router = TowerToHyperService::new(place.router);
    let service = service_fn(|request| serve_request(&place.shared, &router, &tape, request));
    let io = TokioIo::new(Recorder::new(stream, tape.clone()));
    let mut connection = builder(place.shared.settings.max_head).serve_connection(io, service);

    let mut alarm = pin!(sleep(place.shared.settings.head_timeout));
    let mut is_stopping = false;
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = &mut connection => break outcome,
            () = &mut alarm => match next_alarm(&place.shared, &tape, &place.slots) {
                Some(at) => alarm.as_mut().reset(at),
                None => return,
            },
            _ = place.stop.changed(), if !is_stopping => {
                is_stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let is_malformed = outcome.is_err_and(|error| refuse(&place.shared, &tape, &error));
    if is_malformed || tape.lock().is_lingering() {
        linger(connection.into_parts().io.into_inner().into_inner()).await;
    }
}

/// No upgrades, no HTTP/2. hyper's own timeout is off, because it does not distinguish idle connections from slow heads.
fn builder(max_head: usize) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .max_header_size(max_head)
        .max_buf_size(max_head.max(SMALLEST_BUFFER));
    builder
}

/// The time of the next check; `None` when the connection has timed out.
fn next_alarm(shared: &Shared, tape: &SharedTape, slots: &Semaphore) -> Option<Instant> {
    let settings = &shared.settings;
    let (phase, since) = {
        let tape = tape.lock();
        (tape.phase(), tape.since())
    };
    let now = Instant::now();
    let deadline = match phase {
        Phase::Fresh | Phase::Head => since + settings.head_timeout,
        Phase::Idle if slots.available_permits() == 0 => since + settings.head_timeout,
        Phase::Idle => since + settings.idle_timeout,
        // The request has its own deadline, and a delayed response its own end.
        Phase::Request => now + settings.head_timeout,
    };
    // A phase that starts right after this check gets at least a head's time.
    (deadline > now).then(|| deadline.min(now + settings.head_timeout))
}

async fn serve_request(
    shared: &Arc<Shared>,
    router: &TowerToHyperService<Router>,
    tape: &SharedTape,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, NoResponse> {
    let length = request.body().size_hint().exact();
    let (head, since) = {
        let mut tape = tape.lock();
        (tape.take_head(length), tape.since())
    };
    let response = match head {
        Ok(head) if is_same(&head, &request) => {
            let deadline = since + shared.settings.request_timeout;
            request.extensions_mut().insert(Recorded { head, deadline });
            let Ok(response) = router.call(request).await;
            response
        }
        _ => {
            shared.refuse(400, "ambiguous request headers (possible request smuggling)");
            left_unread(respond(text(400, "ambiguous request headers\n")))
        }
    };
    let mut response = delayed::leave(response, shared, tape).await?;
    if length.is_none() {
        close(&mut response);
    }
    let mut tape = tape.lock();
    tape.responded();
    if response.extensions_mut().remove::<LeftUnread>().is_some() {
        tape.linger();
    }
    Ok(response)
}

/// Whether the recorded head is the one that hyper parsed. Otherwise a request would be stored with another one's head.
fn is_same(head: &Head, request: &Request<Incoming>) -> bool {
    let uri = request.uri();
    let is_same_target = uri.path_and_query().is_some_and(|path| path.as_str().as_bytes() == head.target())
        || Uri::try_from(head.target()).is_ok_and(|target| target == *uri);
    is_same_target && request.method().as_str().as_bytes() == head.method() && is_same_count(head, request.headers())
}

/// Compares the counts. hyper drops repeated `Content-Length` headers, and one next to a `Transfer-Encoding`.
fn is_same_count(head: &Head, map: &HeaderMap) -> bool {
    let headers = head.headers();
    headers.len() == map.len()
        || headers.iter().filter(|header| !header.is("content-length")).count()
            == map.len() - map.get_all(header::CONTENT_LENGTH).iter().count()
}

/// Reports a request that hyper itself refused. Returns whether `error` was such a refusal.
fn refuse(shared: &Shared, tape: &SharedTape, error: &hyper::Error) -> bool {
    if error.is_parse_too_large() {
        shared.refuse(431, "the request headers are too large");
    } else if error.is_parse() {
        shared.refuse(400, malformed::why(tape.lock().unread(), &error.to_string()));
    } else {
        return false;
    }
    true
}

/// Reads and discards what the peer still sends. Closing now would reset the connection, and the peer would lose the response.
async fn linger(mut stream: TcpStream) {
    let drain = async {
        let mut buffer = vec![0; 16 * 1024];
        let mut left = MAX_LINGER_BYTES;
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            left = left.saturating_sub(read);
            if left == 0 {
                break;
            }
        }
    };
    // A timeout also ends it.
    let _ = timeout(LINGER, drain).await;
}
