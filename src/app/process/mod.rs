//! The process itself: signals, cancellation, and the watchdog that ends it when it cannot end by itself.

pub mod cancel;
pub mod signals;
pub mod watchdog;
