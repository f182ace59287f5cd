//! One request: reads the body, verifies it, stores the event, and only then responds.

use super::body::{self, BodyError};
use super::budget::Share;
use super::delayed::{Dropped, Leaving};
use super::logged::Logged;
use super::shared::Shared;
use super::{Intake, Responding};
use crate::core::delivery::RUN_HEADER;
use crate::core::envelope::Envelope;
use crate::core::event::{Arrival, NewEvent, Seq};
use crate::core::reply::{self, PAGE, Reply, text};
use crate::core::request::Head;
use crate::core::signature::{Reason, Scheme, Verdict, Verification};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant as Clock;
use tokio::time::Instant;

const ALLOW: &str = "GET, HEAD, PATCH, POST, PUT";

/// What the connection knows of a request that hyper does not.
#[derive(Clone)]
pub(super) struct Recorded {
    pub(super) head: Head,
    /// When the body must have arrived.
    pub(super) deadline: Instant,
}

/// Marks a response after which the peer may still be sending.
#[derive(Clone, Copy)]
pub(super) struct LeftUnread;

/// Every path and method leads to [`handle`].
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(State(shared): State<Arc<Shared>>, mut request: Request) -> Response<Body> {
    let Some(recorded) = request.extensions_mut().remove::<Recorded>() else {
        // The connection inserts it. Without it the exact bytes are lost.
        return respond(text(500, "internal error: the request head was not recorded\n"));
    };
    match *request.method() {
        Method::POST | Method::PUT | Method::PATCH => capture(&shared, recorded, request.into_body()).await,
        Method::GET | Method::HEAD => {
            unread_unless_empty(marked(respond(text(200, PAGE)), shared.intake.as_ref()), request.body())
        }
        _ => {
            let mut response = respond(text(405, "only POST, PUT and PATCH are captured\n"));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(ALLOW));
            unread_unless_empty(response, request.body())
        }
    }
}

async fn capture(shared: &Shared, recorded: Recorded, body: Body) -> Response<Body> {
    let Recorded { head, deadline } = recorded;
    let mut share = shared.budget.share();
    match body::read(body, shared.settings.max_body, deadline, &mut share).await {
        Ok(body) => {
            let started = Clock::now();
            let (event, responding) = shared.intake.decide(Arrival { received_at: now(), head, body });
            store(shared, event, responding, share, started).await
        }
        Err(BodyError::TooLarge(size)) => {
            let (event, responding) = (over_limit(head, size), Responding::With(reply::over_limit()));
            left_unread(store(shared, event, responding, share, Clock::now()).await)
        }
        Err(BodyError::Crowded) => {
            shared.refuse(503, "too many request bodies at once");
            left_unread(respond(text(503, "too busy: try again later\n")))
        }
        Err(BodyError::TimedOut(body)) => {
            let responding = Responding::With(text(408, "the request body timed out\n"));
            left_unread(store(shared, incomplete(head, body, 408), responding, share, Clock::now()).await)
        }
        Err(BodyError::Broken(body)) => {
            let responding = Responding::With(text(400, "the request body is incomplete or malformed\n"));
            left_unread(store(shared, incomplete(head, body, 400), responding, share, Clock::now()).await)
        }
    }
}

/// Stores the event, then responds. An event that is not stored is not acknowledged. `started` is when the verification began.
async fn store(
    shared: &Shared,
    event: NewEvent,
    responding: Responding,
    share: Share,
    started: Clock,
) -> Response<Body> {
    let logged = Logged::new(&event, started);
    let stored = shared.intake.store(event).await;
    if let Some(logged) = logged {
        logged.stored(&stored);
    }
    // The body is no longer in memory, however long the response takes.
    drop(share);
    match stored {
        Ok(seq) => response(shared, seq, responding).await,
        Err(error) => {
            let reply = error.reply();
            shared.refuse(reply.status, error.to_string());
            respond(reply)
        }
    }
}

/// The response, marked with how to send it.
async fn response(shared: &Shared, seq: Seq, responding: Responding) -> Response<Body> {
    match responding {
        Responding::With(reply) => {
            let response = respond(reply);
            if shared.intake.is_forwarding() { marked(response, shared.intake.as_ref()) } else { response }
        }
        Responding::Relayed { until } => respond(shared.intake.relay(seq, until).await),
        Responding::Dropped => {
            let mut response = Response::default();
            response.extensions_mut().insert(Dropped);
            response
        }
        Responding::Delayed { responding, delays } => {
            let mut response = Box::pin(response(shared, seq, *responding)).await;
            response.extensions_mut().insert(Leaving { seq, delays });
            response
        }
    }
}

/// `response` with what tells this run from every other.
fn marked(mut response: Response<Body>, intake: &dyn Intake) -> Response<Body> {
    let run = HeaderValue::from_str(intake.run()).expect("a number is a valid header value");
    response.headers_mut().insert(HeaderName::from_static(RUN_HEADER), run);
    response
}

/// The event for a request whose body is over the limit. It is not forwarded.
fn over_limit(head: Head, size: u64) -> NewEvent {
    NewEvent { size, ..unverified(head, Bytes::new(), Reason::BodyTooLarge, 413) }
}

/// The event for a request whose body ended early, with what came. It is not forwarded.
fn incomplete(head: Head, body: Bytes, status: u16) -> NewEvent {
    unverified(head, body, Reason::BodyIncomplete, status)
}

/// The event for a request that cannot be verified, since its whole body is not there.
fn unverified(head: Head, body: Bytes, reason: Reason, status: u16) -> NewEvent {
    let reason = Some(reason);
    let verification = Verification { verdict: Verdict::Unchecked, scheme: Scheme::None, reason, secret: None };
    let arrival = Arrival { received_at: now(), head, body };
    NewEvent::new(arrival, Envelope::default(), verification, status)
}

/// The time in microseconds, the precision of the history.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

pub(super) fn respond(reply: Reply) -> Response<Body> {
    let body = if reply.body.is_empty() { Body::empty() } else { Body::from(reply.body) };
    let mut response = Response::new(body);
    // Only an app can give an invalid status: the command line checks those of `--override`.
    *response.status_mut() = StatusCode::from_u16(reply.status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // hyper cannot send an invalid header.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&name), HeaderValue::from_bytes(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Marks `response` as the last one of its connection, because the rest of the request is not read.
pub(super) fn left_unread(mut response: Response<Body>) -> Response<Body> {
    close(&mut response);
    response.extensions_mut().insert(LeftUnread);
    response
}

pub(super) fn close(response: &mut Response<Body>) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

fn unread_unless_empty(response: Response<Body>, body: &Body) -> Response<Body> {
    if body.is_end_stream() { response } else { left_unread(response) }
}
