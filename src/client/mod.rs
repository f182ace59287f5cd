//! The HTTP client for deliveries: one HTTP/1.1 request to the target's address and nowhere else, and one response. Time and size
//! are limited.
//!
//! It follows no redirects, uses no proxies, does not decompress, and never sends to hookglass's own listener. It never sends a request
//! again that the app may have processed. It stores nothing: the caller gets what happened.

mod connect;
mod pool;
mod response;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use crate::config::{Access, ConfigError};
use crate::core::delivery::{
    CustomHeaders, Failure, FailureKind, MAX_RESPONSE_BODY, Outgoing, Response, Target, Timing,
};
use crate::core::provider::TIME_LIMIT;
use pool::{Connection, Pool};
use response::{After, exchange};
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};
use tokio_util::either::Either;

/// How long a process that ends may still hold a connection.
const MOMENT: Duration = Duration::from_millis(100);

/// How long a delivery may take, and how much of the response is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start until the TCP connection is open, including name lookup.
    pub connect: Duration,
    /// From the start until the response is read. By default as long as the provider waits.
    pub whole: Duration,
    /// Bytes of the response body that are read. A longer one is truncated, and the connection closed.
    pub response_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), whole: TIME_LIMIT, response_body: MAX_RESPONSE_BODY }
    }
}

/// One request and its response: the parts of a [`Delivery`](crate::core::delivery::Delivery) that only the client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The headers as sent, with the values of custom headers masked; empty if there was no connection.
    pub sent_headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The address that the client connected to. The target's host may have several.
    pub peer: Option<SocketAddr>,
    pub timing: Timing,
    pub outcome: Result<Response, Failure>,
}

/// Sends deliveries. Clones share the connections, the TLS settings and the forbidden addresses. Needs a tokio runtime with I/O and
/// time, and always the same one.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// Whether connections stay open for the next request.
    is_keeping: bool,
}

struct Shared {
    limits: Limits,
    forbidden: RwLock<Vec<SocketAddr>>,
    headers: CustomHeaders,
    tls: tls::Trust,
    pool: Pool,
}

impl Client {
    pub fn new(limits: Limits) -> Self {
        Self::with(limits, CustomHeaders::default(), tls::Trust::default())
    }

    /// As [`Client::new`], with the headers and the trust that the user set for requests to the app.
    ///
    /// # Errors
    /// When the file with certificates cannot be read or has none.
    pub fn fitted(limits: Limits, access: &Access) -> Result<Self, ConfigError> {
        let trust = tls::Trust::new(access.certificates()?, access.is_insecure);
        Ok(Self::with(limits, access.headers.clone(), trust))
    }

    fn with(limits: Limits, headers: CustomHeaders, tls: tls::Trust) -> Self {
        let shared = Shared { limits, forbidden: RwLock::default(), headers, tls, pool: Pool::default() };
        Self { shared: Arc::new(shared), is_keeping: true }
    }

    /// As [`Client::new`], but with the given TLS settings instead of the system's trusted certificates.
    #[cfg(test)]
    fn with_tls(limits: Limits, config: Arc<rustls::ClientConfig>) -> Self {
        Self::with(limits, CustomHeaders::default(), tls::Trust::of(config))
    }

    /// The same client, but each of its requests has a new connection unless `is_keeping`.
    #[must_use]
    pub fn keep_alive(self, is_keeping: bool) -> Self {
        Self { is_keeping, ..self }
    }

    /// Never delivers to `address`, hookglass's own listener. An unspecified address (`0.0.0.0`, `::`) stands for every address of
    /// this machine.
    pub fn forbid(&self, address: SocketAddr) {
        self.shared.forbidden.write().unwrap_or_else(PoisonError::into_inner).push(address);
    }

    /// Whether `target` accepts a connection and holds it for a moment. A process that ends may still accept one, and drops it.
    pub(crate) async fn reaches(&self, target: &Target) -> bool {
        let forbidden = self.shared.forbidden.read().unwrap_or_else(PoisonError::into_inner).clone();
        let connected = connect::connect(target, &forbidden, self.limits(), Instant::now()).await;
        let Ok(mut stream) = connected else { return false };
        match timeout(MOMENT, stream.read_u8()).await {
            Err(_) | Ok(Ok(_)) => true,
            Ok(Err(_)) => false,
        }
    }

