//! What the log holds of a request: sizes, times, and words of hookglass's own.

use crate::core::event::{NewEvent, Seq};
use crate::core::reply::AppendError;
use crate::core::response::ResponseState;
use crate::log::REQUEST;
use std::time::Instant;

/// A request that has been verified and is about to be stored.
pub(super) struct Logged {
    method: &'static str,
    path_bytes: usize,
    headers: usize,
    head_bytes: usize,
    body_bytes: u64,
    verdict: &'static str,
    reason: String,
    /// `None` if it is not known yet.
    status: Option<u16>,
    verify_us: u64,
    storing_since: Instant,
}

impl Logged {
    /// `started` is when the verification began. `None` if nobody logs.
    pub(super) fn new(event: &NewEvent, started: Instant) -> Option<Self> {
        if !tracing::enabled!(target: REQUEST, tracing::Level::INFO) {
            return None;
        }
        let head = &event.arrival.head;
        let verification = &event.verification;
        let methods = ["POST", "PUT", "PATCH"];
        Some(Self {
            method: methods.into_iter().find(|method| method.as_bytes() == head.method()).unwrap_or("other"),
            path_bytes: head.target().len(),
            headers: head.header_count(),
            head_bytes: head.bytes().len(),
            body_bytes: event.size,
            verdict: verification.verdict.as_str(),
            reason: verification.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
            status: match event.response {
                ResponseState::Sent(status) => Some(status),
                _ => None,
            },
            verify_us: microseconds_since(started),
            storing_since: Instant::now(),
        })
    }

    /// Writes the line once the request is stored, or could not be.
    pub(super) fn stored(self, stored: &Result<Seq, AppendError>) {
        let Self { method, path_bytes, headers, head_bytes, body_bytes, verdict, reason, status, verify_us, .. } = self;
        let store_us = microseconds_since(self.storing_since);
        match stored {
            Ok(seq) => tracing::info!(
                target: REQUEST,
                seq, method, path_bytes, headers, head_bytes, body_bytes, verdict, reason, status, verify_us,
                store_us, "stored"
            ),
            Err(error) => tracing::error!(
                target: REQUEST,
                method, body_bytes, verdict, status = error.reply().status, store_us, "not stored"
            ),
        }
    }
}

fn microseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}
