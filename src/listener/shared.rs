//! What every connection of the listener shares.

use super::budget::Budget;
use super::{Intake, OnRefused, Refusal, Settings};
use crate::core::reply::TEXT_TYPE;
use crate::log::{REQUEST, told};
use axum::http::{HeaderMap, HeaderValue, header};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) intake: Arc<dyn Intake>,
    pub(super) on_refused: Arc<dyn OnRefused>,
    pub(super) budget: Arc<Budget>,
    /// Limits the responses that are delayed or sent slowly at the same time.
    pub(super) held: Arc<Semaphore>,
    /// Becomes `true` when the listener stops.
    pub(super) stop: watch::Receiver<bool>,
}

impl Shared {
    pub(super) fn refuse(&self, status: u16, why: impl Into<String>) {
        let why = why.into();
        // Anyone can cause these lines. Whoever limits the reports logs those as warnings.
        tracing::debug!(target: REQUEST, status, why = told(&why), "refused");
        self.on_refused.refused(Refusal { status, why });
    }
}

/// Declares a body as plain text, unless its type is already declared.
pub(super) fn own_text(headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(TEXT_TYPE));
}
