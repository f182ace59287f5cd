//! Recognises targets that lead back to this hookglass. A proxy in between may remove the header that marks deliveries, so a target is
//! recognised by its response: only this listener sends this run's value of [`RUN_HEADER`].

use crate::core::delivery::{Delivery, RUN_HEADER};
use crate::core::random::Random;
use crate::entropy::SystemRandom;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why an event is not forwarded although it has a target. The message is for the history, the user and the sender.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Loop {
    #[error("the request has already passed through hookglass; forwarding it again would loop")]
    Marked,
    #[error("`{0}` leads back to hookglass itself")]
    Found(String),
}

/// Which targets lead back.
pub(crate) struct LoopGuard {
    /// This run's value of [`RUN_HEADER`], a random number in hexadecimal.
    run: Arc<str>,
    /// For each route, whether its target has led back. Such a target gets nothing more until the next start.
    have_led_back: Box<[AtomicBool]>,
}

impl LoopGuard {
    pub fn new(routes: usize) -> Self {
        Self {
            run: format!("{:016x}", SystemRandom.number()).into(),
            have_led_back: std::iter::repeat_with(AtomicBool::default).take(routes).collect(),
        }
    }

    /// The value for the responses of the listener.
    pub fn run(&self) -> Arc<str> {
        Arc::clone(&self.run)
    }

    pub(crate) fn has_led_back(&self, place: usize) -> bool {
        self.have_led_back[place].load(Ordering::Relaxed)
    }

    /// Inspects a delivery of the route at `place`. Returns whether it is the first that led back.
    pub fn note(&self, place: usize, delivery: &Delivery) -> bool {
        let headers = delivery.outcome.as_ref().map_or(&[][..], |response| &response.headers);
        let is_own = |(name, value): &(Vec<u8>, Vec<u8>)| {
            name.eq_ignore_ascii_case(RUN_HEADER.as_bytes()) && value == self.run.as_bytes()
        };
        headers.iter().any(is_own) && !self.have_led_back[place].swap(true, Ordering::Relaxed)
    }
}
