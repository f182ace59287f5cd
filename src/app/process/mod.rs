//! The process itself: signals, and the watchdog that ends it when it cannot end by itself.

pub mod signals;
pub mod watchdog;
