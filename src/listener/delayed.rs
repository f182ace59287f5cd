//! Overrides that are delayed by order of the operator: held, sent slowly, or never sent at all.
//!
//! While such an answer is on its way the connection's timeouts do not count, a peer that ends its side is taken for gone, and a
//! listener that stops lets the answer come at once.

use super::Intake;
use super::recorder::SharedTape;
use super::shared::{Shared, own_text};
use crate::core::event::Seq;
use crate::core::overrides::{Delays, SLOW_TEXT, is_bodyless};
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

/// Most pieces that a slow body is cut into.
const MAX_PIECES: u32 = 100;

/// Marks an answer that is never sent: the connection is closed without a byte, as the system does for an app that crashed.
#[derive(Clone, Copy)]
pub(super) struct Dropped;

/// Marks an answer that comes with these delays.
#[derive(Clone)]
pub(super) struct Leaving {
    pub(super) seq: Seq,
    pub(super) delays: Delays,
}

/// Ends a connection instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
pub(super) struct Unanswered;

/// Lets `response` leave as it is marked. While its body is on its way the tape is held; that is the caller's sign that the request
/// has not ended yet.
pub(super) async fn leave(
    mut response: Response<Body>,
    shared: &Shared,
    tape: &SharedTape,
) -> Result<Response<Body>, Unanswered> {
    if let Some(Leaving { seq, delays }) = response.extensions_mut().remove() {
        // There are only so many connections: beyond some of them answers come at once.
        if let Ok(place) = Arc::clone(&shared.held).try_acquire_owned() {
            let held = Held::new(tape.clone());
            let left = Left { waiting: Some((seq, Arc::clone(&shared.intake))) };
            let mut stop = shared.stop.clone();
            wait(Instant::now() + delays.delay, &mut stop).await;
            left.stays();
            let is_slow = !delays.slow.is_zero() && !is_bodyless(response.status().as_u16());
            if is_slow && response.extensions().get::<Dropped>().is_none() {
                response = dripping(response, delays, stop, held, place).await;
            }
        }
    }
    if response.extensions_mut().remove::<Dropped>().is_some() { Err(Unanswered) } else { Ok(response) }
}

/// Waits for a time, or until the listener stops.
async fn wait(until: Instant, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = sleep_until(until) => {}
        // A sender that is gone is a stop as well.
        _ = stop.wait_for(|is_stopping| *is_stopping) => {}
    }
}

/// The same answer, its body in even pieces, the last of them when the time is over. One without a body gets some.
async fn dripping(
    response: Response<Body>,
    delays: Delays,
    stop: watch::Receiver<bool>,
    held: Held,
    place: OwnedSemaphorePermit,
) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    // All of it is in memory: there is nothing to wait for, and nothing that fails.
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

/// A body on its way.
struct Drip {
    rest: Bytes,
    /// Bytes of a piece; the last may be shorter.
    size: usize,
    step: Duration,
    /// When the last piece was to be sent.
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

/// Holds the tape as long as it lives.
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

/// Reports a sender that leaves before its response is sent.
struct Left {
    waiting: Option<(Seq, Arc<dyn Intake>)>,
}

impl Left {
    fn stays(mut self) {
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
