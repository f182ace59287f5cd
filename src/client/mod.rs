//! Sends deliveries: one HTTP/1.1 request, to the target's address and nowhere else, one answer, bounded in time and size.
//!
//! No redirects, no proxies, no decompression, no retries, and never to the tool's own listener. It keeps nothing: what
//! happened is returned.

mod connect;
mod response;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use crate::core::delivery::{Failure, FailureKind, MAX_ANSWER_BODY, Outgoing, Response, Target, Timing};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long a delivery may take and how much of its answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start until the TCP connection stands, name lookup included.
    pub connect: Duration,
    /// From the start until the answer is read.
    pub whole: Duration,
    /// Bytes of the answer's body that are kept; a longer one is cut, and the connection closed.
    pub answer_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), whole: Duration::from_secs(10), answer_body: MAX_ANSWER_BODY }
    }
}

/// What happened in one delivery: the parts of a [`Delivery`](crate::core::delivery::Delivery) that only the client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The headers as they went on the wire; empty if there was no connection to send them on.
    pub sent_headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The address of the connection, of all that the target's name has.
    pub peer: Option<SocketAddr>,
    pub timing: Timing,
    pub outcome: Result<Response, Failure>,
}

/// Sends deliveries; clones share the TLS settings and the addresses forbidden. Needs a tokio runtime with I/O and time.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    forbidden: RwLock<Vec<SocketAddr>>,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Client {
    pub fn new(limits: Limits) -> Self {
        Self { shared: Arc::new(Shared { limits, forbidden: RwLock::default(), tls: OnceCell::new() }) }
    }

    /// As [`Client::new`], with TLS settings of the caller's instead of the system's trusted certificates.
    pub fn with_tls(limits: Limits, config: Arc<ClientConfig>) -> Self {
        let tls = OnceCell::new_with(Some(config));
        Self { shared: Arc::new(Shared { limits, forbidden: RwLock::default(), tls }) }
    }

    /// Never deliver to `address`, the tool's own listener. An unspecified address (`0.0.0.0`, `::`) stands for every
    /// address of this machine.
    pub fn forbid(&self, address: SocketAddr) {
        self.shared.forbidden.write().unwrap_or_else(PoisonError::into_inner).push(address);
    }

    /// The limits it was made with.
    pub fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// Sends `outgoing` to `target` and waits for the answer, or for as long as the limits allow.
    ///
    /// An answer whose status is known is an answer, even if its body then hangs or breaks off: what came is kept, and
    /// [`Response::completeness`] says which. Dropping the future closes the connection.
    pub async fn deliver(&self, target: &Target, outgoing: &Outgoing) -> Exchange {
        self.deliver_within(self.limits().whole, target, outgoing, std::future::pending()).await
    }

    /// As [`Client::deliver`], but for no longer than `whole` where that is less than the limit, and no longer than until it is
    /// `cancelled`.
    pub async fn deliver_within(
        &self,
        whole: Duration,
        target: &Target,
        outgoing: &Outgoing,
        cancelled: impl Future<Output = ()>,
    ) -> Exchange {
        let limits = Limits { whole: self.limits().whole.min(whole), ..self.limits() };
        let mut course =
            Course { started: Instant::now(), timing: Timing::default(), sent_headers: Vec::new(), peer: None };
        let outcome = tokio::select! {
            biased;
            outcome = self.attempt(target, outgoing, limits, &mut course) => outcome,
            () = cancelled => {
                let text = format!("cancelled: hookglass exited before `{}` responded", target.address());
                Err(failure(FailureKind::Cancelled, text))
            }
        };
        course.timing.total_us = course.elapsed_us(Instant::now());
        Exchange { sent_headers: course.sent_headers, peer: course.peer, timing: course.timing, outcome }
    }

    async fn attempt(
        &self,
        target: &Target,
        outgoing: &Outgoing,
        limits: Limits,
        course: &mut Course,
    ) -> Result<Response, Failure> {
        let deadline = course.started + limits.whole;
        let request = wire::Request::new(target, outgoing)?;
        let forbidden = self.shared.forbidden.read().unwrap_or_else(PoisonError::into_inner).clone();
        let stream = connect::connect(target, &forbidden, limits, course.started).await?;
        course.peer = stream.peer_addr().ok();
        if target.is_https() {
            let config = tls::config(&self.shared.tls, target).await?;
            let stream = tls::handshake(config, target, stream, limits, deadline).await?;
            response::exchange(stream, target, request, limits, course).await
        } else {
            response::exchange(stream, target, request, limits, course).await
        }
    }
}

/// A delivery on its way: what is known of it whether it ends well or not.
struct Course {
    started: Instant,
    timing: Timing,
    sent_headers: Vec<(Vec<u8>, Vec<u8>)>,
    peer: Option<SocketAddr>,
}

impl Course {
    fn elapsed_us(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }
}

fn failure(kind: FailureKind, text: impl Into<String>) -> Failure {
    Failure { kind, text: text.into() }
}

/// Whether a connection to `target` would plainly reach a listener on `own`: by its address, or as `localhost`. Other names are
/// looked up when something is delivered.
pub fn is_plainly(target: &Target, own: SocketAddr) -> bool {
    connect::own_addresses(target).iter().any(|address| connect::is_same(own, *address))
}

/// `10 s`, `9.9 s`, or `250 ms` under a second.
fn words(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match (milliseconds, (milliseconds + 50) / 100) {
        (..1000, _) => format!("{milliseconds} ms"),
        (_, tenths) if tenths.is_multiple_of(10) => format!("{} s", tenths / 10),
        (_, tenths) => format!("{}.{} s", tenths / 10, tenths % 10),
    }
}
