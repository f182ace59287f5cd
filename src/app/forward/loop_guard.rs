//! Targets that lead back to this very program by a way that takes off the header which marks its deliveries. They are known by their
//! answers, which are the listener's own.

use crate::core::delivery::{Delivery, RUN_HEADER};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why an event is not forwarded though it has a target.
#[derive(Debug, thiserror::Error)]
pub enum Loop {
    #[error("it has already been through a hookglass: sending it on could go round for ever")]
    Marked,
    #[error("`{0}` leads back to hookglass itself")]
    Found(String),
}

/// What the lanes know of their targets.
pub struct LoopGuard {
    /// What the listener's answers say in [`RUN_HEADER`]: nobody else's do.
    run: Arc<str>,
    /// Of the routes, in their order, those whose targets have led back. Nothing more is sent there before the next start.
    have_led_back: Box<[AtomicBool]>,
}

impl LoopGuard {
    pub fn new(routes: usize) -> Self {
        Self {
            run: format!("{:016x}", fastrand::u64(..)).into(),
            have_led_back: std::iter::repeat_with(AtomicBool::default).take(routes).collect(),
        }
    }

    /// What the listener is to say; where nothing is sent on, nothing comes back.
    pub fn run(&self) -> Option<Arc<str>> {
        (!self.have_led_back.is_empty()).then(|| Arc::clone(&self.run))
    }

    pub fn has_led_back(&self, place: usize) -> bool {
        self.have_led_back[place].load(Ordering::Relaxed)
    }

    /// Looks at what came of a delivery by the route at `place`; whether it is the first that led back.
    pub fn note(&self, place: usize, delivery: &Delivery) -> bool {
        let headers = delivery.outcome.as_ref().map_or(&[][..], |answer| &answer.headers);
        let is_own = |(name, value): &(Vec<u8>, Vec<u8>)| {
            name.eq_ignore_ascii_case(RUN_HEADER.as_bytes()) && value == self.run.as_bytes()
        };
        headers.iter().any(is_own) && !self.have_led_back[place].swap(true, Ordering::Relaxed)
    }
}
