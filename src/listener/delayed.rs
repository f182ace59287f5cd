//! Responses of overrides that are delayed, sent slowly, or never sent.
//!
//! While such a response is in progress, the connection's timeouts do not apply. A peer that closes its sending side counts as
//! disconnected. When the listener stops, the rest of the response is sent at once.

use super::Intake;
use super::recorder::SharedTape;
use super::shared::{Shared, own_text};
use crate::core::event::Seq;
use crate::core::overrides::{Delays, SLOW_TEXT};
use crate::core::reply::is_bodyless;
use axum::body::Body;
use axum::http::{Response, header};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};

/// The most pieces that a slow body is split into.
const MAX_PIECES: u32 = 100;

/// Marks a response that is never sent. The connection is closed without a byte, as the system does when an app crashes.
#[derive(Clone, Copy)]
pub(super) struct Dropped;

/// Marks a response that is sent with these delays.
#[derive(Clone)]
pub(super) struct Leaving {
    pub(super) seq: Seq,
    pub(super) delays: Delays,
}

/// Closes the connection instead of responding.
#[derive(Debug, thiserror::Error)]
#[error("closed without a response")]
pub(super) struct NoResponse;

/// Applies the delays that `response` is marked with: waits, and makes its body slow. The tape is held until the body is sent, so that
/// the connection's timer knows that the request has not ended.
pub(super) async fn leave(
    mut response: Response<Body>,
    shared: &Shared,
    tape: &SharedTape,
) -> Result<Response<Body>, NoResponse> {
    if let Some(Leaving { seq, delays }) = response.extensions_mut().remove() {
        // Delayed responses may use only some of the connections. Beyond that, responses are sent at once.
        if let Ok(place) = Arc::clone(&shared.held).try_acquire_owned() {
            let held = Held::new(tape.clone());
            let left = Left { waiting: Some((seq, Arc::clone(&shared.intake))) };
            let mut stop = shared.stop.clone();
            wait(Instant::now() + delays.delay, &mut stop).await;
            left.disarm();
            let is_slow = !delays.slow.is_zero() && !is_bodyless(response.status().as_u16());
            if is_slow && response.extensions().get::<Dropped>().is_none() {
                response = dripping(response, delays, stop, held, place).await;
            }
        }
    }
    if response.extensions_mut().remove::<Dropped>().is_some() { Err(NoResponse) } else { Ok(response) }
}

/// Waits until `until`, or until the listener stops.
async fn wait(until: Instant, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = sleep_until(until) => {}
        // A dropped `watch` sender counts as a stop too.
        _ = stop.wait_for(|is_stopping| *is_stopping) => {}
    }
}

/// The same response with its body in equal pieces, the last one at the end of the time. An empty body is replaced by a text.
async fn dripping(
    response: Response<Body>,
    delays: Delays,
    stop: watch::Receiver<bool>,
    held: Held,
    place: OwnedSemaphorePermit,
) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    // The body is in memory, so this neither waits nor fails.
    let mut rest = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    if rest.is_empty() {
        rest = Bytes::from_static(SLOW_TEXT.as_bytes());
        own_text(&mut head.headers);
    }
    head.headers.insert(header::CONTENT_LENGTH, rest.len().into());
    let pieces = u32::try_from(rest.len()).unwrap_or(u32::MAX).min(MAX_PIECES);
    let size = rest.len().div_ceil(pieces as usize);
    let drip = Drip { rest, size, step: delays.slow / pieces, next: Instant::now(), stop, _held: held, _place: place };
    Response::from_parts(head, Body::from_stream(stream::unfold(drip, Drip::next)))
}

/// A body that is being sent slowly.
struct Drip {
    rest: Bytes,
    /// Bytes per piece; the last one may be shorter.
    size: usize,
    step: Duration,
    /// The time of the last piece.
    next: Instant,
    stop: watch::Receiver<bool>,
    _held: Held,
    _place: OwnedSemaphorePermit,
}

impl Drip {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.rest.is_empty() {
            return None;
        }
        self.next += self.step;
        wait(self.next, &mut self.stop).await;
        let piece = self.rest.split_to(self.size.min(self.rest.len()));
        Some((Ok(piece), self))
    }
}

/// Holds the tape until dropped.
struct Held(SharedTape);

impl Held {
    fn new(tape: SharedTape) -> Self {
        tape.lock().hold();
        Self(tape)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.lock().release();
    }
}

/// Reports a sender that disconnects before its response is sent.
struct Left {
    waiting: Option<(Seq, Arc<dyn Intake>)>,
}

impl Left {
    fn disarm(mut self) {
        self.waiting = None;
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        if let Some((seq, intake)) = self.waiting.take() {
            intake.sender_left(seq);
        }
    }
}
