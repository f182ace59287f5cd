//! What every connection of the listener shares.

use super::budget::Budget;
use super::{Intake, OnRefused, Refusal, Settings};
use crate::core::reply::TEXT_TYPE;
use axum::http::{HeaderMap, HeaderValue, header};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// What every connection needs.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) intake: Arc<dyn Intake>,
    pub(super) on_refused: Arc<dyn OnRefused>,
    pub(super) budget: Arc<Budget>,
    /// Places for answers that are held or come slowly.
    pub(super) held: Arc<Semaphore>,
    /// Whether the listener stops.
    pub(super) stop: watch::Receiver<bool>,
}

impl Shared {
    pub(super) fn refuse(&self, status: u16, why: impl Into<String>) {
        self.on_refused.refused(Refusal { status, why: why.into() });
    }
}

/// Says that a body is ours, unless its type is known.
pub(super) fn own_text(headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(TEXT_TYPE));
}