    /// The limits it was made with.
    pub fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// Sends `outgoing` to `target` and waits for the response, within the limits.
    ///
    /// Once the status is known there is a response, even if its body then hangs or is truncated. It has the bytes that arrived, and
    /// [`Response::completeness`] says what happened. Dropping the future closes the connection.
    ///
    /// The request goes out on a connection that an earlier one left open, if there is one. If that turns out to be closed before a byte
    /// is written, a new one is opened.
    pub async fn deliver(&self, target: &Target, outgoing: &Outgoing) -> Exchange {
        self.deliver_within(self.limits().whole, target, outgoing, std::future::pending()).await
    }

    /// As [`Client::deliver`], but for no longer than `whole` if that is less than the limit, and only until `cancelled` completes.
    pub(crate) async fn deliver_within(
        &self,
        whole: Duration,
        target: &Target,
        outgoing: &Outgoing,
        cancelled: impl Future<Output = ()>,
    ) -> Exchange {
        let limits = Limits { whole: self.limits().whole.min(whole), ..self.limits() };
        let kept = self.kept(target).await;
        let mut course =
            Course { started: Instant::now(), timing: Timing::default(), sent_headers: Vec::new(), peer: None };
        let outcome = tokio::select! {
            biased;
            outcome = self.attempt(kept, target, outgoing, limits, &mut course) => outcome,
            () = cancelled => {
                let text = format!("cancelled: hookglass exited before `{}` responded", target.address());
                Err(failure(FailureKind::Cancelled, text))
            }
        };
        course.timing.total_us = course.elapsed_us(Instant::now());
        Exchange { sent_headers: course.sent_headers, peer: course.peer, timing: course.timing, outcome }
    }

    /// A connection that waits for this request.
    async fn kept(&self, target: &Target) -> Option<Connection> {
        if self.is_keeping {
            return self.shared.pool.take(target).await;
        }
        self.shared.pool.close(target);
        None
    }

    async fn attempt(
        &self,
        kept: Option<Connection>,
        target: &Target,
        outgoing: &Outgoing,
        limits: Limits,
        course: &mut Course,
    ) -> Result<Response, Failure> {
        let request = wire::Request::new(target, outgoing, &self.shared.headers)?;
        if let Some(Connection { stream, peer }) = kept {
            course.peer = peer;
            match exchange(stream, true, target, &request, limits, course).await {
                // It was closed at this very moment.
                (Err(_), After::Untouched) => {}
                (outcome, after) => {
                    if outcome.is_err() {
                        self.shared.pool.distrust(target);
                    }
                    self.keep(target, after, peer);
                    return outcome;
                }
            }
        }
        let Connection { stream, peer } = self.open(target, limits, course).await?;
        let (outcome, after) = exchange(stream, false, target, &request, limits, course).await;
        self.keep(target, after, peer);
        outcome
    }

    async fn open(&self, target: &Target, limits: Limits, course: &mut Course) -> Result<Connection, Failure> {
        let forbidden = self.shared.forbidden.read().unwrap_or_else(PoisonError::into_inner).clone();
        let stream = connect::connect(target, &forbidden, limits, course.started).await?;
        course.peer = stream.peer_addr().ok();
        let stream = if target.is_https() {
            let deadline = course.started + limits.whole;
            Either::Right(Box::new(tls::handshake(&self.shared.tls, target, stream, limits, deadline).await?))
        } else {
            Either::Left(stream)
        };
        Ok(Connection { stream, peer: course.peer })
    }

    fn keep(&self, target: &Target, after: After, peer: Option<SocketAddr>) {
        if let After::Open(stream) = after
            && self.is_keeping
        {
            self.shared.pool.put(target, Connection { stream, peer });
        }
    }
}

/// A delivery in flight: what is known of it, however it ends.
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

/// Whether `target` names a listener on `own` by address or as `localhost`, without a name lookup. Other names are resolved when
/// something is delivered.
pub(crate) fn is_plainly(target: &Target, own: SocketAddr) -> bool {
    connect::own_addresses(target).iter().any(|address| connect::is_same(own, *address))
}
